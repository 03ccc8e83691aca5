/* Mail -> JSON, and back in mailjson_read.c. The parser process writes it; `lotsctl parse --json` prints
 * it. */
#include "base/prelude.h"

#include "mail/mailjson.h"

static json_t *strings(const struct mail_strings *s)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(a, json_string(s->v[i]));
	return a;
}

static json_t *address(const struct mail_address *a)
{
	return json_pack("{s:s, s:s}", "name", a->name, "address", a->address);
}

static json_t *addresses(const struct mail_addresses *s)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(a, address(&s->v[i]));
	return a;
}

static json_t *attachments(const struct mail *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->n_attachments; i++) {
		const struct mail_attachment *t = &m->attachments[i];

		json_array_append_new(
			a, json_pack("{s:s, s:s, s:s, s:s, s:b, s:I, s:s, s:I, s:I}", "name",
				   t->name, "type", t->type, "content_id", t->content_id,
				   "encoding", t->encoding, "inline", (int)t->is_inline, "size",
				   (json_int_t)t->size, "sha256", t->sha256, "raw_offset",
				   (json_int_t)t->raw_offset, "raw_length",
				   (json_int_t)t->raw_length));
	}
	return a;
}

static json_t *auth_results(const struct mail *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->n_auth_results; i++)
		json_array_append_new(a,
			json_pack("{s:s, s:I}", "value", m->auth_results[i].value, "received_above",
				(json_int_t)m->auth_results[i].received_above));
	return a;
}

static json_t *bounce(const struct mail_bounce *b)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:s}", "recipient", b->recipient, "status",
		b->status, "diagnostic", b->diagnostic, "temporary", (int)b->temporary, "delivered",
		(int)b->delivered, "original_id", b->original_id);
}

static json_t *forward(const struct mail_forward *f)
{
	return json_pack("{s:o, s:s, s:s}", "from", address(&f->from), "subject", f->subject,
		"text", f->text);
}

static void set_head(json_t *o, const struct mail *m)
{
	json_object_set_new(o, "message_id", json_string(m->message_id));
	json_object_set_new(o, "in_reply_to", strings(&m->in_reply_to));
	json_object_set_new(o, "references", strings(&m->references));
	json_object_set_new(o, "has_from", json_boolean(m->has_from));
	json_object_set_new(o, "from_unclear", json_boolean(m->from_unclear));
	json_object_set_new(o, "from_name", json_string(m->from.name));
	json_object_set_new(o, "from_addr", json_string(m->from.address));
	json_object_set_new(o, "reply_to", addresses(&m->reply_to));
	json_object_set_new(o, "to", addresses(&m->to));
	json_object_set_new(o, "cc", addresses(&m->cc));
	json_object_set_new(o, "delivered_to", strings(&m->delivered_to));
	json_object_set_new(o, "return_path", json_string(m->return_path));
	json_object_set_new(o, "date_ms", json_integer(m->date_ms));
	json_object_set_new(o, "subject", json_string(m->subject));
	json_object_set_new(o, "auth_results", auth_results(m));
	json_object_set_new(o, "received", strings(&m->received));
	json_object_set_new(o, "exchange_auth_as", json_string(m->exchange_auth_as));
}

static void set_rest(json_t *o, const struct mail *m)
{
	json_object_set_new(o, "auto", json_string(mail_auto_id(m->auto_class)));
	json_object_set_new(o, "auto_reason", json_string(m->auto_reason));
	if (m->auto_class == MAIL_BOUNCE || m->bounce.delivered)
		json_object_set_new(o, "bounce", bounce(&m->bounce));
	json_object_set_new(o, "absent_from_ms", json_integer(m->absent_from_ms));
	json_object_set_new(o, "absent_until_ms", json_integer(m->absent_until_ms));
	json_object_set_new(o, "language", json_string(m->language));
	json_object_set_new(o, "text", json_string(m->text));
	json_object_set_new(o, "new_text", json_string(m->new_text));
	json_object_set_new(o, "new_text_is_whole", json_boolean(m->new_text_is_whole));
	json_object_set_new(o, "answers_inline", json_boolean(m->answers_inline));
	if (m->forward.present)
		json_object_set_new(o, "forward", forward(&m->forward));
	json_object_set_new(o, "encrypted", json_boolean(m->encrypted));
	json_object_set_new(o, "signed_smime", json_boolean(m->signed_smime));
	json_object_set_new(o, "attachments", attachments(m));
	json_object_set_new(o, "defects", strings(&m->defects));
	json_object_set_new(o, "size", json_integer(m->size));
}

json_t *mail_to_json(const struct mail *m)
{
	json_t *o = json_object();

	set_head(o, m);
	set_rest(o, m);
	return o;
}
