/* Charset latin: undeclared text in Latin letters of another part of Europe than the west. */
#ifndef LOTS_MAIL_CHARSET_LATIN_H
#define LOTS_MAIL_CHARSET_LATIN_H

#include "base/prelude.h"

/* "WINDOWS-1250", "ISO-8859-2" or "WINDOWS-1254" where all letters are of one of their languages and some
 * stand inside words where the west writes none; else NULL, and it is windows-1252. */
const char *charset_guess_latin(struct bytes in);

#endif
