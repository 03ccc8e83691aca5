/* Refer: #hänvisa, not ours (1177, HSA, Net iD ...): closed, with whom to ask. */
#include "base/prelude.h"
#include "core/turn_state.h"

static int check(struct turn *t, const struct command *c)
{
	return *c->text ? 0 : turn_refuse(t, c, "no-text", "");
}

static void plan(struct turn *t, const struct command *c)
{
	struct outgoing *o;

	if (t->k->holder == 0)
		turn_take(t, t->actor);
	o = turn_mail_requester(t, MAILING_ANSWER, "referred");
	mail_text(o, "answer", turn_masked(t, c->text));
	o->not_before_ms = turn_sent_not_before(t);
	turn_attach_mail(t, o);
	if (!t->k->first_answer_ms)
		t->k->first_answer_ms = t->now_ms;
	turn_log(t, LOGGED_REFERRED, c->text, NULL);
	turn_set_state(t, STATE_REFERRED);
	t->text_sent = turn_masked(t, c->text);
	t->can_undo = true;
	turn_done(t, "refer", NULL);
}

static const char *const sv[] = {"hänvisa", "hänvisat", "hänvisning", NULL};
static const char *const en[] = {"refer", "referred", NULL};

const struct handler handler_refer = {
	.id = "refer",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reader = READ_BY_REQUESTER,
	.help = "refer",
	.check = check,
	.plan = plan,
};
