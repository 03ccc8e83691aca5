/* Desk send: claims, the dot gate, and what the senders say. The end of a mail leaves only after "dot
 * pending" is committed: what they say is stored in the round's transaction, and answered after it. */
#include "base/prelude.h"

#include "app/desk_state.h"

#include "app/delivery.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/ipc.h"
#include "base/log.h"
#include "base/text.h"
#include "store/contacts.h"
#include "workers/outcome.h"

#include <unistd.h>

#define LEASE_MS (30 * MS_MINUTE)
#define PARCEL_MAILS 8 /* handed over in one packet */
#define PARCEL_BYTES (1u << 20)
#define WIRE_MAX (MAX_MAIL_BYTES + (MAX_MAIL_BYTES >> 1)) /* base64 and text */

static const int64_t delays[] = {1 * MS_MINUTE, 5 * MS_MINUTE, 15 * MS_MINUTE, 30 * MS_MINUTE,
	1 * MS_HOUR, 2 * MS_HOUR, 4 * MS_HOUR};
static const struct backoff backoff = {
	.delays_ms = delays, .n = ARRAY_LEN(delays), .expire_ms = 5 * MS_DAY};
/* No server has asked to wait, but a mail may be what kills the sender. */
static const int64_t delays_ended[] = {
	1 * MS_SECOND, 10 * MS_SECOND, 1 * MS_MINUTE, 15 * MS_MINUTE, 1 * MS_HOUR, 4 * MS_HOUR};
static const struct backoff backoff_ended = {
	.delays_ms = delays_ended, .n = ARRAY_LEN(delays_ended), .expire_ms = 5 * MS_DAY};

/* ---- In flight ---- */

static struct in_flight *find(struct desk_loop *l, const struct worker *w, int64_t id)
{
	for (size_t i = 0; i < l->n_in_flight; i++)
		if (l->in_flight[i].id == id && l->in_flight[i].sender == w)
			return &l->in_flight[i];
	return NULL;
}

static void landed(struct desk_loop *l, struct in_flight *f)
{
	if (f->sender->in_flight > 0)
		f->sender->in_flight--;
	if (f->sender->landing > 0)
		f->sender->landing--;
	*f = l->in_flight[--l->n_in_flight];
}

static void note(struct desk_loop *l, const struct said *s)
{
	if (l->n_said < ARRAY_LEN(l->said))
		l->said[l->n_said++] = *s;
}

static bool outcome_from(const char *id, enum send_outcome *out)
{
	static const enum send_outcome outcomes[DELIVERY_N] = {
		[DELIVERY_ACCEPTED] = SEND_ACCEPTED,
		[DELIVERY_DEFERRED] = SEND_DEFERRED,
		[DELIVERY_FAILED] = SEND_FAILED,
		[DELIVERY_UNKNOWN] = SEND_UNKNOWN,
	};
	enum delivery d;
	if (!delivery_from_id(id, &d))
		return false;
	*out = outcomes[d];
	return true;
}

static void hear(struct desk_loop *l, struct worker *w, const json_t *one)
{
	const char *op = json_str(one, "op", "");
	struct said s = {.sender = w, .id = json_int(one, "id", 0)};
	if (strcmp(op, "status") == 0) {
		bool down = strcmp(json_str(one, "state", ""), "down") == 0;
		if (down && w->down_since_mono == 0)
			w->down_since_mono = clock_mono_ms();
		if (!down)
			w->down_since_mono = 0;
		w->well = !down;
		return;
	}
	if (find(l, w, s.id) == NULL)
		return; /* not a mail we gave it */
	s.is_dot = strcmp(op, "dot") == 0;
	if (!s.is_dot && (strcmp(op, "done") != 0 ||
				 !outcome_from(json_str(one, "outcome", ""), &s.outcome))) {
		log_error("sender-nonsense", "sink=%s", w->name);
		return;
	}
	s.code = json_int(one, "code", 0);
	const char *text = json_str(one, "text", "");
	snprintf(s.text, sizeof(s.text), "%s", utf8_shorten(l->round, text, sizeof(s.text) - 4));
	note(l, &s);
}

void desk_sender_message(struct desk_loop *l, struct worker *w, json_t *head)
{
	const json_t *said = json_object_get(head, "said");
	size_t i;
	const json_t *one;
	if (strcmp(json_str(head, "op", ""), "said") != 0 || json_array_size(said) > SENDER_SAID) {
		log_error("sender-nonsense", "sink=%s", w->name);
		return;
	}
	json_array_foreach((json_t *)said, i, one) hear(l, w, one);
}

