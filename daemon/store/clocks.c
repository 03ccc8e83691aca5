/* Clocks: rows, not timers. One per owner and kind; due_ms is derived and recomputed when hours
 * change. Called when effects are applied and by app's clock loop.
 *
 * Generations: a firing carries the generation it was loaded with and is void when the row has got
 * another since. They need only be unique within one process, because nothing in flight outlives it:
 * so each set takes a number above every one that this process has seen or given out. */
#include "base/prelude.h"

#include "store/clocks.h"
#include "store/cases.h"

static const char *const OWNER_IDS[] = {[CLOCK_OF_CASE] = "case",
	[CLOCK_OF_AGENT] = "agent",
	[CLOCK_OF_ORGANISATION] = "organisation",
	[CLOCK_OF_DESK] = "desk"};

bool read_clock(struct store *s, struct query *q, struct arena *arena, struct clock_row *out)
{
	struct clock_row r = {0};
	bool known = false;
	const char *owner = col_peek(q, "owner");

	for (size_t i = 0; i < ARRAY_LEN(OWNER_IDS); i++)
		if (strcmp(owner, OWNER_IDS[i]) == 0)
			r.owner = (enum clock_owner)i;
	r.owner_id = col_i64(q, "owner_id");
	r.owner_key = col_text(q, "owner_key", arena);
	known = clock_kind_from_id(col_peek(q, "kind"), &r.kind);
	r.running = col_flag(q, "running");
	r.consumed_ms = col_i64(q, "consumed_ms");
	r.since_ms = col_i64(q, "since_ms");
	r.length_ms = col_i64(q, "length_ms");
	r.calendar = col_text(q, "calendar", arena);
	r.due_ms = col_i64(q, "due_ms");
	r.generation = col_i64(q, "generation");
	if (r.generation > s->generation)
		s->generation = r.generation;
	*out = r;
	return known;
}

static void bind_owner(struct query *q, const struct clock_row *r, int64_t owner_id)
{
	bind_text(q, "owner", OWNER_IDS[r->owner]);
	bind_i64(q, "owner_id", owner_id);
	bind_text(q, "owner_key", r->owner_key);
	bind_text(q, "kind", clock_kind_id(r->kind));
}

static enum store_status read_generation(
	struct store *s, const struct clock_row *r, int64_t owner_id, int64_t *out)
{
	static const char SQL[] =
		"SELECT generation FROM clock WHERE owner = $owner AND owner_id = $owner_id"
		" AND owner_key = $owner_key AND kind = $kind";
	struct query *q = query(s, SQL);

	bind_owner(q, r, owner_id);
	enum store_status st = query_one_i64(q, "generation", out);
	return st == STORE_NONE ? STORE_OK : st;
}

static enum store_status set_clock(
	struct store *s, const struct clock_row *r, int64_t owner_id, int64_t *generation)
{
	static const char SQL[] =
		"INSERT INTO clock(owner, owner_id, owner_key, kind, running, consumed_ms, "
		"since_ms,"
		" length_ms, calendar, due_ms, generation)"
		" VALUES ($owner, $owner_id, $owner_key, $kind, $running, $consumed_ms, $since_ms,"
		" $length_ms, $calendar, $due_ms, $generation)"
		" ON CONFLICT (owner, owner_id, owner_key, kind) DO UPDATE SET"
		" running = excluded.running, consumed_ms = excluded.consumed_ms,"
		" since_ms = excluded.since_ms, length_ms = excluded.length_ms,"
		" calendar = excluded.calendar, due_ms = excluded.due_ms,"
		" generation = excluded.generation";
	int64_t had;

	TRY(read_generation(s, r, owner_id, &had));
	s->generation = (had > s->generation ? had : s->generation) + 1;
	if (generation)
		*generation = s->generation;
	struct query *q = query(s, SQL);
	bind_owner(q, r, owner_id);
	bind_flag(q, "running", r->running);
	bind_i64(q, "consumed_ms", r->consumed_ms);
	bind_i64(q, "since_ms", r->since_ms);
	bind_i64(q, "length_ms", r->length_ms);
	bind_text(q, "calendar", r->calendar);
	bind_i64(q, "due_ms", r->due_ms);
	bind_i64(q, "generation", s->generation);
	return query_run(q);
}

static enum store_status remove_clock(struct store *s, const struct clock_row *r, int64_t owner_id)
{
	static const char SQL[] = "DELETE FROM clock WHERE owner = $owner AND owner_id = $owner_id"
				  " AND owner_key = $owner_key AND kind = $kind";
	struct query *q = query(s, SQL);

	bind_owner(q, r, owner_id);
	return query_run(q);
}

