/* Reply lines: cutting a text into lines and telling what one line alone can tell. Pure. */
#include "base/prelude.h"

#include "mail/reply_lines.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* "> > ", ">>", "| ", and the initials that some programs put before the mark ("AE> "). 0 if the
 * line is not quoted. */
static size_t quote_mark(const char *s, size_t n)
{
	size_t i = 0, end = 0;

	for (;;) {
		size_t start;

		while (i < n && (s[i] == ' ' || s[i] == '\t') && (end > 0 || i < 4))
			i++;
		start = i;
		while (i < n && is_capital(s[i]) && i - start < 3)
			i++;
		if (i < n && s[i] == '>' && (i == start || i + 1 == n || s[i + 1] == ' ')) {
			end = ++i;
			continue;
		}
		/* A bar quotes only what is not a row of a table. */
		i = start;
		if (i + 1 < n && s[i] == '|' && s[i + 1] == ' ' &&
			!memchr(s + i + 1, '|', n - i - 1)) {
			end = ++i;
			continue;
		}
		break;
	}
	if (end && end < n && s[end] == ' ')
		end++;
	return end;
}

/* Only signs used to draw a line, at least two of them (or Mailtrack's mark). */
static bool is_rule(const char *s, size_t n)
{
	size_t signs = 0;

	for (size_t i = 0; i < n;) {
		uint32_t c = 0;
		size_t len = utf8_next(s + i, n - i, &c);

		if (len == 0)
			return false;
		i += len;
		if (c == ' ' || c == '\t' || c == 0xa0)
			continue;
		if (c == 0x1427) /* a lone mark that Mailtrack leaves */
			signs++;
		else if (c != 0x2014 && c != 0x2013 && c != 0x2015 && c != 0x2500 &&
			 (c >= 0x80 || !strchr("-_,=+~#*", (int)c)))
			return false;
		signs++;
	}
	return signs >= 2;
}

static void classify(struct arena *arena, struct reply_line *l)
{
	/* GroupWise introduces by ">>> Anna Ek <a@x.example> 2026-01-05 10:22 >>>". */
	bool groupwise =
		l->n > 8 && memcmp(l->s, ">>> ", 4) == 0 && memcmp(l->s + l->n - 3, ">>>", 3) == 0;
	size_t n;

	l->mark = groupwise ? 0 : quote_mark(l->s, l->n);
	n = l->n - l->mark;
	if (n > REPLY_FOLDED_BYTES)
		n = REPLY_FOLDED_BYTES;
	while (n < l->n - l->mark && n > 0 && ((unsigned char)l->s[l->mark + n] & 0xc0) == 0x80)
		n--; /* not inside a character */
	l->folded = text_fold(arena, arena_strndup(arena, l->s + l->mark, n));
	if (l->mark > 0)
		l->kind = REPLY_QUOTE;
	else if (l->folded[0] == '\0')
		l->kind = REPLY_EMPTY;
	else if (is_rule(l->s, l->n))
		l->kind = REPLY_RULE;
	else
		l->kind = REPLY_TEXT;
}

void reply_lines_read(struct arena *arena, const char *text, struct reply_lines *out)
{
	const char *cursor = text, *line;
	size_t len, count = 0;

	while (count < REPLY_MAX_LINES && text_next_line(&cursor, &line, &len))
		count++;
	out->v = arena_array(arena, count + 1, sizeof(*out->v));
	out->n = 0;
	cursor = text;
	while (out->n < count && text_next_line(&cursor, &line, &len)) {
		struct reply_line *l = &out->v[out->n++];

		if (len && line[len - 1] == '\r')
			len--;
		l->s = line;
		l->n = len;
		classify(arena, l);
	}
	out->rest = out->n == REPLY_MAX_LINES ? cursor : "";
}

char *reply_line_words(struct arena *arena, const struct reply_line *l)
{
	return arena_strndup(arena, l->s + l->mark, l->n - l->mark);
}

char *reply_lines_join(
	struct arena *arena, const struct reply_lines *ls, size_t from, size_t to, bool quotes)
{
	struct buf b;
	size_t empty = 0;
	char *joined;

	buf_init(&b, 4 * MAX_TEXT_BYTES + 1);
	for (size_t i = from; i < to; i++) {
		const struct reply_line *l = &ls->v[i];

		if (l->kind == REPLY_EMPTY) {
			empty++;
			continue;
		}
		if (l->kind == REPLY_DROPPED || l->kind == REPLY_INTRO || l->kind == REPLY_FOOTER ||
			(l->kind == REPLY_QUOTE && !quotes))
			continue;
		if (b.len)
			buf_addstr(&b, empty ? "\n\n" : "\n");
		empty = 0;
		buf_add(&b, l->s, l->n);
	}
	if (to == ls->n && ls->rest[0]) {
		buf_addch(&b, '\n');
		buf_addstr(&b, ls->rest);
	}
	if (!buf_ok(&b))
		buf_clear(&b); /* cannot be: the text is at most MAX_TEXT_BYTES */
	joined = buf_take(&b, arena);
	return text_trim(arena, joined);
}

size_t reply_lines_count(const struct reply_lines *ls, size_t from, size_t to, enum reply_kind kind)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += ls->v[i].kind == kind;
	return n;
}

size_t reply_lines_skip_empty(const struct reply_lines *ls, size_t from, size_t to)
{
	while (from < to && ls->v[from].kind == REPLY_EMPTY)
		from++;
	return from;
}
