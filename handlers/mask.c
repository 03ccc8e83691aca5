/* Mask: #maska TEXT, words that should not have been written: no mail shows them any more. */
#include "base/prelude.h"
#include "core/turn_state.h"

#define SHORTEST 3

static int check(struct turn *t, const struct command *c)
{
	return strlen(c->argument) >= SHORTEST ? 0 : turn_refuse(t, c, "too-short", "");
}

static void plan(struct turn *t, const struct command *c)
{
	json_t *masks = json_object_get(t->c->data, "masks");

	if (!masks) {
		masks = json_array();
		json_object_set_new(t->c->data, "masks", masks);
	}
	json_array_append_new(masks, json_string(c->argument));
	t->k->subject = turn_masked(t, t->k->subject);
	/* The log must not say the words once more. */
	turn_log(t, LOGGED_MASKED, "", json_pack("{s:i}", "length", (int)strlen(c->argument)));
	turn_done(t, "mask", NULL);
}

static const char *const sv[] = {"maska", NULL};
static const char *const en[] = {"mask", NULL};

const struct handler handler_mask = {
	.id = "mask",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_ANY,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_REQUIRED,
	.help = "mask",
	.check = check,
	.plan = plan,
};
