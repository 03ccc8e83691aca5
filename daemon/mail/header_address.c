/* Address fields and message ids, read leniently: no library parser survives what mail clients put
 * into From.
 *
 * Called by parse.c. Structure first, decoding after: a comma or angle bracket inside an encoded word
 * never splits anything. Comments are counted, never nested by recursion. */
#include "base/prelude.h"

#include "mail/header.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

/* One mailbox as it is being read: what stands before, inside and in brackets after. */
struct mailbox {
	struct buf words;   /* outside of brackets and comments, quotes removed */
	struct buf angle;   /* the last <...> */
	struct buf comment; /* the last (...) */
	bool has_angle;
	bool has_quotes;
};

struct reader {
	struct arena *arena;
	struct charsets *cs;
	struct mail_addresses *out;
	size_t max;
	size_t cap;
	bool over;
	/* Looked up once: searching for them again at each step would be quadratic. */
	const char *last_semicolon, *last_word_end;
	struct mailbox box;
};

static void mailbox_clear(struct mailbox *b)
{
	buf_clear(&b->words);
	buf_clear(&b->angle);
	buf_clear(&b->comment);
	b->has_angle = b->has_quotes = false;
}

static void push(struct reader *r, const char *name, const char *address)
{
	struct mail_addresses *out = r->out;

	if (out->n >= r->max) {
		r->over = true;
		return;
	}
	if (out->n == r->cap) {
		struct mail_address *v = arena_array(r->arena, out->n * 2 + 8, sizeof(*v));

		if (out->n)
			memcpy(v, out->v, out->n * sizeof(*v));
		out->v = v;
		r->cap = out->n * 2 + 8;
	}
	out->v[out->n].name = name;
	out->v[out->n].address = address;
	out->n++;
}

/* An address as text: no blanks, no brackets, source route cut. */
static char *clean_address(struct reader *r, const char *s)
{
	char *text = header_text(r->arena, r->cs, s, MAX_HEADER_BYTES);
	char *out = arena_alloc(r->arena, strlen(text) + 1);
	size_t n = 0;
	bool quoted = false;

	if (ascii_starts_nocase(text, "mailto:"))
		text += 7;
	if (*text == '@' && strchr(text, ':'))
		text = strchr(text, ':') + 1;
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		if (quoted ? *p == '\0' : (*p == ' ' || *p == '<' || *p == '>' || *p == '\t'))
			continue;
		out[n++] = *p;
	}
	while (n > 0 &&
		out[n - 1] == '.') /* the root of the domain names, or the end of a sentence */
		n--;
	out[n] = '\0';
	return out;
}

/* A name: decoded, and the quotes that some clients put around twice removed. */
static char *clean_name(struct reader *r, const char *s)
{
	char *text = header_text(r->arena, r->cs, s, MAX_NAME_BYTES);
	size_t n = strlen(text);

	while (n >= 2 && ((text[0] == '"' && text[n - 1] == '"') ||
				 (text[0] == '\'' && text[n - 1] == '\''))) {
		text = arena_strndup(r->arena, text + 1, n - 2);
		n -= 2;
	}
	return text_trim(r->arena, text);
}

/* The last word with an @ of words without brackets: "Anna anna@x.example". */
static void split_bare(struct reader *r, const char *words)
{
	const char *at = strrchr(words, '@'), *from = at, *to = at;

	/* The quoted local part that read_quoted left its quotes. */
	if (*words == '"' && at > words && at[-1] == '"')
		from = words;
	while (from > words && from[-1] != ' ' && from[-1] != '\t')
		from--;
	to += strcspn(to, " \t");
	/* "Anna Ek [anna@x.example]", and no domain literal */
	if (*from == '[' && to[-1] == ']') {
		push(r, clean_name(r, arena_strndup(r->arena, words, (size_t)(from - words))),
			clean_address(
				r, arena_strndup(r->arena, from + 1, (size_t)(to - from - 2))));
		return;
	}
	push(r, clean_name(r, arena_strndup(r->arena, words, (size_t)(from - words))),
		clean_address(r, arena_strndup(r->arena, from, (size_t)(to - from))));
}

/* Name, brackets and address sent as one encoded word. */
static bool finish_encoded(struct reader *r, const char *words)
{
	char *text = header_text(r->arena, r->cs, words, MAX_HEADER_BYTES);
	char *open = strrchr(text, '<'), *end = open ? strchr(open, '>') : NULL;

	if (!end || !memchr(open, '@', (size_t)(end - open)))
		return false;
	push(r, clean_name(r, arena_strndup(r->arena, text, (size_t)(open - text))),
		clean_address(r, arena_strndup(r->arena, open + 1, (size_t)(end - open - 1))));
	return true;
}

