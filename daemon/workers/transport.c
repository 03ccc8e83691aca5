/* Transport: connect, read, write and wait under a deadline; the libetpan driver over it.
 *
 * Called by the IMAP client. Must not retry past its deadline, must not speak to anybody in plain
 * text but loopback, and must not read more than it was allowed to. */
#include "base/prelude.h"
#include "workers/transport.h"
#include "base/clock.h"
#include "workers/transport_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_ADDRESSES_TRIED 8
#define HOST_SIZE 256

struct transport {
	int fd;
	gnutls_session_t tls; /* NULL while plain */
	struct tls_demand demand;
	const struct trust *trust;
	enum transport_security security;
	int64_t deadline_ms; /* monotonic */
	size_t bytes_left;
	bool dead;
	transport_filter *filter;
	void *filter_arg;
	char host[HOST_SIZE];
	char error[TRANSPORT_ERROR_SIZE];
};

bool transport_security_from_id(const char *id, enum transport_security *out)
{
	static const struct {
		const char *id;
		enum transport_security value;
	} known[] = {
		{"tls", TRANSPORT_TLS},
		{"starttls", TRANSPORT_STARTTLS},
		{"none", TRANSPORT_PLAIN},
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strcmp(known[i].id, id) == 0) {
			*out = known[i].value;
			return true;
		}
	}
	return false;
}

static int die(struct transport *t, const char *reason)
{
	if (!t->dead)
		snprintf(t->error, sizeof(t->error), "%s", reason);
	t->dead = true;
	return -1;
}

void transport_abort(struct transport *t, const char *reason)
{
	die(t, reason);
}

bool transport_is_dead(const struct transport *t)
{
	return t->dead;
}

const char *transport_error(const struct transport *t)
{
	return t->error;
}

bool transport_is_private(const struct transport *t)
{
	return t->tls != NULL || t->security == TRANSPORT_PLAIN;
}

/* 0 when the descriptor is ready, -1 (dead) at the deadline. */
static int wait_for(struct transport *t, short events)
{
	for (;;) {
		int64_t left = t->deadline_ms - clock_mono_ms();
		if (left <= 0)
			return die(t, "timeout");
		struct pollfd p = {.fd = t->fd, .events = events};
		int rc = poll(&p, 1, left > 60000 ? 60000 : (int)left);
		if (rc > 0)
			return 0;
		if (rc < 0 && errno != EINTR)
			return die(t, "poll failed");
	}
}

/* What an unfinished GnuTLS call waits for. */
static int wait_for_tls(struct transport *t)
{
	return wait_for(t, gnutls_record_get_direction(t->tls) ? POLLOUT : POLLIN);
}

static int handshake(struct transport *t)
{
	for (;;) {
		int rc = gnutls_handshake(t->tls);
		if (rc == 0)
			return 0;
		if (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED) {
			if (wait_for_tls(t) != 0)
				return -1;
		} else if (gnutls_error_is_fatal(rc)) {
			char why[TRANSPORT_ERROR_SIZE];
			tls_explain(t->tls, rc, why);
			return die(t, why);
		} else if (clock_mono_ms() >= t->deadline_ms) {
			return die(t, "timeout");
		}
	}
}

static int start_tls_now(struct transport *t)
{
	char why[TRANSPORT_ERROR_SIZE] = "no trusted certificates";
	gnutls_session_t session =
		t->trust ? tls_session_new(t->trust, t->host, &t->demand, t->fd, why) : NULL;
	if (!session)
		return die(t, why);
	t->tls = session;
	return handshake(t);
}

