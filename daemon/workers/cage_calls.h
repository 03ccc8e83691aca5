/* Cage, the system calls: builds the seccomp filter of each kind. Used by cage.c alone. */
#ifndef LOTS_WORKERS_CAGE_CALLS_H
#define LOTS_WORKERS_CAGE_CALLS_H

#include "workers/cage.h"

#include <linux/filter.h>

#define CAGE_FILTER_MAX 1000

struct cage_filter {
	unsigned short n;
	struct sock_filter v[CAGE_FILTER_MAX];
};

/* The plan's filter program (none for a heir); 0, or -1. */
int cage_calls_build(const struct cage_plan *plan, struct cage_filter *out) MUST_CHECK;

#endif
