/* Charset: bytes in a named charset -> UTF-8, by iconv, from an allow list (UTF-7 and friends are
 * not on it). The descriptors are opened before the parser's cage closes and kept, because opening
 * one inside fails for all but UTF-8. */
#ifndef LOTS_MAIL_CHARSET_H
#define LOTS_MAIL_CHARSET_H

#include "base/prelude.h"

struct arena;
struct charsets;

struct charsets *charsets_open(void); /* opens every allowed descriptor; aborts if iconv lacks UTF-8 */
void charsets_close(struct charsets **cs);
/* Allowed names, canonical, for the test that decodes each inside the cage; NULL ends. */
const char *const *charset_names(void);
/* Never fails: undecodable bytes become U+FFFD; an unknown, forbidden or absent name (NULL or "")
 * is guessed: valid UTF-8, else windows-1252. *guessed tells. Output is at most 4 * n + 4 bytes. */
char *charset_decode(struct charsets *cs, struct arena *arena, const char *name, struct bytes in,
	bool *guessed);

#endif
