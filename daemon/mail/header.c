/* Header: splits header bytes into unfolded fields.
 *
 * Called for the mail itself and for each of its parts. Linear; copies each value once. Decides
 * nothing about meaning. */
#include "base/prelude.h"

#include "mail/header.h"

#include "base/arena.h"
#include "base/text.h"

#define HEADER_FIELDS_MAX 8192
#define LOOK_AHEAD 2000

struct line {
	const unsigned char *p;
	size_t n;    /* without the line end */
	size_t step; /* with it */
};

/* A line ends at LF, CRLF or, in mail from old Macs and broken gateways, at a lone CR. CR CR LF is one
 * line end that passed through two gateways. */
static struct line next_line(struct bytes in, size_t at)
{
	struct line l = {in.p + at, 0, 0};
	size_t left = in.n - at, c;

	while (l.n < left && l.p[l.n] != '\n' && l.p[l.n] != '\r')
		l.n++;
	c = l.n;
	while (c < left && l.p[c] == '\r')
		c++;
	if (c < left && l.p[c] == '\n')
		l.step = c + 1;
	else
		l.step = l.n < left ? l.n + 1 : l.n;
	return l;
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static bool only_blanks(const struct line *l)
{
	size_t i = 0;

	while (i < l->n && is_blank(l->p[i]))
		i++;
	return i == l->n;
}

/* Length of a field name followed by a colon, 0 if the line starts no field. Blanks before the
 * colon are obsolete syntax and allowed. */
static size_t field_name_len(const struct line *l, size_t *colon)
{
	size_t i = 0, end;

	while (i < l->n && l->p[i] > 32 && l->p[i] < 127 && l->p[i] != ':')
		i++;
	end = i;
	while (i < l->n && is_blank(l->p[i]))
		i++;
	if (end == 0 || i >= l->n || l->p[i] != ':')
		return 0;
	*colon = i;
	return end;
}

static bool is_mbox_line(const struct line *l)
{
	return (l->n > 5 && memcmp(l->p, "From ", 5) == 0) ||
	       (l->n > 6 && memcmp(l->p, ">From ", 6) == 0);
}

/* True if the line after one that is no field still belongs to the header: a gateway or a virus
 * scanner broke a long line without indenting it. */
static bool continues_header(struct bytes in, size_t at)
{
	struct line l;
	size_t colon;

	if (at >= in.n)
		return false;
	l = next_line(in, at);
	if (l.n == 0 || is_blank(l.p[0]))
		return false;
	return field_name_len(&l, &colon) > 0 && l.n > colon + 1 && is_blank(l.p[colon + 1]);
}

/* A line of blanks only was a fold if a field follows, perhaps after more folded lines. */
static bool continues_after_blanks(struct bytes in, size_t at)
{
	size_t end = in.n - at > LOOK_AHEAD ? at + LOOK_AHEAD : in.n;

	while (at < end) {
		struct line l = next_line(in, at);

		if (l.n == 0 || !is_blank(l.p[0]))
			break;
		at += l.step;
	}
	return continues_header(in, at);
}

struct header_reader {
	struct arena *arena;
	struct bytes in;
	size_t at;
	size_t cap;
	size_t max;
	struct header *h;
};

static char *unfold(struct header_reader *r, size_t from, size_t to)
{
	char *out = arena_alloc(r->arena, to - from + 1);
	size_t n = 0;

	for (size_t i = from; i < to; i++) {
		unsigned char c = r->in.p[i];

		if (c == '\0')
			r->h->had_nul = true;
		else if (c != '\r' && c != '\n')
			out[n++] = (char)c;
	}
	while (n > 0 && is_blank((unsigned char)out[n - 1]))
		n--;
	out[n] = '\0';
	return out + strspn(out, " \t");
}

static void add_field(
	struct header_reader *r, const struct line *first, size_t name_len, size_t from, size_t to)
{
	struct header *h = r->h;

	if (h->n == HEADER_FIELDS_MAX) {
		h->too_large = true;
		return;
	}
	if (h->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 32;
		struct header_field *v = arena_array(r->arena, cap, sizeof(*v));

		if (h->n)
			memcpy(v, h->v, h->n * sizeof(*v));
		h->v = v;
		r->cap = cap;
	}
	if (to > r->max) { /* one endless field: its beginning is kept */
		h->too_large = true;
		to = from > r->max ? from : r->max;
	}
	h->v[h->n].name = arena_strndup(r->arena, (const char *)first->p, name_len);
	h->v[h->n].value = unfold(r, from, to);
	h->n++;
}

/* Takes the field at r->at with its continuation lines. */
static void read_field(
	struct header_reader *r, const struct line *first, size_t name_len, size_t colon)
{
	size_t from = r->at + colon + 1, to = r->at + first->n;

	r->at += first->step;
	while (r->at < r->in.n) {
		struct line l = next_line(r->in, r->at);

		if (l.n == 0 || !is_blank(l.p[0]))
			break;
		/* A line of blanks only: some gateways write the separator so. */
		if (only_blanks(&l) && r->at + l.step < r->in.n &&
			!continues_after_blanks(r->in, r->at + l.step))
			break;
		to = r->at + l.n;
		r->at += l.step;
	}
	add_field(r, first, name_len, from, to);
}

/* A folded line that lost its indentation goes on with the field before, where that has parameters: of
 * other fields it may as well be another gateway's rubbish. */
static void add_broken(struct header_reader *r, size_t to)
{
	struct header_field *f = &r->h->v[r->h->n - 1];

	if (to <= r->max && ascii_starts_nocase(f->name, "Content-"))
		f->value = arena_printf(r->arena, "%s %s", f->value, unfold(r, r->at, to));
}

/* The header is over max_bytes: the body begins after the next empty line, wherever that is. */
static size_t skip_to_body(struct bytes in, size_t at)
{
	while (at < in.n) {
		struct line l = next_line(in, at);

		at += l.step;
		if (l.n == 0)
			break;
	}
	return at;
}

/* One step: true while the header goes on. */
static bool read_line(struct header_reader *r)
{
	struct line l = next_line(r->in, r->at);
	size_t colon = 0, name_len;

	if (only_blanks(&l)) {
		r->at += l.step;
		return false;
	}
	name_len = field_name_len(&l, &colon);
	if (name_len > 0) {
		read_field(r, &l, name_len, colon);
		return true;
	}
	if (r->h->n == 0 && is_mbox_line(&l)) {
		r->at += l.step;
		return true;
	}
	if (r->h->n > 0 && !(l.n > 2 && memcmp(l.p, "--", 2) == 0) &&
		continues_header(r->in, r->at + l.step)) {
		add_broken(r, r->at + l.n);
		r->at += l.step;
		return true;
	}
	r->h->no_separator = true;
	return false;
}

void header_parse(struct arena *arena, struct bytes in, size_t max_bytes, struct header *out)
{
	struct header_reader r = {.arena = arena, .in = in, .max = max_bytes, .h = out};

	*out = (struct header){0};
	while (r.at < in.n) {
		if (r.at > max_bytes) {
			out->too_large = true;
			r.at = skip_to_body(in, r.at);
			break;
		}
		if (!read_line(&r))
			break;
	}
	out->no_fields = out->n == 0;
	out->body = r.at;
}

const char *header_get(const struct header *h, const char *name, size_t nth)
{
	for (size_t i = 0; i < h->n; i++)
		if (ascii_equal_nocase(h->v[i].name, name) && nth-- == 0)
			return h->v[i].value;
	return NULL;
}

size_t header_count(const struct header *h, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += ascii_equal_nocase(h->v[i].name, name);
	return n;
}
