/* HTML tokens.
 *
 * Called by html.c. Our own and not libxml2's parser, because that is quadratic in the attributes of
 * a tag: one megabyte of them takes more than 20 seconds, and mail comes from strangers. It also maps 40 MB
 * of other libraries into a process that is forked for each mail. Nothing is ever searched twice to the
 * end of the text. */
#include "base/prelude.h"

#include "mail/html_token.h"

#include "base/text.h"
#include "mail/html_entity.h"

#define ATTRIBUTES_MAX 64
#define ENTITY_MAX 32
#define ADDRESS_MAX 254

void html_reader_init(struct html_reader *r, const char *s, size_t n)
{
	r->p = s;
	r->end = s + n;
	r->last_double = memrchr(s, '"', n);
	r->last_single = memrchr(s, '\'', n);
	r->last_gt = memrchr(s, '>', n);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_alpha(char c)
{
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'z';
}

/* The end of a tag, behind '>': quotes are respected where they are closed. */
static const char *tag_end(const struct html_reader *r, const char *p)
{
	bool value = false; /* a quote matters only behind '=' */

	for (; p < r->end; p++) {
		const char *last = *p == '"' ? r->last_double : r->last_single;

		if (*p == '>')
			return p + 1;
		if ((*p == '"' || *p == '\'') && value && last && last > p)
			p = memchr(p + 1, *p, (size_t)(r->end - p - 1));
		value = *p == '=' || (value && is_space(*p));
	}
	return r->end;
}

static const char *skip_comment(const struct html_reader *r, const char *p)
{
	const char *end;

	if (r->end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
		end = memmem(p + 2, (size_t)(r->end - p - 2), "-->", 3);
		return end ? end + 3 : r->end;
	}
	end = r->last_gt && r->last_gt >= p ? memchr(p, '>', (size_t)(r->end - p)) : NULL;
	return end ? end + 1 : r->end;
}

/* Elements whose content is no text of the mail. */
static bool is_raw(const char *name)
{
	static const char *const raw[] = {"script", "style", "title", "xml", "template", "svg"};

	for (size_t i = 0; i < ARRAY_LEN(raw); i++)
		if (strcmp(raw[i], name) == 0)
			return true;
	return false;
}

static const char *skip_raw(const struct html_reader *r, const char *p, const char *name)
{
	size_t n = strlen(name);

	while (p < r->end) {
		const char *lt = memmem(p, (size_t)(r->end - p), "</", 2);

		if (!lt)
			return r->end;
		if ((size_t)(r->end - lt) > n + 2 && strncasecmp(lt + 2, name, n) == 0)
			return tag_end(r, lt + 2);
		p = lt + 2;
	}
	return r->end;
}

static void read_tag(struct html_reader *r, struct html_token *t)
{
	const char *p = r->p + 1;
	size_t n = 0;

	t->kind = *p == '/' ? HTML_CLOSE : HTML_OPEN;
	p += t->kind == HTML_CLOSE;
	for (; p < r->end && !is_space(*p) && *p != '>' && *p != '/'; p++)
		if (n < HTML_NAME_MAX)
			t->name[n++] = (char)(*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);
	t->name[n] = '\0';
	t->p = p;
	r->p = tag_end(r, p);
	t->n = (size_t)(r->p - p);
	if (t->n && p[t->n - 1] == '>')
		t->n--;
	t->self_closing = t->n && p[t->n - 1] == '/';
}

/* "<anna@x.example>" or "<https://x.example>" that a program put into HTML as it is: no tag. Its length
 * with the brackets, or 0. */
static size_t bare_address(const char *p, const char *end)
{
	const char *s = p + 1;
	bool at = false;

	if (end - s > ADDRESS_MAX)
		end = s + ADDRESS_MAX;
	for (; s < end && *s != '>'; s++) {
		if (is_space(*s) || strchr("<=\"'", *s))
			return 0;
		at = at || *s == '@';
	}
	if (s == end ||
		!(at || (s - p > 8 && strncasecmp(p, "<http", 5) == 0 && memchr(p, ':', 7))))
		return 0;
	return (size_t)(s + 1 - p);
}

static void text_token(struct html_reader *r, struct html_token *t, size_t n)
{
	t->kind = HTML_TEXT;
	t->name[0] = '\0';
	t->p = r->p;
	t->n = n;
	r->p += n;
}

bool html_next(struct html_reader *r, struct html_token *t)
{
	while (r->p < r->end) {
		const char *p = r->p, *lt;

		if (*p == '<' && r->end - p > 1) {
			if (p[1] == '!' || p[1] == '?') {
				r->p = skip_comment(r, p);
				continue;
			}
			size_t address = bare_address(p, r->end);

			if (address) {
				text_token(r, t, address);
				return true;
			}
			if (is_alpha(p[1]) || (p[1] == '/' && r->end - p > 2 && is_alpha(p[2]))) {
				read_tag(r, t);
				if (t->kind == HTML_OPEN && !t->self_closing && is_raw(t->name)) {
					r->p = skip_raw(r, r->p, t->name);
					continue;
				}
				return true;
			}
		}
		lt = memchr(p + 1, '<', (size_t)(r->end - p - 1));
		text_token(r, t, (size_t)((lt ? lt : r->end) - p));
		return true;
	}
	return false;
}

/* One attribute at *p: its name and value; moves on. */
static bool next_attr(const char **pp, const char *end, const char **name, size_t *name_len,
	const char **value, size_t *len)
{
	const char *p = *pp, *close;

	while (p < end && (is_space(*p) || *p == '/'))
		p++;
	*name = p;
	while (p < end && !is_space(*p) && *p != '=' && *p != '/')
		p++;
	*name_len = (size_t)(p - *name);
	while (p < end && is_space(*p))
		p++;
	*value = p;
	*len = 0;
	if (p < end && *p == '=') {
		for (p++; p < end && is_space(*p); p++)
			;
		if (p < end && (*p == '"' || *p == '\'')) {
			close = memchr(p + 1, *p, (size_t)(end - p - 1));
			*value = p + 1;
			*len = (size_t)((close ? close : end) - p - 1);
			p = close ? close + 1 : end;
		} else {
			*value = p;
			while (p < end && !is_space(*p))
				p++;
			*len = (size_t)(p - *value);
		}
	}
	if (p == *pp && p < end)
		p++;
	*pp = p;
	return p < end || *name_len > 0;
}

bool html_attr(const struct html_token *t, const char *name, const char **value, size_t *len)
{
	const char *p = t->p, *end = t->p + t->n, *found;
	size_t n = strlen(name), found_len;

	for (size_t i = 0; i < ATTRIBUTES_MAX && p < end; i++) {
		if (!next_attr(&p, end, &found, &found_len, value, len))
			break;
		if (found_len == n && strncasecmp(found, name, n) == 0)
			return true;
	}
	return false;
}

/* Numbers in the C1 range are meant as windows-1252, as browsers read them. */
static uint32_t windows_1252(uint32_t code)
{
	static const uint16_t map[32] = {0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021,
		0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d,
		0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178};

	return code >= 0x80 && code < 0xa0 ? map[code - 0x80] : code;
}

static uint32_t numeric_entity(const char *p, size_t n)
{
	uint32_t code = 0;
	bool hex = n > 1 && (p[1] | 0x20) == 'x';

	for (size_t i = hex ? 2 : 1; i < n; i++) {
		uint32_t d = (uint32_t)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);

		if (code > 0x110000 || d >= (hex ? 16u : 10u))
			return 0;
		code = code * (hex ? 16 : 10) + d;
	}
	code = windows_1252(code);
	if (code < 32 && code != '\t' && code != '\n')
		return code == '\r' ? '\n' : 0;
	return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : code;
}

