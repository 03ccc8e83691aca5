/* Present: #tillbaka i tjänst, the absence ends now. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"

static void plan(struct turn *t, const struct command *c)
{
	struct absence_op *op = arena_new_of(t->arena, struct absence_op);
	json_t *v = turn_object(t);

	op->agent = t->actor->id;
	op->from = op->until = t->today;
	op->end_now = true;
	STAILQ_INSERT_TAIL(&t->fx->absences, op, next);
	if (t->k)
		turn_log(t, LOGGED_OTHER, c->text, json_pack("{s:s}", "event", "absence-over"));
	view_cases(t, v, turn_agent_language(t, t->actor), t->actor);
	t->receipt = "absence-over";
	t->receipt_view = v;
	turn_done(t, "present", NULL);
}

static const char *const sv[] = {"tillbaka i tjänst", "i tjänst", "frisk", NULL};
static const char *const en[] = {"back on duty", "on duty", NULL};
static const char *const roles[] = {"agent", NULL};

const struct handler handler_present = {
	.id = "present",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.roles = roles,
	.states = STATES_ANY,
	.reader = READ_BY_LOG,
	.help = "present",
	.plan = plan,
};
