/* Text: UTF-8 decoding and cleaning, folding, words, lines. Called by every floor; pure; no locale.
 */
#include "base/prelude.h"

#include "base/text.h"

#include "base/arena.h"

#define REPLACEMENT 0xFFFDu

size_t utf8_next(const char *s, size_t n, uint32_t *code)
{
	const unsigned char *u = (const unsigned char *)s;
	if (n == 0)
		return 0;
	if (u[0] < 0x80) {
		*code = u[0];
		return 1;
	}
	size_t len = u[0] >= 0xF0 ? 4 : u[0] >= 0xE0 ? 3 : 2;
	/* 80..BF continue, C0 C1 are always overlong, F5.. are above the end. */
	if (u[0] < 0xC2 || u[0] > 0xF4 || len > n)
		return 0;
	uint32_t c = u[0] & (0xFFu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3Fu);
	}
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*code = c;
	return len;
}

size_t utf8_put(char out[4], uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = len - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (code & 0x3F));
		code >>= 6;
	}
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
	out[0] = (char)(lead[len] | code);
	return len;
}

/* Of the eight bytes at s: which are no printable ASCII (0x20 to 0x7E)? 0 if all are. */
static uint64_t odd_of_eight(const char *s)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t w;
	memcpy(&w, s, sizeof(w));
	return (w | (w - ones * 0x20) | (w + ones)) & high;
}

static bool is_ink(char c)
{
	return c > 0x20 && c < 0x7F;
}

bool utf8_valid(const char *s, size_t n)
{
	uint32_t code;
	for (size_t i = 0, step; i < n; i += step) {
		if (n - i >= 8 && odd_of_eight(s + i) == 0) {
			step = 8;
			continue;
		}
		step = utf8_next(s + i, n - i, &code);
		if (step == 0)
			return false;
	}
	return true;
}

static bool is_format(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} cf[] = {{0xAD, 0xAD}, {0x600, 0x605}, {0x61C, 0x61C}, {0x6DD, 0x6DD}, {0x70F, 0x70F},
		{0x890, 0x891}, {0x8E2, 0x8E2}, {0x180E, 0x180E}, {0x200B, 0x200F},
		{0x202A, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
		{0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
		{0x1D173, 0x1D17A}, {0xE0000, 0xE007F}};
	if (c < 0xAD)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(cf) && c >= cf[i].first; i++) {
		if (c <= cf[i].last)
			return true;
	}
	return false;
}

/* What stands in clean text for the character at s; 0 = nothing. *step is how far to go on. */
static uint32_t clean_next(const char *s, size_t n, bool one_line, size_t *step)
{
	uint32_t c;
	*step = utf8_next(s, n, &c);
	if (*step == 0) {
		*step = 1;
		return REPLACEMENT;
	}
	if (c == '\r') {
		/* CR CR LF is one line end that passed through two gateways. */
		*step = n > 1 && s[1] == '\n' ? 2 : n > 2 && s[1] == '\r' && s[2] == '\n' ? 3 : 1;
		c = '\n';
	}
	if (c == '\n' || c == '\t')
		return one_line ? ' ' : c;
	if (c < 0x20 || (c >= 0x7F && c < 0xA0))
		return 0;
	if (one_line && (c == 0x2028 || c == 0x2029))
		return ' ';
	return one_line && is_format(c) ? 0 : c;
}

/* How many bytes at s stay as they are: printable ASCII, and the white space that is kept. Nearly all of
 * nearly every mail. */
static size_t plain_run(const char *s, size_t n, bool one_line)
{
	size_t i = 0;
	while (n - i >= 8 && odd_of_eight(s + i) == 0)
		i += 8;
	while (i < n && (((unsigned char)s[i] >= 0x20 && (unsigned char)s[i] < 0x7F) ||
				(!one_line && (s[i] == '\n' || s[i] == '\t'))))
		i++;
	return i;
}

