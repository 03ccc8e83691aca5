/* Clocks: which clocks run in which state. Called by turn_set_state and by what asks a link; lengths
 * come from the settings, working time from core/worktime.h. Must not fire anything: turn_clock.c. */
#include "base/prelude.h"
#include "core/clocks.h"

#include "base/arena.h"
#include "core/turn_state.h"
#include "core/worktime.h"

#define LATE_MS MS_HOUR /* a reminder so late: its reader gets the time it leaves from now on */
#define FALLBACK_CALENDAR "" /* clock hours, where no calendar is told */

const struct clock_row *turn_clock(const struct turn *t, enum clock_kind kind)
{
	const struct loaded_case *l = t->c ? t->c->loaded : NULL;

	for (size_t i = 0; l && i < l->n_clocks; i++) {
		if (l->clocks[i].kind == kind)
			return &l->clocks[i];
	}
	return NULL;
}

static struct clock_op *last_op(struct turn *t, enum clock_kind kind)
{
	struct clock_op *op, *last = NULL;

	STAILQ_FOREACH(op, &t->fx->clocks, next)
	{
		if (op->kase == t->k && op->row.kind == kind)
			last = op;
	}
	return last;
}

static struct clock_op *add_op(struct turn *t, enum clock_kind kind)
{
	struct clock_op *op = last_op(t, kind);

	if (!op) {
		op = arena_new_of(t->arena, struct clock_op);
		STAILQ_INSERT_TAIL(&t->fx->clocks, op, next);
	}
	op->kase = t->k;
	op->remove = false;
	op->row = (struct clock_row){.owner = CLOCK_OF_CASE,
		.owner_id = t->k->id,
		.owner_key = "",
		.kind = kind,
		.calendar = ""};
	return op;
}

void turn_clock_stop(struct turn *t, enum clock_kind kind)
{
	if (turn_clock(t, kind) || last_op(t, kind))
		add_op(t, kind)->remove = true;
}

static const struct calendar *find_calendar(const struct config *config, const char *id)
{
	for (size_t i = 0; *id && i < config->n_calendars; i++) {
		if (strcmp(config->calendars[i].id, id) == 0)
			return &config->calendars[i];
	}
	return NULL;
}

static bool counts_days(enum clock_kind kind)
{
	return kind == CLOCK_FEEDBACK_REMIND || kind == CLOCK_FEEDBACK_CLOSE ||
	       kind == CLOCK_WAITING_REMIND || kind == CLOCK_WAITING_CLOSE ||
	       kind == CLOCK_SUPPLIER;
}

int64_t clock_due(const struct config *config, enum clock_kind kind, const char *calendar,
	int64_t from_ms, int64_t length_ms)
{
	const struct calendar *c = find_calendar(config, calendar);

	if (!c)
		return from_ms + length_ms;
	if (counts_days(kind) && length_ms >= MS_DAY && length_ms % MS_DAY == 0)
		return worktime_add_days(c, &config->zone, from_ms, (int)(length_ms / MS_DAY));
	return worktime_add(c, &config->zone, from_ms, length_ms);
}

int64_t clock_row_due(const struct config *config, const struct clock_row *row)
{
	int64_t left = row->length_ms - row->consumed_ms;

	if (row->length_ms <= 0 || !row->running)
		return row->due_ms;
	return clock_due(config, row->kind, row->calendar, row->since_ms, left > 0 ? left : 0);
}

int64_t clock_quarter_due(const struct config *config, const struct organisation *o, int64_t now_ms)
{
	int64_t of_day;
	struct date today = zone_local(&config->zone, now_ms, &of_day);
	int month = (today.month - 1) / 3 * 3 + 4;
	struct date d = {today.year + (month > 12), month > 12 ? month - 12 : month, 1};

	return clock_due(config, CLOCK_QUARTER, o->calendar ? o->calendar->id : "",
		zone_instant(&config->zone, d, 0), 0);
}

int64_t turn_due(struct turn *t, const char *calendar, int64_t from_ms, int64_t length_ms)
{
	return clock_due(t->config, CLOCK_TAKE, calendar, from_ms, length_ms);
}

