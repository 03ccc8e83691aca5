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

/* The listening socket state_dir/control.sock, mode 0600; -1 with errno. */
int control_listen(const char *state_dir) MUST_CHECK;
/* True if a desk listens there now. */
bool control_listens(const char *state_dir);
void control_unlink(const char *state_dir);
/* One connection: reads its request, answers, closes. */
void control_serve(struct desk *d, int conn, json_t *live);
/* Asks a running desk; NULL when none listens (then *running = false) or it broke off. */
json_t *control_ask(const char *state_dir, const json_t *request, bool *running);

#endif
