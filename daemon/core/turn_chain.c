/* Turn chain: a reply from somebody in the chain: plain text is the answer, `#` lines are commands.
 * Everything is checked before anything is done; what is not understood does nothing, sends nothing
 * and is asked about. Called by core/turn. Knows no command: they are in handlers/. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/feedback.h"
#include "core/policy.h"
#include "core/turn_list.h"
#include "core/words.h"
#include "mail/reply.h"

#define REFUSALS_A_DAY 3     /* to one address whose mail proves nothing */
#define REPLIES_AN_HOUR 15   /* of one person in one case */
#define DOUBTS_AN_HOUR 4     /* of them, that nothing came of */
#define RECEIPTS_OF_DESK 200 /* a day, about no case */

static const char *language(struct turn *t)
{
	return t->actor ? turn_agent_language(t, t->actor) : t->config->languages[0];
}

static void note_sentence(struct turn *t, json_t *list, const char *key, json_t *values)
{
	const char *s = turn_words(t, language(t), key, values);

	/* A list of cases names each. */
	if (t->listed && t->k)
		s = arena_printf(t->arena, "%" PRId64 ": %s", t->k->number, s);
	json_array_append_new(list, json_string(s));
}

/* The areas of the case's system that its organisation works in: "IFO, HSL". */
static const char *areas_here(struct turn *t)
{
	const struct organisation *o = config_organisation(t->config, t->k->organisation);
	const char *names = "";

	for (size_t i = 0; i < t->config->n_areas; i++) {
		const struct area *a = &t->config->areas[i];

		if (strcmp(a->system, t->k->system) != 0 ||
			(*a->organisation_kind && o && strcmp(a->organisation_kind, o->kind) != 0))
			continue;
		names = arena_printf(t->arena, "%s%s%s", names, *names ? ", " : "",
			config_name(t->config, &a->name, language(t)));
	}
	return names;
}

int turn_refuse(struct turn *t, const struct command *c, const char *code, const char *detail)
{
	json_t *v = turn_object(t);
	const char *word = c ? arena_printf(t->arena, "#%s", c->word) : "";

	json_object_set_new(v, "word", json_string(word));
	json_object_set_new(v, "detail", json_string(turn_masked(t, detail)));
	if (t->k) {
		json_object_set_new(v, "number", json_integer(t->k->number));
		json_object_set_new(v, "areas", json_string(areas_here(t)));
	}
	note_sentence(t, t->not_understood, arena_printf(t->arena, "refuse.%s", code), v);
	return -1;
}

void turn_done(struct turn *t, const char *id, json_t *values)
{
	json_t *v = turn_object(t);

	if (values)
		json_object_update(v, values);
	if (t->k)
		json_object_set_new(v, "number", json_integer(t->k->number));
	note_sentence(t, t->done, arena_printf(t->arena, "done.%s", id), v);
}

/* What else went to the requester in this turn, in words: a question about his order, a word that
 * nobody is on duty. NULL: nothing. */
static const char *sent_besides(struct turn *t)
{
	const struct outgoing *o;

	STAILQ_FOREACH(o, &t->fx->mails, next)
	{
		if (o->kase != t->k || !t->k || strcmp(o->verbs, "requester") != 0)
			continue;
		const char *key = arena_printf(t->arena, "sent.%s", o->template_id);
		const char *words = turn_words(t, language(t), key, NULL);

		return strcmp(words, key) != 0 ? words
					       : turn_words(t, language(t), "sent.mail", NULL);
	}
	return NULL;
}

