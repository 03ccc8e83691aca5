/* Turn desk: replies to mails that are about no case (morning list, exercise, quarterly question), and
 * the clocks of people and organisations. */
#include "base/prelude.h"
#include "core/turn_list.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/clocks.h"
#include "core/feedback.h"
#include "core/words.h"
#include "mail/address.h"

static void other(struct turn *t, const char *what, int64_t agent)
{
	struct other_op *op = arena_new_of(t->arena, struct other_op);

	op->what = what;
	op->agent = agent;
	op->data = "{}";
	STAILQ_INSERT_TAIL(&t->fx->others, op, next);
}

#define TOLD_WORDS 6 /* so many words of one's own are more than a try at the exercise */

/* He answers with words of his own: they are a case for the managers. */
static bool is_only_words(const struct sheet *s)
{
	return s->n_parts == 1 && !s->parts[0].number && s->parts[0].n == 0 &&
	       s->parts[0].fault == SHEET_OK && s->reply == REPLY_NONE && !s->reply_choice;
}

/* ---- The exercise: "Svara TA på det här mejlet" ---- */

static bool says_take(struct turn *t, const struct sheet *sheet)
{
	const struct sheet_part *p = &sheet->parts[0];

	return (p->n == 1 && strcmp(p->commands[0].handler->id, "take") == 0) ||
	       feedback_is_take(t->arena, t->text);
}

static size_t words_in(const char *text)
{
	size_t n = 0;

	for (text += strspn(text, " \n"); *text; text += strspn(text, " \n"), n++)
		text += strcspn(text, " \n");
	return n;
}

/* "Svara på det här mejlet och berätta" if anything is wrong: more than a try is a case. */
static bool tells_something(const struct sheet *sheet)
{
	return is_only_words(sheet) && words_in(sheet->parts[0].text) >= TOLD_WORDS;
}

static bool asks_help(const struct sheet *sheet)
{
	const struct sheet_part *p = &sheet->parts[0];

	return p->n == 1 && p->fault == SHEET_OK && strcmp(p->commands[0].handler->id, "help") == 0;
}

static void of_exercise(struct turn *t, const struct sheet *sheet)
{
	bool take = says_take(t, sheet);

	if (!take && tells_something(sheet)) {
		t->match.address_book = false;
		turn_open_from_mail(t);
		return;
	}
	turn_outcome(t, OUTCOME_IGNORED, "exercise");
	if (asks_help(sheet)) {
		t->may_act = true;
		turn_run_part(t, &sheet->parts[0]);
		turn_receipt(t);
		return;
	}
	if (!take) {
		turn_refuse(t, NULL, "exercise", "");
		turn_receipt(t);
		return;
	}
	other(t, "exercise_done", t->actor->id);
	turn_mail_agent(t, t->actor, MAILING_COMMAND, "exercise-done", "exercise");
}

static void list_roles(struct turn *t, const struct agent *a, struct outgoing *o)
{
	const char *roles = "", *areas = "";

	for (size_t i = 0; i < t->people->n_duties; i++) {
		const struct duty *d = &t->people->duties[i];
		const char *role, *area;

		if (d->agent != a->id)
			continue;
		role = turn_role_name(t, d->role, o->language);
		area = turn_area_name(t, d->area, o->language);
		if (!strstr(roles, role))
			roles = arena_printf(t->arena, "%s%s%s", roles, *roles ? ", " : "", role);
		if (*area && !strstr(areas, area))
			areas = arena_printf(t->arena, "%s%s%s", areas, *areas ? ", " : "", area);
	}
	mail_text(o, "roles", roles);
	mail_text(o, "areas", areas);
}

static void send_exercise(struct turn *t, const struct agent *a)
{
	struct outgoing *o = turn_mail_agent(t, a, MAILING_DIGEST, "exercise", "exercise");

	mail_text(o, "name", turn_agent_name(t, a, o->language));
	list_roles(t, a, o);
}

/* ---- The quarterly question to each main representative ---- */

/* Role, areas and address of everybody who receives cases there. */
static json_t *view_people(struct turn *t, const struct organisation *o, const char *language)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->people->n_duties; i++) {
		const struct duty *d = &t->people->duties[i];
		const struct agent *a = people_agent(t->people, d->agent);
		json_t *one;

		if (!a || strcmp(d->organisation, o->id) != 0 || strcmp(d->role, "user") == 0)
			continue;
		one = json_object();
		json_object_set_new(one, "name", json_string(turn_agent_name(t, a, language)));
		json_object_set_new(one, "role", json_string(turn_role_name(t, d->role, language)));
		json_object_set_new(
			one, "areas", json_string(turn_area_name(t, d->area, language)));
		json_object_set_new(one, "address", json_string(a->address));
		json_array_append_new(list, one);
	}
	return list;
}

static void fire_quarter(struct turn *t, const struct organisation *o)
{
	const struct agent *a;
	const char *key = address_key(t->arena, o->main_representative, t->config->own_domains);
	struct outgoing *mail;

	a = key ? people_by_key(t->people, key) : NULL;
	mail = a ? turn_mail_agent(t, a, MAILING_DIGEST, "quarterly", "desk")
		 : turn_mail_address(t, o->main_representative, "",
			   *o->language ? o->language : t->config->languages[0], MAILING_DIGEST,
			   "quarterly", "desk");
	mail_text(mail, "organisation", turn_organisation_name(t, o->id, mail->language));
	mail_json(mail, "people", view_people(t, o, mail->language));
	turn_clock_of_organisation(
		t, o->id, CLOCK_QUARTER, clock_quarter_due(t->config, o, t->now_ms));
}

