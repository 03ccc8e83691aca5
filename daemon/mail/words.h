/* Words: the phrase tables that telling reply text and automatic mail apart rest on. All work on
 * text folded by text_fold (lower case, no accents, single blanks) and on NULL-ended tables of
 * phrases folded likewise. Linear in the text for each phrase. */
#ifndef LOTS_MAIL_WORDS_H
#define LOTS_MAIL_WORDS_H

#include "base/prelude.h"

struct arena;

/* The first phrase of the table that stands somewhere in the text, or NULL. */
const char *words_find(const char *folded, const char *const *table);
/* The longest phrase of the table that the text begins with, as a whole word, or NULL. */
const char *words_start(const char *folded, const char *const *table);
/* True if the text is one of the phrases. */
bool words_equal(const char *folded, const char *const *table);
/* True if the text ends with one of the phrases, as a whole word. */
bool words_end(const char *folded, const char *const *table);
size_t words_count(const char *s); /* runs of anything but blanks */
/* An e-mail address somewhere in it. */
bool words_has_address(const char *s);
/* A copy without leading and trailing bytes of `set`. */
char *words_strip(struct arena *arena, const char *s, const char *set);
/* The same into a buffer of the caller's; false, and "" in it, if it does not fit. */
bool words_strip_into(char *out, size_t size, const char *s, const char *set);

#endif
