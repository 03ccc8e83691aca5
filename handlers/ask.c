/* Ask: #fråga, a question back to the requester. The clock waits until he has answered. */
#include "base/prelude.h"
#include "core/turn_state.h"

static void plan(struct turn *t, const struct command *c)
{
	turn_write_requester(t, "question-back", "question", c->text);
	turn_log(t, LOGGED_QUESTION_BACK, c->text, NULL);
	turn_set_state(t, STATE_WAITING_REQUESTER);
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
	.check = turn_needs_text,
	.plan = plan,
};
