/* Exercise: see exercise.h. Called by app, which sends it and lists who has not done it. */
#include "base/prelude.h"

#include "core/exercise.h"

static bool role_takes_cases(const struct config *c, const char *role)
{
	const struct role *r = config_role(c, role);

	if (r == NULL || r->ticket_system)
		return false;
	for (size_t i = 0; i < c->n_chains; i++) {
		for (size_t k = 0; c->chains[i].kind != KIND_NEED && k < c->chains[i].n_links;
			k++) {
			if (strcmp(c->chains[i].links[k], role) == 0)
				return true;
		}
	}
	return false;
}

bool exercise_is_for(
	const struct config *config, const struct people *people, const struct agent *agent)
{
	for (size_t i = 0; i < people->n_duties; i++) {
		const struct duty *d = &people->duties[i];

		if (d->agent == agent->id && role_takes_cases(config, d->role))
			return true;
	}
	return false;
}

static bool may_be_written_to(const struct config *c, const char *key)
{
	for (size_t i = 0; i < c->n_deliver_only; i++) {
		if (strcmp(c->deliver_only[i], key) == 0)
			return true;
	}
	return c->n_deliver_only == 0;
}

bool exercise_is_due(
	const struct config *config, const struct people *people, const struct agent *agent)
{
	const struct organisation *o = config_organisation(config, agent->organisation);

	return !config->live_all && !agent->exercise_sent && !agent->exercise_done && o &&
	       o->live && may_be_written_to(config, agent->key) &&
	       exercise_is_for(config, people, agent);
}
