/* Mustache: text with {{tags}} filled from a JSON value, by the official specification (interpolation,
 * sections, inverted, partials, comments, delimiters). Escaping is the caller's. */
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

/* 0, or -1 with *error (fixed text) and *line (1-based) for an unclosed tag or section. */
int mustache_check(const char *text, int *line, const char **error) MUST_CHECK;
int mustache_fill(struct arena *arena, const char *text, const json_t *view,
	const struct mustache_partials *partials, mustache_escape_fn *escape, struct buf *out,
	const char **error) MUST_CHECK;

#endif
