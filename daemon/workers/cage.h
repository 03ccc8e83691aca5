/* Cage: gives up every right a role does not need, before its first foreign byte: descriptors,
 * rlimits, files (Landlock), system calls (seccomp). What is not allowed fails with EPERM or
 * EACCES; exec, ptrace and the like kill the process. Nothing that was given up comes back.
 *
 * Sanitizer builds get a wider cage (no memory limit, a short list of forbidden calls instead of a
 * list of allowed ones, /proc and libraries readable), because the sanitizers need it. */
#ifndef LOTS_WORKERS_CAGE_H
#define LOTS_WORKERS_CAGE_H

#include "base/prelude.h"

#include <jansson.h>

enum cage_calls {
	CAGE_CALLS_PARSE,   /* compute, memfd, one answer: no file, no socket, no fork */
	CAGE_CALLS_ZYGOTE,  /* PARSE and fork, wait, kill of its children, each in a form that is
			     * worth nothing to a child whose cage is CAGE_CALLS_HEIR */
	CAGE_CALLS_HEIR,    /* a fork of a ZYGOTE: has its files, calls and limits already; gives up
			     * descriptors, CPU time and fork */
	CAGE_CALLS_FILES,   /* Maildir: files where Landlock lets it, no network */
	CAGE_CALLS_NETWORK, /* sockets out, name resolution, threads; no listening */
	CAGE_CALLS_DESK,    /* all but the network and exec; files as before */
};

#define CAGE_MAX_PATHS 24
#define CAGE_MAX_KEEP 8

struct cage_plan {
	enum cage_calls calls;
	int keep[CAGE_MAX_KEEP]; /* descriptors kept beside 0, 1, 2 */
	size_t nkeep;
	/* Below these paths files may be read, or read and changed; nothing else is visible. One
	 * that does not exist is passed over. */
	const char *readable[CAGE_MAX_PATHS], *writable[CAGE_MAX_PATHS];
	size_t nreadable, nwritable;
	unsigned cpu_seconds; /* 0: no limit */
	size_t memory_bytes;  /* of address space, 0: no limit */
	unsigned open_files;
	bool load_later; /* ZYGOTE: its children load a filter of their own */
};

/* A plan made ready: loading a filter that is already built costs a fork of the zygote little. */
struct cage;

/* NULL with a reason in *why (a fixed text). The plan's paths must live until cage_enter. */
struct cage *cage_prepare(const struct cage_plan *plan, const char **why) MUST_CHECK;
/* The same into cage_size() bytes of the caller's, which are not to be freed: 0, or -1. */
size_t cage_size(void);
int cage_make(const struct cage_plan *plan, struct cage *out, const char **why) MUST_CHECK;
/* 0, or -1 with *why: then the process must end without reading anything. */
int cage_enter(const struct cage *cage, const char **why) MUST_CHECK;
void cage_free(struct cage **cage);

/* What keeps a heir from forking is the limit of processes, and root has none. So one that is root
 * becomes nobody, where the system lets it. */
void cage_leave_root(void);

/* The plan for a reader's or sender's job (workers/reader.h, sender.h). Strings stay the job's. */
void cage_plan_for_job(struct cage_plan *plan, json_t *job);

/* True if the kernel has Landlock; without it a network role's files are held by the system call
 * filter and file modes only, which is logged. */
bool cage_has_landlock(void);

#endif
