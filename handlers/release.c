/* Release: #släpp, back to the group of the link; they are asked again. */
#include "base/prelude.h"
#include "core/turn_state.h"

static int check(struct turn *t, const struct command *c)
{
	return t->k->holder == t->actor->id ? 0 : turn_refuse(t, c, "not-yours", "");
}

static void plan(struct turn *t, const struct command *c)
{
	struct chain_place place;
	struct link_people people;
	int link;

	turn_place(t, &place);
	link = chain_index(place.chain, t->k->link);
	turn_log(t, LOGGED_RELEASED, c->text, NULL);
	chain_people(t->arena, t->config, t->people, &place, link, t->actor->id, &people);
	/* Alone in the group: he is asked himself again, and the clocks run. */
	if (people.n == 0)
		chain_people(t->arena, t->config, t->people, &place, link, 0, &people);
	if (people.n)
		turn_ask(t, link, &people, "released", c->text, false);
	else
		(void)turn_start_chain(t, link < 0 ? 0 : link, "released", c->text);
	turn_done(t, "release", NULL);
}

static const char *const sv[] = {"släpp", "släpper", "lämna tillbaka", NULL};
static const char *const en[] = {"release", NULL};
static const char *const bare[] = {"släpp", "release", NULL};

const struct handler handler_release = {
	.id = "release",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reader = READ_BY_GROUP,
	.bare = bare,
	.help = "release",
	.check = check,
	.plan = plan,
};
