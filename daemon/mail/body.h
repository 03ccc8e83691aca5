/* Body: the parts of a mail -> its readable text, its attachments and the machine parts of a report.
 * Called by mail_parse alone. */
#ifndef LOTS_MAIL_BODY_H
#define LOTS_MAIL_BODY_H

#include "base/buf.h"
#include "mail/auto.h"
#include "mail/mail.h"
#include "mail/mime.h"

struct charsets;

struct body {
	struct arena *arena;
	struct charsets *charsets;
	struct bytes raw;
	struct mime_limits limits;
	size_t text_max;
	struct mail *mail; /* attachments, flags and defects are put there */

	struct buf text;
	bool text_closed;    /* the text is there; another directly after it is none of it */
	unsigned note_looks; /* how often it was asked whether the text is a gateway's note */
	struct buf calendar; /* one line per invitation */
	struct mail_report report;
	unsigned nesting; /* S/MIME and TNEF inside one another */
	size_t attachments_cap;
	size_t unnamed; /* attachments that were given a name here */
};

/* Walks the parts and fills b->text, b->report and the mail's attachments. */
void body_read(struct body *b, const struct mime *mime);

/* Of a mail that holds just one other mail, and is no report: that mail's text and header (a forward as
 * attachment). NULL if there is none, or several. */
char *body_nested_text(struct body *b, const struct mime *mime, const struct header **header);

/* Appends the word once to m->defects. */
void mail_defect(struct arena *arena, struct mail *m, const char *word);

/* --- between body.c, body_attach.c and body_wrap.c --- */

/* The decoded bytes of a part, at most max. */
struct bytes body_decoded(struct body *b, const struct mime_part *p, size_t max);
void body_add_text(struct body *b, const char *text);
void body_attach(struct body *b, const struct mime_part *p, bool in_related);
/* The files that stand uuencoded in a text part, which keeps them. */
void body_attach_uu(struct body *b, const struct mime_part *text);
/* An attachment that is no part of its own: its content is at hand. */
void body_attach_bytes(struct body *b, const char *name, const char *type, struct bytes content);
char *body_part_name(struct body *b, const struct mime_part *p);
/* winmail.dat and S/MIME. True if the content was taken out. */
bool body_unwrap_tnef(struct body *b, const struct mime_part *p);
bool body_unwrap_smime(struct body *b, const struct mime_part *p);
/* Walks a mail found inside another (the content of a signature). */
void body_read_nested(struct body *b, struct bytes entity);

#endif