static void finish(struct reader *r)
{
	struct mailbox *b = &r->box;
	const char *words = text_trim(r->arena, b->words.data), *angle = b->angle.data;

	if (b->has_angle && !text_is_blank(angle)) {
		char *address = clean_address(r, angle);
		char *name = clean_name(r, text_is_blank(words) ? b->comment.data : words);

		/* "Anna Svensson <a@x.example> (IT)" */
		if (!text_is_blank(words) && !text_is_blank(b->comment.data))
			name = arena_printf(
				r->arena, "%s (%s)", name, clean_name(r, b->comment.data));
		/* The client put the address into the name and the name into the brackets. */
		if (!strchr(address, '@') && strchr(name, '@') && !strchr(name, ' '))
			push(r, header_text(r->arena, r->cs, angle, MAX_NAME_BYTES), name);
		else if (*address)
			push(r, name, address);
	} else if (strstr(words, "=?") && strchr(words, '@') && finish_encoded(r, words)) {
		/* done */
	} else if (strchr(words, '@') && !text_is_blank(words)) {
		if (!text_is_blank(b->comment.data) && !strpbrk(words, " \t"))
			push(r, clean_name(r, b->comment.data), clean_address(r, words));
		else
			split_bare(r, words);
	} else if (!text_is_blank(words)) {
		char *decoded = header_text(r->arena, r->cs, words, MAX_NAME_BYTES);

		if (strchr(decoded, '@') && !strpbrk(decoded, "<> "))
			push(r, "", decoded);
		else
			push(r, clean_name(r, words), "");
	} else if (!text_is_blank(b->comment.data)) {
		push(r, clean_name(r, b->comment.data), "");
	}
	mailbox_clear(b);
}

/* A comma after words without address: "Svensson, Anna <a@x.example>" sent without quotes. */
static bool comma_in_name(const struct mailbox *b, const char *rest)
{
	const char *stop;

	if (b->has_angle || text_is_blank(b->words.data) || strchr(b->words.data, '@'))
		return false;
	stop = strpbrk(rest, "<@,;");
	return stop && *stop == '<';
}

/* RFC 5322 3.2.3: what needs no quotes. */
static bool is_dot_atom(const char *p, const char *end)
{
	for (; p < end; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || strchr("()<>[]:;@\\,\"", *p))
			return false;
	return true;
}

static const char *read_quoted(struct mailbox *b, const char *p)
{
	const char *end = p + 1;
	bool blank = text_is_blank(b->words.data);

	b->has_quotes = true;
	while (*end && *end != '"')
		end += *end == '\\' && end[1] ? 2 : 1;
	/* A local part that needs its quotes keeps them; it is one if @ follows directly. */
	if (blank && end > p + 1 && *end == '"' && end[1] == '@' && !is_dot_atom(p + 1, end)) {
		buf_add(&b->words, p, (size_t)(end - p + 1));
		return end + 1;
	}
	for (p++; p < end; p++) {
		if (*p == '\\' && p[1])
			p++;
		buf_addch(&b->words, *p);
	}
	return *end ? end + 1 : end;
}

static const char *read_comment(struct mailbox *b, const char *p)
{
	size_t depth = 0;

	if (b->comment.len && !text_is_blank(b->comment.data))
		buf_addch(&b->comment, ' ');
	for (; *p; p++) {
		if (*p == '\\' && p[1]) {
			p++;
		} else if (*p == '(') {
			if (depth++ == 0)
				continue;
		} else if (*p == ')' && --depth == 0) {
			return p + 1;
		}
		buf_addch(&b->comment, *p);
	}
	return p;
}

static const char *read_angle(struct mailbox *b, const char *p)
{
	const char *end = strpbrk(p + 1, ">");

	/* "<<a@x.example>>" and "<a@x.example" without its end. */
	while (p[1] == '<')
		p++;
	if (!end)
		end = p + 1 + strcspn(p + 1, ",;");
	if (b->has_angle && !text_is_blank(b->angle.data)) {
		buf_addch(&b->words, ' ');
		buf_addstr(&b->words, b->angle.data);
		buf_clear(&b->angle);
	}
	/* "MAILER-DAEMON (Mail Delivery System) <...>": no part of the name (RFC 5322 3.2.2). */
	if (!b->has_angle && !text_is_blank(b->words.data))
		buf_clear(&b->comment);
	b->has_angle = true;
	buf_add(&b->angle, p + 1, (size_t)(end - p - 1));
	while (*end == '>')
		end++;
	return end;
}

/* "friends: a@x.example, b@x.example;" but not "mailto:a@x" and not a domain literal. */
static bool group_starts(const struct reader *r, const char *p)
{
	const struct mailbox *b = &r->box;

	return r->last_semicolon > p && !b->has_angle && !strchr(b->words.data, '@') &&
	       !text_is_blank(b->words.data) &&
	       !ascii_equal_nocase(b->words.data + strspn(b->words.data, " "), "mailto");
}