int transport_starttls(struct transport *t)
{
	char byte;
	if (t->dead || t->tls || t->security != TRANSPORT_STARTTLS)
		return die(t, "starttls out of place");
	/* After its OK the server must be silent until we say hello: whatever is here already was
	 * put there in plain text to be taken for an answer given inside TLS. */
	if (recv(t->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
		return die(t, "bytes after the answer to STARTTLS");
	return start_tls_now(t);
}

void transport_begin(struct transport *t, int64_t ms, size_t max_bytes)
{
	t->deadline_ms = clock_mono_ms() + ms;
	t->bytes_left = max_bytes;
}

/* One attempt: bytes, 0 at end of file, -1 with errno EAGAIN to wait, -1 otherwise when broken. */
static ssize_t recv_some(struct transport *t, void *p, size_t n)
{
	if (!t->tls) {
		ssize_t got = recv(t->fd, p, n, 0);
		if (got < 0 && errno == EINTR)
			errno = EAGAIN;
		return got;
	}
	ssize_t got = gnutls_record_recv(t->tls, p, n);
	if (got >= 0)
		return got;
	errno = !gnutls_error_is_fatal((int)got) ? EAGAIN : EPROTO;
	return -1;
}

void transport_set_filter(struct transport *t, transport_filter *filter, void *arg)
{
	t->filter = filter;
	t->filter_arg = arg;
}

static ssize_t filtered(struct transport *t, const void *p, ssize_t n)
{
	const char *fault = t->filter ? t->filter(t->filter_arg, p, (size_t)n) : NULL;
	return fault ? die(t, fault) : n;
}

/* 1 or more bytes, or -1. */
static ssize_t transport_read(struct transport *t, void *p, size_t n)
{
	if (t->dead || n == 0)
		return -1;
	if (t->bytes_left == 0)
		return die(t, "the server sent more than was asked for");
	if (n > t->bytes_left)
		n = t->bytes_left;
	for (;;) {
		ssize_t got = recv_some(t, p, n);
		if (got > 0) {
			t->bytes_left -= (size_t)got;
			return filtered(t, p, got);
		}
		if (got == 0)
			return die(t, "closed by the server");
		if (errno != EAGAIN)
			return die(t, "connection broken");
		if ((t->tls ? wait_for_tls(t) : wait_for(t, POLLIN)) != 0)
			return -1;
	}
}

static ssize_t send_some(struct transport *t, const void *p, size_t n)
{
	if (!t->tls) {
		ssize_t put = send(t->fd, p, n, MSG_NOSIGNAL);
		if (put < 0 && errno == EINTR)
			errno = EAGAIN;
		return put;
	}
	ssize_t put = gnutls_record_send(t->tls, p, n);
	if (put >= 0)
		return put;
	errno = !gnutls_error_is_fatal((int)put) ? EAGAIN : EPROTO;
	return -1;
}

/* As transport_read. */
static ssize_t transport_write(struct transport *t, const void *p, size_t n)
{
	if (t->dead)
		return -1;
	if (n == 0)
		return 0;
	for (;;) {
		ssize_t put = send_some(t, p, n);
		if (put > 0)
			return put;
		if (put < 0 && errno != EAGAIN)
			return die(t, "connection broken");
		if ((t->tls ? wait_for_tls(t) : wait_for(t, POLLOUT)) != 0)
			return -1;
	}
}

int transport_wait(struct transport *t, int other_fd, int64_t ms)
{
	if (t->dead || (t->tls && gnutls_record_check_pending(t->tls) > 0))
		return TRANSPORT_READY;
	int64_t until = clock_mono_ms() + ms;
	for (;;) {
		int64_t left = until - clock_mono_ms();
		struct pollfd p[2] = {
			{.fd = t->fd, .events = POLLIN}, {.fd = other_fd, .events = POLLIN}};
		int rc = poll(p, 2, left < 0 ? 0 : left > 60000 ? 60000 : (int)left);
		if (rc > 0)
			return (p[0].revents ? TRANSPORT_READY : 0) |
			       (p[1].revents ? TRANSPORT_OTHER : 0);
		if (left <= 0)
			return 0;
	}
}

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const void *)address;
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	}
	const struct sockaddr_in6 *v6 = (const void *)address;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static int finish_connect(struct transport *t)
{
	int problem = 0;
	socklen_t size = sizeof(problem);
	if (wait_for(t, POLLOUT) != 0)
		return -1;
	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0)
		problem = errno;
	errno = problem;
	return problem == 0 ? 0 : -1;
}

