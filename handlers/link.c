/* Link: #koppla 1043, the two have to do with each other; nothing else changes. */
#include "base/prelude.h"
#include "core/turn_state.h"

static int check(struct turn *t, const struct command *c)
{
	struct turn_case *other = turn_other_case(t, c->argument);

	if (!other)
		return turn_refuse(t, c, "no-such-case", c->argument);
	return other->k->number != t->k->number ? 0 : turn_refuse(t, c, "same-case", c->argument);
}

static void plan(struct turn *t, const struct command *c)
{
	struct turn_case *this = t->c, *other = turn_other_case(t, c->argument);
	int64_t to = other->k->number, from = t->k->number;

	turn_log(t, LOGGED_LINKED, c->text, json_pack("{s:I}", "to", (json_int_t)to));
	turn_focus(t, other);
	turn_log(t, LOGGED_LINKED, "", json_pack("{s:I}", "to", (json_int_t)from));
	turn_focus(t, this);
	turn_done(t, "link", turn_keep(t, json_pack("{s:I}", "to", (json_int_t)to)));
}

static const char *const sv[] = {"koppla", "koppla till", NULL};
static const char *const en[] = {"link", NULL};

const struct handler handler_link = {
	.id = "link",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_ANY,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_REQUIRED,
	.help = "link",
	.check = check,
	.plan = plan,
};
