/* Charset_table: a single-byte charset as 256 code points, read out of iconv once. A descriptor of iconv
 * keeps a library mapped, and every mapping is paid for in each fork of the parser; the table costs half
 * a kilobyte and decodes faster. */
#ifndef LOTS_MAIL_CHARSET_TABLE_H
#define LOTS_MAIL_CHARSET_TABLE_H

#include "base/prelude.h"

#include <iconv.h>

struct buf;

struct charset_table {
	uint16_t code[256]; /* U+FFFD where the charset has nothing */
};

/* False if some byte does not stand for one character by itself (multi-byte, shifting or composing
 * charsets): then the descriptor is to be kept. cd converts to UTF-8 and is reset. */
bool charset_table_read(iconv_t cd, struct charset_table *out) MUST_CHECK;
void charset_table_decode(const struct charset_table *t, struct bytes in, struct buf *out);

#endif
