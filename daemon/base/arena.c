/* Arena: a list of chunks, filled from the newest. Called by every floor; must not know any of
 * them.
 *
 * Under AddressSanitizer each allocation is a chunk of its own, so that writing past one is seen.
 */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/log.h"

#include <stdalign.h>

#ifdef __SANITIZE_ADDRESS__
#define CHUNK_BYTES ((size_t)0)
#else
#define CHUNK_BYTES ((size_t)32 << 10)
#endif

struct chunk {
	struct chunk *next;
	size_t size, used;
	alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *chunks; /* the newest first */
	size_t total, max;    /* bytes in chunks */
};

static NORETURN void die(const char *why, size_t n)
{
	log_error("bug", "what=arena why=%s bytes=%zu", why, n);
	abort();
}

static struct chunk *chunk_add(struct arena *a, size_t n)
{
	size_t size = n > CHUNK_BYTES ? n : CHUNK_BYTES;
	if (n > a->max || size > a->max - a->total)
		die("over_maximum", n);
	struct chunk *c = malloc(sizeof(*c) + size);
	if (c == NULL)
		die("out_of_memory", n);
	c->size = size;
	c->used = 0;
	/* A large block must not hide the room left in the chunk that small ones are taken from. */
	if (a->chunks != NULL && size > CHUNK_BYTES && CHUNK_BYTES != 0) {
		c->next = a->chunks->next;
		a->chunks->next = c;
	} else {
		c->next = a->chunks;
		a->chunks = c;
	}
	a->total += size;
	return c;
}

struct arena *arena_new(size_t max_bytes)
{
	struct arena *a = calloc(1, sizeof(*a));
	if (a == NULL)
		die("out_of_memory", sizeof(*a));
	a->max = max_bytes;
	return a;
}

static void chunks_free(struct chunk *c)
{
	while (c != NULL) {
		struct chunk *next = c->next;
		free(c);
		c = next;
	}
}

void arena_free(struct arena **arena)
{
	if (*arena == NULL)
		return;
	chunks_free((*arena)->chunks);
	free(*arena);
	*arena = NULL;
}

void arena_reset(struct arena *arena)
{
	struct chunk *first = arena->chunks;
	if (first == NULL)
		return;
	if (first->size != CHUNK_BYTES || CHUNK_BYTES == 0) {
		chunks_free(first);
		arena->chunks = NULL;
		arena->total = 0;
		return;
	}
	chunks_free(first->next);
	first->next = NULL;
	first->used = 0;
	arena->total = first->size;
}

void *arena_alloc(struct arena *arena, size_t n)
{
	const size_t align = alignof(max_align_t);
	if (n > SIZE_MAX - align - sizeof(struct chunk))
		die("overflow", n);
	size_t need = n == 0 ? align : (n + align - 1) / align * align;
	struct chunk *c = arena->chunks;
	if (CHUNK_BYTES == 0)
		c = chunk_add(arena, n == 0 ? 1 : n);
	else if (c == NULL || c->size - c->used < need)
		c = chunk_add(arena, need);
	void *p = c->data + c->used;
	c->used = CHUNK_BYTES == 0 ? c->size : c->used + need;
	memset(p, 0, n);
	return p;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t n;
	if (__builtin_mul_overflow(count, size, &n))
		die("overflow", count);
	return arena_alloc(arena, n);
}

char *arena_strndup(struct arena *arena, const char *s, size_t n)
{
	char *p = arena_alloc(arena, n + 1);
	if (n > 0)
		memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *arena, const char *s)
{
	return s == NULL ? arena_strndup(arena, "", 0) : arena_strndup(arena, s, strlen(s));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	char small[256]; /* most fit: then it is formatted once */
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0)
		die("format", 0);
	char *p = arena_alloc(arena, (size_t)n + 1);
	if ((size_t)n < sizeof(small))
		memcpy(p, small, (size_t)n);
	else
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}
