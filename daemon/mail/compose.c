/* Compose: puts one message together: header, then text/plain alone, or multipart/alternative with
 * HTML, or both inside multipart/mixed with attachments. Called by app's delivery at the first claim
 * of an outbox row; the bytes are then frozen. Reads no clock: equal input gives equal bytes. */
#include "base/prelude.h"

#include "mail/compose.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/compose_parts.h"

#define REFERENCES_OUT 20 /* the first, and the last 19: enough for every client's thread */

struct making {
	struct arena *arena;
	const struct compose *c;
	struct buf *out;
	char seed[33]; /* of the boundaries */
};

/* Also not what a reader could take for an encoded word. */
static bool is_sendable(const char *address)
{
	return address_envelope_ok(address) && !strstr(address, "=?");
}

static const char *check(const struct compose *c)
{
	if (!is_sendable(c->from.address) || !is_sendable(c->to.address))
		return "an address cannot stand in an envelope";
	if (c->reply_to && *c->reply_to && !is_sendable(c->reply_to))
		return "an address cannot stand in an envelope";
	if (!field_id_ok(c->message_id))
		return "the Message-ID is no id";
	return NULL;
}

static void put_references(struct making *m)
{
	const char *ids[REFERENCES_OUT];
	const struct mail_strings *r = &m->c->references;
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++) {
		if (!field_id_ok(r->v[i]))
			continue;
		if (n == REFERENCES_OUT) {
			memmove(ids + 1, ids + 2, (REFERENCES_OUT - 2) * sizeof(*ids));
			n--;
		}
		ids[n++] = r->v[i];
	}
	field_ids(m->out, "References", ids, n);
}

static bool is_language(const char *s)
{
	size_t n = s ? strlen(s) : 0;
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
			    (s[i] >= '0' && s[i] <= '9') || (s[i] == '-' && i > 0 && i + 1 < n)))
			return false;
	return n >= 2 && n <= 35;
}

static bool is_field_name(const char *s)
{
	for (const char *p = s; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || *p == ':')
			return false;
	return *s && strlen(s) < 50;
}

static void put_header(struct making *m)
{
	static const struct zone utc = {.std_name = "UTC"};
	const struct compose *c = m->c;
	char date[DATE_RFC5322_SIZE];
	date_format_rfc5322(date, c->date_ms, c->zone ? c->zone : &utc);
	buf_addf(m->out, "Date: %s\r\n", date);
	field_mailbox(m->out, m->arena, "From", &c->from);
	field_mailbox(m->out, m->arena, "To", &c->to);
	if (c->reply_to && *c->reply_to)
		buf_addf(m->out, "Reply-To: %s\r\n", c->reply_to);
	field_text(m->out, m->arena, "Subject",
		utf8_shorten(m->arena, c->subject ? c->subject : "", MAX_SUBJECT_BYTES));
	buf_addf(m->out, "Message-ID: <%s>\r\n", c->message_id);
	if (c->in_reply_to)
		field_ids(m->out, "In-Reply-To", &c->in_reply_to, 1);
	put_references(m);
	for (size_t i = 0; i < c->n_headers; i++)
		if (is_field_name(c->headers[i].name))
			field_text(m->out, m->arena, c->headers[i].name, c->headers[i].value);
	if (is_language(c->language))
		buf_addf(m->out, "Content-Language: %s\r\n", c->language);
	buf_addstr(m->out, "MIME-Version: 1.0\r\n");
}

/* Quoted-printable reads well and is short for Latin text; base64 is shorter for the rest. */
static void put_text(struct making *m, const char *type, const char *text)
{
	const char *clean = utf8_clean(m->arena, text, strlen(text));
	size_t n = strlen(clean), high = 0;
	for (size_t i = 0; i < n; i++)
		high += (unsigned char)clean[i] >= 0x80;
	bool base64 = high > n / 4;
	buf_addf(m->out, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: %s\r\n\r\n",
		type, base64 ? "base64" : "quoted-printable");
	if (base64)
		body_base64(m->out, clean, n);
	else
		body_quoted_printable(m->out, clean);
}

static void put_boundary(struct making *m, const char *which, const char *end)
{
	/* "=_" cannot occur in quoted-printable or base64, so no body can hold it. */
	buf_addf(m->out, "--=_lots-%s-%s%s\r\n", m->seed, which, end);
}

static void put_multipart(struct making *m, const char *subtype, const char *which)
{
	buf_addf(m->out, "Content-Type: multipart/%s;\r\n boundary=\"=_lots-%s-%s\"\r\n\r\n",
		subtype, m->seed, which);
}

static void put_alternative(struct making *m)
{
	if (!m->c->html || !*m->c->html) {
		put_text(m, "text/plain", m->c->text);
		return;
	}
	put_multipart(m, "alternative", "alt");
	put_boundary(m, "alt", "");
	put_text(m, "text/plain", m->c->text);
	put_boundary(m, "alt", "");
	put_text(m, "text/html", m->c->html);
	put_boundary(m, "alt", "--");
}

/* "image/png" as it is; what base64 must not carry (multipart, message) or is no type: bytes. */
static const char *safe_type(struct arena *arena, const char *type)
{
	static const char other[] = "application/octet-stream";
	const char *lower = ascii_lower(arena, type ? type : "");
	size_t n = strlen(lower), slashes = 0;
	for (size_t i = 0; i < n; i++) {
		bool plain = (lower[i] >= 'a' && lower[i] <= 'z') ||
			     (lower[i] >= '0' && lower[i] <= '9') || strchr("-+._", lower[i]);
		slashes += lower[i] == '/';
		if (!plain && lower[i] != '/')
			return other;
	}
	if (slashes != 1 || n > 70 || n < 3 || lower[0] == '/' || lower[n - 1] == '/' ||
		strncmp(lower, "multipart/", 10) == 0 || strncmp(lower, "message/", 8) == 0)
		return other;
	return lower;
}

static void put_attachment(struct making *m, const struct compose_attachment *a)
{
	const char *name = a->name ? a->name : "";
	name = text_trim(m->arena, utf8_clean_line(m->arena, name, strlen(name)));
	name = utf8_shorten(m->arena, name, MAX_NAME_BYTES);
	buf_addf(m->out, "Content-Type: %s\r\nContent-Disposition: attachment",
		safe_type(m->arena, a->type));
	if (*name)
		field_parameter(m->out, "filename", name);
	buf_addstr(m->out, "\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	body_base64(m->out, a->content.p, a->content.n);
}

int compose_mail(struct arena *arena, const struct compose *c, struct buf *out, const char **error)
{
	struct making m = {arena, c, out, ""};
	unsigned char digest[SHA256_BYTES];
	*error = check(c);
	if (*error)
		return -1;
	sha256(c->message_id, strlen(c->message_id), digest);
	hex_encode(m.seed, digest, 16);
	put_header(&m);
	if (c->n_attachments == 0) {
		put_alternative(&m);
	} else {
		put_multipart(&m, "mixed", "mix");
		put_boundary(&m, "mix", "");
		put_alternative(&m);
		for (size_t i = 0; i < c->n_attachments; i++) {
			put_boundary(&m, "mix", "");
			put_attachment(&m, &c->attachments[i]);
		}
		put_boundary(&m, "mix", "--");
	}
	if (!buf_ok(out)) {
		*error = "the message is too large";
		return -1;
	}
	return 0;
}
