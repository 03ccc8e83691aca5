/* Standing: see standing.h. What the clock does when it fires is core's (turn_desk.c). */
#include "base/prelude.h"

#include "app/standing.h"

#include "base/arena.h"
#include "base/limits.h"
#include "core/clocks.h"
#include "store/cases.h"

static bool is_asked(const struct organisation *o)
{
	return o->live && o->main_representative != NULL && *o->main_representative != '\0';
}

static const struct clock_row *row_of(
	const struct clock_row *rows, size_t n, const struct organisation *o)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].owner_key, o->id) == 0)
			return &rows[i];
	return NULL;
}

static enum store_status start(struct desk *d, const struct organisation *o, int64_t now_ms)
{
	struct clock_op op = {.row = {.owner = CLOCK_OF_ORGANISATION,
				      .owner_key = o->id,
				      .kind = CLOCK_QUARTER,
				      .running = true,
				      .since_ms = now_ms,
				      .calendar = "",
				      .due_ms = clock_quarter_due(d->config, o, now_ms)}};
	return store_clock_apply(d->store, &op, NULL);
}

static enum store_status quarterly(struct desk *d, struct arena *a, int64_t now_ms, size_t *changed)
{
	const struct config *c = d->config;
	struct clock_row *rows;
	size_t n;
	enum store_status st =
		store_clocks_of(d->store, a, CLOCK_OF_ORGANISATION, CLOCK_QUARTER, &rows, &n);
	for (size_t i = 0; st == STORE_OK && i < n; i++) {
		const struct organisation *o = config_organisation(c, rows[i].owner_key);
		struct clock_op stop = {.row = rows[i], .remove = true};
		if (o != NULL && is_asked(o))
			continue;
		st = store_clock_apply(d->store, &stop, NULL);
		++*changed;
	}
	for (size_t i = 0; st == STORE_OK && i < c->n_organisations; i++) {
		const struct organisation *o = &c->organisations[i];
		if (!is_asked(o) || row_of(rows, n, o) != NULL)
			continue;
		st = start(d, o, now_ms);
		++*changed;
	}
	return st;
}

enum store_status standing_clocks(struct desk *d, int64_t now_ms, size_t *changed)
{
	struct arena *a = arena_new(MAX_ARENA_BYTES);
	*changed = 0;
	enum store_status st = quarterly(d, a, now_ms, changed);
	arena_free(&a);
	return st;
}
