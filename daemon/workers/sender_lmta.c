/* Sender to the MTA of this machine: libesmtp over loopback, several mails a session, with requests
 * for delivery reports (RFC 3461), which libcurl cannot make.
 *
 * libesmtp blocks, so the gate is a wait inside its message callback. Its own timeouts are set out
 * of reach, because at one of them it loses a piece of the message and goes on (LIBRARIES:
 * measured); a watchdog of ours cuts the connection instead. Its return values are not believed:
 * only transfer 2xx and recipient 2xx and complete, together, mean accepted. */
#include "base/prelude.h"

#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"
#include "workers/sender_desk.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libesmtp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define LIBRARY_TIMEOUT_MS 2000000000L
#define TIMEOUT_MS 300000
#define MAX_ENVELOPE_ID 100 /* RFC 3461 4.4 */
#define MAX_FD 256
#define SERVER_SIZE 64
#define EXIT_STUCK 75

/* One mail within a session. */
struct part {
	struct sender *sender;
	struct outgoing *mail; /* NULL when done */
	smtp_message_t message;
	smtp_recipient_t recipient;
};

struct lmta_sink {
	char server[SERVER_SIZE];
	const char *hello;
	int64_t timeout_ms;
	struct part parts[MAX_BATCH];
	size_t n_parts;
	char last_reply[REPLY_TEXT_SIZE];
};

/* --- watchdog --- */

static volatile sig_atomic_t connection_fd = -1;
static volatile sig_atomic_t has_barked;

/* First time: the peer seems gone and the library returns. Second time: it is stuck for good, and a
 * process that dies is what the desk knows how to handle. */
static void bark(int signal)
{
	(void)signal;
	if (has_barked)
		_exit(EXIT_STUCK);
	has_barked = 1;
	if (connection_fd >= 0)
		(void)shutdown(connection_fd, SHUT_RDWR);
}

static void watch(int64_t ms)
{
	struct itimerval timer = {
		.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000},
		.it_interval = {.tv_sec = ms > 0 ? 3 : 0},
	};
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

/* The one internet socket this process has is libesmtp's, which does not show it. */
static int find_connection(void)
{
	for (int fd = 3; fd < MAX_FD; fd++) {
		struct sockaddr_storage peer;
		socklen_t size = sizeof(peer);
		if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
			(peer.ss_family == AF_INET || peer.ss_family == AF_INET6))
			return fd;
	}
	return -1;
}

static void cut_connection(void)
{
	int fd = find_connection();
	if (fd < 0)
		_exit(EXIT_STUCK); /* nothing else keeps the dot back for sure */
	(void)shutdown(fd, SHUT_RDWR);
}

/* --- setting up --- */

static bool loopback_address(const char *host, char out[INET_ADDRSTRLEN])
{
	struct in_addr a;
	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	return inet_pton(AF_INET, host, &a) == 1 && ntohl(a.s_addr) >> 24 == 127 &&
	       inet_ntop(AF_INET, &a, out, INET_ADDRSTRLEN);
}

static int lmta_open(struct sender *s)
{
	struct lmta_sink *sink = calloc(1, sizeof(*sink));
	char host[INET_ADDRSTRLEN];
	if (!sink)
		abort();
	s->driver = sink;
	int64_t port = json_int(s->job, "port", 25);
	sink->hello = json_str(s->job, "hello", "localhost");
	sink->timeout_ms = json_int(s->job, "timeout_ms", TIMEOUT_MS);
	if (!loopback_address(json_str(s->job, "host", "127.0.0.1"), host)) {
		log_error("bad-job", "%s", "member=host");
		return -1;
	}
	if (port < 1 || port > 65535) {
		log_error("bad-job", "%s", "member=port");
		return -1;
	}
	snprintf(sink->server, sizeof(sink->server), "%s:%d", host, (int)port);
	struct sigaction action = {.sa_handler = bark};
	(void)sigaction(SIGALRM, &action, NULL);
	return 0;
}

static void lmta_close(struct sender *s)
{
	free(s->driver);
}

/* --- callbacks of libesmtp --- */

/* Until the desk has answered. The watchdog sleeps meanwhile: this is not the server's time. */
static enum gate wait_at_gate(struct sender *s, struct outgoing *m)
{
	const struct lmta_sink *sink = s->driver;
	watch(0);
	sender_ask(s, m);
	while (m->gate == GATE_ASKED && !s->desk_gone)
		sender_pump(s, -1);
	watch(sink->timeout_ms);
	return m->gate;
}

/* The message but for its last byte; then, the gate being open, that; then the end, upon which libesmtp
 * says the dot: it cannot be made to wait there, so the gate is before the last byte. libesmtp takes
 * errno other than 0 at the end for a failure, and len NULL means "from the beginning". */
