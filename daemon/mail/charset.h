/* Charset: bytes in a named charset -> UTF-8, from an allow list (of UTF-7 only that very name is on it, and
 * it is never guessed). What iconv knows is read before the parser's cage closes, because nothing can be
 * opened inside. */
#ifndef LOTS_MAIL_CHARSET_H
#define LOTS_MAIL_CHARSET_H

#include "base/prelude.h"

struct arena;
struct charsets;

struct charsets *charsets_open(void); /* some 10 ms; aborts if iconv knows no windows-1252 */
void charsets_close(struct charsets **cs);
/* The same in two steps: what iconv knows into memory of the caller's, zeroed, without a pointer in it; and
 * decoding with that, which must outlive it. So that another process may do the reading. */
struct charset_tables;
size_t charset_tables_size(void);
void charset_tables_read(struct charset_tables *tables);
struct charsets *charsets_use(const struct charset_tables *tables);
/* What undeclared bytes of the mail at hand are probably in: a charset that the same mail declares
 * elsewhere. Asked before anything is guessed from the bytes; NULL or an unknown name for none. */
void charset_hint(struct charsets *cs, const char *name);
/* Allowed names, canonical, for the test that decodes each inside the cage; NULL ends. */
const char *const *charset_names(void);
/* Never fails: undecodable bytes become U+FFFD; an unknown, forbidden or absent name (NULL or "")
 * is guessed: valid UTF-8, else what the bytes look like. *guessed tells. Output is at most 4 * n + 4 bytes. */
char *charset_decode(
	struct charsets *cs, struct arena *arena, const char *name, struct bytes in, bool *guessed);

#endif
