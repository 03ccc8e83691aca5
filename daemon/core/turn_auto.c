/* Turn auto: mails that no person wrote. They never open, answer, reopen or close a case. Absence is
 * learnt from an out-of-office reply with dates, a dead address from a delivery report, a number
 * from the receipt of a ticket system. Called by core/turn. */
#include "base/prelude.h"
#include "core/turn_list.h"

#include "base/arena.h"
#include "core/words.h"
#include "mail/address.h"

#define ABSENCE_MAX_DAYS 200

/* The case an automatic mail is about. The signed address alone is enough: nothing is done by it. */
static bool find_case(struct turn *t)
{
	struct turn_case *c = NULL;

	match_find(t->in, &t->match);
	if (t->match.loaded)
		c = turn_case_of(t, t->match.loaded);
	if (!c && t->event->token_verdict == TOKEN_GOOD)
		c = turn_case_by_number(t, t->event->token.number);
	for (size_t i = 0; !c && i < t->event->n_referenced; i++)
		c = turn_case_by_number(t, t->event->referenced[i]);
	turn_focus(t, c);
	return c != NULL;
}

/* Who wrote it, if the signed address was made for him. */
static const struct agent *proven_agent(struct turn *t)
{
	const struct agent *a = people_by_key(t->people, t->event->from_key);

	if (t->event->trust != TRUST_PROVEN || t->event->token_verdict != TOKEN_GOOD || !a)
		return NULL;
	return a->contact == t->event->token.contact ? a : NULL;
}

void turn_ask_others(struct turn *t, const struct agent *gone, const struct agent *substitute)
{
	const struct loaded_case *l = t->c->loaded;
	struct chain_place place;
	struct link_people people;
	size_t others = 0;
	bool asked = false;
	int link;

	if (!l || t->k->state != STATE_NEW)
		return;
	for (size_t i = 0; i < l->n_asked; i++) {
		const struct agent *a = people_agent(t->people, l->asked[i].agent);

		asked |= a == gone;
		others += a && a != gone && !agent_is_absent(a, t->today, NULL);
	}
	if (others || !asked)
		return;
	turn_place(t, &place);
	link = chain_index(place.chain, t->k->link);
	if (substitute && link >= 0) {
		people = (struct link_people){.v = &substitute, .n = 1};
	} else {
		link = chain_seek(t->arena, t->config, t->people, &place, link < 0 ? 0 : link, 1,
			gone->id, false, &people);
	}
	if (link < 0)
		return;
	turn_ask(t, link, &people, "escalation", "", true);
	turn_mails_say(t, "escalation", "gone", "1");
}

const struct agent *turn_stand_in(struct turn *t, const struct agent *holder)
{
	int64_t id = 0;
	const struct agent *a;

	if (!agent_is_absent(holder, t->today, &id))
		return holder;
	a = id ? people_agent(t->people, id) : NULL;
	return a && !agent_is_absent(a, t->today, NULL) ? a : NULL;
}

const struct agent *turn_other_holder(struct turn *t)
{
	const struct agent *holder = turn_holder(t);

	return holder && holder != t->actor && turn_stand_in(t, holder) == holder ? holder : NULL;
}

bool turn_holder_gone(struct turn *t)
{
	const struct agent *holder = turn_holder(t);
	struct chain_place place;
	struct link_people people;
	int link;

	if (!holder || t->k->state != STATE_TAKEN || turn_stand_in(t, holder))
		return false;
	turn_place(t, &place);
	link = chain_index(place.chain, t->k->link);
	link = chain_seek(t->arena, t->config, t->people, &place, link < 0 ? 0 : link, 1,
		holder->id, false, &people);
	if (link < 0)
		return false;
	turn_log(t, LOGGED_RELEASED, "",
		json_pack("{s:s,s:I}", "why", "absent", "agent", (json_int_t)holder->id));
	turn_ask(t, link, &people, "escalation", "", false);
	turn_mails_say(t, "escalation", "gone", "1");
	return true;
}

static bool address_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr(".-_+@", c) != NULL;
}

/* Do they hold the same role for the same organisation? */
static bool are_colleagues(const struct people *p, const struct agent *a, const struct agent *b)
{
	for (size_t i = 0; i < p->n_duties; i++) {
		const struct duty *d = &p->duties[i];

		if (d->agent == a->id &&
			people_has_duty(p, b->id, d->role, d->organisation, d->system, "", ""))
			return true;
	}
	return false;
}

/* "Vid brådskande ärenden kontakta erik@kalix.example": a colleague of his whom the reply names. */
static const struct agent *named_substitute(struct turn *t, const struct agent *gone)
{
	const char *p = t->mail->new_text;

	while ((p = strchr(p, '@')) != NULL) {
		const char *start = p, *end = p + 1;

		while (start > t->mail->new_text && address_byte(start[-1]))
			start--;
		while (*end && address_byte(*end) && *end != '@')
			end++;
		while (end > p && (end[-1] == '.' || end[-1] == '-'))
			end--;
		const char *key =
			address_key(t->arena, arena_strndup(t->arena, start, (size_t)(end - start)),
				t->config->own_domains);
		const struct agent *a = key ? people_by_key(t->people, key) : NULL;

		if (a && a != gone && are_colleagues(t->people, gone, a) &&
			!agent_is_absent(a, t->today, NULL))
			return a;
		p = end;
	}
	return NULL;
}

