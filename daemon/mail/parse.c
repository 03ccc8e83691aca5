/* Parse: one raw mail -> struct mail.
 *
 * Called in the caged parser process and by tests. Reads the header, has the parts read (mime.c,
 * body.c), then asks for the sender's own words (reply.h) and the kind of mail (auto.h). Decides
 * nothing about trust: who the sender is must be settled from what is handed over. */
#include "base/prelude.h"

#include "mail/parse.h"

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/auto.h"
#include "mail/body.h"
#include "mail/charset.h"
#include "mail/reply.h"

#define RECEIVED_MAX 200
#define AUTH_RESULTS_MAX 50
#define DELIVERED_MAX 20
#define LEAD_MAX 1024	       /* bytes before the first field that are passed over */
#define CR_LOOK 16384	       /* bytes in which line ends are counted */
#define CR_MAIL_MAX (8u << 20) /* larger mail is not copied for its line ends */

struct parser {
	struct arena *arena;
	struct charsets *cs;
	struct header header;
	struct mail *m;
	size_t addresses_left;
};

static size_t limit(size_t wanted, size_t max)
{
	return wanted > 0 && wanted < max ? wanted : max;
}

static const char *field(const struct parser *p, const char *name)
{
	const char *v = header_get(&p->header, name, 0);

	return v ? v : "";
}

static char *clean_line(struct parser *p, const char *v)
{
	return charset_decode(
		p->cs, p->arena, NULL, (struct bytes){(const unsigned char *)v, strlen(v)}, NULL);
}

/* All mailboxes of all fields of that name, within what is left of the mail's allowance. */
static void read_addresses(struct parser *p, const char *name, struct mail_addresses *out)
{
	for (size_t i = 0; i < p->header.n; i++) {
		size_t before = out->n;

		if (!ascii_equal_nocase(p->header.v[i].name, name))
			continue;
		if (!header_addresses(
			    p->arena, p->cs, p->header.v[i].value, before + p->addresses_left, out))
			mail_defect(p->arena, p->m, "addresses");
		p->addresses_left -= out->n - before;
	}
}

/* Addresses only: a mailbox that has none says nothing about where to write. */
static void drop_empty(struct mail_addresses *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		if (*a->v[i].address)
			a->v[n++] = a->v[i];
	a->n = n;
}

static void read_from(struct parser *p)
{
	struct mail_addresses from = {NULL, 0};
	struct mail *m = p->m;

	m->from = (struct mail_address){"", ""};
	read_addresses(p, "From", &from);
	if (from.n == 1) /* a name without address says who, though nothing can be sent there */
		m->from.name = from.v[0].name;
	drop_empty(&from);
	m->has_from = header_count(&p->header, "From") == 1 && from.n == 1;
	if (m->has_from)
		m->from = from.v[0];
	m->from_unclear =
		m->has_from &&
		(p->header.had_nul || !header_from_is_exact(field(p, "From"), m->from.address));
	if (!m->has_from)
		mail_defect(p->arena, m, from.n > 1 ? "several-from" : "no-from");
}

static void push_string(struct arena *arena, struct mail_strings *s, size_t max, const char *v)
{
	if (!s->v)
		s->v = arena_array(arena, max, sizeof(*s->v));
	if (s->n < max)
		s->v[s->n++] = v;
}

static void read_delivered(struct parser *p)
{
	static const char *const names[] = {
		"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To"};

	for (size_t i = 0; i < p->header.n; i++) {
		for (size_t k = 0; k < ARRAY_LEN(names); k++) {
			struct mail_addresses a = {NULL, 0};

			if (!ascii_equal_nocase(p->header.v[i].name, names[k]))
				continue;
			(void)header_addresses(
				p->arena, p->cs, p->header.v[i].value, DELIVERED_MAX, &a);
			for (size_t j = 0; j < a.n; j++)
				if (*a.v[j].address)
					push_string(p->arena, &p->m->delivered_to, DELIVERED_MAX,
						a.v[j].address);
		}
	}
}

static void read_return_path(struct parser *p)
{
	const char *v = header_get(&p->header, "Return-Path", 0);
	struct mail_addresses a = {NULL, 0};

	p->m->return_path = "";
	if (!v)
		return;
	v += strspn(v, " \t");
	if (strncmp(v, "<>", 2) == 0) {
		p->m->return_path = "<>";
		return;
	}
	(void)header_addresses(p->arena, p->cs, v, 1, &a);
	if (a.n)
		p->m->return_path = a.v[0].address;
}

/* The order of Received and Authentication-Results is what trust is judged by. */
static void read_trace(struct parser *p)
{
	struct mail *m = p->m;
	size_t received = 0;

	m->auth_results = arena_array(p->arena, AUTH_RESULTS_MAX, sizeof(*m->auth_results));
	for (size_t i = 0; i < p->header.n; i++) {
		const char *name = p->header.v[i].name;

		if (ascii_equal_nocase(name, "Received")) {
			received++;
			push_string(p->arena, &m->received, RECEIVED_MAX,
				clean_line(p, p->header.v[i].value));
		} else if (ascii_equal_nocase(name, "Authentication-Results") &&
			   m->n_auth_results < AUTH_RESULTS_MAX) {
			m->auth_results[m->n_auth_results].value =
				clean_line(p, p->header.v[i].value);
			m->auth_results[m->n_auth_results++].received_above = received;
		}
	}
}

