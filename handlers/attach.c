/* Attach: #bifoga, the requester's files may go along to another organisation with what is sent from
 * now on. */
#include "base/prelude.h"
#include "core/turn_state.h"

static int check(struct turn *t, const struct command *c)
{
	const struct loaded_case *l = t->c->loaded;

	return l && l->n_attachments ? 0 : turn_refuse(t, c, "no-attachment", "");
}

static void plan(struct turn *t, const struct command *c)
{
	json_object_set_new(t->c->data, "attach", json_true());
	turn_log(t, LOGGED_OTHER, c->text, json_pack("{s:s}", "event", "attachments-released"));
	turn_done(t, "attach", NULL);
}

static const char *const sv[] = {"bifoga", NULL};
static const char *const en[] = {"attach", NULL};

const struct handler handler_attach = {
	.id = "attach",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.reader = READ_BY_LOG,
	.help = "attach",
	.check = check,
	.plan = plan,
};
