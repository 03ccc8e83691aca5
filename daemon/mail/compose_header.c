/* Compose headers: the one writer of header fields. Whatever a value holds, the field is ASCII, has
 * no control character, is folded, and reads back as the cleaned value (RFC 5322, 2047, 2231). A
 * value that looks like an encoded word is encoded itself, so nothing is smuggled through a decoder.
 * Called by compose.c. */
#include "base/prelude.h"

#include "mail/compose_parts.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"

static const char q_open[] = "=?UTF-8?Q?", b_open[] = "=?UTF-8?B?", word_end[] = "?=";
#define WORD_FRAME (sizeof(q_open) - 1 + sizeof(word_end) - 1)
#define WORD_LEAST (WORD_FRAME + 12) /* room for any one character */

/* Writes one field, remembering the column. */
struct field {
	struct buf *out;
	size_t column;
};

static void put(struct field *f, const char *s, size_t n)
{
	buf_add(f->out, s, n);
	f->column += n;
}

static void fold(struct field *f)
{
	buf_addstr(f->out, "\r\n ");
	f->column = 1;
}

static void begin(struct field *f, struct buf *out, const char *name)
{
	*f = (struct field){out, 0};
	put(f, name, strlen(name));
	put(f, ": ", 2);
}

static void end(struct field *f)
{
	buf_addstr(f->out, "\r\n");
}

/* True for what may stand for itself in an encoded word, also in a phrase: RFC 2047 5 (3). */
static bool is_q_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!*+-/", c));
}

static size_t q_width(const char *s, size_t n)
{
	size_t w = 0;
	for (size_t i = 0; i < n; i++)
		w += is_q_plain((unsigned char)s[i]) || s[i] == ' ' ? 1 : 3;
	return w;
}

static size_t b_width(size_t n)
{
	return (n + 2) / 3 * 4;
}

static void put_q(struct field *f, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		char hex[4];
		if (c == ' ')
			put(f, "_", 1);
		else if (is_q_plain(c))
			put(f, s + i, 1);
		else
			put(f, hex, (size_t)snprintf(hex, sizeof(hex), "=%02X", c));
	}
}

static void put_word(struct field *f, const char *s, size_t n, bool q)
{
	put(f, q ? q_open : b_open, sizeof(q_open) - 1);
	if (q) {
		put_q(f, s, n);
	} else {
		base64_chars(f->out, s, n);
		f->column += b_width(n);
	}
	put(f, word_end, sizeof(word_end) - 1);
}

/* Valid UTF-8 as encoded words, whole characters in each, folded between them; a blank before. */
static void put_encoded(struct field *f, const char *s, bool blank)
{
	size_t n = strlen(s);
	bool q = q_width(s, n) <= b_width(n);
	if (f->column + blank + WORD_LEAST > ENCODED_WIDTH)
		fold(f);
	else if (blank)
		put(f, " ", 1);
	while (n > 0) {
		size_t room = ENCODED_WIDTH - f->column;
		room = (room > ENCODED_WORD ? ENCODED_WORD : room) - WORD_FRAME;
		size_t take = 0;
		while (take < n) {
			uint32_t code;
			size_t step = utf8_next(s + take, n - take, &code);
			size_t w = q ? q_width(s, take + step) : b_width(take + step);
			if (step == 0 || w > room)
				break;
			take += step;
		}
		put_word(f, s, take > 0 ? take : n, q);
		s += take > 0 ? take : n;
		n -= take > 0 ? take : n;
		if (n > 0)
			fold(f);
	}
}

static bool is_plain_word(const char *s, size_t n)
{
	if (n > 60)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] <= ' ' || (unsigned char)s[i] >= 0x7f)
			return false;
	return !memmem(s, n, "=?", 2);
}

void field_text(struct buf *out, struct arena *arena, const char *name, const char *value)
{
	struct field f;
	const char *s = text_trim(arena, utf8_clean_line(arena, value, strlen(value)));
	begin(&f, out, name);
	for (bool first = true; *s; first = false) {
		size_t blanks = first ? 0 : 1; /* s stands on the blank before the word */
		size_t n = strcspn(s + blanks, " ");
		/* Two blanks in a row are kept only inside encoded words. */
		if (n == 0 || !is_plain_word(s + blanks, n)) {
			put_encoded(&f, s + blanks, blanks > 0);
			break;
		}
		if (f.column + blanks + n > HEADER_WIDTH && blanks)
			fold(&f);
		else if (blanks)
			put(&f, " ", 1);
		put(&f, s + blanks, n);
		s += blanks + n;
	}
	end(&f);
}

static bool is_atoms(const char *s)
{
	for (; *s; s++) {
		bool alnum = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
			     (*s >= '0' && *s <= '9');
		if (!alnum && !strchr("!#$%&'*+-/=?^_`{|}~ ", *s))
			return false;
	}
	return true;
}

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f)
			return false;
	return true;
}

