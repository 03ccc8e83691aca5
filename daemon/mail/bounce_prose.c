/* Bounce prose: what qmail, Exim, sendmail, Notes, Exchange and others write when they do not send
 * a machine-readable report (declared in mail/bounce_scan.h). */
#include "base/prelude.h"

#include "mail/bounce_scan.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/words.h"

#define MAX_PROSE_LINES 400 /* of the report's own words, before the returned mail */
#define MAX_LINES 2000	    /* with the empty ones */
#define MAX_LINE_BYTES 1000
#define MAX_DIAGNOSTIC_BYTES 500
#define MAX_COPY_BYTES 8000
#define MIN_MAILBOX 3 /* a shorter local part stands in many words */
#define MAX_NAMED 16  /* addresses in the prose that are remembered */

/* Behind these the returned mail begins. */
static const char *const copies[] = {"below this line is a copy", "this is a copy of the message",
	"this is a copy of your message", "message headers follow", "message header follows",
	"returned message", "original message follows", "original message headers",
	"the header of the original", "the headers of the original",
	"your original message:", "unsent message below", "message text follows",
	"begin included message", "undelivered message follows", "- original message -",
	"---original message", "copy of the original message", "ursprungliga meddelanderubriker",
	"ursprungligt meddelandehuvud", "original-nachricht", "the body of the message",
	"first lines of the message", "header of the undelivered", "message being returned",
	"rejected message follows", "message contents follow", "headers follow",
	"included is a copy of the message header", "the message that caused",
	"original text follows", "original message dump", "undelivered mail header", NULL};
static const char *const copy_starts[] = {"received:", "return-path:", "message-id:", "x-received:",
	"dkim-signature:", "mime-version:", "x-mailer:", NULL};

/* Words after which a report names who was not reached. */
static const char *const anchors[] = {"following address", "following recipient", "recipient(s)",
	"following users", "failed recipient", "delivered to the", "be delivered to",
	"delivering your mail to", "recipients were affected", "had delivery errors",
	"fatal errors", "recipient address", "failed to reach", "unable to deliver",
	"could not deliver", "not be delivered", "wasn't able to deliver", "not delivered to",
	"did not reach", "failed address", "intended recipient",
	"recipient:", "recipients:", "mottagare", "delivery to", "your message to", "user unknown",
	"unknown user", "no such user", "unknown recipient", "failed mail to", "nicht zugestellt",
	"empfanger", "destinataire", "delivre a", "destinatario", "vastaanottaja",
	"original-recipient", "final-recipient", "meddelandet till", "meddelande till",
	"undeliverable address", "invalid recipient", "not listed in", "rcpt to", "failed for",
	"message to", "to the address", "sent to", "account", "mailbox", "recipient's",
	"failure reasons", "reason", "адрес", "получател", "adresses suivantes", "rcpt=", "宛先",
	"あて先", "送信先", "收件人", "destinatari", "undeliverable", "was rejected", NULL};

static const char *const delays[] = {"delayed", "will be retried", "still being retried",
	"continue to try", "keep trying", "will try again", "will continue", "no need to resend",
	"not need to resend", "do not need to resend", "has not yet been delivered",
	"warning message only", "warning only", "temporary", "temporarily",
	"could not send message for past", "forsenad", "fordrojd", "fortsatter att forsoka",
	"ytterligare forsok", "vara forsenad", "noch nicht", "verzogert", "viivasty",
	"try to deliver", "have not been able to deliver", "has been postponed", "advisory-only",
	"just a warning", "has not been delivered yet", "is delayed", NULL};

static bool is_own(const char *address, const char *const *own)
{
	for (; own && *own; own++)
		if (ascii_equal_nocase(address, *own))
			return true;
	return ascii_starts_nocase(address, "mailer-daemon@") ||
	       ascii_starts_nocase(address, "postmaster@") ||
	       ascii_starts_nocase(address, "abuse@") || ascii_starts_nocase(address, "mdaemon@") ||
	       ascii_starts_nocase(address, "helpdesk@") ||
	       ascii_starts_nocase(address, "support@");
}

/* The first address of the line that is not one of those the report went to. */
static char *foreign_address(struct arena *arena, const char *line, const char *const *own)
{
	const char *p = line;

	for (int i = 0; i < 8; i++) {
		char *a = bounce_address_in(arena, p, &p);

		if (!a)
			return NULL;
		if (!is_own(a, own))
			return a;
	}
	return NULL;
}

struct reader {
	struct arena *arena;
	const char *const *own;
	struct bounce_prose *out;
	char *named[MAX_NAMED]; /* foreign addresses in the prose, in order */
	size_t n_named;
	const char *own_named; /* an own address that stood after an anchor */
	int anchored;	       /* lines left in which an anchor counts */
	bool sender_next;      /* "A message sent by": the next address is the sender's */
	bool code_seen;
};

