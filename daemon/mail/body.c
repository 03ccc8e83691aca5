/* Body: which parts are read as text, in which order, and what is an attachment.
 *
 * Called by parse.c. RFC 2046 for the kinds of multipart; the rest is what clients do: the plain text
 * of an alternative unless it is a stub, text parts with a file name are attachments, the returned
 * mail of a report is not the sender's text. */
#include "base/prelude.h"

#include "mail/body.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/body_choice.h"
#include "mail/charset.h"
#include "mail/enriched.h"
#include "mail/flowed.h"
#include "mail/html.h"
#include "mail/ics.h"
#include "mail/mime_decode.h"
#include "mail/reply.h"

#define MAX_SNIFF 32768 /* bytes in which tags are looked for when no type is given */
#define REPORT_BYTES (128u << 10)
#define DEFECTS_MAX 32
#define NOTE_LOOKS 4 /* in a mail of many text parts */
#define DECODED_MAX                                                                                \
	(8u << 20)    /* of a mail inside that was encoded and is in memory twice already */
#define HTML_FACTOR 4 /* HTML read for one byte of text allowed */

static void walk(struct body *b, const struct mime *m, size_t index, bool in_related);

void mail_defect(struct arena *arena, struct mail *m, const char *word)
{
	for (size_t i = 0; i < m->defects.n; i++)
		if (strcmp(m->defects.v[i], word) == 0)
			return;
	if (!m->defects.v)
		m->defects.v = arena_array(arena, DEFECTS_MAX, sizeof(*m->defects.v));
	if (m->defects.n < DEFECTS_MAX)
		m->defects.v[m->defects.n++] = word;
}

/* What stands behind an encoded text becomes a paragraph of its own. */
static struct bytes joined(
	struct arena *arena, struct bytes text, struct bytes tail, size_t max, bool *cut)
{
	unsigned char *p = arena_alloc(arena, text.n + tail.n + 3);
	size_t n = text.n;

	memcpy(p, text.p, n);
	memcpy(p + n, "\n\n", 2);
	n += 2;
	memcpy(p + n, tail.p, tail.n);
	n += tail.n;
	*cut = n > max;
	return (struct bytes){p, *cut ? max : n};
}

struct bytes body_decoded(struct body *b, const struct mime_part *p, size_t max)
{
	enum mime_encoding encoding = mime_encoding_of(p->encoding);
	struct bytes in = p->body, tail = {NULL, 0}, out;
	bool cut, is_text = false;

	if (encoding == MIME_BASE64) {
		tail = mime_base64_tail(in);
		in.n -= tail.n;
		is_text = !mime_is_base64(in);
	}
	if (is_text || tail.n)
		mail_defect(b->arena, b->mail, "encoding");
	if (is_text)
		encoding = MIME_IDENTITY;
	out = mime_decode_all(b->arena, encoding, in, max, &cut);
	if (tail.n && !cut)
		out = joined(b->arena, out, tail, max, &cut);
	if (cut)
		mail_defect(b->arena, b->mail, "text-too-large");
	return out;
}

/* A charset named inside the HTML, for parts that do not declare one. */
static char *meta_charset(struct arena *arena, struct bytes in)
{
	size_t n = in.n < 2048 ? in.n : 2048;
	char *head = ascii_lower(
		arena, arena_strndup(arena, (const char *)in.p, strnlen((const char *)in.p, n)));
	char *p = strstr(head, "charset=");

	if (!p)
		return NULL;
	p += 8 + strspn(p + 8, "\"' ");
	return arena_strndup(arena, p, strcspn(p, "\"' ;/>"));
}

static bool param_is(const struct mime_part *p, const char *name, const char *value)
{
	const char *v = header_param_raw(&p->type, name);

	return v && ascii_equal_nocase(v, value);
}

static bool has_tag(const char *s, size_t n, const char *tag)
{
	size_t len = strlen(tag);

	for (const char *p = s; (p = memchr(p, '<', n - (size_t)(p - s))) != NULL; p++)
		if (n - (size_t)(p - s) >= len && strncasecmp(p, tag, len) == 0)
			return true;
	return false;
}

