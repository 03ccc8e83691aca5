/* Bounce scan: see the header. Hand-written scanning, since the text is anybody's. */
#include "base/prelude.h"

#include "mail/bounce_scan.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"

static bool is_alnum(char c)
{
	return ascii_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_local(char c)
{
	return is_alnum(c) || (c && strchr(".!#$%&'*+-/=?^_`{|}~", c)) || (unsigned char)c >= 0x80;
}

static bool is_domain(char c)
{
	return is_alnum(c) || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

/* Chinese and Japanese write no blank between a word and an address: a letter of three bytes beside one of
 * ASCII is none of it. */
static bool is_glued(char ascii, char other)
{
	return is_alnum(ascii) && (unsigned char)other >= 0xe2;
}

/* The first byte of the character that ends before p. */
static char lead_before(const char *s, const char *p)
{
	for (p--; p > s && ((unsigned char)*p & 0xc0) == 0x80;)
		p--;
	return *p;
}

char *bounce_address_in(struct arena *arena, const char *s, const char **end)
{
	for (const char *at = strchr(s, '@'); at; at = strchr(at + 1, '@')) {
		const char *from = at, *to = at + 1;

		while (from > s && is_local(from[-1]) && at - from < MAX_LOCAL_PART_BYTES &&
			!((unsigned char)from[-1] >= 0x80 && is_glued(*from, lead_before(s, from))))
			from--;
		while (from < at && strchr(".'`*=", *from))
			from++;
		while (is_domain(*to) && to - at < MAX_ADDRESS_BYTES && !is_glued(to[-1], *to))
			to++;
		while (to > at + 1 && (to[-1] == '.' || to[-1] == '-'))
			to--;
		if (from == at || !memchr(at, '.', (size_t)(to - at)) || at[1] == '.' ||
			to - from > MAX_ADDRESS_BYTES || !utf8_valid(from, (size_t)(to - from)))
			continue;
		if (end)
			*end = to;
		return arena_strndup(arena, from, (size_t)(to - from));
	}
	return NULL;
}

const char *bounce_status_in(struct arena *arena, const char *s)
{
	for (const char *p = s; *p; p++) {
		size_t a = 0, b = 0;

		if ((*p != '2' && *p != '4' && *p != '5') || p[1] != '.' ||
			(p > s && (is_alnum(p[-1]) || p[-1] == '.')))
			continue;
		while (ascii_is_digit(p[2 + a]) && a < 4)
			a++;
		if (a == 0 || a > 3 || p[2 + a] != '.')
			continue;
		while (ascii_is_digit(p[3 + a + b]) && b < 5)
			b++;
		if (b == 0 || b > 4 || is_alnum(p[3 + a + b]) ||
			(p[3 + a + b] == '.' && ascii_is_digit(p[4 + a + b])))
			continue;
		return arena_strndup(arena, p, 3 + a + b);
	}
	return "";
}

int bounce_reply_code_in(const char *s)
{
	for (const char *p = s; *p; p++)
		if ((*p == '4' || *p == '5') && p[1] >= '0' && p[1] <= '7' &&
			ascii_is_digit(p[2]) && (p == s || (!is_alnum(p[-1]) && p[-1] != '.')) &&
			(p[3] == ' ' || p[3] == '-' || p[3] == '\0' || p[3] == ':'))
			return (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
	return 0;
}

const char *bounce_answer_in(struct arena *arena, const char *s)
{
	const char *found = "";

	for (const char *p = s; *p; p++) {
		const char *q, *status;

		if ((*p != '4' && *p != '5') || !ascii_is_digit(p[1]) || !ascii_is_digit(p[2]) ||
			(p > s && (is_alnum(p[-1]) || p[-1] == '.')) ||
			(p[3] != ' ' && p[3] != '-'))
			continue;
		q = p + 4 + strspn(p + 4, " '\"<[(#");
		status = bounce_status_in(arena, arena_strndup(arena, q, strcspn(q, " ")));
		if (status[0] == '4' || status[0] == '5')
			found = status;
	}
	return found;
}

const char *bounce_field(struct arena *arena, const char *block, const char *name)
{
	const char *cursor = block, *line, *value = NULL;
	size_t len, n = strlen(name);

	while (text_next_line(&cursor, &line, &len)) {
		if (value && len && (line[0] == ' ' || line[0] == '\t')) {
			value = arena_printf(arena, "%s %s", value,
				text_trim(arena, arena_strndup(arena, line, len)));
			if (strlen(value) > MAX_SUBJECT_BYTES)
				break;
			continue;
		}
		if (value)
			break;
		if (len > n && line[n] == ':' &&
			ascii_starts_nocase(arena_strndup(arena, line, n + 1), name))
			value = text_trim(arena, arena_strndup(arena, line + n + 1, len - n - 1));
	}
	return value ? utf8_clean_line(arena, value, strlen(value)) : "";
}
