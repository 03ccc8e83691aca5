/* Access: an order of an account or a right. What is missing is asked for once; the requester's head
 * says JA or NEJ; then it goes to the desk of that organisation, whose "done" is told to head and
 * requester. Leavers are orders too. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "handlers/access_order.h"

#define ADDED_MAX 8000 /* bytes of later words that mails repeat */

static json_t *order_of(struct turn *t)
{
	json_t *order = json_object_get(t->c->data, "order");

	if (!order) {
		order = json_object();
		json_object_set_new(t->c->data, "order", order);
	}
	return order;
}

/* Whom the order goes to when it is approved: kept so that mails can name it. */
static void find_desk(struct turn *t)
{
	struct chain_place place;
	struct link_people people;

	turn_place(t, &place);
	if (chain_seek(t->arena, t->config, t->people, &place, 0, 1, 0, false, &people) >= 0)
		json_object_set_new(t->c->data, "order_desk", json_integer(people.v[0]->id));
}

static void send_to_desk(struct turn *t)
{
	(void)turn_start_chain(t, 0, "access-order", "");
}

static bool is_head_himself(struct turn *t, const struct agent *head)
{
	return head->contact && head->contact == t->k->requester;
}

static void ask_head(struct turn *t, const struct agent *head)
{
	const struct clock_rule *rule;

	json_object_set_new(t->c->data, "head_asked_ms", json_integer(t->now_ms));
	t->k->link = "head";
	json_object_set_new(t->c->data, "head", json_integer(head->id));
	if (t->k->state != STATE_NEW)
		turn_set_state(t, STATE_NEW);
	turn_mail_agent(t, head, MAILING_NOTIFICATION, "access-approval", "head");
	turn_log(t, LOGGED_ASKED, "",
		json_pack("{s:s,s:[I]}", "link", "head", "agents", (json_int_t)head->id));
	rule = turn_rule(t);
	if (rule && rule->remind_ms) {
		struct link_people one = {.v = &head, .n = 1};

		turn_clock_run(t, CLOCK_APPROVAL, rule->remind_ms, turn_calendar(t, &one));
	}
}

/* The order is as whole as it gets. */
static void go_on(struct turn *t)
{
	const struct agent *head = access_head(t, order_of(t));

	find_desk(t);
	if (head && is_head_himself(t, head)) {
		json_object_set_new(t->c->data, "head", json_integer(head->id));
		json_object_set_new(t->c->data, "approved_ms", json_integer(t->now_ms));
		turn_log(t, LOGGED_APPROVED, "", json_pack("{s:b}", "yes", 1));
		send_to_desk(t);
		turn_receipt_to_requester(t, "receipt");
	} else if (head) {
		ask_head(t, head);
		turn_receipt_to_requester(t, "access-receipt");
	} else {
		/* Nobody known who could approve: the desk asks, as it did before. */
		send_to_desk(t);
		turn_receipt_to_requester(t, "receipt");
	}
}

static void ask_for_missing(struct turn *t, json_t *missing)
{
	struct outgoing *o = turn_mail_requester(t, MAILING_RECEIPT, "access-questions");
	const struct agent *head = access_head(t, order_of(t));

	mail_json(o, "missing", json_copy(missing));
	if (head && is_head_himself(t, head))
		mail_flag(o, "you_approve");
	else if (head)
		mail_text(o, "head_name", turn_agent_name(t, head, o->language));
	turn_log(t, LOGGED_QUESTION_BACK, "", json_pack("{s:s}", "why", "order-incomplete"));
	turn_set_state(t, STATE_WAITING_REQUESTER);
}

static void open(struct turn *t)
{
	json_t *missing;

	access_read(t, order_of(t), turn_opening_text(t, t->c));
	missing = turn_keep(t, access_missing(t, order_of(t), t->k->language));
	if (json_array_size(missing))
		ask_for_missing(t, missing);
	else
		go_on(t);
}

/* What the requester writes on is part of the order: whoever decides and whoever carries it out reads
 * it with the rest. */
