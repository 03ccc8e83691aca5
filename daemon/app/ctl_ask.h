/* Ctl_ask: one request of lotsctl, answered by the running desk or, when none runs, by our own desk
 * under its lock. */
#ifndef LOTS_APP_CTL_ASK_H
#define LOTS_APP_CTL_ASK_H

#include "base/prelude.h"

#include <jansson.h>

/* The answer (app/control.h), or NULL with *code set (sysexits.h) and the reason told on stderr.
 * only_running: never open the databases ourselves; *code is then EX_UNAVAILABLE. */
json_t *ctl_ask(const char *settings, const json_t *request, bool only_running, int *code);
/* Tells a refusal on stderr, with the lines of a table that was wrong; returns its code. */
int ctl_refused(const char *file, const json_t *answer);

#endif
