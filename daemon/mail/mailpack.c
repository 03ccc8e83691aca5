/* Mail <-> bytes. Called by the parser's child, which writes, and by the desk and lotsctl, which read. The
 * child read a stranger's bytes and may be in his hands: every count, length and number is checked, every
 * string cleaned again, and nothing that is missing is made up.
 *
 * The order of the members is told once: each function below writes its member when there is an output and
 * reads it when there is none. */
#include "base/prelude.h"

#include "mail/mailpack.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

#define FORM 1 /* of these bytes; a parser of another build may differ */
#define WORD_MAX 200
#define LINE_MAX (MAX_HEADER_BYTES)
#define STRINGS_MAX 500
#define TEXT_MAX (2u * MAX_TEXT_BYTES)
#define ATTACHMENTS_MAX MAX_MIME_PARTS

struct packer {
	struct buf *out;     /* NULL: reading */
	struct arena *arena; /* reading: where what is read lives */
	struct bytes left;
	const char *error; /* the first fault; nothing is read after it */
};

static void fault(struct packer *p, const char *error)
{
	if (!p->error)
		p->error = error;
	p->left.n = 0;
}

static void take(struct packer *p, void *to, size_t n)
{
	if (n > p->left.n) {
		fault(p, "the end is missing");
		memset(to, 0, n);
		return;
	}
	memcpy(to, p->left.p, n);
	p->left.p += n;
	p->left.n -= n;
}

static void number(struct packer *p, int64_t *v, int64_t min, int64_t max)
{
	if (p->out) {
		buf_add(p->out, v, sizeof(*v));
		return;
	}
	take(p, v, sizeof(*v));
	if (*v < min || *v > max) {
		fault(p, "a number is out of range");
		*v = min;
	}
}

static void flag(struct packer *p, bool *v)
{
	int64_t n = *v;

	number(p, &n, 0, 1);
	*v = n != 0;
}

static void count(struct packer *p, size_t *v, size_t max)
{
	int64_t n = (int64_t)*v;

	number(p, &n, 0, (int64_t)max);
	*v = (size_t)n;
}

static void string(struct packer *p, const char **s, size_t max, bool one_line)
{
	uint32_t n = p->out ? (uint32_t)strlen(*s) : 0;
	const char *from;

	if (p->out) {
		buf_add(p->out, &n, sizeof(n));
		buf_add(p->out, *s, n);
		return;
	}
	*s = "";
	take(p, &n, sizeof(n));
	if (n == 0)
		return;
	from = (const char *)p->left.p;
	if (n > max || n > p->left.n || memchr(from, '\0', n)) {
		fault(p, "a string is too long");
		return;
	}
	*s = one_line ? utf8_clean_line(p->arena, from, n) : utf8_clean(p->arena, from, n);
	if (n > max / 3 && strlen(*s) > max) { /* each byte that is none of UTF-8 becomes three */
		fault(p, "a string is too long");
		*s = "";
		return;
	}
	p->left.p += n;
	p->left.n -= n;
}

static void line(struct packer *p, const char **s, size_t max)
{
	string(p, s, max, true);
}

static void text(struct packer *p, const char **s)
{
	string(p, s, TEXT_MAX, false);
}

/* The room for n members that are read. */
static void *room(struct packer *p, void *there, size_t n, size_t size)
{
	return p->out ? there : arena_array(p->arena, n ? n : 1, size);
}

static void strings(struct packer *p, struct mail_strings *s, size_t max)
{
	count(p, &s->n, STRINGS_MAX);
	s->v = room(p, s->v, s->n, sizeof(*s->v));
	for (size_t i = 0; i < s->n; i++)
		line(p, &s->v[i], max);
}

static void address(struct packer *p, struct mail_address *a)
{
	line(p, &a->name, LINE_MAX);
	line(p, &a->address, LINE_MAX);
}

static void addresses(struct packer *p, struct mail_addresses *s)
{
	count(p, &s->n, MAX_ADDRESSES);
	s->v = room(p, s->v, s->n, sizeof(*s->v));
	for (size_t i = 0; i < s->n; i++) {
		address(p, &s->v[i]);
		if (!*s->v[i].address)
			fault(p, "an address is empty");
	}
}

static void sha256(struct packer *p, char hex[65])
{
	const char *s = hex;

	line(p, &s, 64);
	if (p->out)
		return;
	if (strspn(s, "0123456789abcdef") != 64)
		fault(p, "a digest is wrong");
	else
		memcpy(hex, s, 65);
}