static void read_ids(struct parser *p)
{
	struct mail *m = p->m;

	m->message_id = header_id(p->arena, field(p, "Message-ID"));
	for (size_t i = 0; i < p->header.n; i++) {
		const struct header_field *f = &p->header.v[i];

		if (ascii_equal_nocase(f->name, "In-Reply-To"))
			header_ids(p->arena, f->value, MAX_REFERENCES, &m->in_reply_to);
		else if (ascii_equal_nocase(f->name, "References"))
			header_ids(p->arena, f->value, MAX_REFERENCES, &m->references);
	}
}

static void read_header(struct parser *p)
{
	struct mail *m = p->m;

	read_ids(p);
	read_from(p);
	read_addresses(p, "Reply-To", &m->reply_to);
	read_addresses(p, "To", &m->to);
	read_addresses(p, "Cc", &m->cc);
	drop_empty(&m->reply_to);
	drop_empty(&m->to);
	drop_empty(&m->cc);
	read_delivered(p);
	read_return_path(p);
	read_trace(p);
	m->subject = header_text(p->arena, p->cs, field(p, "Subject"), MAX_SUBJECT_BYTES);
	/* Some gateways encode what is encoded already. */
	if (strncmp(m->subject, "=?", 2) == 0)
		m->subject = header_text(p->arena, p->cs, m->subject, MAX_SUBJECT_BYTES);
	m->exchange_auth_as = clean_line(p, field(p, "X-MS-Exchange-Organization-AuthAs"));
	if (!date_parse_rfc5322(field(p, "Date"), &m->date_ms)) {
		m->date_ms = 0;
		mail_defect(p->arena, m, "no-date");
	}
}

/* A charset that the mail itself names: of its first text with one, else of an encoded word. */
static void set_hint(struct parser *p, const struct mime *mime)
{
	const char *subject = strstr(field(p, "Subject"), "=?");

	charset_hint(p->cs, NULL);
	for (size_t i = 0; i < mime->n; i++) {
		const char *name = header_param_raw(&mime->v[i].type, "charset");

		if (name && mime_is(&mime->v[i], "text/") &&
			!ascii_equal_nocase(name, "us-ascii")) {
			charset_hint(p->cs, name);
			return;
		}
	}
	if (subject)
		charset_hint(
			p->cs, arena_strndup(p->arena, subject + 2, strcspn(subject + 2, "?*")));
}

static void header_defects(struct parser *p)
{
	if (p->header.too_large)
		mail_defect(p->arena, p->m, "header-too-large");
	if (p->header.had_nul)
		mail_defect(p->arena, p->m, "header-nul");
	if (p->header.no_separator || p->header.no_fields)
		mail_defect(p->arena, p->m, "header-broken");
}

static bool is_plain(const char *v)
{
	for (; *v; v++)
		if ((unsigned char)*v >= 0x7f || (unsigned char)*v < 0x20 ||
			(*v == '=' && v[1] == '?'))
			return false;
	return true;
}

static void classify(struct parser *p, const struct mail_report *report)
{
	size_t n = p->header.n;
	struct mail_header *h = arena_array(p->arena, n ? n : 1, sizeof(*h));

	for (size_t i = 0; i < n; i++) {
		const struct header_field *f = &p->header.v[i];

		h[i].name = f->name;
		h[i].value = is_plain(f->value)
				     ? f->value
				     : header_text(p->arena, p->cs, f->value, MAX_HEADER_BYTES);
	}
	auto_classify(p->arena, p->m, h, n, report);
}

static void read_words(struct parser *p)
{
	struct reply_text reply = {.new_text = ""};
	struct mail *m = p->m;

	reply_split(p->arena, m->text, m->subject, &reply);
	m->new_text = reply.new_text;
	m->new_text_is_whole = reply.is_whole;
	m->answers_inline = reply.answers_inline;
	m->forward = reply.forward;
	if (!m->forward.present)
		m->forward = (struct mail_forward){false, {"", ""}, "", ""};
	m->language = language_guess(p->arena, m->new_text);
	if (m->language[0] == '\0')
		m->language = language_guess(p->arena, m->text);
}

static bool holds_mail(const struct mime *mime)
{
	for (size_t i = 0; i < mime->n; i++) {
		if (mime->v[i].message)
			return true;
	}
	return false;
}

/* A mail forwarded as an attachment, with or without words of the sender's; or one that a gateway has put
 * behind a note of its own. */
