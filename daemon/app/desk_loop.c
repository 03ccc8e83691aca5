/* Desk loop: see desk_loop.h. Speaks with the parent, owns the event loop and the order of a round. */
#include "base/prelude.h"

#include "app/desk_loop.h"

#include "app/control.h"
#include "app/control_socket.h"
#include "app/desk_jobs.h"
#include "app/desk_state.h"
#include "app/turnrun.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/ipc.h"
#include "base/log.h"
#include "store/cases.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#define PACKETS_A_DRAIN 64
#define SOURCE_PATIENCE_MS (15 * MS_MINUTE) /* a source dead so long no longer holds the clocks */
#define GATHER_MS 16
#define TICK_MS (30 * MS_SECOND)
#define PATIENCE_MS (10 * MS_SECOND) /* nothing can be stored: --once ends, status tells */
#define TELL_MS (5 * MS_SECOND)
#define STOP_MS                                                                                    \
	(8 * MS_SECOND) /* what is being sent may take so long to end; the parent waits 20 s */

void desk_kick(struct desk_loop *l)
{
	sd_event_source_set_enabled(l->pump, SD_EVENT_ONESHOT);
}

static void leave(struct desk_loop *l, int code)
{
	l->exit_code = code;
	sd_event_exit(l->events, code);
}

void desk_trouble(struct desk_loop *l)
{
	if (l->trouble_since_mono == 0)
		l->trouble_since_mono = clock_mono_ms();
}

bool desk_good(struct desk_loop *l, enum store_status st, const char *what)
{
	if (st == STORE_OK)
		return true;
	if (store_status_passes(st)) {
		log_error("store-pause", "what=%s status=%s", what, store_status_id(st));
		l->trouble_until_mono = clock_mono_ms() + TROUBLE_PAUSE_MS;
		desk_trouble(l);
		return false;
	}
	log_error("store-broken", "what=%s status=%s", what, store_status_id(st));
	leave(l, EX_TEMPFAIL); /* the parent starts us anew; nothing committed is lost */
	return false;
}

bool desk_tell(struct worker *w, json_t *head, const int *fds, size_t nfds)
{
	if (ipc_send_within(w->fd, head, fds, nfds, TELL_MS) == 0)
		return true;
	log_warn("worker-deaf", "name=%s op=%s", w->name, json_str(head, "op", ""));
	shutdown(w->fd, SHUT_RDWR); /* heard as its end in the next round */
	return false;
}

struct worker *desk_worker(struct desk_loop *l, enum worker_role role, const char *name)
{
	for (size_t i = 0; i < l->n_workers; i++)
		if (l->workers[i].role == role && strcmp(l->workers[i].name, name) == 0)
			return &l->workers[i];
	return NULL;
}

/* --once cannot wait for a dead source: what counts is how long ago it was last read. */
static bool read_lately(struct desk_loop *l, const char *name)
{
	struct store_mailbox box;
	struct arena *a = arena_new(MAX_ARENA_BYTES);
	bool lately = store_mailbox_get(l->desk.store, a, name, &box) == STORE_OK &&
		      desk_now(&l->desk) - box.swept_ms < SOURCE_PATIENCE_MS;
	arena_free(&a);
	return lately;
}

static bool source_unread(struct desk_loop *l, const char *name)
{
	const struct worker *w = desk_worker(l, WORKER_READER, name);
	if (w != NULL && w->swept)
		return false;
	if (l->once && w != NULL && w->down_since_mono != 0)
		return read_lately(l, name);
	int64_t since =
		w != NULL && w->unread_since_mono != 0 ? w->unread_since_mono : l->started_mono;
	return clock_mono_ms() - since < SOURCE_PATIENCE_MS;
}

/* After a start or an outage no clock fires until every source has been read once, or been dead for a
 * quarter of an hour, and what was read is handled: the answer may be among it. */
static void note_behind(struct desk_loop *l)
{
	bool unread = false;
	for (size_t i = 0; i < l->desk.config->n_mailboxes && !unread; i++)
		unread = source_unread(l, l->desk.config->mailboxes[i].name);
	int64_t mono = clock_mono_ms();
	if (unread)
		l->behind_mono = mono;
	else if ((l->n_arrivals == 0 && l->n_slots == 0 && !l->backlog) ||
		 mono - l->behind_mono >= SOURCE_PATIENCE_MS)
		l->behind_mono = 0;
}

