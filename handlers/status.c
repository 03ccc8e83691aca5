/* Status: #status, how this case stands. From the chain and from the requester. */
#include "base/prelude.h"
#include "core/turn_state.h"

static void plan(struct turn *t, const struct command *c)
{
	struct outgoing *o;
	json_t *view;

	(void)c;
	turn_status_mail(t);
	/* The same facts, to the one who asks instead. */
	o = STAILQ_FIRST(&t->fx->mails);
	while (STAILQ_NEXT(o, next))
		o = STAILQ_NEXT(o, next);
	view = turn_keep(t, json_copy(o->view));
	STAILQ_REMOVE(&t->fx->mails, o, outgoing, next);
	t->fx->n_mails--;
	json_decref(o->view);
	t->receipt = "status";
	t->receipt_view = view;
}

static const char *const sv[] = {"status", "läge", NULL};
static const char *const en[] = {"status", NULL};

const struct handler handler_status = {
	.id = "status",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_ANY,
	.reader = READ_BY_SENDER,
	.help = "status",
	.plan = plan,
};
