/* MIME: chooses the reader of the structure, and what both readers share.
 *
 * Called by parse.c. */
#include "base/prelude.h"

#include "mail/mime.h"

#include "base/arena.h"
#include "base/text.h"

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

void mime_part_headers(struct arena *arena, struct mime_part *p, bool in_digest)
{
	size_t n = header_count(&p->header, "Content-Type");
	/* Of two, the later: the first was put before by something that did not look. */
	const char *v = n ? header_get(&p->header, "Content-Type", n - 1) : NULL;

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
	struct mime_part root = {.header = *header};

	/* One text and nothing else: there is no structure to read. */
	mime_part_headers(arena, &root, false);
	if (mime_is(&root, "multipart/") && mime_etpan(arena, raw, header, limits, out))
		out->by_library = true;
	else
		mime_walk(arena, raw, header, limits, out);
}
