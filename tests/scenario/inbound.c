/* Inbound: the mails people write, as their programs write them: quoting styles, prefixes, headers. */
#include "base/prelude.h"

#include "runner.h"

#include "base/date.h"
#include "base/text.h"
#include "mail/address.h"

#include <ctype.h>

static bool is_ascii(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s >= 0x80)
			return false;
	}
	return true;
}

static char *encode_word(struct world *w, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	struct buf b;

	if (is_ascii(s))
		return arena_strdup(w->scratch, s);
	buf_init(&b, 20000);
	buf_addstr(&b, "=?utf-8?Q?");
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (isalnum(c))
			buf_addch(&b, (char)c);
		else {
			buf_addch(&b, '=');
			buf_addch(&b, hex[c >> 4]);
			buf_addch(&b, hex[c & 15]);
		}
	}
	buf_addstr(&b, "?=");
	return buf_take(&b, w->scratch);
}

/* "support@lots.example" or a signed form of it -> "support". */
static const char *mailbox_of(struct world *w, const char *address)
{
	const char *key = address_key(w->scratch, address, w->config->own_domains);

	for (size_t i = 0; key && i < w->config->n_mailboxes; i++) {
		const struct mailbox *m = &w->config->mailboxes[i];
		const char *at = strchr(m->address, '@');
		size_t n = (size_t)(at - m->address);

		if (strncmp(key, m->address, n) == 0 && (key[n] == '@' || key[n] == '+') &&
			strcmp(strchr(key, '@'), at) == 0)
			return m->name;
	}
	return NULL;
}

struct letter {
	const char *from, *from_name, *to, *cc, *subject, *message_id, *in_reply_to, *references,
		*headers;
	const char *body;
	const char *delivered_to; /* envelope, "" */
	bool imported;
};

static void send_letter(struct world *w, const struct letter *x)
{
	struct buf b;
	char date[DATE_RFC5322_SIZE];
	const char *box;

	date_format_rfc5322(date, w->now_ms, &w->config->zone);
	buf_init(&b, 40 << 20);
	if (*x->delivered_to)
		buf_addf(&b, "Delivered-To: %s\r\n", x->delivered_to);
	if (*x->from)
		buf_addf(&b, "From: %s%s<%s>\r\n", encode_word(w, x->from_name),
			*x->from_name ? " " : "", x->from);
	buf_addf(&b, "To: %s\r\n", x->to);
	if (*x->cc)
		buf_addf(&b, "Cc: %s\r\n", x->cc);
	buf_addf(&b, "Subject: %s\r\nMessage-ID: <%s>\r\n", encode_word(w, x->subject),
		x->message_id);
	if (!x->headers || strncmp(x->headers, "Date:", 5) != 0)
		buf_addf(&b, "Date: %s\r\n", date);
	if (*x->in_reply_to)
		buf_addf(&b, "In-Reply-To: <%s>\r\n", x->in_reply_to);
	if (*x->references)
		buf_addf(&b, "References: %s\r\n", x->references);
	if (x->headers)
		buf_addstr(&b, x->headers);
	if (!x->headers || !strstr(x->headers, "Content-Type:"))
		buf_addstr(&b, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
			       "Content-Transfer-Encoding: 8bit\r\n");
	buf_addstr(&b, "\r\n");
	for (const char *p = x->body; *p; p++) {
		if (*p == '\n')
			buf_addch(&b, '\r');
		buf_addch(&b, *p);
	}
	w->mails_in++;
	box = mailbox_of(w, *x->delivered_to ? x->delivered_to : x->to);
	if (!box)
		box = mailbox_of(w, x->cc);
	if (!box)
		fail_line(w, "%s is none of our mailboxes", x->to);
	else if (w->once)
		once_deliver(w, box, b.data, b.len);
	else
		world_deliver(w, box, b.data, b.len, x->imported);
	buf_release(&b);
}

