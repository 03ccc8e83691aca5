/* Template: a file templates/<language>/<id>.txt -> struct doc. The file is a subject line and a
 * short list of blocks in plain marks (heading, paragraph, list, quote, table, button); blocks are
 * parsed first, then each leaf is filled by Mustache (spec: sections, inverted sections, partials,
 * comments, delimiters; logic-less, one pass, data is never expanded again), so data can never make
 * a block. The marks are described for those who edit the files in docs/templates.md.
 *
 * Three names are special: ids that begin with '_' are partials ("{{> footer}}" is _footer), and
 * "words" and "help" are lists of `key: text`. templates/names.txt says which names each view has.
 */
#ifndef LOTS_CORE_TEMPLATE_H
#define LOTS_CORE_TEMPLATE_H

#include "core/doc.h"

#include <jansson.h>

struct templates; /* all languages, parsed */

struct templates *templates_new(void);
void templates_free(struct templates **t);
/* Parses one file's content; id is the file's name without ".txt". 0, or -1 with *line and *error
 * (owned by t) for FILE:LINE: what. */
int templates_add(struct templates *t, const char *language, const char *id, const char *content,
	int *line, const char **error) MUST_CHECK;
/* Parses templates/names.txt; as templates_add. */
int templates_add_names(
	struct templates *t, const char *content, int *line, const char **error) MUST_CHECK;
bool templates_has(const struct templates *t, const char *language, const char *id);
/* Fills the template in that language (or the first that has it; doc->language tells which). 0, or
 * -1 if there is none in any language or the output is too large: --check has made sure of the
 * first. A block whose text comes out blank, a table row with no value and a
 * heading with nothing under it are left out. */
int templates_fill(const struct templates *t, struct arena *arena, const char *language,
	const char *id, const json_t *view, const char **subject, struct doc **doc) MUST_CHECK;
/* The names a template uses, those of its partials included, in order of first use. */
bool templates_names(const struct templates *t, struct arena *arena, const char *language,
	const char *id, const char ***names, size_t *n);

struct templates_fault {
	const char *file; /* "sv/receipt.txt" */
	int line;
	const char *error;
};
/* What is wrong between files, when all are added: a template, word or help line that is missing in
 * a language, a partial that is not there, a name that names.txt does not give that template. */
size_t templates_check(
	const struct templates *t, struct arena *arena, const struct templates_fault **faults);
/* The names a view of this template must have and this one has not, one blank between; "" if none.
 * For tests of whoever makes views. */
const char *templates_missing(
	const struct templates *t, struct arena *arena, const char *id, const json_t *view);
/* Every template id there is (no partials), sorted. */
size_t templates_ids(const struct templates *t, struct arena *arena, const char ***ids);

/* A text of templates/<language>/words.txt, in that language or the first that has it; "" if none.
 * core/words.h makes dates and times of them. */
const char *templates_word(const struct templates *t, const char *language, const char *key);
/* The line about a command in templates/<language>/help.txt; "" if none. */
const char *templates_help(const struct templates *t, const char *language, const char *id);

#endif
