/* Header: the fields of a message or part, and every structured value in them, read in all the
 * broken forms that occur. Nothing fails: what cannot be read is given as it stands.
 *
 * Field values are unfolded bytes without NUL, ended by NUL, in any charset; what comes out of the
 * decoding functions is clean UTF-8 on one line. RFC 5322, 2045, 2047, 2183, 2231. */
#ifndef LOTS_MAIL_HEADER_H
#define LOTS_MAIL_HEADER_H

#include "mail/mail.h"

struct arena;
struct charsets;

struct header_field {
	const char *name;  /* as written, without blanks */
	const char *value; /* unfolded, trimmed, undecoded */
};

struct header {
	struct header_field *v;
	size_t n;
	size_t body;	/* where the body starts in the bytes given */
	bool too_large; /* fields after max_bytes were not read */
	bool had_nul;
	bool no_separator; /* the body begins without an empty line */
	bool no_fields;
};

/* Reads the fields at the start of `in`, at most max_bytes of them. */
void header_parse(struct arena *arena, struct bytes in, size_t max_bytes, struct header *out);
/* The value of the n-th (from 0) field of that name, or NULL. */
const char *header_get(const struct header *h, const char *name, size_t nth);
size_t header_count(const struct header *h, const char *name);

/* Unstructured text with RFC 2047 words -> one clean line of at most max bytes (cut with an ellipsis). */
char *header_text(struct arena *arena, struct charsets *cs, const char *value, size_t max);

/* "type/subtype; a=b; c*=utf-8''d" and the like of Content-Disposition. */
struct header_param {
	const char *name;  /* lower case, with its RFC 2231 stars */
	const char *value; /* unquoted, undecoded */
};

struct header_params {
	const char *value; /* before the first ';', lower case, no blanks */
	struct header_param *v;
	size_t n;
};

void header_params(struct arena *arena, const char *value, struct header_params *out);
/* Undecoded, for boundary, charset and other ASCII words; NULL if absent. */
const char *header_param_raw(const struct header_params *p, const char *name);
/* Decoded by RFC 2231 (continuations too), RFC 2047 or a guess; NULL if absent. */
char *header_param_text(
	struct arena *arena, struct charsets *cs, const struct header_params *p, const char *name);

/* The mailboxes of an address field, appended to *out, together at most max. Groups are dissolved.
 * False if there were more. */
bool header_addresses(struct arena *arena, struct charsets *cs, const char *value, size_t max,
	struct mail_addresses *out);

/* Does a strict reader find that one address in a From field, letter for letter, and no other? No
 * group, no second bracket or address outside of quotes, nothing decoded or dropped in it. */
bool header_from_is_exact(const char *value, const char *address);

/* Appends the message ids of a field; at most max are kept: the first and the latest. */
void header_ids(struct arena *arena, const char *value, size_t max, struct mail_strings *out);
/* The one id of a Message-ID field; "" if there is none. */
char *header_id(struct arena *arena, const char *value);

#endif
