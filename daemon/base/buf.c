/* Buf: grows by doubling up to its maximum; over it, fails and stays failed until cleared.
 * Called by every floor. */
#include "base/prelude.h"

#include "base/buf.h"

#include "base/arena.h"

static char *const nothing = (char *)""; /* stands for data while cap == 0; never written */

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.data = nothing, .max = max};
}

void buf_release(struct buf *b)
{
	if (b->cap > 0)
		free(b->data);
	*b = (struct buf){.data = nothing};
}

void buf_clear(struct buf *b)
{
	buf_truncate(b, 0);
	b->failed = false;
}

/* Room for n more bytes and the NUL; false if the maximum would be passed. */
static bool reserve(struct buf *b, size_t n)
{
	if (b->failed)
		return false;
	if (n > b->max - b->len) {
		buf_truncate(b, 0);
		b->failed = true;
		return false;
	}
	if (b->len + n < b->cap)
		return true;
	size_t cap = b->cap < 64 ? 64 : b->cap;
	while (cap <= b->len + n)
		cap *= 2;
	if (cap > b->max + 1)
		cap = b->max + 1;
	char *p = realloc(b->cap > 0 ? b->data : NULL, cap);
	if (p == NULL)
		abort();
	b->data = p;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0 || !reserve(b, n))
		return;
	memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_addstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addch(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

static void add_formatted(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	size_t room = b->cap > b->len ? b->cap - b->len : 0;
	int n = vsnprintf(room > 0 ? b->data + b->len : NULL, room, fmt, ap);
	if (n < 0)
		abort();
	if (b->failed || (size_t)n < room) {
		buf_truncate(b, b->failed ? 0 : b->len + (size_t)n);
	} else if (reserve(b, (size_t)n)) {
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add_formatted(b, fmt, ap);
	va_end(ap);
}

void buf_truncate(struct buf *b, size_t len)
{
	if (b->cap == 0)
		return;
	b->len = len;
	b->data[len] = '\0';
}

bool buf_ok(const struct buf *b)
{
	return !b->failed;
}

char *buf_take(struct buf *b, struct arena *arena)
{
	char *s = arena_strndup(arena, b->data, b->len);
	buf_release(b);
	return s;
}
