/* Encoded words (RFC 2047), in the forms that occur: blanks inside, no blanks between, a character
 * split over two words, a language behind the charset, raw 8-bit beside, inside quotes, cut off.
 *
 * Called for unstructured fields, names and file names. */
#include "base/prelude.h"

#include "mail/header.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "mail/charset.h"
#include "mail/mime_decode.h"

#define CHARSET_LABEL_MAX 64
#define WORDS_MAX (256u << 10)

struct word {
	const char *charset, *text;
	size_t charset_len, text_len;
	char encoding; /* 'b' or 'q' */
	size_t whole;  /* bytes of the input it takes */
};

/* An encoded word at s ("=?")? A missing end is allowed when nothing else follows the text. */
static bool word_at(const char *s, const char *last_end, struct word *w)
{
	const char *p = s + 2 + strspn(s + 2, " \t"), *end;

	w->charset = p;
	w->charset_len = strcspn(p, "? \t");
	p += w->charset_len;
	p += strspn(p, " \t");
	if (w->charset_len == 0 || w->charset_len > CHARSET_LABEL_MAX || *p != '?')
		return false;
	p += 1 + strspn(p + 1, " \t");
	w->encoding = (char)(*p | 0x20);
	if ((w->encoding != 'b' && w->encoding != 'q') || p[1] != '?')
		return false;
	w->text = p + 2;
	/* last_end: asked once, because searching to the end for each word would be quadratic. */
	end = last_end && last_end >= w->text ? strstr(w->text, "?=") : NULL;
	if (end) {
		w->text_len = (size_t)(end - w->text);
		w->whole = (size_t)(end + 2 - s);
		return true;
	}
	/* Cut off in the middle: the rest is the text, if it looks like one. */
	w->text_len = strcspn(w->text, " \t?");
	w->whole = (size_t)(w->text + w->text_len - s);
	return w->text[w->text_len] == '\0' ||
	       (w->text[w->text_len] == '?' && w->text[w->text_len + 1] == '\0' && ++w->whole);
}

struct words {
	struct arena *arena;
	struct charsets *cs;
	struct buf out;
	struct buf pending; /* bytes of adjacent words in one charset */
	const char *charset;
	size_t charset_len;
};

static void words_flush(struct words *w)
{
	char *label, *text;

	if (w->pending.len == 0)
		return;
	label = arena_strndup(w->arena, w->charset, w->charset_len);
	text = charset_decode(w->cs, w->arena, label,
		(struct bytes){(const unsigned char *)w->pending.data, w->pending.len}, NULL);
	buf_addstr(&w->out, text);
	buf_clear(&w->pending);
}

static void words_add(struct words *w, const struct word *word)
{
	char *bytes = arena_alloc(w->arena, word->text_len + 1);
	size_t n;

	if (w->pending.len &&
		(w->charset_len != word->charset_len ||
			strncasecmp(w->charset, word->charset, word->charset_len) != 0))
		words_flush(w);
	w->charset = word->charset;
	w->charset_len = word->charset_len;
	if (word->encoding == 'b')
		n = mime_decode_b_word(word->text, word->text_len, bytes);
	else
		n = mime_decode_q_word(word->text, word->text_len, bytes);
	buf_add(&w->pending, bytes, n);
}

static void words_raw(struct words *w, const char *s, size_t n)
{
	if (n == 0)
		return;
	words_flush(w);
	buf_addstr(&w->out, charset_decode(w->cs, w->arena, NULL,
				    (struct bytes){(const unsigned char *)s, n}, NULL));
}

static char *decode_words(struct arena *arena, struct charsets *cs, const char *s)
{
	struct words w = {.arena = arena, .cs = cs};
	const char *raw = s;
	const char *last_end = NULL;
	bool after_word = false;

	for (const char *e = s + strlen(s); e - s >= 2 && !last_end; e--)
		if (e[-2] == '?' && e[-1] == '=')
			last_end = e - 2;
	buf_init(&w.out, 4 * WORDS_MAX);
	buf_init(&w.pending, WORDS_MAX);
	for (const char *p = strstr(s, "=?"); p; p = strstr(p, "=?")) {
		struct word word;
		size_t gap = (size_t)(p - raw);

		if (!word_at(p, last_end, &word)) {
			p += 2;
			continue;
		}
		/* Blanks between two words belong to neither. */
		if (!after_word || strspn(raw, " \t") < gap)
			words_raw(&w, raw, gap);
		words_add(&w, &word);
		after_word = true;
		p += word.whole;
		raw = p;
	}
	words_raw(&w, raw, strlen(raw));
	words_flush(&w);
	buf_release(&w.pending);
	if (!buf_ok(&w.out)) {
		buf_release(&w.out);
		return arena_strdup(arena, "");
	}
	return buf_take(&w.out, arena);
}

static size_t blank_len(const char *p)
{
	uint32_t code;
	size_t n = utf8_next(p, strnlen(p, 4), &code);

	if (n == 0)
		return 0;
	if (code == ' ' || code == 0xa0 || code == 0x3000 || (code >= 0x2000 && code <= 0x200a))
		return n;
	return 0;
}

/* Several blanks of any kind become one: padding pushes the words out of sight. */
static void collapse_blanks(char *s)
{
	char *out = s;

	while (*s) {
		size_t n = (unsigned char)*s > ' ' && (unsigned char)*s < 0x80 ? 0 : blank_len(s);

		if (n == 0) {
			*out++ = *s++;
			continue;
		}
		if (!blank_len(s + n)) { /* a single one stays what it is */
			memmove(out, s, n);
			out += n;
			s += n;
			continue;
		}
		while ((n = blank_len(s)) > 0)
			s += n;
		*out++ = ' ';
	}
	*out = '\0';
}

char *header_text(struct arena *arena, struct charsets *cs, const char *value, size_t max)
{
	char *text;

	if (strstr(value, "=?"))
		text = decode_words(arena, cs, value);
	else
		text = charset_decode(cs, arena, NULL,
			(struct bytes){(const unsigned char *)value, strlen(value)}, NULL);
	text = text_trim(arena, utf8_clean_line(arena, text, strlen(text)));
	collapse_blanks(text);
	return strlen(text) > max ? utf8_shorten(arena, text, max) : text;
}
