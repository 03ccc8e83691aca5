/* Settings: lots.yaml and the data files it names -> struct config, or all that is wrong with them. */
#ifndef LOTS_APP_SETTINGS_H
#define LOTS_APP_SETTINGS_H

#include "app/settings_row.h"
#include "core/config.h"
#include "core/people.h"

/* Reads everything: settings, organisation, chains, templates, the zone's rule. The config lives in
 * the arena, but its templates do not: settings_release. NULL when anything is wrong; errors (in the
 * same or another arena) then holds what, sorted. path is shown in messages as given. */
struct config *settings_load(struct arena *arena, const char *path, struct settings_errors *errors);
void settings_release(struct config *config); /* NULL is allowed */

/* Where the databases lie, by the state_dir line alone: for speaking to a running lotsd also while the rest of
 * the file is being changed. NULL when the file cannot be read. */
const char *settings_state_dir(struct arena *arena, const char *path);

/* Links of a chain where an organisation has nobody: told with the line of the chain. Duties that
 * name what the settings do not have: told under "people". */
void settings_check_people(
	const struct config *config, const struct people *people, struct settings_errors *errors);

/* The same one by one, for who says it in other words: a link that leads to nobody (chain is given), or
 * a duty that names what is not there. */
struct settings_gap {
	const struct chain *chain;
	const char *link;		 /* role id */
	const struct organisation *v[5]; /* the first of those that have nobody */
	size_t n;			 /* of them in all */
	const struct duty *duty;
	const char *what, *id; /* "role", "organisation", "system", "area" or "unit", and its id */
};
typedef void settings_gap_fn(void *context, const struct settings_gap *gap);
void settings_each_gap(const struct config *config, const struct people *people,
	settings_gap_fn *tell, void *context);

/* `lotsd --check`: "ok" on out, or the errors on err. Where the installation has a database its
 * people are checked, too. 0 or 78 (EX_CONFIG). */
int settings_check(const char *path, FILE *out, FILE *err);

/* The folder that holds templates/ and config/: $LOTS_DATADIR; else the parent of the program's
 * folder when it has templates/sv; else the one compiled in. */
const char *settings_data_dir(struct arena *arena);

/* Every section of the files with its rows, for the manual's test. */
extern const struct section *const settings_sections[];
extern const size_t settings_sections_n;

#endif
