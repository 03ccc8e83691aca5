/* Desk parse: mails between their inbox row and their turn. Slots are kept in inbox order and turns
 * run in that order; a mail that kills the parser or its turn is tried again alone, and after
 * MAX_TRIES it is in quarantine and the next goes on. */
#include "base/prelude.h"

#include "app/desk_state.h"

#include "app/turnrun.h"
#include "base/arena.h"
#include "base/ipc.h"
#include "base/log.h"
#include "mail/mailpack.h"

#include <errno.h>
#include <unistd.h>

#define PARSER_WENT_MAX 10
#define PARSED_MAX (16u << 20) /* of one mail, as the parser hands it over */

/* i-th oldest */
static struct slot *slot_at(struct desk_loop *l, size_t i)
{
	return &l->slots[(l->first_slot + i) % DESK_SLOTS];
}

static void slot_close(struct slot *s)
{
	if (s->source != NULL)
		s->source = sd_event_source_disable_unref(s->source);
	if (s->reply_fd >= 0)
		close(s->reply_fd);
	s->reply_fd = -1;
}

static void slot_end(struct slot *s)
{
	slot_close(s);
	if (s->raw_fd >= 0)
		close(s->raw_fd);
	arena_free(&s->arena);
	*s = (struct slot){.raw_fd = -1, .reply_fd = -1};
}

bool desk_slot_add(struct desk_loop *l, const struct inbox_row *row, int raw_fd)
{
	if (l->n_slots == DESK_SLOTS)
		return false;
	struct slot *s = slot_at(l, l->n_slots++);
	*s = (struct slot){.state = raw_fd >= 0 ? SLOT_READY : SLOT_WAITING,
		.inbox = row->id,
		.raw = row->raw,
		.tries = row->tries,
		.alone = raw_fd < 0 && row->tries > 0,
		.imported = row->imported,
		.raw_fd = raw_fd,
		.reply_fd = -1,
		.why = "tries",
		.loop = l};
	snprintf(s->mailbox, sizeof(s->mailbox), "%s", row->mailbox);
	if (row->id > l->last_inbox)
		l->last_inbox = row->id;
	return true;
}

static bool has_slot(struct desk_loop *l, int64_t inbox)
{
	for (size_t i = 0; i < l->n_slots; i++)
		if (slot_at(l, i)->inbox == inbox)
			return true;
	return false;
}

/* An operator wants a mail read once more: it is older than what has had its slot since. */
static void fill_again(struct desk_loop *l)
{
	struct inbox_row *rows;
	size_t n;
	if (!l->desk.read_again || l->n_slots == DESK_SLOTS)
		return;
	enum store_status st =
		store_inbox_pending(l->desk.store, l->round, 0, (int64_t)DESK_SLOTS * 2, &rows, &n);
	if (!desk_good(l, st, "again"))
		return;
	l->desk.read_again = false;
	for (size_t i = 0; i < n && rows[i].id <= l->last_inbox; i++) {
		if (has_slot(l, rows[i].id))
			continue;
		if (l->n_slots < DESK_SLOTS)
			desk_slot_add(l, &rows[i], -1);
		else
			l->desk.read_again = true;
	}
}

static void fill_from_store(struct desk_loop *l)
{
	struct inbox_row *rows;
	size_t n, room;
	fill_again(l);
	room = DESK_SLOTS - l->n_slots;
	if (!l->backlog || room == 0)
		return;
	enum store_status st = store_inbox_pending(
		l->desk.store, l->round, l->last_inbox, (int64_t)room, &rows, &n);
	if (!desk_good(l, st, "pending"))
		return;
	for (size_t i = 0; i < n; i++)
		desk_slot_add(l, &rows[i], -1);
	l->backlog = n == room;
}

