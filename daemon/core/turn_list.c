/* Turn list: one person's cases: #mina, the morning list, reminders gathered in one mail, and the
 * clocks that send them. */
#include "base/prelude.h"
#include "core/turn_list.h"

#include "base/arena.h"
#include "core/words.h"

#define SHOWN_MAX 60

static json_t *row(struct turn *t, const struct kase *k, const char *language)
{
	const struct templates *tm = t->config->templates;
	const char *state = case_state_id(k->state), *word = "";
	json_t *o = json_object();

	json_object_set_new(
		o, "number", json_string(arena_printf(t->arena, "%" PRId64, k->number)));
	const char *subject = turn_subject(t, k);
	if (!*subject && tm)
		subject = words_name(tm, t->arena, language, "kind", case_kind_id(k->kind));
	json_object_set_new(o, "subject", json_string(subject));
	json_object_set_new(o, "organisation",
		json_string(turn_organisation_name(t, k->organisation, language)));
	if (!tm)
		return o;
	word = words_name(tm, t->arena, language, "state_for_chain", state);
	if (!*word)
		word = words_name(tm, t->arena, language, "state", state);
	if (k->state == STATE_PAUSED && k->paused_until_ms) {
		int64_t of_day;
		struct date d = zone_local(&t->config->zone, k->paused_until_ms, &of_day);

		word = arena_printf(
			t->arena, "%s %s", word, words_date(tm, t->arena, language, d, t->today));
	}
	json_object_set_new(o, "state_word", json_string(word));
	if (t->now_ms - k->opened_ms >= MS_MINUTE)
		json_object_set_new(o, "waited",
			json_string(words_span(tm, t->arena, language, t->now_ms - k->opened_ms)));
	return o;
}

/* Waiting for somebody: new, or in his hands. What rests or is answered needs nothing of him. */
static bool needs_him(const struct kase *k)
{
	return k->state == STATE_NEW || k->state == STATE_TAKEN || k->state == STATE_SUPPLIER ||
	       k->state == STATE_PAUSED || k->state == STATE_WAITING_REQUESTER;
}

static void put(json_t *view, const char *name, json_t *list)
{
	if (json_array_size(list))
		json_object_set_new(view, name, list);
	else
		json_decref(list);
}

/* Read in from an old mailbox, and nobody has had to do with it since. */
static bool is_imported(const struct kase *k)
{
	json_t *data = json_loads(k->data, 0, NULL);
	bool imported = json_object_get(data, "imported") != NULL;

	json_decref(data);
	return imported;
}

bool view_lists(struct turn *t, json_t *view, const char *language, const struct agent *a)
{
	const struct snapshot *s = t->in->snapshot;
	json_t *held = json_array(), *asked = json_array(), *urgent = json_array();
	size_t n = 0;
	int64_t first = 0;

	for (size_t i = 0; i < s->n_held && n < SHOWN_MAX; i++) {
		const struct kase *k = &s->held[i];

		if (!needs_him(k) || (k->holder && k->holder != a->id) || is_imported(k))
			continue;
		json_array_append_new(k->priority == 1	   ? urgent
				      : k->holder == a->id ? held
							   : asked,
			row(t, k, language));
		first = first ? first : k->number;
		n++;
	}
	put(view, "held", held);
	put(view, "asked", asked);
	put(view, "urgent", urgent);
	if (n == 0)
		json_object_set_new(view, "none", json_true());
	json_object_set_new(
		view, "example_number", json_string(arena_printf(t->arena, "%" PRId64, first)));
	if (t->config->templates)
		json_object_set_new(view, "date",
			json_string(words_date(
				t->config->templates, t->arena, language, t->today, t->today)));
	return n > 0;
}

void view_cases(struct turn *t, json_t *view, const char *language, const struct agent *a)
{
	const struct snapshot *s = t->in->snapshot;
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_held && json_array_size(list) < SHOWN_MAX; i++) {
		if (s->held[i].holder == a->id && needs_him(&s->held[i]))
			json_array_append_new(list, row(t, &s->held[i], language));
	}
	put(view, "cases", list);
}

/* ---- The morning list ---- */

static const char *calendar_of(const struct turn *t, const struct agent *a)
{
	const struct organisation *o = config_organisation(t->config, a->organisation);

	return *a->calendar ? a->calendar : o && o->calendar ? o->calendar->id : "";
}

void turn_want_morning_list(struct turn *t, const struct agent *a)
{
	int64_t of_day, tomorrow, due;

	if (!a->morning_list || turn_is_ticket_system_agent(t, a))
		return;
	tomorrow = zone_instant(&t->config->zone, date_add(t->today, 1), 0);
	due = turn_due(t, calendar_of(t, a), tomorrow, 0);
	(void)of_day;
	turn_clock_of_agent(t, a, CLOCK_MORNING, due);
}

