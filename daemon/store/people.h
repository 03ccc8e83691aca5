/* People in the database: party (person or post), contact, member, duty, absence. Loaded whole into
 * struct people; changed by an import that shows its difference first. People are ended, never
 * deleted. */
#ifndef LOTS_STORE_PEOPLE_H
#define LOTS_STORE_PEOPLE_H

#include "core/people.h"
#include "store/store.h"

/* All that are not ended, in the order core/people.h asks for. */
enum store_status store_people_load(
	struct store *store, struct arena *arena, struct people *out) MUST_CHECK;
/* The same from the state folder `dir`, read only and without the lock, while a daemon may run.
 * STORE_NONE when there is no database of this schema. */
enum store_status store_people_peek(
	const char *dir, struct arena *arena, struct people *out) MUST_CHECK;
/* Grows with each change of people or absences; cheap: reload when it differs. */
enum store_status store_people_version(struct store *store, int64_t *out) MUST_CHECK;

enum people_change { PEOPLE_ADDED, PEOPLE_CHANGED, PEOPLE_ENDED, PEOPLE_RETURNED, PEOPLE_CHANGE_N };
const char *people_change_id(enum people_change c);
struct people_difference {
	enum people_change change;
	const char *address; /* as written */
	const char *name;
	/* "name, duties, +superuser kalix hsl, -manager *": what differs; "" for ended */
	const char *what;
};
/* Compares: wanted is a whole directory as the import read it. Its agent ids are its own (1..n,
 * used by its duties and members); agents are matched by key. exercise_sent and _done, absences and version
 * are not compared. An empty difference means nothing to
 * do. */
enum store_status store_people_diff(struct store *store, struct arena *arena,
	const struct people *wanted, struct people_difference **out, size_t *n) MUST_CHECK;
/* Makes it so, in one transaction (the caller's if one is open): whoever is not in wanted is ended.
 */
enum store_status store_people_apply(struct store *store, struct arena *arena,
	const struct people *wanted, int64_t now_ms) MUST_CHECK;

enum store_status store_agent_exercise_done(struct store *store, int64_t agent) MUST_CHECK;
enum store_status store_agent_exercise_sent(struct store *store, int64_t agent) MUST_CHECK;
enum store_status store_agent_morning_list(struct store *store, int64_t agent, bool on) MUST_CHECK;
/* Name and address of any agent, ended ones too: for showing a case. */
struct agent_label {
	const char *name, *address, *organisation;
	bool ended;
};
enum store_status store_agent_label(struct store *store, struct arena *arena, int64_t agent,
	struct agent_label *out) MUST_CHECK;

#endif