static void fill_receipt(struct turn *t, struct outgoing *o)
{
	if (json_array_size(t->done))
		json_object_set(o->view, "done", t->done);
	if (json_array_size(t->not_understood))
		json_object_set(o->view, "not_understood", t->not_understood);
	if (json_array_size(t->not_understood) && !json_array_size(t->done))
		mail_flag(o, "nothing_done");
	if (t->hint)
		mail_text(o, "hint", t->hint);
	if (t->listed)
		mail_flag(o, "listed");
	if (t->can_send)
		mail_flag(o, "can_send");
	if (t->can_send && t->send_words)
		mail_text(o, "send_words", t->send_words);
	if (t->can_send && t->send_reaches)
		mail_flag(o, "send_reaches");
	if (t->can_undo && t->config->undo_delay_ms && t->config->templates) {
		mail_flag(o, "undo");
		mail_text(o, "undo_until",
			words_moment(t->config->templates, t->arena, o->language, &t->config->zone,
				turn_sent_not_before(t), t->now_ms));
	}
	if (!t->text_sent)
		t->text_sent = sent_besides(t);
	if (t->text_sent)
		mail_text(o, "sent_to_requester", t->text_sent);
	if (t->receipt_view)
		json_object_update(o->view, t->receipt_view);
	if (t->k && strcmp(t->receipt, "taken") == 0)
		turn_offer(t, o, t->actor);
}

/* A robot that answers our receipts would be answered for ever: nobody writes so often in one case,
 * nor is misunderstood so often, within the hour. */
static bool is_too_often(const struct turn *t)
{
	const struct loaded_case *l = t->c ? t->c->loaded : NULL;
	size_t mails = 0, doubtful = 0;
	int64_t last = 0;

	for (size_t i = 0; l && i < l->n_log; i++) {
		const struct log_entry *e = &l->log[i];

		if (e->actor != t->actor->id || e->at_ms <= t->now_ms - MS_HOUR)
			continue;
		mails += e->inbox != last;
		last = e->inbox;
		doubtful += e->type == LOGGED_REMARK || e->type == LOGGED_REFUSED;
	}
	if (!t->c)
		return t->in->snapshot->recent_receipts >= RECEIPTS_OF_DESK;
	return mails >= REPLIES_AN_HOUR ||
	       (json_array_size(t->done) == 0 && doubtful >= DOUBTS_AN_HOUR);
}

void turn_receipt(struct turn *t)
{
	struct outgoing *o;
	bool one_receipt = strcmp(t->receipt, "command-receipt") == 0;

	if (t->quiet || !t->actor || is_too_often(t))
		return;
	/* A receipt of its own is only right when it says all. */
	if (!one_receipt && (json_array_size(t->not_understood) || json_array_size(t->done) > 1))
		t->receipt = "command-receipt";
	/* His list is about all of his cases, and so is what he answers to it. */
	if (strcmp(t->receipt, "my-cases") == 0)
		turn_focus(t, NULL);
	/* Who wrote from his own address is answered there, not in the mailbox he spoke for. */
	const struct agent *self = people_by_key(t->people, t->event->from_key);
	o = turn_mail_agent(
		t, self ? self : t->actor, MAILING_COMMAND, t->receipt, t->k ? "chain" : "desk");
	if (t->mail)
		o->in_reply_to = t->mail->message_id;
	fill_receipt(t, o);
}

/* ---- Checking and doing ---- */

/* Somebody has answered already, or has it in hand: true if the mail was held back to ask. */
static bool ask_if_taken(struct turn *t, bool is_answer)
{
	const struct log_entry *last = turn_last_log(t, LOGGED_ANSWERED);
	const struct agent *holder = turn_other_holder(t), *by;
	json_t *v = turn_object(t);

	if (t->force)
		return false;
	if (is_answer && last && (t->k->state == STATE_ANSWERED || t->k->state == STATE_CLOSED)) {
		by = last->actor ? people_agent(t->people, last->actor) : NULL;
		turn_hold_back(t, "already-answered");
		t->receipt = "already-answered";
		t->receipt_view = v;
		const char *when =
			t->config->templates
				? words_moment(t->config->templates, t->arena, language(t),
					  &t->config->zone, last->at_ms, t->now_ms)
				: "";
		json_object_set_new(v, "answered_when", json_string(when));
		json_object_set_new(v, "answered_by",
			json_string(by ? turn_agent_name(t, by, language(t)) : last->who));
		json_object_set_new(v, "text", json_string(turn_masked(t, t->text)));
		json_object_set_new(v, "answer", json_string(turn_masked(t, last->text)));
		return true;
	}
	/* Closed without an answer: who writes one now may not know it. */
	if (is_answer && t->k->state == STATE_CLOSED) {
		turn_say_fault(t, "closed", "");
		turn_hold_back(t, "closed");
		return true;
	}
	if (holder && t->k->state != STATE_SUPPLIER) {
		json_object_set_new(
			v, "holder", json_string(turn_agent_name(t, holder, language(t))));
		json_object_set_new(
			v, "detail", json_string(turn_agent_name(t, holder, language(t))));
		note_sentence(t, t->not_understood, "refuse.held-by-other", v);
		turn_hold_back(t, "held-by-other");
		return true;
	}
	return false;
}

