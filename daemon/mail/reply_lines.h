/* Reply lines: a mail's text cut into lines, and what each line is. The ground of mail/reply.h;
 * nobody else includes it. Plain data in the caller's arena. */
#ifndef LOTS_MAIL_REPLY_LINES_H
#define LOTS_MAIL_REPLY_LINES_H

#include "base/prelude.h"

struct arena;

enum reply_kind {
	REPLY_EMPTY,
	REPLY_TEXT,
	REPLY_QUOTE,  /* "> ..." */
	REPLY_INTRO,  /* "Den ... skrev ...:", "-----Original Message-----", one line of a header
			 block */
	REPLY_FOOTER, /* "Skickat från min iPhone", and what else a program adds */
	REPLY_RULE,   /* "-----", "_____", "-- " */
	REPLY_DROPPED /* signature, banner, disclaimer */
};

struct reply_line {
	const char *s; /* without its LF; not NUL-ended */
	size_t n;
	size_t mark;	    /* bytes of quote marks and blanks before the words */
	const char *folded; /* text_fold of the words, of at most REPLY_FOLDED_BYTES */
	enum reply_kind kind;
};

#define REPLY_MAX_LINES 20000 /* what lies behind is not looked at, and kept as it is */
#define REPLY_FOLDED_BYTES 400

struct reply_lines {
	struct reply_line *v;
	size_t n;
	const char *rest; /* the text after the last line looked at, "" mostly */
};

/* Cuts and classifies what one line alone tells: empty, quote, rule, text. */
void reply_lines_read(struct arena *arena, const char *text, struct reply_lines *out);

/* The words of line i as a string (without quote marks). */
char *reply_line_words(struct arena *arena, const struct reply_line *l);
/* Lines [from, to) joined by LF, those of kind empty as "", dropped ones and introductions left
 * out, trimmed, never more than one empty line in a row. With `quotes`, quoted lines are in it. */
char *reply_lines_join(
	struct arena *arena, const struct reply_lines *ls, size_t from, size_t to, bool quotes);
/* Number of lines of that kind in [from, to). */
size_t reply_lines_count(
	const struct reply_lines *ls, size_t from, size_t to, enum reply_kind kind);
/* First line of [from, to) that is not empty; `to` if there is none. */
size_t reply_lines_skip_empty(const struct reply_lines *ls, size_t from, size_t to);

#endif