static void read_nested(struct parser *p, struct body *b, const struct mime *mime)
{
	struct mail *m = p->m;
	struct mail_addresses from = {NULL, 0};
	const struct header *header = NULL;
	const char *value;
	char *text;
	bool note;

	if (m->forward.present || !holds_mail(mime))
		return;
	note = reply_is_banner(p->arena, m->text);
	if (!note && !text_is_blank(m->text) && !subject_is_forward(m->subject))
		return;
	text = body_nested_text(b, mime, &header);
	if (!text || text_is_blank(text))
		return;
	value = header_get(header, "From", 0);
	if (value)
		(void)header_addresses(p->arena, p->cs, value, 1, &from);
	value = header_get(header, "Subject", 0);
	m->forward = (struct mail_forward){.present = true,
		.from = from.n ? from.v[0] : (struct mail_address){"", ""},
		.subject = value ? header_text(p->arena, p->cs, value, MAX_SUBJECT_BYTES) : "",
		.text = text};
	if (!note && !text_is_blank(m->text))
		return;
	m->text = note ? arena_printf(p->arena, "%s\n\n%s", m->text, text) : text;
	m->new_text = text;
	m->new_text_is_whole = true;
	m->language = language_guess(p->arena, text);
}

static void set_absent(struct mail *m)
{
	m->auto_class = MAIL_PERSON;
	m->auto_reason = "";
	m->bounce = (struct mail_bounce){
		.recipient = "", .status = "", .diagnostic = "", .original_id = ""};
	m->text = m->new_text = m->language = "";
	m->size = 0;
}

/* Do the lines end at CR alone, as old Macs wrote them? Those that servers put on top do not. */
static bool has_cr_lines(struct bytes raw)
{
	size_t lone = 0, feeds = 0;

	if (!memchr(raw.p, '\r', raw.n < CR_LOOK ? raw.n : CR_LOOK))
		return false;
	for (size_t i = 0; i < raw.n && i < CR_LOOK; i++) {
		feeds += raw.p[i] == '\n';
		lone += raw.p[i] == '\r' && i + 1 < raw.n && raw.p[i + 1] != '\n' &&
			raw.p[i + 1] != '\r';
	}
	return lone > 0 && lone >= 2 * feeds;
}

/* Mail whose lines end at CR alone: the readers of structure know LF. Of the same length, so that the
 * places of attachments hold for the raw mail as well. */
static struct bytes with_line_ends(struct arena *arena, struct bytes raw)
{
	unsigned char *copy;

	if (raw.n == 0 || raw.n > CR_MAIL_MAX || !has_cr_lines(raw))
		return raw;
	copy = arena_array(arena, raw.n, 1);
	for (size_t i = 0; i < raw.n; i++)
		copy[i] = raw.p[i] == '\r' && (i + 1 == raw.n || raw.p[i + 1] != '\n') ? '\n'
										       : raw.p[i];
	return (struct bytes){copy, raw.n};
}

/* What stands before the first field of some mail: a byte order mark, empty lines, blanks. Only where a field
 * follows; a mail of text alone is left as it is. */
static struct bytes from_first_field(struct bytes raw)
{
	size_t at = raw.n >= 3 && memcmp(raw.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0, end;

	while (at < raw.n && at < LEAD_MAX && raw.p[at] && strchr(" \t\r\n", raw.p[at]))
		at++;
	for (end = at; end < raw.n && raw.p[end] > ' ' && raw.p[end] < 0x7f; end++)
		if (raw.p[end] == ':')
			return (struct bytes){raw.p + at, raw.n - at};
	return raw;
}

struct mail *mail_parse(struct arena *arena, struct bytes raw, const struct mail_limits *limits,
	struct charsets *charsets)
{
	struct mail *m = arena_new_of(arena, struct mail);
	struct parser p = {.arena = arena, .cs = charsets, .m = m};
	struct body body = {.arena = arena, .charsets = charsets, .mail = m};
	struct mime mime;

	body.raw = with_line_ends(arena, raw);
	raw = from_first_field(body.raw);
	set_absent(m);
	m->size = (int64_t)body.raw.n;
	body.limits.header_bytes = limit(limits->header_bytes, MAX_HEADER_BYTES);
	body.limits.parts = limit(limits->parts, MAX_MIME_PARTS);
	body.limits.depth = limit(limits->depth, MAX_MIME_DEPTH);
	body.text_max = limit(limits->text_bytes, MAX_TEXT_BYTES);
	p.addresses_left = limit(limits->addresses, MAX_ADDRESSES);

	header_parse(arena, raw, body.limits.header_bytes, &p.header);
	header_defects(&p);
	mime_read(arena, raw, &p.header, &body.limits, &mime);
	set_hint(&p, &mime);
	read_header(&p);
	buf_init(&body.text, body.text_max + 16);
	buf_init(&body.calendar, 64u << 10);
	body_read(&body, &mime);
	m->text = buf_take(&body.text, arena);
	read_words(&p);
	read_nested(&p, &body, &mime);
	buf_release(&body.calendar);
	classify(&p, &body.report);
	return m;
}