static bool check_part(struct turn *t, const struct sheet_part *part)
{
	bool ok = true;
	size_t moves = 0;

	for (size_t i = 0; i < part->n; i++)
		moves += part->commands[i].handler->moves;
	if (moves > 1)
		return turn_refuse(t, NULL, "two-moves", "") == 0;
	for (size_t i = 0; i < part->n; i++) {
		const struct command *c = &part->commands[i];
		const char *code = policy_refuses(t, c->handler);

		if (code)
			ok = turn_refuse(t, c, code, "") == 0;
		else if (c->handler->argument == ARGUMENT_REQUIRED && !*c->argument)
			ok = turn_refuse(t, c, "no-argument", "") == 0;
		else if (c->handler->check && c->handler->check(t, c) != 0)
			ok = false;
	}
	return ok;
}

/* The command that speaks to the requester, or NULL. */
static const struct handler *speaks_to_requester(const struct sheet_part *part)
{
	for (size_t i = 0; i < part->n; i++) {
		if (part->commands[i].handler->reader == READ_BY_REQUESTER)
			return part->commands[i].handler;
	}
	return NULL;
}

void turn_run_part(struct turn *t, const struct sheet_part *part)
{
	if (!check_part(t, part))
		return;
	const struct handler *speaks = speaks_to_requester(part);
	if (t->k && speaks && ask_if_taken(t, speaks->is_answer))
		return;
	for (size_t i = 0; i < part->n; i++)
		part->commands[i].handler->plan(t, &part->commands[i]);
}

/* ---- What was not understood ---- */

static const char *fault_code(enum sheet_fault f)
{
	switch (f) {
	case SHEET_UNKNOWN:
		return "unknown";
	case SHEET_LATE:
		return "late";
	case SHEET_SUBJECT:
		return "in-subject";
	case SHEET_UNSIGNED:
		return "unsigned";
	case SHEET_CONFLICT:
		return "conflict";
	case SHEET_TOO_MANY:
		return "too-many";
	case SHEET_OK:
		break;
	}
	return "unknown";
}

void turn_say_fault(struct turn *t, const char *code, const char *seen)
{
	json_t *v = turn_object(t);

	json_object_set_new(v, "word", json_string(turn_masked(t, seen)));
	json_object_set_new(v, "detail", json_string(turn_masked(t, seen)));
	note_sentence(t, t->not_understood, arena_printf(t->arena, "refuse.%s", code), v);
}

/* The subject of a reply repeats the case's own: only a word that is new there counts. */
static const char *new_in_subject(struct turn *t)
{
	const char *seen =
		t->mail ? command_in_subject(t->arena, t->in->handlers, t->mail->subject) : NULL;

	return seen && !strstr(text_fold(t->arena, t->k ? t->k->subject : ""),
			       text_fold(t->arena, seen))
		       ? seen
		       : NULL;
}

/* ---- The shapes of a reply ---- */

void turn_run_handler(struct turn *t, const char *id, const char *text)
{
	struct sheet_part part = {.n = 1, .text = text, .seen = ""};

	part.commands[0].handler = handler_find(t->in->handlers, id);
	part.commands[0].argument = "";
	part.commands[0].text = text;
	if (!part.commands[0].handler)
		return;
	part.commands[0].word = strcmp(language(t), "en") == 0
					? part.commands[0].handler->words_en[0]
					: part.commands[0].handler->words_sv[0];
	turn_run_part(t, &part);
}

static bool is_forward(const struct turn *t)
{
	return t->mail && (t->mail->forward.present || subject_is_forward(t->mail->subject));
}

static void keep_forward(struct turn *t);

