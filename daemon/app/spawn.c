/* Spawn: fork and execute /proc/self/exe, or the parser's own program. Called by supervise.c. Must not hand a child anything of
 * systemd's notification socket: only the parent speaks to it. */
#include "base/prelude.h"

#include "app/spawn.h"

#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"
#include "mail/charset.h"
#include "workers/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SECRET_BYTES (64u << 10)
#define MAX_ENVIRONMENT 200
#define MAX_PATH 4096

#ifndef LOTS_LIBEXEC
#define LOTS_LIBEXEC "/usr/lib/lots"
#endif

extern char **environ;

/* A role takes and gives back the same few hundred small blocks for each mail: glibc is told to keep more
 * of them at hand, and not to return the top of the heap each time (a tenth of the desk's CPU). */
static char heap_settings[] = "GLIBC_TUNABLES=glibc.malloc.tcache_count=120"
			      ":glibc.malloc.trim_threshold=8388608:glibc.malloc.top_pad=1048576";

/* The environment without what systemd meant for the parent. */
static void child_environment(char *out[MAX_ENVIRONMENT])
{
	static const char *const not_these[] = {
		"NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_", "CREDENTIALS_DIRECTORY="};
	size_t n = 0;
	if (getenv("GLIBC_TUNABLES") == NULL) /* else the operator's own */
		out[n++] = heap_settings;
	for (char **e = environ; *e != NULL && n + 1 < MAX_ENVIRONMENT; e++) {
		bool keep = true;
		for (size_t i = 0; i < ARRAY_LEN(not_these); i++)
			keep = keep && strncmp(*e, not_these[i], strlen(not_these[i])) != 0;
		if (keep)
			out[n++] = *e;
	}
	out[n] = NULL;
}

/* Where the role's program is. The parser's stands beside lotsd (as built) or in LOTS_LIBEXEC (as
 * installed); without either lotsd can be it too, only slower. */
static void program_of(const char *role, char out[MAX_PATH])
{
	static const char name[] = "/lots-parser", self[] = "/proc/self/exe";
	ssize_t n = strcmp(role, "parser") == 0 ? readlink(self, out, MAX_PATH - sizeof(name)) : -1;
	if (n > 0) {
		while (n > 0 && out[n - 1] != '/')
			n--;
		snprintf(out + n, MAX_PATH - (size_t)n, "%s", name + 1);
		if (access(out, X_OK) == 0)
			return;
		snprintf(out, MAX_PATH, "%s%s", LOTS_LIBEXEC, name);
		if (access(out, X_OK) == 0)
			return;
	}
	snprintf(out, MAX_PATH, "%s", self);
}

bool spawn_has_parser(void)
{
	char program[MAX_PATH];

	program_of("parser", program);
	return strncmp(program, "/proc/", 6) != 0;
}

static void reset_signals(void)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Ctrl-C and a closed terminal reach the whole group; only the parent acts on them. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

/* What iconv knows, read by the child that is to be the parser: its own program cannot load iconv's
 * libraries. It takes some 10 ms, in which nothing of the parent's is held open. -1: the parser must do
 * without and read them itself. */
static int charset_tables(void)
{
	void *p;
	if (close_range(WORKER_SECRET_FD, UINT_MAX, 0) != 0)
		return -1;
	int fd = ipc_room(charset_tables_size(), &p), high;
	if (fd < 0)
		return -1;
	charset_tables_read(p);
	fd = ipc_room_seal(fd, p, charset_tables_size());
	high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);
	if (fd >= 0)
		close(fd);
	return high;
}

/* After fork; never comes back. The descriptors are first moved out of the way of 3, 4 and 5. */
static NORETURN void become_role(const struct spawn *s, int job_fd, pid_t parent)
{
	char role[64], name[128], self[] = "lotsd", program[MAX_PATH];
	char *argv[] = {self, role, name, NULL}, *env[MAX_ENVIRONMENT];
	program_of(s->role, program);
	snprintf(role, sizeof(role), "--role=%s", s->role);
	snprintf(name, sizeof(name), "--name=%s", s->name);
	child_environment(env);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(71);
	reset_signals();
	int sock = fcntl(s->sock, F_DUPFD_CLOEXEC, 10);
	int job = fcntl(job_fd, F_DUPFD_CLOEXEC, 10);
	int secret = s->secret_fd < 0 ? -1 : fcntl(s->secret_fd, F_DUPFD_CLOEXEC, 10);
	if (sock < 0 || job < 0 || (s->secret_fd >= 0 && secret < 0))
		_exit(71);
	if (dup2(sock, WORKER_SOCKET_FD) < 0 || dup2(job, WORKER_JOB_FD) < 0)
		_exit(71);
	if (strcmp(s->role, "parser") == 0)
		secret = charset_tables();
	if (secret < 0)
		close(WORKER_SECRET_FD);
	else if (dup2(secret, WORKER_SECRET_FD) < 0)
		_exit(71);
	if (close_range(WORKER_SECRET_FD + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC) != 0)
		_exit(71);
	execve(program, argv, env);
	_exit(71);
}

pid_t spawn_role(const struct spawn *s)
{
	char *text = json_dumps(s->job, JSON_COMPACT);
	int job = text == NULL ? -1 : ipc_seal_bytes(text, strlen(text));
	free(text);
	if (job < 0)
		return -1;
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		become_role(s, job, parent);
	int kept = errno;
	close(job);
	errno = kept;
	return pid;
}

static int read_all(int fd, char *out, size_t size, size_t *n)
{
	*n = 0;
	while (*n < size) {
		ssize_t got = read(fd, out + *n, size - *n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		*n += (size_t)got;
	}
	return -1;
}

static int seal_secret(int fd, const char **why)
{
	char bytes[MAX_SECRET_BYTES + 1];
	size_t n;
	struct stat st;
	*why = "the secret is not a regular file";
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	*why = "others than its owner may read or change the secret's file";
	if ((st.st_mode & 027) != 0)
		return -1;
	*why = "the secret cannot be read or is too large";
	if (read_all(fd, bytes, sizeof(bytes), &n) != 0)
		return -1;
	if (n > 0 && bytes[n - 1] == '\n')
		n--;
	if (n > 0 && bytes[n - 1] == '\r')
		n--;
	*why = "the secret is empty";
	int memfd = n == 0 ? -1 : ipc_seal_bytes(bytes, n);
	explicit_bzero(bytes, sizeof(bytes));
	return memfd;
}

int spawn_read_secret(const char *path, const char **why)
{
	*why = "the secret's file cannot be opened";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -1;
	int memfd = seal_secret(fd, why);
	close(fd);
	return memfd;
}