static char *clean(struct arena *arena, const char *s, size_t n, bool one_line)
{
	size_t need = plain_run(s, n, one_line), step, plain;
	char tmp[4];
	if (need == n)
		return arena_strndup(arena, s, n);
	for (size_t i = need; i < n;) {
		uint32_t c = clean_next(s + i, n - i, one_line, &step);
		need += c == 0 ? 0 : utf8_put(tmp, c);
		i += step;
		plain = plain_run(s + i, n - i, one_line);
		need += plain;
		i += plain;
	}
	char *out = arena_alloc(arena, need + 1);
	size_t o = 0;
	for (size_t i = 0; i < n; i += step) {
		plain = plain_run(s + i, n - i, one_line);
		memcpy(out + o, s + i, plain);
		o += plain;
		i += plain;
		if (i == n)
			break;
		uint32_t c = clean_next(s + i, n - i, one_line, &step);
		size_t len = c == 0 ? 0 : utf8_put(tmp, c);
		memcpy(out + o, tmp, len);
		o += len;
	}
	return out;
}

char *utf8_clean(struct arena *arena, const char *s, size_t n)
{
	return clean(arena, s, n, false);
}

char *utf8_clean_line(struct arena *arena, const char *s, size_t n)
{
	return clean(arena, s, n, true);
}

size_t utf8_clean_line_to(char *out, size_t size, const char *s, size_t n)
{
	static const char ellipsis[] = "\xE2\x80\xA6";
	size_t o = 0, step, fits = 0; /* fits: the last end with room for an ellipsis */
	for (size_t i = 0; i < n; i += step) {
		char tmp[4];
		uint32_t c = clean_next(s + i, n - i, true, &step);
		size_t len = c == 0 ? 0 : utf8_put(tmp, c);
		if (o + len + 1 > size) {
			memcpy(out + fits, ellipsis, 3);
			o = fits + 3;
			break;
		}
		memcpy(out + o, tmp, len);
		o += len;
		if (o + 3 + 1 <= size)
			fits = o;
	}
	out[o] = '\0';
	return o;
}

char *utf8_shorten(struct arena *arena, const char *s, size_t max)
{
	size_t n = strlen(s);
	if (n <= max)
		return arena_strndup(arena, s, n);
	size_t room = max >= 3 ? max - 3 : max, cut = 0;
	uint32_t code;
	for (size_t step; cut < n; cut += step) {
		step = utf8_next(s + cut, n - cut, &code);
		step = step == 0 ? 1 : step;
		if (cut + step > room)
			break;
	}
	return arena_printf(arena, "%.*s%s", (int)cut, s, max >= 3 ? "\xE2\x80\xA6" : "");
}

static bool is_combining(uint32_t c)
{
	return c >= 0x300 && c <= 0x36F;
}

size_t utf8_columns(const char *s)
{
	size_t n = strlen(s), columns = 0, step;
	for (size_t i = 0; i < n; i += step) {
		uint32_t c = 0;
		step = utf8_next(s + i, n - i, &c);
		step = step == 0 ? 1 : step;
		columns += is_combining(c) ? 0 : 1;
	}
	return columns;
}

/* A blank of any kind that people's programs put into text. */
static bool is_blank(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static uint32_t lower(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	if (c >= 0xC0 && c <= 0xDE)
		return c == 0xD7 ? c : c + 32;
	if (c < 0x100 || c > 0x17E)
		return c;
	if (c == 0x130)
		return 'i';
	if (c == 0x178)
		return 0xFF;
	bool odd_is_upper = (c >= 0x139 && c <= 0x148) || c >= 0x179;
	if (c == 0x138 || c == 0x149)
		return c;
	return (c & 1) == (odd_is_upper ? 1u : 0u) ? c + 1 : c;
}

/* The letters people leave the marks off, U+00C0..U+017F; a blank keeps the character. */
static uint32_t fold_letter(uint32_t c)
{
	static const char base[] = "aaaaaaaceeeeiiiidnooooo ouuuuyts"
				   "aaaaaaaceeeeiiiidnooooo ouuuuyty"
				   "aaaaaaccccccccddddeeeeeeeeeegggg"
				   "gggghhhhiiiiiiiiiiiijjkkklllllll"
				   "lllnnnnnnnnnoooooooorrrrrrssssss"
				   "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
	_Static_assert(sizeof(base) == 0x180 - 0xC0 + 1, "one letter for each");
	if (c < 0x80)
		return lower(c);
	if (c < 0xC0 || c >= 0x180 || base[c - 0xC0] == ' ')
		return c;
	return (uint32_t)(unsigned char)base[c - 0xC0];
}

char *text_fold(struct arena *arena, const char *s)
{
	size_t n = strlen(s), o = 0, step;
	/* No character grows: sharp s is two bytes and becomes two. */
	char *out = arena_alloc(arena, n + 1);
	bool gap = false;
	for (size_t i = 0; i < n; i += step) {
		uint32_t c = 0;
		if (is_ink(s[i])) { /* nearly always */
			if (gap)
				out[o++] = ' ';
			gap = false;
			out[o++] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i];
			step = 1;
			continue;
		}
		step = utf8_next(s + i, n - i, &c);
		if (step == 0) {
			step = 1;
			continue;
		}
		if (is_blank(c)) {
			gap = o > 0;
			continue;
		}
		if (is_combining(c) || is_format(c))
			continue;
		if (gap)
			out[o++] = ' ';
		gap = false;
		/* HYPHEN and NON-BREAKING HYPHEN are the sign on the keyboard. */
		o += utf8_put(out + o, c == 0x2010 || c == 0x2011 ? '-' : fold_letter(c));
		if (c == 0xDF)
			out[o++] = 's';
	}
	out[o] = '\0';
	return out;
}

