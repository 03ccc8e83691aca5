/* Sender to a submission server: libcurl, several kept connections, STARTTLS required or TLS from
 * the first byte, verified. One mail and one recipient a transaction.
 *
 * The gate is the read callback: when all bytes are out it pauses the transfer, and says that this was
 * the end, upon which curl sends the dot, only when the desk lets it. Must not let
 * curl choose anything about security by itself: each option is set for each transfer. */
#include "base/prelude.h"

#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"
#include "workers/secret.h"
#include "workers/sender_desk.h"
#include "workers/transport.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 20
#define CONNECT_MS 30000
#define MAX_IDLE_S 60 /* an idle connection older than this is not used again */
#define URL_SIZE 600
#define TIMEOUT_MS 300000
#define CLOSING_ROUNDS 10
#define HOLD_MS 5 /* what the desk is told waits so long for more */

struct slot { /* one transfer at a time */
	struct sender *sender;
	CURL *easy;
	struct outgoing *mail; /* NULL: free */
	struct curl_slist *to;
	int64_t deadline_ms; /* moved on while waiting at the gate */
	int64_t gate_since_ms;
	bool second_try;   /* on a fresh connection, after a kept one turned out dead */
	bool resume;	   /* the desk has answered: to be woken outside of curl's callbacks */
	bool over;	   /* QUIT is said: later replies are not about the mail */
	const char *abort; /* why it is to fail; NULL not */
	char error[CURL_ERROR_SIZE];
};

struct smtp_sink {
	CURLM *multi;
	struct slot slots[MAX_CONNECTIONS];
	size_t n_slots;
	enum transport_security security;
	char url[URL_SIZE];
	const char *ca_file; /* "" for the system's */
	const char *user;
	int64_t timeout_ms;
};

/* --- callbacks of curl --- */

/* Hands out the message, then waits for the desk. */
static size_t give_bytes(char *out, size_t size, size_t count, void *arg)
{
	struct slot *slot = arg;
	struct outgoing *m = slot->mail;
	size_t room = size * count, left = m->wire.n - m->given;
	m->stage = m->stage < SMTP_DATA ? SMTP_DATA : m->stage;
	if (left > 0) {
		size_t n = left < room ? left : room;
		memcpy(out, m->wire.p + m->given, n);
		m->given += n;
		return n;
	}
	if (slot->abort || m->gate == GATE_DROPPED)
		return CURL_READFUNC_ABORT;
	if (m->gate != GATE_OPEN) {
		slot->gate_since_ms = clock_mono_ms();
		sender_ask(slot->sender, m);
		return CURL_READFUNC_PAUSE;
	}
	/* From here on only an answer to the end of the data says what became of it. */
	m->stage = SMTP_END;
	m->reply = 0;
	m->text[0] = '\0';
	return 0;
}

static size_t hear_reply(char *line, size_t size, size_t count, void *arg)
{
	struct slot *slot = arg;
	if (!slot->over)
		outgoing_reply(slot->mail, line, size * count);
	return size * count;
}

static size_t drop_body(char *p, size_t size, size_t count, void *arg)
{
	(void)p;
	(void)arg;
	return size * count;
}

/* The commands that curl says tell how far the dialogue is. A new one makes the last reply old. */
static void note_command(struct slot *slot, const char *command, size_t n)
{
	struct outgoing *m = slot->mail;
	static const struct {
		const char *verb;
		enum smtp_stage stage;
	} verbs[] = {
		{"EHLO", SMTP_HELLO},
		{"HELO", SMTP_HELLO},
		{"STARTTLS", SMTP_TLS},
		{"AUTH", SMTP_LOGIN},
		{"MAIL", SMTP_MAIL},
		{"RCPT", SMTP_RCPT},
		{"DATA", SMTP_DATA},
	};
	slot->over = slot->over || (n >= 4 && memcmp(command, "QUIT", 4) == 0);
	if (m->stage == SMTP_END || slot->over)
		return;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		size_t len = strlen(verbs[i].verb);
		if (n >= len && memcmp(command, verbs[i].verb, len) == 0) {
			m->stage = verbs[i].stage;
			m->reply = 0;
		}
	}
}

static int hear_command(CURL *easy, curl_infotype type, char *data, size_t n, void *arg)
{
	struct slot *slot = arg;
	(void)easy;
	if (type == CURLINFO_HEADER_OUT && slot->mail)
		note_command(slot, data, n);
	return 0;
}

