/* Cage and parser: what a worker that was taken over could try, and what one bad mail costs. Forked
 * children enter real cages. Limits of memory and the forbidden calls count on the release build;
 * the sanitizers' cage is wider (workers/cage.h). */
#include "base/prelude.h"

#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"
#include "tests/unit/cmocka_test.h"
#include "tests/unit/scratch.h"
#include "workers/cage.h"
#include "workers/parser.h"
#include "workers/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#define WIDE_CAGE true
#else
#define WIDE_CAGE false
#endif

static char folder[SCRATCH_PATH], database[SCRATCH_PATH + 10], maildir[SCRATCH_PATH + 10];

static int set_up(void **state)
{
	(void)state;
	scratch_dir(folder, "lots-cage");
	snprintf(database, sizeof(database), "%s/lots.db", folder);
	snprintf(maildir, sizeof(maildir), "%s/in", folder);
	int fd = open(database, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || mkdir(maildir, 0700) != 0)
		return -1;
	return close(fd);
}

static int tear_down(void **state)
{
	(void)state;
	char path[SCRATCH_PATH + 20];
	snprintf(path, sizeof(path), "%s/mail", maildir);
	unlink(path);
	rmdir(maildir);
	unlink(database);
	return rmdir(folder);
}

/* Runs fn in a child inside the cage of the plan; the wait status. */
static int in_cage(struct cage_plan *plan, int (*fn)(void))
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const char *why;
		struct cage *cage = cage_prepare(plan, &why);
		if (cage == NULL || cage_enter(cage, &why) != 0)
			_exit(99);
		_exit(fn());
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void expect_exit(int status, int code)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

/* 0 if the database cannot be opened in any way. */
static int try_database(void)
{
	if (open(database, O_RDONLY) >= 0 || open(database, O_RDWR) >= 0)
		return 1;
	if (open(folder, O_RDONLY | O_DIRECTORY) >= 0 || creat(database, 0600) >= 0)
		return 2;
	char other[SCRATCH_PATH + 20];
	snprintf(other, sizeof(other), "%s/new", folder);
	if (open(other, O_WRONLY | O_CREAT, 0600) >= 0 || unlink(database) == 0)
		return 3;
	return rename(database, other) == 0 ? 4 : 0;
}

static void plan_for(struct cage_plan *plan, const char *kind)
{
	static json_t *job;
	json_decref(job);
	job = json_pack("{s:s,s:s}", "kind", kind, "path", maildir);
	cage_plan_for_job(plan, job);
}

TEST(no_worker_opens_the_database)
{
	struct cage_plan plan = {.calls = CAGE_CALLS_PARSE};
	/* A parser's child has the zygote's Landlock too; here the calls alone hold. */
	if (!WIDE_CAGE)
		expect_exit(in_cage(&plan, try_database), 0);
	plan.calls = CAGE_CALLS_ZYGOTE;
	expect_exit(in_cage(&plan, try_database), 0);
	if (!cage_has_landlock())
		skip();
	static const char *const kinds[] = {"maildir", "imap", "smtp", "local_mta"};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		plan_for(&plan, kinds[i]);
		expect_exit(in_cage(&plan, try_database), 0);
	}
}

static int use_maildir(void)
{
	char a[SCRATCH_PATH + 20], b[SCRATCH_PATH + 20];
	snprintf(a, sizeof(a), "%s/tmp", maildir);
	snprintf(b, sizeof(b), "%s/mail", maildir);
	int fd = open(a, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) != 0 || rename(a, b) != 0)
		return 1;
	if (open(b, O_RDONLY) < 0 || open(maildir, O_RDONLY | O_DIRECTORY) < 0)
		return 2;
	return symlink(database, a) == 0 ? 3 : 0;
}

TEST(a_maildir_worker_reaches_its_maildir)
{
	struct cage_plan plan;
	plan_for(&plan, "maildir");
	expect_exit(in_cage(&plan, use_maildir), 0);
}

#ifndef __SANITIZE_ADDRESS__
static int try_network(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static int try_listen(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);
	if (s < 0)
		return 1;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	if (bind(s, (struct sockaddr *)&to, sizeof(to)) != 0)
		return 2;
	return listen(s, 1) == 0 ? 3 : socket(AF_PACKET, SOCK_RAW, 0) >= 0 ? 4 : 0;
}

static int try_namespace(void)
{
	unsigned char *p = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p != MAP_FAILED;
}

TEST(calls_that_are_not_allowed_fail)
{
	struct cage_plan plan = {.calls = CAGE_CALLS_PARSE};
	expect_exit(in_cage(&plan, try_network), 0);
	expect_exit(in_cage(&plan, try_namespace), 0);
	plan.calls = CAGE_CALLS_ZYGOTE;
	expect_exit(in_cage(&plan, try_network), 0);
	plan_for(&plan, "maildir");
	expect_exit(in_cage(&plan, try_network), 0);
	expect_exit(in_cage(&plan, try_namespace), 0);
	plan_for(&plan, "imap");
	expect_exit(in_cage(&plan, try_listen), 0);
	expect_exit(in_cage(&plan, try_namespace), 0);
}
#endif

