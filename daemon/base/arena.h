/* Arena: memory that lives as long as one turn (one mail, one tick) and is freed whole.
 *
 * Allocation never returns NULL: out of memory, or over the arena's maximum, is the bug class of
 * failure and aborts. That is safe because nothing is half-done: the process is started anew, the
 * turn was one transaction, and an inbox row that kills three times is put in quarantine. */
#ifndef LOTS_BASE_ARENA_H
#define LOTS_BASE_ARENA_H

#include "base/prelude.h"

struct arena;

struct arena *arena_new(size_t max_bytes);
/* Frees everything and clears the caller's pointer; NULL is allowed. */
void arena_free(struct arena **arena);
/* Forgets everything but keeps the first chunk, for the next turn. */
void arena_reset(struct arena *arena);
/* Zeroed, aligned for any type. n == 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t n);
/* count * size, checked for overflow (aborts). */
void *arena_array(struct arena *arena, size_t count, size_t size);
char *arena_strdup(struct arena *arena, const char *s); /* NULL gives "" */
char *arena_strndup(struct arena *arena, const char *s, size_t n);
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define arena_new_of(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif
