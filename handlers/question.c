/* Question: "hur gör jag?" (DOMAIN.md 4.1). Opens at the first link that has people; the requester
 * gets a receipt, or is asked for more when there is too little to work on. */
#include "base/prelude.h"
#include "core/turn_state.h"

static void open(struct turn *t)
{
	struct chain_place place;
	const struct agent *requester = people_by_contact(t->people, t->k->requester);

	turn_place(t, &place);
	if (!turn_start_chain(t, chain_start(t->people, &place, requester), "notification", ""))
		turn_log(t, LOGGED_OTHER, "", json_pack("{s:s}", "event", "nobody-to-ask"));
	turn_receipt_to_requester(
		t, json_is_true(json_object_get(t->c->data, "thin")) ? "thin-mail" : "receipt");
}

const struct handler handler_question = {
	.id = "question",
	.sort = HANDLER_KIND,
	.kind = KIND_QUESTION,
	.open = open,
};