static int desk_keeps(void)
{
	int fd = open(database, O_RDWR);
	if (fd < 0 || socket(AF_UNIX, SOCK_STREAM, 0) < 0)
		return 1;
	/* A database is larger than any mail. */
	if (pwrite(fd, "", 1, (off_t)3 << 30) != 1 || ftruncate(fd, 0) != 0)
		return 3;
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_INET6, SOCK_DGRAM, 0) >= 0 ? 2 : 0;
}

TEST(the_desk_has_files_but_no_network)
{
	struct cage_plan plan = {.calls = CAGE_CALLS_DESK};
	expect_exit(in_cage(&plan, desk_keeps), 0);
}

static int try_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return 1;
}

static int try_ptrace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 1 : 2;
}

TEST(exec_and_ptrace_kill)
{
	static const enum cage_calls all[] = {CAGE_CALLS_PARSE, CAGE_CALLS_ZYGOTE, CAGE_CALLS_FILES,
		CAGE_CALLS_NETWORK, CAGE_CALLS_DESK};
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct cage_plan plan = {.calls = all[i]};
		int status = in_cage(&plan, try_exec);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
		if (WIDE_CAGE)
			continue;
		status = in_cage(&plan, try_ptrace);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	}
}

static int signal_parent_then_abort(void)
{
	if (syscall(SYS_tgkill, getppid(), getppid(), 0) == 0)
		return 1;
	abort();
}

/* A worker that gives up must not look as if it had used memory that is not its own. */
TEST(abort_is_an_abort_and_signals_nobody_else)
{
	static const enum cage_calls all[] = {CAGE_CALLS_FILES, CAGE_CALLS_NETWORK};
	for (size_t i = 0; i < ARRAY_LEN(all) && !WIDE_CAGE; i++) {
		struct cage_plan plan = {.calls = all[i]};
		int status = in_cage(&plan, signal_parent_then_abort);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	}
}

static int kept_descriptor;

static int only_kept_open(void)
{
	for (int fd = 3; fd < 64; fd++) {
		bool open_now = fcntl(fd, F_GETFD) >= 0;
		if (open_now != (fd == kept_descriptor))
			return 1;
	}
	return 0;
}

TEST(other_descriptors_are_closed)
{
	int a = open("/dev/null", O_RDONLY), b = dup(a), c = dup(a);
	kept_descriptor = b;
	struct cage_plan plan = {.calls = CAGE_CALLS_PARSE, .keep = {b}, .nkeep = 1};
	expect_exit(in_cage(&plan, only_kept_open), 0);
	close(a);
	close(b);
	close(c);
}

/* ---- the parser ---- */

/* What one that took a child over could try against others; the number of what worked, 0 if nothing. */
static int try_to_multiply(void)
{
	static const int threads = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
	int pidfd = -1;
	long pids[] = {fork(), syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL),
		syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL, NULL)};
	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		if (pids[i] == 0)
			_exit(1);
		if (pids[i] > 0)
			return (int)i + 1;
	}
	if (syscall(SYS_clone, threads, malloc(4096), NULL, NULL, NULL) >= 0)
		return 4;
	/* The limit is for ever. */
	struct rlimit many = {100, 100};
	if (setrlimit(RLIMIT_NPROC, &many) == 0 || fork() >= 0)
		return 5;
	return 0;
}

#ifndef __SANITIZE_ADDRESS__
static int try_others(void)
{
	struct rlimit old, none = {0, 0};
	struct stat st;
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = {1, &all};
	if (kill(getppid(), 0) == 0 || syscall(SYS_tgkill, getppid(), getppid(), 0) == 0)
		return 1;
	if (prlimit(getppid(), RLIMIT_NOFILE, NULL, &old) == 0 ||
		prlimit(getppid(), RLIMIT_CPU, &none, NULL) == 0)
		return 2;
	if (syscall(SYS_pidfd_open, getppid(), 0) >= 0)
		return 3;
	/* What the zygote holds of its children and of the desk is closed. */
	for (int fd = 3; fd < 64; fd++) {
		if (fd != WORKER_JOB_FD &&
			(fcntl(fd, F_GETFD) >= 0 ||
				syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) == 0))
			return 4;
	}
	if (fcntl(WORKER_JOB_FD, F_SETOWN, getppid()) == 0 ||
		fcntl(WORKER_JOB_FD, F_SETSIG, SIGKILL) == 0)
		return 5;
	if (stat("/etc/passwd", &st) == 0 || access("/", F_OK) == 0)
		return 6;
	if (prctl(PR_SET_PDEATHSIG, 0) == 0 || prctl(PR_SET_DUMPABLE, 1) == 0)
		return 7;
	if (signal(SIGXCPU, SIG_IGN) != SIG_ERR || getuid() == 0)
		return 8;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0)
		return 9;
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 10 : 0;
}
#endif

