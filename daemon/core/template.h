/* Template: a file templates/<language>/<id>.txt -> struct doc. The file is a subject line and a short
 * list of blocks in plain marks (heading, paragraph, list, quote, table, button); blocks are parsed
 * first, then each leaf is filled by Mustache (spec: sections, inverted sections, partials, comments,
 * delimiters; logic-less, one pass, data is never expanded again), so data can never make a block. */
#ifndef LOTS_CORE_TEMPLATE_H
#define LOTS_CORE_TEMPLATE_H

#include "core/doc.h"

struct templates; /* all languages, parsed */

struct templates *templates_new(void);
void templates_free(struct templates **t);
/* Parses one file's content. 0, or -1 with *line and *error (owned by t) for FILE:LINE: what. */
int templates_add(struct templates *t, const char *language, const char *id, const char *content,
	int *line, const char **error) MUST_CHECK;
bool templates_has(const struct templates *t, const char *language, const char *id);
/* Fills the template in that language (or the first that has it). 0, or -1 if there is none in any
 * language or the output is too large: --check has made sure of the first. */
int templates_fill(const struct templates *t, struct arena *arena, const char *language,
	const char *id, const json_t *view, const char **subject, struct doc **doc) MUST_CHECK;
/* Names used in a template that a view of these names could not fill: for --check and tests. */
bool templates_names(const struct templates *t, struct arena *arena, const char *language,
	const char *id, const char ***names, size_t *n);

#endif
