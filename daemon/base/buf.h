/* Buf: a growable byte string with a maximum that is stated when it is made.
 *
 * Invariants: data is never NULL and always ended by a NUL that len does not count. Growing over
 * max sets `failed`, empties the buffer and makes every later add a no-op: look at buf_ok() once at
 * the end. Nothing is ever cut silently. */
#ifndef LOTS_BASE_BUF_H
#define LOTS_BASE_BUF_H

#include "base/prelude.h"

struct arena;

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;
	bool failed;
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b); /* frees; usable again after buf_init only */
void buf_clear(struct buf *b);	 /* empty, keeps memory, clears failed */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addstr(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_truncate(struct buf *b, size_t len); /* len <= b->len */
bool buf_ok(const struct buf *b) MUST_CHECK;
/* The content as a string owned by the arena; the buf is released. */
char *buf_take(struct buf *b, struct arena *arena);

#endif
