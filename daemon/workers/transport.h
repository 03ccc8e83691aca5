/* Transport: one stream to a server. Non-blocking TCP and GnuTLS under an absolute deadline and a byte
 * cap for each operation, and the driver through which libetpan reads and writes it.
 *
 * Promises: the certificate chain AND the host name are verified in the handshake, always; there is
 * no switch. Plain text goes to loopback addresses only. STARTTLS is refused if a single byte came
 * with the server's OK (response injection). End of file is an error, never "0 bytes, try again".
 * Any descriptor number works (poll, not select). No signal is raised by a closed peer. */
#ifndef LOTS_WORKERS_TRANSPORT_H
#define LOTS_WORKERS_TRANSPORT_H

#include "base/prelude.h"

#include <libetpan/mailstream_low.h>

#define TRANSPORT_ERROR_SIZE 200

struct trust;
struct transport;

enum transport_security {
	TRANSPORT_TLS,	    /* TLS from the first byte */
	TRANSPORT_STARTTLS, /* plain until transport_starttls; nothing secret may be sent before */
	TRANSPORT_PLAIN,    /* no TLS: refused unless the address is loopback */
};

/* The certificates we believe: those of the PEM file or, with NULL or "", the system's. NULL and a
 * text in error if none can be read. */
struct trust *trust_load(const char *ca_file, char error[TRANSPORT_ERROR_SIZE]);
void trust_free(struct trust **trust);

struct transport_options {
	const char
		*host; /* as configured: resolved, sent as SNI, and held against the certificate */
	int port;
	enum transport_security security;
	const struct trust *trust; /* outlives the transport; NULL allowed for TRANSPORT_PLAIN */
	int64_t connect_ms;	   /* for name, connection and handshake together */
};

/* "tls", "starttls", "none" of the settings. */
bool transport_security_from_id(const char *id, enum transport_security *out) MUST_CHECK;

/* A connected (and with TRANSPORT_TLS: verified) stream, or NULL and a text in error. */
struct transport *transport_open(
	const struct transport_options *options, char error[TRANSPORT_ERROR_SIZE]);
/* Handshake on an open plain stream. The caller has made sure that nothing is buffered above;
 * bytes waiting in the socket are found here. -1: the stream is dead. */
int transport_starttls(struct transport *t) MUST_CHECK;
/* True when what is written is encrypted, or the peer is on loopback by configuration. */
bool transport_is_private(const struct transport *t);

/* Every read and write that follows ends before `ms` from now, and reads at most max_bytes in all;
 * one step over either and the stream is dead (all later calls fail). */
void transport_begin(struct transport *t, int64_t ms, size_t max_bytes);
/* Looks at all bytes read before anybody else does: NULL, or a fixed text that ends the stream. */
typedef const char *transport_filter(void *arg, const char *p, size_t n);
void transport_set_filter(struct transport *t, transport_filter *filter, void *arg);
/* Waits for bytes without reading them. */
enum { TRANSPORT_READY = 1, TRANSPORT_OTHER = 2 };
/* Bits of what is readable: the stream (also when closed), other_fd (-1 for none); 0 after ms. */
int transport_wait(struct transport *t, int other_fd, int64_t ms);
/* Makes the stream dead at once, with this reason unless there is one already. */
void transport_abort(struct transport *t, const char *reason);
bool transport_is_dead(const struct transport *t);
const char *transport_error(const struct transport *t); /* "" while alive */
void transport_free(struct transport **t);

/* The stream as libetpan wants it. From here on libetpan's mailstream owns the transport: it is freed
 * by mailstream_close(). NULL if memory is out. */
mailstream_low *transport_to_low(struct transport *t);

#endif
