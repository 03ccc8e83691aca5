/* Purge: #rensa bilaga [namn], the file goes along with no mail any more. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"

static int check(struct turn *t, const struct command *c)
{
	const struct loaded_case *l = t->c->loaded;

	for (size_t i = 0; l && i < l->n_attachments; i++) {
		if (!*c->argument || ascii_equal_nocase(l->attachments[i].name, c->argument))
			return 0;
	}
	return turn_refuse(t, c, "no-attachment", c->argument);
}

static void plan(struct turn *t, const struct command *c)
{
	json_t *list = json_object_get(t->c->data, "withheld");
	const struct loaded_case *l = t->c->loaded;

	if (!list) {
		list = json_array();
		json_object_set_new(t->c->data, "withheld", list);
	}
	for (size_t i = 0; i < l->n_attachments; i++) {
		if (*c->argument && !ascii_equal_nocase(l->attachments[i].name, c->argument))
			continue;
		json_array_append_new(
			list, json_string(arena_printf(t->arena, "%" PRId64 "/%zu",
				      l->attachments[i].inbox, l->attachments[i].index)));
	}
	turn_log(t, LOGGED_MASKED, c->text, json_pack("{s:s}", "attachment", c->argument));
	turn_done(t, "purge", NULL);
}

static const char *const sv[] = {"rensa bilaga", "rensa bilagor", "rensa", NULL};
static const char *const en[] = {"purge", "remove attachment", NULL};

const struct handler handler_purge = {
	.id = "purge",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_ANY,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_OPTIONAL,
	.help = "purge",
	.check = check,
	.plan = plan,
};
