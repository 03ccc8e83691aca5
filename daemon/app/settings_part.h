/* Settings_part: the parts of settings_load, one file each; nobody else includes this. Each reads one
 * tree of the settings into r->config, in the order of this list: later ones refer to earlier. */
#ifndef LOTS_APP_SETTINGS_PART_H
#define LOTS_APP_SETTINGS_PART_H

#include "app/settings.h"

extern const struct section section_lots, section_calendar, section_system, section_area,
	section_role, section_organisation, section_unit, section_chain, section_clock,
	section_mailbox, section_sink;

void part_hours(struct reading *r, const struct yaml *tree);
void part_roles(struct reading *r, const struct yaml *tree);
void part_systems(struct reading *r, const struct yaml *tree);
void part_organisations(struct reading *r, const struct yaml *tree);
void part_chains(struct reading *r, const struct yaml *tree);
void part_clocks(struct reading *r, const struct yaml *tree);
void part_mailboxes(struct reading *r, const struct yaml *tree);
void part_sinks(struct reading *r, const struct yaml *tree);
/* line: of the `zone` or `templates` key in lots.yaml, 0 when not written. */
void part_zone(struct reading *r, int line);
void part_templates(struct reading *r, int line);

/* The kinds of organisation, NULL-ended; the names of the kinds of case with "any" last. */
extern const char *const organisation_kinds[];
extern const char *const case_kind_words[];
/* The whole of a file, NUL-ended, in the arena; NULL and *error (a text in the arena). */
char *part_read_file(
	struct arena *arena, const char *path, size_t max, size_t *n, const char **error);
/* A file with a secret: regular, not readable by group or others, not empty, at most 64 KiB. */
bool part_secret_ok(struct arena *arena, const char *path, const char **error);
/* Tells at `at` if the id is not among the n ids (as reading_unknown) and returns false. */
bool part_known(struct reading *r, const struct yaml *at, const char *what, const char *id,
	const char *const *ids, size_t n);
/* The ids of the config's things, for part_known and messages. */
const char *const *part_ids_of_roles(struct reading *r);
const char *const *part_ids_of_systems(struct reading *r);
const char *const *part_ids_of_calendars(struct reading *r);

#endif
