/* Parameters of Content-Type and Content-Disposition, with RFC 2231 and everything that is sent
 * instead of it.
 *
 * Called for each part. libetpan leaves RFC 2231 undecoded and drops a whole Content-Type for one
 * wrong blank, so the values are read here. */
#include "base/prelude.h"

#include "mail/header.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/charset.h"

#define PARAMS_MAX 64
#define PARAM_SECTIONS_MAX 100

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Skips blanks and comments. Comments are counted, not nested by recursion. */
static const char *skip_cfws(const char *p)
{
	size_t depth = 0;

	for (; *p; p++) {
		if (*p == '\\' && depth && p[1])
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && depth)
			depth--;
		else if (!depth && !is_space(*p))
			break;
	}
	return p;
}

/* The type itself: up to ';' (or ',', which some write for it), without blanks and comments. "text"
 * alone and "text/" stay so. */
static const char *main_value(struct arena *arena, const char *p, char **out)
{
	const char *start = skip_cfws(p);
	size_t n = strcspn(start, ";(,"), len = 0;
	char *v = arena_alloc(arena, n + 1);
	bool slash = memchr(start, '/', n) != NULL;

	/* 'filename="a.pdf"' alone: nothing stands before the parameters. */
	if (!slash && start[strcspn(start, "=;(, \t")] == '=')
		n = 0;
	for (size_t i = 0; i < n; i++) {
		/* "text/plain charset=utf-8": the semicolon was forgotten. */
		if (is_space(start[i]) && memchr(start + i, '=', n - i) &&
			(!slash || memchr(start, '/', i))) {
			n = i;
			break;
		}
		if (!is_space(start[i]) && start[i] != '"')
			v[len++] = start[i];
	}
	v[len] = '\0';
	*out = ascii_lower(arena, v);
	p = skip_cfws(start + n);
	return p;
}

static const char *quoted_value(struct arena *arena, const char *p, char **out)
{
	char *v = arena_alloc(arena, strlen(p) + 1);
	size_t n = 0;

	while (*p && *p != '"') {
		if (*p == '\\' && p[1])
			p++;
		v[n++] = *p++;
	}
	v[n] = '\0';
	*out = v;
	return *p ? p + 1 : p;
}

/* Not quoted: everything up to ';', blanks inside included (file names are sent so), but a comment
 * ends it. */
static const char *bare_value(struct arena *arena, const char *p, char **out)
{
	size_t n = strcspn(p, ";"), len = n;
	const char *comment = memmem(p, n, " (", 2);

	/* Two parameters without a semicolon between: name=a.pdf filename=a.pdf is a file name with
	 * a blank to anybody, so only a comment is cut. */
	if (comment && p[n - 1] == ')')
		len = (size_t)(comment - p);
	while (len > 0 && is_space(p[len - 1]))
		len--;
	*out = arena_strndup(arena, p, len);
	return p + n;
}

static const char *read_param(struct arena *arena, const char *p, struct header_params *out)
{
	size_t n;
	char *name, *value;

	p = skip_cfws(p);
	n = strcspn(p, "=; \t");
	name = ascii_lower(arena, arena_strndup(arena, p, n));
	p = skip_cfws(p + n);
	if (*p != '=')
		return p + (*p != ';' && *p != '\0' && n == 0);
	p = skip_cfws(p + 1);
	p = *p == '"' ? quoted_value(arena, p + 1, &value) : bare_value(arena, p, &value);
	if (n > 0 && out->n < PARAMS_MAX)
		out->v[out->n++] = (struct header_param){name, value};
	return p;
}

void header_params(struct arena *arena, const char *value, struct header_params *out)
{
	char *main;
	const char *p = main_value(arena, value, &main);

	*out = (struct header_params){.value = main};
	if (!*p)
		return;
	out->v = arena_array(arena, PARAMS_MAX, sizeof(*out->v));
	for (size_t steps = 0; *p && out->n < PARAMS_MAX && steps < 4 * PARAMS_MAX; steps++) {
		p += strspn(p, ";, \t");
		if (*p)
			p = read_param(arena, p, out);
	}
}

const char *header_param_raw(const struct header_params *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].name, name) == 0)
			return p->v[i].value;
	return NULL;
}

