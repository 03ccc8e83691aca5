/* parser_hop: what the way through the parser process costs a mail: parser_hop COUNT FILE. Prints mails a
 * second and CPU ms a mail of zygote and children, with PARSER_JOBS in flight as the desk has. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "mail/mailpack.h"
#include "workers/parser.h"
#include "workers/protocol.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int ask(int zygote, const char *raw, size_t n)
{
	int reply[2], memfd = ipc_seal_bytes(raw, n);
	json_t *head = json_pack("{s:s,s:i}", "op", "parse", "job", 1);
	if (memfd < 0 || ipc_pair(reply) != 0 ||
		ipc_send_wait(zygote, head, (int[]){memfd, reply[1]}, 2) != 0)
		exit(71);
	json_decref(head);
	close(memfd);
	close(reply[1]);
	return reply[0];
}

static void take(int reply)
{
	struct ipc_message m;
	struct bytes b;
	if (ipc_recv(reply, &m, 30000) != 0 || ipc_map(m.fds[0], MAX_IPC_PAYLOAD, &b) != 0)
		exit(70);
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	const char *error;
	if (mail_unpack(arena, b, &error) == NULL)
		exit(70);
	arena_free(&arena);
	ipc_unmap(&b);
	ipc_message_release(&m);
	close(reply);
}

static pid_t start(int *sock)
{
	int s[2];
	if (ipc_pair(s) != 0)
		exit(71);
	pid_t pid = fork();
	if (pid == 0) {
		close(s[0]);
		_exit(parser_main(s[1], json_object()));
	}
	close(s[1]);
	*sock = s[0];
	return pid;
}

static double cpu_ms(int who)
{
	struct rusage u;
	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

int main(int argc, char **argv)
{
	static char raw[1 << 20];
	int64_t count;
	int fd = argc == 3 ? open(argv[2], O_RDONLY) : -1;
	ssize_t n = fd < 0 ? -1 : read(fd, raw, sizeof(raw));
	if (n < 0 || !text_to_i64(argv[1], 1, 1000000, &count)) {
		fprintf(stderr, "usage: parser_hop COUNT FILE\n");
		return 64;
	}
	int zygote, replies[PARSER_JOBS];
	pid_t pid = start(&zygote);
	take(ask(zygote, raw, (size_t)n)); /* started, charsets open */
	double self = cpu_ms(RUSAGE_SELF);
	int64_t from = clock_mono_ms();
	for (int64_t i = 0; i < count + PARSER_JOBS; i++) {
		if (i >= PARSER_JOBS)
			take(replies[i % PARSER_JOBS]);
		if (i < count)
			replies[i % PARSER_JOBS] = ask(zygote, raw, (size_t)n);
	}
	int64_t ms = clock_mono_ms() - from;
	self = cpu_ms(RUSAGE_SELF) - self;
	close(zygote);
	waitpid(pid, NULL, 0);
	printf("parser_hop mails=%" PRId64 " per_s=%.0f cpu_parser_ms=%.3f cpu_desk_ms=%.3f\n",
		count, (double)count * 1000 / (double)(ms > 0 ? ms : 1),
		cpu_ms(RUSAGE_CHILDREN) / (double)count, self / (double)count);
	return 0;
}