char *text_lower(struct arena *arena, const char *s)
{
	size_t n = strlen(s), o = 0, step;
	char *out = arena_alloc(arena, n + 1);
	for (size_t i = 0; i < n; i += step) {
		uint32_t c;
		step = is_ink(s[i]) ? 1 : utf8_next(s + i, n - i, &c);
		if (is_ink(s[i])) {
			out[o++] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i];
		} else if (step == 0) {
			step = 1;
			out[o++] = s[i];
		} else {
			o += utf8_put(out + o, lower(c));
		}
	}
	out[o] = '\0';
	return out;
}

/* Length of the blank at s, 0 if it is none. */
static size_t blank_at(const char *s, size_t n)
{
	uint32_t c;
	size_t step = utf8_next(s, n, &c);
	return step > 0 && is_blank(c) ? step : 0;
}

char *text_trim(struct arena *arena, const char *s)
{
	size_t n = strlen(s), start = 0, end = 0, step;
	while ((step = blank_at(s + start, n - start)) > 0)
		start += step;
	for (size_t i = start; i < n; i += step) {
		uint32_t c;
		if (is_ink(s[i])) {
			step = 1;
			end = i + 1;
			continue;
		}
		size_t blank = blank_at(s + i, n - i);
		step = blank > 0 ? blank : utf8_next(s + i, n - i, &c);
		step = step == 0 ? 1 : step;
		if (blank == 0)
			end = i + step;
	}
	return arena_strndup(arena, s + start, end > start ? end - start : 0);
}

bool text_is_blank(const char *s)
{
	size_t n = strlen(s), step;
	for (size_t i = 0; i < n; i += step) {
		step = blank_at(s + i, n - i);
		if (step == 0)
			return false;
	}
	return true;
}

static bool is_word_char(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	return c >= 0xC0 && c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c <= 0x206F) &&
	       c != REPLACEMENT;
}

static bool word_char_before(const char *text, const char *at)
{
	const char *p = at;
	while (p > text && at - p < 4 && ((unsigned char)*--p & 0xC0) == 0x80)
		;
	uint32_t c;
	return p < at && utf8_next(p, (size_t)(at - p), &c) > 0 && is_word_char(c);
}

bool text_has_word(const char *folded_text, const char *folded_word)
{
	size_t len = strlen(folded_word);
	if (len == 0)
		return false;
	for (const char *p = folded_text; (p = strstr(p, folded_word)) != NULL; p++) {
		uint32_t c;
		const char *after = p + len;
		bool open_end = utf8_next(after, strnlen(after, 4), &c) == 0 || !is_word_char(c);
		if (open_end && !word_char_before(folded_text, p))
			return true;
	}
	return false;
}

bool text_next_line(const char **cursor, const char **line, size_t *len)
{
	const char *p = *cursor;
	if (*p == '\0')
		return false;
	size_t n = strcspn(p, "\n");
	*line = p;
	*len = n;
	*cursor = p + n + (p[n] == '\n' ? 1 : 0);
	return true;
}
