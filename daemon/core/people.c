/* People: look-ups in the loaded directory. Used by core/turn, the handlers and app; allocates
 * nothing. agents are sorted by id (store sees to it), so an id is found by halving. */
#include "base/prelude.h"
#include "core/people.h"

const struct agent *people_agent(const struct people *p, int64_t id)
{
	size_t low = 0, high = p->n_agents;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->agents[middle].id == id)
			return &p->agents[middle];
		if (p->agents[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct agent *people_by_key(const struct people *p, const char *address_key)
{
	for (size_t i = 0; address_key && i < p->n_agents; i++) {
		if (p->agents[i].key && strcmp(p->agents[i].key, address_key) == 0)
			return &p->agents[i];
	}
	return NULL;
}

bool people_is_member(const struct people *p, int64_t post, int64_t person)
{
	for (size_t i = 0; i < p->n_members; i++) {
		if (p->members[i].post == post && p->members[i].person == person)
			return true;
	}
	return false;
}

/* "" asked = do not care; "" (or "*" of an organisation) held = every one. */
static bool covers(const char *held, const char *asked)
{
	return !asked || asked[0] == '\0' || !held || held[0] == '\0' || strcmp(held, "*") == 0 ||
	       strcmp(held, asked) == 0;
}

bool people_has_duty(const struct people *p, int64_t agent, const char *role,
	const char *organisation, const char *system, const char *area, const char *unit)
{
	for (size_t i = 0; i < p->n_duties; i++) {
		const struct duty *d = &p->duties[i];

		if (d->agent == agent && strcmp(d->role, role) == 0 &&
			covers(d->organisation, organisation) && covers(d->system, system) &&
			covers(d->area, area) && covers(d->unit, unit))
			return true;
	}
	return false;
}

bool agent_is_absent(const struct agent *a, struct date day, int64_t *substitute)
{
	if (substitute)
		*substitute = 0;
	for (size_t i = 0; i < a->n_absences; i++) {
		const struct absence *ab = &a->absences[i];

		if (date_compare(day, ab->from) < 0 || date_compare(day, ab->until) > 0)
			continue;
		if (substitute)
			*substitute = ab->substitute;
		return true;
	}
	return a->unreachable;
}