static void stop_standing(struct turn *t)
{
	struct clock_op *op = arena_new_of(t->arena, struct clock_op);

	op->row = t->event->clock;
	op->remove = true;
	STAILQ_INSERT_TAIL(&t->fx->clocks, op, next);
}

static void fire_morning(struct turn *t, const struct agent *a)
{
	const char *language = turn_agent_language(t, a);
	struct outgoing *o;
	json_t *view = json_object();

	stop_standing(t);
	if (!view_lists(t, view, language, a)) {
		json_decref(view);
		return;
	}
	if (!agent_is_absent(a, t->today, NULL)) {
		o = turn_mail_agent(t, a, MAILING_DIGEST, "morning", "desk");
		json_object_update(o->view, view);
	}
	json_decref(view);
	turn_want_morning_list(t, a);
}

/* ---- Reminders of one moment are one mail ---- */

void turn_want_reminder(struct turn *t, const struct agent *a)
{
	json_t *list = json_object_get(t->c->data, "remind");

	if (!list) {
		list = json_array();
		json_object_set_new(t->c->data, "remind", list);
	}
	json_array_append_new(list, json_integer(a->id));
	turn_changed(t);
	turn_clock_of_agent(t, a, CLOCK_REMIND, t->now_ms);
}

/* Is this agent to be reminded of the case? It is forgotten by asking. */
static bool take_reminder(struct turn_case *c, const struct agent *a)
{
	json_t *one, *list = json_object_get(c->data, "remind");
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (json_integer_value(one) != a->id)
			continue;
		json_array_remove(list, i);
		if (json_array_size(list) == 0)
			json_object_del(c->data, "remind");
		c->changed = true;
		return true;
	}
	return false;
}

/* Whom the clock asks next, as fire_next of core/turn_clock will; "" nobody. */
static const char *next_link_name(struct turn *t, const char *language)
{
	struct chain_place place;
	struct link_people people;
	int above;

	turn_place(t, &place);
	above = chain_seek(t->arena, t->config, t->people, &place,
		chain_index(place.chain, t->k->link) + 1, 1, 0, false, &people);
	return above >= 0 ? turn_role_name(t, place.chain->links[above], language) : "";
}

static void remind_one(struct turn *t, const struct agent *a)
{
	struct outgoing *o = turn_mail_agent(t, a, MAILING_NOTIFICATION, "take-reminder", "chain");
	const struct clock_row *next = turn_clock(t, CLOCK_NEXT);

	turn_offer(t, o, a);
	if (next && next->running && t->config->templates) {
		mail_text(o, "next_when",
			words_moment(t->config->templates, t->arena, o->language, &t->config->zone,
				next->due_ms, t->now_ms));
		mail_text(o, "next_link_name", next_link_name(t, o->language));
	}
}

static void fire_remind(struct turn *t, const struct agent *a)
{
	const struct snapshot *s = t->in->snapshot;
	struct turn_case *cases[SHOWN_MAX];
	size_t n = 0;

	stop_standing(t);
	for (size_t i = 0; i < s->n_candidates && n < SHOWN_MAX; i++) {
		struct turn_case *c = turn_case_of(t, s->candidates[i].loaded);

		if (take_reminder(c, a) && c->k->state == STATE_NEW)
			cases[n++] = c;
	}
	if (n == 1) {
		turn_focus(t, cases[0]);
		remind_one(t, a);
	} else if (n > 1) {
		struct outgoing *o;
		json_t *list = json_array();
		const char *language = turn_agent_language(t, a);

		turn_focus(t, NULL);
		o = turn_mail_agent(t, a, MAILING_NOTIFICATION, "take-reminders", "desk");
		for (size_t i = 0; i < n; i++)
			json_array_append_new(list, row(t, cases[i]->k, language));
		mail_json(o, "asked", list);
		mail_text(o, "example_number",
			arena_printf(t->arena, "%" PRId64, cases[0]->k->number));
	}
}

/* ---- Back in duty ---- */

static void fire_absence(struct turn *t, const struct agent *a)
{
	struct outgoing *o;

	stop_standing(t);
	if (agent_is_absent(a, t->today, NULL))
		return;
	o = turn_mail_agent(t, a, MAILING_DIGEST, "absence-over", "desk");
	view_cases(t, o->view, o->language, a);
}

void turn_of_agent_clock(struct turn *t, const struct agent *a)
{
	switch (t->event->clock.kind) {
	case CLOCK_MORNING:
		fire_morning(t, a);
		break;
	case CLOCK_REMIND:
		fire_remind(t, a);
		break;
	case CLOCK_ABSENCE:
		fire_absence(t, a);
		break;
	default:
		stop_standing(t);
		break;
	}
}