/* One that ends with mail to send is a sink that is down, until a sender says that it is well. One with
 * nothing to do harms nobody, nor would the next one say anything before there is mail. */
static void note_down(struct desk_loop *l, struct worker *w)
{
	int64_t at_ms = INT64_MAX;
	bool waits = store_outbox_next(l->desk.store, w->name, &at_ms) == STORE_OK &&
		     at_ms <= desk_now(&l->desk);
	if (w->retiring || l->stopping || (w->in_flight == 0 && !waits))
		return;
	if (w->down_since_mono == 0)
		w->down_since_mono = clock_mono_ms();
	w->well = false;
}

/* The sender ended: what had "go" may have been accepted, the rest was not sent. */
void desk_sender_gone(struct desk_loop *l, struct worker *w)
{
	note_down(l, w);
	for (size_t i = 0; i < l->n_said;) { /* its dots can no longer be answered */
		if (l->said[i].sender == w && l->said[i].is_dot)
			l->said[i] = l->said[--l->n_said];
		else
			i++;
	}
	for (size_t i = 0; i < l->n_in_flight; i++) {
		const struct in_flight *f = &l->in_flight[i];
		bool told = false;
		for (size_t j = 0; j < l->n_said; j++)
			told |= l->said[j].id == f->id;
		if (f->sender != w || told)
			continue;
		struct said s = {.sender = w,
			.id = f->id,
			.sender_ended = true,
			.outcome = f->went ? SEND_UNKNOWN : SEND_DEFERRED};
		snprintf(s.text, sizeof(s.text), "sender ended");
		note(l, &s);
	}
	w->in_flight = 0;
}

/* ---- What was said ---- */

static void alarm_delivery(struct desk_loop *l)
{
	desk_alarm(l, "delivery",
		"mail could not be delivered and will not be tried again: "
		"lotsctl outbox list --state failed");
}

/* A mail failed for good: its address is watched, and the operator is told, unless the mail was itself
 * an alarm (telling of that would never end; it stands in `lotsctl status`). */
static enum store_status learn_failure(struct desk_loop *l, int64_t id, const char *code)
{
	struct outbox_row row;
	struct contact_health health;
	enum store_status st = store_outbox_get(l->desk.store, l->round, id, &row);
	if (st != STORE_OK)
		return st;
	st = store_contact_health(l->desk.store, l->round, row.contact, &health);
	if (st != STORE_OK)
		return st;
	st = store_contact_failed(l->desk.store, row.contact, code,
		health.failures + 1 >= FAILURES_UNTIL_SUSPENDED, l->now_ms);
	if (st == STORE_OK && row.class != MAILING_ALARM)
		alarm_delivery(l);
	/* Its requester waits for an answer that will not come: whoever has the case must know. */
	if (st == STORE_OK && row.case_id != 0 && row.agent == 0 &&
		(row.class == MAILING_ANSWER || row.class == MAILING_RECEIPT))
		st = delivery_tell_failed(l->desk.store, row.case_id, l->now_ms);
	return st;
}

static enum store_status finish(struct desk_loop *l, const struct said *s)
{
	char code[16];
	enum outbox_state state;
	snprintf(code, sizeof(code), "%" PRId64, s->code);
	enum store_status st =
		store_outbox_finish(l->desk.store, s->id, s->outcome, s->code ? code : "", s->text,
			s->sender_ended ? &backoff_ended : &backoff, l->now_ms, &state);
	if (st == STORE_NONE)
		return STORE_OK; /* cancelled meanwhile */
	if (st != STORE_OK)
		return st;
	log_info("delivery", "outbox=%" PRId64 " sink=%s status=%s code=%" PRId64, s->id,
		s->sender->name, outbox_state_id(state), s->code);
	return state == OUTBOX_FAILED ? learn_failure(l, s->id, code) : STORE_OK;
}

/* Dots are refused together, when one of them is of a mail that is not being sent: nothing of that is
 * ours to say. The outcomes stand. */
