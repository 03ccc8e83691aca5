/* Control socket: see control_socket.h. Knows nothing of what is asked. */
#include "base/prelude.h"

#include "app/control_socket.h"

#include "base/ipc.h"
#include "base/limits.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_WAIT_MS 60000
#define BACKLOG 8

static int socket_address(const char *state_dir, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	int n = snprintf(out->sun_path, sizeof(out->sun_path), "%s/control.sock", state_dir);
	if (n < 0 || (size_t)n >= sizeof(out->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

void control_unlink(const char *state_dir)
{
	struct sockaddr_un address;
	if (socket_address(state_dir, &address) == 0)
		unlink(address.sun_path);
}

int control_listen(const char *state_dir)
{
	struct sockaddr_un address;
	if (socket_address(state_dir, &address) != 0)
		return -1;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	unlink(address.sun_path); /* ours alone: the lock says nobody else runs */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
		chmod(address.sun_path, 0600) != 0 || listen(fd, BACKLOG) != 0) {
		int kept = errno;
		close(fd);
		errno = kept;
		return -1;
	}
	return fd;
}

static json_t *receive(int conn)
{
	struct ipc_message m;
	struct bytes map;
	json_t *answer = NULL;
	if (ipc_recv(conn, &m, ANSWER_WAIT_MS) != 0)
		return NULL;
	int fd = ipc_take_fd(&m, 0);
	if (fd >= 0 && ipc_map(fd, MAX_IPC_PAYLOAD, &map) == 0) {
		answer = json_loadb((const char *)map.p, map.n, JSON_REJECT_DUPLICATES, NULL);
		ipc_unmap(&map);
	}
	if (fd >= 0)
		close(fd);
	ipc_message_release(&m);
	return answer;
}

/* Connected to the desk that listens there, or -1. */
static int connect_desk(const char *state_dir)
{
	struct sockaddr_un address;
	if (socket_address(state_dir, &address) != 0)
		return -1;
	int conn = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (conn >= 0 && connect(conn, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(conn);
		conn = -1;
	}
	return conn;
}

bool control_listens(const char *state_dir)
{
	int conn = connect_desk(state_dir);
	if (conn >= 0)
		close(conn);
	return conn >= 0;
}

json_t *control_ask(const char *state_dir, const json_t *request, bool *running)
{
	int conn = connect_desk(state_dir);
	*running = conn >= 0;
	if (conn < 0)
		return NULL;
	char *text = json_dumps(request, JSON_COMPACT);
	int fd = text != NULL ? ipc_seal_bytes(text, strlen(text)) : -1;
	json_t *head = json_pack("{s:s}", "op", "request");
	json_t *answer = NULL;
	if (fd >= 0 && ipc_send_wait(conn, head, &fd, 1) == 0)
		answer = receive(conn);
	json_decref(head);
	free(text);
	if (fd >= 0)
		close(fd);
	close(conn);
	return answer;
}
