/* Deviation: something in the process went wrong and is to be followed up. Climbs like a question.
 * Suspicion from a log check is for the managers alone; Lex Sarah and Lex Maria belong to the local
 * system of the organisation. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"

static bool says(struct turn *t, const char *const *words)
{
	const char *folded = text_fold(t->arena,
		arena_printf(t->arena, "%s\n%s", t->k->subject, turn_opening_text(t, t->c)));

	for (; *words; words++) {
		if (text_has_word(folded, *words))
			return true;
	}
	return false;
}

static void refer_to_local(struct turn *t)
{
	struct outgoing *o = turn_mail_requester(t, MAILING_RECEIPT, "referred");
	const char *words = turn_words(t, o->language, "deviation.local", NULL);

	mail_text(o, "answer", words);
	turn_log(t, LOGGED_REFERRED, words, json_pack("{s:s}", "why", "local-system"));
	turn_set_state(t, STATE_REFERRED);
}

static void restrict_to_managers(struct turn *t)
{
	struct chain_place place;
	int link;

	t->k->restricted = true;
	turn_place(t, &place);
	for (link = 0; place.chain && link < (int)place.chain->n_links; link++) {
		const struct role *r = config_role(t->config, place.chain->links[link]);

		if (r && r->manages)
			break;
	}
	(void)turn_start_chain(t, link, "notification", "");
	turn_receipt_to_requester(t, "receipt");
}

static void open(struct turn *t)
{
	static const char *const local[] = {"lex sarah", "lex maria", NULL};
	static const char *const log_check[] = {"loggkontroll", "loggkontrollen", "logggranskning",
		"loggranskning", "obehorig atkomst", "olovlig atkomst", "dataintrang", "log check",
		NULL};
	const struct agent *requester = people_by_contact(t->people, t->k->requester);
	struct chain_place place;

	if (says(t, local)) {
		refer_to_local(t);
		return;
	}
	if (says(t, log_check)) {
		restrict_to_managers(t);
		return;
	}
	turn_place(t, &place);
	(void)turn_start_chain(t, chain_start(t->people, &place, requester), "notification", "");
	turn_receipt_to_requester(t, "receipt");
}

const struct handler handler_deviation = {
	.id = "deviation",
	.sort = HANDLER_KIND,
	.kind = KIND_DEVIATION,
	.open = open,
};
