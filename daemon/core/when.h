/* When: times as people write them: "2d", "3 timmar", "till fredag", "imorgon", "i eftermiddag",
 * "1/12", "4 december", "v 49", "2026-12-01", and spans "v 28-31", "1/7-15/7". Swedish and English.
 * Pure: `now` and the zone are arguments. */
#ifndef LOTS_CORE_WHEN_H
#define LOTS_CORE_WHEN_H

#include "base/date.h"

struct arena;

enum when_part { WHEN_DAY, WHEN_MORNING, WHEN_AFTERNOON, WHEN_EVENING, WHEN_INSTANT };

struct when {
	struct date from, until; /* equal when it is one day */
	enum when_part part;
	int64_t at_ms; /* WHEN_INSTANT: the instant ("3h", "kl 14") */
	size_t length; /* bytes of the text that were read */
};

/* Reads a time at the start of the text (after "till", "på", "senast", ...). False when the first
 * words are no time. A date that has passed this year is next year's. */
bool when_read(struct arena *arena, const char *text, int64_t now_ms, const struct zone *z,
	struct when *out) MUST_CHECK;
/* The first time anywhere in the text (at most its first 40 words). */
bool when_find(struct arena *arena, const char *text, int64_t now_ms, const struct zone *z,
	struct when *out) MUST_CHECK;

#endif
