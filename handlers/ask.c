/* Ask: #fråga, a question back to the requester. The clock waits until he has answered. */
#include "base/prelude.h"
#include "core/turn_state.h"

static int check(struct turn *t, const struct command *c)
{
	return *c->text ? 0 : turn_refuse(t, c, "no-text", "");
}

static void plan(struct turn *t, const struct command *c)
{
	struct outgoing *o;

	if (t->k->holder == 0)
		turn_take(t, t->actor);
	o = turn_mail_requester(t, MAILING_ANSWER, "question-back");
	mail_text(o, "question", turn_masked(t, c->text));
	mail_text(o, "holder_name", turn_agent_name(t, t->actor, o->language));
	o->not_before_ms = turn_sent_not_before(t);
	turn_attach_mail(t, o);
	if (!t->k->first_answer_ms)
		t->k->first_answer_ms = t->now_ms;
	turn_log(t, LOGGED_QUESTION_BACK, c->text, NULL);
	turn_set_state(t, STATE_WAITING_REQUESTER);
	t->text_sent = turn_masked(t, c->text);
	t->can_undo = true;
	turn_done(t, "ask", NULL);
}

static const char *const sv[] = {"fråga", "motfråga", "komplettering", "komplettera", NULL};
static const char *const en[] = {"ask", "question", NULL};

const struct handler handler_ask = {
	.id = "ask",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reader = READ_BY_REQUESTER,
	.help = "ask",
	.check = check,
	.plan = plan,
};
