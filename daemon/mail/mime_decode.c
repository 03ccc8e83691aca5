/* Decode: base64, quoted-printable and uuencode as they come, damaged or not.
 *
 * Called for texts, attachments (hashing) and encoded words. Own code and not libetpan's
 * mailmime_part_parse, because that needs the whole decoded attachment in memory and must be asked
 * twice for the size. Linear, keeps no more than a small block. */
#include "base/prelude.h"

#include "mail/mime_decode.h"

#include "base/arena.h"
#include "base/text.h"

#define BLOCK 3072
#define BASE64_LOOK 512
#define BASE64_ODD 12	   /* of so many bytes more than one that is no base64: it is text */
#define BASE64_TAIL_ODD 40 /* the same of what follows its end */
#define BASE64_ENOUGH 16   /* so many digits in a row are no word */

struct out {
	struct mime_sink *sink;
	size_t n;
	unsigned char block[BLOCK];
};

static void out_flush(struct out *o)
{
	if (o->n)
		o->sink->take(o->sink, o->block, o->n);
	o->n = 0;
}

static inline void out_byte(struct out *o, unsigned char c)
{
	if (o->n == BLOCK)
		out_flush(o);
	o->block[o->n++] = c;
}

enum mime_encoding mime_encoding_of(const char *name)
{
	static const struct {
		const char *name;
		enum mime_encoding encoding;
	} names[] = {
		{"base64", MIME_BASE64},
		{"quotedprintable", MIME_QUOTED_PRINTABLE},
		{"quotedprint", MIME_QUOTED_PRINTABLE},
		{"uuencode", MIME_UUENCODE},
		{"xuuencode", MIME_UUENCODE},
		{"uue", MIME_UUENCODE},
		{"xuue", MIME_UUENCODE},
	};
	char word[24];
	size_t n = 0;

	/* "quoted/printable", "quoted_printable", "base 64", "Base64;": what is meant is plain. */
	for (; *name && !strchr(";(,", *name); name++) {
		char c = (char)(*name | 0x20);

		if (!(c >= 'a' && c <= 'z') && !(*name >= '0' && *name <= '9'))
			continue;
		if (n + 1 == sizeof(word))
			return MIME_IDENTITY;
		word[n++] = c;
	}
	word[n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].name, word) == 0)
			return names[i].encoding;
	return MIME_IDENTITY;
}

/* 0..63 a digit, 64 white space, 65 '=', 66 anything else. The URL alphabet is understood too. */
static const unsigned char base64_class[256] = {
#define R16(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
	66, 66, 66, 66, 66, 66, 66, 66, 66, 64, 64, 66, 66, 64, 66, 66, R16(66), 64, 66, 66, 66, 66,
	66, 66, 66, 66, 66, 66, 62, 66, 62, 66, 63, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 66, 66,
	66, 65, 66, 66, 66, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
	20, 21, 22, 23, 24, 25, 66, 66, 66, 66, 63, 66, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36,
	37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 66, 66, 66, 66, 66, R16(66),
	R16(66), R16(66), R16(66), R16(66), R16(66), R16(66), R16(66)};

struct base64 {
	uint32_t bits;
	unsigned n; /* digits in bits, 0..3 */
};

/* The two or three digits before padding or the end still hold one or two bytes. */
static void base64_rest(struct base64 *b, struct out *o)
{
	if (b->n == 2)
		out_byte(o, (unsigned char)(b->bits >> 4));
	if (b->n == 3) {
		out_byte(o, (unsigned char)(b->bits >> 10));
		out_byte(o, (unsigned char)(b->bits >> 2));
	}
	b->bits = 0;
	b->n = 0;
}

