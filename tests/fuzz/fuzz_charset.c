/* Charset: the first line is the name, the rest the bytes. What comes out is UTF-8 of a bounded length. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/charset.h"

static void decode(struct charsets *cs, const char *name, struct bytes in)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	char *text = charset_decode(cs, arena, name, in, NULL);
	size_t n = strlen(text);

	if (!utf8_valid(text, n) || n > 4 * in.n + 4)
		abort();
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct charsets *cs;
	const unsigned char *lf = size ? memchr(data, '\n', size) : NULL;
	size_t n = lf ? (size_t)(lf - data) : 0;
	char name[64] = "";
	struct bytes in = {data + n, size - n};

	if (!cs)
		cs = charsets_open();
	if (n < sizeof(name))
		memcpy(name, data, n);
	charset_hint(cs, name);
	decode(cs, name, in);
	decode(cs, NULL, in);
	charset_hint(cs, NULL);
	/* The first byte chooses one of the allowed, so that all are met. */
	if (size)
		decode(cs, charset_names()[data[0] % 40], in);
	return 0;
}
