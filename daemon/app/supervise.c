/* Supervise: the parent's loop. Called by main_lotsd.c. Must not open a database, parse settings or
 * read a mail; all it believes is the desk's list of workers.
 *
 * Diagnostics: desk-started, desk-ended, desk-silent, stopping, stopped. */
#include "base/prelude.h"

#include "app/supervise.h"

#include "app/crew.h"
#include "app/spawn.h"
#include "base/clock.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define STOP_MS 20000
#define SILENT_MS 120000
#define PING_MS 5000
#define DESK_PAUSE_MIN_MS 20
#define DESK_PAUSE_MAX_MS 10000
#define LONG_LIFE_MS 10000
#define SPARED_KILLS 20
#define SPARED_AGAIN_MS INT64_C(600000)
#define DESK_TRIES 5 /* lives in a row that were never ready */
#define MESSAGES_A_ROUND 64
#define EXIT_SOFTWARE 70
#define EXIT_OSERR 71

struct parent {
	json_t *desk_job;
	struct crew *crew;
	int signals;

	pid_t desk; /* 0: not running */
	int sock;   /* to the desk; -1 */
	bool ready; /* in this life */
	int unready_lives;
	int64_t desk_started, desk_start_at, desk_pause;
	int killed_in_row; /* lives of the desk that ended by SIGKILL, short ones in a row */

	int64_t ping_every, ping_at, heard_at; /* monotonic */
	bool owe_reload, owe_stop, owe_ping;   /* messages the desk has not got yet */

	bool watchdog;
	bool stopping;
	int64_t stop_by;
	int exit_code;
};

static void desk_start(struct parent *p, int64_t now)
{
	int pair[2];
	p->desk_start_at = now + DESK_PAUSE_MAX_MS;
	if (ipc_pair(pair) != 0) {
		log_error("desk-not-started", "errno=%d", errno);
		return;
	}
	struct spawn s = {
		.role = "desk", .name = "", .job = p->desk_job, .sock = pair[1], .secret_fd = -1};
	pid_t pid = spawn_role(&s);
	close(pair[1]);
	if (pid < 0) {
		log_error("desk-not-started", "errno=%d", errno);
		close(pair[0]);
		return;
	}
	p->desk = pid;
	p->sock = pair[0];
	p->ready = false;
	p->desk_started = p->heard_at = now;
	p->ping_at = now + p->ping_every;
	p->owe_reload = p->owe_ping = false;
	log_info("desk-started", "pid=%d", (int)pid);
}

static void begin_stop(struct parent *p, int code, int64_t now)
{
	if (p->stopping)
		return;
	log_info("stopping", "code=%d", code);
	p->stopping = p->owe_stop = true;
	crew_rest(p->crew);
	p->stop_by = now + STOP_MS;
	p->exit_code = code;
	sd_notify(0, "STOPPING=1");
}

/* A desk that was killed from outside says nothing about the mails it had in hand: the next one gives
 * them their try back. Not for ever, since the kernel also kills what a mail made too large. */
static void note_kill(struct parent *p, int status, int64_t now)
{
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		p->killed_in_row = 0;
	else if (now - p->desk_started >= SPARED_AGAIN_MS)
		p->killed_in_row = 1;
	else
		p->killed_in_row++;
	bool spare = p->killed_in_row > 0 && p->killed_in_row <= SPARED_KILLS;
	json_object_set_new(p->desk_job, "spare", json_boolean(spare));
}

static void desk_ended(struct parent *p, int status, int64_t now)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	log_line(p->stopping ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "desk-ended",
		"pid=%d signal=%d status=%d ready=%d", (int)p->desk,
		WIFSIGNALED(status) ? WTERMSIG(status) : 0, code, p->ready);
	note_kill(p, status, now);
	close(p->sock);
	p->sock = -1;
	p->desk = 0;
	crew_kill_all(p->crew);
	if (p->stopping)
		return;
	p->unready_lives = p->ready ? 0 : p->unready_lives + 1;
	if (!p->ready && code >= 0)
		begin_stop(p, code, now);
	else if (p->unready_lives >= DESK_TRIES)
		begin_stop(p, EXIT_SOFTWARE, now);
	if (now - p->desk_started >= LONG_LIFE_MS)
		p->desk_pause = DESK_PAUSE_MIN_MS;
	p->desk_start_at = now + p->desk_pause;
	p->desk_pause =
		p->desk_pause * 2 > DESK_PAUSE_MAX_MS ? DESK_PAUSE_MAX_MS : p->desk_pause * 2;
}

