/* Words: dates, times and spans as people say them ("måndag förmiddag", "fredag 4 december", "före
 * kl. 15 i dag"), in any language: the words and their order come from
 * templates/<language>/words.txt. Pure: what is now is an argument. A word that is missing in every
 * language gives "". */
#ifndef LOTS_CORE_WORDS_H
#define LOTS_CORE_WORDS_H

#include "base/date.h"
#include "core/template.h"

#include <jansson.h>

struct arena;

/* A text of words.txt filled with values; values may be NULL. */
char *words_fill(const struct templates *t, struct arena *arena, const char *language,
	const char *key, const json_t *values);
/* "state.new" and the like: words_name(t, "sv", "state", "new"). "" when there is none. */
const char *words_name(const struct templates *t, struct arena *arena, const char *language,
	const char *group, const char *id);
/* "i dag", "i morgon", "i går", "fredag 4 december", with the year when it is another one. */
char *words_day(const struct templates *t, struct arena *arena, const char *language,
	struct date day, struct date today);
/* Always written out, with weekday: "fredag 4 december", with the year when it is another one. */
char *words_date(const struct templates *t, struct arena *arena, const char *language,
	struct date day, struct date today);
/* "kl. 10:14" */
char *words_clock(
	const struct templates *t, struct arena *arena, const char *language, int64_t ms_of_day);
/* When something happened or happens: "i dag kl. 10:14", "fredag 4 december kl. 08:00". */
char *words_moment(const struct templates *t, struct arena *arena, const char *language,
	const struct zone *zone, int64_t at_ms, int64_t now_ms);
/* By when to expect something due at that instant, never earlier than it is due: "före kl. 15 i
 * dag" (the hour rounded up), "i morgon förmiddag", within a week "måndag eftermiddag", else
 * "fredag 4 december". */
char *words_expect(const struct templates *t, struct arena *arena, const char *language,
	const struct zone *zone, int64_t due_ms, int64_t now_ms);
/* How long: "mindre än en minut", "20 minuter", "3 timmar", "2 dagar"; rounded down. */
char *words_span(
	const struct templates *t, struct arena *arena, const char *language, int64_t span_ms);
/* Time spent: "30 minuter", "2 timmar", "1 tim 30 min". */
char *words_minutes(
	const struct templates *t, struct arena *arena, const char *language, int64_t minutes);

#endif