static int may_go_on(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct slot *slot = arg;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return slot->abort ? 1 : 0;
}

/* Plain text goes to loopback only. */
static curl_socket_t open_loopback(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	(void)arg;
	(void)purpose;
	const struct sockaddr_in *v4 = (const void *)&a->addr;
	const struct sockaddr_in6 *v6 = (const void *)&a->addr;
	bool loopback = (a->family == AF_INET && ntohl(v4->sin_addr.s_addr) >> 24 == 127) ||
			(a->family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr));
	if (!loopback)
		return CURL_SOCKET_BAD;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* --- setting up --- */

/* curl opens the file at each handshake: one that cannot be read is told now. */
static bool is_readable(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* A word that may stand in a URL and in EHLO. */
static bool is_host_word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]");
	return n > 0 && s[n] == '\0';
}

/* The job into sink. The member that is wrong, or NULL. */
static const char *read_job(struct smtp_sink *sink, const json_t *job, int secret_fd)
{
	const char *host = json_str(job, "host", ""), *hello = json_str(job, "hello", "localhost");
	if (!transport_security_from_id(json_str(job, "security", "starttls"), &sink->security))
		return "security";
	if (!is_host_word(host))
		return "host";
	if (!is_host_word(hello))
		return "hello";
	sink->user = json_str(job, "user", "");
	if (*sink->user && sink->security == TRANSPORT_PLAIN)
		return "user";
	if (*sink->user && secret_fd < 0)
		return "secret";
	bool tls = sink->security == TRANSPORT_TLS;
	int64_t port = json_int(job, "port", tls ? 465 : 587);
	int64_t connections = json_int(job, "connections", 4);
	if (port < 1 || port > 65535)
		return "port";
	if (connections < 1 || connections > MAX_CONNECTIONS)
		return "connections";
	sink->n_slots = (size_t)connections;
	sink->timeout_ms = json_int(job, "timeout_ms", TIMEOUT_MS);
	bool bare_v6 = strchr(host, ':') && *host != '[';
	snprintf(sink->url, sizeof(sink->url), "%s://%s%s%s:%d/%s", tls ? "smtps" : "smtp",
		bare_v6 ? "[" : "", host, bare_v6 ? "]" : "", (int)port, hello);
	sink->ca_file = json_str(job, "ca_file", "");
	return *sink->ca_file == '\0' || is_readable(sink->ca_file) ? NULL : "ca_file";
}

static int smtp_open(struct sender *s)
{
	struct smtp_sink *sink = calloc(1, sizeof(*sink));
	if (!sink)
		abort();
	s->driver = sink;
	const char *wrong = read_job(sink, s->job, s->secret_fd);
	if (wrong) {
		log_error("bad-job", "member=%s", wrong);
		return -1;
	}
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK || !(sink->multi = curl_multi_init()))
		abort();
	curl_multi_setopt(sink->multi, CURLMOPT_MAXCONNECTS, (long)sink->n_slots);
	curl_multi_setopt(sink->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)sink->n_slots);
	for (size_t i = 0; i < sink->n_slots; i++) {
		sink->slots[i].sender = s;
		if (!(sink->slots[i].easy = curl_easy_init()))
			abort();
	}
	return 0;
}

static void set_security(const struct smtp_sink *sink, CURL *easy)
{
	bool plain = sink->security == TRANSPORT_PLAIN;
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_USE_SSL, plain ? CURLUSESSL_NONE : CURLUSESSL_ALL);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (*sink->ca_file) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, sink->ca_file);
		/* Without this the system's CAs are believed as well. */
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (plain)
		curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_loopback);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* none, whatever the environment says */
}

static int set_login(const struct smtp_sink *sink, CURL *easy, int secret_fd)
{
	struct secret secret;
	if (*sink->user == '\0')
		return 0;
	if (secret_read(secret_fd, &secret) != 0)
		return -1;
	curl_easy_setopt(easy, CURLOPT_USERNAME, sink->user);
	curl_easy_setopt(easy, CURLOPT_PASSWORD, secret.text);
	secret_wipe(&secret);
	curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
	curl_easy_setopt(easy, CURLOPT_SASL_IR, 1L);
	return 0;
}

