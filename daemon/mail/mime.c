/* MIME: chooses the reader of the structure, and what both readers share.
 *
 * Called by parse.c. */
#include "base/prelude.h"

#include "mail/mime.h"

#include "base/arena.h"
#include "base/text.h"

#define CONTENT_TYPES_MAX 4

bool mime_is(const struct mime_part *p, const char *type)
{
	size_t n = strlen(type);

	if (n && type[n - 1] == '/')
		return strncmp(p->type.value, type, n) == 0;
	return strcmp(p->type.value, type) == 0;
}

/* A type must be "word/word"; Outlook's "text" and mutt's "text/" are meant as text/plain. */
static bool type_usable(const char *v)
{
	const char *slash = strchr(v, '/');

	return slash && slash > v && slash[1];
}

/* Is this a multipart whose end stands in the body? */
static bool is_ended(struct arena *arena, const struct mime_part *p, const char *value)
{
	struct header_params t;
	const char *boundary;
	char *mark;

	header_params(arena, value, &t);
	boundary = header_param_raw(&t, "boundary");
	if (!boundary || !*boundary || strncmp(t.value, "multipart/", 10) != 0)
		return false;
	mark = arena_printf(arena, "--%s--", boundary);
	return memmem(p->body.p, p->body.n, mark, strlen(mark)) != NULL;
}

/* Of several Content-Types the one that the body obeys, else the last: what stands above was put there by
 * something that did not look. */
static const char *content_type(struct arena *arena, const struct mime_part *p)
{
	size_t n = header_count(&p->header, "Content-Type");

	for (size_t i = 0; n > 1 && i < n && i < CONTENT_TYPES_MAX; i++)
		if (is_ended(arena, p, header_get(&p->header, "Content-Type", i)))
			return header_get(&p->header, "Content-Type", i);
	return n ? header_get(&p->header, "Content-Type", n - 1) : NULL;
}

void mime_part_headers(struct arena *arena, struct mime_part *p, bool in_digest)
{
	const char *v = content_type(arena, p);

	p->type.value = "";
	if (v)
		header_params(arena, v, &p->type);
	p->declared = type_usable(p->type.value);
	if (!p->declared)
		p->type.value = in_digest && !v ? "message/rfc822" : "text/plain";
	v = header_get(&p->header, "Content-Disposition", 0);
	p->disposition.value = "";
	if (v)
		header_params(arena, v, &p->disposition);
	v = header_get(&p->header, "Content-Transfer-Encoding", 0);
	p->encoding = v && *v ? ascii_lower(arena, v) : "7bit";
}

struct mime_part *mime_push(struct arena *arena, struct mime *m, const struct mime_limits *limits,
	size_t parent, unsigned depth)
{
	struct mime_part *p;

	if (m->n >= limits->parts) {
		m->too_many = true;
		return NULL;
	}
	if ((m->n & (m->n - 1)) == 0) { /* grows at powers of two */
		struct mime_part *v = arena_array(arena, m->n ? m->n * 2 : 1, sizeof(*v));

		if (m->n)
			memcpy(v, m->v, m->n * sizeof(*v));
		m->v = v;
	}
	p = &m->v[m->n++];
	*p = (struct mime_part){.parent = parent, .end = m->n, .depth = depth};
	return p;
}

void mime_read(struct arena *arena, struct bytes raw, const struct header *header,
	const struct mime_limits *limits, struct mime *out)
{
	struct mime_part root = {
		.header = *header, .body = {raw.p + header->body, raw.n - header->body}};

	/* One text and nothing else: there is no structure to read. */
	mime_part_headers(arena, &root, false);
	if (mime_is(&root, "multipart/") && mime_etpan(arena, raw, header, limits, out))
		out->by_library = true;
	else
		mime_walk(arena, raw, header, limits, out);
}