static char *number_text(int number, size_t *n)
{
	char *text = malloc(16);
	*n = (size_t)snprintf(text, 16, "%d", number);
	return text;
}

/* The first byte of a "mail" says what its child does. */
static char *answer(struct bytes raw, void *with, size_t *n)
{
	(void)with;
	switch (raw.n > 0 ? raw.p[0] : 0) {
	case 'd':
		__builtin_trap();
		break;
	case 'l':
		for (volatile int i = 0;;)
			i = i + 1;
	case 's':
		for (;;)
			poll(NULL, 0, 1000);
	case 'm':
		for (size_t i = 0; i < 4096; i++)
			memset(malloc(1 << 20), 1, 1 << 20);
		break;
	case 'o':
		*n = 1;
		return strdup(try_database() == 0 ? "0" : "1");
	case 'k':
		*n = 1;
		return strdup(kill(getppid(), 0) == 0 ? "1" : "0");
	case 'n':
		return NULL;
	case 'f':
		return number_text(try_to_multiply(), n);
#ifndef __SANITIZE_ADDRESS__
	case 't':
		return number_text(try_others(), n);
#endif
	}
	*n = raw.n;
	return memcpy(malloc(raw.n + 1), raw.p, raw.n);
}

struct zygote {
	pid_t pid;
	int sock;
};

static struct zygote zygote_start(const char *limits)
{
	int s[2];
	assert_int_equal(ipc_pair(s), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(s[0]);
		log_set_level(LOG_LEVEL_ERROR);
		signal(SIGILL, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		json_t *job = json_read(limits, strlen(limits));
		struct parser_work work = {.answer = answer};
		_exit(parser_serve(s[1], job, &work));
	}
	close(s[1]);
	return (struct zygote){.pid = pid, .sock = s[0]};
}

static void zygote_end(struct zygote *z)
{
	int status;
	close(z->sock);
	assert_int_equal(waitpid(z->pid, &status, 0), z->pid);
	expect_exit(status, 0);
}

/* Hands the memfd over; the reply socket. */
static int ask_fd(struct zygote *z, int memfd)
{
	int reply[2];
	assert_int_equal(ipc_pair(reply), 0);
	json_t *head = json_pack("{s:s,s:i}", "op", "parse", "job", 1);
	assert_int_equal(ipc_send_wait(z->sock, head, (int[]){memfd, reply[1]}, 2), 0);
	json_decref(head);
	close(memfd);
	close(reply[1]);
	return reply[0];
}

static int ask(struct zygote *z, const char *raw)
{
	return ask_fd(z, ipc_seal_bytes(raw, strlen(raw)));
}

/* The answer equals text; NULL: the child died. */
static void expect_answer(int reply, const char *text)
{
	struct ipc_message m;
	struct bytes b;
	int r = ipc_recv(reply, &m, 60000);
	assert_int_equal(r, 0);
	if (text == NULL) {
		assert_string_equal(json_str(m.head, "op", ""), "died");
		assert_int_equal(m.nfds, 0);
		ipc_message_release(&m);
		assert_int_equal(ipc_recv(reply, &m, 5000), -1);
	} else {
		assert_int_equal(m.nfds, 1);
		assert_int_equal(ipc_map(m.fds[0], MAX_IPC_PAYLOAD, &b), 0);
		assert_int_equal(b.n, strlen(text));
		assert_memory_equal(b.p, text, b.n);
		ipc_unmap(&b);
		ipc_message_release(&m);
	}
	close(reply);
}

TEST(answers_and_keeps_order_of_nothing_else)
{
	struct zygote z = zygote_start("{}");
	int replies[50];
	for (int i = 0; i < 50; i++)
		replies[i] = ask(&z, "hej");
	for (int i = 0; i < 50; i++)
		expect_answer(replies[i], "hej");
	expect_answer(ask(&z, ""), "");
	zygote_end(&z);
}

TEST(a_bad_mail_costs_that_mail_only)
{
	struct zygote z = zygote_start("{\"cpu_seconds\":1,\"wall_ms\":700}");
	static const char *const bad[] = {"died", "loop", "sleep", "nothing", "memory"};
	size_t n = WIDE_CAGE ? ARRAY_LEN(bad) - 1 : ARRAY_LEN(bad);
	int replies[2 * ARRAY_LEN(bad)];
	for (size_t i = 0; i < n; i++) {
		replies[2 * i] = ask(&z, bad[i]);
		replies[2 * i + 1] = ask(&z, "good");
	}
	for (size_t i = 0; i < n; i++) {
		expect_answer(replies[2 * i], NULL);
		expect_answer(replies[2 * i + 1], "good");
	}
	zygote_end(&z);
}

/* Of all that have ended below this process. */
static time_t processor_seconds(void)
{
	struct rusage used;
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &used), 0);
	return used.ru_utime.tv_sec + used.ru_stime.tv_sec;
}