static void desk_is_ready(struct parent *p, const json_t *head)
{
	p->ready = true;
	p->unready_lives = 0;
	char status[200];
	const char *s = json_str(head, "status", "");
	/* One line, as sd_notify's format wants it. */
	snprintf(status, sizeof(status), "%.*s", (int)strcspn(s, "\n"), s);
	sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

static void take_jobs(struct parent *p, struct ipc_message *m)
{
	struct bytes b;
	const char *why = "no list";
	if (m->nfds != 1 || ipc_map(m->fds[0], MAX_SETTINGS_BYTES, &b) != 0) {
		log_error("jobs-refused", "why=%s", log_quote(why).text);
		return;
	}
	json_t *list = json_read((const char *)b.p, b.n);
	ipc_unmap(&b);
	if (crew_want(p->crew, list, &why) != 0)
		log_error("jobs-refused", "why=%s", log_quote(why).text);
	json_decref(list);
}

static void desk_says(struct parent *p, struct ipc_message *m, int64_t now)
{
	const char *op = json_str(m->head, "op", "");
	p->heard_at = now;
	if (strcmp(op, "ready") == 0) {
		desk_is_ready(p, m->head);
	} else if (strcmp(op, "pong") == 0) {
		if (p->watchdog)
			sd_notify(0, "WATCHDOG=1");
	} else if (strcmp(op, "jobs") == 0) {
		take_jobs(p, m);
	} else if (strcmp(op, "settled") == 0) {
		int64_t code = json_int(m->head, "code", EXIT_SOFTWARE);
		begin_stop(p, code >= 0 && code <= 125 ? (int)code : EXIT_SOFTWARE, now);
	} else {
		log_warn("desk-said-unknown", "op=%s", log_quote(op).text);
	}
}

static void hear_desk(struct parent *p, int64_t now)
{
	for (int i = 0; i < MESSAGES_A_ROUND; i++) {
		struct ipc_message m;
		int r = ipc_recv(p->sock, &m, 0);
		if (r == 1)
			return;
		if (r < 0) {
			/* Its end or its nonsense: either way it cannot go on. SIGCHLD follows. */
			kill(p->desk, SIGKILL);
			return;
		}
		desk_says(p, &m, now);
		ipc_message_release(&m);
	}
}

/* True when the message is away, or never will be. */
static bool told(struct parent *p, const char *op)
{
	json_t *head = json_pack("{s:s}", "op", op);
	if (head == NULL)
		abort();
	int r = ipc_send(p->sock, head, NULL, 0);
	json_decref(head);
	return r != 1;
}

static void tell_desk(struct parent *p, int64_t now)
{
	if (now >= p->ping_at) {
		p->owe_ping = true;
		p->ping_at = now + p->ping_every;
	}
	if (p->owe_reload && told(p, "reload"))
		p->owe_reload = false;
	if (p->owe_stop && told(p, "stop"))
		p->owe_stop = false;
	if (p->owe_ping && told(p, "ping"))
		p->owe_ping = false;
	if (p->ready && now - p->heard_at > SILENT_MS) {
		p->killed_in_row = SPARED_KILLS; /* a mail may have hung it: its try counts */
		log_error("desk-silent", "ms=%" PRId64, now - p->heard_at);
		kill(p->desk, SIGKILL);
		p->heard_at = now;
	}
	if (p->stopping && now >= p->stop_by) {
		log_warn("desk-killed", "after_ms=%d", STOP_MS);
		kill(p->desk, SIGKILL);
		p->stop_by = now + STOP_MS;
	}
}

static void take_signals(struct parent *p, int64_t now)
{
	struct signalfd_siginfo s;
	while (read(p->signals, &s, sizeof(s)) == (ssize_t)sizeof(s)) {
		if (s.ssi_signo == SIGHUP) {
			p->owe_reload = p->desk > 0;
		} else if (s.ssi_signo == SIGTERM || s.ssi_signo == SIGINT) {
			if (p->stopping)
				p->stop_by = now; /* asked twice: at once */
			begin_stop(p, 0, now);
		}
	}
}

static void reap(struct parent *p, int64_t now)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == p->desk)
			desk_ended(p, status, now);
		else
			crew_ended(p->crew, pid, status, now);
	}
}

static int timeout_until(int64_t at, int64_t now)
{
	return at <= now ? 0 : at - now > INT_MAX ? INT_MAX : (int)(at - now);
}

static void loop(struct parent *p)
{
	for (;;) {
		int64_t now = clock_mono_ms();
		take_signals(p, now);
		/* What the desk said last is heard before its end is taken. */
		if (p->desk > 0)
			hear_desk(p, now);
		reap(p, now);
		if (p->stopping && p->desk == 0)
			return;
		if (p->desk == 0 && now >= p->desk_start_at)
			desk_start(p, now);
		int64_t next = p->desk > 0 ? p->ping_at : p->desk_start_at;
		if (p->desk > 0)
			tell_desk(p, now);
		int64_t crew_next = crew_step(p->crew, p->sock, now);
		if (crew_next >= 0 && crew_next < next)
			next = crew_next;
		if (p->stopping && p->stop_by < next)
			next = p->stop_by;
		if ((p->owe_stop || p->owe_reload || p->owe_ping) && now + 50 < next)
			next = now + 50;
		struct pollfd fds[2] = {
			{.fd = p->signals, .events = POLLIN}, {.fd = p->sock, .events = POLLIN}};
		poll(fds, 2, timeout_until(next, now));
	}
}

static int take_over_signals(void)
{
	sigset_t mine;
	sigemptyset(&mine);
	sigaddset(&mine, SIGTERM);
	sigaddset(&mine, SIGINT);
	sigaddset(&mine, SIGHUP);
	sigaddset(&mine, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &mine, NULL) != 0)
		return -1;
	return signalfd(-1, &mine, SFD_CLOEXEC | SFD_NONBLOCK);
}

int supervise_run(json_t *desk_job)
{
	uint64_t usec = 0;
	umask(077);
	log_set_role("parent", NULL);
	struct parent p = {.desk_job = desk_job,
		.sock = -1,
		.signals = take_over_signals(),
		.ping_every = PING_MS,
		.desk_pause = DESK_PAUSE_MIN_MS};
	if (p.signals < 0) {
		log_error("cannot-start", "errno=%d", errno);
		return EXIT_OSERR;
	}
	p.watchdog = sd_watchdog_enabled(0, &usec) > 0;
	if (p.watchdog && (int64_t)(usec / 4000) < p.ping_every)
		p.ping_every = (int64_t)(usec / 4000);
	p.crew = crew_new();
	loop(&p);
	crew_free(&p.crew);
	close(p.signals);
	log_info("stopped", "code=%d", p.exit_code);
	return p.exit_code;
}
