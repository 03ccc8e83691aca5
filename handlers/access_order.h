/* Access order: what an order of an account says, read from the requester's own words. */
#ifndef LOTS_HANDLERS_ACCESS_ORDER_H
#define LOTS_HANDLERS_ACCESS_ORDER_H

#include "core/turn_state.h"

/* Adds what the text tells to `order`: person, what, system, unit, role, hsa_id, from, to, head. */
void access_read(struct turn *t, json_t *order, const char *text);
/* Only what the text itself says: for a correction. */
void access_read_said(struct turn *t, json_t *order, const char *text);
/* Names of what must be asked for ("access.unit" of words.txt ...), in the requester's language. */
json_t *access_missing(struct turn *t, const json_t *order, const char *language);
/* The head who decides: named in the order, of the unit, or the only one there is; NULL if open. */
const struct agent *access_head(struct turn *t, const json_t *order);

/* "new", "change" or "end". */
const char *access_what(struct turn *t, const json_t *order);

#endif