TEST(processor_time_is_up_long_before_the_clock)
{
	time_t before = processor_seconds();
	struct zygote z = zygote_start("{\"cpu_seconds\":1}");
	int loop = ask(&z, "loop"), good = ask(&z, "good");
	expect_answer(good, "good");
	expect_answer(loop, NULL);
	zygote_end(&z);
	assert_true(processor_seconds() - before <= 3);
}

TEST(memory_ends_where_it_should)
{
	struct rusage used;
	if (WIDE_CAGE)
		skip(); /* the sanitizers take terabytes */
	struct zygote z = zygote_start("{}");
	expect_answer(ask(&z, "memory"), NULL);
	zygote_end(&z);
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &used), 0);
	assert_true(used.ru_maxrss < 300 << 10); /* KiB, of the largest that has ended */
}

TEST(a_zygote_that_goes_says_nothing)
{
	struct zygote z = zygote_start("{}");
	struct ipc_message m;
	int replies[2] = {ask(&z, "sleep"), ask(&z, "sleep")}, status;
	expect_answer(ask(&z, "good"), "good");
	kill(z.pid, SIGKILL);
	assert_int_equal(waitpid(z.pid, &status, 0), z.pid);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ipc_recv(replies[i], &m, 5000), -1);
		close(replies[i]);
	}
	close(z.sock);
}

TEST(the_child_has_no_files_and_no_signals)
{
	struct zygote z = zygote_start("{}");
	expect_answer(ask(&z, "open"), "0");
	if (!WIDE_CAGE)
		expect_answer(ask(&z, "kill"), "0");
	zygote_end(&z);
}

/* The child has its zygote's filter, which must let the zygote fork, wait and kill. */
TEST(the_child_has_nothing_of_what_its_zygote_may)
{
	struct zygote z = zygote_start("{}");
	expect_answer(ask(&z, "fork"), "0");
	if (!WIDE_CAGE)
		expect_answer(ask(&z, "try others"), "0");
	zygote_end(&z);
}

/* Where an heir could fork (root that stays root) each child loads a filter of its own. */
TEST(the_child_of_one_that_stays_root_has_nothing_either)
{
	struct zygote z = zygote_start("{\"filter_each\":true}");
	expect_answer(ask(&z, "open"), "0");
	if (!WIDE_CAGE) {
		expect_answer(ask(&z, "fork"), "0");
		expect_answer(ask(&z, "kill"), "0");
	}
	zygote_end(&z);
}

TEST(bad_requests_are_refused)
{
	struct zygote z = zygote_start("{\"max_bytes\":10}");
	int fd = memfd_create("t", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(write(fd, "x", 1), 1);
	expect_answer(ask_fd(&z, fd), NULL); /* not sealed */
	expect_answer(ask(&z, "12345678901"), NULL);
	expect_answer(ask(&z, "1234567890"), "1234567890");
	json_t *head = json_pack("{s:s}", "op", "other");
	assert_int_equal(ipc_send_wait(z.sock, head, NULL, 0), 0);
	json_decref(head);
	expect_answer(ask(&z, "hej"), "hej");
	zygote_end(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_worker_opens_the_database),
		cmocka_unit_test(a_maildir_worker_reaches_its_maildir),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(calls_that_are_not_allowed_fail),
#endif
		cmocka_unit_test(the_desk_has_files_but_no_network),
		cmocka_unit_test(exec_and_ptrace_kill),
		cmocka_unit_test(abort_is_an_abort_and_signals_nobody_else),
		cmocka_unit_test(other_descriptors_are_closed),
		cmocka_unit_test(answers_and_keeps_order_of_nothing_else),
		cmocka_unit_test(a_bad_mail_costs_that_mail_only),
		cmocka_unit_test(processor_time_is_up_long_before_the_clock),
		cmocka_unit_test(memory_ends_where_it_should),
		cmocka_unit_test(a_zygote_that_goes_says_nothing),
		cmocka_unit_test(the_child_has_no_files_and_no_signals),
		cmocka_unit_test(the_child_has_nothing_of_what_its_zygote_may),
		cmocka_unit_test(the_child_of_one_that_stays_root_has_nothing_either),
		cmocka_unit_test(bad_requests_are_refused),
	};
	return cmocka_run_group_tests_name("cage", tests, set_up, tear_down);
}
