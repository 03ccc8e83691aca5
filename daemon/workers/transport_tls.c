/* TLS for the transport: the trust store, the session and what is said when it fails.
 *
 * Called by transport.c. Must not offer a way to skip verification. */
#include "base/prelude.h"
#include "workers/transport_tls.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>

/* TLS 1.2 and 1.3, forward secrecy, no SHA-1 MACs, keys of at least 112 bits of strength. */
#define TLS_PRIORITY                                                                               \
	"SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-SHA1:%PROFILE_MEDIUM:%SAFE_"          \
	"RENEGOTIATION"

struct trust {
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priority;
};

static int fill_trust(struct trust *trust, const char *ca_file)
{
	if (!ca_file || !*ca_file)
		return gnutls_certificate_set_x509_system_trust(trust->credentials);
	return gnutls_certificate_set_x509_trust_file(
		trust->credentials, ca_file, GNUTLS_X509_FMT_PEM);
}

struct trust *trust_load(const char *ca_file, char error[TRANSPORT_ERROR_SIZE])
{
	struct trust *trust = calloc(1, sizeof(*trust));
	if (!trust)
		abort();
	int rc = gnutls_certificate_allocate_credentials(&trust->credentials);
	if (rc == 0)
		rc = gnutls_priority_init(&trust->priority, TLS_PRIORITY, NULL);
	if (rc == 0) {
		rc = fill_trust(trust, ca_file);
		if (rc > 0)
			return trust;
		if (rc == 0)
			rc = GNUTLS_E_NO_CERTIFICATE_FOUND;
	}
	snprintf(error, TRANSPORT_ERROR_SIZE, "no trusted certificates: %s", gnutls_strerror(rc));
	trust_free(&trust);
	return NULL;
}

void trust_free(struct trust **trust)
{
	if (!*trust)
		return;
	if ((*trust)->priority)
		gnutls_priority_deinit((*trust)->priority);
	if ((*trust)->credentials)
		gnutls_certificate_free_credentials((*trust)->credentials);
	free(*trust);
	*trust = NULL;
}

static bool is_address(const char *host)
{
	unsigned char raw[16];
	return inet_pton(AF_INET, host, raw) == 1 || inet_pton(AF_INET6, host, raw) == 1;
}

/* The host is held against DNS and IP names alike. */
static void demand_name(gnutls_session_t session, const char *host, struct tls_demand *demand)
{
	static char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	demand->checks[0] = (gnutls_typed_vdata_st){
		.type = GNUTLS_DT_DNS_HOSTNAME, .data = (unsigned char *)(uintptr_t)host};
	demand->checks[1] = (gnutls_typed_vdata_st){
		.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)purpose};
	gnutls_session_set_verify_cert2(session, demand->checks, ARRAY_LEN(demand->checks), 0);
}

gnutls_session_t tls_session_new(const struct trust *trust, const char *host,
	struct tls_demand *demand, int fd, char error[TRANSPORT_ERROR_SIZE])
{
	gnutls_session_t session = NULL;
	int rc = gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
	if (rc == 0)
		rc = gnutls_priority_set(session, trust->priority);
	if (rc == 0)
		rc = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, trust->credentials);
	if (rc == 0 && !is_address(host))
		rc = gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, strlen(host));
	if (rc != 0) {
		snprintf(error, TRANSPORT_ERROR_SIZE, "tls: %s", gnutls_strerror(rc));
		if (session)
			gnutls_deinit(session);
		return NULL;
	}
	demand_name(session, host, demand);
	gnutls_transport_set_int(session, fd);
	gnutls_handshake_set_timeout(session, 0); /* the deadline is ours */
	return session;
}

void tls_explain(gnutls_session_t session, int rc, char error[TRANSPORT_ERROR_SIZE])
{
	if (rc != GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR && rc != GNUTLS_E_CERTIFICATE_ERROR) {
		snprintf(error, TRANSPORT_ERROR_SIZE, "tls handshake: %s", gnutls_strerror(rc));
		return;
	}
	gnutls_datum_t text = {NULL, 0};
	unsigned status = gnutls_session_get_verify_cert_status(session);
	gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0);
	snprintf(error, TRANSPORT_ERROR_SIZE, "certificate refused: %s",
		text.data ? (const char *)text.data : "not verified");
	gnutls_free(text.data);
}
