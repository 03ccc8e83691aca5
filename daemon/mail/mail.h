/* struct mail: what the parser hands over of one message, and what the desk acts on.
 *
 * Plain data in one arena. Every string is valid UTF-8 without NUL, never NULL ("" when absent).
 * The parser is not trusted: the desk reads this back from bytes (mail/mailpack.h), which checks
 * counts and maxima. Nothing here says who the sender really is: that is core/trust.h. */
#ifndef LOTS_MAIL_MAIL_H
#define LOTS_MAIL_MAIL_H

#include "base/prelude.h"

struct mail_address {
	const char *name;    /* display name, decoded, one line; "" */
	const char *address; /* local@domain as written, decoded; never empty */
};

struct mail_addresses {
	struct mail_address *v;
	size_t n;
};

struct mail_strings {
	const char **v;
	size_t n;
};

struct mail_attachment {
	const char *name;	/* decoded, one line, no "..": as the sender called it, perhaps with
				 * a path (parse.h: mail_file_name); made from id or
				 * type if the mail gives none, "" if that says nothing */
	const char *type;	/* "image/png", lower case */
	const char *content_id; /* without brackets, "" */
	const char *encoding;	/* content transfer encoding, lower case: "base64", "7bit" ... */
	bool is_inline;	    /* shown inside the text (cid:), such as a logo or a pasted picture */
	int64_t size;	    /* decoded bytes */
	char sha256[65];    /* of the decoded bytes, hex */
	int64_t raw_offset; /* where the encoded body starts in the raw mail; -1 when it is not
				 * one stretch of it (from winmail.dat) */
	int64_t raw_length;
};

enum mail_auto {
	MAIL_PERSON,
	MAIL_AUTO_REPLY,
	MAIL_OUT_OF_OFFICE,
	MAIL_BOUNCE,	   /* delivery report: failed or delayed */
	MAIL_FEEDBACK,	   /* abuse report, RFC 5965 */
	MAIL_LIST,	   /* mailing list or bulk */
	MAIL_READ_RECEIPT, /* RFC 8098 */
	MAIL_VERIFICATION, /* sign-up and one-time codes (RELIABILITY row 16) */
	MAIL_OWN,	   /* sent by us */
	MAIL_AUTO_N
};

/* What a delivery report says (RFC 3464 and the MTAs that do not follow it). */
struct mail_bounce {
	const char *recipient;	 /* failed address, "" if not told */
	const char *status;	 /* "5.1.1", "" */
	const char *diagnostic;	 /* one line */
	bool temporary;		 /* delayed, 4.x.x */
	bool delivered;		 /* success report (relayed, delivered): not a failure */
	const char *original_id; /* Message-ID of the mail that bounced, "" */
};

/* The block that a client puts before a forwarded mail ("Från: … Skickat: …"). */
struct mail_forward {
	bool present;
	struct mail_address from;
	const char *subject;
	const char *text; /* the forwarded text */
};

struct mail {
	const char *message_id; /* ids without angle brackets */
	struct mail_strings in_reply_to, references;
	bool has_from;		  /* exactly one From with exactly one mailbox; else no identity */
	struct mail_address from; /* address empty when !has_from */
	bool from_unclear; /* From had to be interpreted (group, hidden characters, text beside the
			    * brackets ...): another program may read another address from it */
	struct mail_addresses reply_to, to, cc;
	struct mail_strings
		delivered_to;	 /* Delivered-To, X-Original-To, Envelope-To, topmost first */
	const char *return_path; /* "" if absent; "<>" for the null path */
	int64_t date_ms;	 /* of the Date field; 0 if absent or not understood */
	const char *subject;	 /* decoded, one line */
	/* Topmost first, unfolded, undecoded. Each Authentication-Results remembers how many
	 * Received fields stand above it: trust reads the border from that. */
	struct mail_auth_results {
		const char *value;
		size_t received_above;
	} * auth_results;
	size_t n_auth_results;
	struct mail_strings received;
	const char *exchange_auth_as; /* X-MS-Exchange-Organization-AuthAs, "" */

	enum mail_auto auto_class;
	const char *auto_reason;   /* the header or words that decided, for the log: a fixed word */
	struct mail_bounce bounce; /* when MAIL_BOUNCE */
	int64_t absent_from_ms,
		absent_until_ms; /* out of office, when the text says so; 0 unknown */

	const char *language; /* guess: "sv", "en", "fi" ...; "" unknown */
	const char *text;     /* the whole readable text */
	const char *new_text; /* the sender's own words: no quote, signature, disclaimer. Empty only
				     * if the sender wrote nothing at all and text is empty too */
	bool new_text_is_whole; /* stripping left nothing, so new_text is the full text */
	bool answers_inline;	/* own lines stand between quoted ones (kept, with their quote) */
	struct mail_forward forward;
	bool encrypted, signed_smime;
	struct mail_attachment *attachments;
	size_t n_attachments;
	struct mail_strings defects; /* fixed words: "header-too-large", "depth", "no-from" ... */
	int64_t size;		     /* raw bytes */
};

const char *mail_auto_id(
	enum mail_auto a); /* "person", "auto-reply", "out-of-office", "bounce" ... */

#endif
