/* Fuzz: address keys. A key must be a fixed point, and what may stand in an envelope is ASCII. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const own[] = {"stod.example", NULL};
	struct arena *arena = arena_new(8 << 20);
	char *s = arena_strndup(arena, (const char *)data, size);
	char *key = address_key(arena, s, own);

	if (key) {
		char *again = address_key(arena, key, own);

		must(again && strcmp(key, again) == 0);
		must(utf8_valid(key, strlen(key)) && strlen(key) <= MAX_ADDRESS_BYTES);
		must(strchr(key, '@') == strrchr(key, '@') && !strpbrk(key, " \t\r\n<>\""));
		must(address_domain(arena, s) != NULL);
	}
	if (address_envelope_ok(s))
		for (const char *p = s; *p; p++)
			must(*p > 0x20 && *p < 0x7f && *p != '<' && *p != '>' && *p != '"');
	arena_free(&arena);
	return 0;
}
