/* Turn clock: a clock ran out. Called by core/turn with the row that fired; one that has been set
 * anew since does nothing. */
#include "base/prelude.h"
#include "core/turn_list.h"

#include "base/arena.h"
#include "core/words.h"

#define REMINDERS_MAX 3

static void note_reminded(struct turn *t, const struct agent *a)
{
	struct other_op *op = arena_new_of(t->arena, struct other_op);

	op->what = "asked_reminded";
	op->kase = t->k;
	op->agent = a->id;
	op->data = "{}";
	STAILQ_INSERT_TAIL(&t->fx->others, op, next);
}

/* Reminds those who were asked at that link (NULL: at any) and are there; how many. */
static size_t remind_asked(struct turn *t, const char *link)
{
	const struct loaded_case *l = t->c->loaded;
	size_t n = 0;

	for (size_t i = 0; i < l->n_asked; i++) {
		const struct agent *a = people_agent(t->people, l->asked[i].agent);

		if (!a || turn_is_ticket_system(t, l->asked[i].link) ||
			agent_is_absent(a, t->today, NULL) ||
			(link && strcmp(l->asked[i].link, link) != 0))
			continue;
		turn_want_reminder(t, a);
		note_reminded(t, a);
		n++;
	}
	return n;
}

/* The link that has it now is reminded; those it came from had theirs, unless nobody else is there. */
static void fire_take(struct turn *t)
{
	turn_clock_stop(t, CLOCK_TAKE);
	if (t->k->state != STATE_NEW)
		return;
	if (remind_asked(t, t->k->link) == 0)
		(void)remind_asked(t, NULL);
	turn_log(t, LOGGED_REMINDED, "", json_pack("{s:s}", "clock", "take"));
}

static void fire_next(struct turn *t)
{
	struct chain_place place;
	struct link_people people;
	const struct clock_rule *rule = turn_rule(t);
	int above;

	turn_clock_stop(t, CLOCK_NEXT);
	if (t->k->state != STATE_NEW)
		return;
	turn_place(t, &place);
	above = chain_seek(t->arena, t->config, t->people, &place,
		chain_index(place.chain, t->k->link) + 1, 1, 0, false, &people);
	if (above >= 0) {
		turn_log(t, LOGGED_ESCALATED, "",
			json_pack("{s:s,s:s,s:b}", "from", t->k->link, "to",
				place.chain->links[above], "by_clock", 1));
		turn_ask(t, above, &people, "escalation", "", true);
		return;
	}
	/* The top: those who were asked are reminded once more, a few times. */
	int64_t times = json_integer_value(json_object_get(t->c->data, "top_reminded")) + 1;
	fire_take(t);
	json_object_set_new(t->c->data, "top_reminded", json_integer(times));
	turn_changed(t);
	if (times < REMINDERS_MAX && rule)
		turn_clock_run(t, CLOCK_NEXT, rule->next_link_ms, turn_calendar(t, NULL));
}

static void remind_holder(struct turn *t, const char *clock)
{
	const struct agent *a = turn_holder_gone(t) ? NULL : turn_holder(t);
	struct outgoing *o;
	int64_t promised = json_integer_value(json_object_get(t->c->data, "promised_ms"));

	if (!a)
		return;
	a = turn_in_his_place(t, a);
	o = turn_mail_agent(t, a, MAILING_NOTIFICATION, "answer-reminder", "chain");
	turn_offer(t, o, a);
	if (promised && strcmp(clock, "promise") == 0 && t->config->templates)
		mail_text(o, "promised",
			words_moment(t->config->templates, t->arena, o->language, &t->config->zone,
				promised, t->now_ms));
	turn_log(t, LOGGED_REMINDED, "", json_pack("{s:s}", "clock", clock));
}

static void fire_answer(struct turn *t)
{
	int64_t times = json_integer_value(json_object_get(t->c->data, "answer_reminded")) + 1;
	const struct clock_rule *rule = turn_rule(t);

	turn_clock_stop(t, CLOCK_ANSWER);
	if (t->k->state != STATE_TAKEN)
		return;
	remind_holder(t, "answer");
	if (t->k->state != STATE_TAKEN) /* the holder is away: it has gone to others */
		return;
	json_object_set_new(t->c->data, "answer_reminded", json_integer(times));
	if (times < REMINDERS_MAX && rule)
		turn_clock_run(t, CLOCK_ANSWER, rule->answer_within_ms, turn_calendar(t, NULL));
}

/* Nothing from the supplier: the holder asks them. */
static void fire_supplier(struct turn *t)
{
	const struct clock_rule *rule = turn_rule(t);

	turn_clock_stop(t, CLOCK_SUPPLIER);
	if (t->k->state != STATE_SUPPLIER)
		return;
	remind_holder(t, "supplier");
	if (rule)
		turn_clock_run(t, CLOCK_SUPPLIER, rule->waiting_remind_ms, turn_calendar(t, NULL));
}

