/* Heap: lotsd, lotsctl and lots-parser end when memory runs out, wherever that happens. Linked into the programs
 * only, by the Makefile; called by everything in them that allocates, the libraries too.
 *
 * Our own code aborts by itself, but libraries answer in ways nobody can use: jansson leaves a member out of
 * a message, libyaml reads half a file (which stopped lotsd as "wrong settings", for good), others go on
 * with NULL. A process that ends is started anew, and what it had not committed is done again.
 *
 * Not for sanitizer builds: their heap does it. */
#include "base/prelude.h"

#include "base/log.h"

#include <errno.h>

#ifndef __SANITIZE_ADDRESS__

/* More than any mail or database needs. Whoever asks for it has believed somebody, and is told NULL. */
#define LARGEST ((size_t)256 << 20)

/* Of shared libraries the program's own names come first; what is linked whole is led here by --wrap. */
#ifdef HEAP_WRAPPED
#define OURS(name) __wrap_##name
#define THEIRS(name) __real_##name
#else
#define OURS(name) name
#define THEIRS(name) __libc_##name
#endif

void *THEIRS(malloc)(size_t n);
void *THEIRS(calloc)(size_t n, size_t size);
void *THEIRS(realloc)(void *p, size_t n);
void *OURS(malloc)(size_t n);
void *OURS(calloc)(size_t n, size_t size);
void *OURS(realloc)(void *p, size_t n);

static void *got(void *p, size_t n)
{
	if (p != NULL || n > LARGEST)
		return p;
	log_error("no-memory", "bytes=%zu", n);
	abort();
}

void *OURS(malloc)(size_t n)
{
	return got(THEIRS(malloc)(n), n);
}

void *OURS(calloc)(size_t n, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes))
		bytes = SIZE_MAX;
	return got(THEIRS(calloc)(n, size), bytes);
}

void *OURS(realloc)(void *p, size_t n)
{
	void *q = THEIRS(realloc)(p, n);
	return n == 0 ? q : got(q, n); /* of no bytes: it is freed */
}

#ifndef HEAP_WRAPPED
/* The rest of the set, so that none of it comes from an allocator that somebody preloads. */
void __libc_free(void *p);
void *__libc_memalign(size_t alignment, size_t n);
void *memalign(size_t alignment, size_t n);
void *aligned_alloc(size_t alignment, size_t n);
int posix_memalign(void **p, size_t alignment, size_t n);

void free(void *p)
{
	__libc_free(p);
}

void *memalign(size_t alignment, size_t n)
{
	return got(__libc_memalign(alignment, n), n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
	return got(__libc_memalign(alignment, n), n);
}

int posix_memalign(void **p, size_t alignment, size_t n)
{
	void *q = got(__libc_memalign(alignment, n), n);
	if (q == NULL)
		return ENOMEM;
	*p = q;
	return 0;
}
#endif

#endif
