/* Supervise: this test program plays lotsd. Executed anew with --role= it is a desk that follows a
 * script, or a worker; without, it runs each script under supervise_run and looks at the exit code and
 * at what the roles noted in a file. */
#include "base/prelude.h"

#include "app/roles.h"
#include "app/supervise.h"
#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"
#include "tests/unit/cmocka_test.h"
#include "tests/unit/scratch.h"
#include "workers/protocol.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char notes[SCRATCH_PATH], secret[SCRATCH_PATH + 10];

static void note(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		_exit(9);
	close(fd);
}

/* ---- the workers ---- */

static int worker_main(int sock, json_t *job, int secret_fd)
{
	struct ipc_message m;
	struct bytes b = {.p = (const unsigned char *)"", .n = 0};
	if (secret_fd >= 0 && ipc_map(secret_fd, 1000, &b) != 0)
		return 1;
	json_t *hello = json_pack("{s:s,s:s%,s:b}", "op", "hello", "secret", b.p, b.n, "database",
		open(json_str(job, "database", "/"), O_RDONLY) >= 0);
	if (ipc_send_wait(sock, hello, NULL, 0) != 0)
		return 1;
	json_decref(hello);
	while (ipc_recv(sock, &m, -1) == 0) {
		bool die = strcmp(json_str(m.head, "op", ""), "die") == 0;
		ipc_message_release(&m);
		if (die)
			_exit(3);
	}
	return 0;
}

static int parser_stub(int sock, json_t *job)
{
	return worker_main(sock, job, -1);
}

/* ---- the desk ---- */

struct desk {
	int parent;
	json_t *job;
	const char *notes;
};

static void say(int sock, json_t *head, int fd)
{
	if (head == NULL || ipc_send_wait(sock, head, &fd, fd >= 0 ? 1 : 0) != 0)
		_exit(8);
	json_decref(head);
	if (fd >= 0)
		close(fd);
}

static void want(struct desk *d, const char *first_job)
{
	json_t *list = json_pack("[{s:s,s:s,s:{s:s,s:s,s:s},s:s},{s:s,s:s,s:{s:s,s:s}}]", "role",
		"reader", "name", "support", "job", "kind", "maildir", "database", d->notes, "x",
		first_job, "secret", json_str(d->job, "secret", ""), "role", "sender", "name",
		"out", "job", "kind", "maildir", "database", d->notes);
	char *text = json_dumps(list, 0);
	say(d->parent, json_pack("{s:s}", "op", "jobs"), ipc_seal_bytes(text, strlen(text)));
	json_decref(list);
	free(text);
}

/* The next message of the parent, pings answered; its head is the caller's. */
static json_t *hear(struct desk *d, int *fd)
{
	for (;;) {
		struct ipc_message m;
		if (ipc_recv(d->parent, &m, 15000) != 0)
			_exit(7);
		if (strcmp(json_str(m.head, "op", ""), "ping") == 0) {
			ipc_message_release(&m);
			say(d->parent, json_pack("{s:s}", "op", "pong"), -1);
			continue;
		}
		json_t *head = json_incref(m.head);
		*fd = ipc_take_fd(&m, 0);
		ipc_message_release(&m);
		return head;
	}
}

/* Waits for one word of the parent; the descriptor that came, or -1. */
static int expect(struct desk *d, const char *op, const char *name)
{
	int fd;
	json_t *head = hear(d, &fd);
	bool same = strcmp(json_str(head, "op", ""), op) == 0 &&
		    strcmp(json_str(head, "name", ""), name) == 0;
	if (!same) {
		char text[200];
		snprintf(text, sizeof(text), "expected %s %s, got %s %s\n", op, name,
			json_str(head, "op", ""), json_str(head, "name", ""));
		note(d->notes, text);
		_exit(6);
	}
	json_decref(head);
	return fd;
}

static void note_hello(struct desk *d, int worker)
{
	struct ipc_message m;
	char text[200];
	if (worker < 0 || ipc_recv(worker, &m, 15000) != 0)
		_exit(5);
	snprintf(text, sizeof(text), "hello secret=%s database=%d\n",
		json_str(m.head, "secret", ""), json_flag(m.head, "database", true));
	note(d->notes, text);
	ipc_message_release(&m);
}

static void settle(struct desk *d, int code)
{
	say(d->parent, json_pack("{s:s,s:i}", "op", "settled", "code", code), -1);
	expect(d, "stop", "");
	note(d->notes, "stop\n");
}

static void ready(struct desk *d)
{
	say(d->parent, json_pack("{s:s,s:s}", "op", "ready", "status", "serving"), -1);
	note(d->notes, "ready\n");
}

/* Workers come, one dies and comes again, one is changed, then all is settled. */
static void script_life(struct desk *d)
{
	want(d, "1");
	int reader = expect(d, "worker", "support"), sender = expect(d, "worker", "out");
	note_hello(d, reader);
	note_hello(d, sender);
	ready(d);
	say(sender, json_pack("{s:s}", "op", "die"), -1);
	expect(d, "gone", "out");
	close(sender);
	sender = expect(d, "worker", "out");
	note_hello(d, sender);
	want(d, "1"); /* the same list: nothing happens */
	want(d, "2");
	expect(d, "retire", "support");
	close(reader);
	expect(d, "gone", "support");
	reader = expect(d, "worker", "support");
	note_hello(d, reader);
	settle(d, 75);
}

/* The first life is killed once it serves; the second settles. */
static void script_killed(struct desk *d)
{
	struct stat st;
	bool second = stat(d->notes, &st) == 0;
	want(d, "1");
	int reader = expect(d, "worker", "support");
	expect(d, "worker", "out");
	note_hello(d, reader);
	ready(d);
	if (!second)
		kill(getpid(), SIGKILL);
	settle(d, 0);
}

static void script_signals(struct desk *d)
{
	ready(d);
	kill(getppid(), SIGHUP);
	expect(d, "reload", "");
	note(d->notes, "reload\n");
	kill(getppid(), SIGTERM);
	expect(d, "stop", "");
	note(d->notes, "stop\n");
}

/* A secret that others can read, then a list that is none. */
static void script_refused(struct desk *d)
{
	want(d, "1");
	expect(d, "gone", "support");
	expect(d, "worker", "out");
	say(d->parent, json_pack("{s:s}", "op", "jobs"), ipc_seal_bytes("{}", 2));
	say(d->parent, json_pack("{s:s}", "op", "jobs"), ipc_seal_bytes("[{}]", 4));
	say(d->parent, json_pack("{s:s}", "op", "jobs"), -1);
	settle(d, 0);
}

static int desk_stub(int parent, json_t *job)
{
	struct desk d = {.parent = parent, .job = job, .notes = json_str(job, "notes", "")};
	const char *script = json_str(job, "script", "");
	if (strcmp(script, "life") == 0)
		script_life(&d);
	else if (strcmp(script, "killed") == 0)
		script_killed(&d);
	else if (strcmp(script, "signals") == 0)
		script_signals(&d);
	else if (strcmp(script, "refused") == 0)
		script_refused(&d);
	else if (strcmp(script, "crash") == 0)
		kill(getpid(), SIGKILL);
	else
		return 78;
	return 0;
}

/* ---- the tests ---- */

static int set_up(void **state)
{
	(void)state;
	char name[40];
	snprintf(name, sizeof(name), "lots-supervise-%d", (int)getpid());
	scratch_path(notes, name);
	snprintf(secret, sizeof(secret), "%s.secret", notes);
	note(secret, "hemligt\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(notes);
	unlink(secret);
	return 0;
}

static void run_script(const char *script, int code, const char *noted)
{
	unlink(notes);
	json_t *job =
		json_pack("{s:s,s:s,s:s}", "script", script, "notes", notes, "secret", secret);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		log_set_level(LOG_LEVEL_ERROR);
		int null = open("/dev/null", O_WRONLY);
		dup2(null, STDERR_FILENO);
		_exit(supervise_run(job));
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	json_decref(job);
	char got[2000] = "";
	int fd = open(notes, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, got, sizeof(got) - 1);
	if (fd >= 0)
		close(fd);
	got[n < 0 ? 0 : n] = '\0';
	assert_string_equal(got, noted);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

TEST(workers_come_die_change_and_end)
{
	run_script("life", 75,
		"hello secret=hemligt database=0\nhello secret= database=0\nready\n"
		"hello secret= database=0\nhello secret=hemligt database=0\nstop\n");
}

TEST(a_killed_desk_is_started_anew_with_its_workers)
{
	run_script("killed", 0,
		"hello secret=hemligt database=0\nready\nhello secret=hemligt "
		"database=0\nready\nstop\n");
}

TEST(signals_reach_the_desk)
{
	run_script("signals", 0, "ready\nreload\nstop\n");
}

TEST(a_wrong_setting_ends_with_its_code)
{
	run_script("wrong", 78, "");
}

TEST(a_desk_that_never_starts_ends_it)
{
	run_script("crash", 70, "");
}

TEST(open_secrets_and_bad_lists_are_refused)
{
	assert_int_equal(chmod(secret, 0644), 0);
	run_script("refused", 0, "stop\n");
	assert_int_equal(chmod(secret, 0600), 0);
}

int main(int argc, char **argv)
{
	static const struct role_mains mains = {.desk = desk_stub,
		.parser = parser_stub,
		.reader = worker_main,
		.sender = worker_main};
	if (argc == 3 && strncmp(argv[1], "--role=", 7) == 0)
		return role_run(argv[1] + 7, argv[2] + 7, &mains);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_come_die_change_and_end),
		cmocka_unit_test(a_killed_desk_is_started_anew_with_its_workers),
		cmocka_unit_test(signals_reach_the_desk),
		cmocka_unit_test(a_wrong_setting_ends_with_its_code),
		cmocka_unit_test(a_desk_that_never_starts_ends_it),
		cmocka_unit_test(open_secrets_and_bad_lists_are_refused),
	};
	return cmocka_run_group_tests_name("supervise", tests, set_up, tear_down);
}
