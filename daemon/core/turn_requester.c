/* Turn requester: what he who asked writes in his case. JA, NEJ and DET LÖSTE SIG act; "tack" does
 * nothing; everything else goes to the people who have the case. Called by core/turn. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/classify.h"
#include "core/feedback.h"
#include "core/template.h"
#include "core/words.h"
#include "mail/address.h"

#define REOPEN_DAYS 30
#define EVENTS_MAX 8
#define STATUS_A_DAY 20	     /* automatic answers to one requester */
#define STATUS_AN_HOUR 3     /* in one case: more is a robot that answers us */
#define ADDITIONS_A_DAY 200  /* of one sender */
#define ADDITIONS_UNPROVEN 5 /* of a From that may be forged */

void turn_remark(struct turn *t, const char *why)
{
	turn_log(t, LOGGED_REMARK, t->text, json_pack("{s:s}", "why", why));
	turn_outcome(t, OUTCOME_CASE, "");
}

static bool reopens(const struct turn *t)
{
	return t->now_ms - t->k->closed_ms <= REOPEN_DAYS * MS_DAY;
}

/* The text after the first word line (JA, NEJ), "" if there is none. */
static const char *text_below(struct turn *t)
{
	struct sheet sheet;

	command_read(t->arena, t->in->handlers, t->text, &sheet);
	return sheet.reply == REPLY_YES || sheet.reply == REPLY_NO ? sheet.parts[0].text : t->text;
}

static void linked_case(struct turn *t)
{
	struct turn_case *old = t->c;

	t->match.possible = old->k->number;
	t->match.subject_changed = t->match.address_book = false;
	turn_open_from_mail(t);
	if (t->c && t->c != old && !t->c->loaded) {
		t->k->parent = 0;
		turn_log(
			t, LOGGED_LINKED, "", json_pack("{s:I}", "to", (json_int_t)old->k->number));
		int64_t to = t->k->number;
		turn_focus(t, old);
		turn_log(t, LOGGED_LINKED, "", json_pack("{s:I}", "to", (json_int_t)to));
	}
}

/* What came with it goes along to those of the same organisation. */
static void attach_additions(struct turn *t)
{
	struct outgoing *o;

	STAILQ_FOREACH(o, &t->fx->mails, next)
	{
		const struct agent *a = people_agent(t->people, o->agent);

		if (a &&
			(strcmp(o->template_id, "addition") == 0 ||
				strcmp(o->template_id, "escalation") == 0) &&
			strcmp(a->organisation, t->k->organisation) == 0)
			turn_attach_mail(t, o);
	}
}

/* What he answers to "Vilket system?" tells the area of a case that had none: whom the next link is. */
static void learn_area(struct turn *t, const char *text)
{
	const char *domain = address_domain(t->arena, t->k->requester_address);
	struct classified cl;

	if (*t->k->area || t->k->state != STATE_NEW || t->match.as != AS_REQUESTER)
		return;
	classify(t->arena, t->config, t->people, config_mailbox(t->config, t->event->mailbox),
		t->event->from_key, domain ? domain : "", "", text, &cl);
	if (!*cl.area)
		return;
	t->k->area = cl.area;
	t->k->system = cl.system;
	turn_log(t, LOGGED_CLASSIFIED, "", json_pack("{s:s}", "area", cl.area));
}

/* From the requester's own address, not from that of a member of his mailbox. */
static bool writes_as_requester(const struct turn *t)
{
	const char *key = address_key(t->arena, t->k->requester_address, t->config->own_domains);

	return key && strcmp(key, t->event->from_key) == 0;
}