/* What the mail tells is the day he is back. */
static void learn_absence(struct turn *t, const struct agent *a)
{
	struct date until = date_add(date_from_days(t->mail->absent_until_ms / MS_DAY), -1);
	const struct agent *substitute = named_substitute(t, a);
	struct absence_op *op;

	if (t->mail->absent_until_ms <= 0 || date_compare(until, t->today) < 0 ||
		date_to_days(until) - date_to_days(t->today) > ABSENCE_MAX_DAYS)
		return;
	op = arena_new_of(t->arena, struct absence_op);
	op->agent = a->id;
	op->from = t->mail->absent_from_ms ? date_from_days(t->mail->absent_from_ms / MS_DAY)
					   : t->today;
	if (date_compare(op->from, t->today) < 0)
		op->from = t->today;
	op->until = until;
	op->substitute = substitute ? substitute->id : 0;
	if (!agent_is_absent(a, until, NULL)) {
		STAILQ_INSERT_TAIL(&t->fx->absences, op, next);
		turn_log(t, LOGGED_OTHER, "",
			json_pack("{s:s,s:I}", "event", "absence-learnt", "agent",
				(json_int_t)a->id));
	}
	if (date_compare(op->from, t->today) <= 0)
		turn_ask_others(t, a, substitute);
}

static void of_reply(struct turn *t)
{
	const struct agent *a;

	if (!find_case(t)) {
		turn_outcome(t, OUTCOME_IGNORED, mail_auto_id(t->mail->auto_class));
		return;
	}
	a = proven_agent(t);
	t->actor = a;
	/* Whose number it is has proven itself, too. */
	if (!a && strcmp(t->match.by, "supplier-number") == 0)
		t->actor = a = t->match.agent;
	turn_remark(t, mail_auto_id(t->mail->auto_class));
	if (a && turn_is_ticket_system_agent(t, a) && turn_is_open(t->k)) {
		turn_of_ticket_receipt(t);
	} else if (a && t->mail->auto_class == MAIL_OUT_OF_OFFICE) {
		learn_absence(t, a);
	}
}

/* Whose mail came back: by the signed return path, else by our id of the mail in the report. Never
 * by the address that the report names: anybody who has a mail of ours could name another. */
static int64_t bounced_contact(const struct turn *t)
{
	if (t->event->token_verdict == TOKEN_GOOD)
		return t->event->token.contact;
	return t->event->bounced_contact;
}

/* Two failures, and nothing is sent there until it writes itself. */
static void note_failure(struct turn *t, int64_t contact)
{
	struct other_op *op = arena_new_of(t->arena, struct other_op);

	op->what = "contact_failed";
	op->agent = contact;
	op->data = t->mail->bounce.status;
	STAILQ_INSERT_TAIL(&t->fx->others, op, next);
}

/* What the requester was last sent by a person, which is most likely what did not arrive. */
static const char *last_sent(const struct turn *t)
{
	const struct loaded_case *l = t->c->loaded;

	for (size_t i = l ? l->n_log : 0; i-- > 0;) {
		enum log_type type = l->log[i].type;

		if (type == LOGGED_ANSWERED || type == LOGGED_INTERIM ||
			type == LOGGED_QUESTION_BACK)
			return l->log[i].text;
	}
	return "";
}

#define FAILURES_TOLD 2 /* of one case in a day: a third says no more, and reports can be forged */

static bool told_enough(const struct turn *t)
{
	const struct loaded_case *l = t->c->loaded;
	int times = 0;

	for (size_t i = 0; l && i < l->n_log; i++)
		times += l->log[i].type == LOGGED_DELIVERY && l->log[i].at_ms > t->now_ms - MS_DAY;
	return times >= FAILURES_TOLD;
}

/* The requester's address is dead: who has the case must reach him another way. */
void turn_say_undelivered(
	struct turn *t, const char *address, const char *status, const char *diagnostic)
{
	const struct templates *tm = t->config->templates;
	struct outgoing *o;

	if (told_enough(t) || (!turn_holder(t) && !turn_is_open(t->k)))
		return;
	turn_tell_holder(t, MAILING_NOTIFICATION, "delivery-failed", "text", last_sent(t));
	STAILQ_FOREACH(o, &t->fx->mails, next)
	{
		if (strcmp(o->template_id, "delivery-failed") != 0)
			continue;
		const char *why = tm ? words_name(tm, t->arena, o->language, "bounce", status) : "";

		mail_text(o, "address", address);
		mail_text(o, "reason", *why ? why : *status ? status : diagnostic);
	}
}

static void of_bounce(struct turn *t)
{
	const struct mail_bounce *b = &t->mail->bounce;
	int64_t contact = bounced_contact(t);
	const struct agent *a = people_by_contact(t->people, contact);

	if (b->delivered || !find_case(t)) {
		turn_outcome(t, OUTCOME_IGNORED,
			b->delivered ? "delivery-report" : "bounce-of-nothing-of-ours");
		return;
	}
	turn_outcome(t, OUTCOME_CASE, "");
	t->actor = NULL;
	turn_log(t, LOGGED_DELIVERY, b->diagnostic,
		json_pack("{s:s,s:s,s:b}", "recipient", b->recipient, "status", b->status,
			"temporary", b->temporary));
	if (b->temporary || !contact)
		return;
	note_failure(t, contact);
	if (a) {
		turn_ask_others(t, a, NULL);
		return;
	}
	/* A report can be forged by whoever has a mail of ours: who was only asked reads it with the case. */
	if (!turn_holder(t))
		return;
	turn_say_undelivered(t, *b->recipient ? b->recipient : t->k->requester_address, b->status,
		b->diagnostic);
}

void turn_of_automatic(struct turn *t)
{
	switch (t->mail->auto_class) {
	case MAIL_AUTO_REPLY:
	case MAIL_OUT_OF_OFFICE:
		of_reply(t);
		return;
	case MAIL_BOUNCE:
		of_bounce(t);
		return;
	default:
		turn_outcome(t, OUTCOME_IGNORED, mail_auto_id(t->mail->auto_class));
		return;
	}
}