static void keep_words(struct turn *t)
{
	const char *before = json_string_value(json_object_get(t->c->data, "added"));

	if (text_is_blank(t->text) || (before && strlen(before) > ADDED_MAX))
		return;
	json_object_set_new(t->c->data, "added",
		json_string(
			before ? arena_printf(t->arena, "%s\n\n%s", before, t->text) : t->text));
}

/* The answer to our questions: once is enough; what is still open the desk asks for. Later, while the
 * head has not decided: a correction, which he is asked about anew. */
static void add(struct turn *t)
{
	json_t *missing, *said = turn_object(t);

	keep_words(t);
	access_read_said(t, said, t->text);
	json_object_update(order_of(t), said);
	access_read(t, order_of(t), t->text);
	missing = turn_keep(t, access_missing(t, order_of(t), t->k->language));
	if (!access_head(t, order_of(t)) && json_array_size(missing) &&
		!json_object_get(t->c->data, "asked_twice")) {
		json_object_set_new(t->c->data, "asked_twice", json_true());
		ask_for_missing(t, missing);
		return;
	}
	turn_set_state(t, STATE_NEW);
	go_on(t);
}

/* He answered what he was asked before the order was changed. */
static bool answers_the_old(struct turn *t)
{
	int64_t asked = json_integer_value(json_object_get(t->c->data, "head_asked_ms"));

	return json_object_get(t->c->data, "added") && t->mail->date_ms > 0 &&
	       t->mail->date_ms + MS_MINUTE < asked;
}

static void decide(struct turn *t, bool yes, const char *text)
{
	struct outgoing *o;

	if (strcmp(t->k->link, "head") != 0 || t->k->state != STATE_NEW) {
		turn_remark(t, "decided-already");
		return;
	}
	if (yes && answers_the_old(t)) {
		turn_remark(t, "order-changed");
		return;
	}
	turn_clock_stop(t, CLOCK_APPROVAL);
	turn_log(t, LOGGED_APPROVED, text, json_pack("{s:b}", "yes", yes));
	if (!yes) {
		o = turn_mail_requester(t, MAILING_RECEIPT, "access-denied");
		mail_text(o, "text", turn_masked(t, text));
		turn_set_state(t, STATE_CLOSED);
		turn_log(t, LOGGED_CLOSED, "", json_pack("{s:s}", "how", "denied"));
		return;
	}
	json_object_set_new(t->c->data, "approved_ms", json_integer(t->now_ms));
	send_to_desk(t);
	o = turn_mail_requester(t, MAILING_RECEIPT, "access-approved");
	turn_expect(t, o);
}

/* The head has not answered: once more, until he does. */
static void due(struct turn *t)
{
	const struct agent *head =
		people_agent(t->people, json_integer_value(json_object_get(t->c->data, "head")));
	const struct clock_rule *rule = turn_rule(t);
	int64_t substitute = 0;

	if (t->event->clock.kind != CLOCK_APPROVAL)
		return;
	turn_clock_stop(t, CLOCK_APPROVAL);
	if (!head || t->k->state != STATE_NEW || strcmp(t->k->link, "head") != 0)
		return;
	if (agent_is_absent(head, t->today, &substitute) && people_agent(t->people, substitute)) {
		head = people_agent(t->people, substitute);
		json_object_set_new(t->c->data, "head", json_integer(head->id));
	}
	turn_mail_agent(t, head, MAILING_NOTIFICATION, "access-approval", "head");
	turn_log(t, LOGGED_REMINDED, "", json_pack("{s:s}", "clock", "approval"));
	if (rule && rule->remind_ms) {
		struct link_people one = {.v = &head, .n = 1};

		turn_clock_run(t, CLOCK_APPROVAL, rule->remind_ms, turn_calendar(t, &one));
	}
}

const struct handler handler_access = {
	.id = "access",
	.sort = HANDLER_KIND,
	.kind = KIND_ACCESS,
	.open = open,
	.due = due,
	.add = add,
	.decide = decide,
};
