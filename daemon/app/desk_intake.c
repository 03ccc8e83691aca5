/* Desk intake: what readers hand over. Raw bytes and their inbox rows are stored in the round's
 * transaction, and only after its commit does the reader hear "ack" and touch the mail on its server. */
#include "base/prelude.h"

#include "app/desk_state.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/ipc.h"
#include "base/log.h"
#include "base/text.h"

#include <unistd.h>

#define ACK_BYTES (10u << 10) /* of keys in one packet: below MAX_IPC_HEADER with room for JSON */
#define KEY_BYTES 512
#define DELETES_A_ROUND 500
#define DELETE_EVERY_MS (MS_HOUR)
#define KEYS_TOLD 5000 /* acks repeated after a start, at most: the rest at the next */

/* ---- Saying keys ---- */

struct key_packet {
	struct worker *w;
	const char *op;
	json_t *keys;
	size_t bytes;
};

static void packet_flush(struct key_packet *p, bool even_empty)
{
	if (p->w->fd >= 0 && (even_empty || json_array_size(p->keys) > 0)) {
		json_t *head = json_pack("{s:s, s:O}", "op", p->op, "keys", p->keys);
		desk_tell(p->w, head, NULL, 0);
		json_decref(head);
	}
	json_array_clear(p->keys);
	p->bytes = 0;
}

static void packet_add(struct key_packet *p, const char *key)
{
	if (json_array_size(p->keys) == READER_KEYS || p->bytes + strlen(key) > ACK_BYTES)
		packet_flush(p, false);
	json_array_append_new(p->keys, json_string(key));
	p->bytes += strlen(key) + 4;
}

static struct key_packet packet(struct worker *w, const char *op)
{
	return (struct key_packet){.w = w, .op = op, .keys = json_array()};
}

static void packet_end(struct key_packet *p)
{
	packet_flush(p, false);
	json_decref(p->keys);
}

/* ---- Hello ---- */

static int64_t known_uid(struct desk_loop *l, const struct worker *w)
{
	struct store_key *keys;
	size_t n;
	char prefix[80];
	int64_t uid = 0;
	if (w->validity[0] == '\0')
		return 0;
	snprintf(prefix, sizeof(prefix), "%s/", w->validity);
	enum store_status st = store_items(l->desk.store, l->round, w->name,
		ITEM_SEEN | ITEM_ACKED | ITEM_FLAGGED | ITEM_OLD, prefix, true, 1, &keys, &n);
	if (st == STORE_OK && n == 1 &&
		!text_to_i64(keys[0].key + strlen(prefix), 0, INT64_MAX, &uid))
		uid = 0;
	return uid;
}

/* What was committed but never confirmed as flagged is said once more. */
static void repeat_acks(struct desk_loop *l, struct worker *w)
{
	struct store_key *keys;
	size_t n;
	if (store_items(l->desk.store, l->round, w->name, ITEM_SEEN | ITEM_ACKED, "", false,
		    KEYS_TOLD, &keys, &n) != STORE_OK)
		return;
	struct key_packet p = packet(w, "ack");
	for (size_t i = 0; i < n; i++)
		packet_add(&p, keys[i].key);
	packet_end(&p);
}

static void hello(struct desk_loop *l, struct worker *w, const json_t *head)
{
	int64_t now = desk_now(&l->desk);
	struct store_mailbox box;
	const char *validity = json_str(head, "validity", "");
	if (strlen(validity) >= sizeof(w->validity))
		return;
	enum store_status st = store_mailbox_get(l->desk.store, l->round, w->name, &box);
	if (st != STORE_NONE && !desk_good(l, st, "hello"))
		return;
	bool first = st == STORE_NONE || box.first_contact_ms == 0;
	if (!first && strcmp(box.validity, validity) != 0)
		log_warn("validity-changed", "mailbox=%s", w->name);
	if (!desk_good(l, store_mailbox_hello(l->desk.store, w->name, validity, now), "hello"))
		return;
	snprintf(w->validity, sizeof(w->validity), "%s", validity);
	repeat_acks(l, w); /* known before it starts: --once ends when all is read */
	json_t *start = json_pack("{s:s, s:I, s:b, s:I}", "op", "start", "after",
		(json_int_t)known_uid(l, w), "first", first, "since_ms",
		(json_int_t)(first ? now : box.first_contact_ms));
	desk_tell(w, start, NULL, 0);
	json_decref(start);
}

