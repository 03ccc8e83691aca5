/* Note: #intern, for those who work on the case; nobody else reads it. */
#include "base/prelude.h"
#include "core/turn_state.h"

static void plan(struct turn *t, const struct command *c)
{
	const struct agent *holder = turn_holder(t);

	turn_log(t, LOGGED_NOTE, c->text, NULL);
	if (holder && holder != t->actor)
		turn_tell_holder(t, MAILING_NOTIFICATION, "assigned", "note", c->text);
	turn_done(t, "note", NULL);
}

static const char *const sv[] = {"intern", "notering", "anteckning", "notera", NULL};
static const char *const en[] = {"note", "internal", NULL};

const struct handler handler_note = {
	.id = "note",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_ANY,
	.reader = READ_BY_LOG,
	.help = "note",
	.check = turn_needs_text,
	.plan = plan,
};
