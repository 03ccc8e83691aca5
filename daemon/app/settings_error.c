/* Settings_error: collects, sorts and prints errors of the settings, so that one run of --check tells
 * as many as it can. Called by app/settings*. */
#include "base/prelude.h"
#include "app/settings_error.h"

#include "base/arena.h"
#include "base/text.h"

#define LONGEST_WORD 40

void settings_errors_init(struct settings_errors *e, struct arena *arena)
{
	memset(e, 0, sizeof(*e));
	e->arena = arena;
}

static bool already_told(
	const struct settings_errors *e, const char *file, int line, const char *text)
{
	for (size_t i = 0; i < e->n; i++) {
		if (e->v[i].line == line && strcmp(e->v[i].file, file) == 0 &&
			strcmp(e->v[i].text, text) == 0)
			return true;
	}
	return false;
}

void settings_error_add(
	struct settings_errors *e, int file_order, const char *file, int line, const char *fmt, ...)
{
	char text[2000];
	va_list ap;
	char *clean;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap); /* a message may be cut, a setting may not */
	va_end(ap);
	clean = utf8_clean_line(e->arena, text, strlen(text));
	if (already_told(e, file, line, clean))
		return;
	if (e->n >= MAX_SETTINGS_ERRORS) {
		e->more++;
		return;
	}
	e->v[e->n++] =
		(struct settings_error){file_order, arena_strdup(e->arena, file), line, clean};
}

static int compare(const void *a, const void *b)
{
	const struct settings_error *x = a, *y = b;

	if (x->file_order != y->file_order)
		return x->file_order < y->file_order ? -1 : 1;
	if (strcmp(x->file, y->file) != 0)
		return strcmp(x->file, y->file);
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return strcmp(x->text, y->text);
}

void settings_errors_sort(struct settings_errors *e)
{
	qsort(e->v, e->n, sizeof(e->v[0]), compare);
}

void settings_errors_print(const struct settings_errors *e, FILE *to)
{
	for (size_t i = 0; i < e->n; i++) {
		if (e->v[i].line > 0)
			fprintf(to, "%s:%d: %s\n", e->v[i].file, e->v[i].line, e->v[i].text);
		else
			fprintf(to, "%s: %s\n", e->v[i].file, e->v[i].text);
	}
	if (e->more)
		fprintf(to, "and %zu more\n", e->more);
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein; SIZE_MAX for words too long to be a slip of a key. */
static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST_WORD + 1], la = strlen(a), lb = strlen(b);

	if (la > LONGEST_WORD || lb > LONGEST_WORD)
		return SIZE_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t above = row[j];

			row[j] =
				least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[lb];
}

const char *settings_nearest(const char *written, const char *const *allowed, size_t n)
{
	size_t best = 3;
	const char *found = "";

	if (strlen(written) < 5)
		best = 2;
	for (size_t i = 0; i < n; i++) {
		size_t d = distance(written, allowed[i]);

		if (d < best) {
			best = d;
			found = allowed[i];
		}
	}
	return found;
}
