/* Reopen: #återöppna, by somebody in the chain. */
#include "base/prelude.h"
#include "core/turn_state.h"

static void plan(struct turn *t, const struct command *c)
{
	t->k->holder = t->actor->id;
	if (*c->text)
		turn_log(t, LOGGED_NOTE, c->text, NULL);
	t->k->reopened++;
	turn_log(t, LOGGED_REOPENED, "", json_pack("{s:i}", "times", t->k->reopened));
	turn_set_state(t, STATE_TAKEN);
	turn_mail_requester(t, MAILING_RECEIPT, "reopened");
	t->text_sent = turn_words(t, turn_agent_language(t, t->actor), "sent.reopened", NULL);
	turn_done(t, "reopen", NULL);
}

static const char *const sv[] = {"återöppna", "öppna", NULL};
static const char *const en[] = {"reopen", "open", NULL};

const struct handler handler_reopen = {
	.id = "reopen",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATE_BIT(STATE_CLOSED) | STATE_BIT(STATE_REFERRED) | STATE_BIT(STATE_ANSWERED),
	.moves = true,
	.reader = READ_BY_LOG,
	.help = "reopen",
	.plan = plan,
};
