/* Roles: what a child does after `--role=`: takes its three descriptors, enters the cage its job
 * allows, and runs the role's main. */
#ifndef LOTS_APP_ROLES_H
#define LOTS_APP_ROLES_H

#include "base/prelude.h"

/* role: "desk", "reader", "parser" or "sender". Returns the exit code.
 *
 * The desk's main is `int desk_main(int parent_sock, json_t *job)` in app/desk.h. */
int role_run(const char *role, const char *name);

#endif
