/* Parser: the zygote's loop, and the child's few steps. Called by app/roles.c. Must not look into a
 * mail in the zygote itself. The parsing is parser_mail.c.
 *
 * Diagnostics: parser-killed (over its wall time), parser-died (signal or status; the desk sees the
 * end of the reply socket). */
#include "base/prelude.h"

#include "workers/parser.h"

#include "base/clock.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"
#include "workers/cage.h"
#include "workers/protocol.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORK_PAUSE_MS 1000
#define HEAP_ROOM (256 << 10)

struct running {
	pid_t pid; /* 0: free */
	int pidfd, reply;
	int64_t job, deadline;
};

struct zygote {
	int sock;
	int64_t wall_ms, max_bytes;
	const struct parser_work *work;
	const struct cage *child_cage;
	json_t *parsed; /* the head of each answer */
	struct running running[PARSER_JOBS];
};

static int64_t lowered(const json_t *job, const char *key, int64_t max)
{
	int64_t v = json_int(job, key, max);
	return v > 0 && v < max ? v : max;
}

/* The child, from fork to end. Nothing it has seen comes back but the answer. */
static NORETURN void child_run(const struct zygote *z, int raw_fd, int reply, pid_t zygote)
{
	const char *why;
	struct bytes raw;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != zygote || ipc_map(raw_fd, (size_t)z->max_bytes, &raw) != 0)
		_exit(2);
	/* The cage keeps one number for every child: the reply is moved there. */
	if (dup2(reply, WORKER_JOB_FD) < 0 || cage_enter(z->child_cage, &why) != 0)
		_exit(3);
	size_t n = 0;
	char *answer = z->work->answer(raw, z->work->with, &n);
	int memfd = answer == NULL ? -1 : ipc_seal_bytes(answer, n);
	if (memfd < 0 || ipc_send_wait(WORKER_JOB_FD, z->parsed, &memfd, 1) != 0)
		_exit(4);
	_exit(0);
}

static struct running *free_slot(struct zygote *z)
{
	for (size_t i = 0; i < PARSER_JOBS; i++) {
		if (z->running[i].pid == 0)
			return &z->running[i];
	}
	return NULL;
}

static void say_died(int reply)
{
	json_t *head = json_pack("{s:s}", "op", "died");
	/* The desk may have closed its end: then nobody asks. */
	if (head != NULL && ipc_send(reply, head, NULL, 0) != 0)
		log_debug("parser-unheard", "errno=%d", errno);
	json_decref(head);
}

/* fork with a descriptor of the child, which is told by it when it ends and is killed by it: a pid
 * could be anybody's. The library's fork has no such form, and what else it does (locks of threads,
 * handlers) costs five copied pages. */
static pid_t fork_with(int *pidfd)
{
	return (pid_t)syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, pidfd, NULL, NULL);
}

static void kill_child(const struct running *r)
{
	if (syscall(SYS_pidfd_send_signal, r->pidfd, SIGKILL, NULL, 0) != 0 && errno != ESRCH)
		log_error("parser-kill-failed", "job=%" PRId64 " errno=%d", r->job, errno);
}

static void start_child(struct zygote *z, struct running *slot, struct ipc_message *m)
{
	if (strcmp(json_str(m->head, "op", ""), "parse") != 0 || m->nfds != 2) {
		log_warn("parser-bad-request", "nfds=%zu", m->nfds);
		if (m->nfds == 2)
			say_died(m->fds[1]);
		return;
	}
	int pidfd = -1;
	pid_t zygote = getpid(), pid = fork_with(&pidfd);
	if (pid == 0)
		child_run(z, m->fds[0], m->fds[1], zygote);
	/* No process now: not the mail's fault, so nothing is said; but not asked again at once. */
	if (pid < 0) {
		log_error("parser-fork-failed", "errno=%d", errno);
		poll(NULL, 0, FORK_PAUSE_MS);
		return;
	}
	*slot = (struct running){.pid = pid,
		.pidfd = pidfd,
		.reply = ipc_take_fd(m, 1),
		.job = json_int(m->head, "job", 0),
		.deadline = clock_mono_ms() + z->wall_ms};
}

