/* Priority: #prio 1-4 or akut, hög, normal, låg. The clocks of a case that waits begin anew. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/text.h"
#include "core/words.h"

static int named(struct turn *t, const char *argument)
{
	static const struct {
		const char *word;
		int priority;
	} words[] = {{"akut", 1}, {"urgent", 1}, {"hog", 2}, {"hogt", 2}, {"high", 2},
		{"normal", 3}, {"lag", 4}, {"lagt", 4}, {"low", 4}};
	const char *folded = text_fold(t->arena, argument);
	int64_t n;

	if (text_to_i64(folded, 1, 4, &n))
		return (int)n;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].word, folded) == 0)
			return words[i].priority;
	}
	return 0;
}

static int check(struct turn *t, const struct command *c)
{
	return named(t, c->argument) ? 0 : turn_refuse(t, c, "bad-priority", c->argument);
}

/* Priority 1 while everybody is at home and nobody on call: an honest word to the requester. */
static void say_nobody_on_duty(struct turn *t)
{
	struct link_people asked;
	struct outgoing *o;
	const char *calendar;
	int64_t opens;

	turn_asked(t, &asked);
	calendar = turn_calendar(t, asked.n ? &asked : NULL);
	opens = turn_due(t, calendar, t->now_ms, 0);
	if (!*calendar || opens <= t->now_ms + MS_MINUTE || !t->config->templates)
		return;
	o = turn_mail_requester(t, MAILING_RECEIPT, "on-call");
	mail_text(o, "nobody_until",
		words_moment(t->config->templates, t->arena, o->language, &t->config->zone, opens,
			t->now_ms));
}

static void plan(struct turn *t, const struct command *c)
{
	const char *mine = turn_agent_language(t, t->actor);
	const char *key = "";
	char number[4];

	t->k->priority = named(t, c->argument);
	turn_log(t, LOGGED_CLASSIFIED, c->text, json_pack("{s:i}", "priority", t->k->priority));
	if (t->k->state == STATE_NEW)
		turn_restart_clocks(t);
	if (t->k->priority == 1)
		say_nobody_on_duty(t);
	snprintf(number, sizeof(number), "%d", t->k->priority);
	key = t->config->templates
		      ? words_name(t->config->templates, t->arena, mine, "priority", number)
		      : number;
	turn_done(t, "priority", turn_keep(t, json_pack("{s:s}", "priority", key)));
}

static const char *const sv[] = {"prio", "prioritet", NULL};
static const char *const en[] = {"priority", NULL};

const struct handler handler_priority = {
	.id = "priority",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_REQUIRED,
	.help = "priority",
	.check = check,
	.plan = plan,
};
