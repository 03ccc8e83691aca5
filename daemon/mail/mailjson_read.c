/* JSON -> mail, on the desk's side. The parser process read a stranger's bytes and may be in his hands:
 * every type, count and length is checked, every string cleaned again, and nothing that is missing is
 * made up. */
#include "base/prelude.h"

#include "mail/mailjson.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"

#define WORD_MAX 200
#define LINE_MAX (MAX_HEADER_BYTES)
#define STRINGS_MAX 500
#define TEXT_MAX (2u * MAX_TEXT_BYTES)
#define ATTACHMENTS_MAX MAX_MIME_PARTS

struct json_reader {
	struct arena *arena;
	const char *error; /* the first fault */
};

static void fault(struct json_reader *r, const char *error)
{
	if (!r->error)
		r->error = error;
}

static const char *string_value(struct json_reader *r, const json_t *v, size_t max, bool one_line)
{
	const char *s;
	size_t n;

	if (!json_is_string(v)) {
		fault(r, "a string is missing");
		return "";
	}
	s = json_string_value(v);
	n = json_string_length(v);
	if (n > max || strlen(s) != n) {
		fault(r, "a string is too long");
		return "";
	}
	return one_line ? utf8_clean_line(r->arena, s, n) : utf8_clean(r->arena, s, n);
}

static const char *line(struct json_reader *r, const json_t *o, const char *key, size_t max)
{
	return string_value(r, json_object_get(o, key), max, true);
}

static const char *text(struct json_reader *r, const json_t *o, const char *key)
{
	return string_value(r, json_object_get(o, key), TEXT_MAX, false);
}

static bool flag(struct json_reader *r, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_boolean(v))
		fault(r, "a truth value is missing");
	return json_is_true(v);
}

static int64_t number(
	struct json_reader *r, const json_t *o, const char *key, int64_t min, int64_t max)
{
	const json_t *v = json_object_get(o, key);
	int64_t n = json_is_integer(v) ? (int64_t)json_integer_value(v) : min;

	if (!json_is_integer(v) || n < min || n > max) {
		fault(r, "a number is missing or out of range");
		return min;
	}
	return n;
}

/* The array under key with at most max members; NULL (and n 0) if it is none. */
static const json_t *array(
	struct json_reader *r, const json_t *o, const char *key, size_t max, size_t *n)
{
	const json_t *a = json_object_get(o, key);

	*n = json_is_array(a) ? json_array_size(a) : 0;
	if (!json_is_array(a) || *n > max) {
		fault(r, "a list is missing or too long");
		*n = 0;
	}
	return a;
}

static struct mail_strings strings(
	struct json_reader *r, const json_t *o, const char *key, size_t max)
{
	struct mail_strings s = {NULL, 0};
	const json_t *a = array(r, o, key, STRINGS_MAX, &s.n);

	s.v = arena_array(r->arena, s.n ? s.n : 1, sizeof(*s.v));
	for (size_t i = 0; i < s.n; i++)
		s.v[i] = string_value(r, json_array_get(a, i), max, true);
	return s;
}

static struct mail_address address(struct json_reader *r, const json_t *o)
{
	struct mail_address a;

	a.name = line(r, o, "name", LINE_MAX);
	a.address = line(r, o, "address", LINE_MAX);
	return a;
}

static struct mail_addresses addresses(struct json_reader *r, const json_t *o, const char *key)
{
	struct mail_addresses s = {NULL, 0};
	const json_t *a = array(r, o, key, MAX_ADDRESSES, &s.n);

	s.v = arena_array(r->arena, s.n ? s.n : 1, sizeof(*s.v));
	for (size_t i = 0; i < s.n; i++) {
		s.v[i] = address(r, json_array_get(a, i));
		if (!*s.v[i].address)
			fault(r, "an address is empty");
	}
	return s;
}

static void read_sha256(struct json_reader *r, const json_t *o, char out[65])
{
	const char *s = line(r, o, "sha256", 64);

	if (strspn(s, "0123456789abcdef") != 64)
		fault(r, "a digest is wrong");
	else
		memcpy(out, s, 65);
}

static void read_attachments(struct json_reader *r, const json_t *o, struct mail *m)
{
	const json_t *a = array(r, o, "attachments", ATTACHMENTS_MAX, &m->n_attachments);
	size_t n = m->n_attachments;

	m->attachments = arena_array(r->arena, n ? n : 1, sizeof(*m->attachments));
	for (size_t i = 0; i < n; i++) {
		struct mail_attachment *t = &m->attachments[i];
		const json_t *v = json_array_get(a, i);

		t->name = line(r, v, "name", 2 * MAX_NAME_BYTES);
		t->type = line(r, v, "type", WORD_MAX);
		t->content_id = line(r, v, "content_id", 2 * MAX_MESSAGE_ID_BYTES);
		t->encoding = line(r, v, "encoding", WORD_MAX);
		t->is_inline = flag(r, v, "inline");
		t->size = number(r, v, "size", 0, MAX_MAIL_BYTES);
		t->raw_offset = number(r, v, "raw_offset", -1, MAX_MAIL_BYTES);
		t->raw_length = number(r, v, "raw_length", 0, MAX_MAIL_BYTES);
		read_sha256(r, v, t->sha256);
	}
}

