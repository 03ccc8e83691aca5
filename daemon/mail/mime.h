/* MIME: raw bytes -> a flat list of the parts of a mail, in the order they stand in it.
 *
 * The structure of ordinary mail is read by libetpan (mime_etpan.c). Mail that must not reach it
 * (bombs) or that it reads wrongly goes to a small reader of our own (mime_walk.c). Both give the
 * same list. Bodies are stretches of the bytes given, still encoded. */
#ifndef LOTS_MAIL_MIME_H
#define LOTS_MAIL_MIME_H

#include "base/prelude.h"
#include "mail/header.h"

struct arena;

struct mime_part {
	struct header header;
	struct header_params type;	  /* value "text/plain", never empty */
	struct header_params disposition; /* value "", "inline", "attachment" ... */
	const char *encoding;		  /* lower case, "7bit" if none is given */
	struct bytes body;		  /* encoded; of a multipart all of it */
	size_t parent;			  /* index; its own for the root */
	size_t end;			  /* index behind its last descendant */
	unsigned depth;			  /* 0 for the root */
	bool multipart;			  /* has its children in the list */
	bool message;			  /* message/rfc822: its one child is the message inside */
	bool declared;			  /* has a Content-Type of its own that was understood */
};

struct mime_limits {
	size_t header_bytes, parts, depth;
};

struct mime {
	struct mime_part *v;
	size_t n;
	bool too_many;	   /* parts beyond the limit were not read */
	bool too_deep;	   /* something nested deeper is left as one part */
	bool broken;	   /* a multipart without its boundary, or not ended */
	bool large_header; /* of a part */
	bool by_library;   /* libetpan read the structure */
};

/* Reads the whole mail. `header` is its own header, already read from `raw`. */
void mime_read(struct arena *arena, struct bytes raw, const struct header *header,
	const struct mime_limits *limits, struct mime *out);

/* The two readers behind mime_read, for tests that compare them. */
void mime_walk(struct arena *arena, struct bytes raw, const struct header *header,
	const struct mime_limits *limits, struct mime *out);
/* False if the library may not read this mail or its reading contradicts the headers. */
bool mime_etpan(struct arena *arena, struct bytes raw, const struct header *header,
	const struct mime_limits *limits, struct mime *out);

/* Fills type, disposition, encoding of a part from its header; shared by both. `in_digest` changes
 * the default type (RFC 2046 5.1.5). */
void mime_part_headers(struct arena *arena, struct mime_part *p, bool in_digest);
/* The next part of the list, or NULL when the limit is reached. */
struct mime_part *mime_push(struct arena *arena, struct mime *m, const struct mime_limits *limits,
	size_t parent, unsigned depth);
bool mime_is(
	const struct mime_part *p, const char *type); /* "text/plain", or "text/" for any text */

#endif