static void reap(struct running *r)
{
	int status;
	if (waitpid(r->pid, &status, WNOHANG) != r->pid)
		return;
	if (status != 0) {
		say_died(r->reply);
		log_warn("parser-died", "job=%" PRId64 " signal=%d status=%d", r->job,
			WIFSIGNALED(status) ? WTERMSIG(status) : 0,
			WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	}
	close(r->reply);
	close(r->pidfd);
	r->pid = 0;
}

/* Kills who is over time; how long until the next deadline, -1 if nobody runs. */
static int kill_late(struct zygote *z)
{
	int64_t now = clock_mono_ms(), next = -1;
	for (size_t i = 0; i < PARSER_JOBS; i++) {
		struct running *r = &z->running[i];
		if (r->pid == 0)
			continue;
		if (r->deadline <= now) {
			log_warn("parser-killed", "job=%" PRId64 " wall_ms=%" PRId64, r->job,
				z->wall_ms);
			kill_child(r);
			r->deadline = now + 1000;
		}
		if (next < 0 || r->deadline - now < next)
			next = r->deadline - now;
	}
	return (int)next;
}

/* Waits for the next mail or the next end of a child; false if it cannot. *asked: there is a mail. */
static bool wait_next(struct zygote *z, bool room, bool *asked)
{
	struct pollfd p[PARSER_JOBS + 1];
	for (size_t i = 0; i < PARSER_JOBS; i++)
		p[i] = (struct pollfd){
			.fd = z->running[i].pid > 0 ? z->running[i].pidfd : -1, .events = POLLIN};
	/* With no free slot the request stays in the socket. */
	p[PARSER_JOBS] = (struct pollfd){.fd = room ? z->sock : -1, .events = POLLIN};
	int n = poll(p, ARRAY_LEN(p), kill_late(z));
	for (size_t i = 0; n > 0 && i < PARSER_JOBS; i++) {
		if (p[i].revents != 0)
			reap(&z->running[i]);
	}
	*asked = n > 0 && p[PARSER_JOBS].revents != 0;
	return n >= 0 || errno == EINTR;
}

static int serve(struct zygote *z)
{
	for (;;) {
		struct running *slot = free_slot(z);
		bool asked;
		if (!wait_next(z, slot != NULL, &asked))
			return 71;
		if (!asked)
			continue;
		struct ipc_message m;
		int r = ipc_recv(z->sock, &m, 0);
		if (r < 0)
			return 0;
		if (r == 0) {
			start_child(z, slot, &m);
			ipc_message_release(&m);
		}
	}
}

static bool run_apart(bool (*make)(void *out, const void *with), void *out, const void *with)
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0)
		_exit(make(out, with) ? 0 : 1);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0;
}

const void *parser_made(size_t n, bool (*make)(void *out, const void *with), const void *with)
{
	void *p;
	struct bytes made = {.p = NULL};
	int fd = ipc_room(n, &p);
	if (fd < 0)
		return NULL;
	bool ok = run_apart(make, p, with);
	fd = ipc_room_seal(fd, p, n);
	ok = ok && fd >= 0 && ipc_map(fd, n, &made) == 0;
	if (fd >= 0)
		close(fd);
	return ok ? made.p : NULL;
}

/* Tried, not believed: systems differ. */
static bool heir_cannot_fork(void)
{
	const char *why;
	int status = -1;
	cage_leave_root();
	struct cage *heir = cage_prepare(&(struct cage_plan){.calls = CAGE_CALLS_HEIR}, &why);
	pid_t pid = heir == NULL ? -1 : fork();
	if (pid == 0) {
		if (cage_enter(heir, &why) != 0)
			_exit(1);
		_exit(fork() < 0 && errno == EAGAIN ? 0 : 1);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	cage_free(&heir);
	return status == 0;
}

#define CAGES 2 /* the zygote's, a child's */

static bool make_cages(void *out, const void *with)
{
	const struct cage_plan *plans = with;
	for (size_t i = 0; i < CAGES; i++) {
		const char *why;
		void *at = (char *)out + i * cage_size();
		if (cage_make(&plans[i], at, &why) != 0) {
			log_error("cage-failed", "why=%s", log_quote(why).text);
			return false;
		}
	}
	return true;
}

/* A filter that each child loads is compiled by the kernel for each child, so the zygote's own is one
 * that fits its children too; where the system cannot keep a child from forking without a filter
 * (root that cannot become anybody else), each child loads one. */
static int prepare_cages(struct zygote *z, json_t *job)
{
	const char *why = "";
	bool heirs = !json_flag(job, "filter_each", false) && heir_cannot_fork();
	size_t memory = (size_t)lowered(job, "memory_bytes", PARSER_MEMORY);
	struct cage_plan plans[CAGES] = {{.calls = CAGE_CALLS_ZYGOTE,
						 .keep = {z->sock},
						 .nkeep = 1,
						 .memory_bytes = memory,
						 .open_files = 32,
						 .load_later = !heirs},
		{.calls = heirs ? CAGE_CALLS_HEIR : CAGE_CALLS_PARSE,
			.keep = {WORKER_JOB_FD},
			.nkeep = 1,
			.cpu_seconds = (unsigned)lowered(job, "cpu_seconds", PARSER_CPU_SECONDS)}};
	if (!heirs)
		log_warn("parser-filter-each-mail", "why=%s", "root");
	const char *cages = parser_made(CAGES * cage_size(), make_cages, plans);
	if (cages == NULL)
		return -1;
	z->child_cage = (const struct cage *)(const void *)(cages + cage_size());
	int r = cage_enter((const struct cage *)(const void *)cages, &why);
	if (r != 0)
		log_error("cage-failed", "why=%s", log_quote(why).text);
	return r;
}

/* A child's memory is pages nobody has written to yet: one that its zygote has costs a copy as well. */
static void heap_make_room(void)
{
	mallopt(M_TOP_PAD, HEAP_ROOM);
	void *volatile taken = malloc(HEAP_ROOM / 4);
	free(taken);
}

int parser_serve(int sock, json_t *job, const struct parser_work *work)
{
	struct zygote z = {.sock = sock,
		.work = work,
		.wall_ms = lowered(job, "wall_ms", PARSER_WALL_MS),
		.max_bytes = lowered(job, "max_bytes", MAX_MAIL_BYTES)};
	if (prepare_cages(&z, job) != 0 || (z.parsed = json_pack("{s:s}", "op", "parsed")) == NULL)
		return 71;
	heap_make_room();
	int r = serve(&z);
	for (size_t i = 0; i < PARSER_JOBS; i++) {
		if (z.running[i].pid > 0)
			kill_child(&z.running[i]);
	}
	json_decref(z.parsed);
	return r;
}
