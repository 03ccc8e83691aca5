/* Compose parts: encoders that compose.c puts a message together from. For mail/compose*.c only. */
#ifndef LOTS_MAIL_COMPOSE_PARTS_H
#define LOTS_MAIL_COMPOSE_PARTS_H

#include "base/buf.h"
#include "mail/mail.h"

struct arena;

#define HEADER_WIDTH 78	 /* RFC 5322 2.1.1 */
#define ENCODED_WIDTH 76 /* of a line with an encoded word: RFC 2047 2 */
#define ENCODED_WORD 75
#define BODY_WIDTH 76 /* RFC 2045 6.7, 6.8 */

/* Each writes whole fields, ended by CRLF. Values may be anything: they are cleaned and encoded. */
void field_text(struct buf *out, struct arena *arena, const char *name, const char *value);
void field_mailbox(
	struct buf *out, struct arena *arena, const char *name, const struct mail_address *a);
/* Ids that may stand there; the others are left out, and the field with the last of them. */
void field_ids(struct buf *out, const char *name, const char *const *ids, size_t n);
bool field_id_ok(const char *id);
/* "; name=value" on a line of its own, by RFC 2231 when the value needs it (name, charset, pieces). */
void field_parameter(struct buf *out, const char *name, const char *value);

/* Text with LF lines -> quoted-printable with CRLF; every line ended. */
void body_quoted_printable(struct buf *out, const char *text);
void body_base64(struct buf *out, const void *p, size_t n);
void base64_chars(struct buf *out, const void *p, size_t n); /* one line, padded */
/* Decoders, strict: -1 at the first octet that an encoder may not write. Used by the lint. */
int body_decode_quoted_printable(struct buf *out, const char *p, size_t n) MUST_CHECK;
int body_decode_base64(struct buf *out, const char *p, size_t n) MUST_CHECK;

/* The lint's own parts. Each gives NULL or the first fault as a fixed text. */
struct lint_field { /* one field as it stands; value still folded, without its last CRLF */
	const char *name;
	size_t name_len;
	const char *value;
	size_t len;
};
struct lint_parameter {
	char name[40];
	char value[1100]; /* unquoted */
	bool quoted;
};
/* The field at *at, which moves on; false at the end or at a line that begins none (*bad). */
bool lint_next_field(const char **at, const char *end, struct lint_field *f, bool *bad);
bool lint_field_is(const struct lint_field *f, const char *name);
/* The end of the header (its last CRLF included); NULL if no empty line follows it. */
const char *lint_header_end(const char *p, size_t n);
const char *lint_entity(const char *p, size_t n, int depth);

#endif
