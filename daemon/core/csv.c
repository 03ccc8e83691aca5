/* Csv: reads and writes the tables people keep in a spreadsheet. Used by core/people_csv. Must not
 * guess at meanings: cells are text. */
#include "base/prelude.h"
#include "core/csv.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

/* 0x80..0x9f of Windows-1252; 0 is not assigned. */
static const uint16_t cp1252[32] = {0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d,
	0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};

static void put_code(struct buf *b, uint32_t code)
{
	char utf8[4];

	buf_add(b, utf8, utf8_put(utf8, code));
}

static void from_cp1252(struct buf *b, const unsigned char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t code = s[i];

		if (code >= 0x80 && code < 0xa0)
			code = cp1252[code - 0x80] ? cp1252[code - 0x80] : 0xfffd;
		put_code(b, code);
	}
}

static void from_utf16(struct buf *b, const unsigned char *s, size_t n, bool big)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		uint32_t code =
			big ? (uint32_t)s[i] << 8 | s[i + 1] : (uint32_t)s[i + 1] << 8 | s[i];

		if (code >= 0xd800 && code < 0xdc00 && i + 3 < n) {
			uint32_t low = big ? (uint32_t)s[i + 2] << 8 | s[i + 3]
					   : (uint32_t)s[i + 3] << 8 | s[i + 2];

			if (low >= 0xdc00 && low < 0xe000) {
				code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
				i += 2;
			}
		}
		put_code(b, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
	}
}

/* NULL if there is a NUL in it: no table. */
static char *decode(struct arena *arena, const char *content, size_t n)
{
	const unsigned char *s = (const unsigned char *)content;
	struct buf b;
	bool has_nul;

	buf_init(&b, 4 * (size_t)MAX_SETTINGS_BYTES);
	if (n >= 2 && ((s[0] == 0xff && s[1] == 0xfe) || (s[0] == 0xfe && s[1] == 0xff)))
		from_utf16(&b, s + 2, n - 2, s[0] == 0xfe);
	else if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0 && utf8_valid(content + 3, n - 3))
		buf_add(&b, content + 3, n - 3);
	else if (utf8_valid(content, n))
		buf_add(&b, content, n);
	else
		from_cp1252(&b, s, n);
	has_nul = memchr(b.data, '\0', b.len) != NULL;
	if (!has_nul)
		return buf_take(&b, arena);
	buf_release(&b);
	return NULL;
}

/* Of ; TAB and , the one that occurs most in the first line, outside quotes. */
static char delimiter_of(const char *s)
{
	static const char candidates[] = ";\t,";
	size_t counts[3] = {0};
	bool quoted = false;
	size_t best = 0;

	for (; *s && *s != '\n' && *s != '\r'; s++) {
		const char *c = strchr(candidates, *s);

		if (*s == '"')
			quoted = !quoted;
		else if (c && !quoted)
			counts[c - candidates]++;
	}
	for (size_t i = 1; i < 3; i++) {
		if (counts[i] > counts[best])
			best = i;
	}
	return candidates[best];
}

struct scan {
	struct arena *arena;
	const char *s;
	int line;
	char delimiter;
};

static bool at_line_end(const struct scan *c)
{
	return *c->s == '\0' || *c->s == '\n' || *c->s == '\r';
}

static void take_line_end(struct scan *c)
{
	if (*c->s == '\r' && c->s[1] == '\n')
		c->s++;
	if (*c->s)
		c->s++;
	c->line++;
}

static enum csv_error quoted_cell(struct scan *c, struct buf *b)
{
	for (c->s++; *c->s; c->s++) {
		if (*c->s == '"' && c->s[1] != '"') {
			c->s++;
			while (*c->s == ' ')
				c->s++;
			return at_line_end(c) || *c->s == c->delimiter ? CSV_OK : CSV_AFTER_QUOTE;
		}
		if (*c->s == '"')
			c->s++;
		if (*c->s == '\n')
			c->line++;
		buf_addch(b, *c->s == '\n' || *c->s == '\r' ? ' ' : *c->s);
	}
	return CSV_OPEN_QUOTE;
}

