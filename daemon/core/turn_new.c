/* Turn new: a mail that belongs to no case. Decides whether it opens one, for whom, and what the
 * sender is told. Called by core/turn. Must not answer strangers more than the settings say. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/feedback.h"
#include "core/words.h"
#include "mail/address.h"
#include "mail/reply.h"

#define COPIED_MAX 20

static const struct contact *contact_of(const struct turn *t, const char *key)
{
	for (size_t i = 0; i < t->in->snapshot->n_contacts; i++) {
		if (strcmp(t->in->snapshot->contacts[i].key, key) == 0)
			return &t->in->snapshot->contacts[i];
	}
	return NULL;
}

static bool has_language(const struct turn *t, const char *language)
{
	for (size_t i = 0; *language && i < t->config->n_languages; i++) {
		if (strcmp(t->config->languages[i], language) == 0)
			return true;
	}
	return false;
}

/* Of what he writes now, else as known, else of his organisation. */
static const char *language_of(
	const struct turn *t, const struct contact *c, const char *organisation)
{
	const struct organisation *o = config_organisation(t->config, organisation);

	if (has_language(t, t->mail->language))
		return t->mail->language;
	if (c && has_language(t, c->language))
		return c->language;
	return o && has_language(t, o->language) ? o->language : t->config->languages[0];
}

bool turn_is_our_address(const struct turn *t, const char *key)
{
	for (size_t i = 0; i < t->config->n_mailboxes; i++) {
		const char *own = address_key(
			t->arena, t->config->mailboxes[i].address, t->config->own_domains);

		if (own && strcmp(own, key) == 0)
			return true;
	}
	return false;
}

/* Colleagues who stood on the mail may write in the case; the list never grows by later mails. */
static void remember_copied(struct turn *t)
{
	const struct mail_addresses *lists[] = {&t->mail->to, &t->mail->cc};
	json_t *keys = json_array();

	for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
		for (size_t i = 0; i < lists[l]->n && json_array_size(keys) < COPIED_MAX; i++) {
			const char *key = address_key(
				t->arena, lists[l]->v[i].address, t->config->own_domains);
			const char *domain = key ? strrchr(key, '@') : NULL;
			const struct organisation *o =
				domain ? config_organisation_of_domain(t->config, domain + 1)
				       : NULL;

			if (o && strcmp(o->id, t->k->organisation) == 0 &&
				!turn_is_our_address(t, key) &&
				strcmp(key, t->event->from_key) != 0)
				json_array_append_new(keys, json_string(key));
		}
	}
	if (json_array_size(keys))
		json_object_set(t->c->data, "cc", keys);
	json_decref(keys);
}

static const char *case_subject(struct turn *t, const char *subject)
{
	const char *s = subject_bare(t->arena, subject);
	int64_t number = match_number_in_subject(s);
	const char *close = number ? strchr(s, ']') : NULL;

	return close ? text_trim(t->arena, close + 1) : text_trim(t->arena, s);
}

void turn_set_requester(struct turn *t, const char *key, const char *address, const char *name)
{
	const struct contact *c = contact_of(t, key);
	struct kase *k = t->k;

	name = address_shown_name(name);
	k->requester = c ? c->id : 0;
	k->requester_address = address;
	k->requester_name = *name ? name : c ? c->name : "";
	k->language = language_of(t, c, k->organisation);
}

#define HISTORY_CASES 2 /* one earlier case says little */

/* No word tells the area, but all that this sender has open is of one. */
static void area_of_history(struct turn *t, const char *key)
{
	const struct snapshot *s = t->in->snapshot;
	const struct kase *same = NULL;
	size_t n = 0;

	if (strcmp(key, t->event->from_key) != 0)
		return;
	for (size_t i = 0; i < s->n_candidates; i++) {
		const struct kase *k = &s->candidates[i].loaded->kase;

		if (!(s->candidates[i].found & FOUND_SAME_REQUESTER) ||
			strcmp(k->organisation, t->k->organisation) != 0)
			continue;
		if (!*k->area || (same && strcmp(same->area, k->area) != 0))
			return;
		same = k;
		n++;
	}
	if (n >= HISTORY_CASES && config_area(t->config, same->area)) {
		t->k->area = same->area;
		t->k->system = same->system;
	}
}

static void fill_case(
	struct turn *t, const char *key, const char *domain, const char *subject, const char *text)
{
	const struct mailbox *box = config_mailbox(t->config, t->event->mailbox);
	struct classified cl;
	struct kase *k = t->k;

