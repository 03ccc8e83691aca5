/* Header: any bytes as the header of a mail, and every reader of a structured value on each field. What comes
 * out is UTF-8 on one line; nothing is read or written outside. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/charset.h"
#include "mail/header.h"

static void must_be_clean(const char *s)
{
	if (!utf8_valid(s, strlen(s)) || strpbrk(s, "\r\n"))
		abort();
}

static void read_params(struct arena *arena, struct charsets *cs, const char *value)
{
	struct header_params p;
	char *name;

	header_params(arena, value, &p);
	(void)header_param_raw(&p, "boundary");
	name = header_param_text(arena, cs, &p, "name");
	if (name)
		must_be_clean(name);
	name = header_param_text(arena, cs, &p, "filename");
	if (name)
		must_be_clean(name);
}

static void read_field(struct arena *arena, struct charsets *cs, const char *value)
{
	struct mail_addresses addresses = {NULL, 0};
	struct mail_strings ids = {NULL, 0};

	must_be_clean(header_text(arena, cs, value, MAX_SUBJECT_BYTES));
	must_be_clean(header_id(arena, value));
	header_ids(arena, value, MAX_REFERENCES, &ids);
	for (size_t i = 0; i < ids.n; i++)
		must_be_clean(ids.v[i]);
	(void)header_addresses(arena, cs, value, MAX_ADDRESSES, &addresses);
	if (addresses.n > MAX_ADDRESSES || ids.n > MAX_REFERENCES)
		abort();
	for (size_t i = 0; i < addresses.n; i++) {
		must_be_clean(addresses.v[i].name);
		must_be_clean(addresses.v[i].address);
	}
	read_params(arena, cs, value);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct charsets *cs;
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	struct header h;

	if (!cs)
		cs = charsets_open();
	header_parse(arena, (struct bytes){data, size}, MAX_HEADER_BYTES, &h);
	if (h.body > size)
		abort();
	for (size_t i = 0; i < h.n; i++)
		read_field(arena, cs, h.v[i].value);
	arena_free(&arena);
	return 0;
}
