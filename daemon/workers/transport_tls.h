/* TLS for the transport: trust store and handshake by GnuTLS. Used by transport.c alone. */
#ifndef LOTS_WORKERS_TRANSPORT_TLS_H
#define LOTS_WORKERS_TRANSPORT_TLS_H

#include "base/prelude.h"
#include "workers/transport.h"

#include <gnutls/gnutls.h>

/* What a certificate must be good for. GnuTLS keeps the pointer: lives as long as the session. */
struct tls_demand {
	gnutls_typed_vdata_st checks[2];
};

/* A session over fd that will refuse any certificate not good for host (which, with demand, outlives
 * the session). NULL and error. */
gnutls_session_t tls_session_new(const struct trust *trust, const char *host,
	struct tls_demand *demand, int fd, char error[TRANSPORT_ERROR_SIZE]);
/* Writes why a handshake ended with rc. */
void tls_explain(gnutls_session_t session, int rc, char error[TRANSPORT_ERROR_SIZE]);

#endif
