/* IMAP client: from nothing to a selected mailbox, and back.
 *
 * Called by the IMAP reader. Must not send a secret over a stream that is not private, and must not go
 * on with a session after STARTTLS has failed in whatever way. */
#include "base/prelude.h"

#include "workers/imap_session.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "workers/secret.h"

#include <libetpan/libetpan.h>

#define BUFFER_BYTES 65536
#define SMALL_ANSWER (256u << 10)
#define MAX_PLAIN 1024 /* user and password of AUTHENTICATE PLAIN */

static const char *guard_bytes(void *arg, const char *p, size_t n)
{
	return imap_guard_feed(arg, p, n);
}

static int fail(struct imap *imap, const char *why)
{
	char kept[TRANSPORT_ERROR_SIZE]; /* why may be imap->error */
	snprintf(kept, sizeof(kept), "%s", why);
	memcpy(imap->error, kept, sizeof(kept));
	transport_abort(imap->transport, kept);
	return -1;
}

/* The stream and libetpan's session on it, greeting read. */
static int connect_session(struct imap *imap, const struct imap_options *o)
{
	imap->transport = transport_open(&o->transport, imap->error);
	if (!imap->transport)
		return -1;
	imap_guard_init(&imap->guard, 0);
	transport_set_filter(imap->transport, guard_bytes, &imap->guard);
	mailstream_low *low = transport_to_low(imap->transport);
	mailstream *stream = low ? mailstream_new(low, BUFFER_BYTES) : NULL;
	imap->session = mailimap_new(0, NULL);
	if (!stream || !imap->session)
		abort();
	imap_begin(imap, SMALL_ANSWER, 1000);
	if (imap_result(imap, mailimap_connect(imap->session, stream), "greeting") != 0)
		return fail(imap, imap_error(imap));
	/* In plain text PREAUTH would be a way round STARTTLS; over TLS nothing of ours uses it. */
	if (imap->session->imap_state != MAILIMAP_STATE_NON_AUTHENTICATED)
		return fail(imap, "the server greets with PREAUTH");
	return 0;
}

static int start_tls(struct imap *imap)
{
	imap_begin(imap, SMALL_ANSWER, 1000);
	if (imap_result(imap, mailimap_starttls(imap->session), "STARTTLS") != 0)
		return fail(imap, "STARTTLS not offered, or tampered with");
	/* Bytes read together with the OK came in plain text and would be taken for TLS. */
	if (imap->session->imap_stream->read_buffer_len != 0)
		return fail(imap, "bytes after the answer to STARTTLS");
	if (transport_starttls(imap->transport) != 0)
		return -1;
	imap_guard_init(&imap->guard, 0);
	return 0;
}

/* What the server can do; asked anew after TLS and after the log-in, because it may change. */
static int read_capabilities(struct imap *imap)
{
	struct mailimap_capability_data *data = NULL;
	imap_begin(imap, SMALL_ANSWER, 1000);
	int rc = mailimap_capability(imap->session, &data);
	if (data)
		mailimap_capability_data_free(data);
	if (imap_result(imap, rc, "CAPABILITY") != 0)
		return fail(imap, imap_error(imap));
	imap->has_idle = mailimap_has_extension(imap->session, "IDLE");
	imap->has_move = mailimap_has_extension(imap->session, "MOVE");
	imap->has_uidplus = mailimap_has_extension(imap->session, "UIDPLUS");
	imap->has_sasl_ir = mailimap_has_extension(imap->session, "SASL-IR");
	imap->is_login_disabled = mailimap_has_extension(imap->session, "LOGINDISABLED");
	return 0;
}

