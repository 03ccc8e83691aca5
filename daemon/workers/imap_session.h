/* The inside of the IMAP client, shared by imap_open.c, imap_client.c and imap_idle.c. */
#ifndef LOTS_WORKERS_IMAP_SESSION_H
#define LOTS_WORKERS_IMAP_SESSION_H

#include "base/prelude.h"
#include "workers/imap_client.h"
#include "workers/imap_guard.h"

#include <libetpan/mailimap_types.h>

struct imap {
	mailimap *session;
	struct transport *transport; /* owned by the session's stream */
	struct imap_guard guard;
	int64_t timeout_ms;
	uint32_t validity, next_uid;
	bool has_idle, has_move, has_uidplus, has_sasl_ir, is_login_disabled;
	char error[TRANSPORT_ERROR_SIZE];
};

/* Deadline and caps of the command that follows. */
void imap_begin(struct imap *imap, size_t max_bytes, uint64_t max_literal);
/* libetpan's code -> 0, IMAP_REFUSED or -1, with the error noted. */
int imap_result(struct imap *imap, int rc, const char *what);

#endif
