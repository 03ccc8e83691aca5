/* Chain: finds links and their people. Called by core/turn when a case opens, is lifted, sent back
 * or waits too long. Must not know any role by name: "supplier" alone is a word of the design. */
#include "base/prelude.h"
#include "core/chain.h"

#include "base/arena.h"

#define SUBSTITUTES_MAX 3 /* a substitute's substitute, and his */

int chain_index(const struct chain *c, const char *role)
{
	for (size_t i = 0; c && i < c->n_links; i++) {
		if (strcmp(c->links[i], role) == 0)
			return (int)i;
	}
	return -1;
}

bool chain_is_supplier(const struct config *config, const char *role)
{
	const struct role *r = config_role(config, role);

	return strcmp(role, "supplier") == 0 && r && r->ticket_system;
}

bool people_has_any_duty(const struct people *p, int64_t agent)
{
	for (size_t i = 0; i < p->n_duties; i++) {
		if (p->duties[i].agent == agent && strcmp(p->duties[i].role, "user") != 0)
			return true;
	}
	return false;
}

static bool is_any(const char *s)
{
	return !s || !*s || strcmp(s, "*") == 0;
}

/* "" of the duty covers all; "" of the place (not recognised) is covered by all. */
static bool covers(const char *held, const char *asked)
{
	return is_any(held) || is_any(asked) || strcmp(held, asked) == 0;
}

/* A duty tied to one unit is only for cases of that unit where the role is found by unit. */
static bool unit_fits(const struct duty *d, const struct chain_place *p, bool strict)
{
	if (strict)
		return !is_any(p->unit) && !is_any(d->unit) && strcmp(d->unit, p->unit) == 0;
	return covers(d->unit, p->unit);
}

static bool duty_fits(const struct duty *d, const struct chain_place *p, const char *role,
	bool strict_unit, bool any_area)
{
	return strcmp(d->role, role) == 0 &&
	       (is_any(d->organisation) || strcmp(d->organisation, p->organisation) == 0) &&
	       covers(d->system, p->system) && (any_area || covers(d->area, p->area)) &&
	       unit_fits(d, p, strict_unit);
}

/* Roles that exist only where the unit has them are marked optional and found by unit. */
static bool by_unit_only(const struct config *config, const struct chain_place *p, int i)
{
	const struct role *r = config_role(config, p->chain->links[i]);

	return p->chain->optional && p->chain->optional[i] && r && strcmp(r->by, "unit") == 0;
}

bool chain_is_in_link(
	const struct people *people, const struct chain_place *place, int i, int64_t agent)
{
	for (size_t k = 0; k < people->n_duties; k++) {
		const struct duty *d = &people->duties[k];

		if (d->agent == agent && duty_fits(d, place, place->chain->links[i], false, false))
			return true;
	}
	return false;
}

static bool among(const struct agent **v, size_t n, const struct agent *a)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i] == a)
			return true;
	}
	return false;
}

/* True if the post is read by that person alone. */
static bool only_reader(const struct people *p, int64_t post, int64_t person)
{
	bool he = false;

	for (size_t i = 0; i < p->n_members; i++) {
		if (p->members[i].post != post)
			continue;
		if (p->members[i].person != person)
			return false;
		he = true;
	}
	return he;
}

static bool is_excepted(const struct people *people, const struct agent *a, int64_t except)
{
	return except && (a->id == except || only_reader(people, a->id, except) ||
				 only_reader(people, except, a->id));
}

/* He who asked is not asked himself. */
static bool is_requester(const struct people *people, const struct agent *a, const char *key)
{
	const struct agent *r = *key ? people_by_key(people, key) : NULL;

	return (*key && strcmp(a->key, key) == 0) || (r && only_reader(people, a->id, r->id));
}

/* The agent, or who stands in for him; NULL when nobody does. */
static const struct agent *present(
	const struct people *people, const struct agent *a, struct date day)
{
	for (int i = 0; a && i <= SUBSTITUTES_MAX; i++) {
		int64_t substitute;

		if (!agent_is_absent(a, day, &substitute))
			return a;
		a = substitute ? people_agent(people, substitute) : NULL;
	}
	return NULL;
}

static void add_agent(const struct people *people, const struct chain_place *place, int64_t except,
	const struct agent *a, struct link_people *out)
{
	const struct agent *here;

	if (!a || is_excepted(people, a, except) || is_requester(people, a, place->requester_key))
		return;
	here = present(people, a, place->day);
	if (here != a && !among(out->absent, out->n_absent, a))
		out->absent[out->n_absent++] = a;
	if (!here || is_excepted(people, here, except) ||
		is_requester(people, here, place->requester_key) || among(out->v, out->n, here))
		return;
	out->v[out->n++] = here;
}

static void collect(const struct config *config, const struct people *people,
	const struct chain_place *place, int i, int64_t except, bool any_area,
	struct link_people *out)
{
	bool strict = by_unit_only(config, place, i);

	for (size_t k = 0; k < people->n_duties; k++) {
		const struct duty *d = &people->duties[k];

		if (duty_fits(d, place, place->chain->links[i], strict, any_area))
			add_agent(people, place, except, people_agent(people, d->agent), out);
	}
}

void chain_people(struct arena *arena, const struct config *config, const struct people *people,
	const struct chain_place *place, int i, int64_t except, struct link_people *out)
{
	memset(out, 0, sizeof(*out));
	out->v = arena_array(arena, people->n_duties + 1, sizeof(out->v[0]));
	out->absent = arena_array(arena, people->n_duties + 1, sizeof(out->absent[0]));
	if (i < 0 || !place->chain || (size_t)i >= place->chain->n_links)
		return;
	collect(config, people, place, i, except, false, out);
}

int chain_seek(struct arena *arena, const struct config *config, const struct people *people,
	const struct chain_place *place, int from, int step, int64_t except, bool to_supplier,
	struct link_people *out)
{
	for (int i = from; place->chain && i >= 0 && (size_t)i < place->chain->n_links; i += step) {
		if (!to_supplier && chain_is_supplier(config, place->chain->links[i]))
			continue;
		chain_people(arena, config, people, place, i, except, out);
		if (out->n)
			return i;
	}
	memset(out, 0, sizeof(*out));
	return -1;
}

int chain_start(
	const struct people *people, const struct chain_place *place, const struct agent *requester)
{
	if (!requester || !place->chain)
		return 0;
	for (int i = (int)place->chain->n_links - 1; i >= 0; i--) {
		if (chain_is_in_link(people, place, i, requester->id))
			return i + 1;
		for (size_t k = 0; k < people->n_members; k++) {
			if (people->members[k].person == requester->id &&
				chain_is_in_link(people, place, i, people->members[k].post))
				return i + 1;
		}
	}
	return 0;
}