static void set_limits(const struct smtp_sink *sink, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(
		easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(sink->timeout_ms / 1000 + 1));
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)MAX_IDLE_S);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
}

static void set_message(CURL *easy, struct slot *slot)
{
	struct outgoing *m = slot->mail;
	slot->to = curl_slist_append(NULL, m->to);
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, m->from);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, slot->to);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	/* One more than there are: else curl ends the message with the last byte and asks nobody. */
	curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->wire.n + 1);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_bytes);
	curl_easy_setopt(easy, CURLOPT_READDATA, slot);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, hear_reply);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_body);
	curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, hear_command);
	curl_easy_setopt(easy, CURLOPT_DEBUGDATA, slot);
	curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L); /* for hear_command; nothing is printed */
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, may_go_on);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, slot);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->error);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
}

/* --- one mail --- */

static void start_mail(struct sender *s, struct slot *slot, struct outgoing *m, bool fresh)
{
	struct smtp_sink *sink = s->driver;
	slot->mail = m;
	slot->second_try = fresh;
	slot->resume = slot->over = false;
	slot->abort = NULL;
	slot->error[0] = '\0';
	slot->deadline_ms = clock_mono_ms() + sink->timeout_ms;
	m->given = 0;
	m->stage = SMTP_CONNECT;
	m->reply = 0;
	m->text[0] = '\0';
	curl_easy_reset(slot->easy);
	curl_easy_setopt(slot->easy, CURLOPT_URL, sink->url);
	set_security(sink, slot->easy);
	set_limits(sink, slot->easy);
	set_message(slot->easy, slot);
	if (fresh)
		curl_easy_setopt(slot->easy, CURLOPT_FRESH_CONNECT, 1L);
	if (set_login(sink, slot->easy, s->secret_fd) != 0 ||
		curl_multi_add_handle(sink->multi, slot->easy) != CURLM_OK) {
		slot->mail = NULL;
		outgoing_text(m, "the secret cannot be read", 25);
		sender_done(s, m);
	}
}

/* Takes a transfer that is over out of curl. */
static struct outgoing *release_slot(struct smtp_sink *sink, struct slot *slot)
{
	struct outgoing *m = slot->mail;
	curl_multi_remove_handle(sink->multi, slot->easy);
	curl_slist_free_all(slot->to);
	slot->to = NULL;
	slot->mail = NULL;
	return m;
}

/* A kept connection that the server had closed meanwhile is no fault of anybody: once more, at
 * once, if nothing of this mail was answered. */
static bool was_stale(struct slot *slot)
{
	long connects = 1;
	const struct outgoing *m = slot->mail;
	curl_easy_getinfo(slot->easy, CURLINFO_NUM_CONNECTS, &connects);
	return connects == 0 && !slot->second_try && !slot->abort && m->gate == GATE_CLOSED &&
	       m->stage <= SMTP_MAIL && (m->reply == 0 || m->reply == 421);
}

static void finish_mail(struct sender *s, struct slot *slot, CURLcode rc)
{
	struct smtp_sink *sink = s->driver;
	if (rc != CURLE_OK && !s->desk_gone && was_stale(slot)) {
		start_mail(s, slot, release_slot(sink, slot), true);
		return;
	}
	struct outgoing *m = release_slot(sink, slot);
	/* A 2xx counts only if curl saw it as the end of a dialogue that went well: after a stray
	 * or cut reply it does not. Refusals are believed as they stand. */
	if (rc != CURLE_OK && m->reply < 400)
		m->reply = 0;
	if (rc == CURLE_OK && m->stage != SMTP_END)
		m->reply = 0;
	if (slot->abort)
		m->reply = 0;
	if (m->reply == 0) {
		const char *said = slot->error[0] ? slot->error : curl_easy_strerror(rc);
		const char *why = slot->abort ? slot->abort : said;
		outgoing_text(m, why, strlen(why));
	}
	if (m->gate == GATE_DROPPED)
		sender_done_as(s, m, (struct verdict){.delivery = DELIVERY_DEFERRED});
	else
		sender_done(s, m);
}

/* Makes the transfer fail; it ends by collect_finished like any other. */
static void give_up(struct slot *slot, const char *why)
{
	slot->abort = why;
	curl_easy_pause(slot->easy, CURLPAUSE_CONT);
}

