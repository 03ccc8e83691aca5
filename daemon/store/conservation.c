/* Conservation: nothing that was read is lost. The two sides never look at each other: what was seen
 * is counted from mailbox_item, what became of it from inbox. Called by app all the time (quick) and
 * by `lotsctl status` and the tests (whole). */
#include "base/prelude.h"

#include "store/db.h"
#include "store/inbox.h"

static void put(struct conservation *c, const char *name, int64_t n)
{
	const struct {
		const char *name;
		int64_t *n;
	} at[] = {{"seen", &c->seen}, {"pending", &c->pending}, {"case", &c->cases},
		{"duplicate", &c->duplicate}, {"ignored", &c->ignored},
		{"quarantine", &c->quarantine}};

	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		if (strcmp(at[i].name, name) == 0)
			*at[i].n += n;
}

static enum store_status read_sums(struct store *s, const char *sql, struct conservation *c)
{
	struct query *q = query(s, sql);

	while (query_row(q)) {
		const char *name = col_peek(q, "name");
		put(c, name, col_i64(q, "n"));
	}
	return query_end(q);
}

/* One scan, no sorting: grouping a million rows would cost their size in memory. */
static enum store_status read_became(struct store *s, struct conservation *c)
{
	static const char SQL[] =
		"SELECT coalesce(sum(state = 'new' OR state = 'parsed'), 0) AS pending,"
		" coalesce(sum(state = 'quarantine'), 0) AS quarantine,"
		" coalesce(sum(state = 'done' AND outcome = 'case'), 0) AS cases,"
		" coalesce(sum(state = 'done' AND outcome = 'duplicate'), 0) AS duplicate,"
		" coalesce(sum(state = 'done' AND outcome = 'ignored'), 0) AS ignored FROM inbox";
	struct query *q = query(s, SQL);

	if (query_row(q)) {
		c->pending = col_i64(q, "pending");
		c->quarantine = col_i64(q, "quarantine");
		c->cases = col_i64(q, "cases");
		c->duplicate = col_i64(q, "duplicate");
		c->ignored = col_i64(q, "ignored");
	}
	return query_end(q);
}

static bool adds_up(const struct conservation *c)
{
	return c->seen == c->pending + c->cases + c->duplicate + c->ignored + c->quarantine;
}

static bool same(const struct conservation *a, const struct conservation *b)
{
	return a->seen == b->seen && a->pending == b->pending && a->cases == b->cases &&
	       a->duplicate == b->duplicate && a->ignored == b->ignored &&
	       a->quarantine == b->quarantine;
}

enum store_status store_conservation(struct store *s, bool quick, struct conservation *out)
{
	static const char TALLY[] = "SELECT name, n FROM tally";
	static const char SEEN[] =
		"SELECT 'seen' AS name, count(*) AS n FROM mailbox_item WHERE inbox IS NOT NULL";
	struct conservation tally = {0};

	*out = (struct conservation){0};
	TRY(read_sums(s, TALLY, &tally));
	if (quick) {
		*out = tally;
		out->holds = adds_up(&tally);
		return STORE_OK;
	}
	TRY(read_sums(s, SEEN, out));
	TRY(read_became(s, out));
	out->holds = adds_up(out) && same(out, &tally);
	return STORE_OK;
}