static const char *read_piece(struct reader *r, const char *p)
{
	struct mailbox *b = &r->box;

	switch (*p) {
	case '"':
		return read_quoted(b, p);
	case '(':
		return read_comment(b, p);
	case '<':
		return read_angle(b, p);
	case ',':
		if (comma_in_name(b, p + 1)) {
			buf_addch(&b->words, ',');
			return p + 1;
		}
		finish(r);
		return p + 1;
	case ';':
		finish(r);
		return p + 1;
	case ':':
		if (group_starts(r, p)) {
			mailbox_clear(b);
			return p + 1;
		}
		break;
	case '\\':
		if (p[1])
			p++;
		break;
	default:
		break;
	}
	buf_addch(&b->words, *p);
	return p + 1;
}

/* An encoded word goes in whole: its Q text may hold commas and brackets in broken mail. */
static const char *encoded_word(struct reader *r, const char *p)
{
	const char *q = p + 2 + strcspn(p + 2, "? \t<>@,"), *end;

	if (*q != '?' || !q[1] || q[2] != '?' || r->last_word_end < q + 3)
		return NULL;
	end = strstr(q + 3, "?=");
	if (!end)
		return NULL;
	buf_add(&r->box.words, p, (size_t)(end + 2 - p));
	return end + 2;
}

static const char *last_word_end(const char *s)
{
	for (const char *p = s + strlen(s); p - s >= 2; p--)
		if (p[-2] == '?' && p[-1] == '=')
			return p - 2;
	return NULL;
}

/* The whole field, brackets and all, sent as one encoded word. */
static bool encoded_whole(const char *value)
{
	return strstr(value, "=?") && !strchr(value, '@') && !strchr(value, '<');
}

bool header_addresses(struct arena *arena, struct charsets *cs, const char *value, size_t max,
	struct mail_addresses *out)
{
	struct reader r = {.arena = arena, .cs = cs, .out = out, .max = max, .cap = out->n};
	const char *p = value;

	if (encoded_whole(value)) {
		char *decoded = header_text(arena, cs, value, MAX_HEADER_BYTES);

		if (strchr(decoded, '@'))
			p = decoded;
	}
	r.last_semicolon = strrchr(p, ';');
	r.last_word_end = last_word_end(p);
	buf_init(&r.box.words, MAX_HEADER_BYTES);
	buf_init(&r.box.angle, MAX_HEADER_BYTES);
	buf_init(&r.box.comment, MAX_HEADER_BYTES);
	while (*p && !r.over) {
		const char *next = p[0] == '=' && p[1] == '?' ? encoded_word(&r, p) : NULL;

		p = next ? next : read_piece(&r, p);
	}
	finish(&r);
	buf_release(&r.box.words);
	buf_release(&r.box.angle);
	buf_release(&r.box.comment);
	return !r.over;
}

/* Past a quoted string or a comment; NULL if it does not end. */
static const char *skip_quoted(const char *p)
{
	char end = *p == '(' ? ')' : '"';
	int depth = 1;

	for (p++; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (end == ')' && *p == '(')
			depth++;
		else if (*p == end && --depth == 0)
			return p + 1;
	}
	return NULL;
}

/* `n` octets at `s` are that address, but for blanks around it. */
static bool is_that_address(const char *s, size_t n, const char *address)
{
	while (n && (*s == ' ' || *s == '\t')) {
		s++;
		n--;
	}
	while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	return n > 0 && n == strlen(address) && memcmp(s, address, n) == 0;
}

bool header_from_is_exact(const char *value, const char *address)
{
	const char *open = NULL, *p = value, *end;
	size_t ats = 0;

	/* The whole field is the address. */
	if (is_that_address(value, strlen(value), address))
		return !strpbrk(address, "\"(),:;<>[]\\ ");
	while (*p) {
		if (*p == '"' || *p == '(') {
			p = skip_quoted(p);
			if (!p)
				return false;
			continue;
		}
		if (*p == '<') {
			end = strchr(p, '>');
			if (open || !end || !is_that_address(p + 1, (size_t)(end - p - 1), address))
				return false;
			open = p;
			p = end + 1;
			continue;
		}
		/* A quoted name with a comma is quoted; an open one is no second mailbox. */
		if (*p == '>' || *p == ':' || *p == ';' || ((unsigned char)*p < 0x20 && *p != '\t'))
			return false;
		ats += *p == '@';
		p++;
	}
	if (open)
		return ats == 0 && !strpbrk(address, "\"(),:;<>[]\\ ");
	/* "anna@x.example (Anna)" */
	end = strchr(value, '(');
	return ats == 1 && end && is_that_address(value, (size_t)(end - value), address);
}
