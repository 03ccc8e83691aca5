/* Desk clocks: what the settings say about clocks, at a start and a reload. Due times are derived: when
 * hours change, every running clock that counts working time gets the due time it would have had from the
 * beginning. And the clocks that stand by themselves stand. */
#include "base/prelude.h"

#include "app/desk_state.h"

#include "app/standing.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/log.h"
#include "core/clocks.h"
#include "store/cases.h"

#define ROWS_A_PIECE 500
#define HOURS_BYTES (1u << 20)
#define META_KEY "hours"

static void add_calendar(struct buf *b, const struct calendar *c)
{
	buf_addf(b, "%s %d %d\n", c->id, c->swedish_holidays, c->eves_closed);
	for (size_t day = 1; day < ARRAY_LEN(c->n_spans); day++)
		for (size_t i = 0; i < c->n_spans[day]; i++)
			buf_addf(b, "%zu %" PRId64 " %" PRId64 "\n", day, c->spans[day][i].from_ms,
				c->spans[day][i].to_ms);
	for (size_t i = 0; i < c->n_closed; i++)
		buf_addf(b, "closed %" PRId64 "\n", date_to_days(c->closed[i]));
	for (size_t i = 0; i < c->n_half_days; i++)
		buf_addf(b, "half %" PRId64 " %" PRId64 "\n", date_to_days(c->half_days[i].date),
			c->half_days[i].to_ms);
}

/* One text that is another when any hour of any calendar is. */
static const char *fingerprint(struct arena *a, const struct config *c)
{
	unsigned char digest[SHA256_BYTES];
	struct buf b;
	buf_init(&b, HOURS_BYTES);
	const struct zone *z = &c->zone;
	buf_addf(&b, "%d %d %d %d/%d/%d/%d %d/%d/%d/%d\n", z->std_offset, z->dst_offset, z->has_dst,
		z->dst_starts.month, z->dst_starts.week, z->dst_starts.weekday,
		z->dst_starts.seconds, z->dst_ends.month, z->dst_ends.week, z->dst_ends.weekday,
		z->dst_ends.seconds);
	for (size_t i = 0; i < c->n_calendars; i++)
		add_calendar(&b, &c->calendars[i]);
	sha256(b.data, b.len, digest);
	buf_release(&b);
	return base64_encode(a, digest, sizeof(digest));
}

static enum store_status recompute(struct desk_loop *l, size_t *changed)
{
	struct arena *a = arena_new(MAX_ARENA_BYTES);
	struct clock_row *rows;
	size_t n;
	int64_t after = 0;
	enum store_status st;
	do {
		arena_reset(a);
		st = store_clocks_walk(
			l->desk.store, a, false, after, ROWS_A_PIECE, &rows, &n, &after);
		for (size_t i = 0; st == STORE_OK && i < n; i++) {
			int64_t due = clock_row_due(l->desk.config, &rows[i]);
			if (due == rows[i].due_ms)
				continue;
			st = store_clock_due(l->desk.store, &rows[i], due);
			++*changed;
		}
	} while (st == STORE_OK && n > 0);
	arena_free(&a);
	return st;
}

static void stand(struct desk_loop *l)
{
	size_t changed = 0;
	if (!desk_good(l, store_begin(l->desk.store), "standing"))
		return;
	enum store_status st = standing_clocks(&l->desk, desk_now(&l->desk), &changed);
	if (st == STORE_OK)
		st = store_commit(l->desk.store);
	else
		store_rollback(l->desk.store);
	if (desk_good(l, st, "standing") && changed > 0)
		log_info("standing-clocks", "changed=%zu", changed);
}

static void hours(struct desk_loop *l)
{
	struct arena *a = arena_new(MAX_ARENA_BYTES);
	const char *is = fingerprint(a, l->desk.config), *was = "";
	size_t changed = 0;
	enum store_status st = store_meta(l->desk.store, a, META_KEY, &was);
	if (st == STORE_OK && strcmp(is, was) != 0 &&
		desk_good(l, store_begin(l->desk.store), "hours")) {
		if (*was != '\0')
			st = recompute(l, &changed);
		if (st == STORE_OK)
			st = store_set_meta(l->desk.store, META_KEY, is);
		if (st == STORE_OK)
			st = store_commit(l->desk.store);
		else
			store_rollback(l->desk.store);
		if (*was != '\0')
			log_info("hours-changed", "clocks=%zu", changed);
	}
	(void)desk_good(l, st, "hours");
	arena_free(&a);
}

void desk_clocks_read(struct desk_loop *l)
{
	hours(l);
	stand(l);
}
