/* Text: UTF-8 and the few things done to words. Everything inside Lots is valid UTF-8 without NUL;
 * the parser makes it so. Nothing here looks at the locale. */
#ifndef LOTS_BASE_TEXT_H
#define LOTS_BASE_TEXT_H

#include "base/prelude.h"

struct arena;

/* Decodes the character at s (n bytes left). Returns its length 1..4 and sets *code, or 0 if the
 * bytes are not valid UTF-8 (overlong, surrogate, above U+10FFFF) or n == 0. */
size_t utf8_next(const char *s, size_t n, uint32_t *code);
size_t utf8_put(char out[4], uint32_t code);
bool utf8_valid(const char *s, size_t n);
/* A copy where each invalid byte is U+FFFD, NUL and C0/C1 controls except TAB and LF are gone, and
 * CRLF and lone CR are LF. */
char *utf8_clean(struct arena *arena, const char *s, size_t n);
/* As utf8_clean for one line: also LF and TAB become a blank, and format characters (Cf: bidi
 * controls, zero width, soft hyphen) are removed. For names, subjects, file names, logs. */
char *utf8_clean_line(struct arena *arena, const char *s, size_t n);
/* As utf8_clean_line into out (size >= 4), without an arena; what does not fit is cut at a
 * character and ends in an ellipsis. For the log only. Returns the length. */
size_t utf8_clean_line_to(char *out, size_t size, const char *s, size_t n);
/* At most max bytes, cut at a character border, "…" put at the end when cut (for display only). */
char *utf8_shorten(struct arena *arena, const char *s, size_t max);
size_t utf8_columns(const char *s); /* characters, for tables in plain text */

/* Folded for comparing words that people type: lower case, å ä á à -> a, ö ó ø -> o, é -> e, ü ->
 * u, æ -> a, ß -> ss; runs of blanks one blank, trimmed. */
char *text_fold(struct arena *arena, const char *s);
/* Lower case of ASCII and the Latin-1 and Latin Extended-A letters; nothing else is changed. */
char *text_lower(struct arena *arena, const char *s);
char *text_trim(struct arena *arena, const char *s); /* blanks at both ends, NBSP too */
bool text_is_blank(const char *s);
/* True if folded `word` stands in folded `text` with no letter or digit on either side. */
bool text_has_word(const char *folded_text, const char *folded_word);
static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}
bool ascii_equal_nocase(const char *a, const char *b);
bool ascii_starts_nocase(const char *s, const char *prefix);
char *ascii_lower(struct arena *arena, const char *s);

/* Walks lines: *cursor starts at the text; each call gives one line without its LF as (start, len)
 * and moves on; false at the end. */
bool text_next_line(const char **cursor, const char **line, size_t *len);

/* Strict whole-string numbers: only digits (and '-' for _i64 when min < 0), in [min, max]. */
bool text_to_i64(const char *s, int64_t min, int64_t max, int64_t *out) MUST_CHECK;
/* "4h", "15m", "3d", "90s", "500ms", "2w": a unit is required. In ms. */
bool text_to_duration(const char *s, int64_t min_ms, int64_t max_ms, int64_t *out_ms) MUST_CHECK;
/* "35M", "256K", "100": bytes. */
bool text_to_size(const char *s, int64_t min, int64_t max, int64_t *out) MUST_CHECK;

#endif
