/* Charset guess: which charset are these undeclared bytes in? */
#ifndef LOTS_MAIL_CHARSET_GUESS_H
#define LOTS_MAIL_CHARSET_GUESS_H

#include "base/prelude.h"

/* A name from charset_names() or NULL for UTF-8. Looks at the first 64 KiB at most. Never names UTF-7
 * or UTF-16. The order: UTF-8, ISO-2022-JP by its escapes, scripts whose words are made of high bytes
 * (Cyrillic, Greek, Hebrew, Arabic, Thai) by their most frequent letters, Swedish of DOS and old Macs, the
 * double-byte charsets where nearly all high bytes fit them, eastern Latin letters, windows-1252. */
const char *charset_guess(struct bytes in);
/* True if there is at least one correct multibyte UTF-8 sequence. */
bool charset_has_utf8_sequence(struct bytes in);

#endif