void turn_addition(struct turn *t, const char *text)
{
	const struct handler *kind = handler_of_kind(t->in->handlers, t->k->kind);

	/* What is shown is quoted once: the marks of a mail without words of his own go. */
	if (t->mail && t->mail->new_text_is_whole && text == t->text)
		text = t->mail->new_text;
	turn_log(t, LOGGED_ADDITION, text, json_pack("{s:s}", "by", t->match.by));
	bool undecided = t->k->state == STATE_NEW && strcmp(t->k->link, "head") == 0;

	if (kind && kind->add && t->match.as == AS_REQUESTER && t->k->holder == 0 &&
		(t->k->state == STATE_WAITING_REQUESTER || (undecided && t->may_act))) {
		kind->add(t);
		return;
	}
	if (t->k->state == STATE_WAITING_REQUESTER)
		turn_set_state(t, t->k->holder ? STATE_TAKEN : STATE_NEW);
	learn_area(t, text);
	/* A stream of additions is all in the log; who has the case is told of the first. */
	if (t->in->snapshot->recent_mails >=
		(t->event->trust == TRUST_PROVEN ? ADDITIONS_A_DAY : ADDITIONS_UNPROVEN))
		return;
	const char *name = address_shown_name(t->mail->from.name);
	turn_tell_holder(t, MAILING_NOTIFICATION, "addition", "text", text);
	attach_additions(t);
	if (t->match.as == AS_COPIED || turn_is_follower(t) || !writes_as_requester(t))
		turn_mails_say(
			t, "addition", "by", *name ? turn_masked(t, name) : t->mail->from.address);
	if (t->event->trust != TRUST_PROVEN)
		turn_mails_say(t, "addition", "unproven", "1");
}

static void denied(struct turn *t)
{
	const char *text = text_below(t);

	turn_log(t, LOGGED_DENIED, text, NULL);
	turn_reopen(t, text);
}

static void confirmed(struct turn *t)
{
	turn_log(t, LOGGED_CONFIRMED, t->text, NULL);
	turn_close(t, "confirmed", feedback_is_plain(t->arena, t->text) ? "" : t->text);
}

/* Everything that is no plain yes, no or thanks. */
static void words_of_requester(struct turn *t)
{
	if (turn_is_open(t->k)) {
		turn_addition(t, t->text);
		/* Answered, and he writes on: somebody must look at it again. */
		if (t->k->state == STATE_ANSWERED &&
			feedback_read(t->arena, t->text) == FEEDBACK_OTHER)
			turn_set_state(t, t->k->holder ? STATE_TAKEN : STATE_NEW);
	} else if (reopens(t) && t->may_act && t->k->state != STATE_MERGED) {
		turn_log(t, LOGGED_ADDITION, t->text, NULL);
		turn_reopen(t, t->text);
	} else {
		linked_case(t);
	}
}

/* "Hör det ihop? JA": what was written goes into the other case, and this one is over. */
static void join(struct turn *t, struct turn_case *other)
{
	struct turn_case *this = t->c;
	const char *text = turn_opening_text(t, this);
	int64_t from = t->k->number;

	turn_log(t, LOGGED_MERGED, t->text,
		json_pack("{s:I}", "into", (json_int_t)other->k->number));
	t->k->parent = other->k->number;
	turn_set_state(t, STATE_MERGED);
	turn_tell_holder(t, MAILING_COMMAND, "closed-holder", "text", "");
	turn_focus(t, other);
	turn_log(t, LOGGED_MERGED, text, json_pack("{s:I}", "from", (json_int_t)from));
	t->text = text;
	words_of_requester(t);
}

static void yes(struct turn *t)
{
	struct turn_case *other =
		turn_case_by_number(t, json_integer_value(json_object_get(t->c->data, "possible")));

	if (t->k->state == STATE_ANSWERED && t->may_act)
		confirmed(t);
	else if (other && t->may_act && t->k->state == STATE_NEW)
		join(t, other);
	else if (!turn_is_open(t->k) && feedback_is_plain(t->arena, t->text))
		turn_remark(t, "confirmed-again");
	else
		words_of_requester(t);
}

static void no(struct turn *t)
{
	bool closed = t->k->state == STATE_CLOSED || t->k->state == STATE_REFERRED;

	if ((t->k->state == STATE_ANSWERED || (closed && reopens(t))) && t->may_act)
		denied(t);
	else if (closed)
		linked_case(t);
	else
		words_of_requester(t);
}

/* ---- Status ---- */

