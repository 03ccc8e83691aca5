/* Compose: one RFC 5322 message as wire bytes. Pure. Headers are encoded per RFC 2047 and 2231 and
 * folded; bodies are quoted-printable or base64; lines end in CRLF; no line over 998 (78 where it can
 * be), no 8-bit header, no bare CR or LF, whatever the strings hold. */
#ifndef LOTS_MAIL_COMPOSE_H
#define LOTS_MAIL_COMPOSE_H

#include "base/buf.h"
#include "base/date.h"
#include "mail/mail.h"

struct compose_attachment {
	const char *name;
	const char *type;
	struct bytes content;
};

struct compose_header { /* extra field: name is a constant of ours, value is checked */
	const char *name;
	const char *value;
};

struct compose {
	struct mail_address from, to; /* exactly one recipient a mail */
	const char *reply_to;	      /* address, "" none */
	const char *subject;
	const char *message_id;	 /* without brackets */
	const char *in_reply_to; /* "" none */
	struct mail_strings references;
	int64_t date_ms;
	const struct zone *zone;
	const char *language; /* Content-Language, "sv" */
	const char *text;     /* text/plain; LF lines */
	const char *html;     /* "" for plain only */
	const struct compose_attachment *attachments;
	size_t n_attachments;
	const struct compose_header *headers;
	size_t n_headers;
};

/* 0 and the message in *out, or -1 and *error (a fixed text) when something cannot be sent: an
 * address that fails address_envelope_ok, a control character in an id, too large. The boundary is
 * derived from the Message-ID, so equal input gives equal bytes. What is not ours to refuse is made
 * harmless instead: an id of others that is none is left out, an odd content type becomes bytes. */
int compose_mail(struct arena *arena, const struct compose *c, struct buf *out,
	const char **error) MUST_CHECK;

/* The strict check that everything sent must pass (also used by tests on whole outboxes). NULL if
 * the message is right, else the first fault as a fixed text. RFC 5322, 2045-2047, 2231. */
const char *compose_lint(struct bytes wire);

#endif
