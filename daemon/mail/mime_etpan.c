/* The library's reading of MIME structure: libetpan's mailmime_parse over mail that is known to be
 * harmless to it.
 *
 * Called by mime.c. What the library takes too much of is counted before it sees the mail: nested
 * comments (stack), nested parts (stack, quadratic time), parts (memory). Only the cutting into parts
 * is taken from it. The fields of each part are read by header.c, because the library drops a whole
 * Content-Type for one wrong blank, does not decode RFC 2231 and cuts values at a NUL; where its
 * structure then contradicts the fields, mime_walk.c reads the mail instead. */
#include "base/prelude.h"

#include "mail/mime.h"

#include "base/arena.h"
#include "mail/mime_boundary.h"

#include <libetpan/libetpan.h>

#define GUARD_PARENTHESES 20000 /* 100,000 nested were measured to be harmless */
#define GUARD_DELIMITERS 4000	/* lines that begin with "--" */
#define GUARD_LINE (64u << 10)	/* longer ones are copied */
#define GUARD_TYPES 600		/* Content-Type fields anywhere */
#define GUARD_NESTS 60		/* of them multipart or message */

struct guard {
	size_t parentheses, delimiters, types, nests;
};

/* One line, looked at by its first bytes only; a folded Content-Type is counted as nesting to be on
 * the safe side. */
static void guard_line(struct guard *g, const unsigned char *p, size_t n)
{
	static const char type[] = "content-type:";

	if (n >= 2 && p[0] == '-' && p[1] == '-')
		g->delimiters++;
	if (n < sizeof(type) - 1 || (p[0] | 0x20) != 'c' ||
		strncasecmp((const char *)p, type, sizeof(type) - 1) != 0)
		return;
	g->types++;
	for (p += sizeof(type) - 1, n -= sizeof(type) - 1; n > 0 && (*p == ' ' || *p == '\t'); p++)
		n--;
	if (n < 8 || strncasecmp((const char *)p, "multipar", 8) == 0 ||
		strncasecmp((const char *)p, "message/", 8) == 0)
		g->nests++;
}

static bool lone_cr(const unsigned char *p, size_t n)
{
	const unsigned char *cr = n ? memchr(p, '\r', n) : NULL;

	return cr && cr != p + n - 1;
}

static bool guard_ok(struct bytes raw)
{
	struct guard g = {0, 0, 0, 0};

	if (memchr(raw.p, '\0', raw.n))
		return false;
	for (const unsigned char *p = raw.p, *end = raw.p + raw.n; p < end;) {
		const unsigned char *lf = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((lf ? lf : end) - p);

		guard_line(&g, p, n);
		if (lone_cr(p, n) || n > GUARD_LINE || g.delimiters > GUARD_DELIMITERS ||
			g.types > GUARD_TYPES || g.nests > GUARD_NESTS)
			return false;
		p += n + (lf != NULL);
	}
	for (const unsigned char *p = raw.p, *end = raw.p + raw.n;
		(p = memchr(p, '(', (size_t)(end - p))) != NULL; p++)
		if (++g.parentheses > GUARD_PARENTHESES)
			return false;
	return true;
}

struct converter {
	struct arena *arena;
	struct bytes raw;
	const struct mime_limits *limits;
	struct mime *m;
};

static bool convert(struct converter *c, struct mailmime *node, size_t parent, unsigned depth);

static bool is_message(const struct mime_part *p)
{
	return mime_is(p, "message/rfc822") || mime_is(p, "message/global");
}

static size_t occurrences(struct bytes in, const char *word)
{
	const unsigned char *end = in.p + in.n, *p = in.p;
	size_t len = strlen(word), n = 0;

	while ((p = memmem(p, (size_t)(end - p), word, len)) != NULL) {
		n++;
		p += len;
	}
	return n;
}

