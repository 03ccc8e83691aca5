/* Our own reader of MIME structure, for the mail that libetpan must not see or reads wrongly.
 *
 * Called by mime.c. Each multipart is cut at the lines of its boundary, then each piece is read in
 * turn; a piece ends where its parent's ends, so a missing end is harmless. Recursion is bounded by
 * limits->depth, work by depth times size. */
#include "base/prelude.h"

#include "mail/mime.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/mime_decode.h"

#define BOUNDARY_MAX 998

struct walk {
	struct arena *arena;
	const struct mime_limits *limits;
	struct mime *m;
};

static void read_entity(struct walk *w, size_t index, bool in_digest);

/* A line "--boundary" or "--boundary--" found at or after `at`. */
struct delimiter {
	size_t start; /* of the line end before it: where the part before ends */
	size_t next;  /* behind its line end */
	bool closes;
};

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Does the line at p (the "--" first) carry this boundary and nothing else? */
static bool delimiter_line(
	struct bytes in, size_t p, const char *boundary, size_t len, struct delimiter *d)
{
	size_t i = p + 2 + len;

	if (in.n - p < 2 + len || in.p[p] != '-' || in.p[p + 1] != '-' ||
		memcmp(in.p + p + 2, boundary, len) != 0)
		return false;
	d->closes = in.n - i >= 2 && in.p[i] == '-' && in.p[i + 1] == '-';
	i += d->closes ? 2 : 0;
	while (i < in.n && is_blank(in.p[i]))
		i++;
	/* The end may be followed by rubbish, a beginning not: it could be a longer boundary. */
	if (i < in.n && in.p[i] != '\n' && !d->closes)
		return false;
	while (i < in.n && in.p[i] != '\n')
		i++;
	d->next = i < in.n ? i + 1 : i;
	d->start = p;
	if (d->start > 0 && in.p[d->start - 1] == '\n')
		d->start--;
	if (d->start > 0 && in.p[d->start - 1] == '\r')
		d->start--;
	return true;
}

static bool find_delimiter(
	struct bytes in, size_t at, const char *boundary, size_t len, struct delimiter *d)
{
	while (at < in.n) {
		const unsigned char *lf;

		if (in.p[at] == '-' && delimiter_line(in, at, boundary, len, d))
			return true;
		lf = memchr(in.p + at, '\n', in.n - at);
		if (!lf)
			return false;
		at = (size_t)(lf - in.p) + 1;
	}
	return false;
}

/* The boundary is missing or occurs nowhere: the first line "--x" that is followed by a field
 * beginning with "Content-" shows it. */
static char *guess_boundary(struct arena *arena, struct bytes in)
{
	size_t at = 0;

	while (at < in.n) {
		const unsigned char *p = in.p + at, *lf = memchr(p, '\n', in.n - at);
		size_t n = lf ? (size_t)(lf - p) : in.n - at, next = at + n + 1;

		if (!lf)
			return NULL;
		if (n > 3 && p[0] == '-' && p[1] == '-' && in.n - next > 8 &&
			strncasecmp((const char *)in.p + next, "content-", 8) == 0) {
			while (n > 0 && is_blank(p[n - 1]))
				n--;
			if (n > 2 && n - 2 <= BOUNDARY_MAX && !memchr(p, '\0', n))
				return arena_strndup(arena, (const char *)p + 2, n - 2);
		}
		at = next;
	}
	return NULL;
}

static void read_child(struct walk *w, size_t parent, struct bytes piece, bool in_digest)
{
	unsigned depth = w->m->v[parent].depth + 1;
	struct mime_part *p = mime_push(w->arena, w->m, w->limits, parent, depth);
	size_t index = w->m->n - 1;

	if (!p)
		return;
	header_parse(w->arena, piece, w->limits->header_bytes, &p->header);
	w->m->large_header |= p->header.too_large;
	p->body = (struct bytes){piece.p + p->header.body, piece.n - p->header.body};
	read_entity(w, index, in_digest);
}