/* One part of a list: the case it names, if he works on it. */
static bool focus_part(struct turn *t, const struct sheet_part *part)
{
	struct turn_case *c = turn_case_by_number(t, part->number);
	const struct agent *agent = NULL;

	if (!c || match_sender(t->in, c->k, c->loaded, &agent) != AS_CHAIN) {
		turn_focus(t, NULL);
		turn_say_fault(t, "no-such-case", arena_printf(t->arena, "%" PRId64, part->number));
		return false;
	}
	turn_focus(t, c);
	t->actor = agent;
	t->match.as = AS_CHAIN;
	return true;
}

static void run_sheet(struct turn *t, const struct sheet *sheet)
{
	const char *sent = "";

	t->listed = sheet->n_parts > 1;
	for (size_t i = 0; i < sheet->n_parts; i++) {
		const struct sheet_part *part = &sheet->parts[i];

		t->text_sent = NULL;
		if (part->number && !focus_part(t, part))
			continue;
		if (part->fault != SHEET_OK)
			turn_say_fault(t, fault_code(part->fault), part->seen);
		else
			turn_run_part(t, part);
		if (t->listed && t->text_sent)
			sent = arena_printf(
				t->arena, "%s%" PRId64 ": %s\n", sent, part->number, t->text_sent);
	}
	if (!t->listed)
		return;
	/* One receipt for all of them, about none. */
	turn_focus(t, NULL);
	t->receipt = "command-receipt";
	t->receipt_view = NULL;
	t->text_sent = *sent ? text_trim(t->arena, sent) : NULL;
}

/* "." and "---" say nothing. */
static bool has_letters(const char *s)
{
	size_t n = strlen(s), step;

	for (size_t i = 0; i < n; i += step) {
		uint32_t c = 0;

		step = utf8_next(s + i, n - i, &c);
		if (step == 0)
			return true;
		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			(c >= 0xC0 && c < 0x2000) || c >= 0x2E80)
			return true;
	}
	return false;
}

static void plain_text(struct turn *t, const struct sheet *sheet)
{
	const char *text = sheet->parts[0].text;

	if (feedback_is_take(t->arena, t->text)) {
		turn_run_handler(t, "take", "");
	} else if (feedback_is_thanks(t->arena, t->text)) {
		turn_remark(t, "thanks");
		t->quiet = true;
	} else if (is_forward(t)) {
		keep_forward(t);
	} else if (!has_letters(text) || (t->mail && t->mail->new_text_is_whole) ||
		   reply_is_signature(t->arena, text)) {
		turn_say_empty(t);
	} else {
		t->quiet = t->config->undo_delay_ms == 0;
		turn_run_handler(t, "answer", text);
		if (json_array_size(t->not_understood) || t->can_send)
			t->quiet = false;
	}
}

void turn_understand(struct turn *t, struct sheet *sheet)
{
	const char *in_subject = new_in_subject(t);
	struct sheet_part *first = &sheet->parts[0];

	if (sheet->n_parts == 1 && !first->number && first->fault == SHEET_OK && in_subject) {
		first->fault = SHEET_SUBJECT;
		first->seen = in_subject;
	}
	/* "Tar den" is a take, with or without a sign. */
	if (first->fault == SHEET_UNSIGNED && feedback_is_take(t->arena, t->text))
		first->fault = SHEET_OK;
	if (first->fault != SHEET_OK && sheet->n_parts == 1) {
		turn_say_fault(t, fault_code(first->fault), first->seen);
		/* What contradicts itself cannot be sent as it is either. */
		if (first->fault == SHEET_CONFLICT || first->fault == SHEET_TOO_MANY)
			turn_log(t, LOGGED_REMARK, t->text,
				json_pack("{s:s}", "why", fault_code(first->fault)));
		else
			turn_hold_back(t, fault_code(first->fault));
	} else if (sheet->reply == REPLY_SEND) {
		turn_send_held(t);
	} else if (sheet->reply != REPLY_NONE || sheet->reply_choice) {
		turn_of_choice(t, sheet);
	} else if (first->n || first->number) {
		run_sheet(t, sheet);
	} else {
		plain_text(t, sheet);
	}
}

/* ---- Mails that prove too little ---- */

