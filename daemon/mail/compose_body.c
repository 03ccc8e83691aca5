/* Compose bodies: quoted-printable and base64 (RFC 2045 6.7, 6.8), both ways. Only these two ever
 * leave: no octet a relay could change, no bare CR or LF, no line over 76, no line that begins with
 * a dot or "From ". Called by compose.c and the lint. */
#include "base/prelude.h"

#include "mail/compose_parts.h"

#include "base/text.h"

static const char base64_set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_set[] = "0123456789ABCDEF";

static void put_escaped(struct buf *out, unsigned char c)
{
	const char three[3] = {'=', hex_set[c >> 4], hex_set[c & 15]};
	buf_add(out, three, sizeof(three));
}

/* Length of the character at p: a character is never split over two lines. */
static size_t character(const char *p, size_t n)
{
	uint32_t code;
	size_t len = utf8_next(p, n, &code);
	return len > 0 ? len : 1;
}

static bool is_literal(const char *line, size_t i, size_t n, size_t column)
{
	unsigned char c = (unsigned char)line[i];
	if (c == ' ' || c == '\t')
		return i + 1 < n;
	if (column == 0 && (c == '.' || (c == 'F' && n - i >= 5 && !memcmp(line + i, "From ", 5))))
		return false;
	return c > ' ' && c < 0x7f && c != '=';
}

/* How many octets from i on can be copied as they are, without reaching the end of the line. */
static size_t plain_run(const char *line, size_t i, size_t n, size_t column)
{
	size_t room = BODY_WIDTH - 1 - column, k = 0;
	if (column == 0)
		return 0; /* the first octet is looked at more closely */
	while (k < room && i + k + 1 < n && line[i + k] >= ' ' && line[i + k] < 0x7f &&
		line[i + k] != '=')
		k++;
	return k;
}

static void put_line(struct buf *out, const char *line, size_t n)
{
	size_t column = 0;
	for (size_t i = 0; i < n;) {
		size_t run = plain_run(line, i, n, column);
		if (run > 0) {
			buf_add(out, line + i, run);
			column += run;
			i += run;
			continue;
		}
		size_t len = character(line + i, n - i);
		bool literal = len == 1 && is_literal(line, i, n, column);
		size_t width = literal ? 1 : 3 * len;
		bool last = i + len == n;
		if (column + width > BODY_WIDTH - (last ? 0u : 1u)) {
			buf_addstr(out, "=\r\n");
			column = 0;
			literal = len == 1 && is_literal(line, i, n, column);
			width = literal ? 1 : 3 * len;
		}
		for (size_t k = 0; k < len; k++) {
			if (literal)
				buf_addch(out, line[i]);
			else
				put_escaped(out, (unsigned char)line[i + k]);
		}
		column += width;
		i += len;
	}
	buf_addstr(out, "\r\n");
}

void body_quoted_printable(struct buf *out, const char *text)
{
	const char *cursor = text, *line;
	size_t n;
	if (!*text)
		buf_addstr(out, "\r\n");
	while (text_next_line(&cursor, &line, &n))
		put_line(out, line, n);
}

void base64_chars(struct buf *out, const void *p, size_t n)
{
	const unsigned char *s = p;
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)s[i] << 16;
		if (i + 1 < n)
			v |= (uint32_t)s[i + 1] << 8;
		if (i + 2 < n)
			v |= s[i + 2];
		char four[4] = {base64_set[v >> 18], base64_set[v >> 12 & 63],
			i + 1 < n ? base64_set[v >> 6 & 63] : '=',
			i + 2 < n ? base64_set[v & 63] : '='};
		buf_add(out, four, 4);
	}
}

void body_base64(struct buf *out, const void *p, size_t n)
{
	const size_t of_line = BODY_WIDTH / 4 * 3;
	if (n == 0)
		buf_addstr(out, "\r\n");
	for (size_t i = 0; i < n; i += of_line) {
		base64_chars(out, (const char *)p + i, n - i < of_line ? n - i : of_line);
		buf_addstr(out, "\r\n");
	}
}

static int hex_value(char c)
{
	const char *at = c ? strchr(hex_set, c) : NULL;
	return at ? (int)(at - hex_set) : -1;
}

/* One line of quoted-printable without its CRLF; *soft if it ends in a soft break. */
static int decode_line(struct buf *out, const char *p, size_t n, bool *soft)
{
	*soft = n > 0 && p[n - 1] == '=';
	n -= *soft;
	if (n + *soft > BODY_WIDTH || (n > 0 && !*soft && (p[n - 1] == ' ' || p[n - 1] == '\t')))
		return -1;
	if (n > 0 && (p[0] == '.' || (n >= 5 && memcmp(p, "From ", 5) == 0)))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (p[i] != '=') {
			if ((p[i] < ' ' && p[i] != '\t') || p[i] == 0x7f)
				return -1;
			buf_addch(out, p[i]);
			continue;
		}
		if (n - i < 3 || hex_value(p[i + 1]) < 0 || hex_value(p[i + 2]) < 0)
			return -1;
		buf_addch(out, (char)(hex_value(p[i + 1]) << 4 | hex_value(p[i + 2])));
		i += 2;
	}
	return 0;
}

int body_decode_quoted_printable(struct buf *out, const char *p, size_t n)
{
	const char *end = p + n;
	bool soft = false;
	while (p < end) {
		const char *stop = memmem(p, (size_t)(end - p), "\r\n", 2);
		if (!stop || decode_line(out, p, (size_t)(stop - p), &soft) != 0)
			return -1;
		if (!soft)
			buf_addch(out, '\n');
		p = stop + 2;
	}
	return soft ? -1 : 0;
}

static int base64_value(char c)
{
	const char *at = c ? strchr(base64_set, c) : NULL;
	return at ? (int)(at - base64_set) : -1;
}

/* A line of whole quantums; padding only when it is the last line. */
static int decode_quantums(struct buf *out, const char *p, size_t n, bool last)
{
	if (n == 0 || n % 4 != 0 || n > BODY_WIDTH)
		return -1;
	for (size_t i = 0; i < n; i += 4) {
		bool end = last && i + 4 == n;
		size_t pad = end && p[i + 3] == '=' ? (p[i + 2] == '=' ? 2 : 1) : 0;
		uint32_t v = 0;
		for (size_t k = 0; k < 4; k++) {
			int x = k >= 4 - pad ? 0 : base64_value(p[i + k]);
			if (x < 0)
				return -1;
			v = v << 6 | (uint32_t)x;
		}
		char three[3] = {(char)(v >> 16), (char)(v >> 8), (char)v};
		buf_add(out, three, 3 - pad);
	}
	return 0;
}

int body_decode_base64(struct buf *out, const char *p, size_t n)
{
	const char *end = p + n;
	if (n == 2 && memcmp(p, "\r\n", 2) == 0)
		return 0;
	while (p < end) {
		const char *stop = memmem(p, (size_t)(end - p), "\r\n", 2);
		if (!stop || decode_quantums(out, p, (size_t)(stop - p), stop + 2 == end) != 0)
			return -1;
		p = stop + 2;
	}
	return 0;
}