/* A robot's mail without a Content-Type whose text is plainly HTML: it begins with a tag and closes
 * some, or breaks lines by tags. */
static bool is_undeclared_html(const struct mime_part *p)
{
	const char *s = (const char *)p->body.p;
	size_t n = p->body.n < MAX_SNIFF ? p->body.n : MAX_SNIFF, skip = 0;

	if (p->declared)
		return false;
	while (skip < n && strchr(" \t\r\n", s[skip]))
		skip++;
	if (n - skip < 10 || !has_tag(s, n, "</"))
		return false;
	if (s[skip] == '<' && (s[skip + 1] == '!' || (s[skip + 1] | 0x20) >= 'a'))
		return has_tag(s, n, "</div>") || has_tag(s, n, "</p>") ||
		       has_tag(s, n, "</html>") || has_tag(s, n, "</table>") ||
		       has_tag(s, n, "</body>");
	return has_tag(s, n, "<br") && (has_tag(s, n, "</div>") || has_tag(s, n, "</blockquote>"));
}

/* The part as text: charset, flowed and HTML done. */
static char *part_text(struct body *b, const struct mime_part *p)
{
	bool html = mime_is(p, "text/html") || mime_is(p, "application/xhtml+xml") ||
		    is_undeclared_html(p);
	struct bytes in = body_decoded(b, p, html ? HTML_FACTOR * b->text_max : b->text_max);
	const char *charset = header_param_raw(&p->type, "charset");
	bool guessed = false, large = false;
	char *text;

	if (html && (!charset || !*charset))
		charset = meta_charset(b->arena, in);
	text = charset_decode(b->charsets, b->arena, charset, in, &guessed);
	if (guessed && charset && *charset)
		mail_defect(b->arena, b->mail, "charset");
	if (html)
		text = html_to_text(b->arena, text, b->text_max, &large);
	else if (mime_is(p, "text/enriched") || mime_is(p, "text/richtext"))
		text = enriched_to_text(b->arena, text, mime_is(p, "text/richtext"));
	else if (param_is(p, "format", "flowed"))
		text = flowed_join(b->arena, text, param_is(p, "delsp", "yes"));
	if (large)
		mail_defect(b->arena, b->mail, "text-too-large");
	return text;
}

void body_add_text(struct body *b, const char *text)
{
	size_t n = strlen(text), room = b->text_max - b->text.len;

	if (text_is_blank(text) && b->text.len)
		return;
	if (b->text.len && room > 1) {
		buf_addstr(&b->text, b->text.data[b->text.len - 1] == '\n' ? "\n" : "\n\n");
		room = b->text_max - b->text.len;
	}
	if (n > room) {
		mail_defect(b->arena, b->mail, "text-too-large");
		while (room > 0 && ((unsigned char)text[room] & 0xc0) == 0x80)
			room--;
		n = room;
	}
	buf_add(&b->text, text, n);
}

static bool has_file_name(const struct mime_part *p)
{
	for (size_t i = 0; i < p->disposition.n; i++)
		if (strncmp(p->disposition.v[i].name, "filename", 8) == 0)
			return true;
	for (size_t i = 0; i < p->type.n; i++)
		if (strncmp(p->type.v[i].name, "name", 4) == 0)
			return true;
	return false;
}

/* Text that stands in the mail itself. A named text is a file, unless it is the first text of the
 * mail and nothing calls it an attachment (some clients name the body). */
static bool is_body_text(const struct body *b, const struct mime_part *p)
{
	if (!mime_is(p, "text/plain") && !mime_is(p, "text/html") &&
		!mime_is(p, "application/xhtml+xml"))
		return false;
	if (strcmp(p->disposition.value, "attachment") == 0)
		return false;
	if (!has_file_name(p))
		return true;
	return p->disposition.value[0] == '\0' && b->text.len == 0;
}

/* Text of another kind (enriched, markdown, a type that nobody knows): not a file, and better shown than
 * an empty mail. */