static void read_auth_results(struct json_reader *r, const json_t *o, struct mail *m)
{
	const json_t *a = array(r, o, "auth_results", STRINGS_MAX, &m->n_auth_results);
	size_t n = m->n_auth_results;

	m->auth_results = arena_array(r->arena, n ? n : 1, sizeof(*m->auth_results));
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(a, i);

		m->auth_results[i].value = line(r, v, "value", LINE_MAX);
		m->auth_results[i].received_above =
			(size_t)number(r, v, "received_above", 0, MAX_HEADER_BYTES);
	}
}

static void read_bounce(struct json_reader *r, const json_t *o, struct mail_bounce *b)
{
	const json_t *v = json_object_get(o, "bounce");

	*b = (struct mail_bounce){
		.recipient = "", .status = "", .diagnostic = "", .original_id = ""};
	if (!v)
		return;
	b->recipient = line(r, v, "recipient", LINE_MAX);
	b->status = line(r, v, "status", WORD_MAX);
	b->diagnostic = line(r, v, "diagnostic", LINE_MAX);
	b->temporary = flag(r, v, "temporary");
	b->delivered = flag(r, v, "delivered");
	b->original_id = line(r, v, "original_id", LINE_MAX);
}

static void read_forward(struct json_reader *r, const json_t *o, struct mail_forward *f)
{
	const json_t *v = json_object_get(o, "forward");

	*f = (struct mail_forward){false, {"", ""}, "", ""};
	if (!v)
		return;
	f->present = true;
	f->from = address(r, json_object_get(v, "from"));
	f->subject = line(r, v, "subject", LINE_MAX);
	f->text = text(r, v, "text");
}

static void read_head(struct json_reader *r, const json_t *o, struct mail *m)
{
	m->message_id = line(r, o, "message_id", MAX_MESSAGE_ID_BYTES);
	m->in_reply_to = strings(r, o, "in_reply_to", MAX_MESSAGE_ID_BYTES);
	m->references = strings(r, o, "references", MAX_MESSAGE_ID_BYTES);
	m->has_from = flag(r, o, "has_from");
	m->from_unclear = flag(r, o, "from_unclear");
	m->from.name = line(r, o, "from_name", LINE_MAX);
	m->from.address = line(r, o, "from_addr", LINE_MAX);
	if (m->has_from != (*m->from.address != '\0'))
		fault(r, "the sender contradicts itself");
	m->reply_to = addresses(r, o, "reply_to");
	m->to = addresses(r, o, "to");
	m->cc = addresses(r, o, "cc");
	m->delivered_to = strings(r, o, "delivered_to", LINE_MAX);
	m->return_path = line(r, o, "return_path", LINE_MAX);
	m->date_ms = number(r, o, "date_ms", INT64_MIN, INT64_MAX);
	m->subject = line(r, o, "subject", 4 * MAX_SUBJECT_BYTES);
	read_auth_results(r, o, m);
	m->received = strings(r, o, "received", LINE_MAX);
	m->exchange_auth_as = line(r, o, "exchange_auth_as", LINE_MAX);
}

static void read_rest(struct json_reader *r, const json_t *o, struct mail *m)
{
	if (!mail_auto_from_id(line(r, o, "auto", WORD_MAX), &m->auto_class))
		fault(r, "the kind of mail is unknown");
	m->auto_reason = line(r, o, "auto_reason", WORD_MAX);
	read_bounce(r, o, &m->bounce);
	m->absent_from_ms = number(r, o, "absent_from_ms", 0, INT64_MAX);
	m->absent_until_ms = number(r, o, "absent_until_ms", 0, INT64_MAX);
	m->language = line(r, o, "language", 16);
	m->text = text(r, o, "text");
	m->new_text = text(r, o, "new_text");
	m->new_text_is_whole = flag(r, o, "new_text_is_whole");
	m->answers_inline = flag(r, o, "answers_inline");
	read_forward(r, o, &m->forward);
	m->encrypted = flag(r, o, "encrypted");
	m->signed_smime = flag(r, o, "signed_smime");
	read_attachments(r, o, m);
	m->defects = strings(r, o, "defects", WORD_MAX);
	m->size = number(r, o, "size", 0, INT64_MAX);
}

struct mail *mail_from_json(struct arena *arena, const json_t *o, const char **error)
{
	struct json_reader r = {.arena = arena, .error = NULL};
	struct mail *m = arena_new_of(arena, struct mail);

	if (!json_is_object(o)) {
		*error = "no object";
		return NULL;
	}
	read_head(&r, o, m);
	read_rest(&r, o, m);
	*error = r.error;
	return r.error ? NULL : m;
}