/* The organisation whose main representative writes; NULL if he is none. */
static const struct organisation *represented(struct turn *t)
{
	for (size_t i = 0; i < t->config->n_organisations; i++) {
		const struct organisation *o = &t->config->organisations[i];
		const char *key = o->main_representative && *o->main_representative
					  ? address_key(t->arena, o->main_representative,
						    t->config->own_domains)
					  : NULL;

		if (key && strcmp(key, t->event->from_key) == 0)
			return o;
	}
	return NULL;
}

static void thank_representative(struct turn *t, const struct organisation *o)
{
	struct outgoing *mail = turn_mail_address(t, t->mail->from.address, t->mail->from.name,
		*o->language ? o->language : t->config->languages[0], MAILING_RECEIPT,
		"quarterly-thanks", "desk");
	int64_t of_day;

	mail_text(mail, "organisation", turn_organisation_name(t, o->id, mail->language));
	if (t->config->templates)
		mail_text(mail, "next_when",
			words_date(t->config->templates, t->arena, mail->language,
				zone_local(&t->config->zone,
					clock_quarter_due(t->config, o, t->now_ms), &of_day),
				t->today));
	turn_outcome(t, OUTCOME_IGNORED, "list-confirmed");
}

/* ---- Replies ---- */

static bool touched_case(const struct turn *t)
{
	const struct turn_case *c;

	STAILQ_FOREACH(c, &t->cases, next)
	{
		if (c->changed)
			return true;
	}
	return false;
}

void turn_of_desk(struct turn *t)
{
	const struct organisation *o = represented(t);
	struct sheet sheet;

	t->actor = people_by_contact(t->people, t->event->token.contact);
	command_read(t->arena, t->in->handlers, t->text, &sheet);
	turn_outcome(t, OUTCOME_IGNORED, "desk");
	if (t->event->trust != TRUST_PROVEN) {
		turn_outcome(t, OUTCOME_IGNORED, "unproven");
		return;
	}
	if (o && (sheet.reply == REPLY_YES || feedback_read(t->arena, t->text) == FEEDBACK_YES)) {
		thank_representative(t, o);
		return;
	}
	if (t->actor && t->event->token.class == TOKEN_EXERCISE) {
		of_exercise(t, &sheet);
		return;
	}
	if (feedback_is_thanks(t->arena, t->text)) {
		turn_outcome(t, OUTCOME_IGNORED, "thanks");
		return;
	}
	if (t->actor && !o && is_only_words(&sheet) && t->in->snapshot->n_held) {
		/* An answer to the list that does not say which case: never a case of its own. */
		turn_refuse(t, NULL, "no-number", "");
		turn_receipt(t);
		return;
	}
	if (!t->actor || is_only_words(&sheet)) {
		t->match.address_book = false;
		t->for_managers = o != NULL;
		turn_open_from_mail(t);
		return;
	}
	t->may_act = true;
	turn_understand(t, &sheet);
	turn_receipt(t);
	if (touched_case(t))
		turn_outcome(t, OUTCOME_CASE, "");
}

void turn_of_standing_clock(struct turn *t)
{
	const struct clock_row *row = &t->event->clock;
	const struct agent *a;
	const struct organisation *o;

	if (row->owner == CLOCK_OF_AGENT && (a = people_agent(t->people, row->owner_id)) != NULL) {
		turn_of_agent_clock(t, a);
	} else if (row->owner == CLOCK_OF_ORGANISATION &&
		   (o = config_organisation(t->config, row->owner_key)) != NULL &&
		   row->kind == CLOCK_QUARTER) {
		fire_quarter(t, o);
	}
}

void turn_of_operator(struct turn *t)
{
	const char *verb = t->event->operator_verb;
	const struct agent *a;

	t->who = arena_printf(t->arena, "operator:%s", t->event->operator_name);
	if (t->in->snapshot->n_candidates)
		turn_focus(t, turn_case_of(t, t->in->snapshot->candidates[0].loaded));
	if (strcmp(verb, "exercise") == 0) {
		a = people_agent(t->people,
			json_integer_value(json_object_get(t->event->operator_args, "agent")));
		if (a)
			send_exercise(t, a);
		turn_outcome(t, OUTCOME_NONE, a ? "sent" : "no-such-agent");
	} else if (t->k && strcmp(verb, "note") == 0) {
		turn_log(t, LOGGED_NOTE,
			json_string_value(json_object_get(t->event->operator_args, "text")), NULL);
		turn_outcome(t, OUTCOME_NONE, "noted");
	} else if (t->k && strcmp(verb, "close") == 0 && turn_is_open(t->k)) {
		turn_close(t, "by_desk", "");
		turn_outcome(t, OUTCOME_NONE, "closed");
	} else {
		turn_outcome(t, OUTCOME_NONE, "not-possible");
	}
}
