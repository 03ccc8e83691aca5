/* IMAP guard: looks at the bytes of a server before libetpan does and refuses what would hurt it: more
 * lists in one response than any answer to our questions has (its parser recurses into them until the
 * stack ends), literals announced larger than we asked for, and uids and sizes beyond 32 bits (its
 * numbers wrap). Pure; knows only the framing of RFC 3501 2.2 and 4.3: lines and literals. Quotes are
 * not followed, so that no quarrel over where a string ends can hide anything. */
#ifndef LOTS_WORKERS_IMAP_GUARD_H
#define LOTS_WORKERS_IMAP_GUARD_H

#include "base/prelude.h"

#define IMAP_MAX_LISTS 32
#define IMAP_MAX_LINE (16u << 20) /* without literals; a SEARCH answer is the longest */

struct imap_guard {
	uint64_t literal_left; /* bytes of a literal still to come */
	uint64_t max_literal;
	char head[8];	 /* the response's first bytes */
	uint64_t word;	 /* value of the digits just read outside of literals */
	uint64_t number; /* of "{123" */
	size_t line;	 /* length so far */
	unsigned lists;	 /* "(" so far */
	enum { GUARD_TEXT, GUARD_NUMBER, GUARD_BRACE, GUARD_CR } at; /* in "{123}" CR LF */
};

void imap_guard_init(struct imap_guard *g, uint64_t max_literal);
/* NULL, or what is wrong, as a fixed text: then nothing of these bytes may be used. */
const char *imap_guard_feed(struct imap_guard *g, const char *p, size_t n);

#endif