/* AUTHENTICATE PLAIN in one line (RFC 4959). */
static int plain_in_one(struct imap *imap, const char *user, const char *password)
{
	char raw[MAX_PLAIN], line[2 * MAX_PLAIN + 32];
	int n = snprintf(raw, sizeof(raw), "%c%s%c%s", 0, user, 0, password);
	if (n < 0 || (size_t)n >= sizeof(raw))
		return MAILIMAP_ERROR_LOGIN;
	struct arena *arena = arena_new(1u << 20);
	char *encoded = base64_encode(arena, raw, (size_t)n);
	snprintf(line, sizeof(line), "AUTHENTICATE PLAIN %s", encoded);
	int rc = mailimap_custom_command(imap->session, line);
	if (rc == MAILIMAP_NO_ERROR)
		imap->session->imap_state = MAILIMAP_STATE_AUTHENTICATED;
	explicit_bzero(raw, sizeof(raw));
	explicit_bzero(line, sizeof(line));
	explicit_bzero(encoded, strlen(encoded));
	arena_free(&arena);
	return rc;
}

static int send_login(struct imap *imap, const struct imap_options *o, const char *password)
{
	if (o->login == IMAP_LOGIN)
		return mailimap_login(imap->session, o->user, password);
	if (imap->has_sasl_ir)
		return plain_in_one(imap, o->user, password);
	return mailimap_authenticate(imap->session, "PLAIN", o->transport.host, NULL, NULL, o->user,
		o->user, password, NULL);
}

static int log_in(struct imap *imap, const struct imap_options *o)
{
	struct secret secret;
	if (!transport_is_private(imap->transport))
		return fail(imap, "no log-in without TLS");
	if (o->login == IMAP_LOGIN && imap->is_login_disabled)
		return fail(imap, "the server does not allow LOGIN");
	if (secret_read(o->secret_fd, &secret) != 0)
		return fail(imap, "the secret cannot be read");
	imap_begin(imap, SMALL_ANSWER, 1000);
	int rc = send_login(imap, o, secret.text);
	secret_wipe(&secret);
	if (imap_result(imap, rc, "log-in") != 0)
		return fail(imap, imap_error(imap));
	return 0;
}

static int select_mailbox(struct imap *imap, const char *mailbox)
{
	imap_begin(imap, SMALL_ANSWER, 1000);
	if (imap_result(imap, mailimap_select(imap->session, mailbox), "SELECT") != 0)
		return fail(imap, imap_error(imap));
	const struct mailimap_selection_info *info = imap->session->imap_selection_info;
	imap->validity = info ? info->sel_uidvalidity : 0;
	imap->next_uid = info ? info->sel_uidnext : 0;
	return imap->validity != 0 ? 0 : fail(imap, "the mailbox has no UIDVALIDITY");
}

static int open_all(struct imap *imap, const struct imap_options *o)
{
	if (connect_session(imap, o) != 0)
		return -1;
	if (o->transport.security == TRANSPORT_STARTTLS && start_tls(imap) != 0)
		return -1;
	if (read_capabilities(imap) != 0 || log_in(imap, o) != 0)
		return -1;
	return read_capabilities(imap) != 0 ? -1 : select_mailbox(imap, o->mailbox);
}

struct imap *imap_open(const struct imap_options *o, char error[TRANSPORT_ERROR_SIZE])
{
	struct imap *imap = calloc(1, sizeof(*imap));
	if (!imap)
		abort();
	imap->timeout_ms = o->timeout_ms;
	if (open_all(imap, o) == 0)
		return imap;
	snprintf(error, TRANSPORT_ERROR_SIZE, "%s", imap_error(imap));
	imap_close(&imap);
	return NULL;
}

void imap_close(struct imap **imap)
{
	if (!*imap)
		return;
	/* mailimap_free says LOGOUT and waits; to a dead stream it costs nothing. */
	if ((*imap)->session) {
		if (!transport_is_dead((*imap)->transport)) {
			imap_begin(*imap, SMALL_ANSWER, 1000);
			transport_begin((*imap)->transport, 1000, SMALL_ANSWER);
		}
		mailimap_free((*imap)->session);
	} else if ((*imap)->transport) {
		transport_free(&(*imap)->transport);
	}
	free(*imap);
	*imap = NULL;
}
