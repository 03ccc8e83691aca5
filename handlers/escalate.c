/* Escalate: #eskalera, LYFT: to the next link that has somebody other than the one who lifts. */
#include "base/prelude.h"
#include "core/turn_state.h"

static int next_link(struct turn *t, struct link_people *people)
{
	struct chain_place place;
	int here;

	turn_place(t, &place);
	here = chain_index(place.chain, t->k->link);
	/* The clock may have asked the next link before him: that is where it goes, with his reason. */
	int own = chain_index(place.chain, turn_link_of(t, t->actor));
	if (t->k->holder == 0 && own >= 0 && own < here &&
		!chain_is_in_link(t->people, &place, here, t->actor->id))
		here = own;
	/* He who lifts may stand higher than the case does. */
	for (int i = here + 1; place.chain && i < (int)place.chain->n_links; i++) {
		if (chain_is_in_link(t->people, &place, i, t->actor->id) &&
			t->k->holder != t->actor->id)
			here = i;
	}
	return chain_seek(
		t->arena, t->config, t->people, &place, here + 1, 1, t->actor->id, false, people);
}

static int check(struct turn *t, const struct command *c)
{
	struct link_people people;
	const struct agent *holder = turn_other_holder(t);

	if (holder && !t->force)
		return turn_refuse(t, c, "held-by-other",
			turn_agent_name(t, holder, turn_agent_language(t, t->actor)));
	return next_link(t, &people) >= 0 ? 0 : turn_refuse(t, c, "no-next-link", "");
}

static void plan(struct turn *t, const struct command *c)
{
	struct link_people people;
	struct chain_place place;
	const char *from = t->k->link;
	int link = next_link(t, &people);

	turn_place(t, &place);
	turn_log(t, LOGGED_ESCALATED, c->text,
		json_pack("{s:s,s:s}", "from", from, "to", place.chain->links[link]));
	turn_ask(t, link, &people, "escalation", c->text, false);
	t->can_undo = true;
	turn_done(t, "escalate",
		turn_keep(t,
			json_pack("{s:s}", "link",
				turn_role_name(t, t->k->link, turn_agent_language(t, t->actor)))));
}

static const char *const sv[] = {"eskalera", "lyft", "lyfter", "skicka vidare", "vidare", NULL};
static const char *const en[] = {"escalate", "lift", NULL};
static const char *const bare[] = {"lyft", "eskalera", "escalate", NULL};

const struct handler handler_escalate = {
	.id = "escalate",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reader = READ_BY_NEXT_HOLDER,
	.bare = bare,
	.help = "escalate",
	.check = check,
	.plan = plan,
};