static void read_children(struct walk *w, size_t index, const char *boundary)
{
	struct bytes body = w->m->v[index].body;
	bool digest = mime_is(&w->m->v[index], "multipart/digest");
	size_t len = strlen(boundary);
	struct delimiter d, e;

	if (!find_delimiter(body, 0, boundary, len, &d))
		return;
	w->m->v[index].multipart = true;
	while (!d.closes && !w->m->too_many) {
		bool more = find_delimiter(body, d.next, boundary, len, &e);
		size_t to = more ? e.start : body.n;

		/* Two delimiter lines in a row: an empty part, which nobody wants to see. */
		if (to > d.next)
			read_child(w, index, (struct bytes){body.p + d.next, to - d.next}, digest);
		if (!more) {
			w->m->broken = true;
			return;
		}
		d = e;
	}
}

static void read_multipart(struct walk *w, size_t index)
{
	struct mime_part *p = &w->m->v[index];
	const char *boundary = header_param_raw(&p->type, "boundary");
	struct delimiter d;
	bool found;

	if (boundary && (!*boundary || strlen(boundary) > BOUNDARY_MAX))
		boundary = NULL;
	found = boundary && find_delimiter(p->body, 0, boundary, strlen(boundary), &d);
	/* One that only ends is as good as none, unless nothing better is seen. */
	if (!found || d.closes) {
		const char *guess = guess_boundary(w->arena, p->body);

		w->m->broken = true;
		boundary = guess || !found ? guess : boundary;
	}
	if (boundary)
		read_children(w, index, boundary);
}

static bool is_identity(const struct mime_part *p)
{
	return mime_encoding_of(p->encoding) == MIME_IDENTITY;
}

/* RFC 2045 forbids to encode a message; some do. Decoded, it is no stretch of the raw mail. */
static void decode_message(struct walk *w, struct mime_part *p)
{
	struct header probe;
	bool cut;
	struct bytes out =
		mime_decode_all(w->arena, mime_encoding_of(p->encoding), p->body, p->body.n, &cut);

	header_parse(w->arena, out, w->limits->header_bytes, &probe);
	if (!probe.no_fields && !probe.no_separator)
		p->body = out;
}

static bool is_boundary_line(const struct mime *m, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < m->n; i++) {
		const char *b = mime_is(&m->v[i], "multipart/")
					? header_param_raw(&m->v[i].type, "boundary")
					: NULL;
		size_t len = b ? strlen(b) : 0;

		if (len && n >= len + 2 && memcmp(p + 2, b, len) == 0 &&
			(n == len + 2 || (n == len + 4 && memcmp(p + 2 + len, "--", 2) == 0)))
			return true;
	}
	return false;
}

/* A stray delimiter as the last line of a part: its multipart ended before, in the wrong order. */
static void cut_stray_delimiter(const struct walk *w, struct mime_part *p)
{
	size_t to = p->body.n, from;

	while (to > 0 && (p->body.p[to - 1] == '\n' || is_blank(p->body.p[to - 1])))
		to--;
	from = to;
	while (from > 0 && to - from < BOUNDARY_MAX && p->body.p[from - 1] != '\n')
		from--;
	if (to - from > 2 && p->body.p[from] == '-' && p->body.p[from + 1] == '-' &&
		is_boundary_line(w->m, p->body.p + from, to - from))
		p->body.n = from;
}

static void read_entity(struct walk *w, size_t index, bool in_digest)
{
	struct mime_part *p = &w->m->v[index];
	bool nests;

	mime_part_headers(w->arena, p, in_digest);
	nests = mime_is(p, "multipart/") || mime_is(p, "message/rfc822") ||
		mime_is(p, "message/global");
	if (nests && p->depth + 1 >= w->limits->depth) {
		w->m->too_deep = true;
		return;
	}
	if (mime_is(p, "multipart/")) {
		read_multipart(w, index);
	} else if (nests && p->body.n > 0) {
		if (!is_identity(p))
			decode_message(w, p);
		p->message = true;
		read_child(w, index, p->body, false);
	} else {
		cut_stray_delimiter(w, p);
	}
	w->m->v[index].end = w->m->n;
}

void mime_walk(struct arena *arena, struct bytes raw, const struct header *header,
	const struct mime_limits *limits, struct mime *out)
{
	struct walk w = {.arena = arena, .limits = limits, .m = out};
	struct mime_part *root;

	*out = (struct mime){0};
	root = mime_push(arena, out, limits, 0, 0);
	root->header = *header;
	root->body = (struct bytes){raw.p + header->body, raw.n - header->body};
	read_entity(&w, 0, false);
}
