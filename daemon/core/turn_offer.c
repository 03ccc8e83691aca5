/* Turn offer: which commands a mail to the chain offers as buttons: those that would be obeyed, and no
 * others. Called wherever such a mail is made. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "core/policy.h"

/* Is there somebody above who could be asked? The supplier is asked by #leverantör alone. */
static bool has_link_above(struct turn *t, const struct agent *a)
{
	struct chain_place place;
	struct link_people people;

	turn_place(t, &place);
	return place.chain &&
	       chain_seek(t->arena, t->config, t->people, &place,
		       chain_index(place.chain, t->k->link) + 1, 1, a->id, false, &people) >= 0;
}

void turn_offer(struct turn *t, struct outgoing *o, const struct agent *a)
{
	bool above = has_link_above(t, a);

	if (!t->k->holder)
		mail_flag(o, "can_take");
	else if (t->k->holder == a->id)
		mail_flag(o, "can_release");
	if (above)
		mail_flag(o, "can_escalate");
	if (!t->k->restricted && t->k->state != STATE_SUPPLIER && policy_may_report(t, a) &&
		(!above || t->k->kind == KIND_DISTURBANCE))
		mail_flag(o, "can_supply");
}
