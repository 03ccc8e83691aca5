/* Category: #kategori, a word of the chain's own for its statistics. */
#include "base/prelude.h"
#include "core/turn_state.h"

#define CATEGORY_MAX 60

static int check(struct turn *t, const struct command *c)
{
	return strlen(c->argument) <= CATEGORY_MAX ? 0 : turn_refuse(t, c, "too-long", "");
}

static void plan(struct turn *t, const struct command *c)
{
	t->k->category = turn_masked(t, c->argument);
	turn_log(t, LOGGED_CLASSIFIED, c->text, json_pack("{s:s}", "category", t->k->category));
	turn_done(t, "category", turn_keep(t, json_pack("{s:s}", "category", t->k->category)));
}

static const char *const sv[] = {"kategori", NULL};
static const char *const en[] = {"category", NULL};

const struct handler handler_category = {
	.id = "category",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_ANY,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_REQUIRED,
	.help = "category",
	.check = check,
	.plan = plan,
};
