/* Send: #skicka, the same as SKICKA: what was held back goes as it is. */
#include "base/prelude.h"
#include "core/turn_state.h"

static int check(struct turn *t, const struct command *c)
{
	return turn_held_back(t) ? 0 : turn_refuse(t, c, "nothing-held", "");
}

static void plan(struct turn *t, const struct command *c)
{
	(void)c;
	turn_send_held(t);
}

static const char *const sv[] = {"skicka", "skicka ändå", NULL};
static const char *const en[] = {"send", "send anyway", NULL};

const struct handler handler_send = {
	.id = "send",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_ANY,
	.reader = READ_BY_LOG,
	.help = "send",
	.check = check,
	.plan = plan,
};
