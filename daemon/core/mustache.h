/* Mustache: text with {{tags}} filled from a JSON value, by the official specification
 * (interpolation, sections, inverted, partials, comments, delimiters). Escaping is the caller's. */
#ifndef LOTS_CORE_MUSTACHE_H
#define LOTS_CORE_MUSTACHE_H

#include "base/buf.h"

#include <jansson.h>

struct arena;

struct mustache_partials {
	/* The text of a partial, or NULL for none. */
	const char *(*find)(void *context, const char *name);
	void *context;
};

typedef void mustache_escape_fn(struct buf *out, const char *s);

void mustache_escape_html(struct buf *out, const char *s);
void mustache_escape_none(struct buf *out, const char *s);

/* Where names are looked up: the innermost value first, then the one around it. */
struct mustache_context {
	const json_t *value;
	const struct mustache_context *up; /* NULL for the outermost */
};

/* The value of a name ("a", "a.b", "."), NULL if there is none: the first part is the innermost
 * that has it, the rest must be there. */
const json_t *mustache_find(const struct mustache_context *context, const char *name);
/* False for absent, null, false, 0, "" and the empty list. */
bool mustache_truthy(const json_t *v);

struct mustache_tag {
	char kind; /* 'v' value, '#', '^', '/', '>', '!' and '=' as written */
	const char *name;
};
/* The tags of a text in order; 0 if it is broken. */
size_t mustache_tags(struct arena *arena, const char *text, const struct mustache_tag **out);

/* 0, or -1 with *error (fixed text) and *line (1-based) for an unclosed tag or section. */
int mustache_check(const char *text, int *line, const char **error) MUST_CHECK;
int mustache_fill(struct arena *arena, const char *text, const json_t *view,
	const struct mustache_partials *partials, mustache_escape_fn *escape, struct buf *out,
	const char **error) MUST_CHECK;
/* As mustache_fill with names looked up in a whole context. */
int mustache_fill_in(struct arena *arena, const char *text, const struct mustache_context *context,
	const struct mustache_partials *partials, mustache_escape_fn *escape, struct buf *out,
	const char **error) MUST_CHECK;

#endif
