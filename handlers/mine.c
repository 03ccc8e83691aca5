/* Mine: #mina, the cases I hold and those I was asked about; answered line by line. */
#include "base/prelude.h"
#include "core/turn_state.h"

static void plan(struct turn *t, const struct command *c)
{
	json_t *v = turn_object(t);

	(void)c;
	view_lists(t, v, turn_agent_language(t, t->actor), t->actor);
	t->receipt = "my-cases";
	t->receipt_view = v;
}

static const char *const sv[] = {"mina", "mina ärenden", NULL};
static const char *const en[] = {"mine", "my cases", NULL};
static const char *const roles[] = {"agent", NULL};

const struct handler handler_mine = {
	.id = "mine",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.roles = roles,
	.states = STATES_ANY,
	.reader = READ_BY_SENDER,
	.help = "mine",
	.plan = plan,
};
