/* Scratch: where tests put files: $TMPDIR, which tests/run makes and removes, else /tmp. */
#ifndef LOTS_TESTS_SCRATCH_H
#define LOTS_TESTS_SCRATCH_H

#include "base/prelude.h"

#define SCRATCH_PATH 160

/* A name there; aborts when it does not fit. */
static inline void scratch_path(char out[SCRATCH_PATH], const char *name)
{
	const char *top = getenv("TMPDIR");
	int n = snprintf(out, SCRATCH_PATH, "%s/%s", top && *top ? top : "/tmp", name);

	if (n < 0 || n >= SCRATCH_PATH - 20) /* what is put into it has a name, too */
		abort();
}

/* A folder of one's own there; the caller removes it. */
static inline void scratch_dir(char out[SCRATCH_PATH], const char *name)
{
	char pattern[64];

	snprintf(pattern, sizeof(pattern), "%s-XXXXXX", name);
	scratch_path(out, pattern);
	if (!mkdtemp(out))
		abort();
}

#endif
