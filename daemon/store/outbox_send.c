/* Outbox, sending: claim, freeze, dot, end. Called by app's delivery. The bytes are frozen at the
 * first claim and the dot goes out only after it is committed that it may, so that a mail can be
 * doubled only between the dot and the server's answer. */
#include "base/prelude.h"

#include "store/outbox_private.h"

/* ---- Claiming ---- */

/* Asked first: an UPDATE of nothing costs ten times that, and there is mostly nothing. */
static enum store_status wake(struct store *s, int64_t now_ms)
{
#define DUE " WHERE (state = 'deferred' OR state = 'unknown') AND next_try_ms <= $now_ms"
	static const char ANY[] = "SELECT id FROM outbox" DUE " LIMIT 1";
	static const char WAKE[] = "UPDATE outbox SET state = 'queued', not_before_ms = 0" DUE;
	int64_t id;
	struct query *q = query(s, ANY);

	bind_i64(q, "now_ms", now_ms);
	enum store_status st = query_one_i64(q, "id", &id);
	if (st != STORE_OK)
		return st == STORE_NONE ? STORE_OK : st;
	q = query(s, WAKE);
	bind_i64(q, "now_ms", now_ms);
	return query_run(q);
}

static enum store_status pick(struct store *s, struct arena *arena, const char *sink,
	int64_t now_ms, int64_t limit, struct outbox_row **out, size_t *n)
{
	static const char SQL[] = OUTBOX_ROW
		" WHERE o.state = 'queued' AND o.not_before_ms <= $now_ms"
		" AND (o.sink = '' OR o.sink = $sink) ORDER BY o.priority, o.id LIMIT $limit";
	struct outbox_row *rows = NULL;
	size_t count = 0;
	struct query *q = query(s, SQL);

	bind_i64(q, "now_ms", now_ms);
	bind_text(q, "sink", sink);
	bind_i64(q, "limit", limit);
	while (query_row(q)) {
		rows = grow(arena, rows, count, sizeof(*rows));
		read_outbox(q, arena, &rows[count++]);
	}
	*out = rows;
	*n = count;
	return query_end(q);
}

static enum store_status lease(struct store *s, struct outbox_row *r, const char *sink,
	int64_t now_ms, int64_t lease_until_ms)
{
	static const char SQL[] =
		"UPDATE outbox SET state = 'sending', sink = $sink, tries = tries + 1,"
		" lease_until_ms = $lease_until_ms, changed_ms = $changed_ms WHERE id = $id";
	struct query *q = query(s, SQL);

	bind_text(q, "sink", sink);
	bind_i64(q, "lease_until_ms", lease_until_ms);
	bind_i64(q, "changed_ms", now_ms);
	bind_i64(q, "id", r->id);
	r->state = OUTBOX_SENDING;
	r->sink = sink;
	r->tries++;
	r->lease_until_ms = lease_until_ms;
	return query_run(q);
}

static enum store_status claim(struct store *s, struct arena *arena, const char *sink,
	int64_t now_ms, int64_t lease_until_ms, int64_t limit, struct outbox_row **out, size_t *n)
{
	TRY(wake(s, now_ms));
	TRY(pick(s, arena, sink, now_ms, limit, out, n));
	for (size_t i = 0; i < *n; i++) {
		TRY(lease(s, &(*out)[i], sink, now_ms, lease_until_ms));
		TRY(load_body(s, arena, &(*out)[i], (*out)[i].tries > 1));
	}
	return STORE_OK;
}

enum store_status store_outbox_claim(struct store *s, struct arena *arena, const char *sink,
	int64_t now_ms, int64_t lease_until_ms, int64_t limit, struct outbox_row **out, size_t *n)
{
	struct own_tx tx;

	*out = NULL;
	*n = 0;
	TRY(own_begin(s, &tx));
	return own_end(s, &tx, claim(s, arena, sink, now_ms, lease_until_ms, limit, out, n));
}

enum store_status store_outbox_freeze(struct store *s, int64_t id, struct bytes wire)
{
	static const char SQL[] = "INSERT INTO outbox_wire(outbox, bytes) VALUES ($outbox, $bytes)";
	struct query *q = query(s, SQL);

