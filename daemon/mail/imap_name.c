/* Imap_name: called when the settings are read, so that an operator writes a folder's name as he reads
 * it. Must not be called twice on one name. */
#include "base/prelude.h"

#include "mail/imap_name.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

struct shift {
	uint32_t bits; /* not yet written */
	int n;	       /* how many */
	bool in;       /* between & and - */
};

static void put_sextets(struct buf *out, struct shift *s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

	for (; s->n >= 6; s->n -= 6)
		buf_addch(out, digits[s->bits >> (s->n - 6) & 63]);
}

static void put_unit(struct buf *out, struct shift *s, uint32_t unit)
{
	if (!s->in)
		buf_addch(out, '&');
	s->in = true;
	s->bits = (s->bits & 63) << 16 | unit;
	s->n += 16;
	put_sextets(out, s);
}

static void put_character(struct buf *out, struct shift *s, uint32_t code)
{
	if (code > 0xffff) {
		put_unit(out, s, 0xd800 + ((code - 0x10000) >> 10));
		put_unit(out, s, 0xdc00 + ((code - 0x10000) & 0x3ff));
	} else {
		put_unit(out, s, code);
	}
}

static void shift_back(struct buf *out, struct shift *s)
{
	if (!s->in)
		return;
	if (s->n > 0) {
		s->bits <<= 6 - s->n;
		s->n = 6;
	}
	put_sextets(out, s);
	buf_addch(out, '-');
	*s = (struct shift){0};
}

const char *imap_name_encode(struct arena *arena, const char *name)
{
	struct shift s = {0};
	struct buf out;
	size_t n = strlen(name);
	uint32_t code;

	buf_init(&out, MAX_SETTINGS_BYTES);
	for (size_t i = 0; i < n;) {
		i += utf8_next(name + i, n - i, &code);
		if (code < 0x20 || code > 0x7e) {
			put_character(&out, &s, code);
			continue;
		}
		shift_back(&out, &s);
		buf_addch(&out, (char)code);
		if (code == '&')
			buf_addch(&out, '-');
	}
	shift_back(&out, &s);
	return buf_take(&out, arena);
}
