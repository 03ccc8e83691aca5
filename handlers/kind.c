/* Kind: #typ behörighet. A case that is something else climbs another chain: it starts there anew
 * when the link it stands at is not in it. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/text.h"
#include "core/words.h"

static bool named(struct turn *t, const char *argument, enum case_kind *out)
{
	static const struct {
		const char *word;
		enum case_kind kind;
	} words[] = {{"fraga", KIND_QUESTION}, {"behorighet", KIND_ACCESS},
		{"bestallning", KIND_ACCESS}, {"storning", KIND_DISTURBANCE},
		{"felanmalan", KIND_DISTURBANCE}, {"fel", KIND_DISTURBANCE}, {"behov", KIND_NEED},
		{"onskemal", KIND_NEED}, {"avvikelse", KIND_DEVIATION}};
	const char *folded = text_fold(t->arena, argument);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].word, folded) == 0) {
			*out = words[i].kind;
			return true;
		}
	}
	return case_kind_from_id(folded, out);
}

static int check(struct turn *t, const struct command *c)
{
	const struct organisation *o = config_organisation(t->config, t->k->organisation);
	enum case_kind kind;

	if (!named(t, c->argument, &kind))
		return turn_refuse(t, c, "no-such-kind", c->argument);
	if (!config_chain(t->config, t->k->system, o ? o->kind : "unknown", kind))
		return turn_refuse(t, c, "no-chain", c->argument);
	return 0;
}

static void plan(struct turn *t, const struct command *c)
{
	const char *mine = turn_agent_language(t, t->actor);
	const struct handler *h;
	struct chain_place place;
	enum case_kind kind;
	/* The order was no order: nobody waits for its answers. */
	bool asks = t->k->kind == KIND_ACCESS && t->k->state == STATE_WAITING_REQUESTER &&
		    t->k->holder == 0;

	if (!named(t, c->argument, &kind))
		return;
	t->k->kind = kind;
	turn_log(t, LOGGED_CLASSIFIED, c->text, json_pack("{s:s}", "kind", case_kind_id(kind)));
	turn_place(t, &place);
	h = handler_of_kind(t->in->handlers, kind);
	if (kind == KIND_ACCESS && h && h->open)
		h->open(t);
	else if (asks || chain_index(place.chain, t->k->link) < 0)
		(void)turn_start_chain(t, 0, "notification", c->text);
	turn_done(t, "kind",
		turn_keep(
			t, json_pack("{s:s}", "kind",
				   t->config->templates ? words_name(t->config->templates, t->arena,
								  mine, "kind", case_kind_id(kind))
							: case_kind_id(kind))));
}

static const char *const sv[] = {"typ", "sort", NULL};
static const char *const en[] = {"kind", "type", NULL};

const struct handler handler_kind = {
	.id = "kind",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_REQUIRED,
	.help = "kind",
	.check = check,
	.plan = plan,
};
