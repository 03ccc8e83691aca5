/* HTML and RTF to text: any text; what comes out is UTF-8 and no longer than allowed. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/charset.h"
#include "mail/enriched.h"
#include "mail/flowed.h"
#include "mail/html.h"
#include "mail/ics.h"
#include "mail/rtf.h"

#define TEXT_MAX 4000

static void must_be_text(const char *s)
{
	if (!utf8_valid(s, strlen(s)))
		abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct charsets *cs;
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	char *text = utf8_clean(arena, (const char *)data, size), *out;
	bool large = false;

	if (!cs)
		cs = charsets_open();
	out = html_to_text(arena, text, TEXT_MAX, &large);
	must_be_text(out);
	if (strlen(out) > TEXT_MAX)
		abort();
	must_be_text(ics_line(arena, text));
	must_be_text(enriched_to_text(arena, text, size % 2));
	must_be_text(flowed_join(arena, text, size % 2));
	must_be_text(rtf_to_text(arena, cs, (struct bytes){data, size}, TEXT_MAX));
	arena_free(&arena);
	return 0;
}
