/* Words: phrase tables, see the header. Used by the readers of replies and of automatic mail. */
#include "base/prelude.h"

#include "mail/words.h"

#include "base/arena.h"

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80;
}

/* No word may go on across this border. CJK text has no such borders, hence the second test. */
static bool is_border(const char *phrase_end, char next)
{
	return !is_word_byte(next) || !is_word_byte(*phrase_end) ||
	       (unsigned char)*phrase_end >= 0x80;
}

/* Which pairs of neighbours a text has, roughly: a phrase with a pair that it has not is not in it. Most
 * phrases are in no line, and this costs a quarter of a search. */
struct pairs {
	uint64_t bits[16];
};

#define PAIRS_AFTER 3	/* searches that are made before the pairs are looked at */
#define PAIRS_UP_TO 600 /* bytes: a long text has most pairs */

static unsigned pair_at(const char *s)
{
	return ((unsigned char)s[0] * 31u + (unsigned char)s[1]) % (16 * 64);
}

static void pairs_of(const char *s, struct pairs *out)
{
	memset(out, 0, sizeof(*out));
	for (; s[0] && s[1]; s++)
		out->bits[pair_at(s) / 64] |= UINT64_C(1) << pair_at(s) % 64;
}

static bool pairs_have(const struct pairs *p, const char *phrase)
{
	for (; phrase[0] && phrase[1]; phrase++)
		if (!(p->bits[pair_at(phrase) / 64] >> pair_at(phrase) % 64 & 1))
			return false;
	return true;
}

const char *words_find(const char *folded, const char *const *table)
{
	struct pairs pairs;
	bool use_pairs = false;

	for (size_t i = 0; table[i]; i++) {
		if (i == PAIRS_AFTER && strnlen(folded, PAIRS_UP_TO) < PAIRS_UP_TO) {
			pairs_of(folded, &pairs);
			use_pairs = true;
		}
		if ((!use_pairs || pairs_have(&pairs, table[i])) && strstr(folded, table[i]))
			return table[i];
	}
	return NULL;
}

const char *words_start(const char *folded, const char *const *table)
{
	const char *best = NULL;
	size_t best_n = 0;

	for (; *table; table++) {
		size_t n;

		if (**table != *folded) /* nearly always: no call is made */
			continue;
		n = strlen(*table);
		if (n > best_n && strncmp(folded, *table, n) == 0 &&
			is_border(*table + n - 1, folded[n])) {
			best = *table;
			best_n = n;
		}
	}
	return best;
}

bool words_equal(const char *folded, const char *const *table)
{
	for (; *table; table++)
		if (strcmp(folded, *table) == 0)
			return true;
	return false;
}

bool words_end(const char *folded, const char *const *table)
{
	size_t len = strlen(folded);

	for (; *table; table++) {
		size_t n = strlen(*table);

		if (n > len || memcmp(folded + len - n, *table, n) != 0)
			continue;
		if (n == len || !is_word_byte(folded[len - n - 1]) ||
			(unsigned char)**table >= 0x80)
			return true;
	}
	return false;
}

size_t words_count(const char *s)
{
	size_t n = 0;
	bool in = false;

	for (; *s; s++) {
		bool blank = *s == ' ' || *s == '\t' || *s == '\n';

		n += !blank && !in;
		in = !blank;
	}
	return n;
}

bool words_has_address(const char *s)
{
	for (const char *at = strchr(s, '@'); at; at = strchr(at + 1, '@')) {
		const char *dot = at + 1;

		if (at == s || !is_word_byte(at[-1]) || !is_word_byte(at[1]))
			continue;
		while (is_word_byte(*dot) || *dot == '-')
			dot++;
		if (*dot == '.' && is_word_byte(dot[1]))
			return true;
	}
	return false;
}

static const char *stripped(const char *s, const char *set, size_t *len)
{
	size_t n = strlen(s);

	while (n && strchr(set, s[n - 1]))
		n--;
	while (n && strchr(set, *s)) {
		s++;
		n--;
	}
	*len = n;
	return s;
}

char *words_strip(struct arena *arena, const char *s, const char *set)
{
	size_t n;

	s = stripped(s, set, &n);
	return arena_strndup(arena, s, n);
}

bool words_strip_into(char *out, size_t size, const char *s, const char *set)
{
	size_t n;

	s = stripped(s, set, &n);
	if (n >= size)
		n = 0;
	memcpy(out, s, n);
	out[n] = '\0';
	return n > 0 || *s == '\0';
}
