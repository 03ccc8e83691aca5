/* Mail -> JSON, written straight into the output: a tree of it first would cost more than reading the mail.
 * Called by lotsctl and by tests. */
#include "base/prelude.h"

#include "mail/mailjson.h"

#include "base/buf.h"
#include "base/ipc.h"
#include "base/limits.h"

/* A key, and the comma before all but the first of an object. */
static void key(struct buf *out, const char *name)
{
	if (out->len > 0 && out->data[out->len - 1] != '{')
		buf_addch(out, ',');
	buf_addch(out, '"');
	buf_addstr(out, name);
	buf_add(out, "\":", 2);
}

static void escape(struct buf *out, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = strchr(from, c);

	if (at)
		buf_add(out, (const char[]){'\\', to[at - from]}, 2);
	else
		buf_addf(out, "\\u%04X", c);
}

static void string(struct buf *out, const char *s)
{
	buf_addch(out, '"');
	while (*s) {
		size_t n = 0;

		while ((unsigned char)s[n] >= 0x20 && s[n] != '"' && s[n] != '\\')
			n++;
		buf_add(out, s, n);
		s += n;
		if (*s)
			escape(out, (unsigned char)*s++);
	}
	buf_addch(out, '"');
}

static void text(struct buf *out, const char *name, const char *s)
{
	key(out, name);
	string(out, s);
}

static void number(struct buf *out, const char *name, int64_t n)
{
	key(out, name);
	buf_addf(out, "%" PRId64, n);
}

static void flag(struct buf *out, const char *name, bool on)
{
	key(out, name);
	buf_addstr(out, on ? "true" : "false");
}

static void comma(struct buf *out, size_t i)
{
	if (i > 0)
		buf_addch(out, ',');
}

static void strings(struct buf *out, const char *name, const struct mail_strings *s)
{
	key(out, name);
	buf_addch(out, '[');
	for (size_t i = 0; i < s->n; i++) {
		comma(out, i);
		string(out, s->v[i]);
	}
	buf_addch(out, ']');
}

static void address(struct buf *out, const struct mail_address *a)
{
	buf_addch(out, '{');
	text(out, "name", a->name);
	text(out, "address", a->address);
	buf_addch(out, '}');
}

static void addresses(struct buf *out, const char *name, const struct mail_addresses *s)
{
	key(out, name);
	buf_addch(out, '[');
	for (size_t i = 0; i < s->n; i++) {
		comma(out, i);
		address(out, &s->v[i]);
	}
	buf_addch(out, ']');
}

static void attachment(struct buf *out, const struct mail_attachment *a)
{
	buf_addch(out, '{');
	text(out, "name", a->name);
	text(out, "type", a->type);
	text(out, "content_id", a->content_id);
	text(out, "encoding", a->encoding);
	flag(out, "inline", a->is_inline);
	number(out, "size", a->size);
	text(out, "sha256", a->sha256);
	number(out, "raw_offset", a->raw_offset);
	number(out, "raw_length", a->raw_length);
	buf_addch(out, '}');
}

static void attachments(struct buf *out, const struct mail *m)
{
	key(out, "attachments");
	buf_addch(out, '[');
	for (size_t i = 0; i < m->n_attachments; i++) {
		comma(out, i);
		attachment(out, &m->attachments[i]);
	}
	buf_addch(out, ']');
}

static void auth_results(struct buf *out, const struct mail *m)
{
	key(out, "auth_results");
	buf_addch(out, '[');
	for (size_t i = 0; i < m->n_auth_results; i++) {
		comma(out, i);
		buf_addch(out, '{');
		text(out, "value", m->auth_results[i].value);
		number(out, "received_above", (int64_t)m->auth_results[i].received_above);
		buf_addch(out, '}');
	}
	buf_addch(out, ']');
}

static void bounce(struct buf *out, const struct mail_bounce *b)
{
	key(out, "bounce");
	buf_addch(out, '{');
	text(out, "recipient", b->recipient);
	text(out, "status", b->status);
	text(out, "diagnostic", b->diagnostic);
	flag(out, "temporary", b->temporary);
	flag(out, "delivered", b->delivered);
	text(out, "original_id", b->original_id);
	buf_addch(out, '}');
}

static void forward(struct buf *out, const struct mail_forward *f)
{
	key(out, "forward");
	buf_addch(out, '{');
	key(out, "from");
	address(out, &f->from);
	text(out, "subject", f->subject);
	text(out, "text", f->text);
	buf_addch(out, '}');
}

static void head(struct buf *out, const struct mail *m)
{
	text(out, "message_id", m->message_id);
	strings(out, "in_reply_to", &m->in_reply_to);
	strings(out, "references", &m->references);
	flag(out, "has_from", m->has_from);
	flag(out, "from_unclear", m->from_unclear);
	text(out, "from_name", m->from.name);
	text(out, "from_addr", m->from.address);
	addresses(out, "reply_to", &m->reply_to);
	addresses(out, "to", &m->to);
	addresses(out, "cc", &m->cc);
	strings(out, "delivered_to", &m->delivered_to);
	text(out, "return_path", m->return_path);
	number(out, "date_ms", m->date_ms);
	text(out, "subject", m->subject);
	auth_results(out, m);
	strings(out, "received", &m->received);
	text(out, "exchange_auth_as", m->exchange_auth_as);
}

static void rest(struct buf *out, const struct mail *m)
{
	text(out, "auto", mail_auto_id(m->auto_class));
	text(out, "auto_reason", m->auto_reason);
	if (m->auto_class == MAIL_BOUNCE || m->bounce.delivered)
		bounce(out, &m->bounce);
	number(out, "absent_from_ms", m->absent_from_ms);
	number(out, "absent_until_ms", m->absent_until_ms);
	text(out, "language", m->language);
	text(out, "text", m->text);
	text(out, "new_text", m->new_text);
	flag(out, "new_text_is_whole", m->new_text_is_whole);
	flag(out, "answers_inline", m->answers_inline);
	if (m->forward.present)
		forward(out, &m->forward);
	flag(out, "encrypted", m->encrypted);
	flag(out, "signed_smime", m->signed_smime);
	attachments(out, m);
	strings(out, "defects", &m->defects);
	number(out, "size", m->size);
}

void mail_write_json(const struct mail *m, struct buf *out)
{
	buf_addch(out, '{');
	head(out, m);
	rest(out, m);
	buf_addch(out, '}');
}

json_t *mail_to_json(const struct mail *m)
{
	struct buf b;
	json_t *o;

	buf_init(&b, MAX_IPC_PAYLOAD);
	mail_write_json(m, &b);
	o = buf_ok(&b) ? json_loadb(b.data, b.len, 0, NULL) : NULL;
	buf_release(&b);
	return o;
}
