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
#include "mail/uuencode.h"

#define WORD_MAX 127

static void set_digest(struct mail_attachment *a, struct sha256_stream *c)
{
	unsigned char digest[SHA256_BYTES];

	sha256_end(c, digest);
	hex_encode(a->sha256, digest, SHA256_BYTES);
}

struct hasher {
	struct mime_sink sink;
	struct sha256_stream sha;
	int64_t size;
};

static void hasher_take(struct mime_sink *sink, const unsigned char *p, size_t n)
{
	struct hasher *h = (struct hasher *)sink;

	sha256_more(&h->sha, p, n);
	h->size += (int64_t)n;
}

static bool climbs(const char *s)
{
	for (const char *p = strstr(s, ".."); p; p = strstr(p + 1, ".."))
		if ((p == s || strchr("/\\", p[-1])) && (p[2] == '\0' || strchr("/\\", p[2])))
			return true;
	return false;
}

static char *last_component(char *s)
{
	char *slash;

	while ((slash = strpbrk(s, "/\\")) != NULL)
		s = slash + 1;
	return s;
}

/* The ending tells what a file is: it stays when the name is cut. */
static char *cut_name(struct arena *arena, char *s)
{
	size_t n = strlen(s);
	const char *dot = strrchr(s, '.');
	const char *ending = dot && strlen(dot) <= 16 ? dot : "";

	if (n <= MAX_NAME_BYTES)
		return s;
	return arena_printf(arena, "%s%s",
		utf8_shorten(arena, arena_strndup(arena, s, n - strlen(ending)),
			MAX_NAME_BYTES - strlen(ending)),
		ending);
}

/* The name on one line without format characters, at most MAX_NAME_BYTES; a path that climbs ("..")
 * is cut to its last part. For showing: mail_file_name() makes one for a file system. */
static char *clean_name(struct arena *arena, const char *name)
{
	char *s = text_trim(arena, utf8_clean_line(arena, name, strlen(name)));

	if (climbs(s))
		s = last_component(s);
	return climbs(s) ? arena_strdup(arena, "") : cut_name(arena, s);
}

char *mail_file_name(struct arena *arena, const char *name)
{
	char *s = text_trim(arena, last_component(utf8_clean_line(arena, name, strlen(name))));
	size_t n;

	for (char *p = s; *p; p++)
		if (strchr("<>:\"|?*", *p))
			*p = '_';
	while (*s == '.')
		s++;
	n = strlen(s);
	while (n > 0 && (s[n - 1] == '.' || s[n - 1] == ' '))
		s[--n] = '\0';
	return cut_name(arena, s);
}

/* "image001.jpg@01D9.ABCD" is how Outlook names the pictures in a text. */
static char *name_from_id(struct arena *arena, const char *id)
{
	size_t n = strcspn(id, "@"), dot = n, digits = 0;

	while (dot > 0 && id[dot - 1] != '.')
		dot--;
	for (size_t i = dot; i < n; i++)
		digits += (id[i] >= '0' && id[i] <= '9') ||
			  ((id[i] | 0x20) >= 'a' && (id[i] | 0x20) <= 'z');
	if (dot < 2 || id[n] != '@' || n - dot < 1 || n - dot > 4 || digits != n - dot)
		return arena_strdup(arena, "");
	return arena_strndup(arena, id, n);
}

char *body_part_name(struct body *b, const struct mime_part *p)
{
	char *name = header_param_text(b->arena, b->charsets, &p->disposition, "filename");

	if (!name || !*name)
		name = header_param_text(b->arena, b->charsets, &p->type, "name");
	if (!name || !*name)
		name = header_param_text(b->arena, b->charsets, &p->disposition, "name");
	return clean_name(b->arena, name ? name : "");
}