static bool is_formula(const char *s)
{
	return *s && strchr("=+-@\t\r", *s) != NULL;
}

static enum csv_error read_cell(struct scan *c, const char **out)
{
	struct buf b;
	enum csv_error error = CSV_OK;
	const char *text;

	buf_init(&b, CSV_MAX_CELL);
	while (*c->s == ' ')
		c->s++;
	if (*c->s == '"') {
		error = quoted_cell(c, &b);
	} else {
		while (!at_line_end(c) && *c->s != c->delimiter)
			buf_addch(&b, *c->s++);
	}
	if (!buf_ok(&b) && error == CSV_OK)
		error = CSV_TOO_LARGE;
	text = text_trim(c->arena, utf8_clean_line(c->arena, b.data, b.len));
	*out = *text == '\'' && is_formula(text + 1) ? text + 1 : text;
	buf_release(&b);
	return error;
}

static enum csv_error read_row(struct scan *c, struct csv_row *row)
{
	const char *cells[CSV_MAX_CELLS];
	enum csv_error error;

	row->line = c->line;
	row->n = 0;
	for (;;) {
		if (row->n >= CSV_MAX_CELLS)
			return CSV_TOO_LARGE;
		error = read_cell(c, &cells[row->n]);
		if (error != CSV_OK)
			return error;
		row->n++;
		if (at_line_end(c))
			break;
		c->s++; /* the delimiter */
	}
	take_line_end(c);
	row->cells = arena_array(c->arena, row->n, sizeof(*row->cells));
	memcpy(row->cells, cells, row->n * sizeof(*cells));
	return CSV_OK;
}

static bool is_blank_row(const struct csv_row *row)
{
	for (size_t i = 0; i < row->n; i++) {
		if (*row->cells[i])
			return false;
	}
	return true;
}

static size_t count_lines(const char *s)
{
	size_t n = 1;

	for (; *s; s++)
		n += *s == '\n' || *s == '\r';
	return n;
}

enum csv_error csv_read(
	struct arena *arena, const char *content, size_t n, struct csv *out, int *line)
{
	struct scan c = {.arena = arena, .line = 1};
	enum csv_error error = CSV_OK;
	size_t most;

	memset(out, 0, sizeof(*out));
	*line = 1;
	if (n > MAX_SETTINGS_BYTES)
		return CSV_TOO_LARGE;
	c.s = decode(arena, content, n);
	if (!c.s)
		return CSV_BINARY;
	if (ascii_starts_nocase(c.s, "sep=") && c.s[4] && strchr(";,\t", c.s[4])) {
		c.delimiter = c.s[4];
		c.s += 5;
		take_line_end(&c);
	} else {
		c.delimiter = delimiter_of(c.s);
	}
	out->delimiter = c.delimiter;
	most = count_lines(c.s);
	out->rows = arena_array(arena, most, sizeof(*out->rows));
	while (*c.s && error == CSV_OK) {
		struct csv_row *row = &out->rows[out->n];

		*line = c.line;
		error = out->n < CSV_MAX_ROWS ? read_row(&c, row) : CSV_TOO_LARGE;
		if (error == CSV_OK && !is_blank_row(row))
			out->n++;
	}
	return error;
}

void csv_put(struct buf *out, const char *cell, char delimiter)
{
	bool guard = is_formula(cell);
	bool quote = guard || strchr(cell, delimiter) || strpbrk(cell, "\"\n\r") || *cell == ' ';

	if (!quote) {
		buf_addstr(out, cell);
		return;
	}
	buf_addch(out, '"');
	if (guard)
		buf_addch(out, '\'');
	for (; *cell; cell++) {
		if (*cell == '"')
			buf_addch(out, '"');
		buf_addch(out, *cell);
	}
	buf_addch(out, '"');
}
