/* IPC: packets over SOCK_SEQPACKET, payload in sealed memfds. Called by app and workers. Must not
 * believe anything: a peer may be taken over by what it read. */
#include "base/prelude.h"

#include "base/ipc.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SEALS_NEEDED (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)

union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(int) * MAX_IPC_FDS)];
};

int ipc_pair(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds);
}

static int send_packet(int sock, char *text, size_t len, const int *fds, size_t nfds)
{
	struct iovec iov = {.iov_base = text, .iov_len = len};
	union control control;
	memset(&control, 0, sizeof(control));
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	if (nfds > 0) {
		m.msg_control = control.room;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	}
	ssize_t n;
	do
		n = sendmsg(sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)len)
		return 0;
	/* ETOOMANYREFS: descriptors in flight; it passes when the peer has read some. */
	return n < 0 && (errno == EAGAIN || errno == ETOOMANYREFS) ? 1 : -1;
}

int ipc_send(int sock, json_t *head, const int *fds, size_t nfds)
{
	/* Not on the stack, where the compiler writes to each page of it: a parser child pays for pages. */
	static char text[MAX_IPC_HEADER];
	size_t len = json_is_object(head) ? json_dumpb(head, text, sizeof(text), JSON_COMPACT) : 0;
	if (len == 0 || len > sizeof(text) || nfds > MAX_IPC_FDS) {
		errno = EMSGSIZE;
		return -1;
	}
	return send_packet(sock, text, len, fds, nfds);
}

/* Waits for the events until the deadline (monotonic ms; -1 for ever). 0 ready, 1 not in time. */
static int wait_for(int fd, short events, int64_t deadline)
{
	for (;;) {
		int timeout = -1;
		if (deadline >= 0) {
			int64_t left = deadline - clock_mono_ms();
			timeout = left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
		}
		struct pollfd p = {.fd = fd, .events = events};
		int n = poll(&p, 1, timeout);
		if (n > 0)
			return 0;
		if (n == 0 && deadline >= 0 && clock_mono_ms() >= deadline)
			return 1;
		if (n < 0 && errno != EINTR)
			return -1;
	}
}

int ipc_send_wait(int sock, json_t *head, const int *fds, size_t nfds)
{
	int r;
	while ((r = ipc_send(sock, head, fds, nfds)) == 1) {
		if (wait_for(sock, POLLOUT, -1) != 0)
			return -1;
	}
	return r;
}

int ipc_send_within(int sock, json_t *head, const int *fds, size_t nfds, int64_t timeout_ms)
{
	int r;
	int64_t deadline = clock_mono_ms() + timeout_ms;
	while ((r = ipc_send(sock, head, fds, nfds)) == 1) {
		int w = wait_for(sock, POLLOUT, deadline);
		if (w != 0)
			return w;
	}
	return r;
}

static void take_fds(struct msghdr *m, struct ipc_message *out)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (out->nfds < MAX_IPC_FDS)
				out->fds[out->nfds++] = fd;
			else
				close(fd);
		}
	}
}

/* One try: 0 a message, 1 nothing there, -1 closed or malformed. */
static int receive_now(int sock, struct ipc_message *out)
{
	static char text[MAX_IPC_HEADER];
	struct iovec iov = {.iov_base = text, .iov_len = sizeof(text)};
	union control control;
	struct msghdr m = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room)};
	ssize_t n;
	do
		n = recvmsg(sock, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 1 : -1;
	take_fds(&m, out);
	if (n > 0 && (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0)
		out->head = json_read(text, (size_t)n);
	if (json_is_object(out->head))
		return 0;
	ipc_message_release(out);
	errno = n == 0 ? ECONNRESET : EBADMSG;
	return -1;
}

int ipc_recv(int sock, struct ipc_message *out, int timeout_ms)
{
	*out = (struct ipc_message){.head = NULL};
	int64_t deadline = timeout_ms < 0 ? -1 : clock_mono_ms() + timeout_ms;
	for (;;) {
		int r = receive_now(sock, out);
		if (r != 1 || timeout_ms == 0)
			return r;
		r = wait_for(sock, POLLIN, deadline);
		if (r != 0)
			return r;
	}
}

void ipc_message_release(struct ipc_message *m)
{
	json_decref(m->head);
	for (size_t i = 0; i < m->nfds; i++) {
		if (m->fds[i] >= 0)
			close(m->fds[i]);
	}
	*m = (struct ipc_message){.head = NULL};
}

int ipc_take_fd(struct ipc_message *m, size_t i)
{
	if (i >= m->nfds)
		return -1;
	int fd = m->fds[i];
	m->fds[i] = -1;
	return fd;
}

/* fd, or -1 and it is closed. */
static int sealed(int fd)
{
	if (fcntl(fd, F_ADD_SEALS, SEALS_NEEDED | F_SEAL_SEAL) == 0)
		return fd;
	int kept = errno;
	close(fd);
	errno = kept;
	return -1;
}

static bool write_part(int fd, struct bytes part)
{
	while (part.n > 0) {
		ssize_t done = write(fd, part.p, part.n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		part.p += done;
		part.n -= (size_t)done;
	}
	return true;
}

int ipc_seal_parts(const struct bytes *parts, size_t n)
{
	int fd = memfd_create("lots", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	size_t i = 0;
	while (i < n && write_part(fd, parts[i]))
		i++;
	if (i == n)
		return sealed(fd);
	int kept = errno;
	close(fd);
	errno = kept;
	return -1;
}

int ipc_seal_bytes(const void *p, size_t n)
{
	return ipc_seal_parts(&(struct bytes){p, n}, 1);
}

int ipc_room(size_t n, void **p)
{
	int fd = memfd_create("room", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	*p = ftruncate(fd, (off_t)n) != 0
		     ? MAP_FAILED
		     : mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (*p != MAP_FAILED)
		return fd;
	int kept = errno;
	close(fd);
	errno = kept;
	return -1;
}

int ipc_room_seal(int fd, void *p, size_t n)
{
	munmap(p, n);
	return sealed(fd);
}

/* The library's fstat is a newfstatat, which takes a path as well: the parser's cage has none. */
static int size_of(int fd, struct stat *st)
{
#ifdef __SANITIZE_ADDRESS__
	return fstat(fd, st); /* sees that st is written */
#else
	return (int)syscall(SYS_fstat, fd, st);
#endif
}

/* Most are a few KiB: to read them costs less than to change the address space twice and to fault. */
#define COPIED_MAX ((size_t)32 << 10)

static const void *content(int fd, size_t n)
{
	if (n > COPIED_MAX) {
		void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
		return p == MAP_FAILED ? NULL : p;
	}
	char *copy = malloc(n);
	if (!copy)
		abort();
	if (pread(fd, copy, n, 0) == (ssize_t)n)
		return copy;
	free(copy);
	return NULL;
}

int ipc_map(int fd, size_t max, struct bytes *out)
{
	*out = (struct bytes){.p = (const unsigned char *)"", .n = 0};
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & SEALS_NEEDED) != SEALS_NEEDED || size_of(fd, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size > max)
		return -1;
	if (st.st_size == 0)
		return 0;
	const void *p = content(fd, (size_t)st.st_size);
	if (!p)
		return -1;
	*out = (struct bytes){.p = p, .n = (size_t)st.st_size};
	return 0;
}

void ipc_unmap(struct bytes *b)
{
	if (b->n > COPIED_MAX)
		munmap((void *)(uintptr_t)b->p, b->n);
	else if (b->n > 0)
		free((void *)(uintptr_t)b->p);
	*b = (struct bytes){.p = (const unsigned char *)"", .n = 0};
}
