/* Answer: a reply without any command. The text is the answer; the same mail asks for feedback. */
#include "base/prelude.h"
#include "core/turn_state.h"

static int check(struct turn *t, const struct command *c)
{
	return *c->text || (t->force && turn_brings_files(t)) ? 0
							      : turn_refuse(t, c, "no-text", "");
}

static void plan(struct turn *t, const struct command *c)
{
	turn_answer(t, c->text, "answer");
	turn_done(t, "answer", NULL);
	t->can_undo = true;
}

static const char *const sv[] = {"svar", "svara", NULL};
static const char *const en[] = {"answer", "reply", NULL};

const struct handler handler_answer = {
	.id = "answer",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN | STATE_BIT(STATE_CLOSED),
	.moves = true,
	.reader = READ_BY_REQUESTER,
	.is_answer = true,
	.help = "answer",
	.check = check,
	.plan = plan,
};
