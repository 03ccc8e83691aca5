/* Spawn: starts this program anew as one role, with its descriptors and nothing else. */
#ifndef LOTS_APP_SPAWN_H
#define LOTS_APP_SPAWN_H

#include "base/prelude.h"

#include <jansson.h>
#include <sys/types.h>

struct spawn {
	const char *role, *name; /* name may be "" */
	const json_t *job;
	int sock;      /* becomes fd 3 */
	int secret_fd; /* becomes fd 5; -1: none. The parser's is its charset tables, made here */
};

/* The child's pid, or -1 with errno. All descriptors stay the caller's. */
pid_t spawn_role(const struct spawn *s) MUST_CHECK;

/* True if the parser's own program is there to be started (else spawn_role starts this program). */
bool spawn_has_parser(void);

/* The secret in a sealed memfd, without its last newline; -1 with *why (a fixed text). Refuses what is
 * not a regular file, is over 64 KiB, empty, or open to others. */
int spawn_read_secret(const char *path, const char **why) MUST_CHECK;

#endif
