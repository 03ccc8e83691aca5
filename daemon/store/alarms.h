/* Alarms are things: raised once, repeated daily, cleared with a word. They are told by another
 * path than the one that is broken: app's business; this remembers what was told. */
#ifndef LOTS_STORE_ALARMS_H
#define LOTS_STORE_ALARMS_H

#include "store/store.h"

struct alarm {
	const char *key;	 /* "mailbox:support", "delivery:123" ... */
	const char *text;	 /* no personal data */
	const char *second_path; /* "sink:NAME", "status" ... */
	int64_t since_ms;
	int64_t told_ms; /* 0 = not yet */
	int64_t told_times;
	int64_t cleared_ms; /* 0 = stands */
};

/* Raises or, if it stands, renews its text. *fresh: it did not stand before; may be NULL. */
enum store_status store_alarm_raise(struct store *store, const char *key, const char *text,
	const char *second_path, int64_t now_ms, bool *fresh) MUST_CHECK;
/* STORE_NONE if it does not stand. */
enum store_status store_alarm_clear(
	struct store *store, const char *key, int64_t now_ms) MUST_CHECK;
/* Those that stand, oldest first. */
enum store_status store_alarm_list(
	struct store *store, struct arena *arena, struct alarm **out, size_t *n) MUST_CHECK;
/* Those to be told now: standing and never told or told a day ago; and cleared ones that were told
 * and whose end was not (cleared_ms != 0). */
enum store_status store_alarm_due(struct store *store, struct arena *arena, int64_t now_ms,
	struct alarm **out, size_t *n) MUST_CHECK;
/* It was told (also that it is over). */
enum store_status store_alarm_told(struct store *store, const char *key, int64_t now_ms) MUST_CHECK;

#endif