void turn_clock_run(struct turn *t, enum clock_kind kind, int64_t length_ms, const char *calendar)
{
	struct clock_op *op;

	if (length_ms <= 0) {
		turn_clock_stop(t, kind);
		return;
	}
	op = add_op(t, kind);
	op->row.running = true;
	op->row.since_ms = t->now_ms;
	op->row.length_ms = length_ms;
	op->row.calendar = calendar;
	op->row.due_ms = clock_due(t->config, kind, calendar, t->now_ms, length_ms);
}

void turn_clock_at(struct turn *t, enum clock_kind kind, int64_t due_ms)
{
	struct clock_op *op = add_op(t, kind);

	op->row.running = true;
	op->row.since_ms = t->now_ms;
	op->row.due_ms = due_ms;
}

/* Stops the hand of a clock but keeps what has passed. */
static void clock_hold(struct turn *t, enum clock_kind kind)
{
	const struct clock_row *old = turn_clock(t, kind);
	struct clock_op *op;
	const struct calendar *c;

	op = last_op(t, kind);
	if (op && !op->remove) { /* set in this very turn: nothing has passed */
		op->row.running = false;
		op->row.since_ms = op->row.due_ms = 0;
	}
	if (op)
		return;
	if (!old || !old->running || old->length_ms <= 0)
		return;
	op = add_op(t, kind);
	op->row = *old;
	c = find_calendar(t->config, old->calendar);
	op->row.running = false;
	op->row.consumed_ms += c ? worktime_between(c, &t->config->zone, old->since_ms, t->now_ms)
				 : t->now_ms - old->since_ms;
	op->row.since_ms = 0;
	op->row.due_ms = 0;
}

/* Lets it go on; false if none was held. */
static bool clock_resume(struct turn *t, enum clock_kind kind)
{
	const struct clock_row *old = turn_clock(t, kind);
	struct clock_op *op;
	int64_t left;

	if (!old || old->running || old->length_ms <= 0)
		return false;
	op = add_op(t, kind);
	op->row = *old;
	op->row.running = true;
	op->row.since_ms = t->now_ms;
	left = old->length_ms > old->consumed_ms ? old->length_ms - old->consumed_ms : MS_MINUTE;
	op->row.due_ms = turn_due(t, old->calendar, t->now_ms, left);
	return true;
}

const struct clock_rule *turn_rule(const struct turn *t)
{
	return config_clock(t->config, t->k->kind, t->k->link, t->k->priority);
}

static const char *organisation_calendar(const struct turn *t, const char *organisation)
{
	const struct organisation *o = config_organisation(t->config, organisation);

	return o && o->calendar ? o->calendar->id : FALLBACK_CALENDAR;
}

static bool on_call(const struct turn *t, const struct agent *a)
{
	for (size_t i = 0; i < t->people->n_duties; i++) {
		if (t->people->duties[i].agent == a->id && t->people->duties[i].on_call)
			return true;
	}
	return false;
}

static const char *agent_calendar(const struct turn *t, const struct agent *a)
{
	return *a->calendar ? a->calendar : organisation_calendar(t, a->organisation);
}

const char *turn_calendar(struct turn *t, const struct link_people *asked)
{
	const struct clock_rule *rule = turn_rule(t);
	const struct agent *holder = turn_holder(t);
	struct link_people one = {.v = &holder, .n = holder ? 1 : 0};

	if (!asked)
		asked = &one;
	if (rule && rule->round_the_clock) {
		for (size_t i = 0; i < asked->n; i++) {
			if (on_call(t, asked->v[i]))
				return "";
		}
	}
	/* Several people: the hours of the house. One: his own. */
	if (asked->n == 1)
		return agent_calendar(t, asked->v[0]);
	if (asked->n)
		return organisation_calendar(t, asked->v[0]->organisation);
	return organisation_calendar(t, t->k->organisation);
}

