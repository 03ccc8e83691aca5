/* Supervise: the parent. It has no database and reads no foreign byte: it starts the desk, starts the
 * workers that the desk names, and starts again what dies.
 *
 * Every child is this same program executed anew as `lotsd --role=ROLE --name=NAME` (the parser:
 * lots-parser, a program of its own with few libraries), with
 *   fd 3  its socket (desk: to the parent; worker: to the desk, which is handed the other end)
 *   fd 4  its job, a JSON object in a sealed memfd
 *   fd 5  its secret in a sealed memfd (last newline cut off), or closed
 * and nothing else but 0, 1 and 2. A child dies with the parent (PR_SET_PDEATHSIG).
 *
 * Messages to and from the desk: workers/protocol.h. In particular
 *   desk -> parent {op:"jobs"} + [memfd]
 *       The whole list of workers wanted from now on, a JSON array of
 *       {role:"reader"|"parser"|"sender", name, job:{...}} and, if it needs a secret,
 *       secret:"/path" or credential:"NAME" (of systemd: $CREDENTIALS_DIRECTORY/NAME, or secrets_NAME).
 *       Unchanged ones (job and the secret's bytes equal) run on; the others are retired or started.
 *       To be sent at the start, after a reload, and whenever the list changes. A secret is a regular
 *       file of at most 64 KiB that the group cannot write and others can neither read nor write.
 *   parent -> desk {op:"retire", role, name}
 *       It is wanted no more, or with another job: the desk closes its socket when nothing is begun
 *       there, which ends it; after 10 s it is killed. Its successor starts when it is gone.
 *   parent -> desk {op:"gone", role, name, reason}
 *       It ended or could not be started. It is started again if still wanted, the pause growing from
 *       10 ms to 30 s while it does not live long.
 *
 * What ends the parent: SIGTERM or SIGINT (desk told, 20 s given, then killed) -> 0; {op:"settled"} ->
 * its code; a desk that exits by itself before it was "ready" -> its exit code (sysexits), so that a
 * wrong setting is told once and not retried. A desk that dies later takes the workers with it and all
 * is started anew. SIGHUP -> {op:"reload"}.
 *
 * The desk is pinged every few seconds; WATCHDOG=1 goes to systemd only when it has answered. One that
 * has been silent for two minutes after it was ready is killed. */
#ifndef LOTS_APP_SUPERVISE_H
#define LOTS_APP_SUPERVISE_H

#include "base/prelude.h"

#include <jansson.h>

/* Runs until the end and returns the exit code. desk_job stays the caller's. */
int supervise_run(json_t *desk_job);

#endif
