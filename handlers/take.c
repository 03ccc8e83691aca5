/* Take: #ta, TA, "ok", a thumb: I have it. */
#include "base/prelude.h"
#include "core/turn_state.h"

static int check(struct turn *t, const struct command *c)
{
	const struct agent *holder = turn_other_holder(t);

	if (holder && !t->force)
		return turn_refuse(t, c, "held-by-other",
			turn_agent_name(t, holder, turn_agent_language(t, t->actor)));
	return 0;
}

static void plan(struct turn *t, const struct command *c)
{
	if (turn_holder(t) == t->actor && t->k->state == STATE_TAKEN) {
		turn_done(t, "take-again", NULL);
		return;
	}
	turn_take(t, t->actor);
	if (*c->text)
		turn_log(t, LOGGED_NOTE, c->text, NULL);
	turn_done(t, "take", NULL);
	t->receipt = "taken";
}

static const char *const sv[] = {"ta", "tar", "min", "mitt", NULL};
static const char *const en[] = {"take", NULL};
static const char *const bare[] = {"ta", "take", NULL};

const struct handler handler_take = {
	.id = "take",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.reader = READ_BY_LOG,
	.bare = bare,
	.help = "take",
	.check = check,
	.plan = plan,
};