static bool names_no_recipient(const char *folded)
{
	static const char *const starts[] = {"from:", "fran:", "reply-to:", "sender:", "message-id",
		"in-reply-to", "references:", "x-", "return-path", "received", "mail from",
		"reporting-mta", "cc:", "subject:", "original sender", "envelope-from",
		"(envelope-from", "von:", "id ", "errors-to", NULL};

	for (const char *const *s = starts; *s; s++)
		if (strncmp(folded, *s, strlen(*s)) == 0)
			return true;
	return strstr(folded, "please contact") || strstr(folded, "for assistance") ||
	       strstr(folded, "for help") || strstr(folded, "http://") ||
	       strstr(folded, "https://") || strstr(folded, "from <") ||
	       strstr(folded, "mail from:");
}

/* "<addr>:", "<addr>... User unknown", "   addr": the line is about that address alone. */
static bool stands_alone(const char *line)
{
	const char *p = line + strspn(line, " \t<>*-");
	const char *at = strchr(p, '@');

	return at && (size_t)(at - p) == strcspn(p, " \t@");
}

static void read_diagnostic(struct reader *r, const char *line)
{
	const char *answer = bounce_answer_in(r->arena, line);
	const char *status = answer[0] ? answer : bounce_status_in(r->arena, line);
	int code = bounce_reply_code_in(line);

	if (status[0] && status[0] != '2' && r->out->status[0] == '\0')
		r->out->status = status;
	if ((status[0] || code) && r->out->diagnostic[0] == '\0')
		r->out->diagnostic =
			utf8_shorten(r->arena, text_trim(r->arena, line), MAX_DIAGNOSTIC_BYTES);
	if (code >= 400 && !r->code_seen) {
		r->code_seen = true;
		r->out->delayed |= code < 500;
	}
}

static void read_line(struct reader *r, const char *line)
{
	const char *folded = text_fold(r->arena, line);
	char *address;

	read_diagnostic(r, line);
	if (words_find(folded, delays))
		r->out->delayed = true;
	if (words_find(folded, anchors))
		r->anchored = 6;
	else if (folded[0] && r->anchored > 0)
		r->anchored--;
	/* "Message-ID: <...>" among what the report tells of the mail. */
	if (!r->out->original_id[0] &&
		words_start(folded, (const char *const[]){"message-id", "message id", NULL}) &&
		strchr(line, '@') && strchr(line, ':'))
		r->out->original_id = words_strip(r->arena, strchr(line, ':') + 1, "<> \t");
	if (!folded[0])
		return;
	if (r->sender_next) {
		r->sender_next = false;
		return;
	}
	r->sender_next = words_end(folded, (const char *const[]){"sent by", "sent from", NULL});
	if (names_no_recipient(folded))
		return;
	address = foreign_address(r->arena, line, r->own);
	if (!address) {
		const char *any = r->anchored && stands_alone(line)
					  ? bounce_address_in(r->arena, line, NULL)
					  : NULL;

		if (any && !r->own_named)
			r->own_named = any;
		return;
	}
	if (r->n_named < MAX_NAMED)
		r->named[r->n_named++] = address;
	if (!r->out->anchored && (r->anchored || stands_alone(line))) {
		r->out->recipient = address;
		r->out->anchored = true;
		r->out->alone = stands_alone(line);
	}
}

static bool contains_nocase(const char *text, size_t n, const char *what)
{
	size_t len = strlen(what);

	for (size_t i = 0; i + len <= n; i++)
		if ((text[i] | 0x20) == (what[0] | 0x20) && ascii_starts_nocase(text + i, what))
			return true;
	return false;
}

/* Whom the returned mail was for: the envelope's recipient in its last Received (To may be a list),
 * else its To; NULL if it does not say. */
static char *copy_to(struct reader *r, const char *copy)
{
	const char *cursor = copy, *line;
	size_t len;
	char *to = NULL;

	for (size_t lines = 0; lines < 300 && text_next_line(&cursor, &line, &len); lines++) {
		char *s =
			arena_strndup(r->arena, line, len < MAX_LINE_BYTES ? len : MAX_LINE_BYTES);
		const char *envelope = strstr(s, "for <");

		if (envelope && (envelope == s || envelope[-1] == ' ' || envelope[-1] == '\t')) {
			char *found = bounce_address_in(r->arena, envelope, NULL);

			if (found && !is_own(found, r->own))
				return found;
		}
		if (!to && ascii_starts_nocase(s, "to:"))
			to = bounce_address_in(r->arena, bounce_field(r->arena, line, "to"), NULL);
	}
	return to;
}

