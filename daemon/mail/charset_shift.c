/* Charsets with escapes and shifts, and the UTFs that are not UTF-8.
 *
 * Called by charset.c. What does not fit becomes one U+FFFD, or a byte that decodes to it. */
#include "base/prelude.h"

#include "mail/charset_shift.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

#define REPLACEMENT 0xfffdu
#define NO_CP932 0xff /* stands for nothing there */

/* JIS X 0208 row and cell (0x21..0x7e) -> Shift_JIS. */
static size_t put_shift_jis(unsigned char *out, unsigned row, unsigned cell)
{
	unsigned lead = ((row - 0x21) >> 1) + 0x81;

	out[0] = (unsigned char)(lead > 0x9f ? lead + 0x40 : lead);
	if (row % 2)
		out[1] = (unsigned char)(cell + (cell > 0x5f ? 0x20 : 0x1f));
	else
		out[1] = (unsigned char)(cell + 0x7e);
	return 2;
}

enum jp_mode { JP_ASCII, JP_KANA, JP_WIDE, JP_OTHER };

/* The escape sequence at i: its length, and the mode after it. 0 if it is none. */
static size_t jp_escape(struct bytes in, size_t i, enum jp_mode *mode)
{
	size_t left = in.n - i;

	if (left < 3)
		return 0;
	if (in.p[i + 1] == '(') {
		*mode = in.p[i + 2] == 'I' ? JP_KANA : JP_ASCII;
		return 3;
	}
	if (in.p[i + 1] != '$')
		return 0;
	if (in.p[i + 2] == 'B' || in.p[i + 2] == '@') {
		*mode = JP_WIDE;
		return 3;
	}
	if (in.p[i + 2] == '(' && left >= 4) { /* JIS X 0212 or 0213 */
		*mode = in.p[i + 3] == 'O' || in.p[i + 3] == 'Q' ? JP_WIDE : JP_OTHER;
		return 4;
	}
	*mode = JP_OTHER;
	return 3;
}

static bool is_94(unsigned char c)
{
	return c > 0x20 && c < 0x7f;
}

struct bytes charset_from_iso2022jp(struct arena *arena, struct bytes in)
{
	unsigned char *out = arena_alloc(arena, in.n + 2);
	enum jp_mode mode = JP_ASCII;
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		unsigned char c = in.p[i], next = i + 1 < in.n ? in.p[i + 1] : 0;
		size_t escape = c == 0x1b ? jp_escape(in, i, &mode) : 0;

		if (escape) {
			i += escape - 1;
		} else if (mode >= JP_WIDE && is_94(c) && is_94(next)) {
			if (mode == JP_WIDE)
				n += put_shift_jis(out + n, c, next);
			else
				out[n++] = NO_CP932;
			i++;
		} else {
			if (c == '\n') /* every line begins in ASCII */
				mode = JP_ASCII;
			out[n++] = mode == JP_KANA && is_94(c) ? c | 0x80 : c;
		}
	}
	return (struct bytes){out, n};
}

struct bytes charset_from_eucjp(struct arena *arena, struct bytes in)
{
	unsigned char *out = arena_alloc(arena, in.n + 2);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		unsigned char c = in.p[i], next = i + 1 < in.n ? in.p[i + 1] : 0;

		if (c < 0x80) {
			out[n++] = c;
		} else if (c == 0x8e && next >= 0xa1 && next <= 0xdf) { /* half-width kana */
			out[n++] = next;
			i++;
		} else if (c == 0x8f && next >= 0xa1) { /* JIS X 0212 */
			out[n++] = NO_CP932;
			i += in.n - i > 2 ? 2 : 1;
		} else if (c >= 0xa1 && c < 0xff && next >= 0xa1 && next < 0xff) {
			n += put_shift_jis(out + n, c & 0x7f, next & 0x7f);
			i++;
		} else {
			out[n++] = NO_CP932;
		}
	}
	return (struct bytes){out, n};
}

