/* Area: #område HSL. While nobody has taken the case, the people of the right area are asked. */
#include "base/prelude.h"
#include "core/turn_state.h"

static const char *named(struct turn *t, const struct command *c)
{
	const struct organisation *o = config_organisation(t->config, t->k->organisation);

	return classify_area_named(t->arena, t->config, o ? o->kind : "", c->argument);
}

static int check(struct turn *t, const struct command *c)
{
	return *named(t, c) ? 0 : turn_refuse(t, c, "no-such-area", c->argument);
}

static void plan(struct turn *t, const struct command *c)
{
	const char *mine = turn_agent_language(t, t->actor);

	turn_set_area(t, named(t, c));
	if (*c->text)
		turn_log(t, LOGGED_NOTE, c->text, NULL);
	if (t->k->state == STATE_NEW)
		turn_ask_again(t, "notification", c->text);
	turn_done(t, "area",
		turn_keep(t, json_pack("{s:s}", "area", turn_area_name(t, t->k->area, mine))));
}

static const char *const sv[] = {"område", NULL};
static const char *const en[] = {"area", NULL};

const struct handler handler_area = {
	.id = "area",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_REQUIRED,
	.help = "area",
	.check = check,
	.plan = plan,
};
