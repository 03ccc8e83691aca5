/* Delivery: from an outbox row to wire bytes. No sockets: the desk loop and the scenario runner hand the
 * bytes on. What became of them is stored by app/desk_send.c. */
#ifndef LOTS_APP_DELIVERY_H
#define LOTS_APP_DELIVERY_H

#include "app/desk.h"
#include "base/buf.h"
#include "store/outbox.h"

/* Makes the wire bytes of an outbox row at its first claim: the stored doc, this recipient's reply
 * address and Message-ID, headers by its class. Equal in every retry because they are then frozen.
 * *error is a fixed text when the mail cannot be composed (it is then failed, and an alarm). */
int delivery_compose(struct desk *d, struct arena *arena, const struct outbox_row *row,
	struct buf *wire, const char **error) MUST_CHECK;

/* Envelope sender: "" (the null return path) for automatic mail, else the signed reply address, so
 * that absence and dead addresses are learnt. */
const char *delivery_return_path(const struct outbox_row *row);

/* A mail of that case to its requester will not arrive: those who have it are told, in a turn of its own. */
enum store_status delivery_tell_failed(
	struct store *store, int64_t case_id, int64_t now_ms) MUST_CHECK;

#endif