static bool convert_children(struct converter *c, struct mailmime *node, size_t index)
{
	struct mime_part *p = &c->m->v[index];
	const char *boundary = header_param_raw(&p->type, "boundary");
	size_t len = boundary ? strlen(boundary) : 0;
	clist *list = node->mm_data.mm_multipart.mm_mp_list;
	unsigned depth = p->depth + 1;
	char *mark;

	if (!mime_is(p, "multipart/") || mime_is(p, "multipart/digest") || len == 0 || !list ||
		clist_count(list) == 0)
		return false;
	/* One delimiter before each part and one behind: else the library guesses, and not well. */
	mark = arena_printf(c->arena, "--%s", boundary);
	if (occurrences(p->body, mark) != (size_t)clist_count(list) + 1)
		return false;
	p->multipart = true;
	for (clistiter *i = clist_begin(list); i; i = clist_next(i))
		if (!convert(c, clist_content(i), index, depth))
			return false;
	return true;
}

/* An empty line stands between the fields and the body; where the library saw the end of the fields in
 * a line that it did not understand, there is none. */
static bool ends_empty(struct bytes head)
{
	size_t n = head.n;

	if (n == 0 || head.p[n - 1] != '\n')
		return n == 0;
	n--;
	n -= n > 0 && head.p[n - 1] == '\r';
	return n == 0 || head.p[n - 1] == '\n';
}

static bool set_bytes(struct converter *c, struct mime_part *p, struct mailmime *node)
{
	const unsigned char *start = (const unsigned char *)node->mm_mime_start, *body;
	struct bytes head;

	if (!node->mm_body || node->mm_body->dt_type != MAILMIME_DATA_TEXT)
		return false;
	body = (const unsigned char *)node->mm_body->dt_data.dt_text.dt_data;
	p->body = (struct bytes){body, node->mm_body->dt_data.dt_text.dt_length};
	if (start < c->raw.p || body < start || p->body.n > c->raw.n ||
		body > c->raw.p + (c->raw.n - p->body.n))
		return false;
	head = (struct bytes){start, (size_t)(body - start)};
	header_parse(c->arena, head, c->limits->header_bytes, &p->header);
	c->m->large_header |= p->header.too_large;
	/* Both must agree where the body begins; blanks between do not matter. */
	if (p->body.n && !p->header.no_fields && !ends_empty(head))
		return false;
	return p->header.body == head.n || p->header.no_fields;
}

static bool convert(struct converter *c, struct mailmime *node, size_t parent, unsigned depth)
{
	struct mime_part *p = mime_push(c->arena, c->m, c->limits, parent, depth);
	size_t index = c->m->n - 1;
	bool ok;

	if (!p || !set_bytes(c, p, node))
		return false;
	mime_part_headers(c->arena, p, false);
	if (node->mm_type != MAILMIME_SINGLE && depth + 1 >= c->limits->depth)
		return false;
	if (node->mm_type == MAILMIME_MULTIPLE)
		ok = convert_children(c, node, index);
	else
		ok = node->mm_type == MAILMIME_SINGLE && !mime_is(p, "multipart/") &&
		     !is_message(p);
	c->m->v[index].end = c->m->n;
	return ok;
}

static bool convert_mail(struct converter *c, struct mailmime *mail, const struct header *header)
{
	struct mailmime *root;

	if (mail->mm_type != MAILMIME_MESSAGE)
		return false;
	root = mail->mm_data.mm_message.mm_msg_mime;
	return root && convert(c, root, 0, 0) && c->m->v[0].body.p == c->raw.p + header->body &&
	       c->m->v[0].header.n == header->n;
}

bool mime_etpan(struct arena *arena, struct bytes raw, const struct header *header,
	const struct mime_limits *limits, struct mime *out)
{
	struct converter c = {arena, raw, limits, out};
	struct mailmime *mail = NULL;
	size_t at = 0;
	bool ok;

	*out = (struct mime){0};
	if (header->too_large || header->had_nul || header->no_fields || header->no_separator ||
		!guard_ok(raw))
		return false;
	mime_boundary_link();
	if (mailmime_parse((const char *)raw.p, raw.n, &at, &mail) != MAILIMF_NO_ERROR || !mail)
		return false;
	ok = convert_mail(&c, mail, header);
	mailmime_free(mail);
	return ok;
}