void clocks_of_link(struct turn *t, const struct link_people *asked)
{
	const struct clock_rule *rule = turn_rule(t);
	const char *calendar = turn_calendar(t, asked);

	if (!rule)
		return;
	/* A ticket system is not reminded; it says by itself that it has the case. */
	if (turn_is_ticket_system(t, t->k->link))
		turn_clock_stop(t, CLOCK_TAKE);
	else
		turn_clock_run(t, CLOCK_TAKE, rule->remind_ms, calendar);
	turn_clock_run(t, CLOCK_NEXT, rule->next_link_ms, calendar);
}

static void stop_all(struct turn *t, const enum clock_kind *kinds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		turn_clock_stop(t, kinds[i]);
}

int64_t clocks_leave_time(struct turn *t, enum clock_kind remind, enum clock_kind close)
{
	const struct clock_row *reminds = turn_clock(t, remind), *closes = turn_clock(t, close);
	int64_t left, due;

	if (!closes || !closes->running)
		return 0;
	left = reminds ? closes->length_ms - reminds->length_ms : 0;
	if (left <= 0 || reminds->length_ms <= 0 || t->now_ms - reminds->due_ms < LATE_MS)
		return closes->due_ms;
	due = clock_due(t->config, close, closes->calendar, t->now_ms, left);
	if (due <= closes->due_ms)
		return closes->due_ms;
	turn_clock_run(t, close, left, closes->calendar);
	return due;
}

static void enter_answered(struct turn *t)
{
	const struct clock_rule *rule = turn_rule(t);
	const char *calendar = organisation_calendar(t, t->k->organisation);

	if (!rule)
		return;
	turn_clock_run(t, CLOCK_FEEDBACK_REMIND, rule->feedback_remind_ms, calendar);
	turn_clock_run(t, CLOCK_FEEDBACK_CLOSE, rule->feedback_close_ms, calendar);
}

static void enter_waiting(struct turn *t)
{
	const struct clock_rule *rule = turn_rule(t);
	const char *calendar = organisation_calendar(t, t->k->organisation);

	if (!rule)
		return;
	turn_clock_run(t, CLOCK_WAITING_REMIND, rule->waiting_remind_ms, calendar);
	turn_clock_run(t, CLOCK_WAITING_CLOSE, rule->waiting_close_ms, calendar);
}

static void enter_taken(struct turn *t, enum case_state from)
{
	const struct clock_rule *rule = turn_rule(t);
	bool was_waiting =
		from == STATE_WAITING_REQUESTER || from == STATE_PAUSED || from == STATE_SUPPLIER;

	if (was_waiting && clock_resume(t, CLOCK_ANSWER))
		return;
	if (rule && !turn_is_ticket_system(t, t->k->link))
		turn_clock_run(t, CLOCK_ANSWER, rule->answer_within_ms, turn_calendar(t, NULL));
}

void clocks_enter_state(struct turn *t, enum case_state from, enum case_state to)
{
	static const enum clock_kind waits[] = {CLOCK_TAKE, CLOCK_NEXT, CLOCK_PAUSE,
		CLOCK_WAITING_REMIND, CLOCK_WAITING_CLOSE, CLOCK_FEEDBACK_REMIND,
		CLOCK_FEEDBACK_CLOSE, CLOCK_SUPPLIER};

	stop_all(t, waits, ARRAY_LEN(waits));
	switch (to) {
	case STATE_TAKEN:
		enter_taken(t, from);
		return;
	case STATE_WAITING_REQUESTER:
		clock_hold(t, CLOCK_ANSWER);
		enter_waiting(t);
		return;
	case STATE_PAUSED:
	case STATE_SUPPLIER:
		clock_hold(t, CLOCK_ANSWER);
		return;
	case STATE_ANSWERED:
		turn_clock_stop(t, CLOCK_ANSWER);
		turn_clock_stop(t, CLOCK_PROMISE);
		enter_answered(t);
		return;
	default:
		turn_clock_stop(t, CLOCK_ANSWER);
		turn_clock_stop(t, CLOCK_PROMISE);
		turn_clock_stop(t, CLOCK_APPROVAL);
		return;
	}
}
