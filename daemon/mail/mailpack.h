/* Mail <-> bytes: how the parser's child hands a struct mail to the desk. Each number in eight bytes, each
 * string after its length, in one order that writing and reading share; both ends are of one build. */
#ifndef LOTS_MAIL_MAILPACK_H
#define LOTS_MAIL_MAILPACK_H

#include "mail/mail.h"

struct arena;
struct buf;

/* Adds to out, which is failed if its maximum does not do. */
void mail_pack(const struct mail *m, struct buf *out);
/* Checks counts, ranges and maxima, cleans every string. NULL and *error (a fixed text) if the bytes
 * cannot come from our parser. Strings are copied into the arena. */
struct mail *mail_unpack(struct arena *arena, struct bytes in, const char **error) MUST_CHECK;

#endif
