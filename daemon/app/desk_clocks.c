/* Desk clocks: running those that are due, and what the settings say about them, at a start and a reload.
 * Due times are derived: when hours change, every running clock that counts working time gets the due time
 * it would have had from the beginning. And the clocks that stand by themselves stand.
 *
 * A turn that ends the desk would end the next one, too. So before turns are run it is noted, durably, which
 * clock is the first of them and how often it has been. A note that is found at a start names who may be to
 * blame: from then on clocks are run one by one, each noted, until nothing is due; after MAX_TRIES the one
 * named is stopped. */
#include "base/prelude.h"

#include "app/desk_state.h"

#include "app/standing.h"
#include "app/turnrun.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/clocks.h"
#include "store/cases.h"

#define ROWS_A_PIECE 500
#define HOURS_BYTES (1u << 20)
#define META_KEY "hours"
#define NOTE_KEY "clock_turn"
#define CLOCKS_A_ROUND 64

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

/* ---- Those that are due ---- */

static enum store_status first_due(struct desk_loop *l, const struct clock_row **out)
{
	struct clock_row *rows;
	size_t n;
	enum store_status st =
		store_clocks_due(l->desk.store, l->round, l->now_ms, 0, 1, &rows, &n);
	*out = st == STORE_OK && n > 0 ? rows : NULL;
	return st;
}

static const char *name_of(struct arena *a, const struct clock_row *row)
{
	return arena_printf(a, "%s/%d/%" PRId64 "/%s", clock_kind_id(row->kind), (int)row->owner,
		row->owner_id, row->owner_key);
}

static void forget_suspect(struct desk_loop *l)
{
	free(l->clock_suspect);
	l->clock_suspect = NULL;
	l->clock_tries = 0;
}

void desk_clocks_found(struct desk_loop *l, bool spare)
{
	const char *text;
	if (!desk_good(l, store_meta(l->desk.store, l->round, NOTE_KEY, &text), "clock-note"))
		return;
	json_t *note = json_read(text, strlen(text));
	const char *name = json_str(note, "clock", "");
	if (*name != '\0') {
		l->clock_suspect = strdup(name);
		l->clock_tries = json_int(note, "tries", 0) - (spare ? 1 : 0);
		l->clock_noted = true;
		log_warn("clock-turn-unfinished", "tries=%" PRId64, l->clock_tries);
	}
	json_decref(note);
}

/* The tries are those found at the start: turns that are undone and run again by this desk are one. */
static enum store_status note_begun(struct desk_loop *l, const char *name, int64_t tries)
{
	json_t *note = json_pack("{s:s, s:I}", "clock", name, "tries", (json_int_t)tries);
	char *text = json_dumps(note, JSON_COMPACT);
	json_decref(note);
	if (text == NULL)
		abort();
	enum store_status st = store_set_meta(l->desk.store, NOTE_KEY, text);
	free(text);
	l->clock_noted |= st == STORE_OK;
	return st;
}

/* In the transaction of the turns, whose end it is. */
static enum store_status note_ended(struct desk_loop *l)
{
	return l->clock_noted ? store_set_meta(l->desk.store, NOTE_KEY, "") : STORE_OK;
}

static enum store_status run(struct desk_loop *l, const struct clock_row *hopeless, size_t *ran)
{
	enum store_status st = store_begin(l->desk.store);
	if (st != STORE_OK)
		return st;
	if (hopeless != NULL)
		st = turnrun_clock_stop(&l->desk, hopeless, l->now_ms);
	else
		st = turnrun_clocks(
			&l->desk, l->now_ms, l->clock_suspect ? 1 : CLOCKS_A_ROUND, ran);
	if (st == STORE_OK)
		st = note_ended(l);
	if (st == STORE_OK)
		st = store_commit(l->desk.store);
	else
		store_rollback(l->desk.store);
	return st;
}

void desk_clocks(struct desk_loop *l)
{
	const struct clock_row *row;
	size_t ran = 0;
	if (!desk_good(l, first_due(l, &row), "clocks") || row == NULL)
		return;
	const char *name = name_of(l->round, row);
	bool suspect = l->clock_suspect != NULL && strcmp(name, l->clock_suspect) == 0;
	int64_t tries = suspect ? l->clock_tries : 0;
	bool hopeless = tries >= MAX_TRIES;
	enum store_status st = hopeless ? STORE_OK : note_begun(l, name, tries + 1);
	if (st == STORE_OK)
		st = run(l, hopeless ? row : NULL, &ran);
	l->look = true;
	if (!desk_good(l, st, "clocks"))
		return;
	l->clock_noted = false;
	if (suspect)
		l->clock_tries = 0; /* it is not, or is stopped */
	if (l->clock_suspect != NULL && first_due(l, &row) == STORE_OK && row == NULL)
		forget_suspect(l);
	if (ran > 0 || hopeless)
		desk_kick(l);
}

/* The desk ends by itself: whatever is noted was undone for want of room, say, and is nobody's fault. */
void desk_clocks_end(struct desk_loop *l)
{
	if (l->clock_noted && store_set_meta(l->desk.store, NOTE_KEY, "") != STORE_OK)
		log_warn("clock-note-kept", "n=%d", 1);
}
