/* Control: what an operator may ask of the desk. One request in, one answer out, as JSON; the
 * running desk gets requests over its socket, and lotsctl runs the same code itself when no desk
 * runs.
 *
 * request {cmd: "case list", args: {...}}; answer {ok: true, result: ...} or
 * {ok: false, code: <sysexits>, error: "..."}. */
#ifndef LOTS_APP_CONTROL_H
#define LOTS_APP_CONTROL_H

#include "app/desk.h"

#include <jansson.h>

/* New reference, never NULL. `operator_name` is who asks, as the kernel says (for the log). live is
 * what the running desk knows beyond the database ("workers", "sources"), or NULL. */
json_t *control_answer(
	struct desk *d, const json_t *request, const char *operator_name, json_t *live);

/* One connection: reads its request, answers, closes. */
void control_serve(struct desk *d, int conn, json_t *live);

#endif