static size_t decode_base64(struct bytes in, struct out *o)
{
	struct base64 b = {0, 0};
	size_t junk = 0;

	for (size_t i = 0; i < in.n; i++) {
		unsigned char v = base64_class[in.p[i]];

		if (v < 64) {
			b.bits = b.bits << 6 | v;
			if (++b.n == 4) {
				out_byte(o, (unsigned char)(b.bits >> 16));
				out_byte(o, (unsigned char)(b.bits >> 8));
				out_byte(o, (unsigned char)b.bits);
				b.bits = 0;
				b.n = 0;
			}
		} else if (v == 65) { /* padding, perhaps of several texts glued together */
			base64_rest(&b, o);
		} else {
			junk += v == 66;
		}
	}
	base64_rest(&b, o);
	return junk;
}

/* What no base64 holds, in its first bytes. */
static size_t odd_bytes(struct bytes in, size_t n)
{
	size_t odd = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char v = base64_class[in.p[i]];
		bool inside = i > 0 && i + 1 < n && base64_class[in.p[i - 1]] < 64 &&
			      base64_class[in.p[i + 1]] < 64;

		odd += v == 66 || (in.p[i] == ' ' && inside);
	}
	return odd;
}

bool mime_is_base64(struct bytes in)
{
	size_t n = in.n < BASE64_LOOK ? in.n : BASE64_LOOK;

	return odd_bytes(in, n) * BASE64_ODD <= n;
}

struct bytes mime_base64_tail(struct bytes in)
{
	struct bytes tail = {in.p + in.n, 0};
	size_t digits = 0, line = 0, n;
	bool padded = false;

	/* The data ends at its padding or at an empty line. */
	for (size_t i = 0; i < in.n; i++) {
		unsigned char v = base64_class[in.p[i]];

		if (in.p[i] == '\n' && digits && (padded || line == 0)) {
			tail = (struct bytes){in.p + i + 1, in.n - i - 1};
			break;
		}
		if (in.p[i] == '\n')
			line = 0;
		if (v == 66 || in.p[i] == ' ' || (padded && v < 64))
			return tail;
		padded = padded || v == 65;
		digits += v < 64;
		line += v < 64;
	}
	n = tail.n < BASE64_LOOK ? tail.n : BASE64_LOOK;
	if ((!padded && (digits < BASE64_ENOUGH || digits % 4)) ||
		odd_bytes(tail, n) * BASE64_TAIL_ODD <= n)
		tail = (struct bytes){in.p + in.n, 0};
	return tail;
}

