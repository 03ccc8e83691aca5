/* Close: #stäng, now, with the text as the last word in the closure message. */
#include "base/prelude.h"
#include "core/turn_state.h"

static void plan(struct turn *t, const struct command *c)
{
	if (t->k->holder == 0)
		turn_take(t, t->actor);
	turn_close(t, "answer", c->text);
	if (!*c->text)
		t->text_sent = turn_words(t, turn_agent_language(t, t->actor), "sent.closed", NULL);
	t->can_undo = true;
	turn_done(t, "close", NULL);
}

static const char *const sv[] = {"stäng", "avsluta", "avslutat", "avslutad", NULL};
static const char *const en[] = {"close", "closed", NULL};

const struct handler handler_close = {
	.id = "close",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reader = READ_BY_REQUESTER,
	.help = "close",
	.plan = plan,
};