static int connect_one(struct transport *t, const struct addrinfo *a)
{
	int on = 1;
	if (t->security == TRANSPORT_PLAIN && !is_loopback(a->ai_addr))
		return die(t, "plain text is allowed to loopback only");
	t->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd < 0)
		return die(t, "no socket");
	/* IMAP is many small questions: Nagle would make each wait. */
	(void)setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(t->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	int rc = connect(t->fd, a->ai_addr, a->ai_addrlen);
	if (rc != 0 && errno == EINPROGRESS)
		rc = finish_connect(t);
	if (rc == 0)
		return 0;
	char why[TRANSPORT_ERROR_SIZE];
	snprintf(why, sizeof(why), "connect: %s", strerror(errno));
	close(t->fd);
	t->fd = -1;
	return die(t, why);
}

/* The addresses in turn; each gets its share of the time that is left. */
static int connect_any(struct transport *t, const struct addrinfo *list, int64_t until)
{
	int count = 0;
	for (const struct addrinfo *a = list; a && count < MAX_ADDRESSES_TRIED; a = a->ai_next)
		count++;
	for (const struct addrinfo *a = list; a && count > 0; a = a->ai_next, count--) {
		int64_t left = until - clock_mono_ms();
		t->dead = false;
		transport_begin(t, left / count, 0);
		if (connect_one(t, a) == 0)
			return 0;
	}
	return -1;
}

static int resolve_and_connect(struct transport *t, int port, int64_t until)
{
	char service[16];
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	snprintf(service, sizeof(service), "%d", port);
	/* The resolver has its own limits (resolv.conf); a hang here costs this process alone. */
	int rc = getaddrinfo(t->host, service, &hints, &list);
	if (rc != 0) {
		char why[TRANSPORT_ERROR_SIZE];
		snprintf(why, sizeof(why), "name lookup: %s", gai_strerror(rc));
		return die(t, why);
	}
	rc = connect_any(t, list, until);
	freeaddrinfo(list);
	return rc;
}

struct transport *transport_open(
	const struct transport_options *options, char error[TRANSPORT_ERROR_SIZE])
{
	struct transport *t = calloc(1, sizeof(*t));
	if (!t)
		abort();
	t->fd = -1;
	t->trust = options->trust;
	t->security = options->security;
	int64_t until = clock_mono_ms() + options->connect_ms;
	int rc = -1;
	if (strlen(options->host) >= sizeof(t->host)) {
		die(t, "host name too long");
	} else {
		memcpy(t->host, options->host, strlen(options->host) + 1);
		rc = resolve_and_connect(t, options->port, until);
	}
	if (rc == 0) {
		transport_begin(t, until - clock_mono_ms(), 0);
		rc = options->security == TRANSPORT_TLS ? start_tls_now(t) : 0;
	}
	if (rc == 0)
		return t;
	snprintf(error, TRANSPORT_ERROR_SIZE, "%s", t->error);
	transport_free(&t);
	return NULL;
}

static void close_stream(struct transport *t)
{
	if (t->tls) {
		if (!t->dead)
			gnutls_bye(t->tls, GNUTLS_SHUT_WR); /* one attempt; nobody waits for it */
		gnutls_deinit(t->tls);
		t->tls = NULL;
	}
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	die(t, "closed");
}

void transport_free(struct transport **t)
{
	if (!*t)
		return;
	close_stream(*t);
	free(*t);
	*t = NULL;
}

/* --- the libetpan driver --- */

static ssize_t low_read(mailstream_low *low, void *p, size_t n)
{
	return transport_read(low->data, p, n);
}

static ssize_t low_write(mailstream_low *low, const void *p, size_t n)
{
	return transport_write(low->data, p, n);
}

static int low_close(mailstream_low *low)
{
	close_stream(low->data);
	return 0;
}

static int low_get_fd(mailstream_low *low)
{
	const struct transport *t = low->data;
	return t->fd;
}

/* As libetpan's own drivers do: this frees the mailstream_low as well. */
static void low_free(mailstream_low *low)
{
	struct transport *t = low->data;
	transport_free(&t);
	low->data = NULL;
	free(low);
}

static void low_cancel(mailstream_low *low)
{
	transport_abort(low->data, "cancelled");
}

static mailstream_low_driver low_driver = {
	.mailstream_read = low_read,
	.mailstream_write = low_write,
	.mailstream_close = low_close,
	.mailstream_get_fd = low_get_fd,
	.mailstream_free = low_free,
	.mailstream_cancel = low_cancel,
};

mailstream_low *transport_to_low(struct transport *t)
{
	return mailstream_low_new(t, &low_driver);
}