static void view_events(struct turn *t, struct outgoing *o, const char *words)
{
	static const enum log_type told[] = {LOGGED_OPENED, LOGGED_TAKEN, LOGGED_ANSWERED,
		LOGGED_INTERIM, LOGGED_QUESTION_BACK, LOGGED_ESCALATED, LOGGED_PAUSED,
		LOGGED_REOPENED, LOGGED_CLOSED, LOGGED_SUPPLIER, LOGGED_UNDONE};
	const struct loaded_case *l = t->c->loaded;
	json_t *list = json_array();

	bool at_supplier = false;

	for (size_t i = 0; l && i < l->n_log; i++) {
		for (size_t k = 0; k < ARRAY_LEN(told); k++) {
			if (l->log[i].type != told[k] || turn_never_left(l, i))
				continue;
			/* What goes to and fro with the supplier is one event. */
			if (told[k] == LOGGED_SUPPLIER && at_supplier)
				continue;
			at_supplier |= told[k] == LOGGED_SUPPLIER;
			json_t *v = json_object();
			json_object_set_new(v, "when",
				json_string(
					words_moment(t->config->templates, t->arena, o->language,
						&t->config->zone, l->log[i].at_ms, t->now_ms)));
			const char *key =
				arena_printf(t->arena, "%s.%s", words, log_type_id(told[k]));
			json_array_append_new(
				list, json_string(turn_words(t, o->language, key, v)));
			json_decref(v);
		}
		if (json_array_size(list) > EVENTS_MAX)
			json_array_remove(list, 0);
	}
	mail_json(o, "events", list);
}

void turn_view_status(struct turn *t, struct outgoing *o, bool of_chain)
{
	if (!t->config->templates)
		return;
	if (t->k->state == STATE_PAUSED && t->k->paused_until_ms) {
		int64_t of_day;
		struct date day = zone_local(&t->config->zone, t->k->paused_until_ms, &of_day);

		mail_text(o, "until",
			words_date(t->config->templates, t->arena, o->language, day, t->today));
	}
	if (t->k->state == STATE_NEW || t->k->state == STATE_TAKEN)
		turn_expect(t, o);
	/* What waits for the requester stands in it: he may have lost the mail. */
	const struct log_entry *asked = turn_last_log(t, LOGGED_QUESTION_BACK);
	const struct log_entry *answered = turn_last_log(t, LOGGED_ANSWERED);
	if (!of_chain && t->k->state == STATE_WAITING_REQUESTER && asked)
		mail_text(o, "question", turn_masked(t, asked->text));
	if (!of_chain && t->k->state == STATE_ANSWERED && answered)
		mail_text(o, "answer", turn_masked(t, answered->text));
	/* What #tid has noted is for those who work with it. */
	json_t *sums = json_object_get(t->c->data, "time");
	int minutes = (int)json_integer_value(json_object_get(sums, "all"));
	if (of_chain && minutes > 0)
		mail_text(o, "time_spent",
			words_minutes(t->config->templates, t->arena, o->language, minutes));
	view_events(t, o, of_chain ? "event_for_chain" : "event");
}

/* To whoever asks: a member of the unit's mailbox is answered at his own address. */
void turn_status_mail(struct turn *t)
{
	struct outgoing *o;

	if (writes_as_requester(t)) {
		o = turn_mail_requester(t, MAILING_RECEIPT, "status");
	} else {
		o = turn_mail_address(t, t->mail->from.address, t->mail->from.name, t->k->language,
			MAILING_RECEIPT, "status", "requester");
		o->in_reply_to = t->mail->message_id;
	}
	turn_view_status(t, o, false);
}

/* Not too often today, nor in this case in the last hour. */
static bool may_be_told(const struct turn *t, const char *event)
{
	const struct loaded_case *l = t->c->loaded;
	int times = 0;

	for (size_t i = 0; l && i < l->n_log; i++)
		times += l->log[i].at_ms > t->now_ms - MS_HOUR && strstr(l->log[i].data, event);
	return t->in->snapshot->recent_receipts < STATUS_A_DAY && times < STATUS_AN_HOUR;
}

static void status(struct turn *t)
{
	turn_log(t, LOGGED_OTHER, "", json_pack("{s:s}", "event", "status-asked"));
	if (may_be_told(t, "status-asked"))
		turn_status_mail(t);
}

/* ---- Commands of a requester: #status, #hjälp; anything else he types is read as words ---- */