static void attachment(struct packer *p, struct mail_attachment *a)
{
	line(p, &a->name, 2 * MAX_NAME_BYTES);
	line(p, &a->type, WORD_MAX);
	line(p, &a->content_id, 2 * MAX_MESSAGE_ID_BYTES);
	line(p, &a->encoding, WORD_MAX);
	flag(p, &a->is_inline);
	number(p, &a->size, 0, MAX_MAIL_BYTES);
	number(p, &a->raw_offset, -1, MAX_MAIL_BYTES);
	number(p, &a->raw_length, 0, MAX_MAIL_BYTES);
	sha256(p, a->sha256);
}

static void attachments(struct packer *p, struct mail *m)
{
	count(p, &m->n_attachments, ATTACHMENTS_MAX);
	m->attachments = room(p, m->attachments, m->n_attachments, sizeof(*m->attachments));
	for (size_t i = 0; i < m->n_attachments; i++)
		attachment(p, &m->attachments[i]);
}

static void auth_results(struct packer *p, struct mail *m)
{
	count(p, &m->n_auth_results, STRINGS_MAX);
	m->auth_results = room(p, m->auth_results, m->n_auth_results, sizeof(*m->auth_results));
	for (size_t i = 0; i < m->n_auth_results; i++) {
		line(p, &m->auth_results[i].value, LINE_MAX);
		count(p, &m->auth_results[i].received_above, MAX_HEADER_BYTES);
	}
}

static void bounce(struct packer *p, const struct mail *m, struct mail_bounce *b)
{
	bool told = m->auto_class == MAIL_BOUNCE || b->delivered;

	flag(p, &told);
	if (!told) {
		*b = (struct mail_bounce){
			.recipient = "", .status = "", .diagnostic = "", .original_id = ""};
		return;
	}
	line(p, &b->recipient, LINE_MAX);
	line(p, &b->status, WORD_MAX);
	line(p, &b->diagnostic, LINE_MAX);
	flag(p, &b->temporary);
	flag(p, &b->delivered);
	line(p, &b->original_id, LINE_MAX);
}

static void forward(struct packer *p, struct mail_forward *f)
{
	flag(p, &f->present);
	if (!f->present) {
		*f = (struct mail_forward){false, {"", ""}, "", ""};
		return;
	}
	address(p, &f->from);
	line(p, &f->subject, LINE_MAX);
	text(p, &f->text);
}

static void head(struct packer *p, struct mail *m)
{
	line(p, &m->message_id, MAX_MESSAGE_ID_BYTES);
	strings(p, &m->in_reply_to, MAX_MESSAGE_ID_BYTES);
	strings(p, &m->references, MAX_MESSAGE_ID_BYTES);
	flag(p, &m->has_from);
	flag(p, &m->from_unclear);
	address(p, &m->from);
	if (!p->out && m->has_from != (*m->from.address != '\0'))
		fault(p, "the sender contradicts himself");
	addresses(p, &m->reply_to);
	addresses(p, &m->to);
	addresses(p, &m->cc);
	strings(p, &m->delivered_to, LINE_MAX);
	line(p, &m->return_path, LINE_MAX);
	number(p, &m->date_ms, INT64_MIN, INT64_MAX);
	line(p, &m->subject, 4 * MAX_SUBJECT_BYTES);
	auth_results(p, m);
	strings(p, &m->received, LINE_MAX);
	line(p, &m->exchange_auth_as, LINE_MAX);
}

static void rest(struct packer *p, struct mail *m)
{
	int64_t class = m->auto_class;

	number(p, &class, 0, MAIL_AUTO_N - 1);
	m->auto_class = (enum mail_auto) class;
	line(p, &m->auto_reason, WORD_MAX);
	bounce(p, m, &m->bounce);
	number(p, &m->absent_from_ms, 0, INT64_MAX);
	number(p, &m->absent_until_ms, 0, INT64_MAX);
	line(p, &m->language, 16);
	text(p, &m->text);
	text(p, &m->new_text);
	flag(p, &m->new_text_is_whole);
	flag(p, &m->answers_inline);
	forward(p, &m->forward);
	flag(p, &m->encrypted);
	flag(p, &m->signed_smime);
	attachments(p, m);
	strings(p, &m->defects, WORD_MAX);
	number(p, &m->size, 0, INT64_MAX);
}

static void all(struct packer *p, struct mail *m)
{
	int64_t form = FORM;

	number(p, &form, FORM, FORM);
	head(p, m);
	rest(p, m);
}

void mail_pack(const struct mail *m, struct buf *out)
{
	struct packer p = {.out = out};
	struct mail copy = *m;

	all(&p, &copy);
}

struct mail *mail_unpack(struct arena *arena, struct bytes in, const char **error)
{
	struct packer p = {.arena = arena, .left = in};
	struct mail *m = arena_new_of(arena, struct mail);

	all(&p, m);
	if (p.left.n > 0)
		fault(&p, "more than a mail");
	*error = p.error;
	return p.error ? NULL : m;
}
