/* Doc: what a mail says, as a short list of blocks. One doc gives text/plain, HTML and chat, equal
 * in content. It is stored once per language (as text) and made into bytes per recipient, because a
 * button's mailto: link holds the recipient's own reply address. */
#ifndef LOTS_CORE_DOC_H
#define LOTS_CORE_DOC_H

#include "base/prelude.h"

struct arena;

enum block_type {
	BLOCK_HEADING,
	BLOCK_PARAGRAPH,
	BLOCK_LIST,   /* items */
	BLOCK_QUOTE,  /* text: somebody's words, lines kept */
	BLOCK_TABLE,  /* rows of two or more cells; the first cell of a row is its header */
	BLOCK_BUTTON, /* label + the ready reply */
	BLOCK_RULE,
	BLOCK_N
};

struct block {
	enum block_type type;
	const char *text;   /* heading, paragraph, quote (plain, LF lines); button: its label */
	const char **items; /* list items; table cells row by row */
	size_t n_items;
	size_t columns;	     /* table */
	const char *reply;   /* button: first line of the ready reply, "JA" or "#ta" */
	const char *subject; /* button: subject of the ready reply, "Ta ärende 1042" */
	const char *hint; /* button: what text/plain says instead, "Svara JA, om du är hjälpt." */
};

struct doc {
	const char *language;
	struct block *blocks;
	size_t n_blocks;
};

#define MAX_DOC_BLOCKS 5000

/* How it is stored, and back: a line each for the language, for each block (its type, a blank, its text)
 * and for each member and item of it (its name, a blank, its text); a line end within a text is \n and a
 * backslash \\. A tenth of what reading and writing JSON costs. NULL: too large to be stored; not one of
 * ours. */
char *doc_to_stored(struct arena *arena, const struct doc *d) MUST_CHECK;
struct doc *doc_from_stored(struct arena *arena, const char *stored) MUST_CHECK;
/* Both say the same words. reply_address: where buttons point; "" leaves the buttons out. In HTML
 * the first heading is h1; nothing is loaded from anywhere; `title` is the mail's subject. */
char *doc_to_text(struct arena *arena, const struct doc *d, const char *reply_address);
char *doc_to_html(
	struct arena *arena, const struct doc *d, const char *title, const char *reply_address);
/* "mailto:...?subject=...&body=..." by RFC 6068: every octet but letters, digits and -._~ is
 * percent-encoded (also '+' of the address: web mail reads it as a blank), lines end in %0D%0A. */
char *doc_mailto(
	struct arena *arena, const char *address, const char *subject, const char *first_line);

#endif