static void say_parent(struct desk_loop *l, const char *op, int code)
{
	json_t *head = json_pack("{s:s, s:i}", "op", op, "code", code);
	if (ipc_send_wait(l->parent, head, NULL, 0) != 0)
		leave(l, 0); /* no parent: end with it */
	json_decref(head);
}

/* ---- Workers ---- */

static const char *const role_names[] = {"reader", "parser", "sender"}; /* by enum worker_role */

static void worker_closed(struct desk_loop *l, struct worker *w)
{
	if (w->fd < 0)
		return;
	w->source = sd_event_source_disable_unref(w->source);
	close(w->fd);
	w->fd = -1;
	if (w->role == WORKER_READER) {
		desk_intake_drop(l, w);
		desk_source_down(w);
	} else if (w->role == WORKER_SENDER) {
		desk_sender_gone(l, w);
	}
	desk_kick(l);
}

static bool room_for(const struct desk_loop *l, const struct worker *w)
{
	if (w->role == WORKER_READER)
		return !desk_intake_full(l);
	return w->role != WORKER_SENDER || l->n_said + SENDER_SAID <= ARRAY_LEN(l->said);
}

static int on_worker(sd_event_source *s, int fd, uint32_t revents, void *userdata)
{
	struct worker *w = userdata;
	struct desk_loop *l = w->loop;
	(void)s;
	(void)revents;
	for (int i = 0; i < PACKETS_A_DRAIN && room_for(l, w); i++) {
		struct ipc_message m;
		int rc = ipc_recv(fd, &m, 0);
		if (rc < 0) {
			worker_closed(l, w);
			return 0;
		}
		if (rc > 0)
			break;
		if (w->role == WORKER_READER)
			desk_reader_message(l, w, m.head, ipc_take_fd(&m, 0));
		else if (w->role == WORKER_SENDER)
			desk_sender_message(l, w, m.head);
		ipc_message_release(&m);
	}
	if (!room_for(l, w)) /* until the round has made room */
		sd_event_source_set_enabled(w->source, SD_EVENT_OFF);
	desk_kick(l);
	return 0;
}

/* The worker of that name, a new one if need be. NULL: no such role, or no room. */
static struct worker *worker_named(struct desk_loop *l, const char *role, const char *name)
{
	size_t r = 0;
	while (r < ARRAY_LEN(role_names) && strcmp(role_names[r], role) != 0)
		r++;
	if (r == ARRAY_LEN(role_names))
		return NULL;
	struct worker *w = desk_worker(l, (enum worker_role)r, name);
	if (w == NULL && l->n_workers < DESK_WORKERS_MAX) {
		w = &l->workers[l->n_workers++];
		*w = (struct worker){.role = (enum worker_role)r, .fd = -1, .loop = l};
		snprintf(w->name, sizeof(w->name), "%s", name);
	}
	return w;
}

