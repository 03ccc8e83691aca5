/* Split: #dela upp, the text becomes a case of its own for the same requester, routed by its own
 * words. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"

static void plan(struct turn *t, const struct command *c)
{
	struct turn_case *old = t->c, *fresh;
	int64_t from = old->k->number, to;
	json_t *cases = json_array();
	struct outgoing *o;

	fresh = turn_open_beside(t, c->text);
	to = fresh->k->number;
	turn_log(t, LOGGED_SPLIT, "", json_pack("{s:I}", "from", (json_int_t)from));
	o = turn_mail_requester(t, MAILING_RECEIPT, "split");
	json_array_append_new(
		cases, json_pack("{s:s,s:s}", "number", arena_printf(t->arena, "%" PRId64, from),
			       "subject", turn_subject(t, old->k)));
	json_array_append_new(
		cases, json_pack("{s:s,s:s}", "number", arena_printf(t->arena, "%" PRId64, to),
			       "subject", turn_subject(t, fresh->k)));
	mail_json(o, "cases", cases);
	turn_focus(t, old);
	turn_log(t, LOGGED_SPLIT, c->text, json_pack("{s:I}", "to", (json_int_t)to));
	t->text_sent = turn_words(t, turn_agent_language(t, t->actor), "sent.split", NULL);
	turn_done(t, "split", turn_keep(t, json_pack("{s:I}", "to", (json_int_t)to)));
}

static const char *const sv[] = {"dela upp", "dela", "nytt ärende", NULL};
static const char *const en[] = {"split", "new case", NULL};

const struct handler handler_split = {
	.id = "split",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.reader = READ_BY_LOG,
	.help = "split",
	.check = turn_needs_text,
	.plan = plan,
};