	bind_i64(q, "outbox", id);
	bind_blob(q, "bytes", wire.p, wire.n);
	return query_run(q);
}

static enum store_status step(struct store *s, const char *sql, int64_t id)
{
	struct query *q = query(s, sql);

	bind_i64(q, "id", id);
	return query_run_some(q, NULL);
}

/* All or none: those before one that was not sending go back. */
static enum store_status set_dots(struct store *s, const int64_t *ids, size_t n)
{
	static const char DOT[] =
		"UPDATE outbox SET state = 'dot' WHERE id = $id AND state = 'sending'";
	static const char BACK[] =
		"UPDATE outbox SET state = 'sending' WHERE id = $id AND state = 'dot'";
	enum store_status st = STORE_OK;
	size_t done = 0;

	while (done < n && (st = step(s, DOT, ids[done])) == STORE_OK)
		done++;
	while (st == STORE_NONE && done > 0)
		TRY(step(s, BACK, ids[--done]));
	return st;
}

enum store_status store_outbox_dot(struct store *s, const int64_t *ids, size_t n)
{
	struct own_tx tx;

	TRY(own_begin(s, &tx));
	return own_end(s, &tx, set_dots(s, ids, n));
}

/* ---- The end of an attempt ---- */

struct attempt {
	int64_t created_ms, tries;
	bool open; /* sending or dot */
};

static enum store_status not_sent(struct store *s, int64_t id)
{
	return db_fail(s, STORE_NONE, "mail %" PRId64 " is not being sent", id);
}

static enum store_status read_attempt(struct store *s, int64_t id, struct attempt *a)
{
	static const char SQL[] = "SELECT created_ms, tries, state FROM outbox WHERE id = $id";
	struct query *q = query(s, SQL);

	*a = (struct attempt){0};
	bind_i64(q, "id", id);
	if (query_row(q)) {
		a->created_ms = col_i64(q, "created_ms");
		a->tries = col_i64(q, "tries");
		const char *state = col_peek(q, "state");
		a->open = strcmp(state, "sending") == 0 || strcmp(state, "dot") == 0;
	}
	TRY(query_end(q));
	return a->open ? STORE_OK : not_sent(s, id);
}

static int64_t delay(const struct backoff *b, int64_t tries)
{
	if (!b || !b->n)
		return 0;
	size_t i = tries > 0 ? (size_t)tries - 1 : 0;
	return b->delays_ms[i < b->n ? i : b->n - 1];
}

static enum outbox_state state_after(
	enum send_outcome outcome, const struct attempt *a, const struct backoff *b, int64_t now_ms)
{
	bool expired = b && b->expire_ms > 0 && now_ms - a->created_ms >= b->expire_ms;

	switch (outcome) {
	case SEND_ACCEPTED:
		return OUTBOX_ACCEPTED;
	case SEND_DEFERRED:
		return expired ? OUTBOX_FAILED : OUTBOX_DEFERRED;
	case SEND_UNKNOWN:
		return expired ? OUTBOX_FAILED : OUTBOX_UNKNOWN;
	default:
		return OUTBOX_FAILED;
	}
}

static enum store_status count_unknown(struct store *s, int64_t n)
{
	static const char SQL[] = "UPDATE counter SET n = n + $n WHERE name = 'unknown_ever'";
	struct query *q = query(s, SQL);

	bind_i64(q, "n", n);
	return query_run(q);
}

static enum store_status drop_wire(struct store *s, int64_t id)
{
	static const char SQL[] = "DELETE FROM outbox_wire WHERE outbox = $outbox";
	struct query *q = query(s, SQL);

	bind_i64(q, "outbox", id);
	return query_run(q);
}

