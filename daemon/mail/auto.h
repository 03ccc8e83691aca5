/* Auto: is this mail from a person, or from a machine, and which kind? RFC 3834, RFC 3464, RFC 5965,
 * RFC 8098, Exchange's and others' habits. Called by the parser with the header at hand; fills
 * auto_class, auto_reason, bounce and absent_*. */
#ifndef LOTS_MAIL_AUTO_H
#define LOTS_MAIL_AUTO_H

#include "mail/mail.h"

struct arena;

struct mail_header { /* one field, unfolded; value decoded for unstructured fields */
	const char *name;
	const char *value;
};

struct mail_report { /* the machine parts of a multipart/report, as text, "" if absent */
	const char
		*report_type; /* "delivery-status", "feedback-report", "disposition-notification" */
	const char *delivery_status; /* body of message/delivery-status */
	const char *disposition;     /* body of message/disposition-notification */
	const char *
		original_header; /* header of the returned message (text/rfc822-headers or message/rfc822) */
};

/* m has its address, subject, date, text and new_text filled. */
void auto_classify(struct arena *arena, struct mail *m, const struct mail_header *headers, size_t n,
	const struct mail_report *report);

#endif