static bool is_other_text(const struct mime_part *p)
{
	static const char *const data[] = {"text/plain", "text/html", "text/calendar", "text/vcard",
		"text/x-vcard", "text/directory", "text/rfc822-headers", "text/rfc822-header",
		"text/css", "text/x-amp-html", "text/watch-html"};

	if (!mime_is(p, "text/") || has_file_name(p) ||
		strcmp(p->disposition.value, "attachment") == 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(data); i++)
		if (mime_is(p, data[i]))
			return false;
	return true;
}

static void read_calendar(struct body *b, const struct mime_part *p)
{
	struct bytes in = body_decoded(b, p, b->text_max);
	char *text = charset_decode(
		b->charsets, b->arena, header_param_raw(&p->type, "charset"), in, NULL);
	char *line = ics_line(b->arena, text);

	/* The same invitation usually comes twice: as an alternative and as a file. */
	if (!*line || strstr(b->calendar.data, line))
		return;
	buf_addstr(&b->calendar, line);
	buf_addch(&b->calendar, '\n');
}

static char *report_text(struct body *b, const struct mime_part *p)
{
	struct bytes in = body_decoded(b, p, REPORT_BYTES);

	return charset_decode(
		b->charsets, b->arena, header_param_raw(&p->type, "charset"), in, NULL);
}

/* The second part of a delivery report that somebody on the way calls mere text. */
static bool is_unnamed_status(const struct body *b, const struct mime_part *p)
{
	static const char field[] = "Reporting-MTA:";

	return b->text.len > 0 && strcmp(b->report.report_type, "delivery-status") == 0 &&
	       mime_is(p, "text/plain") && p->body.n > sizeof(field) &&
	       strncasecmp((const char *)p->body.p, field, sizeof(field) - 1) == 0;
}

/* The machine-readable parts of RFC 3462 reports, wherever they stand. The first of each counts. */
static void read_report(struct body *b, const struct mime_part *p)
{
	struct mail_report *r = &b->report;

	if (!*r->report_type && mime_is(p, "message/feedback-report"))
		r->report_type = "feedback-report";
	if (!*r->report_type && mime_is(p, "message/disposition-notification"))
		r->report_type = "disposition-notification";
	if (!*r->delivery_status &&
		(mime_is(p, "message/delivery-status") ||
			mime_is(p, "message/global-delivery-status") || is_unnamed_status(b, p)))
		r->delivery_status = report_text(b, p);
	else if (!*r->disposition && (mime_is(p, "message/disposition-notification") ||
					     mime_is(p, "message/global-disposition-notification")))
		r->disposition = report_text(b, p);
	else if (!*r->original_header &&
		 (mime_is(p, "text/rfc822-headers") || mime_is(p, "text/rfc822-header") ||
			 mime_is(p, "message/rfc822") || mime_is(p, "message/global")))
		r->original_header = report_text(b, p);
}

/* What follows the text itself was put there by a list or a gateway. What follows a gateway's note, in a
 * part of its own in front, is the text. */
static bool text_goes_on(struct body *b)
{
	return !b->text_closed || text_is_blank(b->text.data) ||
	       (b->note_looks++ < NOTE_LOOKS && reply_is_banner(b->arena, b->text.data));
}

static void walk_leaf(struct body *b, const struct mime_part *p, bool in_related)
{
	if (mime_is(p, "text/calendar") || mime_is(p, "application/ics"))
		read_calendar(b, p);
	if (mime_is(p, "message/") || mime_is(p, "text/"))
		read_report(b, p);
	if (is_body_text(b, p) && !in_related && text_goes_on(b)) {
		body_add_text(b, part_text(b, p));
		b->text_closed = true;
		if (mime_is(p, "text/plain"))
			body_attach_uu(b, p);
		/* Named, it is wanted as a file as well. */
		if (has_file_name(p))
			body_attach(b, p, false);
		return;
	}
	if (is_other_text(p) && !in_related && text_is_blank(b->text.data)) {
		body_add_text(b, part_text(b, p));
		b->text_closed = true;
		return;
	}
	/* What follows a picture or a file goes on with the text. */
	if (!mime_is(p, "text/plain") && !mime_is(p, "text/html"))
		b->text_closed = false;
	if (body_unwrap_tnef(b, p))
		return;
	body_unwrap_smime(b, p);
	body_attach(b, p, in_related);
}

