/* Settings_value: one value of a setting from its text. The tables of settings_row.h say which. */
#ifndef LOTS_APP_SETTINGS_VALUE_H
#define LOTS_APP_SETTINGS_VALUE_H

#include "app/settings_row.h"

/* Writes the value at out (its C type follows from row->type; of lists, one entry). On false *why may
 * be set to what is wrong with it. */
bool value_read(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why);
/* The empty value of the row's type, in the target struct. */
void value_clear(const struct row *row, void *target);
/* What may be written, for messages. */
const char *value_allowed(struct arena *arena, const struct row *row);

#endif
