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

static void add_party(struct turn *t, const char *organisation)
{
	struct other_op *op = arena_new_of(t->arena, struct other_op);

	if (strcmp(organisation, t->k->organisation) == 0)
		return;
	op->what = "party";
	op->kase = t->k;
	op->data = arena_printf(t->arena, "{\"organisation\":\"%s\"}", organisation);
	STAILQ_INSERT_TAIL(&t->fx->others, op, next);
	turn_log(t, LOGGED_OTHER, "",
		json_pack("{s:s,s:s}", "event", "party", "organisation", organisation));
}

/* A dispute between region and municipality: both see the case, without client data. The other side
 * is the one named in the text; against a municipality's case it is the region. */
static void share_dispute(struct turn *t)
{
	const struct organisation *own = config_organisation(t->config, t->k->organisation);
	const char *folded = text_fold(t->arena, turn_opening_text(t, t->c));
	bool of_region = own && strcmp(own->kind, "region") == 0;

	for (size_t i = 0; i < t->config->n_organisations; i++) {
		const struct organisation *o = &t->config->organisations[i];
		const char *word = text_fold(t->arena, o->id);

		if (of_region ? strcmp(o->kind, "municipality") == 0 && text_has_word(folded, word)
			      : strcmp(o->kind, "region") == 0)
			add_party(t, o->id);
	}
}

static void open(struct turn *t)
{
	static const char *const local[] = {"lex sarah", "lex maria", NULL};
	static const char *const log_check[] = {"loggkontroll", "loggkontrollen", "logggranskning",
		"loggranskning", "obehorig atkomst", "olovlig atkomst", "dataintrang", "log check",
		NULL};
	static const char *const dispute[] = {
		"tvist", "tvisten", "tvistefraga", "tvistefragor", "oenighet", "dispute", NULL};
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
	if (says(t, dispute))
		share_dispute(t);
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
