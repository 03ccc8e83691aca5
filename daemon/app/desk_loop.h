/* Desk loop: the desk as a process. One thread, one sd-event loop; sockets fill queues, and when they
 * are drained one round of work empties them: intake commit -> parse -> turns commit -> what the
 * senders said -> clocks -> claims. Group commit comes from that order. */
#ifndef LOTS_APP_DESK_LOOP_H
#define LOTS_APP_DESK_LOOP_H

#include "base/prelude.h"

#include <jansson.h>

/* job: {settings: path, once: bool, now: RFC 3339 or absent}. Returns a sysexits code. */
int desk_main(int parent_sock, json_t *job);

#endif