static const char *give_message(void **context, int *len, void *arg)
{
	struct part *part = arg;
	struct outgoing *m = part->mail;
	size_t last = m->wire.n - 1;
	(void)context;
	if (!len) {
		m->given = 0;
		return NULL;
	}
	*len = 0;
	const char *from = (const char *)m->wire.p + m->given;
	m->stage = m->stage < SMTP_DATA ? SMTP_DATA : m->stage;
	if (m->given < last) {
		*len = (int)(last - m->given);
		m->given = last;
	} else if (m->given == last && wait_at_gate(part->sender, m) == GATE_OPEN) {
		*len = 1;
		m->given++;
		m->stage = SMTP_END;
	} else if (m->given == last) {
		cut_connection(); /* returning the end would send the final dot */
	}
	errno = *len > 0 || m->given > last ? 0 : ECANCELED;
	return *len > 0 ? from : NULL;
}

static bool is_refusal(int code)
{
	return code / 100 == 4 || code / 100 == 5;
}

static void take_status(struct outgoing *m, enum smtp_stage stage, const smtp_status_t *status)
{
	m->stage = stage;
	m->reply = status->code;
	char line[REPLY_TEXT_SIZE];
	int n = snprintf(
		line, sizeof(line), "%d %s", status->code, status->text ? status->text : "");
	outgoing_text(m, line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

/* What libesmtp knows of one mail -> its stage and reply. False while nothing is decided. */
static bool read_statuses(struct part *part)
{
	struct outgoing *m = part->mail;
	const smtp_status_t *path = smtp_reverse_path_status(part->message);
	const smtp_status_t *rcpt = smtp_recipient_status(part->recipient);
	const smtp_status_t *transfer = smtp_message_transfer_status(part->message);
	bool complete = smtp_recipient_check_complete(part->recipient) != 0;
	m->reply = 0;
	/* One recipient: refused is refused, even if the data went out behind it (pipelined). */
	if (is_refusal(rcpt->code)) {
		take_status(m, SMTP_RCPT, rcpt);
	} else if (is_refusal(path->code)) {
		take_status(m, SMTP_MAIL, path);
	} else if (m->stage == SMTP_END) {
		/* With CHUNKING the transfer code is that of any piece: complete tells the last. */
		bool accepted = complete && transfer->code / 100 == 2 && rcpt->code / 100 == 2;
		if (accepted || is_refusal(transfer->code))
			take_status(m, SMTP_END, transfer);
	} else if (is_refusal(transfer->code)) {
		take_status(m, SMTP_DATA, transfer);
	}
	return m->reply != 0;
}

static void finish_part(struct part *part)
{
	struct outgoing *m = part->mail;
	part->mail = NULL;
	if (m->gate == GATE_DROPPED)
		sender_done_as(part->sender, m, (struct verdict){.delivery = DELIVERY_DEFERRED});
	else
		sender_done(part->sender, m);
	sender_say(part->sender);
}

/* The outcome is told as soon as it is known, not at the end of the session: what is told is safe.
 */
static void on_event(smtp_session_t session, int event, void *arg, ...)
{
	struct sender *s = arg;
	struct lmta_sink *sink = s->driver;
	(void)session;
	if (event == SMTP_EV_CONNECT)
		connection_fd = find_connection();
	if (!has_barked)
		watch(sink->timeout_ms);
	if (event != SMTP_EV_MESSAGESENT)
		return;
	va_list ap;
	va_start(ap, arg);
	smtp_message_t message = va_arg(ap, smtp_message_t);
	va_end(ap);
	for (size_t i = 0; i < sink->n_parts; i++) {
		struct part *part = &sink->parts[i];
		if (part->message == message && part->mail && read_statuses(part))
			finish_part(part);
	}
}

/* Keeps the last line of the server, for what has no status of its own (greeting, EHLO). */
static void on_monitor(const char *text, int len, int writing, void *arg)
{
	struct lmta_sink *sink = arg;
	if (writing || len <= 0)
		return;
	size_t n =
		(size_t)len < sizeof(sink->last_reply) ? (size_t)len : sizeof(sink->last_reply) - 1;
	memcpy(sink->last_reply, text, n);
	sink->last_reply[n] = '\0';
}

/* --- one session --- */

static void ask_for_reports(struct part *part)
{
	const struct outgoing *m = part->mail;
	(void)smtp_dsn_set_ret(part->message, Ret_HDRS);
	(void)smtp_dsn_set_notify(part->recipient, Notify_FAILURE | Notify_DELAY);
	size_t len = strlen(m->message_id);
	if (len > 0 && len <= MAX_ENVELOPE_ID &&
		strspn(m->message_id,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			"@._-+=") == len)
		(void)smtp_dsn_set_envid(part->message, m->message_id);
}

static void add_part(struct sender *s, smtp_session_t session, struct outgoing *m)
{
	struct lmta_sink *sink = s->driver;
	struct part *part = &sink->parts[sink->n_parts++];
	*part = (struct part){.sender = s, .mail = m};
	m->given = 0;
	m->stage = SMTP_CONNECT;
	part->message = smtp_add_message(session);
	part->recipient = part->message ? smtp_add_recipient(part->message, m->to) : NULL;
	if (!part->recipient)
		abort();
	(void)smtp_set_reverse_path(part->message, *m->from ? m->from : NULL);
	(void)smtp_set_messagecb(part->message, give_message, part);
	(void)smtp_size_set_estimate(part->message, m->wire.n);
	if (m->dsn)
		ask_for_reports(part);
}

static smtp_session_t new_session(struct sender *s)
{
	struct lmta_sink *sink = s->driver;
	static const int timeouts[] = {
		Timeout_GREETING, Timeout_ENVELOPE, Timeout_DATA, Timeout_TRANSFER, Timeout_DATA2};
	smtp_session_t session = smtp_create_session();
	if (!session || !smtp_set_server(session, sink->server))
		abort();
	(void)smtp_set_hostname(session, sink->hello);
	(void)smtp_set_eventcb(session, on_event, s);
	(void)smtp_set_monitorcb(session, on_monitor, sink, 0);
	(void)smtp_starttls_enable(session, Starttls_DISABLED);
	for (size_t i = 0; i < ARRAY_LEN(timeouts); i++)
		(void)smtp_set_timeout(session, timeouts[i] | Timeout_OVERRIDE_RFC2822_MINIMUM,
			LIBRARY_TIMEOUT_MS);
	return session;
}

/* Why the session as a whole ended, into m. */
static void explain_session(const struct lmta_sink *sink, struct outgoing *m, int problem)
{
	char text[REPLY_TEXT_SIZE];
	if (has_barked)
		snprintf(text, sizeof(text), "timeout");
	else if (problem != 0)
		smtp_strerror(problem, text, sizeof(text));
	else
		snprintf(text, sizeof(text), "%s", sink->last_reply);
	outgoing_text(m, text, strlen(text));
}

/* What the session left undecided. A mail whose turn did not come because another one broke the
 * session goes back to the queue; each session decides at least one, so this ends. */
static void settle(struct sender *s, int problem)
{
	struct lmta_sink *sink = s->driver;
	bool begun_any = false;
	for (size_t i = 0; i < sink->n_parts; i++)
		begun_any = begun_any || !sink->parts[i].mail ||
			    sink->parts[i].mail->stage >= SMTP_DATA ||
			    read_statuses(&sink->parts[i]);
	for (size_t i = sink->n_parts; i-- > 0;) {
		struct part *part = &sink->parts[i];
		struct outgoing *m = part->mail;
		if (!m)
			continue;
		bool decided = read_statuses(part);
		if (!decided && begun_any && m->stage < SMTP_DATA && m->gate == GATE_CLOSED) {
			TAILQ_REMOVE(&s->begun, m, link);
			TAILQ_INSERT_HEAD(&s->waiting, m, link);
			part->mail = NULL;
			continue;
		}
		if (!decided)
			explain_session(sink, m, problem);
		finish_part(part);
	}
}

static void run_session(struct sender *s, struct outgoing *first)
{
	struct lmta_sink *sink = s->driver;
	smtp_session_t session = new_session(s);
	sink->n_parts = 0;
	sink->last_reply[0] = '\0';
	connection_fd = -1;
	has_barked = 0;
	for (struct outgoing *m = first; m; m = sink->n_parts < MAX_BATCH ? sender_next(s) : NULL)
		add_part(s, session, m);
	watch(sink->timeout_ms);
	int rc = smtp_start_session(session);
	int problem = rc ? 0 : smtp_errno();
	connection_fd = -1;
	watch(0);
	settle(s, problem);
	(void)smtp_destroy_session(session);
}

static void lmta_run(struct sender *s, int ms)
{
	if (TAILQ_EMPTY(&s->waiting))
		sender_pump(s, ms);
	struct outgoing *m = sender_next(s);
	if (m && !s->desk_gone)
		run_session(s, m);
	sender_pump(s, 0);
}

const struct sink_driver sink_local_mta = {
	.open = lmta_open,
	.run = lmta_run,
	.close = lmta_close,
};