struct bytes charset_from_iso2022kr(struct arena *arena, struct bytes in)
{
	unsigned char *out = arena_alloc(arena, in.n + 2);
	size_t n = 0;
	bool wide = false;

	for (size_t i = 0; i < in.n; i++) {
		unsigned char c = in.p[i];

		if (c == 0x1b && in.n - i >= 4 && memcmp(in.p + i + 1, "$)C", 3) == 0)
			i += 3;
		else if (c == 0x0e || c == 0x0f)
			wide = c == 0x0e;
		else {
			wide &= c != '\n';
			out[n++] = wide && is_94(c) ? c | 0x80 : c;
		}
	}
	return (struct bytes){out, n};
}

struct bytes charset_from_hz(struct arena *arena, struct bytes in)
{
	unsigned char *out = arena_alloc(arena, in.n + 2);
	size_t n = 0;
	bool wide = false;

	for (size_t i = 0; i < in.n; i++) {
		unsigned char c = in.p[i], next = i + 1 < in.n ? in.p[i + 1] : 0;

		if (c == '~' && (next == '{' || next == '}')) {
			wide = next == '{';
			i++;
		} else if (!wide && c == '~' && (next == '~' || next == '\n')) {
			if (next == '~')
				out[n++] = '~';
			i++;
		} else {
			wide &= c != '\n';
			out[n++] = wide && is_94(c) ? c | 0x80 : c;
		}
	}
	return (struct bytes){out, n};
}

static void put(struct buf *out, uint32_t code)
{
	char text[4];

	if (code >= 0xd800 && code < 0xe000)
		code = REPLACEMENT;
	buf_add(out, text, utf8_put(text, code));
}

/* Two halves of a surrogate pair come as units one after the other: *high keeps the first. */
static void put_unit(struct buf *out, uint32_t unit, uint32_t *high)
{
	if (*high && unit >= 0xdc00 && unit < 0xe000) {
		put(out, 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00));
		*high = 0;
		return;
	}
	if (*high)
		put(out, REPLACEMENT);
	*high = 0;
	if (unit >= 0xd800 && unit < 0xdc00)
		*high = unit;
	else
		put(out, unit);
}

void charset_utf16(struct bytes in, bool big_endian, struct buf *out)
{
	uint32_t high = 0;

	for (size_t i = 0; i + 1 < in.n; i += 2) {
		uint32_t a = in.p[i], b = in.p[i + 1];
		uint32_t unit = big_endian ? a << 8 | b : b << 8 | a;

		if (i == 0 && (unit == 0xfeff || unit == 0xfffe)) {
			big_endian ^= unit == 0xfffe;
			continue;
		}
		put_unit(out, unit, &high);
	}
	if (high || in.n % 2)
		put(out, REPLACEMENT);
}

static int base64_digit(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 2152: from behind the '+' to the end of the encoded stretch; the index of its end. */
static size_t utf7_stretch(struct bytes in, size_t i, struct buf *out)
{
	uint32_t bits = 0, high = 0;
	unsigned n = 0;
	int digit;

	for (; i < in.n && (digit = base64_digit(in.p[i])) >= 0; i++) {
		bits = bits << 6 | (uint32_t)digit;
		n += 6;
		if (n >= 16) {
			n -= 16;
			put_unit(out, bits >> n & 0xffff, &high);
			bits &= (1u << n) - 1;
		}
	}
	if (high)
		put(out, REPLACEMENT);
	return i < in.n && in.p[i] == '-' ? i + 1 : i;
}

void charset_utf7(struct bytes in, struct buf *out)
{
	for (size_t i = 0; i < in.n;) {
		unsigned char c = in.p[i++];

		if (c == '+' && i < in.n && in.p[i] == '-') {
			buf_addch(out, '+');
			i++;
		} else if (c == '+' && i < in.n && base64_digit(in.p[i]) >= 0) {
			i = utf7_stretch(in, i, out);
		} else if (c < 0x80) {
			buf_addch(out, (char)c);
		} else {
			put(out, REPLACEMENT);
		}
	}
}