/* Time at the gate is the desk's, not the server's: it does not count. */
static void wake(struct slot *slot)
{
	slot->resume = false;
	slot->deadline_ms += clock_mono_ms() - slot->gate_since_ms;
	if (slot->mail->gate == GATE_DROPPED)
		give_up(slot, "dropped by the desk");
	else
		curl_easy_pause(slot->easy, CURLPAUSE_CONT);
}

static void look_after(struct slot *slot, int64_t now)
{
	if (slot->resume)
		wake(slot);
	else if (!slot->abort && slot->mail->gate != GATE_ASKED && now > slot->deadline_ms)
		give_up(slot, "timeout");
}

static void smtp_gate(struct sender *s, struct outgoing *m)
{
	struct smtp_sink *sink = s->driver;
	for (size_t i = 0; i < sink->n_slots; i++) {
		if (sink->slots[i].mail == m)
			sink->slots[i].resume = true;
	}
}

static void fill_slots(struct sender *s)
{
	struct smtp_sink *sink = s->driver;
	for (size_t i = 0; i < sink->n_slots; i++) {
		struct outgoing *m = sink->slots[i].mail ? NULL : sender_next(s);
		if (m)
			start_mail(s, &sink->slots[i], m, false);
	}
}

static void collect_finished(struct sender *s)
{
	struct smtp_sink *sink = s->driver;
	int left;
	CURLMsg *msg;
	while ((msg = curl_multi_info_read(sink->multi, &left))) {
		char *slot = NULL;
		if (msg->msg != CURLMSG_DONE)
			continue;
		CURLcode rc = msg->data.result;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &slot);
		finish_mail(s, (struct slot *)(void *)slot, rc);
	}
}

/* Whether a connection has a mail that is on its way to the dot. */
static bool some_move(const struct smtp_sink *sink)
{
	for (size_t i = 0; i < sink->n_slots; i++) {
		if (sink->slots[i].mail && sink->slots[i].mail->gate != GATE_ASKED)
			return true;
	}
	return false;
}

/* The desk is told when all connections wait for it, and at the latest after a moment. How long curl may
 * wait: at most ms. */
static int say_or_hold(struct sender *s, int ms)
{
	int64_t held = s->unsaid ? clock_mono_ms() - s->unsaid_ms : 0;
	if (held >= HOLD_MS || !some_move(s->driver))
		sender_say(s);
	return s->unsaid && ms > HOLD_MS - held ? (int)(HOLD_MS - held) : ms;
}

static void smtp_run(struct sender *s, int ms)
{
	struct smtp_sink *sink = s->driver;
	struct curl_waitfd desk = {.fd = s->sock, .events = CURL_WAIT_POLLIN};
	int running = 0;
	sender_pump(s, 0);
	fill_slots(s);
	for (size_t i = 0; i < sink->n_slots; i++) {
		if (sink->slots[i].mail)
			look_after(&sink->slots[i], clock_mono_ms());
	}
	curl_multi_perform(sink->multi, &running);
	collect_finished(s);
	/* A free slot and a mail for it: do not sleep. */
	bool busy = !TAILQ_EMPTY(&s->waiting) && (size_t)running < sink->n_slots;
	curl_multi_poll(sink->multi, &desk, 1, busy ? 0 : say_or_hold(s, ms), NULL);
}

/* What is under way is made to fail. If something does not end, curl keeps what it has: the process ends
 * now, and the kernel sends no dots. */
static void smtp_close(struct sender *s)
{
	struct smtp_sink *sink = s->driver;
	int running = 0;
	for (size_t i = 0; i < sink->n_slots; i++) {
		if (sink->slots[i].mail)
			give_up(&sink->slots[i], "the desk is gone");
	}
	for (int i = 0; i < CLOSING_ROUNDS; i++)
		curl_multi_perform(sink->multi, &running);
	collect_finished(s);
	if (running > 0)
		return;
	for (size_t i = 0; i < sink->n_slots; i++)
		curl_easy_cleanup(sink->slots[i].easy);
	curl_multi_cleanup(sink->multi);
	curl_global_cleanup();
	free(sink);
}

const struct sink_driver sink_smtp = {
	.open = smtp_open,
	.run = smtp_run,
	.gate = smtp_gate,
	.close = smtp_close,
};
