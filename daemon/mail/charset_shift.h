/* Charsets that are another form of a double-byte one: each is turned into that one's bytes. And UTF-16
 * and UTF-7. All linear. Internal to charset.c. */
#ifndef LOTS_MAIL_CHARSET_SHIFT_H
#define LOTS_MAIL_CHARSET_SHIFT_H

#include "base/prelude.h"

struct arena;
struct buf;

/* ISO-2022-JP in all its numbered forms, and EUC-JP -> CP932, which has the vendors' characters that
 * phones and Outlook use. JIS X 0212, which it lacks, becomes a byte that decodes to U+FFFD. */
struct bytes charset_from_iso2022jp(struct arena *arena, struct bytes in);
struct bytes charset_from_eucjp(struct arena *arena, struct bytes in);
/* HZ (RFC 1843) -> GB18030. */
struct bytes charset_from_hz(struct arena *arena, struct bytes in);
/* ISO-2022-KR -> CP949. */
struct bytes charset_from_iso2022kr(struct arena *arena, struct bytes in);

/* big_endian is what holds without a byte order mark. */
void charset_utf16(struct bytes in, bool big_endian, struct buf *out);
void charset_utf7(struct bytes in, struct buf *out);

#endif
