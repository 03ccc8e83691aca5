/* Cage, the system calls: builds the seccomp filter of each kind. Used by cage.c alone. */
#ifndef LOTS_WORKERS_CAGE_CALLS_H
#define LOTS_WORKERS_CAGE_CALLS_H

#include "workers/cage.h"

#include <linux/filter.h>

/* The plan's filter program in malloc'd memory (none for a heir); 0, or -1. */
int cage_calls_build(const struct cage_plan *plan, struct sock_fprog *out) MUST_CHECK;

#endif
