/* Clocks: reading rows of clocks; private to the store floor. */
#ifndef LOTS_STORE_CLOCKS_H
#define LOTS_STORE_CLOCKS_H

#include "core/effects.h"
#include "store/db.h"

#define CLOCK_COLUMNS                                                                              \
	"owner, owner_id, owner_key, kind, running, consumed_ms, since_ms, length_ms, calendar,"   \
	" due_ms, generation"

/* False for a kind of a newer program: such a clock is left alone. */
bool read_clock(struct store *s, struct query *q, struct arena *arena, struct clock_row *out);

#endif
