/* Secret: a password handed over as a sealed memfd, read when it is needed and wiped after. */
#ifndef LOTS_WORKERS_SECRET_H
#define LOTS_WORKERS_SECRET_H

#include "base/prelude.h"

#define SECRET_SIZE 4096

struct secret {
	char text[SECRET_SIZE];
};

/* The content of fd without its last newline, whatever its file position. -1: no descriptor,
 * empty, too long or with a NUL inside; the struct is then wiped. */
int secret_read(int fd, struct secret *out) MUST_CHECK;
void secret_wipe(struct secret *s);

#endif
