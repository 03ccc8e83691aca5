/* Bounce scan: finding addresses, status codes and reply codes in the prose of delivery reports.
 * Used by bounce*.c. Linear in the text. */
#ifndef LOTS_MAIL_BOUNCE_SCAN_H
#define LOTS_MAIL_BOUNCE_SCAN_H

#include "base/prelude.h"

struct arena;

/* The first mail address in s, or NULL. *end, if not NULL, is set behind it. */
char *bounce_address_in(struct arena *arena, const char *s, const char **end);
/* The first enhanced status code (RFC 3463, "5.1.1") in s, "" if none. */
const char *bounce_status_in(struct arena *arena, const char *s);
/* The last enhanced status code that stands behind a reply code ("550 5.7.1", "421-'4.4.2"): what a
 * server answered. "" if none. */
const char *bounce_answer_in(struct arena *arena, const char *s);
/* The first SMTP reply code of failure in s ("550", "451"), 0 if none. */
int bounce_reply_code_in(const char *s);
/* The value of field `name` in a block of header text, unfolded, "" if absent. */
const char *bounce_field(struct arena *arena, const char *block, const char *name);

/* What the prose of a report says. */
struct bounce_prose {
	const char *recipient, *status, *diagnostic, *original_id;
	bool delayed;
	bool anchored; /* the recipient stood where reports name it */
	bool alone;    /* and began its line */
};
/* `own` are addresses that cannot be the failed one (whom the report went to). */
void bounce_prose_read(struct arena *arena, const char *text, const char *subject,
	const char *const *own, struct bounce_prose *out);

#endif