static void begun(struct desk_loop *l, struct worker *w, const json_t *head)
{
	char key[KEY_BYTES];
	snprintf(key, sizeof(key), "%s/%" PRId64, w->validity, json_int(head, "after", 0));
	enum store_status st = store_item_old(l->desk.store, w->name, key, desk_now(&l->desk));
	if (st != STORE_EXISTS)
		(void)desk_good(l, st, "begun");
}

static void have(struct desk_loop *l, struct worker *w, const json_t *head)
{
	size_t i;
	json_t *key;
	struct key_packet p = packet(w, "want");
	json_array_foreach(json_object_get(head, "keys"), i, key)
	{
		enum item_state state;
		if (json_is_string(key) && store_item_state(l->desk.store, w->name,
						   json_string_value(key), &state) == STORE_NONE)
			packet_add(&p, json_string_value(key));
	}
	packet_flush(&p, true);
	json_decref(p.keys);
}

/* ---- Arrivals ---- */

bool desk_intake_full(const struct desk_loop *l)
{
	return l->n_arrivals == ARRAY_LEN(l->arrivals) ||
	       (!l->backlog && l->n_arrivals + l->n_slots >= DESK_SLOTS);
}

static void arrival_end(struct arrival *a, bool keep_fd)
{
	if (a->map.p != NULL)
		ipc_unmap(&a->map);
	if (a->fd >= 0 && !keep_fd)
		close(a->fd);
	free(a->key);
	*a = (struct arrival){.fd = -1};
}

static void arrive(struct desk_loop *l, struct worker *w, const json_t *head, int fd, bool oversize)
{
	const char *key = json_str(head, "key", "");
	struct arrival a = {.reader = w,
		.fd = fd,
		.size = json_int(head, "size", 0),
		.internal_ms = json_int(head, "internal_ms", 0),
		.imported = json_flag(head, "old", false),
		.oversize = oversize};
	bool ok = *key != '\0' && strlen(key) < KEY_BYTES && a.size >= 0;
	if (ok && !oversize)
		ok = fd >= 0 && ipc_map(fd, MAX_MAIL_BYTES, &a.map) == 0;
	if (!ok) {
		log_error("reader-nonsense", "mailbox=%s", w->name);
		if (fd >= 0)
			close(fd);
		return;
	}
	a.key = strdup(key);
	if (a.key == NULL)
		abort();
	l->arrivals[l->n_arrivals++] = a;
}

void desk_intake_drop(struct desk_loop *l, const struct worker *w)
{
	size_t kept = 0;
	for (size_t i = 0; i < l->n_arrivals; i++) {
		if (l->arrivals[i].reader == w)
			arrival_end(&l->arrivals[i], false);
		else
			l->arrivals[kept++] = l->arrivals[i];
	}
	l->n_arrivals = kept;
}

void desk_intake_drop_all(struct desk_loop *l)
{
	for (size_t i = 0; i < l->n_arrivals; i++)
		arrival_end(&l->arrivals[i], false);
	l->n_arrivals = 0;
}

static void acknowledge(struct desk_loop *l)
{
	for (size_t i = 0; i < l->n_workers; i++) {
		struct worker *w = &l->workers[i];
		if (w->role != WORKER_READER || w->fd < 0)
			continue;
		struct key_packet p = packet(w, "ack");
		for (size_t j = 0; j < l->n_arrivals; j++)
			if (l->arrivals[j].reader == w && !l->arrivals[j].oversize)
				packet_add(&p, l->arrivals[j].key);
		packet_end(&p);
	}
}

