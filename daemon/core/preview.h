/* Preview: sample views for every template, out of templates/samples.json and names.txt, so that all
 * mails can be looked at and tested without a case. Pure. */
#ifndef LOTS_CORE_PREVIEW_H
#define LOTS_CORE_PREVIEW_H

#include "core/template.h"

/* How many different views there are of that template; at least 1. */
size_t preview_count(const json_t *samples, const char *id);
/* View number n < preview_count. New reference. `own` (may be NULL) replaces sample values: names of
 * the installation itself. */
json_t *preview_view(const struct templates *t, const json_t *samples, const char *language,
	const char *id, size_t n, const json_t *own) MUST_CHECK;

#endif