static void refuse_mail(struct turn *t, const char *flag)
{
	struct outgoing *o;

	if (t->in->snapshot->recent_receipts >= REFUSALS_A_DAY)
		return;
	o = turn_mail_agent(t, t->actor, MAILING_COMMAND, "refused", "chain");
	mail_flag(o, flag);
	json_object_del(o->view, "subject");
}

/* From is proven, but the mail was made for somebody else or carries no signed address: kept, and
 * asked about with an address of his own. */
static void ask_own_address(struct turn *t)
{
	if (feedback_is_thanks(t->arena, t->text)) {
		turn_remark(t, "thanks");
		return;
	}
	if (t->in->snapshot->recent_receipts >= REFUSALS_A_DAY * 4) {
		turn_remark(t, "no-token");
		return;
	}
	turn_say_fault(t, "not-your-mail", "");
	turn_hold_back(t, "no-token");
	turn_receipt(t);
}

/* Whatever came of it, the mail is in the log of the case. */
static void log_what_is_left(struct turn *t)
{
	const struct log_op *l;
	json_t *said;

	STAILQ_FOREACH(l, &t->fx->logs, next)
	{
		if (l->entry.inbox == t->event->inbox)
			return;
	}
	turn_focus(t, turn_case_of(t, t->match.loaded));
	said = json_array_size(t->not_understood) ? json_incref(t->not_understood) : json_array();
	turn_log(t, json_array_size(said) ? LOGGED_REFUSED : LOGGED_OTHER, t->text,
		json_pack("{s:s,s:o}", "event", "command", "refused", said));
}

bool turn_needs_no_case(const struct sheet *sheet)
{
	const struct sheet_part *p = &sheet->parts[0];

	for (size_t i = 0; i < p->n; i++) {
		const char *const *roles = p->commands[i].handler->roles;

		if (!roles || strcmp(roles[0], "agent") != 0)
			return false;
	}
	return p->number || p->n > 0;
}

/* The case has left him: nothing that he writes moves it, and he is told where it is. */
static void say_passed_on(struct turn *t)
{
	const struct agent *holder = turn_holder(t);

	if (feedback_is_thanks(t->arena, t->text)) {
		turn_remark(t, "thanks");
		t->quiet = true;
		return;
	}
	turn_say_fault(t, "passed-on",
		holder ? turn_agent_name(t, holder, language(t))
		       : turn_role_name(t, t->k->link, language(t)));
	turn_log(t, LOGGED_REMARK, t->text, json_pack("{s:s}", "why", "passed-on"));
}

void turn_of_chain(struct turn *t)
{
	struct sheet sheet;
	enum token_class class = t->event->token.class;

	turn_outcome(t, OUTCOME_CASE, "");
	if (t->event->trust != TRUST_PROVEN) {
		turn_remark(t, "unproven");
		refuse_mail(t, "unproven");
		return;
	}
	command_read(t->arena, t->in->handlers, t->text, &sheet);
	/* Another system writes from itself, not in reply: its number and its words are all it can give. */
	if (class != TOKEN_CHAIN && t->actor && turn_is_ticket_system_agent(t, t->actor) &&
		turn_of_ticket_system(t, &sheet))
		return;
	if (!t->may_act || class != TOKEN_CHAIN) {
		ask_own_address(t);
		return;
	}
	if (t->mail->new_text_is_whole && !feedback_is_take(t->arena, t->text)) {
		turn_say_empty(t);
	} else if (t->match.passed_on && !turn_needs_no_case(&sheet) &&
		   !(sheet.reply == REPLY_SEND && turn_held_back(t))) {
		say_passed_on(t);
	} else if (t->match.subject_changed && sheet.parts[0].n == 0 && !sheet.parts[0].number &&
		   sheet.reply == REPLY_NONE) {
		turn_say_fault(t, "subject-changed", t->mail->subject);
		turn_hold_back(t, "subject-changed");
	} else if (turn_is_ticket_system_agent(t, t->actor) && turn_of_ticket_system(t, &sheet)) {
		return;
	} else {
		turn_understand(t, &sheet);
	}
	turn_receipt(t);
	log_what_is_left(t);
}

static void keep_forward(struct turn *t)
{
	turn_log(t, LOGGED_NOTE, t->text, json_pack("{s:s}", "why", "forward"));
	turn_ask_take_over(t);
}