	classify(t->arena, t->config, t->people, box, key, domain, subject, text, &cl);
	k->kind = cl.kind;
	k->organisation = cl.organisation;
	k->unit = cl.unit;
	k->system = cl.system;
	k->area = cl.area;
	k->priority = cl.priority;
	if (!*k->area)
		area_of_history(t, key);
	k->subject = case_subject(t, subject);
	if (cl.thin)
		json_object_set_new(t->c->data, "thin", json_true());
	/* A kind without a chain here is handled as a question rather than not at all. */
	struct chain_place place;
	turn_place(t, &place);
	if (!place.chain)
		k->kind = KIND_QUESTION;
}

static json_t *opened_data(const struct turn *t)
{
	json_t *d =
		json_pack("{s:s,s:s}", "mailbox", t->event->mailbox, "trust", t->event->trust_why);

	if (t->match.possible)
		json_object_set_new(d, "possible", json_integer(t->match.possible));
	return d;
}

/* What those who answer must know of the sender: that he is not proven, or wants his answer sent
 * elsewhere (it is not; DESIGN.md: identity is From alone). */
static void note_doubts(struct turn *t, const char *requester_key)
{
	const struct mail_addresses *r = &t->mail->reply_to;

	if (t->event->trust != TRUST_PROVEN)
		json_object_set_new(t->c->data, "unproven", json_true());
	if (strcmp(requester_key, t->event->from_key) != 0)
		return;
	for (size_t i = 0; i < r->n; i++) {
		const char *key = address_key(t->arena, r->v[i].address, t->config->own_domains);

		if (!key || strcmp(key, t->event->from_key) == 0)
			continue;
		json_object_set_new(t->c->data, "reply_to", json_string(key));
		break;
	}
}

/* It answers a mail of another case: those who work with it are told its number, if they may know. */
static void note_related(struct turn *t)
{
	const struct snapshot *s = t->in->snapshot;

	for (size_t i = 0; t->match.possible && i < s->n_candidates; i++) {
		const struct kase *other = &s->candidates[i].loaded->kase;

		if (other->number == t->match.possible &&
			strcmp(other->organisation, t->k->organisation) == 0)
			json_object_set_new(t->c->data, "related", json_integer(t->match.possible));
	}
}

/* The words a case opened with; for a forward both the user's and the forwarder's. */
static void open_case(struct turn *t, const char *key, const char *domain, const char *address,
	const char *name, const char *subject, const char *text)
{
	const struct handler *kind;

	turn_new_case(t);
	if (t->event->imported)
		json_object_set_new(t->c->data, "imported", json_true());
	fill_case(t, key, domain, subject, text);
	turn_set_requester(t, key, address, name);
	remember_copied(t);
	note_related(t);
	turn_log(t, LOGGED_OPENED, text, opened_data(t));
	json_object_set_new(t->c->data, "text", json_string(text));
	note_doubts(t, key);
	kind = handler_of_kind(t->in->handlers, t->k->kind);
	/* A kind that has no rules of its own climbs its chain as a question does. */
	if (!kind)
		kind = handler_of_kind(t->in->handlers, KIND_QUESTION);
	if (kind && kind->open)
		kind->open(t);
	json_object_del(t->c->data, "text");
	json_object_del(t->c->data, "thin");
	turn_outcome(t, OUTCOME_CASE, "");
}

struct turn_case *turn_open_beside(struct turn *t, const char *text)
{
	struct kase *old = t->k;
	const char *first_line = arena_strndup(t->arena, text, strcspn(text, "\n"));
	const char *domain = address_domain(t->arena, old->requester_address);
	const char *key = address_key(t->arena, old->requester_address, t->config->own_domains);
	struct chain_place place;

	turn_new_case(t);
	fill_case(t, key ? key : "", domain ? domain : "", utf8_shorten(t->arena, first_line, 60),
		text);
	t->k->requester = old->requester;
	t->k->requester_address = old->requester_address;
	t->k->requester_name = old->requester_name;
	t->k->language = old->language;
	t->k->mailbox = old->mailbox;
	t->k->organisation = old->organisation;
	json_object_del(t->c->data, "thin");
	json_object_set_new(t->c->data, "text", json_string(text));
	turn_log(t, LOGGED_OPENED, text, json_pack("{s:I}", "from", (json_int_t)old->number));
	turn_place(t, &place);
	(void)turn_start_chain(t, 0, "notification", "");
	json_object_del(t->c->data, "text");
	return t->c;
}