/* Written between quotes, with its escapes: short enough not to need folding. */
static bool is_short_quoted(const char *s)
{
	size_t n = strlen(s);
	for (const char *p = s; *p; p++)
		n += *p == '"' || *p == '\\';
	return n <= 50;
}

static void put_phrase(struct field *f, const char *s)
{
	bool plain = is_ascii(s) && !strstr(s, "=?") && is_short_quoted(s);
	if (!plain) {
		put_encoded(f, s, false);
	} else if (is_atoms(s) && !strstr(s, "  ")) {
		put(f, s, strlen(s));
	} else {
		put(f, "\"", 1);
		for (; *s; s++) {
			if (*s == '"' || *s == '\\')
				put(f, "\\", 1);
			put(f, s, 1);
		}
		put(f, "\"", 1);
	}
}

void field_mailbox(
	struct buf *out, struct arena *arena, const char *name, const struct mail_address *a)
{
	struct field f;
	const char *s = a->name ? a->name : "";
	s = text_trim(arena, utf8_clean_line(arena, s, strlen(s)));
	s = utf8_shorten(arena, s, MAX_NAME_BYTES);
	size_t n = strlen(a->address);
	begin(&f, out, name);
	if (!*s) {
		put(&f, a->address, n);
		end(&f);
		return;
	}
	put_phrase(&f, s);
	if (f.column + n + 3 > ENCODED_WIDTH)
		fold(&f);
	else
		put(&f, " ", 1);
	put(&f, "<", 1);
	put(&f, a->address, n);
	put(&f, ">", 1);
	end(&f);
}

bool field_id_ok(const char *id)
{
	const char *at = strchr(id, '@');
	size_t n = strlen(id);
	/* "=?" could be taken for an encoded word by whoever reads it. */
	if (!at || at == id || strstr(id, "=?") || !at[1] || strchr(at + 1, '@') ||
		n > MAX_MESSAGE_ID_BYTES - 100)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)id[i] <= ' ' || (unsigned char)id[i] >= 0x7f ||
			strchr("<>()\"\\", id[i]))
			return false;
	return true;
}

void field_ids(struct buf *out, const char *name, const char *const *ids, size_t n)
{
	struct field f;
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		if (!field_id_ok(ids[i]))
			continue;
		if (!any)
			begin(&f, out, name);
		else
			fold(&f);
		any = true;
		put(&f, "<", 1);
		put(&f, ids[i], strlen(ids[i]));
		put(&f, ">", 1);
	}
	if (any)
		end(&f);
}

static bool is_token(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f ||
			strchr("()<>@,;:\\\"/[]?=", *s))
			return false;
	return true;
}

/* RFC 2231 attribute-char. */
static bool is_attribute(unsigned char c)
{
	return c > ' ' && c < 0x7f && !strchr("*'%()<>@,;:\\\"/[]?=", c);
}

static void put_percent(struct field *f, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char hex[4];
		unsigned char c = (unsigned char)s[i];
		if (is_attribute(c))
			put(f, s + i, 1);
		else
			put(f, hex, (size_t)snprintf(hex, sizeof(hex), "%%%02X", c));
	}
}

/* "name*=UTF-8''..." or, when that is too wide, "name*0*=UTF-8''...; name*1*=...", each piece on a
 * line of its own with whole characters. */
static void put_pieces(struct field *f, const char *name, const char *s)
{
	size_t total = 0;
	for (const char *p = s; *p; p++)
		total += is_attribute((unsigned char)*p) ? 1 : 3;
	bool one = total + strlen(name) + 12 < HEADER_WIDTH;
	for (size_t piece = 0; *s; piece++) {
		char start[64];
		int n = one ? snprintf(start, sizeof(start), "%s*=UTF-8''", name)
			    : snprintf(start, sizeof(start), "%s*%zu*=%s", name, piece,
				      piece == 0 ? "UTF-8''" : "");
		put(f, start, (size_t)n);
		while (*s && (one || f->column + 13 < HEADER_WIDTH)) {
			uint32_t code;
			size_t step = utf8_next(s, strlen(s), &code);
			step = step > 0 ? step : 1;
			put_percent(f, s, step);
			s += step;
		}
		if (*s) {
			put(f, ";", 1);
			fold(f);
		}
	}
}

void field_parameter(struct buf *out, const char *name, const char *value)
{
	struct field f = {out, 0};
	buf_addch(out, ';');
	fold(&f);
	if (!is_ascii(value) || !is_short_quoted(value) || strstr(value, "=?")) {
		put_pieces(&f, name, value);
		return;
	}
	put(&f, name, strlen(name));
	bool token = is_token(value);
	put(&f, token ? "=" : "=\"", token ? 1 : 2);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			put(&f, "\\", 1);
		put(&f, value, 1);
	}
	if (!token)
		put(&f, "\"", 1);
}