enum store_status desk_said_store(struct desk_loop *l)
{
	int64_t dots[ARRAY_LEN(l->said)];
	size_t n = 0;
	enum store_status st = STORE_OK;
	for (size_t i = 0; i < l->n_said; i++)
		if (l->said[i].is_dot)
			dots[n++] = l->said[i].id;
	if (n > 0)
		st = store_outbox_dot(l->desk.store, dots, n);
	l->dots_refused = st == STORE_NONE;
	if (l->dots_refused)
		st = STORE_OK;
	for (size_t i = 0; i < l->n_workers; i++)
		l->workers[i].landing = 0;
	for (size_t i = 0; i < l->n_said && st == STORE_OK; i++) {
		const struct said *s = &l->said[i];
		if (s->is_dot)
			continue;
		s->sender->landing += find(l, s->sender, s->id) != NULL;
		st = finish(l, s);
	}
	return st;
}

/* One packet to each sender: its answers leave it with one look at its connections. */
static void answer_dots(struct desk_loop *l, struct worker *w, const char *word)
{
	json_t *ids = json_array();
	for (size_t i = 0; i < l->n_said; i++) {
		struct in_flight *f = find(l, w, l->said[i].id);
		if (l->said[i].sender != w || !l->said[i].is_dot || f == NULL)
			continue;
		f->went = strcmp(word, "go") == 0;
		json_array_append_new(ids, json_integer(f->id));
	}
	json_t *head = json_pack("{s:s, s:O}", "op", word, "ids", ids);
	if (json_array_size(ids) > 0)
		desk_tell(w, head, NULL, 0);
	json_decref(head);
	json_decref(ids);
}

void desk_said_done(struct desk_loop *l)
{
	if (l->dots_refused)
		log_error("dot-refused", "n=%zu", l->n_said);
	for (size_t i = 0; i < l->n_workers; i++)
		if (l->workers[i].role == WORKER_SENDER && l->workers[i].fd >= 0)
			answer_dots(l, &l->workers[i], l->dots_refused ? "drop" : "go");
	for (size_t i = 0; i < l->n_said; i++) {
		struct in_flight *f = find(l, l->said[i].sender, l->said[i].id);
		if (!l->said[i].is_dot && f != NULL)
			landed(l, f);
	}
	l->n_said = 0;
}

/* ---- Claims ---- */

static size_t window_room(const struct worker *w)
{
	size_t held = w->in_flight - (w->landing < w->in_flight ? w->landing : w->in_flight);
	return held < SENDER_WINDOW ? SENDER_WINDOW - held : 0;
}

static size_t allowance(struct desk_loop *l, struct worker *w, const struct sink *sink)
{
	size_t room = window_room(w);
	size_t table = ARRAY_LEN(l->in_flight) - l->n_in_flight - l->n_claimed;
	if (room > table)
		room = table;
	if (sink->rate_per_second <= 0)
		return room;
	int64_t mono = clock_mono_ms();
	double burst = sink->burst > 0 ? sink->burst : 1;
	if (w->refilled_mono == 0)
		w->tokens = burst;
	else
		w->tokens += (double)(mono - w->refilled_mono) * sink->rate_per_second / 1000.0;
	if (w->tokens > burst)
		w->tokens = burst;
	w->refilled_mono = mono;
	return w->tokens < (double)room ? (size_t)w->tokens : room;
}

/* Freezes the wire bytes at the first claim. -1: cannot be composed, the row is failed. */
static int freeze(struct desk_loop *l, struct outbox_row *row)
{
	const char *error = "";
	bool passes = false;
	struct buf wire;
	if (row->wire.p != NULL)
		return 0;
	buf_init(&wire, WIRE_MAX);
	int rc = delivery_compose(&l->desk, l->round, row, &wire, &error);
	if (rc == 0) {
		unsigned char *copy = arena_alloc(l->round, wire.len);
		memcpy(copy, wire.data, wire.len);
		row->wire = (struct bytes){copy, wire.len};
		enum store_status st = store_outbox_freeze(l->desk.store, row->id, row->wire);
		error = "too large to be stored";
		rc = st == STORE_OK ? 0 : -1;
		passes = store_status_passes(st); /* a full disk: the commit fails, too */
	}
	buf_release(&wire);
	if (rc != 0 && !passes) {
		enum outbox_state state;
		log_error("compose-failed", "outbox=%" PRId64 " why=\"%s\"", row->id, error);
		if (store_outbox_finish(l->desk.store, row->id, SEND_FAILED, "", error, &backoff,
			    l->now_ms, &state) != STORE_OK)
			log_error("compose-not-noted", "outbox=%" PRId64, row->id);
		if (row->class != MAILING_ALARM)
			alarm_delivery(l);
	}
	return rc;
}

