/* Reply marker: where a mail client, a phone or a help desk says "from here on it is another's
 * words". Used by reply.c only. */
#ifndef LOTS_MAIL_REPLY_MARKER_H
#define LOTS_MAIL_REPLY_MARKER_H

#include "mail/reply_lines.h"

enum reply_marker_kind {
	MARKER_NONE,
	MARKER_WROTE,	   /* "Den 3 maj 2026 kl. 10:22 skrev X:" */
	MARKER_WROTE_WEAK, /* "Anna skrev:": counts only with quoted lines after it */
	MARKER_HEADERS,	   /* "Från: ... Skickat: ... Till: ... Ämne: ..." */
	MARKER_ORIGINAL,   /* "-----Ursprungligt meddelande-----" */
	MARKER_FORWARD,	   /* "---------- Forwarded message ---------" */
	MARKER_ABOVE	   /* "##- Svara ovanför denna rad -##" */
};

struct reply_marker {
	enum reply_marker_kind kind;
	size_t from, to; /* its lines [from, to) */
};

/* A marker that begins exactly at line i, or kind MARKER_NONE. */
struct reply_marker reply_marker_at(const struct reply_lines *ls, size_t i);

/* Parts of a header block that stands in lines [from, to). Strings "" when absent. */
struct reply_block {
	const char *from, *subject;
};
/* The end of the header block that begins at line i, or i if there is none. */
size_t reply_block_end(const struct reply_lines *ls, size_t i);
struct reply_block reply_block_read(
	struct arena *arena, const struct reply_lines *ls, size_t from, size_t to);

#endif
