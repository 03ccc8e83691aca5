/* People: who can be asked. Loaded whole from the database when it changes (some thousand rows) and
 * constant during a turn; changes are effects. A requester who holds no duty is not here: he is a
 * contact of the store.
 *
 * An agent is a person or a post (a role or unit mailbox that several persons read). */
#ifndef LOTS_CORE_PEOPLE_H
#define LOTS_CORE_PEOPLE_H

#include "base/date.h"
#include "base/prelude.h"

struct agent {
	int64_t id;
	bool is_post;
	const char *name;	  /* "" for a post without one */
	const char *address;	  /* as written; the first contact of kind mail */
	const char *key;	  /* address_key */
	int64_t contact;	  /* its contact id */
	const char *organisation; /* id */
	const char *language;	  /* "" = the organisation's */
	const char *calendar;	  /* own working hours: id of a calendar, "" = the organisation's */
	bool exercise_sent;	  /* its first mail: core/exercise.h */
	bool exercise_done;	  /* has answered it */
	bool morning_list;
	bool unreachable; /* mail to it comes back: nothing is sent there until it writes */
	struct absence {
		struct date from, until; /* both days away; local dates */
		int64_t substitute;	 /* agent id, 0 none */
	} * absences;
	size_t n_absences;
};

struct duty {
	int64_t agent;
	const char *role;	  /* role id */
	const char *organisation; /* for which organisation ("*" = every) */
	const char *system;	  /* "" any */
	const char *area;	  /* "" any */
	const char *unit;	  /* "" any */
	bool on_call;		  /* jour: priority 1 round the clock */
	bool supplier_rights;	  /* it_admin who may report to the supplier */
};

struct member { /* this person may speak for that post */
	int64_t post, person;
};

struct people {
	struct agent *agents; /* sorted by id */
	size_t n_agents;
	struct duty *duties; /* in file order: the order of asking */
	size_t n_duties;
	struct member *members;
	size_t n_members;
	int64_t version; /* grows with each change */
};

const struct agent *people_agent(const struct people *p, int64_t id);
const struct agent *people_by_key(const struct people *p, const char *address_key);
bool people_is_member(const struct people *p, int64_t post, int64_t person);
/* True if agent a holds the role for that organisation (area, system, unit "" = do not care). */
bool people_has_duty(const struct people *p, int64_t agent, const char *role,
	const char *organisation, const char *system, const char *area, const char *unit);
/* Away on that local date, or not to be reached? *substitute gets the agent id or 0. */
bool agent_is_absent(const struct agent *a, struct date day, int64_t *substitute);

#endif
