/* Control socket: state_dir/control.sock, where lotsctl finds a running desk. One request and one answer
 * a connection, each in a sealed memfd. */
#ifndef LOTS_APP_CONTROL_SOCKET_H
#define LOTS_APP_CONTROL_SOCKET_H

#include "base/prelude.h"

#include <jansson.h>

/* The listening socket, mode 0600; -1 with errno. */
int control_listen(const char *state_dir) MUST_CHECK;
void control_unlink(const char *state_dir);
/* True if a desk listens there now. */
bool control_listens(const char *state_dir);
/* Asks a running desk; NULL when none listens (then *running = false) or it broke off. */
json_t *control_ask(const char *state_dir, const json_t *request, bool *running);

#endif
