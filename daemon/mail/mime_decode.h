/* Decode: the content transfer encodings of RFC 2045 and uuencode, in one pass and bounded memory. */
#ifndef LOTS_MAIL_MIME_DECODE_H
#define LOTS_MAIL_MIME_DECODE_H

#include "base/prelude.h"

struct arena;

enum mime_encoding { MIME_IDENTITY, MIME_BASE64, MIME_QUOTED_PRINTABLE, MIME_UUENCODE };

/* "base64", "Quoted-Printable ", "quoted/printable", "x-uue" ...; what is unknown is identity. */
enum mime_encoding mime_encoding_of(const char *name);

/* Takes decoded bytes piece by piece; embed it first in a struct of one's own. */
struct mime_sink {
	void (*take)(struct mime_sink *sink, const unsigned char *p, size_t n);
};

/* Never fails: what is no digit is passed over. False if more was passed over than line ends and
 * blanks, so that a defect can be named. */
bool mime_decode(enum mime_encoding encoding, struct bytes in, struct mime_sink *sink);

/* The decoded bytes, at most max; *cut tells that there were more. Identity gives `in` itself. */
struct bytes mime_decode_all(
	struct arena *arena, enum mime_encoding encoding, struct bytes in, size_t max, bool *cut);

/* Does it begin as base64 does? Some programs say base64 of text that they did not encode. */
bool mime_is_base64(struct bytes in);

/* The plain text that a list or a virus scanner wrote behind base64; usually empty. */
struct bytes mime_base64_tail(struct bytes in);

/* RFC 2047 "Q" and "B" texts; writes at most n bytes to out, returns how many. */
size_t mime_decode_q_word(const char *s, size_t n, char *out);
size_t mime_decode_b_word(const char *s, size_t n, char *out);

#endif
