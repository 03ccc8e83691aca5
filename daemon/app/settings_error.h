/* Settings_error: what is wrong with the settings, collected: FILE:LINE: what, and what is allowed. */
#ifndef LOTS_APP_SETTINGS_ERROR_H
#define LOTS_APP_SETTINGS_ERROR_H

#include "base/limits.h"
#include "base/prelude.h"

struct arena;

struct settings_error {
	int file_order; /* files in the order they were read */
	const char *file;
	int line; /* 0: about the whole file */
	const char *text;
};

struct settings_errors {
	struct arena *arena; /* of the texts */
	struct settings_error v[MAX_SETTINGS_ERRORS];
	size_t n;
	size_t more; /* that found no room */
};

void settings_errors_init(struct settings_errors *e, struct arena *arena);
void settings_error_add(struct settings_errors *e, int file_order, const char *file, int line,
	const char *fmt, ...) PRINTF_LIKE(5, 6);
/* By file, then line. */
void settings_errors_sort(struct settings_errors *e);
/* One line each, "and N more" last. */
void settings_errors_print(const struct settings_errors *e, FILE *to);
/* The allowed word nearest to what was written, "" if none is near (a slip or two). */
const char *settings_nearest(const char *written, const char *const *allowed, size_t n);

#endif