/* A reply address used for something else: which case is it? */
static void ask_new_matter(struct turn *t)
{
	struct turn_case *other = turn_case_by_number(t, t->match.possible);
	struct outgoing *o;

	if (!other || !turn_sender_trusted(t) || !turn_may_answer(t))
		return;
	json_object_set_new(t->c->data, "possible", json_integer(other->k->number));
	o = turn_mail_requester(t, MAILING_RECEIPT, "new-matter");
	mail_text(o, "other_number", arena_printf(t->arena, "%" PRId64, other->k->number));
	mail_text(o, "other_subject", turn_masked(t, other->k->subject));
}

#define QUOTE_MAX 6000 /* bytes of a thread that a new case takes along */

static bool refers_to_us(const struct turn *t)
{
	return t->event->token_verdict != TOKEN_ABSENT || t->event->names_our_mail ||
	       t->match.possible;
}

/* What stands below the sender's own words in the mail. */
static const char *text_below_own(struct turn *t)
{
	const char *own = text_trim(t->arena, arena_strdup(t->arena, t->mail->new_text));
	const char *last_line = strrchr(own, '\n') ? strrchr(own, '\n') + 1 : own;
	const char *at = *last_line ? strstr(t->mail->text, last_line) : NULL;

	return at ? text_trim(t->arena, arena_strdup(t->arena, at + strlen(last_line))) : "";
}

/* "Se nedan": a thread among colleagues that is passed on to us says what the matter is only in what
 * it quotes. Not so for a quote of our own mails. */
static const char *opening_words(struct turn *t)
{
	const struct mail_forward *f = &t->mail->forward;
	const char *below = "";

	if (text_is_blank(t->text) || t->mail->new_text_is_whole || t->mail->answers_inline)
		return t->text;
	if (f->present)
		below = *f->from.address
				? arena_printf(t->arena, "%s%s%s:\n%s", f->from.name,
					  *f->from.name ? ", " : "", f->from.address, f->text)
				: f->text;
	else if (subject_is_reply(t->mail->subject) && !refers_to_us(t))
		below = text_below_own(t);
	return text_is_blank(below) ? t->text
				    : arena_printf(t->arena, "%s\n\n%s", t->text,
					      utf8_shorten(t->arena, below, QUOTE_MAX));
}

/* A link that forwards a user's mail to us opens the case for that user. */
static bool open_forwarded(struct turn *t)
{
	const struct mail_forward *f = &t->mail->forward;
	const char *key, *domain, *text;

	if (!f->present || !t->actor || t->event->trust != TRUST_PROVEN)
		return false;
	key = address_key(t->arena, f->from.address, t->config->own_domains);
	domain = address_domain(t->arena, f->from.address);
	if (!key || !domain || turn_is_our_address(t, key) ||
		strcmp(key, t->event->from_key) == 0 ||
		!config_organisation_of_domain(t->config, domain))
		return false;
	text = f->text;
	if (!text_is_blank(t->mail->new_text) && !t->mail->new_text_is_whole)
		text = arena_printf(t->arena, "%s\n\n%s", t->mail->new_text, f->text);
	open_case(t, key, domain, f->from.address, f->from.name,
		*f->subject ? f->subject : t->mail->subject, text);
	return true;
}

static struct outgoing *answer_sender(struct turn *t, const char *template_id)
{
	turn_count_answer(t);
	const char *language =
		has_language(t, t->mail->language) ? t->mail->language : t->config->languages[0];
	struct outgoing *o = turn_mail_address(
		t, t->mail->from.address, "", language, MAILING_RECEIPT, template_id, "requester");

	o->in_reply_to = t->mail->message_id;
	return o;
}

/* From nobody's domain. True when that is the end of it. */
static bool turn_away(struct turn *t)
{
	if (turn_sender_known(t))
		return false;
	if (refers_to_us(t)) {
		/* Probably staff at a private address: say so, say nothing else. */
		if (turn_may_answer(t))
			answer_sender(t, "private-address");
		turn_outcome(t, OUTCOME_IGNORED, "private-address");
		return true;
	}
	if (t->config->strangers == STRANGER_HOLD) {
		turn_outcome(t, OUTCOME_HELD, "stranger");
		return true;
	}
	if (t->config->strangers == STRANGER_ANSWER) {
		if (turn_may_answer(t))
			answer_sender(t, "unknown-domain");
		turn_outcome(t, OUTCOME_IGNORED, "stranger");
		return true;
	}
	return false;
}

static void tell_nothing_open(struct turn *t)
{
	struct outgoing *o = answer_sender(t, "my-cases");

	mail_flag(o, "none");
	if (t->config->templates)
		mail_text(o, "date",
			words_date(
				t->config->templates, t->arena, o->language, t->today, t->today));
}