static json_t *told_of(const struct outbox_row *row)
{
	const char *from = delivery_return_path(row);
	return json_pack("{s:I, s:s, s:s, s:s, s:b, s:b, s:I}", "id", (json_int_t)row->id, "from",
		from, "to", row->address, "message_id", row->message_id, "dsn", *from != '\0',
		"retry", row->tries > 1, "size", (json_int_t)row->wire.n);
}

/* Mails claimed for one sender, one packet: their wire bytes go into one memfd. At most PARCEL_MAILS. */
static bool hand_over(struct worker *w, const struct claimed *c, size_t n)
{
	struct bytes wires[PARCEL_MAILS];
	json_t *mails = json_array();
	for (size_t i = 0; i < n; i++) {
		wires[i] = c[i].row->wire;
		json_array_append_new(mails, told_of(c[i].row));
	}
	int fd = ipc_seal_parts(wires, n);
	json_t *head = json_pack("{s:s, s:o}", "op", "send", "mails", mails);
	bool told = fd >= 0 && desk_tell(w, head, &fd, 1);
	json_decref(head);
	if (fd >= 0)
		close(fd);
	return told;
}

/* The first of them that go to one sender and into one packet. */
static size_t parcel_of(const struct claimed *c, size_t n)
{
	size_t i = 0, bytes = 0;
	while (i < n && i < PARCEL_MAILS && c[i].sender == c[0].sender &&
		(i == 0 || bytes + c[i].row->wire.n <= PARCEL_BYTES))
		bytes += c[i++].row->wire.n;
	return i;
}

static enum store_status claim_for(struct desk_loop *l, struct worker *w, const struct sink *sink)
{
	struct outbox_row *rows;
	size_t n = 0, most = allowance(l, w, sink);
	if (most == 0)
		return STORE_OK;
	enum store_status st = store_outbox_claim(l->desk.store, l->round, sink->name, l->now_ms,
		l->now_ms + LEASE_MS, (int64_t)most, &rows, &n);
	for (size_t i = 0; i < n && st == STORE_OK; i++)
		if (freeze(l, &rows[i]) == 0)
			l->claimed[l->n_claimed++] = (struct claimed){w, &rows[i]};
	return st;
}

static bool has_room(const struct worker *w)
{
	return w != NULL && w->fd >= 0 && !w->retiring && window_room(w) > 0;
}

bool desk_claim_ready(struct desk_loop *l)
{
	if (l->stopping || l->outbox_next_ms > l->now_ms)
		return false;
	for (size_t i = 0; i < l->desk.config->n_sinks; i++)
		if (has_room(desk_worker(l, WORKER_SENDER, l->desk.config->sinks[i].name)))
			return true;
	return false;
}

enum store_status desk_claim(struct desk_loop *l)
{
	enum store_status st = STORE_OK;
	l->n_claimed = 0;
	for (size_t i = 0; i < l->desk.config->n_sinks && st == STORE_OK && !l->stopping; i++) {
		const struct sink *sink = &l->desk.config->sinks[i];
		struct worker *w = desk_worker(l, WORKER_SENDER, sink->name);
		if (has_room(w))
			st = claim_for(l, w, sink);
	}
	return st;
}

void desk_claim_done(struct desk_loop *l)
{
	size_t n;
	for (size_t i = 0; i < l->n_claimed; i += n) {
		struct worker *w = l->claimed[i].sender;
		n = parcel_of(&l->claimed[i], l->n_claimed - i);
		for (size_t j = i; j < i + n; j++)
			l->in_flight[l->n_in_flight++] =
				(struct in_flight){.id = l->claimed[j].row->id, .sender = w};
		w->in_flight += n;
		w->tokens -= (double)n;
		bool told = hand_over(w, &l->claimed[i], n);
		for (size_t j = i; j < i + n && !told; j++) {
			struct said s = {
				.sender = w, .id = l->claimed[j].row->id, .outcome = SEND_DEFERRED};
			snprintf(s.text, sizeof(s.text), "sender does not listen");
			note(l, &s);
		}
	}
	if (l->n_claimed > 0)
		desk_kick(l);
	l->n_claimed = 0;
}