/* What was left on the server is to be read there: the key names the mailbox. */
static void left_on_server(
	struct desk_loop *l, const struct worker *w, const char *sort, const char *text)
{
	desk_alarm(l, arena_printf(l->round, "%s:%s", sort, w->name), text);
}

static void take_in(struct desk_loop *l, struct arrival *a, const struct intake *in)
{
	if (in->oversize && !in->known)
		left_on_server(l, a->reader, "oversize",
			"a mail over the size limit was left on the server");
	bool kept = false;
	if (!in->known && !in->oversize) {
		struct inbox_row row = {.id = in->inbox,
			.mailbox = a->reader->name,
			.imported = a->imported,
			.tries = in->tried};
		kept = in->tried && desk_slot_add(l, &row, a->fd);
		if (!kept)
			l->backlog = true;
	}
	arrival_end(a, kept);
}

/* What finds a slot goes to the parser as soon as it is committed: its first try is counted here, so
 * that counting needs no commit of its own. */
enum store_status desk_intake_store(struct desk_loop *l)
{
	l->taking_in = desk_intake_ready(l);
	if (!l->taking_in)
		return STORE_OK;
	size_t room = l->backlog || !desk_parser_runs(l) ? 0 : DESK_SLOTS - l->n_slots;
	for (size_t i = 0; i < l->n_arrivals; i++) {
		const struct arrival *a = &l->arrivals[i];
		l->batch[i] = (struct intake){.mailbox = a->reader->name,
			.key = a->key,
			.raw = a->map,
			.size = a->size,
			.internal_ms = a->internal_ms,
			.imported = a->imported,
			.oversize = a->oversize,
			.tried = i < room};
	}
	return store_intake(l->desk.store, l->batch, l->n_arrivals, l->now_ms);
}

void desk_intake_undo(struct desk_loop *l)
{
	if (l->taking_in)
		store_intake_undo(l->desk.store, l->batch, l->n_arrivals);
}

bool desk_intake_ready(const struct desk_loop *l)
{
	return l->n_arrivals > 0 && clock_mono_ms() >= l->intake_until_mono;
}

void desk_intake_pause(struct desk_loop *l, enum store_status st)
{
	log_error("intake-pause", "mails=%zu status=%s", l->n_arrivals, store_status_id(st));
	l->intake_until_mono = clock_mono_ms() + TROUBLE_PAUSE_MS;
	desk_trouble(l);
	desk_kick(l);
}

void desk_intake_done(struct desk_loop *l)
{
	if (!l->taking_in)
		return;
	log_info("intake", "mails=%zu", l->n_arrivals);
	acknowledge(l);
	for (size_t i = 0; i < l->n_arrivals; i++)
		take_in(l, &l->arrivals[i], &l->batch[i]);
	l->n_arrivals = 0;
}

/* ---- The rest ---- */

static void now_in_state(
	struct desk_loop *l, struct worker *w, const json_t *head, enum item_state state)
{
	size_t i;
	json_t *key;
	if (!desk_good(l, store_begin(l->desk.store), "flagged"))
		return;
	enum store_status st = STORE_OK;
	json_array_foreach(json_object_get(head, "keys"), i, key)
	{
		if (!json_is_string(key))
			continue;
		st = store_item_set(l->desk.store, w->name, json_string_value(key), state);
		if (st != STORE_OK && st != STORE_NONE)
			break;
		st = STORE_OK;
	}
	if (st == STORE_OK)
		st = store_commit(l->desk.store);
	else
		store_rollback(l->desk.store);
	(void)desk_good(l, st, "flagged");
}

void desk_source_down(struct worker *w)
{
	if (w->down_since_mono == 0)
		w->down_since_mono = clock_mono_ms();
	if (w->swept)
		w->unread_since_mono = w->down_since_mono;
	w->swept = w->well = false;
}

