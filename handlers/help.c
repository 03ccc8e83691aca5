/* Help: #hjälp, what may I do with this case now. Only what the sender may use is listed. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "core/policy.h"
#include "core/template.h"

static void plan(struct turn *t, const struct command *c)
{
	json_t *list = json_array(), *v = turn_object(t);
	const char *language = turn_agent_language(t, t->actor);
	bool english = strcmp(language, "en") == 0;

	(void)c;
	for (const struct handler *const *h = t->in->handlers; *h; h++) {
		const char *line = "";

		if ((*h)->sort != HANDLER_COMMAND || policy_refuses(t, *h))
			continue;
		if (t->config->templates)
			line = templates_help(t->config->templates, language, (*h)->help);
		const char *word = english ? (*h)->words_en[0] : (*h)->words_sv[0];
		json_array_append_new(
			list, json_pack("{s:s,s:s}", "word", arena_printf(t->arena, "#%s", word),
				      "line", line));
	}
	json_object_set_new(v, "commands", list);
	t->receipt = "help-mail";
	t->receipt_view = v;
	if (t->k)
		turn_log(t, LOGGED_OTHER, "", json_pack("{s:s}", "event", "help-asked"));
}

static const char *const sv[] = {"hjälp", "hjälp mig", NULL};
static const char *const en[] = {"help", NULL};
static const char *const roles[] = {"agent", NULL};

const struct handler handler_help = {
	.id = "help",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.roles = roles,
	.states = STATES_ANY,
	.reader = READ_BY_SENDER,
	.help = "help",
	.plan = plan,
};
