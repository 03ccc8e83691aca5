/* Crew: the workers the desk wants, and what became of each. One step function, driven by the clock of
 * supervise.c; it starts, ends and starts again, and tells the desk. */
#ifndef LOTS_APP_CREW_H
#define LOTS_APP_CREW_H

#include "base/prelude.h"

#include <jansson.h>
#include <sys/types.h>

#define MAX_CREW 64

struct crew;

struct crew *crew_new(void);
void crew_free(struct crew **crew); /* kills whoever is left */

/* The new whole list: an array of {role, name, job, secret}. -1 with *why (a fixed text): then nothing
 * is changed. */
int crew_want(struct crew *c, const json_t *list, const char **why) MUST_CHECK;
/* A child ended. False if it is none of the crew. */
bool crew_ended(struct crew *c, pid_t pid, int status, int64_t now);
/* Starts, kills and tells what is due. desk_sock -1: the desk is away, nothing is told. The monotonic
 * time of the next step; -1 none. */
int64_t crew_step(struct crew *c, int desk_sock, int64_t now);
/* From now on nobody is started again: all is ending. */
void crew_rest(struct crew *c);
/* Kills and reaps all of them and forgets the list. */
void crew_kill_all(struct crew *c);

#endif
