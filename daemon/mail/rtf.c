/* RTF: text out of Outlook's rich text, and out of HTML that is wrapped in RTF (MS-OXRTFEX).
 *
 * Called by tnef.c. One pass; groups are counted on a small stack. */
#include "base/prelude.h"

#include "mail/rtf.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "mail/charset.h"

#define GROUPS_MAX 64
#define WORD_MAX 31

struct rtf {
	const unsigned char *p, *end;
	struct arena *arena;
	struct charsets *cs;
	struct buf out, bytes; /* bytes: 8-bit characters not yet decoded */
	size_t max;
	char codepage[24];
	bool skip[GROUPS_MAX];
	size_t depth, ignored; /* ignored: groups deeper than the stack */
	bool htmlrtf;	       /* RTF that repeats what the HTML says */
	unsigned after_unicode;
};

static bool shown(const struct rtf *r)
{
	return !r->skip[r->depth] && !r->ignored && !r->htmlrtf;
}

static void flush(struct rtf *r)
{
	if (r->bytes.len == 0)
		return;
	buf_addstr(&r->out,
		charset_decode(r->cs, r->arena, r->codepage,
			(struct bytes){(const unsigned char *)r->bytes.data, r->bytes.len}, NULL));
	buf_clear(&r->bytes);
}

static void put_byte(struct rtf *r, char c)
{
	if (r->after_unicode) { /* the stand-in for readers without Unicode */
		r->after_unicode--;
		return;
	}
	if (shown(r) && r->out.len + 4 * r->bytes.len < r->max)
		buf_addch(&r->bytes, c);
}

static void put_text(struct rtf *r, const char *s)
{
	flush(r);
	if (shown(r) && r->out.len < r->max)
		buf_addstr(&r->out, s);
}

static bool is_destination(const char *word)
{
	static const char *const words[] = {"fonttbl", "colortbl", "stylesheet", "info", "pict",
		"header", "footer", "object", "listtable", "listoverridetable", "rsidtbl",
		"generator", "themedata", "htmltag", "mhtmltag", "pntext", "xmlnstbl",
		"latentstyles"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static void put_unicode(struct rtf *r, int32_t number)
{
	uint32_t code = (uint32_t)(number < 0 ? number + 65536 : number);
	char out[5];
	size_t n = code < 0x110000 && (code < 0xd800 || code > 0xdfff) ? utf8_put(out, code) : 0;

	out[n] = '\0';
	put_text(r, out);
	r->after_unicode = 1;
}

static void control_word(struct rtf *r, const char *word, int32_t number, bool has_number)
{
	if (strcmp(word, "par") == 0 || strcmp(word, "line") == 0)
		put_text(r, "\n");
	else if (strcmp(word, "tab") == 0)
		put_text(r, "\t");
	else if (strcmp(word, "cell") == 0)
		put_text(r, " | ");
	else if (strcmp(word, "row") == 0)
		put_text(r, "\n");
	else if (strcmp(word, "htmlrtf") == 0)
		r->htmlrtf = !has_number || number != 0;
	else if (strcmp(word, "u") == 0 && has_number)
		put_unicode(r, number);
	else if (strcmp(word, "ansicpg") == 0 && has_number)
		snprintf(r->codepage, sizeof(r->codepage), "windows-%d", (int)number);
	else if (strcmp(word, "endash") == 0)
		put_text(r, "–");
	else if (strcmp(word, "emdash") == 0)
		put_text(r, "—");
	else if (strcmp(word, "bullet") == 0)
		put_text(r, "•");
	else if (strcmp(word, "rquote") == 0 || strcmp(word, "lquote") == 0)
		put_text(r, "'");
	else if (strcmp(word, "rdblquote") == 0 || strcmp(word, "ldblquote") == 0)
		put_text(r, "\"");
	else if (is_destination(word))
		r->skip[r->depth] = true;
}

static void read_word(struct rtf *r)
{
	char word[WORD_MAX + 1];
	size_t n = 0;
	int32_t number = 0;
	bool negative = false, has_number = false;

	while (r->p < r->end && ((*r->p | 0x20) >= 'a' && (*r->p | 0x20) <= 'z')) {
		if (n < WORD_MAX)
			word[n++] = (char)*r->p;
		r->p++;
	}
	word[n] = '\0';
	if (r->p < r->end && *r->p == '-') {
		negative = true;
		r->p++;
	}
	while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
		has_number = true;
		if (number < 10000000)
			number = number * 10 + (*r->p - '0');
		r->p++;
	}
	if (r->p < r->end && *r->p == ' ')
		r->p++;
	control_word(r, word, negative ? -number : number, has_number);
}

static int hex(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void read_control(struct rtf *r)
{
	unsigned char c;

	if (r->p >= r->end)
		return;
	c = *r->p;
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') {
		read_word(r);
		return;
	}
	r->p++;
	if (c == '\'' && r->end - r->p >= 2) {
		int hi = hex(r->p[0]), lo = hex(r->p[1]);

		r->p += 2;
		if (hi >= 0 && lo >= 0)
			put_byte(r, (char)(hi << 4 | lo));
	} else if (c == '*') {
		r->skip[r->depth] = true; /* a destination that may be ignored */
	} else if (c == '~') {
		put_text(r, " ");
	} else if (c == '\\' || c == '{' || c == '}') {
		put_byte(r, (char)c);
	} else if (c == '\n' || c == '\r') {
		put_text(r, "\n");
	}
}

static void open_group(struct rtf *r)
{
	if (r->depth + 1 >= GROUPS_MAX) {
		r->ignored++;
		return;
	}
	r->depth++;
	r->skip[r->depth] = r->skip[r->depth - 1];
}

static void close_group(struct rtf *r)
{
	flush(r);
	r->after_unicode = 0;
	if (r->ignored)
		r->ignored--;
	else if (r->depth)
		r->depth--;
}

char *rtf_to_text(struct arena *arena, struct charsets *cs, struct bytes in, size_t max)
{
	struct rtf r = {.p = in.p, .end = in.p + in.n, .arena = arena, .cs = cs, .max = max};

	snprintf(r.codepage, sizeof(r.codepage), "windows-1252");
	buf_init(&r.out, 5 * max + 64);
	buf_init(&r.bytes, max + 64);
	while (r.p < r.end) {
		unsigned char c = *r.p++;

		if (c == '{')
			open_group(&r);
		else if (c == '}')
			close_group(&r);
		else if (c == '\\')
			read_control(&r);
		else if (c != '\r' && c != '\n')
			put_byte(&r, (char)c);
	}
	flush(&r);
	buf_release(&r.bytes);
	return buf_take(&r.out, arena);
}
