/* Assign: #till, to a person, a role, an area or another municipality. Several fit: numbered choices.
 * Somebody who is not in the directory: refused. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "core/directory.h"

static int check(struct turn *t, const struct command *c)
{
	struct directory_hit hit;

	directory_find(t, c->argument, &hit);
	if (hit.unknown)
		return turn_refuse(t, c, hit.is_address ? "stranger" : "nobody", c->argument);
	if (hit.n == 0 && !*hit.area)
		return turn_refuse(t, c, "nobody", c->argument);
	return 0;
}

static void plan(struct turn *t, const struct command *c)
{
	const char *mine = turn_agent_language(t, t->actor);
	struct directory_hit hit;

	directory_find(t, c->argument, &hit);
	const char *note = !*hit.note ? c->text
			   : *c->text ? arena_printf(t->arena, "%s\n%s", hit.note, c->text)
				      : hit.note;
	if (hit.n > 1 && !hit.only_area) {
		struct command with_note = *c;

		with_note.text = note;
		turn_ask_choice(t, &with_note, hit.v, hit.n);
		return;
	}
	if (*hit.area && strcmp(hit.area, t->k->area) != 0)
		turn_set_area(t, hit.area);
	if (hit.only_area) {
		turn_log(t, LOGGED_ASSIGNED, note, json_pack("{s:s}", "area", hit.area));
		t->k->holder = 0;
		turn_ask_again(t, "assigned", note);
		turn_done(t, "assign",
			turn_keep(
				t, json_pack("{s:s}", "name", turn_area_name(t, hit.area, mine))));
		return;
	}
	turn_assign(t, hit.v[0], note);
	t->can_undo = true;
	turn_done(t, "assign",
		turn_keep(t, json_pack("{s:s}", "name", turn_agent_name(t, hit.v[0], mine))));
}

static const char *const sv[] = {"till", "tilldela", NULL};
static const char *const en[] = {"assign", "to", NULL};

const struct handler handler_assign = {
	.id = "assign",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reader = READ_BY_NEXT_HOLDER,
	.argument = ARGUMENT_REQUIRED,
	.help = "assign",
	.check = check,
	.plan = plan,
};
