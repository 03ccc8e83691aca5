/* Solve: #löst, the solution; asks for feedback as an answer does. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "core/words.h"
#include "handlers/access_order.h"

static int check(struct turn *t, const struct command *c)
{
	/* Without words the last answer must have been the solution; else there is nothing to say. An
	 * order that is done says so by itself. */
	bool says_itself = t->k->first_answer_ms || t->k->kind == KIND_ACCESS;

	return *c->text || says_itself ? 0 : turn_refuse(t, c, "no-text", "");
}

static void plan(struct turn *t, const struct command *c)
{
	const struct log_entry *last = turn_last_log(t, LOGGED_ANSWERED);

	const char *text = *c->text ? c->text : last ? last->text : "";

	if (!*text && t->k->kind == KIND_ACCESS)
		text = turn_words(t, t->k->language,
			arena_printf(t->arena, "access_done.%s",
				access_what(t, json_object_get(t->c->data, "order"))),
			NULL);
	turn_answer(t, text, "solved");
	turn_done(t, "solve", NULL);
	t->can_undo = true;
}

static const char *const sv[] = {
	"löst", "lös", "klart", "klar", "åtgärdat", "åtgärdad", "fixat", NULL};
static const char *const en[] = {"solved", "solve", "done", "fixed", "resolved", NULL};

static const char *const bare[] = {"klart", "done", NULL};

const struct handler handler_solve = {
	.id = "solve",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reader = READ_BY_REQUESTER,
	.is_answer = true,
	.bare = bare,
	.help = "solve",
	.check = check,
	.plan = plan,
};
