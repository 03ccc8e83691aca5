/* Charset_table: see charset_table.h. Called by charset.c when it opens its charsets and when it decodes.
 * Must not guess: what the table says is what iconv says. */
#include "base/prelude.h"

#include "mail/charset_table.h"

#include "base/buf.h"
#include "base/text.h"

#include <errno.h>

#define NOTHING 0xFFFDu

/* The one character the byte stands for; false if it needs or changes what is around it. */
static bool read_byte(iconv_t cd, unsigned char byte, uint16_t *code)
{
	char in = (char)byte, text[8], *from = &in, *to = text;
	size_t left = 1, room = sizeof(text);
	uint32_t c;
	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &from, &left, &to, &room) == (size_t)-1) {
		*code = NOTHING;
		return errno == EILSEQ; /* EINVAL: the byte begins something longer */
	}
	size_t n = sizeof(text) - room;
	/* Nothing yet: it was kept back, to be composed with what follows. */
	if (n == 0 || utf8_next(text, n, &c) != n || c > 0xFFFF)
		return false;
	/* A second time at once: a byte that shifts would now mean another thing. */
	char again[8];
	from = &in;
	to = again;
	left = 1;
	room = sizeof(again);
	if (iconv(cd, &from, &left, &to, &room) == (size_t)-1 || sizeof(again) - room != n ||
		memcmp(text, again, n) != 0)
		return false;
	*code = (uint16_t)c;
	return true;
}

bool charset_table_read(iconv_t cd, struct charset_table *out)
{
	bool single = true;
	for (int i = 0; i < 256 && single; i++)
		single = read_byte(cd, (unsigned char)i, &out->code[i]);
	iconv(cd, NULL, NULL, NULL, NULL);
	return single;
}

void charset_table_decode(const struct charset_table *t, struct bytes in, struct buf *out)
{
	char text[4];
	for (size_t i = 0; i < in.n; i++)
		buf_add(out, text, utf8_put(text, t->code[in.p[i]]));
}
