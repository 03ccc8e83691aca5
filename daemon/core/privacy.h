/* Privacy: Swedish personal identity numbers in running text. Ten or twelve digits, '-', '+', a
 * dash or one blank before the last four, coordination numbers (day + 60) included; date and check
 * digit must be right, so that case and phone numbers are left alone. Pure. */
#ifndef LOTS_CORE_PRIVACY_H
#define LOTS_CORE_PRIVACY_H

#include "base/prelude.h"

struct arena;

#define PRIVACY_MASK "XXXXXX-XXXX"

/* A copy with every such number replaced by PRIVACY_MASK; *found (may be NULL) counts them. */
char *privacy_mask(struct arena *arena, const char *text, size_t *found);
bool privacy_has_number(const char *text);

#endif
