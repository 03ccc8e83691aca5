/* Turn route: changing where a case stands: its area, its link's people, other cases named in a
 * command, the address in one, and the clocks that belong to people and organisations. Called by handlers. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/address.h"

void turn_set_area(struct turn *t, const char *area)
{
	const struct area *a = config_area(t->config, area);

	t->k->area = area;
	if (a)
		t->k->system = a->system;
	turn_log(t, LOGGED_CLASSIFIED, "",
		json_pack("{s:s,s:s}", "area", area, "system", t->k->system));
}

void turn_ask_again(struct turn *t, const char *template_id, const char *note)
{
	struct chain_place place;
	struct link_people people;
	int link;

	turn_place(t, &place);
	link = chain_index(place.chain, t->k->link);
	link = chain_seek(t->arena, t->config, t->people, &place, link < 0 ? 0 : link, 1,
		t->actor ? t->actor->id : 0, false, &people);
	if (link >= 0)
		turn_ask(t, link, &people, template_id, note, false);
	else
		(void)turn_start_chain(t, 0, template_id, note);
}

void turn_asked(struct turn *t, struct link_people *out)
{
	const struct loaded_case *l = t->c->loaded;

	memset(out, 0, sizeof(*out));
	out->v = arena_array(t->arena, l ? l->n_asked + 1 : 1, sizeof(out->v[0]));
	for (size_t i = 0; l && i < l->n_asked; i++) {
		const struct agent *a = people_agent(t->people, l->asked[i].agent);

		if (a)
			out->v[out->n++] = a;
	}
}

void turn_restart_clocks(struct turn *t)
{
	struct link_people asked;

	turn_asked(t, &asked);
	clocks_of_link(t, &asked);
}

/* "Anna Lind <anna@kommun>": the address, and the name before it. NULL if there is none. */
const char *turn_named_address(struct turn *t, const char *text, const char **name)
{
	size_t n;
	const char *p = address_find(text, &n);

	if (name)
		*name = p ? text_trim(
				    t->arena, arena_strndup(t->arena, text, strcspn(text, "<@\"")))
			  : "";
	/* Without a "<" what stands before '@' is the address. */
	if (name && p && !strchr(text, '<'))
		*name = "";
	return p ? arena_strndup(t->arena, p, n) : NULL;
}

struct turn_case *turn_other_case(struct turn *t, const char *number)
{
	const struct agent *agent;
	struct turn_case *c;
	int64_t n;
	/* "1043", "#1043", "ärende nr 1043", "[Support 1043]" */
	const char *digits = number + strcspn(number, "0123456789");
	size_t length = strspn(digits, "0123456789");

	if (!text_to_i64(arena_strndup(t->arena, digits, length), 1, 999999999, &n))
		return NULL;
	c = turn_case_by_number(t, n);
	if (!c || c->k->state == STATE_MERGED ||
		match_sender(t->in, c->k, c->loaded, &agent) != AS_CHAIN)
		return NULL;
	return c;
}

static struct clock_op *standing(struct turn *t, enum clock_kind kind, int64_t due_ms)
{
	struct clock_op *op = arena_new_of(t->arena, struct clock_op);

	op->row = (struct clock_row){.owner_key = "",
		.kind = kind,
		.running = true,
		.since_ms = t->now_ms,
		.due_ms = due_ms,
		.calendar = ""};
	STAILQ_INSERT_TAIL(&t->fx->clocks, op, next);
	return op;
}

void turn_clock_of_agent(
	struct turn *t, const struct agent *a, enum clock_kind kind, int64_t due_ms)
{
	struct clock_op *op;

	STAILQ_FOREACH(op, &t->fx->clocks, next)
	{
		if (op->row.owner == CLOCK_OF_AGENT && op->row.owner_id == a->id &&
			op->row.kind == kind)
			return;
	}
	op = standing(t, kind, due_ms);
	op->row.owner = CLOCK_OF_AGENT;
	op->row.owner_id = a->id;
}

void turn_clock_of_organisation(
	struct turn *t, const char *organisation, enum clock_kind kind, int64_t due_ms)
{
	struct clock_op *op = standing(t, kind, due_ms);

	op->row.owner = CLOCK_OF_ORGANISATION;
	op->row.owner_key = organisation;
}