/* Back after an outage: what came meanwhile is still to be read, however long it was away. */
static void source_up(struct worker *w)
{
	if (!w->swept && w->down_since_mono != 0 && w->unread_since_mono != 0)
		w->unread_since_mono = clock_mono_ms();
	w->down_since_mono = 0;
	w->well = true;
}

static void status(struct desk_loop *l, struct worker *w, const json_t *head)
{
	bool down = strcmp(json_str(head, "state", ""), "down") == 0;
	const char *reason = json_str(head, "reason", "");
	if (down)
		desk_source_down(w);
	else
		source_up(w);
	if (down)
		log_warn("source-down", "mailbox=%s reason=\"%s\"", w->name, reason);
	else
		log_info("source-well", "mailbox=%s", w->name);
	l->alarms_at_mono = 0; /* looked at now: --once does not wait for the next round */
}

static void swept(struct desk_loop *l, struct worker *w)
{
	w->swept = true;
	if (store_mailbox_swept(l->desk.store, w->name, desk_now(&l->desk)) != STORE_OK)
		log_warn("swept-not-noted", "mailbox=%s", w->name);
}

/* Mail that has been kept its days on the server (`after: delete:DAYS`) is deleted there now. */
static void delete_old(struct desk_loop *l, struct worker *w, int64_t days)
{
	const char **keys;
	size_t n;
	enum store_status st = store_items_to_delete(l->desk.store, l->round, w->name,
		l->now_ms - days * MS_DAY, &w->deleted_up_to, DELETES_A_ROUND, &keys, &n);
	if (!desk_good(l, st, "delete"))
		return;
	struct key_packet p = packet(w, "delete");
	for (size_t i = 0; i < n; i++)
		packet_add(&p, keys[i]);
	packet_end(&p);
	if (n < DELETES_A_ROUND) { /* from the beginning next time: some may not have been done */
		w->deleted_up_to = 0;
	} else {
		w->deletes_at_mono = 0;
	}
}

void desk_delete_old(struct desk_loop *l)
{
	int64_t mono = clock_mono_ms();
	for (size_t i = 0; i < l->n_workers; i++) {
		struct worker *w = &l->workers[i];
		const struct mailbox *box = config_mailbox(l->desk.config, w->name);
		if (w->role != WORKER_READER || w->fd < 0 || box == NULL || !w->swept ||
			mono < w->deletes_at_mono)
			continue;
		w->deletes_at_mono = mono + DELETE_EVERY_MS;
		json_t *source = json_read(box->source, strlen(box->source));
		int64_t days = json_int(source, "delete_days", 0);
		json_decref(source);
		if (days > 0)
			delete_old(l, w, days);
	}
}

void desk_reader_message(struct desk_loop *l, struct worker *w, json_t *head, int fd)
{
	const char *op = json_str(head, "op", "");
	bool is_item = strcmp(op, "item") == 0;
	if (!is_item && fd >= 0)
		close(fd);
	if (is_item)
		arrive(l, w, head, fd, false);
	else if (strcmp(op, "oversize") == 0)
		arrive(l, w, head, -1, true);
	else if (strcmp(op, "hello") == 0)
		hello(l, w, head);
	else if (strcmp(op, "begun") == 0)
		begun(l, w, head);
	else if (strcmp(op, "have") == 0)
		have(l, w, head);
	else if (strcmp(op, "flagged") == 0)
		now_in_state(l, w, head, ITEM_FLAGGED);
	else if (strcmp(op, "deleted") == 0)
		now_in_state(l, w, head, ITEM_DELETED);
	else if (strcmp(op, "unreadable") == 0)
		left_on_server(l, w, "unreadable",
			"a mail could not be fetched; it is left on the server");
	else if (strcmp(op, "status") == 0)
		status(l, w, head);
	else if (strcmp(op, "swept") == 0)
		swept(l, w);
	else
		log_error("reader-nonsense", "mailbox=%s", w->name);
}
