/* Merge: #slå ihop 1043, this case goes into that one; its requester is told where the answer comes. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"

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
	int64_t into = other->k->number, from = t->k->number;
	const struct agent *holder = turn_holder(t);
	struct outgoing *o;

	turn_log(t, LOGGED_MERGED, c->text, json_pack("{s:I}", "into", (json_int_t)into));
	t->k->parent = into;
	turn_set_state(t, STATE_MERGED);
	o = turn_mail_requester(t, MAILING_RECEIPT, "merged");
	mail_text(o, "into", arena_printf(t->arena, "%" PRId64, into));
	/* What somebody else asked about is not for this requester to read. */
	if (turn_follow(t, this, other))
		mail_flag(o, "somebody_else");
	else
		mail_text(o, "into_subject", turn_masked(t, other->k->subject));
	if (holder && holder != t->actor)
		turn_mail_agent(t, holder, MAILING_COMMAND, "closed-holder", "chain");
	turn_focus(t, other);
	turn_log(t, LOGGED_MERGED, turn_opening_text(t, this),
		json_pack("{s:I}", "from", (json_int_t)from));
	turn_focus(t, this);
	t->text_sent = turn_words(t, turn_agent_language(t, t->actor), "sent.merged", NULL);
	turn_done(t, "merge", turn_keep(t, json_pack("{s:I}", "into", (json_int_t)into)));
}

static const char *const sv[] = {
	"slå ihop", "slå ihop med", "samma som", "dubblett av", "dubblett", NULL};
static const char *const en[] = {"merge", "same as", "duplicate of", NULL};

const struct handler handler_merge = {
	.id = "merge",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_REQUIRED,
	.help = "merge",
	.check = check,
	.plan = plan,
};
