/* Command near: see command_near.h. Called by core/command. Must not take an answer for a command:
 * "Stäng programmet" and "Fråga din chef" are answers. */
#include "base/prelude.h"
#include "core/command_near.h"

#include "base/arena.h"
#include "base/text.h"

#define LONGEST 60	/* bytes of such a mail */
#define MOST_WORDS 6	/* in it */
#define SHORTEST_TYPO 4 /* letters of a word that may be misspelt */

/* Folded, on one line, without marks at the end; NULL when it is longer than such a mail. */
static char *folded_line(struct arena *arena, const char *text)
{
	char *s = text_trim(arena, arena_strdup(arena, text));
	size_t n = strlen(s);

	if (n == 0 || n > LONGEST || strchr(s, '\n'))
		return NULL;
	s = text_fold(arena, s);
	n = strlen(s);
	while (n > 0 && strchr(".!,:;", s[n - 1]))
		s[--n] = '\0';
	return text_trim(arena, s);
}

static size_t count_words(const char *s)
{
	size_t n = *s != '\0';

	for (; *s; s++)
		n += *s == ' ';
	return n;
}

const char *command_before_case(struct arena *arena, const char *line, int64_t *number)
{
	static const char *const ends[] = {" arendet", " den", " det", " case", " it"},
				 *const numbered[] = {" arende ", " case "};
	char *s = folded_line(arena, line);

	*number = 0;
	for (size_t i = 0; s && i < ARRAY_LEN(numbered); i++) {
		char *at = strstr(s, numbered[i]);

		if (at && text_to_i64(at + strlen(numbered[i]), 100, 999999999, number))
			return arena_strndup(arena, s, (size_t)(at - s));
	}
	for (size_t i = 0; s && i < ARRAY_LEN(ends); i++) {
		size_t n = strlen(s), m = strlen(ends[i]);

		if (n > m && strcmp(s + n - m, ends[i]) == 0)
			return arena_strndup(arena, s, n - m);
	}
	return NULL;
}

/* Words that send the case on, whatever follows: nobody begins a short answer with them. */
static bool sends_on(const struct handler *h)
{
	return strcmp(h->id, "escalate") == 0 || strcmp(h->id, "back") == 0 ||
	       strcmp(h->id, "release") == 0;
}

static bool is_like(struct arena *arena, const struct handler *h, const char *word, const char *s)
{
	const char *folded = text_fold(arena, word);
	size_t n = strlen(folded);

	if (strcmp(folded, s) == 0)
		return true;
	return sends_on(h) && n > 3 && strncmp(folded, s, n) == 0 && s[n] == ' ' &&
	       strcmp(folded, "ater") != 0 && strcmp(folded, "tillbaka") != 0;
}

/* One letter wrong, too many, too few, or two that changed places. */
static bool is_typo(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), i = 0;

	while (a[i] && a[i] == b[i])
		i++;
	if (n == m)
		return strcmp(a + i + (a[i] != 0), b + i + (b[i] != 0)) == 0 ||
		       (a[i] && a[i + 1] && a[i] == b[i + 1] && a[i + 1] == b[i] &&
			       strcmp(a + i + 2, b + i + 2) == 0);
	if (n + 1 == m)
		return strcmp(a + i, b + i + 1) == 0;
	return n == m + 1 && strcmp(a + i + 1, b + i) == 0;
}

static bool is_misspelt(struct arena *arena, const struct handler *h, const char *s)
{
	const char *const *w = h->bare;

	for (; w && *w && !strchr(s, ' '); w++) {
		const char *folded = text_fold(arena, *w);

		if (strlen(folded) >= SHORTEST_TYPO && strlen(s) >= SHORTEST_TYPO &&
			is_typo(s, folded))
			return true;
	}
	return false;
}

static bool is_near(struct arena *arena, const struct handler *h, const char *s)
{
	const char *const *lists[] = {h->words_sv, h->words_en};

	if (is_misspelt(arena, h, s))
		return true;
	/* "Klart", "Fixat": an answer as good as any. */
	if (h->is_answer)
		return false;
	for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
		for (const char *const *w = lists[l]; w && *w; w++) {
			if (is_like(arena, h, *w, s))
				return true;
		}
	}
	return false;
}

const char *command_near(struct arena *arena, const struct handler *const *table, const char *text)
{
	const char *s = folded_line(arena, text), *before;
	int64_t number;

	if (!s || count_words(s) > MOST_WORDS)
		return NULL;
	before = command_before_case(arena, s, &number);
	for (; table && *table; table++) {
		const struct handler *h = *table;

		if (h->sort == HANDLER_COMMAND &&
			(is_near(arena, h, s) || (before && is_near(arena, h, before))))
			return text_trim(arena, arena_strdup(arena, text));
	}
	return NULL;
}

/* A short word with another letter is another word: "tack" is no "back". */
static bool has_same_letters(const char *a, const char *b)
{
	if (strlen(a) < strlen(b))
		return has_same_letters(b, a);
	for (; *b; b++) {
		if (!strchr(a, *b))
			return false;
	}
	return true;
}

/* The word of this handler that is a slip of the finger from `s`; NULL. */
static const char *word_meant(struct arena *arena, const struct handler *h, const char *s)
{
	const char *const *lists[] = {h->words_sv, h->words_en};

	for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
		for (const char *const *w = lists[l]; w && *w; w++) {
			const char *folded = text_fold(arena, *w);

			if (strlen(folded) >= SHORTEST_TYPO && !strchr(folded, ' ') &&
				is_typo(s, folded) &&
				(strlen(folded) > SHORTEST_TYPO || has_same_letters(s, folded)))
				return *w;
		}
	}
	return NULL;
}

const char *command_meant(struct arena *arena, const struct handler *const *table, const char *word)
{
	const char *s = text_fold(arena, word), *found = NULL;

	if (strlen(s) + 1 < SHORTEST_TYPO)
		return NULL;
	for (; table && *table; table++) {
		const char *one =
			(*table)->sort == HANDLER_COMMAND ? word_meant(arena, *table, s) : NULL;

		if (one && found)
			return NULL;
		found = one ? one : found;
	}
	return found;
}