/* "thomas.ek (user not found)": the report names the mailbox, without its domain. */
static bool names_mailbox(struct reader *r, const char *prose, size_t n, const char *address)
{
	const char *local = arena_strndup(r->arena, address, strcspn(address, "@"));

	return strlen(local) >= MIN_MAILBOX && contains_nocase(prose, n, local);
}

/* The same where the prose names an address besides: the mailbox must stand there as a word. */
static bool names_bare_mailbox(struct reader *r, const char *prose, size_t n, const char *address)
{
	const char *local = arena_strndup(r->arena, address, strcspn(address, "@"));
	size_t len = strlen(local);

	for (size_t i = 0; len >= MIN_MAILBOX && i + len < n; i++)
		if ((i == 0 || strchr(" \t\n<\"'(", prose[i - 1])) &&
			strchr(" \t\r\n>\"'),:;", prose[i + len]) &&
			ascii_starts_nocase(prose + i, local))
			return true;
	return false;
}

/* Of several addresses in the prose, the one that the returned mail was for. */
static void choose_recipient(
	struct reader *r, const char *prose, const char *copy, const char *subject)
{
	size_t n = strnlen(copy, MAX_COPY_BYTES), in_prose = *copy ? (size_t)(copy - prose) : 0;
	char *to = *copy ? copy_to(r, copy) : NULL;

	if (r->out->recipient[0] && contains_nocase(copy, n, r->out->recipient))
		return;
	for (size_t i = 0; i < r->n_named; i++) {
		if (contains_nocase(copy, n, r->named[i])) {
			r->out->recipient = r->named[i];
			return;
		}
	}
	if (to && !is_own(to, r->own) &&
		(r->out->anchored ? names_bare_mailbox(r, prose, in_prose, to)
				  : names_mailbox(r, prose, in_prose, to))) {
		r->out->recipient = to;
		return;
	}
	for (size_t i = 0; i < r->n_named && !r->out->anchored; i++) {
		if (names_mailbox(r, subject, strlen(subject), r->named[i])) {
			r->out->recipient = r->named[i];
			return;
		}
	}
	if (!r->out->recipient[0] && r->n_named)
		r->out->recipient = r->named[0];
	if (!r->out->recipient[0] && r->own_named)
		r->out->recipient = r->own_named;
	if (!r->out->recipient[0]) {
		char *named = foreign_address(r->arena, subject, r->own);

		r->out->recipient = named ? named : "";
	}
}

/* "You can delete your own text from the attached returned message." is a sentence, no heading. */
static bool is_heading(const char *folded, const char *hit)
{
	size_t n = strlen(folded), before = 0;

	for (const char *p = folded; p < hit; p++)
		before += *p == ' ';
	return before <= 4 || strchr("-=_*+|#~", folded[0]) || folded[n - 1] == ':';
}

static bool begins_copy(struct arena *arena, const char *line, size_t seen)
{
	const char *folded = text_fold(arena, line), *hit;

	/* Set in, it is what the report says of the mail. */
	if (seen >= 1 && *line != ' ' && *line != '\t' && words_start(folded, copy_starts))
		return true;
	if (seen < 2 || words_count(folded) > 24)
		return false;
	hit = words_find(folded, copies);
	return hit && is_heading(folded, strstr(folded, hit));
}

/* The returned mail's own Message-ID and, where the prose names nobody, its only recipient. */
static void read_copy(struct reader *r, const char *copy)
{
	const char *cursor = copy, *line;
	size_t len, lines = 0;

	while (text_next_line(&cursor, &line, &len) && lines++ < 2000) {
		const char *id;

		if (len < 11 || !ascii_starts_nocase(line, "message-id:"))
			continue;
		id = bounce_field(r->arena, line, "message-id");
		r->out->original_id = words_strip(r->arena, id, "<> ");
		break;
	}
	if (!r->out->recipient[0]) {
		char *to = copy_to(r, copy);

		r->out->recipient = to ? to : "";
	}
}

void bounce_prose_read(struct arena *arena, const char *text, const char *subject,
	const char *const *own, struct bounce_prose *out)
{
	struct reader r = {.arena = arena, .own = own, .out = out};
	const char *cursor = text, *line, *copy = "";
	size_t len, seen = 0, lines = 0;

	*out = (struct bounce_prose){"", "", "", "", false, false, false};
	while (seen < MAX_PROSE_LINES && lines++ < MAX_LINES &&
		text_next_line(&cursor, &line, &len)) {
		char *s = arena_strndup(arena, line, len < MAX_LINE_BYTES ? len : MAX_LINE_BYTES);

		s = utf8_clean(arena, s, strlen(s));
		if (begins_copy(arena, s, seen)) {
			copy = line;
			break;
		}
		seen += !text_is_blank(s);
		read_line(&r, s);
	}
	choose_recipient(&r, text, copy, subject);
	read_copy(&r, copy);
}
