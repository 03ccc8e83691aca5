/* Status: #status, how this case stands. From the chain and from the requester. */
#include "base/prelude.h"
#include "core/turn_state.h"

static void plan(struct turn *t, const struct command *c)
{
	struct outgoing o = {.language = turn_agent_language(t, t->actor), .view = turn_object(t)};

	(void)c;
	turn_view_status(t, &o, true);
	t->receipt = "status";
	t->receipt_view = o.view;
}

static const char *const sv[] = {"status", "läge", NULL};
static const char *const en[] = {"status", NULL};

const struct handler handler_status = {
	.id = "status",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_ANY,
	.reader = READ_BY_SENDER,
	.help = "status",
	.plan = plan,
};