static void worker_started(struct desk_loop *l, const char *role, const char *name, int fd)
{
	struct worker *w = fd >= 0 ? worker_named(l, role, name) : NULL;
	if (w == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	worker_closed(l, w);
	w->fd = fd;
	w->retiring = false;
	w->in_flight = 0;
	if (sd_event_add_io(l->events, &w->source, fd, EPOLLIN, on_worker, w) < 0)
		abort();
	desk_kick(l);
}

/* It ended, which its socket tells better (what it said last is heard first); or it could not be started. */
static void worker_gone(struct desk_loop *l, const char *role, const char *name)
{
	struct worker *w = worker_named(l, role, name);
	if (w == NULL || w->fd >= 0)
		return;
	if (w->role == WORKER_READER && !w->retiring)
		desk_source_down(w);
	else if (w->role == WORKER_SENDER)
		desk_sender_gone(l, w);
	w->retiring = false; /* its successor may be one that cannot be started */
}

/* Closing the socket is what ends a worker. A sender first finishes what it has begun. */
static void end_retired(struct desk_loop *l)
{
	for (size_t i = 0; i < l->n_workers; i++) {
		struct worker *w = &l->workers[i];
		if (w->retiring && w->fd >= 0 && w->in_flight == 0)
			worker_closed(l, w);
	}
}

static void retire(struct desk_loop *l, const char *role, const char *name)
{
	for (size_t i = 0; i < l->n_workers; i++) {
		struct worker *w = &l->workers[i];
		if (strcmp(w->name, name) == 0 && strcmp(role_names[w->role], role) == 0)
			w->retiring = true;
	}
}

/* ---- The parent ---- */

static void reload(struct desk_loop *l)
{
	if (desk_reload_settings(&l->desk) != 0)
		return;
	desk_clocks_read(l);
	l->exercised = -1;
	l->look = true;
	desk_send_jobs(l);
	log_info("reloaded", "mailboxes=%zu", l->desk.config->n_mailboxes);
}

/* Nothing new is begun; what has been begun at a server may end. */
static void begin_stop(struct desk_loop *l)
{
	if (l->stopping)
		return;
	l->stopping = true;
	l->stop_by_mono = clock_mono_ms() + STOP_MS;
}

static int on_parent(sd_event_source *s, int fd, uint32_t revents, void *userdata)
{
	struct desk_loop *l = userdata;
	(void)s;
	(void)revents;
	struct ipc_message m;
	int rc;
	while ((rc = ipc_recv(fd, &m, 0)) == 0) {
		const char *op = json_str(m.head, "op", "");
		const char *role = json_str(m.head, "role", ""),
			   *name = json_str(m.head, "name", "");
		if (strcmp(op, "worker") == 0)
			worker_started(l, role, name, ipc_take_fd(&m, 0));
		else if (strcmp(op, "retire") == 0)
			retire(l, role, name);
		else if (strcmp(op, "gone") == 0)
			worker_gone(l, role, name);
		else if (strcmp(op, "ping") == 0)
			say_parent(l, "pong", 0);
		else if (strcmp(op, "reload") == 0)
			reload(l);
		else if (strcmp(op, "stop") == 0)
			begin_stop(l);
		ipc_message_release(&m);
	}
	if (rc < 0)
		leave(l, 0);
	desk_kick(l);
	return 0;
}

/* ---- A round ---- */

static bool clocks_are_due(const struct desk_loop *l)
{
	return l->behind_mono == 0 && l->clock_next_ms <= l->now_ms;
}

static void hear_again(struct desk_loop *l)
{
	for (size_t i = 0; i < l->n_workers; i++)
		if (l->workers[i].source != NULL && room_for(l, &l->workers[i]))
			sd_event_source_set_enabled(l->workers[i].source, SD_EVENT_ON);
}

static bool sources_are_quiet(const struct desk_loop *l)
{
	for (size_t i = 0; i < l->desk.config->n_mailboxes; i++) {
		const struct worker *w = desk_worker(
			(struct desk_loop *)l, WORKER_READER, l->desk.config->mailboxes[i].name);
		if (w == NULL || (!w->swept && w->down_since_mono == 0))
			return false;
	}
	return l->n_arrivals == 0 && l->n_slots == 0 && !l->backlog;
}

static bool outbox_is_quiet(const struct desk_loop *l)
{
	return l->n_in_flight == 0 && l->n_said == 0 && l->outbox_next_ms > l->now_ms;
}

/* Nothing is lost by leaving: what was not committed is fetched again, and a mail in a server's hands is
 * counted as sent or unknown at the next start. It is only kinder to wait a moment. */
static bool stopped(struct desk_loop *l)
{
	bool idle = l->n_in_flight == 0 && (!desk_intake_ready(l) || l->trouble_until_mono != 0);
	if (!l->stopping || (!idle && clock_mono_ms() < l->stop_by_mono))
		return false;
	desk_slots_give_back(l);
	leave(l, 0);
	return true;
}

/* --once does not wait for room on a disk: what is left is for the next run. */
static void give_up(struct desk_loop *l)
{
	if (!l->once || l->trouble_since_mono == 0 ||
		clock_mono_ms() - l->trouble_since_mono < PATIENCE_MS)
		return;
	say_parent(l, "settled", EX_TEMPFAIL);
	leave(l, EX_TEMPFAIL);
}

static void settle(struct desk_loop *l)
{
	if (!l->once || !sources_are_quiet(l) || clocks_are_due(l) || !outbox_is_quiet(l))
		return;
	int64_t waiting = 0;
	int code = store_outbox_waiting(l->desk.store, &waiting) != STORE_OK || waiting > 0
			   ? EX_TEMPFAIL
			   : 0;
	say_parent(l, "settled", code);
	leave(l, code);
}

static void arm_timer(struct desk_loop *l)
{
	int64_t now = desk_now(&l->desk), wait = TICK_MS;
	if (l->behind_mono == 0 && l->clock_next_ms - now < wait)
		wait = l->clock_next_ms - now;
	if (l->outbox_next_ms - now < wait)
		wait = l->outbox_next_ms > now ? l->outbox_next_ms - now
		       : l->n_in_flight > 0    ? TICK_MS
					       : 50;
	if (l->desk.alarmed && wait > MS_SECOND)
		wait = MS_SECOND;
	int64_t mono = clock_mono_ms();
	if (l->n_arrivals > 0 && l->intake_until_mono - mono < wait)
		wait = l->intake_until_mono - mono;
	if (l->trouble_until_mono > mono)
		wait = l->trouble_until_mono - mono;
	if (l->stopping && l->stop_by_mono - mono < wait)
		wait = l->stop_by_mono - mono;
	if (wait < 1)
		wait = 1;
	sd_event_source_set_time_relative(l->timer, (uint64_t)wait * 1000);
	sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
}

/* After a commit the desk looks away for a moment: what comes meanwhile shares the next commit, which is
 * much of what a mail costs. Only senders wake it, who speak when they have to wait for it. Whether it
 * looked away: what came is heard first. */
static bool gathers(struct desk_loop *l)
{
	struct pollfd fds[DESK_WORKERS_MAX];
	nfds_t n = 0;
	int64_t left = l->committed_mono + GATHER_MS - clock_mono_ms();
	if (l->once || l->stopping || l->committed_mono == 0 || left <= 0 || l->n_said > 0)
		return false;
	for (size_t i = 0; i < l->n_workers; i++)
		if (l->workers[i].role == WORKER_SENDER && l->workers[i].fd >= 0)
			fds[n++] = (struct pollfd){.fd = l->workers[i].fd, .events = POLLIN};
	l->committed_mono = 0;
	(void)poll(fds, n, (int)left);
	desk_kick(l);
	return true;
}

static int on_pump(sd_event_source *s, void *userdata)
{
	struct desk_loop *l = userdata;
	(void)s;
	if (l->trouble_until_mono > clock_mono_ms()) {
		if (!stopped(l))
			give_up(l);
		arm_timer(l);
		return 0;
	}
	if (gathers(l))
		return 0;
	l->committed_mono = 0;
	l->trouble_until_mono = 0;
	l->now_ms = desk_now(&l->desk);
	arena_reset(l->round);
	desk_round(l);
	note_behind(l);
	if (!l->stopping) {
		if (l->trouble_until_mono == 0 && clocks_are_due(l))
			desk_clocks(l);
		desk_exercises(l);
		desk_alarms(l);
	}
	if (l->trouble_until_mono == 0 && !l->stopping)
		desk_delete_old(l);
	if (l->look)
		desk_look(l);
	hear_again(l);
	end_retired(l);
	if (l->trouble_until_mono == 0 && clock_mono_ms() >= l->intake_until_mono)
		l->trouble_since_mono = 0;
	give_up(l);
	if (!stopped(l) && l->trouble_until_mono == 0)
		settle(l);
	arm_timer(l);
	return 0;
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata)
{
	struct desk_loop *l = userdata;
	(void)s;
	(void)usec;
	l->look = true;
	desk_kick(l);
	return 0;
}

/* ---- Operators ---- */

static json_t *live_state(struct desk_loop *l)
{
	json_t *sources = json_array();
	for (size_t i = 0; i < l->n_workers; i++) {
		const struct worker *w = &l->workers[i];
		json_array_append_new(sources,
			json_pack("{s:s, s:s, s:b, s:b}", "role", role_names[w->role], "name",
				w->name, "running", w->fd >= 0, "well", w->down_since_mono == 0));
	}
	bool storing =
		l->trouble_since_mono == 0 || clock_mono_ms() - l->trouble_since_mono < PATIENCE_MS;
	return json_pack("{s:o, s:I, s:b, s:b}", "workers", sources, "pid", (json_int_t)getppid(),
		"clocks_held", l->behind_mono != 0, "storing", storing);
}

static int on_control(sd_event_source *s, int fd, uint32_t revents, void *userdata)
{
	struct desk_loop *l = userdata;
	(void)s;
	(void)revents;
	int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (conn < 0)
		return 0;
	json_t *live = live_state(l);
	control_serve(&l->desk, conn, live);
	l->look = true;
	json_decref(live);
	desk_kick(l);
	return 0;
}

/* ---- Start and end ---- */

static int open_loop(struct desk_loop *l, json_t *job)
{
	int code = desk_open(&l->desk, json_str(job, "settings", ""), DESK_OPEN_DAEMON);
	if (code != 0)
		return code;
	const char *now = json_str(job, "now", "");
	if (*now != '\0') {
		if (!l->desk.config->rehearsal || !date_parse_rfc3339(now, &l->desk.fixed_now_ms)) {
			fprintf(stderr, "lotsd: --now needs `rehearsal: true` in the settings and a"
					" time as 2026-11-23T08:00:00+01:00\n");
			return EX_USAGE;
		}
		if (l->desk.fixed_now_ms < store_newest_time(l->desk.store)) {
			fprintf(stderr, "lotsd: --now is earlier than the newest time stored\n");
			return EX_USAGE;
		}
	}
	l->once = json_flag(job, "once", false);
	enum store_status st = store_outbox_expire(l->desk.store, INT64_MAX, NULL, NULL);
	l->backlog = true;
	bool spare = json_flag(job, "spare", false);
	if (spare)
		desk_slots_spare(l);
	if (st == STORE_OK) {
		desk_clocks_found(l, spare);
		desk_clocks_read(l);
	}
	return desk_good(l, st, "start") ? 0 : EX_TEMPFAIL;
}

static int add_sources(struct desk_loop *l)
{
	l->control = control_listen(l->desk.config->state_dir);
	if (l->control < 0) {
		fprintf(stderr, "lotsd: control socket: %s\n", strerror(errno));
		return EX_IOERR;
	}
	if (sd_event_add_io(l->events, NULL, l->parent, EPOLLIN, on_parent, l) < 0 ||
		sd_event_add_io(l->events, NULL, l->control, EPOLLIN, on_control, l) < 0 ||
		sd_event_add_defer(l->events, &l->pump, on_pump, l) < 0 ||
		sd_event_add_time_relative(
			l->events, &l->timer, CLOCK_MONOTONIC, 0, 0, on_timer, l) < 0)
		return EX_OSERR;
	/* Idle priority: the round runs when every socket is drained. */
	sd_event_source_set_priority(l->pump, SD_EVENT_PRIORITY_IDLE);
	return 0;
}

static void drop_sources(struct desk_loop *l)
{
	for (size_t i = 0; i < l->n_workers; i++) {
		struct worker *w = &l->workers[i];
		w->source = sd_event_source_disable_unref(w->source);
		if (w->fd >= 0)
			close(w->fd);
	}
	desk_intake_drop_all(l);
	l->pump = sd_event_source_disable_unref(l->pump);
	l->timer = sd_event_source_disable_unref(l->timer);
}

int desk_main(int parent_sock, json_t *job)
{
	struct desk_loop *l = calloc(1, sizeof(*l));
	if (l == NULL)
		abort();
	l->parent = parent_sock;
	l->control = -1;
	l->exercised = -1;
	l->started_mono = l->behind_mono = clock_mono_ms();
	l->round = arena_new(MAX_ARENA_BYTES);
	l->look = true;
	int code = sd_event_new(&l->events) < 0 ? EX_OSERR : open_loop(l, job);
	if (code == 0)
		code = add_sources(l);
	if (code == 0) {
		desk_send_jobs(l);
		say_parent(l, "ready", 0);
		sd_event_loop(l->events);
		code = l->exit_code;
		if (code == 0 || l->trouble_since_mono != 0)
			desk_clocks_end(l);
	}
	desk_slots_free(l);
	drop_sources(l);
	if (l->control >= 0) {
		close(l->control);
		control_unlink(l->desk.config->state_dir);
	}
	if (l->desk.config != NULL)
		desk_close(&l->desk);
	arena_free(&l->round);
	free(l->clock_suspect);
	sd_event_unref(l->events);
	free(l);
	return code;
}
