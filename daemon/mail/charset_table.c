/* Charset tables. Called by charset.c when it opens its charsets and when it decodes. Must not guess: what
 * the tables say is what iconv says. */
#include "base/prelude.h"

#include "mail/charset_table.h"

#include "base/buf.h"
#include "base/text.h"

#define NOTHING 0xfffdu

/* The one character of the BMP that the bytes stand for, NOTHING if they do not. */
static uint16_t read_bytes(iconv_t cd, const unsigned char *bytes, size_t n)
{
	char text[16], *from = (char *)(uintptr_t)bytes, *to = text;
	size_t left = n, room = sizeof(text), len;
	uint32_t code;

	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &from, &left, &to, &room) == (size_t)-1)
		return NOTHING;
	if (room == sizeof(text)) /* kept back, to be composed with what follows */
		iconv(cd, NULL, NULL, &to, &room);
	len = sizeof(text) - room;
	if (len == 0 || utf8_next(text, len, &code) != len || code > 0xffff)
		return NOTHING;
	return (uint16_t)code;
}

void charset_table_read(iconv_t cd, struct charset_table *out)
{
	for (unsigned i = 0; i < 256; i++)
		out->code[i] = read_bytes(cd, (unsigned char[]){(unsigned char)i}, 1);
	iconv(cd, NULL, NULL, NULL, NULL);
}

static void put(struct buf *out, uint32_t code)
{
	char text[4];

	buf_add(out, text, utf8_put(text, code));
}

/* How many bytes from i on are ASCII: copied as they are. */
static size_t ascii_run(struct bytes in, size_t i)
{
	size_t from = i;

	while (i < in.n && in.p[i] < 0x80)
		i++;
	return i - from;
}

void charset_table_decode(const struct charset_table *t, struct bytes in, struct buf *out)
{
	bool ascii = t->code['a'] == 'a' && t->code['~'] == '~' && t->code['\\'] == '\\';

	for (size_t i = 0; i < in.n; i++) {
		size_t run = ascii ? ascii_run(in, i) : 0;

		buf_add(out, in.p + i, run);
		i += run;
		if (i < in.n)
			put(out, t->code[in.p[i]]);
	}
}

static const unsigned char *four_bytes(unsigned linear, unsigned char out[4])
{
	out[3] = (unsigned char)(0x30 + linear % 10);
	linear /= 10;
	out[2] = (unsigned char)(0x81 + linear % 126);
	linear /= 126;
	out[1] = (unsigned char)(0x30 + linear % 10);
	out[0] = (unsigned char)(0x81 + linear / 10);
	return out;
}

void charset_pairs_read(iconv_t cd, struct charset_pairs *out)
{
	for (unsigned lead = 0; lead < CHARSET_LEADS; lead++) {
		for (unsigned trail = 0; trail < CHARSET_TRAILS; trail++) {
			unsigned char bytes[] = {(unsigned char)(CHARSET_LEAD_MIN + lead),
				(unsigned char)(CHARSET_TRAIL_MIN + trail)};

			out->code[lead][trail] = read_bytes(cd, bytes, 2);
		}
	}
	iconv(cd, NULL, NULL, NULL, NULL);
}

void charset_fours_read(iconv_t cd, struct charset_fours *out)
{
	unsigned char bytes[4];

	for (unsigned i = 0; i < CHARSET_FOURS; i++)
		out->code[i] = read_bytes(cd, four_bytes(i, bytes), 4);
	iconv(cd, NULL, NULL, NULL, NULL);
}

static bool is_digit(unsigned char c)
{
	return c >= 0x30 && c <= 0x39;
}

/* GB18030: four bytes at i, 0 if they are none. */
static uint32_t four_code(const struct charset_fours *fours, struct bytes in, size_t i)
{
	const unsigned char *b = in.p + i;
	unsigned linear;

	if (!fours || in.n - i < 4 || !is_digit(b[1]) || b[2] < 0x81 || b[2] > 0xfe ||
		!is_digit(b[3]))
		return 0;
	linear = (((b[0] - 0x81u) * 10 + b[1] - 0x30u) * 126 + b[2] - 0x81u) * 10 + b[3] - 0x30u;
	if (linear < CHARSET_FOURS)
		return fours->code[linear];
	if (linear >= 189000 && linear - 189000 < 0x100000)
		return linear - 189000 + 0x10000;
	return 0;
}

/* The character at i, which is not ASCII: its code, and how many bytes it takes. */
static uint32_t pair_code(const struct charset_table *t, const struct charset_pairs *p,
	const struct charset_fours *fours, struct bytes in, size_t i, size_t *step)
{
	unsigned char a = in.p[i], b = i + 1 < in.n ? in.p[i + 1] : 0;
	uint32_t code = t->code[a];

	*step = 1;
	if (code != NOTHING || a < CHARSET_LEAD_MIN || a > 0xfe)
		return code;
	if (b >= CHARSET_TRAIL_MIN && b <= 0xfe) {
		code = p->code[a - CHARSET_LEAD_MIN][b - CHARSET_TRAIL_MIN];
		*step = code != NOTHING || b >= 0x80 ? 2 : 1;
		return code;
	}
	code = four_code(fours, in, i);
	*step = code ? 4 : 1;
	return code ? code : NOTHING;
}

void charset_pairs_decode(const struct charset_table *t, const struct charset_pairs *p,
	const struct charset_fours *fours, struct bytes in, struct buf *out)
{
	for (size_t i = 0, step; i < in.n; i += step) {
		size_t run = ascii_run(in, i);

		buf_add(out, in.p + i, run);
		i += run;
		if (i == in.n)
			break;
		put(out, pair_code(t, p, fours, in, i, &step));
	}
}