static uint32_t named_entity(const char *p, size_t n)
{
	char name[ENTITY_MAX + 1];

	memcpy(name, p, n);
	name[n] = '\0';
	return html_entity(name);
}

static size_t put(uint32_t code, char out[8])
{
	size_t n = utf8_put(out, code);

	out[n] = '\0';
	return n;
}

size_t html_char(const char *p, const char *end, char out[8])
{
	uint32_t code = 0;
	size_t n = 1, step;

	if (*p != '&') {
		step = utf8_next(p, (size_t)(end - p), &code);
		step = step ? step : 1;
		memcpy(out, p, step);
		out[step] = '\0';
		return step;
	}
	while (p + n < end && n <= ENTITY_MAX &&
		(is_alpha(p[n]) || (p[n] >= '0' && p[n] <= '9') || p[n] == '#'))
		n++;
	if (n > 1 && n <= ENTITY_MAX)
		code = p[1] == '#' ? numeric_entity(p + 1, n - 1) : named_entity(p + 1, n - 1);
	if (!code) {
		out[0] = '&';
		out[1] = '\0';
		return 1;
	}
	put(code, out);
	return n + (p + n < end && p[n] == ';');
}

void html_decode(const char *p, size_t n, struct buf *b)
{
	const char *end = p + n;
	char c[8];

	while (p < end) {
		p += html_char(p, end, c);
		buf_addstr(b, c);
	}
}