static bool command_of_requester(struct turn *t)
{
	struct sheet sheet;
	const struct handler *h;

	command_read(t->arena, t->in->handlers, t->text, &sheet);
	if (sheet.n_parts != 1 || sheet.parts[0].n != 1 || sheet.parts[0].fault != SHEET_OK ||
		sheet.bare || t->event->trust != TRUST_PROVEN)
		return false;
	h = sheet.parts[0].commands[0].handler;
	if (strcmp(h->id, "status") == 0) {
		status(t);
		return true;
	}
	if (strcmp(h->id, "help") == 0) {
		turn_log(t, LOGGED_OTHER, "", json_pack("{s:s}", "event", "help-asked"));
		if (may_be_told(t, "help-asked"))
			turn_mail_requester(t, MAILING_RECEIPT, "help-requester");
		return true;
	}
	return false;
}

/* Nothing but automatic mail has gone to the requester: there is nothing to say ok to. */
static bool nobody_has_written(const struct turn *t)
{
	return !turn_last_log(t, LOGGED_ANSWERED) && !turn_last_log(t, LOGGED_INTERIM) &&
	       !turn_last_log(t, LOGGED_QUESTION_BACK);
}

/* To our question "ok" is an answer; to an answer it says no more than thanks. */
static enum feedback what_ok_means(struct turn *t, enum feedback f)
{
	if ((f != FEEDBACK_OTHER && f != FEEDBACK_THANKS) || !feedback_is_ok(t->arena, t->text))
		return f;
	if (t->k->state == STATE_WAITING_REQUESTER)
		return FEEDBACK_OTHER;
	if (t->k->state == STATE_ANSWERED || !turn_is_open(t->k) || nobody_has_written(t))
		return FEEDBACK_THANKS;
	return f;
}

/* False if it is for people to read. */
static bool act_on(struct turn *t, enum feedback f)
{
	switch (f) {
	case FEEDBACK_THANKS:
		turn_remark(t, "thanks");
		return true;
	case FEEDBACK_STATUS:
		/* The answer quotes the case: only to whom it belongs, and not without end. */
		if (t->event->trust != TRUST_PROVEN)
			return false;
		status(t);
		return true;
	case FEEDBACK_YES:
		yes(t);
		return true;
	case FEEDBACK_NO:
		no(t);
		return true;
	case FEEDBACK_SOLVED:
		if (!t->may_act || !turn_is_open(t->k))
			return false;
		turn_log(t, LOGGED_CONFIRMED, t->text, NULL);
		turn_close(t, "solved_itself", "");
		return true;
	default:
		return false;
	}
}

/* A reply that was sent too early. A signature alone may be an answer: whom to call. */
static bool says_nothing(const struct turn *t)
{
	return *text_trim(t->arena, t->text) == '\0' && t->mail->n_attachments == 0;
}

void turn_of_requester(struct turn *t)
{
	enum feedback f = feedback_read(t->arena, t->text);
	struct sheet sheet;

	turn_outcome(t, OUTCOME_CASE, "");
	if (turn_is_follower(t) &&
		(turn_is_open(t->k) || f == FEEDBACK_YES || f == FEEDBACK_THANKS)) {
		turn_of_follower(t, f);
		return;
	}
	if (turn_is_follower(t)) {
		linked_case(t);
		return;
	}
	/* Nothing of his own could be told from the quote: no word of it may act. */
	if (t->mail->new_text_is_whole) {
		words_of_requester(t);
		return;
	}
	if (t->match.subject_changed && f != FEEDBACK_YES && f != FEEDBACK_NO) {
		t->match.possible = t->k->number;
		turn_open_from_mail(t);
		return;
	}
	/* A mail that begins with a line JA or NEJ is that answer, whatever stands below. */
	command_read(t->arena, t->in->handlers, t->text, &sheet);
	if (sheet.reply == REPLY_NO && f != FEEDBACK_NO_THANKS)
		f = FEEDBACK_NO;
	if (command_of_requester(t))
		return;
	if (says_nothing(t)) {
		turn_remark(t, "empty");
		return;
	}
	if (!act_on(t, what_ok_means(t, f)))
		words_of_requester(t);
}