/* The kind of text the best leaf below gives: 3 plain, 2 HTML, 1 other text, 0 none. */
static int text_rank(const struct mime *m, size_t index)
{
	int best = 0;

	for (size_t i = index; i < m->v[index].end; i++) {
		const struct mime_part *p = &m->v[i];
		int rank = 0;

		if (p->multipart || strcmp(p->disposition.value, "attachment") == 0)
			continue;
		if (mime_is(p, "text/plain"))
			rank = 3;
		else if (mime_is(p, "text/html") || mime_is(p, "application/xhtml+xml"))
			rank = 2;
		else if (mime_is(p, "text/"))
			rank = 1;
		best = rank > best ? rank : best;
	}
	return best;
}

/* Reads one child of an alternative as if alone; the text so far stays in front. Gives its own text. */
static char *try_child(struct body *b, const struct mime *m, size_t child)
{
	struct buf before = b->text;
	bool closed = b->text_closed;
	char *own;

	buf_init(&b->text, b->text_max + 16);
	b->text_closed = false;
	walk(b, m, child, false);
	own = buf_take(&b->text, b->arena);
	b->text = before;
	b->text_closed = closed;
	return own;
}

/* What an alternative that was not chosen holds besides text: pictures, invitations. */
static void walk_unchosen(struct body *b, const struct mime *m, size_t index)
{
	for (size_t i = index; i < m->v[index].end; i++) {
		const struct mime_part *p = &m->v[i];

		if (p->multipart || p->message || is_body_text(b, p) || is_other_text(p))
			continue;
		walk_leaf(b, p, i > index && mime_is(&m->v[p->parent], "multipart/related"));
	}
}

static void walk_alternative(struct body *b, const struct mime *m, size_t index)
{
	size_t plain = 0, html = 0;
	char *text = "", *other;

	for (size_t i = index + 1; i < m->v[index].end; i = m->v[i].end) {
		int rank = text_rank(m, i);

		if (rank == 3 && !plain)
			plain = i;
		else if (rank == 2 || (rank == 1 && !html))
			html = i;
	}
	/* Both are walked whole, because each may hold pictures and files. */
	if (plain)
		text = try_child(b, m, plain);
	if (html) {
		other = try_child(b, m, html);
		if (!plain || body_html_is_better(b->arena, text, other))
			text = other;
	}
	for (size_t i = index + 1; i < m->v[index].end; i = m->v[i].end)
		if (i != plain && i != html)
			walk_unchosen(b, m, i);
	body_add_text(b, text);
	b->text_closed = true;
}

static void walk_related(struct body *b, const struct mime *m, size_t index)
{
	const char *start = header_param_raw(&m->v[index].type, "start");
	size_t root = index + 1;

	for (size_t i = index + 1; start && i < m->v[index].end; i = m->v[i].end) {
		const char *id = header_get(&m->v[i].header, "Content-ID", 0);

		if (id && strcmp(id, start) == 0)
			root = i;
	}
	/* The root may be a picture when the text is elsewhere (Apple Mail): then all are equal. */
	for (size_t i = index + 1; i < m->v[index].end; i = m->v[i].end)
		walk(b, m, i, i != root && text_rank(m, root) > 0);
}

static void walk_message(struct body *b, const struct mime *m, size_t index)
{
	const struct mime_part *p = &m->v[index];

	read_report(b, p);
	body_attach(b, p, false);
	/* The files of a forwarded mail are of use; those of a returned one are our own. */
	if (*b->report.delivery_status || *b->report.disposition)
		return;
	walk_unchosen(b, m, index + 1);
}