/* "name*", "name*3" or "name*3*" of the wanted name: its section and whether it is percent-coded. */
static bool section_of(const char *param, const char *name, size_t *section, bool *coded)
{
	size_t n = strlen(name);
	int64_t number = 0;
	char digits[4];
	size_t d = 0;

	if (strncmp(param, name, n) != 0 || param[n] != '*')
		return false;
	param += n + 1;
	while (d < 3 && param[d] >= '0' && param[d] <= '9') {
		digits[d] = param[d];
		d++;
	}
	digits[d] = '\0';
	if (d && !text_to_i64(digits, 0, PARAM_SECTIONS_MAX - 1, &number))
		return false;
	*section = (size_t)number;
	*coded = d == 0 || param[d] == '*';
	return param[d] == '\0' || param[d] == '*';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_percent(struct buf *b, const char *s)
{
	for (; *s; s++) {
		int hi = *s == '%' ? hex_digit(s[1]) : -1;
		int lo = hi >= 0 ? hex_digit(s[2]) : -1;

		if (lo >= 0) {
			buf_addch(b, (char)(hi << 4 | lo));
			s += 2;
		} else {
			buf_addch(b, *s);
		}
	}
}

struct sections {
	const char *v[PARAM_SECTIONS_MAX];
	bool coded[PARAM_SECTIONS_MAX];
	size_t n;
};

static void sections_collect(const struct header_params *p, const char *name, struct sections *s)
{
	for (size_t i = 0; i < p->n; i++) {
		size_t k;
		bool coded;

		if (!section_of(p->v[i].name, name, &k, &coded) || s->v[k])
			continue;
		s->v[k] = p->v[i].value;
		s->coded[k] = coded;
		if (k + 1 > s->n)
			s->n = k + 1;
	}
}

/* charset'language'text; the two quotes may be missing, then it is taken as it stands. */
static const char *split_charset(struct arena *arena, const char *s, char **charset)
{
	const char *a = strchr(s, '\''), *b = a ? strchr(a + 1, '\'') : NULL;

	if (!b)
		return s;
	*charset = arena_strndup(arena, s, (size_t)(a - s));
	return b + 1;
}

static char *decode_sections(struct arena *arena, struct charsets *cs, const struct sections *s)
{
	struct buf b;
	char *charset = NULL, *text;

	buf_init(&b, MAX_HEADER_BYTES);
	for (size_t i = 0; i < s->n; i++) {
		const char *v = s->v[i] ? s->v[i] : "";

		if (i == 0 && s->coded[0])
			v = split_charset(arena, v, &charset);
		if (s->coded[i])
			add_percent(&b, v);
		else
			buf_addstr(&b, v);
	}
	/* Outlook's habit: RFC 2047 words cut into RFC 2231 sections. */
	if (!charset && strstr(b.data, "=?")) {
		text = header_text(arena, cs, b.data, MAX_HEADER_BYTES);
		buf_release(&b);
		return text;
	}
	/* Declared as ASCII and is not: what it was meant to be is anybody's guess. */
	if (charset && ascii_equal_nocase(charset, "us-ascii")) {
		text = utf8_clean_line(arena, b.data, b.len);
		buf_release(&b);
		return text;
	}
	text = charset_decode(
		cs, arena, charset, (struct bytes){(const unsigned char *)b.data, b.len}, NULL);
	buf_release(&b);
	return utf8_clean_line(arena, text, strlen(text));
}

char *header_param_text(
	struct arena *arena, struct charsets *cs, const struct header_params *p, const char *name)
{
	struct sections s = {.n = 0};
	const char *plain;

	sections_collect(p, name, &s);
	if (s.n)
		return decode_sections(arena, cs, &s);
	plain = header_param_raw(p, name);
	if (!plain)
		return NULL;
	/* "name=utf-8''r%C3%A4kning.pdf" without its star. */
	if (strncasecmp(plain, "utf-8''", 7) == 0 && strchr(plain, '%')) {
		s.v[0] = plain;
		s.coded[0] = true;
		s.n = 1;
		return decode_sections(arena, cs, &s);
	}
	return header_text(arena, cs, plain, MAX_HEADER_BYTES);
}