/* The desk before this one was killed from outside: the mails it had in hand get their try back. */
void desk_slots_spare(struct desk_loop *l)
{
	struct inbox_row *rows;
	size_t n, tried = 0;
	if (!desk_good(l, store_inbox_pending(l->desk.store, l->round, 0, DESK_SLOTS, &rows, &n),
		    "spare"))
		return;
	int64_t *ids = arena_array(l->round, n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		if (rows[i].tries > 0)
			ids[tried++] = rows[i].id;
	if (tried > 0 && desk_good(l, store_inbox_untry(l->desk.store, ids, tried), "spare"))
		log_info("tries-given-back", "mails=%zu", tried);
}

/* The desk is told to end: what it has in hand did nothing wrong. */
void desk_slots_give_back(struct desk_loop *l)
{
	int64_t ids[DESK_SLOTS];
	size_t n = 0;
	for (size_t i = 0; i < l->n_slots; i++) {
		const struct slot *s = slot_at(l, i);
		if (s->state == SLOT_READY || s->state == SLOT_PARSING || s->state == SLOT_PARSED)
			ids[n++] = s->inbox;
	}
	if (n > 0 && store_inbox_untry(l->desk.store, ids, n) != STORE_OK)
		log_warn("tries-kept", "mails=%zu", n);
}

void desk_slots_free(struct desk_loop *l)
{
	for (size_t i = 0; i < l->n_slots; i++)
		slot_end(slot_at(l, i));
	l->n_slots = 0;
}

/* ---- To the parser and back ---- */

static int raw_fd_of(struct desk_loop *l, struct slot *s)
{
	struct bytes raw;
	struct inbox_row row;
	if (s->raw_fd >= 0)
		return s->raw_fd;
	if (store_inbox_get(l->desk.store, l->round, s->inbox, &row) != STORE_OK ||
		store_raw(l->desk.store, row.raw, &raw) != STORE_OK)
		return -1;
	s->raw_fd = ipc_seal_bytes(raw.p, raw.n);
	free((void *)raw.p);
	return s->raw_fd;
}

static void take_parsed(struct slot *s, int fd)
{
	struct bytes map;
	const char *error = "";
	if (fd < 0 || ipc_map(fd, PARSED_MAX, &map) != 0)
		return;
	s->arena = arena_new(MAX_ARENA_BYTES);
	s->mail = mail_unpack(s->arena, map, &error);
	ipc_unmap(&map);
	if (s->mail != NULL)
		s->state = SLOT_PARSED;
	else
		log_error("parser-nonsense", "inbox=%" PRId64 " why=\"%s\"", s->inbox, error);
}

/* The parser process itself went, not the child that had this mail: no mail is to blame, since that
 * process reads none. A child taken over could look the same (an empty packet), so not for ever. */
static bool parser_went(struct desk_loop *l, struct slot *s)
{
	if (s->went >= PARSER_WENT_MAX ||
		store_inbox_untry(l->desk.store, &s->inbox, 1) != STORE_OK)
		return false;
	s->went++;
	s->tries--;
	s->state = SLOT_WAITING;
	return true;
}

static int on_reply(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct slot *s = userdata;
	struct desk_loop *l = s->loop;
	struct ipc_message m;
	(void)source;
	(void)revents;
	int rc = ipc_recv(fd, &m, 0);
	if (rc > 0)
		return 0;
	bool silent = rc < 0 && errno == ECONNRESET;
	if (rc == 0) {
		int parsed = ipc_take_fd(&m, 0);
		take_parsed(s, parsed);
		if (parsed >= 0)
			close(parsed);
		ipc_message_release(&m);
	}
	if (s->state != SLOT_PARSED && !(silent && parser_went(l, s))) {
		s->state = SLOT_DIED;
		s->why = "parser-died";
	}
	slot_close(s);
	l->parsing--;
	desk_kick(l);
	return 0;
}

static bool to_parser(struct desk_loop *l, struct worker *parser, struct slot *s)
{
	int pair[2];
	int raw = raw_fd_of(l, s);
	if (raw < 0) { /* erased, or the raw file cannot be read: its tries run out */
		s->state = SLOT_DIED;
		s->why = "no-raw";
		return true;
	}
	if (ipc_pair(pair) != 0)
		return false;
	json_t *head = json_pack("{s:s, s:I}", "op", "parse", "job", (json_int_t)s->inbox);
	int fds[2] = {raw, pair[1]};
	int rc = ipc_send(parser->fd, head, fds, 2);
	json_decref(head);
	close(pair[1]);
	if (rc != 0 || sd_event_add_io(l->events, &s->source, pair[0], EPOLLIN, on_reply, s) < 0) {
		close(pair[0]);
		return false;
	}
	s->reply_fd = pair[0];
	s->state = SLOT_PARSING;
	l->parsing++;
	return true;
}

/* Counts a try of every waiting mail, durably, before anything reads it. */
static bool count_tries(struct desk_loop *l)
{
	int64_t ids[DESK_SLOTS], tries[DESK_SLOTS];
	struct slot *of[DESK_SLOTS];
	size_t n = 0;
	for (size_t i = 0; i < l->n_slots; i++) {
		struct slot *s = slot_at(l, i);
		/* One that waits to be alone is tried when its turn has come, not before. */
		if (s->state == SLOT_WAITING && s->tries < MAX_TRIES && (!s->alone || i == 0)) {
			ids[n] = s->inbox;
			of[n++] = s;
		}
	}
	if (n == 0)
		return true;
	if (!desk_good(l, store_inbox_try(l->desk.store, ids, n, tries), "try"))
		return false;
	for (size_t i = 0; i < n; i++) {
		of[i]->tries = tries[i];
		of[i]->state = SLOT_READY;
	}
	return true;
}

/* A mail tried before is read and run with nobody beside it, so that it can hurt itself only. */
static bool may_parse(const struct desk_loop *l, const struct slot *s, size_t place)
{
	return s->state == SLOT_READY && (!s->alone || place == 0) && l->parsing < PARSER_QUEUE;
}

bool desk_parser_runs(struct desk_loop *l)
{
	const struct worker *parser = desk_worker(l, WORKER_PARSER, "parser");
	return parser != NULL && parser->fd >= 0 && !l->stopping;
}

static void dispatch(struct desk_loop *l)
{
	struct worker *parser = desk_worker(l, WORKER_PARSER, "parser");
	if (!desk_parser_runs(l) || l->n_slots == 0)
		return;
	if (!count_tries(l))
		return;
	for (size_t i = 0; i < l->n_slots; i++) {
		struct slot *s = slot_at(l, i);
		if (may_parse(l, s, i) && !to_parser(l, parser, s))
			return;
	}
}

/* ---- Turns ---- */

static void quarantine(struct desk_loop *l, struct slot *s)
{
	log_error("quarantine", "inbox=%" PRId64 " reason=%s", s->inbox, s->why);
	l->desk.alarmed = true;
}

/* The oldest mail failed: again alone, or into quarantine. True if its slot is done with. */
static bool failed(struct desk_loop *l, struct slot *s)
{
	if (s->tries < MAX_TRIES) {
		slot_close(s);
		arena_free(&s->arena);
		s->mail = NULL;
		s->alone = true;
		s->state = SLOT_WAITING;
		desk_kick(l);
		return false;
	}
	if (!desk_good(
		    l, store_quarantine(l->desk.store, s->inbox, s->why, l->now_ms), "quarantine"))
		return false;
	quarantine(l, s);
	return true;
}

static void drop_first(struct desk_loop *l)
{
	slot_end(slot_at(l, 0));
	l->first_slot = (l->first_slot + 1) % DESK_SLOTS;
	l->n_slots--;
}

static enum store_status one_turn(struct desk_loop *l, struct slot *s)
{
	struct turnrun_mail in = {
		.inbox = s->inbox, .mailbox = s->mailbox, .imported = s->imported, .mail = s->mail};
	return turnrun_mail(&l->desk, &in, l->now_ms);
}

static struct slot *first_slot(struct desk_loop *l)
{
	return l->n_slots > 0 ? slot_at(l, 0) : NULL;
}

bool desk_turns_ready(struct desk_loop *l)
{
	const struct slot *s = first_slot(l);
	return s != NULL && s->state == SLOT_PARSED && !s->alone;
}

/* The turns of the oldest parsed mails, each in a savepoint of the round's transaction. One that fails
 * is left to be the first of the next round. */
enum store_status desk_turns(struct desk_loop *l)
{
	enum store_status st = STORE_OK;
	l->n_turned = 0;
	l->turn_failed = false;
	while (l->n_turned < l->n_slots && l->n_turned < MAX_BATCH && st == STORE_OK) {
		struct slot *s = slot_at(l, l->n_turned);
		if (s->state != SLOT_PARSED || s->alone)
			break;
		st = one_turn(l, s);
		if (st == STORE_OK)
			l->n_turned++;
	}
	if (store_status_passes(st))
		return st;
	l->turn_failed = st != STORE_OK && l->n_turned == 0;
	return STORE_OK;
}

/* A mail tried before: nothing but it is lost if its turn is what kills. */
static void turn_alone(struct desk_loop *l, struct slot *s)
{
	if (!desk_good(l, store_begin(l->desk.store), "turn"))
		return;
	enum store_status st = one_turn(l, s);
	if (st == STORE_OK && desk_good(l, store_commit(l->desk.store), "turn")) {
		drop_first(l);
		return;
	}
	store_rollback(l->desk.store);
	if (st != STORE_OK && !store_status_passes(st))
		l->turn_failed = true;
	else
		(void)desk_good(l, st, "turn");
}

static bool is_hopeless(const struct slot *s)
{
	return s->state == SLOT_DIED || (s->state == SLOT_WAITING && s->tries >= MAX_TRIES);
}

void desk_turns_done(struct desk_loop *l)
{
	struct slot *s;
	for (; l->n_turned > 0; l->n_turned--)
		drop_first(l);
	s = first_slot(l);
	if (s != NULL && !l->turn_failed && s->state == SLOT_PARSED && s->alone)
		turn_alone(l, s);
	s = first_slot(l);
	if (s != NULL && l->turn_failed) {
		s->why = "turn-failed";
		if (failed(l, s))
			drop_first(l);
	}
	l->turn_failed = false;
	while ((s = first_slot(l)) != NULL && is_hopeless(s) && failed(l, s))
		drop_first(l);
	s = first_slot(l);
	if (s != NULL && s->state == SLOT_PARSED)
		desk_kick(l);
	fill_from_store(l);
	dispatch(l);
}
