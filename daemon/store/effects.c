/* Effects: what a turn wants, written down. Called by app inside the turn's transaction. Mails are
 * the outbox's and rendered first, so they are not here. */
#include "base/prelude.h"

#include "store/cases.h"
#include "store/db.h"
#include "store/people_private.h"

/* ---- Who was asked ---- */

static enum store_status forget_asked(struct store *s, int64_t case_id)
{
	static const char SQL[] = "DELETE FROM asked WHERE case_id = $case_id";
	struct query *q = query(s, SQL);

	bind_i64(q, "case_id", case_id);
	return query_run(q);
}

enum store_status store_asked_apply(struct store *s, const struct asked_op *op, int64_t now_ms)
{
	static const char SQL[] = "INSERT INTO asked(case_id, party, link, asked_ms, is_open)"
				  " VALUES ($case_id, $party, $link, $asked_ms, $is_open)"
				  " ON CONFLICT (case_id, party, link) DO NOTHING";
	struct query *q;

	if (op->forget_all)
		return forget_asked(s, op->kase->id);
	q = query(s, SQL);
	bind_i64(q, "case_id", op->kase->id);
	bind_i64(q, "party", op->agent);
	bind_text(q, "link", op->link);
	bind_i64(q, "asked_ms", now_ms);
	bind_flag(q, "is_open", STATE_BIT(op->kase->state) & STATES_OPEN);
	return query_run(q);
}

enum store_status store_asked_reminded(
	struct store *s, int64_t case_id, int64_t agent, int64_t now_ms)
{
	static const char SQL[] = "UPDATE asked SET reminded_ms = $reminded_ms"
				  " WHERE case_id = $case_id AND party = $party";
	struct query *q = query(s, SQL);

	bind_i64(q, "reminded_ms", now_ms);
	bind_i64(q, "case_id", case_id);
	bind_i64(q, "party", agent);
	return query_run(q);
}

/* ---- Absence ---- */

enum { DATE_SIZE = 40 };

static void write_date(char out[DATE_SIZE], struct date d)
{
	snprintf(out, DATE_SIZE, "%04d-%02d-%02d", d.year, d.month, d.day);
}

/* Ends those that have passed, or all of the agent. */
static enum store_status end_absences(
	struct store *s, int64_t agent, const char *before, int64_t now_ms)
{
	static const char SQL[] = "UPDATE absence SET ended_ms = $ended_ms WHERE party = $party"
				  " AND ended_ms = 0 AND ($before = '' OR until_date < $before)";
	struct query *q = query(s, SQL);

	bind_i64(q, "ended_ms", now_ms);
	bind_i64(q, "party", agent);
	bind_text(q, "before", before);
	return query_run(q);
}

static enum store_status add_absence(struct store *s, const struct absence_op *op, int64_t now_ms)
{
	static const char SQL[] =
		"INSERT INTO absence(party, from_date, until_date, substitute, made_ms)"
		" VALUES ($party, $from_date, $until_date, $substitute, $made_ms)";
	char from[DATE_SIZE], until[DATE_SIZE];
	struct query *q = query(s, SQL);

	write_date(from, op->from);
	write_date(until, op->until);
	bind_i64(q, "party", op->agent);
	bind_text(q, "from_date", from);
	bind_text(q, "until_date", until);
	bind_ref(q, "substitute", op->substitute);
	bind_i64(q, "made_ms", now_ms);
	return query_run(q);
}

/* The same absence told again (each out-of-office reply says it) is one row: the newest stands. */
static enum store_status drop_same_start(
	struct store *s, const struct absence_op *op, int64_t now_ms)
{
	static const char SQL[] = "UPDATE absence SET ended_ms = $ended_ms WHERE party = $party"
				  " AND ended_ms = 0 AND from_date <= $until_date"
				  " AND until_date >= $from_date";
	char from[DATE_SIZE], until[DATE_SIZE];
	struct query *q = query(s, SQL);

	write_date(from, op->from);
	write_date(until, op->until);
	bind_i64(q, "ended_ms", now_ms);
	bind_i64(q, "party", op->agent);
	bind_text(q, "until_date", until);
	bind_text(q, "from_date", from);
	return query_run(q);
}

static enum store_status change_absence(
	struct store *s, const struct absence_op *op, struct date today, int64_t now_ms)
{
	char before[DATE_SIZE];

	if (op->end_now)
		return end_absences(s, op->agent, "", now_ms);
	write_date(before, today);
	TRY(end_absences(s, op->agent, before, now_ms));
	TRY(drop_same_start(s, op, now_ms));
	return add_absence(s, op, now_ms);
}

enum store_status store_absence_apply(
	struct store *s, const struct absence_op *op, struct date today, int64_t now_ms)
{
	struct own_tx tx;

	TRY(own_begin(s, &tx));
	enum store_status st = change_absence(s, op, today, now_ms);
	if (st == STORE_OK)
		st = people_changed(s);
	return own_end(s, &tx, st);
}

/* ---- All of a turn ---- */

static enum store_status all_effects(
	struct store *s, const struct effects *e, struct date today, int64_t now_ms)
{
	struct case_op *c;
	struct log_op *l;
	struct clock_op *k;
	struct asked_op *a;
	struct absence_op *b;

	STAILQ_FOREACH(c, &e->cases, next)
	TRY(store_case_save(s, c->kase));
	STAILQ_FOREACH(l, &e->logs, next)
	TRY(store_log_append(s, &l->entry));
	STAILQ_FOREACH(k, &e->clocks, next)
	TRY(store_clock_apply(s, k, NULL));
	STAILQ_FOREACH(a, &e->asked, next)
	TRY(store_asked_apply(s, a, now_ms));
	STAILQ_FOREACH(b, &e->absences, next)
	TRY(store_absence_apply(s, b, today, now_ms));
	return STORE_OK;
}

enum store_status store_effects(
	struct store *s, const struct effects *e, struct date today, int64_t now_ms)
{
	struct own_tx tx;

	TRY(own_begin(s, &tx));
	return own_end(s, &tx, all_effects(s, e, today, now_ms));
}