enum store_status store_clock_apply(struct store *s, const struct clock_op *op, int64_t *generation)
{
	int64_t owner_id = op->kase ? op->kase->id : op->row.owner_id;

	return op->remove ? remove_clock(s, &op->row, owner_id)
			  : set_clock(s, &op->row, owner_id, generation);
}

/* ---- Running ---- */

enum store_status store_clocks_due(struct store *s, struct arena *arena, int64_t now_ms,
	uint64_t hold, int64_t limit, struct clock_row **out, size_t *n)
{
	static const char SQL[] = "SELECT " CLOCK_COLUMNS " FROM clock"
				  " WHERE running = 1 AND due_ms <= $now_ms ORDER BY due_ms, id";
	struct clock_row *rows = NULL, r;
	size_t count = 0;
	struct query *q = query(s, SQL);

	bind_i64(q, "now_ms", now_ms);
	while ((int64_t)count < limit && query_row(q)) {
		if (!read_clock(s, q, arena, &r) || (hold & CLOCK_BIT(r.kind)))
			continue;
		rows = grow(arena, rows, count, sizeof(*rows));
		rows[count++] = r;
	}
	*out = rows;
	*n = count;
	return query_end(q);
}

enum store_status store_clock_next(struct store *s, uint64_t hold, int64_t *due_ms)
{
	static const char SQL[] =
		"SELECT kind, due_ms FROM clock WHERE running = 1 ORDER BY due_ms, id";
	bool found = false;
	struct query *q = query(s, SQL);

	while (!found && query_row(q)) {
		enum clock_kind kind;
		if (!clock_kind_from_id(col_peek(q, "kind"), &kind) || (hold & CLOCK_BIT(kind)))
			continue;
		*due_ms = col_i64(q, "due_ms");
		found = true;
	}
	enum store_status st = query_end(q);
	return st != STORE_OK ? st : found ? STORE_OK : STORE_NONE;
}

enum store_status store_clock_current(struct store *s, const struct clock_row *row)
{
	static const char SQL[] =
		"SELECT generation FROM clock WHERE owner = $owner AND owner_id = $owner_id"
		" AND owner_key = $owner_key AND kind = $kind AND running = 1";
	int64_t generation;
	struct query *q = query(s, SQL);

	bind_owner(q, row, row->owner_id);
	TRY(query_one_i64(q, "generation", &generation));
	return generation == row->generation ? STORE_OK : STORE_NONE;
}

enum store_status store_clocks_walk(struct store *s, struct arena *arena, bool all, int64_t after,
	int64_t limit, struct clock_row **out, size_t *n, int64_t *last)
{
	static const char SQL[] =
		"SELECT id, " CLOCK_COLUMNS " FROM clock"
		" WHERE id > $after AND ($all = 1 OR (running = 1 AND calendar <> ''))"
		" ORDER BY id LIMIT $limit";
	struct clock_row *rows = NULL;
	size_t count = 0;
	struct query *q = query(s, SQL);

	*last = after;
	bind_i64(q, "after", after);
	bind_flag(q, "all", all);
	bind_i64(q, "limit", limit);
	while (query_row(q)) {
		rows = grow(arena, rows, count, sizeof(*rows));
		*last = col_i64(q, "id");
		if (read_clock(s, q, arena, &rows[count]))
			count++;
	}
	*out = rows;
	*n = count;
	return query_end(q);
}

enum store_status store_clocks_of(struct store *s, struct arena *arena, enum clock_owner owner,
	enum clock_kind kind, struct clock_row **out, size_t *n)
{
	static const char SQL[] = "SELECT " CLOCK_COLUMNS " FROM clock"
				  " WHERE owner = $owner AND kind = $kind ORDER BY id";
	struct clock_row *rows = NULL;
	size_t count = 0;
	struct query *q = query(s, SQL);

	bind_text(q, "owner", OWNER_IDS[owner]);
	bind_text(q, "kind", clock_kind_id(kind));
	while (query_row(q)) {
		rows = grow(arena, rows, count, sizeof(*rows));
		if (read_clock(s, q, arena, &rows[count]))
			count++;
	}
	*out = rows;
	*n = count;
	return query_end(q);
}

enum store_status store_clock_due(struct store *s, const struct clock_row *row, int64_t due_ms)
{
	static const char SQL[] =
		"UPDATE clock SET due_ms = $due_ms WHERE owner = $owner AND owner_id = $owner_id"
		" AND owner_key = $owner_key AND kind = $kind";
	struct query *q = query(s, SQL);

	bind_i64(q, "due_ms", due_ms);
	bind_owner(q, row, row->owner_id);
	return query_run_some(q, NULL);
}