static enum store_status write_end(struct store *s, int64_t id, enum outbox_state state,
	bool unknown, const char *code, const char *text, int64_t next_try_ms, int64_t now_ms)
{
	static const char SQL[] =
		"UPDATE outbox SET state = $state, last_code = $last_code, last_text = $last_text,"
		" unknowns = unknowns + $unknown, next_try_ms = $next_try_ms, lease_until_ms = 0,"
		" accepted_ms = $accepted_ms, changed_ms = $changed_ms"
		" WHERE id = $id AND (state = 'sending' OR state = 'dot')";
	struct query *q = query(s, SQL);

	bind_text(q, "state", outbox_state_id(state));
	bind_text(q, "last_code", code);
	bind_text(q, "last_text", text);
	bind_flag(q, "unknown", unknown);
	bind_i64(q, "next_try_ms", next_try_ms);
	bind_i64(q, "accepted_ms", state == OUTBOX_ACCEPTED ? now_ms : 0);
	bind_i64(q, "changed_ms", now_ms);
	bind_i64(q, "id", id);
	enum store_status st = query_run_some(q, NULL);
	return st == STORE_NONE ? not_sent(s, id) : st;
}

static enum store_status finish(struct store *s, int64_t id, enum send_outcome outcome,
	const char *code, const char *text, const struct backoff *b, int64_t now_ms,
	enum outbox_state *state)
{
	struct attempt a = {0};
	bool unknown = outcome == SEND_UNKNOWN;

	if (outcome != SEND_ACCEPTED) /* most are, and then nothing of it matters */
		TRY(read_attempt(s, id, &a));
	*state = state_after(outcome, &a, b, now_ms);
	bool again = *state == OUTBOX_DEFERRED || *state == OUTBOX_UNKNOWN;
	TRY(write_end(s, id, *state, unknown, code, text, again ? now_ms + delay(b, a.tries) : 0,
		now_ms));
	if (unknown)
		TRY(count_unknown(s, 1));
	return *state == OUTBOX_ACCEPTED ? drop_wire(s, id) : STORE_OK;
}

enum store_status store_outbox_finish(struct store *s, int64_t id, enum send_outcome outcome,
	const char *code, const char *text, const struct backoff *backoff, int64_t now_ms,
	enum outbox_state *state)
{
	struct own_tx tx;
	enum outbox_state unused;

	TRY(own_begin(s, &tx));
	return own_end(s, &tx,
		finish(s, id, outcome, code, text, backoff, now_ms, state ? state : &unused));
}

/* ---- Leases ---- */

static enum store_status expire(
	struct store *s, int64_t now_ms, int64_t *requeued, int64_t *unknown)
{
	static const char SENDING[] =
		"UPDATE outbox SET state = 'queued', lease_until_ms = 0"
		" WHERE lease_until_ms > 0 AND lease_until_ms < $now_ms AND state = 'sending'";
	static const char DOT[] =
		"UPDATE outbox SET state = 'unknown', unknowns = unknowns + 1, lease_until_ms = 0,"
		" next_try_ms = 0, last_code = '', last_text = 'no answer after the last byte'"
		" WHERE lease_until_ms > 0 AND lease_until_ms < $now_ms AND state = 'dot'";
	struct query *q = query(s, SENDING);

	bind_i64(q, "now_ms", now_ms);
	enum store_status st = query_run_some(q, requeued);
	if (st != STORE_OK && st != STORE_NONE)
		return st;
	q = query(s, DOT);
	bind_i64(q, "now_ms", now_ms);
	st = query_run_some(q, unknown);
	if (st != STORE_OK && st != STORE_NONE)
		return st;
	return *unknown ? count_unknown(s, *unknown) : STORE_OK;
}

enum store_status store_outbox_expire(
	struct store *s, int64_t now_ms, int64_t *requeued, int64_t *unknown)
{
	struct own_tx tx;
	int64_t n_requeued = 0, n_unknown = 0;

	TRY(own_begin(s, &tx));
	enum store_status st = own_end(s, &tx, expire(s, now_ms, &n_requeued, &n_unknown));
	if (requeued)
		*requeued = n_requeued;
	if (unknown)
		*unknown = n_unknown;
	return st;
}

static enum store_status earliest(
	struct store *s, const char *sql, const char *sink, bool *any, int64_t *at_ms)
{
	int64_t at;
	struct query *q = query(s, sql);