static const char *new_id(struct world *w, const char *from)
{
	const char *at = strchr(from, '@');

	return arena_printf(w->arena, "m%d%s", w->mails_in + 1, at ? at : "@nowhere.example");
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* mail from A to B [cc C] [subject "..."] [name "..."] [id X] [refers-to X] [delivered-to X] [imported yes] */
void inbound_mail(struct world *w, const struct line *l)
{
	struct letter x = {.from = or_empty(word_after(l, "from")),
		.from_name = or_empty(word_after(l, "name")),
		.to = or_empty(word_after(l, "to")),
		.cc = or_empty(word_after(l, "cc")),
		.subject = or_empty(word_after(l, "subject")),
		.message_id = word_after(l, "id"),
		.in_reply_to = or_empty(word_after(l, "refers-to")),
		.references = "",
		.headers = l->headers,
		.body = or_empty(l->body),
		.delivered_to = or_empty(word_after(l, "delivered-to")),
		.imported = word_after(l, "imported") != NULL};

	if (!x.message_id)
		x.message_id = new_id(w, x.from);
	w->event++;
	send_letter(w, &x);
}

static void quote_lines(struct buf *b, const char *prefix, const char *text)
{
	const char *cursor = text, *line;
	size_t len;

	while (text_next_line(&cursor, &line, &len)) {
		buf_addstr(b, prefix);
		buf_add(b, line, len);
		buf_addch(b, '\n');
	}
}

static void outlook_block(struct buf *b, const struct sent *s, const char *rule)
{
	buf_addf(b,
		"%sFrån: Support <%s>\nSkickat: den 23 november 2026 08:01\nTill: %s\nÄmne: %s\n\n",
		rule, s->m->from.address, s->to, s->m->subject);
	quote_lines(b, "", s->m->text);
}

/* The body under the new words, as that program puts it. */
static const char *with_quote(
	struct world *w, const char *style, const char *own, const struct sent *s)
{
	struct buf b;

	buf_init(&b, 4 << 20);
	if (strcmp(style, "bottom") == 0) {
		buf_addf(&b, "Den mån 23 nov. 2026 kl 08:01 skrev Support <%s>:\n",
			s->m->from.address);
		quote_lines(&b, "> ", s->m->text);
		buf_addf(&b, "\n%s", own);
		return buf_take(&b, w->arena);
	}
	buf_addstr(&b, own);
	if (strcmp(style, "gmail") == 0) {
		buf_addf(&b, "\nDen mån 23 nov. 2026 kl 08:01 skrev Support <%s>:\n\n",
			s->m->from.address);
		quote_lines(&b, "> ", s->m->text);
	} else if (strcmp(style, "outlook") == 0) {
		buf_addstr(&b, "\n\n");
		outlook_block(&b, s, "________________________________\n");
	} else if (strcmp(style, "outlook-se") == 0) {
		buf_addstr(&b, "\n\n");
		outlook_block(&b, s, "-----Ursprungligt meddelande-----\n");
	} else if (strcmp(style, "iphone") == 0) {
		buf_addf(&b,
			"\n\nSkickat från min iPhone\n\n23 nov. 2026 kl. 08:01 skrev Support "
			"<%s>:\n\n",
			s->m->from.address);
		quote_lines(&b, "> ", s->m->text);
	} else if (strcmp(style, "android") == 0) {
		buf_addstr(&b, "\n\nSkickat från Outlook för Android\n");
		outlook_block(&b, s, "________________________________\n");
	}
	return buf_take(&b, w->arena);
}

static const struct sent *answered_mail(struct world *w, const struct line *l, const char *from)
{
	const char *of = word_after(l, "to");
	const char *containing = word_after(l, "about");
	const char *address = of ? of : from;

	for (size_t i = w->n_sent; i-- > 0;) {
		const struct sent *s = &w->sent[i];

		if (strcmp(s->to, address) == 0 &&
			(!containing || strstr(s->m->subject, containing) ||
				strcmp(s->template_id, containing) == 0))
			return s;
	}
	fail_line(w, "no mail to %s%s%s to answer", address, containing ? " about " : "",
		or_empty(containing));
	return NULL;
}

static bool without(const struct line *l, const char *what)
{
	for (size_t i = 0; i + 1 < l->n; i++) {
		if (word_is(l, i, "without") && strcmp(l->v[i + 1], what) == 0)
			return true;
	}
	return false;
}

static const char *references(struct world *w, const struct mail *m)
{
	const char *refs = "";

	for (size_t i = 0; i < m->references.n; i++)
		refs = arena_printf(w->arena, "%s<%s> ", refs, m->references.v[i]);
	return arena_printf(w->arena, "%s<%s>", refs, m->message_id);
}

/* reply from A [to B] [about "subject part" or template] [subject "..."] [style gmail]
 *   [without token|references|number] [name "..."] : B whose mail is answered, else A's own. */
void inbound_reply(struct world *w, const struct line *l)
{
	const char *from = or_empty(word_after(l, "from"));
	const struct sent *s = answered_mail(w, l, from);
	const char *style = word_after(l, "style"), *prefix = word_after(l, "prefix"), *to;
	struct letter x = {.from = from,
		.from_name = or_empty(word_after(l, "name")),
		.cc = or_empty(word_after(l, "cc")),
		.headers = l->headers,
		.delivered_to = ""};

	w->event++;
	if (!s)
		return;
	to = s->m->reply_to.n ? s->m->reply_to.v[0].address : s->m->from.address;
	x.to = without(l, "token") ? s->m->from.address : to;
	x.subject = word_after(l, "subject");
	if (!x.subject)
		x.subject = arena_printf(w->arena, "%s %s", prefix ? prefix : "SV:", s->m->subject);
	if (without(l, "number")) {
		const char *close = strchr(x.subject, ']');

		x.subject = arena_printf(w->arena, "SV: %s", close ? close + 2 : x.subject);
	}
	x.message_id = new_id(w, from);
	x.in_reply_to = without(l, "references") ? "" : s->m->message_id;
	x.references = without(l, "references") ? "" : references(w, s->m);
	x.body = with_quote(w, style ? style : "outlook", or_empty(l->body), s);
	send_letter(w, &x);
}

/* forward from A to B [cc us]: A's newest mail goes on to B, with us still on it. */
void inbound_forward(struct world *w, const struct line *l)
{
	const char *from = or_empty(word_after(l, "from"));
	const struct sent *s = world_last_to(w, from);
	struct letter x = {.from = from,
		.from_name = "",
		.headers = l->headers,
		.delivered_to = "",
		.in_reply_to = "",
		.cc = ""};
	struct buf b;

	w->event++;
	if (!s) {
		fail_line(w, "no mail to %s to forward", from);
		return;
	}
	x.to = or_empty(word_after(l, "to"));
	x.cc = s->m->reply_to.n ? s->m->reply_to.v[0].address : s->m->from.address;
	x.subject = arena_printf(w->arena, "VB: %s", s->m->subject);
	x.message_id = new_id(w, from);
	x.references = references(w, s->m);
	buf_init(&b, 4 << 20);
	buf_addf(&b, "%s\n\n", or_empty(l->body));
	outlook_block(&b, s, "________________________________\n");
	x.body = buf_take(&b, w->arena);
	send_letter(w, &x);
}

/* bounce of ADDRESS [status 5.1.1] [text "..."]: the newest mail to it comes back. */
void inbound_bounce(struct world *w, const struct line *l)
{
	const char *of = or_empty(word_after(l, "of")), *status = word_after(l, "status");
	const struct sent *s = world_last_to(w, of);
	struct buf b;

	w->event++;
	if (!s) {
		fail_line(w, "no mail to %s that could bounce", of);
		return;
	}
	if (!status)
		status = "5.1.1";
	buf_init(&b, 1 << 20);
	buf_addf(&b,
		"--bnd\nContent-Type: text/plain; charset=utf-8\n\nThe mail could not be "
		"delivered.\n"
		"--bnd\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
		"Final-Recipient: rfc822; %s\nAction: %s\nStatus: %s\n"
		"Diagnostic-Code: smtp; 550 %s no such user\n\n"
		"--bnd\nContent-Type: text/rfc822-headers\n\nFrom: %s\nTo: %s\nMessage-ID: <%s>\n"
		"Subject: x\n\n--bnd--\n",
		of, *status == '4' ? "delayed" : "failed", status, status, s->m->from.address, of,
		s->m->message_id);
	struct letter x = {.from = "mailer-daemon@mx.example",
		.from_name = "Mail Delivery System",
		.to = s->m->reply_to.n ? s->m->reply_to.v[0].address : s->m->from.address,
		.cc = "",
		.subject = "Undelivered Mail Returned to Sender",
		.message_id = new_id(w, "x@mx.example"),
		.in_reply_to = "",
		.references = "",
		.delivered_to = s->m->reply_to.n ? s->m->reply_to.v[0].address : "",
		.headers =
			"Return-Path: <>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
			"Content-Type: multipart/report; report-type=delivery-status; "
			"boundary=bnd\r\n",
		.body = buf_take(&b, w->arena)};
	send_letter(w, &x);
}
