/* Auto absence: from when and until when an out-of-office mail says that somebody is away. Used by
 * auto.c. */
#ifndef LOTS_MAIL_AUTO_ABSENCE_H
#define LOTS_MAIL_AUTO_ABSENCE_H

#include "base/prelude.h"

struct arena;

/* Reads dates in Swedish, English, Finnish, Norwegian, Danish and German: "åter den 3 augusti",
 * "tillbaka måndag v 32", "t o m 14/7", "until 14 July", "palaan 3.8.". Instants are midnight UTC of
 * the civil date, *until_ms that of the first day back; 0 where the text does not say. A date without
 * year is taken near sent_ms; with sent_ms 0 only full dates count. */
void auto_absence(struct arena *arena, const char *subject, const char *text, int64_t sent_ms,
	int64_t *from_ms, int64_t *until_ms);

#endif