static int hex_value(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A '=' at i: a soft line break, a byte, or itself when it is neither. Returns the next index. */
static size_t qp_escape(struct bytes in, size_t i, struct out *o, size_t *junk)
{
	size_t j = i + 1;
	int hi = j < in.n ? hex_value(in.p[j]) : -1;
	int lo = j + 1 < in.n ? hex_value(in.p[j + 1]) : -1;

	if (hi >= 0 && lo >= 0) {
		out_byte(o, (unsigned char)(hi << 4 | lo));
		return i + 3;
	}
	while (j < in.n && (in.p[j] == ' ' || in.p[j] == '\t'))
		j++;
	if (j >= in.n)
		return j;
	if (in.p[j] == '\n')
		return j + 1;
	if (in.p[j] == '\r')
		return j + 1 < in.n && in.p[j + 1] == '\n' ? j + 2 : j + 1;
	out_byte(o, '=');
	(*junk)++;
	return i + 1;
}

static size_t decode_qp(struct bytes in, struct out *o)
{
	size_t junk = 0, i = 0;

	while (i < in.n) {
		unsigned char c = in.p[i];
		size_t j = i;

		if (c == '=') {
			i = qp_escape(in, i, o, &junk);
			continue;
		}
		while (j < in.n && (in.p[j] == ' ' || in.p[j] == '\t'))
			j++;
		/* Blanks at the end of a line were added on the way (RFC 2045 6.7 rule 3). */
		if (j > i && (j == in.n || in.p[j] == '\n' || in.p[j] == '\r')) {
			i = j;
			continue;
		}
		for (j += j == i; i < j; i++)
			out_byte(o, in.p[i]);
	}
	return junk;
}

static size_t uu_line(const unsigned char *p, size_t n, struct out *o)
{
	size_t want = (size_t)((p[0] - 32) & 63), junk = 0;

	for (size_t i = 1; want > 0 && i < n; i += 4) {
		unsigned v[4] = {0, 0, 0, 0};

		for (size_t k = 0; k < 4 && i + k < n; k++) {
			junk += p[i + k] < 32 || p[i + k] > 96;
			v[k] = (unsigned)(p[i + k] - 32) & 63;
		}
		for (size_t k = 0; k < 3 && want > 0; k++, want--)
			out_byte(o, (unsigned char)(v[k] << (2 * k + 2) | v[k + 1] >> (4 - 2 * k)));
	}
	return junk;
}

static size_t decode_uu(struct bytes in, struct out *o)
{
	size_t junk = 0;
	bool inside = false;

	for (size_t i = 0; i < in.n;) {
		const unsigned char *p = in.p + i, *lf = memchr(p, '\n', in.n - i);
		size_t n = lf ? (size_t)(lf - p) : in.n - i;

		i += lf ? n + 1 : n;
		while (n > 0 && p[n - 1] == '\r')
			n--;
		if (!inside) {
			inside = n > 10 && memcmp(p, "begin ", 6) == 0;
			continue;
		}
		if (n == 0)
			continue;
		if (n >= 3 && memcmp(p, "end", 3) == 0)
			break;
		junk += uu_line(p, n, o);
	}
	return junk;
}

bool mime_decode(enum mime_encoding encoding, struct bytes in, struct mime_sink *sink)
{
	struct out o;
	size_t junk = 0;

	o.sink = sink;
	o.n = 0;
	if (encoding == MIME_IDENTITY) {
		sink->take(sink, in.p, in.n);
		return true;
	}
	if (encoding == MIME_BASE64)
		junk = decode_base64(in, &o);
	else if (encoding == MIME_QUOTED_PRINTABLE)
		junk = decode_qp(in, &o);
	else
		junk = decode_uu(in, &o);
	out_flush(&o);
	return junk == 0;
}

struct collect {
	struct mime_sink sink;
	unsigned char *p;
	size_t n, room;
	bool cut;
};

static void collect_take(struct mime_sink *sink, const unsigned char *p, size_t n)
{
	struct collect *c = (struct collect *)sink;

	if (n > c->room - c->n) {
		n = c->room - c->n;
		c->cut = true;
	}
	if (n)
		memcpy(c->p + c->n, p, n);
	c->n += n;
}

struct bytes mime_decode_all(
	struct arena *arena, enum mime_encoding encoding, struct bytes in, size_t max, bool *cut)
{
	struct collect c = {.sink = {collect_take}};

	*cut = false;
	if (encoding == MIME_IDENTITY) {
		*cut = in.n > max;
		return (struct bytes){in.p, *cut ? max : in.n};
	}
	/* No encoding here makes anything longer. */
	c.room = in.n < max ? in.n : max;
	c.p = arena_alloc(arena, c.room + 1);
	mime_decode(encoding, in, &c.sink);
	*cut = c.cut;
	return (struct bytes){c.p, c.n};
}

size_t mime_decode_q_word(const char *s, size_t n, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		bool escape = s[i] == '=' && n - i > 2;
		int hi = escape ? hex_value((unsigned char)s[i + 1]) : -1;
		int lo = escape ? hex_value((unsigned char)s[i + 2]) : -1;

		if (hi >= 0 && lo >= 0) {
			out[len++] = (char)(hi << 4 | lo);
			i += 2;
		} else {
			out[len++] = s[i] == '_' ? ' ' : s[i];
		}
	}
	return len;
}

size_t mime_decode_b_word(const char *s, size_t n, char *out)
{
	struct collect c = {.sink = {collect_take}, .p = (unsigned char *)out, .room = n};

	mime_decode(MIME_BASE64, (struct bytes){(const unsigned char *)s, n}, &c.sink);
	return c.n;
}