/* "Hur går det?" without a thread: the status of what he has open. */
static bool answer_status(struct turn *t)
{
	const struct snapshot *s = t->in->snapshot;
	bool any = false;

	if (t->event->trust != TRUST_PROVEN || feedback_read(t->arena, t->text) != FEEDBACK_STATUS)
		return false;
	for (size_t i = 0; i < s->n_candidates; i++) {
		const struct agent *agent;

		if (!(s->candidates[i].found & (FOUND_SAME_REQUESTER | FOUND_SPOKEN_FOR)) ||
			!turn_is_open(&s->candidates[i].loaded->kase) ||
			match_sender(t->in, &s->candidates[i].loaded->kase, s->candidates[i].loaded,
				&agent) != AS_REQUESTER)
			continue;
		turn_focus(t, turn_case_of(t, s->candidates[i].loaded));
		turn_log(t, LOGGED_OTHER, "", json_pack("{s:s}", "event", "status-asked"));
		if (turn_may_answer(t))
			turn_status_mail(t);
		any = true;
	}
	if (any) {
		turn_outcome(t, OUTCOME_CASE, "");
		return true;
	}
	turn_focus(t, NULL);
	if (turn_may_answer(t))
		tell_nothing_open(t);
	turn_outcome(t, OUTCOME_IGNORED, "status-without-case");
	return true;
}

/* "#för anna@kommun" on top of a new mail from the chain: somebody asked by phone. It opens a case,
 * as anybody's mail does; only the requester is another. */
static bool open_for_another(struct turn *t)
{
	struct sheet sheet;
	const struct command *c;
	const char *key, *domain, *address, *name;

	if (!t->actor || t->event->trust != TRUST_PROVEN ||
		!people_has_any_duty(t->people, t->actor->id))
		return false;
	command_read(t->arena, t->in->handlers, t->text, &sheet);
	c = &sheet.parts[0].commands[0];
	if (sheet.n_parts != 1 || sheet.parts[0].n != 1 || sheet.parts[0].fault != SHEET_OK ||
		strcmp(c->handler->id, "for") != 0)
		return false;
	address = turn_named_address(t, c->argument, &name);
	key = address ? address_key(t->arena, address, t->config->own_domains) : NULL;
	domain = address ? address_domain(t->arena, address) : NULL;
	if (!key || !domain || !config_organisation_of_domain(t->config, domain))
		return false;
	open_case(t, key, domain, address, name, t->mail->subject, c->text);
	return true;
}

/* A link that writes commands into a new mail, where nothing proves which case it is about. */
static bool refuse_loose_command(struct turn *t)
{
	struct sheet sheet;
	struct outgoing *o;

	if (!t->actor || !people_has_any_duty(t->people, t->actor->id))
		return false;
	command_read(t->arena, t->in->handlers, t->text, &sheet);
	if (sheet.n_parts == 1 && sheet.parts[0].n == 0 && sheet.reply == REPLY_NONE)
		return false;
	turn_focus(t, NULL);
	if (turn_may_answer(t) && t->in->snapshot->recent_receipts < 5) {
		o = answer_sender(t, "refused");
		o->class = MAILING_COMMAND;
		mail_text(o, "reason",
			turn_words(t, o->language,
				turn_needs_no_case(&sheet) ? "refuse.reply-to-us"
							   : "refuse.no-case",
				NULL));
	}
	turn_outcome(t, OUTCOME_IGNORED, "command-without-case");
	return true;
}

void turn_open_from_mail(struct turn *t)
{
	t->actor = people_by_key(t->people, t->event->from_key);
	if (turn_away(t))
		return;
	if (feedback_is_thanks(t->arena, t->text) && subject_is_reply(t->mail->subject)) {
		turn_outcome(t, OUTCOME_IGNORED, "thanks");
		return;
	}
	if (answer_status(t) || open_for_another(t) || refuse_loose_command(t) ||
		turn_put_aside(t) || open_forwarded(t))
		return;
	const char *text = opening_words(t);
	if (turn_join_reply(t, text))
		return;
	/* Whoever opens a case asks; his duties are of no matter here. */
	t->match.as = AS_REQUESTER;
	open_case(t, t->event->from_key, t->event->from_domain, t->mail->from.address,
		t->mail->from.name, t->mail->subject, text);
	turn_note_answered(t);
	if (t->match.address_book || t->match.subject_changed)
		ask_new_matter(t);
}