static void walk(struct body *b, const struct mime *m, size_t index, bool in_related)
{
	const struct mime_part *p = &m->v[index];

	if (p->message) {
		walk_message(b, m, index);
	} else if (!p->multipart) {
		if (mime_is(p, "multipart/")) { /* without parts: what stands there is text */
			if (p->body.n)
				body_add_text(b, part_text(b, p));
		} else {
			walk_leaf(b, p, in_related);
		}
	} else if (mime_is(p, "multipart/alternative")) {
		walk_alternative(b, m, index);
	} else if (mime_is(p, "multipart/related")) {
		walk_related(b, m, index);
	} else {
		if (mime_is(p, "multipart/encrypted"))
			b->mail->encrypted = true;
		for (size_t i = index + 1; i < p->end; i = m->v[i].end)
			walk(b, m, i, in_related);
	}
}

void body_read_nested(struct body *b, struct bytes entity)
{
	struct header header;
	struct mime mime;

	header_parse(b->arena, entity, b->limits.header_bytes, &header);
	mime_read(b->arena, entity, &header, &b->limits, &mime);
	walk(b, &mime, 0, false);
}

/* The mail has no text but a file that is to be shown: some clients send the text so. */
static void read_inline_file(struct body *b, const struct mime *m)
{
	for (size_t i = 0; i < m->n; i = m->v[i].message ? m->v[i].end : i + 1) {
		const struct mime_part *p = &m->v[i];

		if (p->multipart || p->message || strcmp(p->disposition.value, "inline") != 0 ||
			(!mime_is(p, "text/plain") && !mime_is(p, "text/html")))
			continue;
		body_add_text(b, part_text(b, p));
		return;
	}
}

/* Its attachments are listed already, and what it says of itself is nothing that this mail says. */
static char *text_inside(struct body *b, const struct mime *m, size_t index)
{
	struct mail_report report = b->report;
	size_t n = b->mail->n_attachments, calendar = b->calendar.len;
	char *text = try_child(b, m, index);

	b->report = report;
	b->mail->n_attachments = n;
	if (b->calendar.len > calendar)
		buf_truncate(&b->calendar, calendar);
	return text;
}

static bool is_stretch(const struct body *b, const struct mime_part *p)
{
	return p->body.p >= b->raw.p && p->body.p + p->body.n <= b->raw.p + b->raw.n;
}

char *body_nested_text(struct body *b, const struct mime *mime, const struct header **header)
{
	size_t found = 0, count = 0;

	if (*b->report.report_type)
		return NULL;
	for (size_t i = 0; i < mime->n; i = mime->v[i].message ? mime->v[i].end : i + 1) {
		const struct mime_part *p = &mime->v[i];

		if (mime_is(p, "message/delivery-status") ||
			mime_is(p, "message/disposition-notification"))
			return NULL;
		if (!p->message || i + 1 >= mime->n)
			continue;
		found = i + 1;
		count++;
	}
	if (count != 1 || (mime->v[found].body.n > DECODED_MAX && !is_stretch(b, &mime->v[found])))
		return NULL;
	*header = &mime->v[found].header;
	return text_inside(b, mime, found);
}

void body_read(struct body *b, const struct mime *mime)
{
	const char *report_type = header_param_raw(&mime->v[0].type, "report-type");

	b->report = (struct mail_report){"", "", "", ""};
	if (mime_is(&mime->v[0], "multipart/report") && report_type)
		b->report.report_type = ascii_lower(b->arena, report_type);
	walk(b, mime, 0, false);
	if (text_is_blank(b->text.data) && !*b->report.delivery_status)
		read_inline_file(b, mime);
	if (b->calendar.len)
		body_add_text(b, b->calendar.data);
	if (mime->too_many)
		mail_defect(b->arena, b->mail, "parts");
	if (mime->too_deep)
		mail_defect(b->arena, b->mail, "depth");
	if (mime->broken)
		mail_defect(b->arena, b->mail, "mime-broken");
	if (mime->large_header)
		mail_defect(b->arena, b->mail, "part-header-too-large");
}
