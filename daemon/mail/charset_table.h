/* Charset tables: single-byte and double-byte charsets as arrays of code points, read out of iconv once,
 * before the cage of the parser closes. A descriptor of iconv keeps libraries mapped, and every mapping is
 * paid for in each fork of the parser; the tables cost a few hundred kilobytes, shared by all forks, and
 * decode faster. */
#ifndef LOTS_MAIL_CHARSET_TABLE_H
#define LOTS_MAIL_CHARSET_TABLE_H

#include "base/prelude.h"

#include <iconv.h>

struct buf;

struct charset_table {
	uint16_t code[256]; /* U+FFFD where the charset has nothing, or a pair begins */
};

#define CHARSET_LEAD_MIN 0x81
#define CHARSET_TRAIL_MIN 0x40
#define CHARSET_LEADS (0xfe - CHARSET_LEAD_MIN + 1)
#define CHARSET_TRAILS (0xfe - CHARSET_TRAIL_MIN + 1)
#define CHARSET_FOURS 39420 /* four-byte forms of GB18030 that stand for the BMP */

struct charset_pairs {
	uint16_t code[CHARSET_LEADS][CHARSET_TRAILS];
};

struct charset_fours {
	uint16_t code[CHARSET_FOURS];
};

/* cd converts to UTF-8 and is reset. A byte that composes with the next one (windows-1255, -1258) stands
 * for its own character: the text is decomposed, which looks the same. */
void charset_table_read(iconv_t cd, struct charset_table *out);
void charset_table_decode(const struct charset_table *t, struct bytes in, struct buf *out);

void charset_pairs_read(iconv_t cd, struct charset_pairs *out);
void charset_fours_read(iconv_t cd, struct charset_fours *out);
/* A byte that fits nothing becomes U+FFFD alone, so that what follows (a line end) is kept. fours: NULL for
 * all but GB18030. */
void charset_pairs_decode(const struct charset_table *t, const struct charset_pairs *p,
	const struct charset_fours *fours, struct bytes in, struct buf *out);

#endif
