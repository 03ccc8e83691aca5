/* Bounce: delivery reports, RFC 3464 and the many that do not follow it. Used by auto.c. */
#ifndef LOTS_MAIL_BOUNCE_H
#define LOTS_MAIL_BOUNCE_H

#include "mail/auto.h"

/* Fills *out from whatever can be found and returns true if the mail is a delivery report. With
 * out->delivered it tells of success. *reason is a fixed word. Strings in the arena, "" unknown.
 * Nothing here makes the report true: only the MAC in original_id shows that the mail was ours
 * (RELIABILITY row 25). */
bool bounce_read(struct arena *arena, const struct mail *m, const struct mail_header *headers,
	size_t n, const struct mail_report *report, struct mail_bounce *out, const char **reason);

/* The value of the first field of that name, "" if absent. */
const char *auto_header(const struct mail_header *headers, size_t n, const char *name);

#endif