	bind_text(q, "sink", sink);
	enum store_status st = query_one_i64(q, "n", &at);
	if (st == STORE_OK && (!*any || at < *at_ms)) {
		*any = true;
		*at_ms = at;
	}
	return st == STORE_NONE ? STORE_OK : st;
}

enum store_status store_outbox_next(struct store *s, const char *sink, int64_t *at_ms)
{
	static const char QUEUED[] =
		"SELECT not_before_ms AS n FROM outbox WHERE state = 'queued'"
		" AND ($sink = '' OR sink = '' OR sink = $sink) ORDER BY not_before_ms LIMIT 1";
	static const char AGAIN[] =
		"SELECT next_try_ms AS n FROM outbox WHERE (state = 'deferred' OR state = "
		"'unknown')"
		" AND ($sink = '' OR sink = '' OR sink = $sink) ORDER BY next_try_ms LIMIT 1";
	bool any = false;

	TRY(earliest(s, QUEUED, sink, &any, at_ms));
	TRY(earliest(s, AGAIN, sink, &any, at_ms));
	return any ? STORE_OK : STORE_NONE;
}

enum store_status store_outbox_waiting(struct store *s, int64_t *n)
{
	static const char SQL[] =
		"SELECT (SELECT count(*) FROM outbox WHERE state = 'queued')"
		" + (SELECT count(*) FROM outbox WHERE (state = 'deferred' OR state = 'unknown'))"
		" + (SELECT count(*) FROM outbox WHERE lease_until_ms > 0) AS n";

	return query_one_i64(query(s, SQL), "n", n);
}

/* ---- By hand, or by a turn ---- */

enum store_status store_outbox_hold(struct store *s, int64_t id, const char *why, int64_t now_ms)
{
	static const char SQL[] =
		"UPDATE outbox SET state = 'held', held_because = $held_because,"
		" changed_ms = $changed_ms"
		" WHERE id = $id AND (state = 'queued' OR state = 'deferred' OR state = 'unknown')";
	struct query *q = query(s, SQL);

	bind_text(q, "held_because", why);
	bind_i64(q, "changed_ms", now_ms);
	bind_i64(q, "id", id);
	return query_run_some(q, NULL);
}

enum store_status store_outbox_retry(struct store *s, int64_t id, int64_t now_ms)
{
	static const char SQL[] =
		"UPDATE outbox SET state = 'queued', held_because = '', not_before_ms = 0,"
		" next_try_ms = 0, sink = '', changed_ms = $changed_ms WHERE id = $id"
		" AND (state = 'held' OR state = 'failed' OR state = 'deferred' OR state = "
		"'unknown' OR state = 'cancelled')";
	struct query *q = query(s, SQL);

	bind_i64(q, "changed_ms", now_ms);
	bind_i64(q, "id", id);
	return query_run_some(q, NULL);
}

enum store_status store_outbox_cancel(struct store *s, int64_t id, int64_t now_ms)
{
	static const char SQL[] =
		"UPDATE outbox SET state = 'cancelled', changed_ms = $changed_ms WHERE id = $id"
		" AND (state = 'queued' OR state = 'held' OR state = 'deferred' OR state = "
		"'failed' OR state = 'unknown')";
	struct query *q = query(s, SQL);

	bind_i64(q, "changed_ms", now_ms);
	bind_i64(q, "id", id);
	return query_run_some(q, NULL);
}

enum store_status store_outbox_cancel_case(
	struct store *s, int64_t case_id, enum mail_class class, int64_t now_ms, int64_t *n)
{
	static const char SQL[] = "UPDATE outbox SET state = 'cancelled', changed_ms = $changed_ms"
				  " WHERE case_id = $case_id AND ($class = '' OR class = $class)"
				  " AND (state = 'held' OR (state = 'queued' AND tries = 0))";
	struct query *q = query(s, SQL);

	bind_i64(q, "changed_ms", now_ms);
	bind_i64(q, "case_id", case_id);
	bind_text(q, "class", class == MAILING_N ? "" : mail_class_id(class));
	enum store_status st = query_run_some(q, n);
	return st == STORE_NONE ? STORE_OK : st;
}