/* A name for what has none: "image2.png", so that it can be called something and opened. */
static char *name_from_type(struct body *b, const char *type)
{
	static const char *const endings[][2] = {{"image/jpeg", "jpg"}, {"image/jpg", "jpg"},
		{"image/png", "png"}, {"image/gif", "gif"}, {"image/tiff", "tif"},
		{"image/heic", "heic"}, {"image/bmp", "bmp"}, {"image/webp", "webp"},
		{"video/quicktime", "mov"}, {"video/mp4", "mp4"}, {"audio/mpeg", "mp3"},
		{"audio/wav", "wav"}, {"audio/mp4", "m4a"}, {"application/pdf", "pdf"},
		{"application/zip", "zip"}};

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		if (strcmp(endings[i][0], type) != 0)
			continue;
		b->unnamed++;
		if (strncmp(type, "application/", 12) == 0)
			return arena_printf(b->arena, "file%zu.%s", b->unnamed, endings[i][1]);
		return arena_printf(b->arena, "%.*s%zu.%s", (int)strcspn(type, "/"), type,
			b->unnamed, endings[i][1]);
	}
	return arena_strdup(b->arena, "");
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

/* A word of a header that is ASCII by its grammar; what is not is no such word. */
static char *clean_word(struct arena *arena, const char *word, const char *otherwise)
{
	size_t n = strnlen(word, WORD_MAX + 1);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)word[i] <= ' ' || (unsigned char)word[i] >= 0x7f)
			return arena_strdup(arena, otherwise);
	return arena_strdup(arena, n <= WORD_MAX ? word : otherwise);
}

void body_attach(struct body *b, const struct mime_part *p, bool in_related)
{
	enum mime_encoding encoding = mime_encoding_of(p->encoding);
	struct mail_attachment *a = push(b);
	struct hasher h = {.sink = {hasher_take}};

	if (!a)
		return;
	a->name = body_part_name(b, p);
	a->type = clean_word(b->arena, p->type.value, "application/octet-stream");
	a->content_id = content_id(b, p);
	if (!*a->name)
		a->name = clean_name(b->arena, name_from_id(b->arena, a->content_id));
	if (!*a->name)
		a->name = name_from_type(b, a->type);
	/* Said so that mail_attachment_bytes decodes the same way, however it was written. */
	a->encoding = encoding == MIME_BASE64		  ? "base64"
		      : encoding == MIME_QUOTED_PRINTABLE ? "quoted-printable"
		      : encoding == MIME_UUENCODE	  ? "x-uuencode"
							  : clean_word(b->arena, p->encoding, "");
	a->is_inline = (in_related || strcmp(p->disposition.value, "inline") == 0) &&
		       strcmp(p->disposition.value, "attachment") != 0 && *a->content_id;
	a->raw_offset = -1;
	if (p->body.p >= b->raw.p && p->body.p + p->body.n <= b->raw.p + b->raw.n) {
		a->raw_offset = p->body.p - b->raw.p;
		a->raw_length = (int64_t)p->body.n;
	}
	sha256_start(&h.sha);
	if (!mime_decode(encoding, p->body, &h.sink))
		mail_defect(b->arena, b->mail, "encoding");
	a->size = h.size;
	set_digest(a, &h.sha);
}

void body_attach_uu(struct body *b, const struct mime_part *text)
{
	struct bytes in;
	struct uu_file f = {.end = 0};

	if (!memmem(text->body.p, text->body.n, "begin ", 6))
		return;
	in = mime_encoding_of(text->encoding) == MIME_IDENTITY ? text->body /* however large */
							       : body_decoded(b, text, b->text_max);
	while (uu_find(in, f.end, &f)) {
		struct mime_part part = {.type = {.value = "application/octet-stream"},
			.disposition = {.value = "attachment"},
			.encoding = "x-uuencode",
			.body = {in.p + f.start, f.end - f.start}};
		size_t before = b->mail->n_attachments;

		body_attach(b, &part, false);
		if (b->mail->n_attachments == before)
			return; /* there are too many, and a defect says so */
		b->mail->attachments[before].name =
			clean_name(b->arena, arena_strndup(b->arena, f.name, f.name_len));
	}
}

void body_attach_bytes(struct body *b, const char *name, const char *type, struct bytes content)
{
	struct mail_attachment *a = push(b);
	struct sha256_stream sha;

	if (!a)
		return;
	a->name = clean_name(b->arena, name);
	a->type = clean_word(b->arena, type, "application/octet-stream");
	a->content_id = "";
	a->encoding = "";
	a->raw_offset = -1;
	a->size = (int64_t)content.n;
	sha256_start(&sha);
	sha256_more(&sha, content.p, content.n);
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
