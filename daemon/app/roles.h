/* Roles: what a child does after `--role=`: takes its three descriptors, enters the cage its job
 * allows, and runs the role's main. */
#ifndef LOTS_APP_ROLES_H
#define LOTS_APP_ROLES_H

#include "base/prelude.h"

#include <jansson.h>

/* The mains, each handed its socket and its job; exit codes of sysexits. */
struct role_mains {
	int (*desk)(int parent_sock, json_t *job);
	int (*parser)(int sock, json_t *job); /* enters its cage itself: parser_serve */
	int (*reader)(int sock, json_t *job, int secret_fd);
	int (*sender)(int sock, json_t *job, int secret_fd);
};

/* role: "desk", "reader", "parser" or "sender". Returns the exit code. */
int role_run(const char *role, const char *name, const struct role_mains *mains);

#endif