static void fire_pause(struct turn *t)
{
	const struct log_entry *paused = turn_last_log(t, LOGGED_PAUSED);
	struct chain_place place;

	turn_clock_stop(t, CLOCK_PAUSE);
	if (t->k->state != STATE_PAUSED)
		return;
	turn_log(t, LOGGED_RESUMED, "", NULL);
	if (t->k->holder) {
		turn_set_state(t, STATE_TAKEN);
		turn_tell_holder(
			t, MAILING_NOTIFICATION, "pause-over", "note", paused ? paused->text : "");
		return;
	}
	turn_place(t, &place);
	turn_set_state(t, STATE_NEW);
	(void)turn_start_chain(t,
		chain_index(place.chain, t->k->link) < 0 ? 0 : chain_index(place.chain, t->k->link),
		"notification", "");
}

/* When the other clock will close it, as a date: whoever is reminded late gets his time all the same. */
static void say_closes(
	struct turn *t, struct outgoing *o, enum clock_kind remind, enum clock_kind close)
{
	int64_t of_day, due_ms = clocks_leave_time(t, remind, close);

	if (due_ms && t->config->templates)
		mail_text(o, "closes",
			words_date(t->config->templates, t->arena, o->language,
				zone_local(&t->config->zone, due_ms, &of_day), t->today));
}

static void fire_waiting_remind(struct turn *t)
{
	const struct log_entry *asked = turn_last_log(t, LOGGED_QUESTION_BACK);
	struct outgoing *o;

	turn_clock_stop(t, CLOCK_WAITING_REMIND);
	if (t->k->state != STATE_WAITING_REQUESTER)
		return;
	o = turn_mail_requester(t, MAILING_RECEIPT, "waiting-reminder");
	mail_text(o, "question", turn_masked(t, asked ? asked->text : ""));
	say_closes(t, o, CLOCK_WAITING_REMIND, CLOCK_WAITING_CLOSE);
	turn_log(t, LOGGED_REMINDED, "", json_pack("{s:s}", "clock", "waiting"));
}

static void fire_feedback_remind(struct turn *t)
{
	const struct log_entry *answered = turn_last_log(t, LOGGED_ANSWERED);
	struct outgoing *o;

	turn_clock_stop(t, CLOCK_FEEDBACK_REMIND);
	if (t->k->state != STATE_ANSWERED)
		return;
	o = turn_mail_requester(t, MAILING_RECEIPT, "feedback-reminder");
	if (answered && t->config->templates) {
		mail_text(o, "answer", turn_masked(t, answered->text));
		mail_text(o, "when",
			words_moment(t->config->templates, t->arena, o->language, &t->config->zone,
				answered->at_ms, t->now_ms));
	}
	say_closes(t, o, CLOCK_FEEDBACK_REMIND, CLOCK_FEEDBACK_CLOSE);
	turn_log(t, LOGGED_REMINDED, "", json_pack("{s:s}", "clock", "feedback"));
}

static bool still_set(const struct turn *t)
{
	const struct clock_row *row = turn_clock(t, t->event->clock.kind);

	return row && row->running && row->generation == t->event->clock.generation &&
	       row->due_ms <= t->now_ms;
}

static void of_case(struct turn *t)
{
	const struct handler *kind = handler_of_kind(t->in->handlers, t->k->kind);

	switch (t->event->clock.kind) {
	case CLOCK_TAKE:
		fire_take(t);
		break;
	case CLOCK_NEXT:
		fire_next(t);
		break;
	case CLOCK_ANSWER:
		fire_answer(t);
		break;
	case CLOCK_PROMISE:
		turn_clock_stop(t, CLOCK_PROMISE);
		if (t->k->state == STATE_TAKEN || t->k->state == STATE_SUPPLIER)
			remind_holder(t, "promise");
		break;
	case CLOCK_SUPPLIER:
		fire_supplier(t);
		break;
	case CLOCK_PAUSE:
		fire_pause(t);
		break;
	case CLOCK_WAITING_REMIND:
		fire_waiting_remind(t);
		break;
	case CLOCK_UNDELIVERED:
		turn_clock_stop(t, CLOCK_UNDELIVERED);
		turn_log(t, LOGGED_DELIVERY, "",
			json_pack("{s:s}", "recipient", t->k->requester_address));
		turn_say_undelivered(t, t->k->requester_address, "", "");
		break;
	case CLOCK_WAITING_CLOSE:
		if (t->k->state == STATE_WAITING_REQUESTER)
			turn_close(t, "question", "");
		break;
	case CLOCK_FEEDBACK_REMIND:
		fire_feedback_remind(t);
		break;
	case CLOCK_FEEDBACK_CLOSE:
		if (t->k->state == STATE_ANSWERED)
			turn_close(t, "silent", "");
		break;
	default:
		if (kind && kind->due)
			kind->due(t);
		break;
	}
}

void turn_of_clock(struct turn *t)
{
	const struct snapshot *s = t->in->snapshot;

	turn_outcome(t, OUTCOME_NONE, "");
	if (t->event->clock.owner == CLOCK_OF_CASE && s->n_candidates) {
		turn_focus(t, turn_case_of(t, s->candidates[0].loaded));
		if (still_set(t))
			of_case(t);
	} else if (t->event->clock.owner != CLOCK_OF_CASE) {
		turn_of_standing_clock(t);
	}
}
