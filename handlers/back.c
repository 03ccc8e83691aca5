/* Back: #skicka tillbaka, one link down, with a word to those who get it. */
#include "base/prelude.h"
#include "core/turn_state.h"

static int link_below(struct turn *t, struct link_people *people)
{
	struct chain_place place;

	turn_place(t, &place);
	return chain_seek(t->arena, t->config, t->people, &place,
		chain_index(place.chain, t->k->link) - 1, -1, t->actor->id, false, people);
}

static int check(struct turn *t, const struct command *c)
{
	struct link_people people;

	/* "#tillbaka" from who is away: he means himself. */
	if (agent_is_absent(t->actor, t->today, NULL))
		return turn_refuse(t, c, "are-you-back", "");
	return link_below(t, &people) >= 0 ? 0 : turn_refuse(t, c, "no-link-below", "");
}

static void plan(struct turn *t, const struct command *c)
{
	struct link_people people;
	struct chain_place place;
	const char *from = t->k->link;
	int link = link_below(t, &people);

	turn_place(t, &place);
	turn_log(t, LOGGED_SENT_BACK, c->text,
		json_pack("{s:s,s:s}", "from", from, "to", place.chain->links[link]));
	turn_ask(t, link, &people, "sent-back", c->text, false);
	t->can_undo = true;
	turn_done(t, "back",
		turn_keep(t,
			json_pack("{s:s}", "link",
				turn_role_name(t, t->k->link, turn_agent_language(t, t->actor)))));
}

static const char *const sv[] = {"skicka tillbaka", "tillbaka", "åter", NULL};
static const char *const en[] = {"back", "send back", NULL};

const struct handler handler_back = {
	.id = "back",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reader = READ_BY_NEXT_HOLDER,
	.help = "back",
	.check = check,
	.plan = plan,
};
