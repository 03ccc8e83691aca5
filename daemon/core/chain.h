/* Chain: which link has a case, who its people are, and which link comes next. Everything from data
 * (config->chains, people): no role is named here but "user". Pure. */
#ifndef LOTS_CORE_CHAIN_H
#define LOTS_CORE_CHAIN_H

#include "core/config.h"
#include "core/people.h"

struct arena;

/* For whom a link is looked up. */
struct chain_place {
	const struct chain *chain;
	const char *system, *organisation, *area, *unit;
	const char *requester_key; /* never asked on the own question; "" none */
	struct date day;	   /* local: who is away */
};

struct link_people {
	const struct agent **v; /* whom to ask: substitutes stand for the absent; no doubles */
	size_t n;
	const struct agent **absent; /* who was skipped */
	size_t n_absent;
};

/* Index of a role in the chain, -1 if it is not there. */
int chain_index(const struct chain *c, const char *role);
/* The people of link i, in file order. `except` (agent id, 0 none) is left out together with posts
 * that only he reads: the one who just passed it on. */
void chain_people(struct arena *arena, const struct config *config, const struct people *people,
	const struct chain_place *place, int i, int64_t except, struct link_people *out);
/* All who hold the link's duty there, absent or not, without substitutes. */
bool chain_is_in_link(
	const struct people *people, const struct chain_place *place, int i, int64_t agent);
/* The first link from `from` on (step +1 or -1) that has somebody to ask; -1 if none. people is
 * filled for it. A supplier is only reached when `to_supplier`. */
int chain_seek(struct arena *arena, const struct config *config, const struct people *people,
	const struct chain_place *place, int from, int step, int64_t except, bool to_supplier,
	struct link_people *out);
/* Where a new case starts: 0, or above the highest link the requester himself belongs to. */
int chain_start(const struct people *people, const struct chain_place *place,
	const struct agent *requester);
/* True if the role is a supplier (the last link, a ticket system of another organisation). */
bool chain_is_supplier(const struct config *config, const char *role);
/* Does the agent hold any duty at all? */
bool people_has_any_duty(const struct people *p, int64_t agent);

#endif
