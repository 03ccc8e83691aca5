/* Parse: raw RFC 5322 bytes -> struct mail. Pure; runs in the caged parser process (and, for tests,
 * anywhere). Never fails: whatever can be read is there and what could not is named in `defects`.
 * Hostile bytes may still kill the library underneath: only the cage makes that harmless. */
#ifndef LOTS_MAIL_PARSE_H
#define LOTS_MAIL_PARSE_H

#include "mail/mail.h"

struct arena;
struct charsets;

struct mail_limits { /* see base/limits.h; zero means that maximum */
	size_t header_bytes, parts, depth, addresses, text_bytes;
};

struct mail *mail_parse(struct arena *arena, struct bytes raw, const struct mail_limits *limits,
	struct charsets *charsets);

/* An attachment's name fit for any file system: no path, no reserved character, no dot in front or at
 * the end; "" may come out. What goes out in a mail or onto a disk passes this. */
char *mail_file_name(struct arena *arena, const char *name);

/* The decoded bytes of one attachment of the raw mail (for passing it on), at most max bytes.
 * -1 if it is not one stretch of raw or larger. */
int mail_attachment_bytes(struct arena *arena, struct bytes raw, const struct mail_attachment *a,
	size_t max, struct bytes *out) MUST_CHECK;

#endif
