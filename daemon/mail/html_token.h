/* HTML tokens: tags, attributes and decoded text, in one pass. Internal to html.c. */
#ifndef LOTS_MAIL_HTML_TOKEN_H
#define LOTS_MAIL_HTML_TOKEN_H

#include "base/buf.h"

#define HTML_NAME_MAX 15

enum html_kind { HTML_TEXT, HTML_OPEN, HTML_CLOSE };

struct html_token {
	enum html_kind kind;
	char name[HTML_NAME_MAX + 1]; /* lower case; longer names are cut (none of those matter) */
	const char *p;		      /* text, or the attributes */
	size_t n;
	bool self_closing;
};

struct html_reader {
	const char *p, *end;
	const char *last_double, *last_single, *last_gt; /* nothing beyond: no search */
};

void html_reader_init(struct html_reader *r, const char *s, size_t n);
/* The next token; comments, doctypes, scripts, styles and titles are passed over. False at the end. */
bool html_next(struct html_reader *r, struct html_token *t);
/* The value of an attribute (undecoded entities and all) among the first few; false if absent. */
bool html_attr(const struct html_token *t, const char *name, const char **value, size_t *len);
/* One character or entity at p: its UTF-8 in out (NUL-ended); returns the bytes used. */
size_t html_char(const char *p, const char *end, char out[8]);
/* A whole attribute value with its entities decoded, appended to b. */
void html_decode(const char *p, size_t n, struct buf *b);

#endif
