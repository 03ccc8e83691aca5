/* Attachments: name, type, size and digest, without keeping the content.
 *
 * Called by body.c for each part that is no text of the mail. The bytes are decoded in small blocks
 * and hashed, so that the largest attachment costs no memory. */
#include "base/prelude.h"

#include "mail/body.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/mime_decode.h"
#include "mail/parse.h"

#include <nettle/sha2.h>

#define TYPE_MAX 127

static void set_digest(struct mail_attachment *a, struct sha256_ctx *c)
{
	unsigned char digest[SHA256_BYTES];

	sha256_digest(c, SHA256_BYTES, digest);
	hex_encode(a->sha256, digest, SHA256_BYTES);
}

struct hasher {
	struct mime_sink sink;
	struct sha256_ctx sha;
	int64_t size;
};

static void hasher_take(struct mime_sink *sink, const unsigned char *p, size_t n)
{
	struct hasher *h = (struct hasher *)sink;

	sha256_update(&h->sha, n, p);
	h->size += (int64_t)n;
}

char *body_clean_name(struct arena *arena, const char *name)
{
	char *s = utf8_clean_line(arena, name, strlen(name));
	const char *slash;
	size_t n;

	/* "C:\\dir\\file", "../../etc/x": the last part is the name. */
	while ((slash = strpbrk(s, "/\\")) != NULL)
		s += slash - s + 1;
	s = text_trim(arena, s);
	for (char *p = s; *p; p++)
		if (strchr("<>:\"|?*", *p))
			*p = '_';
	while (*s == '.' && (s[1] == '.' || s[1] == '\0'))
		s++;
	n = strlen(s);
	while (n > 0 && (s[n - 1] == '.' || s[n - 1] == ' '))
		s[--n] = '\0';
	if (n > MAX_NAME_BYTES) { /* the ending tells what it is: keep it */
		const char *dot = strrchr(s, '.');
		const char *ending = dot && strlen(dot) <= 16 ? dot : "";
		char *stem = arena_strndup(arena, s, n - strlen(ending));

		s = arena_printf(arena, "%s%s",
			utf8_shorten(arena, stem, MAX_NAME_BYTES - strlen(ending)), ending);
	}
	return s;
}

char *body_part_name(struct body *b, const struct mime_part *p)
{
	char *name = header_param_text(b->arena, b->charsets, &p->disposition, "filename");

	if (!name || !*name)
		name = header_param_text(b->arena, b->charsets, &p->type, "name");
	if (!name || !*name)
		name = header_param_text(b->arena, b->charsets, &p->disposition, "name");
	return body_clean_name(b->arena, name ? name : "");
}

static char *content_id(struct body *b, const struct mime_part *p)
{
	const char *v = header_get(&p->header, "Content-ID", 0);

	return v ? header_id(b->arena, v) : arena_strdup(b->arena, "");
}

static struct mail_attachment *push(struct body *b)
{
	struct mail *m = b->mail;

	if (m->n_attachments >= b->limits.parts) {
		mail_defect(b->arena, m, "parts");
		return NULL;
	}
	if (m->n_attachments == b->attachments_cap) {
		size_t cap = b->attachments_cap ? b->attachments_cap * 2 : 8;
		struct mail_attachment *v = arena_array(b->arena, cap, sizeof(*v));

		if (m->n_attachments)
			memcpy(v, m->attachments, m->n_attachments * sizeof(*v));
		m->attachments = v;
		b->attachments_cap = cap;
	}
	return &m->attachments[m->n_attachments++];
}

static char *clean_type(struct arena *arena, const char *type)
{
	char *s = utf8_clean_line(arena, type, strnlen(type, TYPE_MAX));

	return s;
}

void body_attach(struct body *b, const struct mime_part *p, bool in_related)
{
	struct mail_attachment *a = push(b);
	struct hasher h = {.sink = {hasher_take}};

	if (!a)
		return;
	a->name = body_part_name(b, p);
	a->type = clean_type(b->arena, p->type.value);
	a->content_id = content_id(b, p);
	a->encoding = utf8_clean_line(b->arena, p->encoding, strnlen(p->encoding, TYPE_MAX));
	a->is_inline = (in_related || strcmp(p->disposition.value, "inline") == 0) &&
		       strcmp(p->disposition.value, "attachment") != 0 && *a->content_id;
	a->raw_offset = -1;
	if (p->body.p >= b->raw.p && p->body.p + p->body.n <= b->raw.p + b->raw.n) {
		a->raw_offset = p->body.p - b->raw.p;
		a->raw_length = (int64_t)p->body.n;
	}
	sha256_init(&h.sha);
	if (!mime_decode(mime_encoding_of(p->encoding), p->body, &h.sink))
		mail_defect(b->arena, b->mail, "encoding");
	a->size = h.size;
	set_digest(a, &h.sha);
}

void body_attach_bytes(struct body *b, const char *name, const char *type, struct bytes content)
{
	struct mail_attachment *a = push(b);
	struct sha256_ctx sha;

	if (!a)
		return;
	a->name = body_clean_name(b->arena, name);
	a->type = clean_type(b->arena, type);
	a->content_id = "";
	a->encoding = "";
	a->raw_offset = -1;
	a->size = (int64_t)content.n;
	sha256_init(&sha);
	sha256_update(&sha, content.n, content.p);
	set_digest(a, &sha);
}

int mail_attachment_bytes(struct arena *arena, struct bytes raw, const struct mail_attachment *a,
	size_t max, struct bytes *out)
{
	struct bytes in;
	bool cut;

	if (a->raw_offset < 0 || a->raw_length < 0 || (uint64_t)a->raw_offset > raw.n ||
		(uint64_t)a->raw_length > raw.n - (uint64_t)a->raw_offset)
		return -1;
	in = (struct bytes){raw.p + a->raw_offset, (size_t)a->raw_length};
	*out = mime_decode_all(arena, mime_encoding_of(a->encoding), in, max, &cut);
	return cut ? -1 : 0;
}
