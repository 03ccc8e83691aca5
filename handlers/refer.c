/* Refer: #hänvisa, not ours (1177, HSA, Net iD ...): closed, with whom to ask. */
#include "base/prelude.h"
#include "core/turn_state.h"

static void plan(struct turn *t, const struct command *c)
{
	turn_write_requester(t, "referred", "answer", c->text);
	turn_log(t, LOGGED_REFERRED, c->text, NULL);
	turn_set_state(t, STATE_REFERRED);
	t->can_undo = true;
	turn_done(t, "refer", NULL);
}

static const char *const sv[] = {"hänvisa", "hänvisat", "hänvisning", NULL};
static const char *const en[] = {"refer", "referred", NULL};

const struct handler handler_refer = {
	.id = "refer",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reader = READ_BY_REQUESTER,
	.help = "refer",
	.check = turn_needs_text,
	.plan = plan,
};
