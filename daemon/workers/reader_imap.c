/* Reader of an IMAP mailbox. The key of a mail is "UIDVALIDITY/UID".
 *
 * Mail is handed over in the order of its uids; `next` is the lowest uid that is not decided yet. Any
 * trouble with the server ends the session, is told to the desk, and a new one begins after a pause:
 * everything not handed over is then found again, everything handed over is the desk's.
 *
 * Must not change anything on the server but what the desk has acknowledged. */
#include "base/prelude.h"

#include "workers/reader_kinds.h"

#include "base/clock.h"
#include "base/ipc.h"
#include "base/log.h"
#include "base/text.h"
#include "workers/imap_client.h"
#include "workers/payload.h"

#include <unistd.h>

#define KEY_SIZE 32
#define MAX_SEARCH 100000 /* uids kept of one search; the rest is found by the next */
#define BATCH_MAILS 16	  /* small mails in one FETCH */
#define BATCH_BYTES (1u << 20)
#define SMALL_MAIL (256u << 10) /* larger ones are fetched alone and in pieces */
#define PAUSE_FIRST_MS 250
#define PAUSE_LAST_MS 60000
#define IDLE_MS (4 * 60 * 1000) /* under what routers and servers forget a silent connection */
#define NEWS_PAUSE_MS 20 /* a server that tells of news with each answer is not asked faster */
#define STORE_BATCH 16
#define SUSPECT_TRIES 5
#define SUSPECT_MS 60000
#define CONNECT_MS 30000

struct mailbox {
	struct reader *r;
	struct imap *imap; /* NULL between sessions */
	struct imap_options options;
	struct trust *trust;
	uint32_t validity; /* of the last hello; 0 none */
	uint32_t next;	   /* lowest uid not decided */
	bool by_date;	/* uids say nothing (first contact, new validity): leave old mail alone */
	uint32_t *uids; /* found, not listed; from uid_at on */
	size_t n_uids, uid_at;
	struct imap_mail todo[IMAP_MAX_SET]; /* listed, not handed over; from todo_at on */
	size_t n_todo, todo_at;
	bool must_search;
	size_t batch_limit;
	int64_t pause_ms;
	int64_t search_due_ms;	/* monotonic; without IDLE */
	bool refused;		/* the server does not do what is to follow a commit */
	int64_t store_again_ms; /* monotonic: not before, after it refused */
	uint32_t suspect;	/* a mail over which sessions die */
	int suspect_tries;
	int64_t suspect_since_ms;
};

/* --- where to begin --- */

static void forget_lists(struct mailbox *m)
{
	free(m->uids);
	m->uids = NULL;
	m->n_uids = m->uid_at = m->n_todo = m->todo_at = 0;
	m->must_search = true;
}

/* The uid after the last mail there is. -1: the session is over. */
static int end_of_mailbox(struct mailbox *m, uint32_t *end)
{
	uint32_t *uids;
	size_t n;
	*end = imap_next_uid(m->imap);
	if (*end != 0)
		return 0;
	int rc = imap_search(m->imap, 1, NULL, SIZE_MAX, &uids, &n);
	*end = n > 0 ? uids[n - 1] + 1 : 1;
	free(uids);
	return rc == 0 ? 0 : -1;
}

static int begin_first(struct mailbox *m)
{
	uint32_t end = 1;
	if (m->r->import_ms == 0 && end_of_mailbox(m, &end) != 0)
		return -1;
	m->next = end;
	m->by_date = m->r->import_ms > 0;
	reader_begun(m->r, (int64_t)end - 1);
	return 0;
}

static int begin(struct mailbox *m)
{
	struct reader *r = m->r;
	char text[KEY_SIZE];
	if (m->validity == imap_validity(m->imap))
		return 0; /* the same mailbox again: go on where we were */
	m->validity = imap_validity(m->imap);
	snprintf(text, sizeof(text), "%" PRIu32, m->validity);
	if (!reader_hello(r, text))
		return -1;
	m->suspect = 0;
	if (r->first)
		return begin_first(m);
	m->by_date = r->after_uid <= 0;
	m->next = r->after_uid > 0 && r->after_uid < UINT32_MAX ? (uint32_t)r->after_uid + 1 : 1;
	return 0;
}

static int open_session(struct mailbox *m)
{
	char why[TRANSPORT_ERROR_SIZE];
	m->imap = imap_open(&m->options, why);
	if (!m->imap) {
		reader_state(m->r, false, why);
		return -1;
	}
	forget_lists(m);
	return begin(m);
}

/* --- what there is --- */

static int64_t oldest_ms(const struct mailbox *m)
{
	return m->r->import_ms > 0 ? m->r->import_ms : m->r->since_ms;
}

static int search(struct mailbox *m)
{
	/* The server's day is that of its own zone: a day earlier, and each date is looked at. */
	struct date day = date_from_days(oldest_ms(m) / MS_DAY - 1);
	free(m->uids);
	m->uid_at = 0;
	int rc = imap_search(m->imap, m->next, m->by_date && oldest_ms(m) > MS_DAY ? &day : NULL,
		MAX_SEARCH, &m->uids, &m->n_uids);
	m->must_search = rc == 0 && m->n_uids == MAX_SEARCH;
	m->search_due_ms = clock_mono_ms() + m->r->poll_ms;
	if (rc == 0 && !m->refused)
		reader_state(m->r, true, "");
	return rc == 0 ? 0 : -1;
}

static int list_more(struct mailbox *m)
{
	size_t n = m->n_uids - m->uid_at;
	n = n < IMAP_MAX_SET ? n : IMAP_MAX_SET;
	m->todo_at = m->n_todo = 0;
	if (imap_list(m->imap, m->uids + m->uid_at, n, m->todo, &m->n_todo) != 0)
		return -1;
	m->uid_at += n;
	return 0;
}

/* Something listed to hand over? Searches and lists as needed. 1 yes, 0 no, -1 over. */
static int find_work(struct mailbox *m)
{
	while (m->todo_at == m->n_todo) {
		if (m->uid_at < m->n_uids) {
			if (list_more(m) != 0)
				return -1;
		} else if (m->must_search) {
			if (search(m) != 0)
				return -1;
		} else {
			return 0;
		}
	}
	return 1;
}

/* --- handing over --- */

static void key_of(const struct mailbox *m, uint32_t uid, char key[KEY_SIZE])
{
	snprintf(key, KEY_SIZE, "%" PRIu32 "/%" PRIu32, m->validity, uid);
}

static void decided(struct mailbox *m, uint32_t uid)
{
	m->todo_at++;
	if (uid < UINT32_MAX)
		m->next = uid + 1;
	if (m->suspect == uid)
		m->suspect = 0;
	m->pause_ms = PAUSE_FIRST_MS;
}

static void give(struct mailbox *m, const struct imap_mail *mail, int fd, size_t size)
{
	char key[KEY_SIZE];
	const struct reader *r = m->r;
	bool old = r->import_ms > 0 && mail->internal_ms > 0 && mail->internal_ms < r->since_ms;
	key_of(m, mail->uid, key);
	reader_item(m->r, key, size, mail->internal_ms, old, fd);
	decided(m, mail->uid);
}

static void leave_oversize(struct mailbox *m, const struct imap_mail *mail, int64_t size)
{
	char key[KEY_SIZE];
	key_of(m, mail->uid, key);
	reader_oversize(m->r, key, size);
	decided(m, mail->uid);
}

/* Mail that is not fetched at all. */
static bool passes_over(struct mailbox *m, const struct imap_mail *mail)
{
	if (mail->uid < m->next ||
		(m->by_date && mail->internal_ms > 0 && mail->internal_ms < oldest_ms(m))) {
		m->todo_at++;
		m->next = mail->uid >= m->next && mail->uid < UINT32_MAX ? mail->uid + 1 : m->next;
		return true;
	}
	if ((uint64_t)mail->size > m->r->max_bytes) {
		leave_oversize(m, mail, mail->size);
		return true;
	}
	return false;
}

/* Sessions keep dying over this mail: one day it must not hold up the others any more. */
static void suspect(struct mailbox *m, uint32_t uid)
{
	int64_t now = clock_mono_ms();
	char key[KEY_SIZE];
	m->batch_limit = 1;
	if (m->suspect != uid) {
		m->suspect = uid;
		m->suspect_tries = 0;
		m->suspect_since_ms = now;
	}
	if (++m->suspect_tries < SUSPECT_TRIES || now - m->suspect_since_ms < SUSPECT_MS)
		return;
	key_of(m, uid, key);
	reader_unreadable(m->r, key, imap_error(m->imap));
	decided(m, uid);
}

struct batch {
	struct imap_mail mails[BATCH_MAILS];
	int fds[BATCH_MAILS]; /* -1 not come */
	size_t sizes[BATCH_MAILS];
	bool too_large[BATCH_MAILS];
	size_t n, max_bytes;
};

static void put_body(void *arg, uint32_t uid, const void *bytes, size_t n)
{
	struct batch *b = arg;
	for (size_t i = 0; i < b->n; i++) {
		if (b->mails[i].uid != uid || b->fds[i] >= 0)
			continue;
		b->sizes[i] = n;
		b->too_large[i] = n > b->max_bytes;
		if (!b->too_large[i])
			b->fds[i] = ipc_seal_bytes(bytes, n);
	}
}

/* The next small mails that fit the window and one command. */
static void fill_batch(const struct mailbox *m, struct batch *b)
{
	size_t room = READER_WINDOW - m->r->out.n, bytes = 0;
	b->n = 0;
	b->max_bytes = m->r->max_bytes;
	for (size_t i = m->todo_at; i < m->n_todo && b->n < room && b->n < m->batch_limit; i++) {
		const struct imap_mail *mail = &m->todo[i];
		bytes += (size_t)mail->size;
		if (mail->size > SMALL_MAIL || (b->n > 0 && bytes > BATCH_BYTES))
			break;
		b->fds[b->n] = -1;
		b->too_large[b->n] = false;
		b->mails[b->n++] = *mail;
	}
}

/* A mail for which no body came: gone meanwhile (0), or still there (-1: the session is no good). */
static int check_gone(struct mailbox *m, uint32_t uid)
{
	struct imap_mail again;
	size_t n;
	if (imap_list(m->imap, &uid, 1, &again, &n) != 0)
		return -1;
	if (n > 0) {
		suspect(m, uid);
		return -1;
	}
	decided(m, uid);
	return 0;
}

static int hand_over_batch(struct mailbox *m, struct batch *b)
{
	int rc = imap_fetch(m->imap, b->mails, b->n, put_body, b);
	if (rc != 0) {
		if (b->n == 1)
			suspect(m, b->mails[0].uid);
		m->batch_limit = 1;
	}
	for (size_t i = 0; i < b->n; i++) {
		if (rc != 0 && b->fds[i] >= 0)
			close(b->fds[i]);
		else if (rc == 0 && b->fds[i] >= 0)
			give(m, &b->mails[i], b->fds[i], b->sizes[i]);
		else if (rc == 0 && b->too_large[i])
			leave_oversize(m, &b->mails[i], (int64_t)b->sizes[i]);
		else if (rc == 0)
			rc = check_gone(m, b->mails[i].uid);
	}
	if (rc == 0 && m->suspect == 0)
		m->batch_limit = BATCH_MAILS;
	return rc == 0 ? 0 : -1;
}

static int hand_over_large(struct mailbox *m, const struct imap_mail *mail)
{
	struct payload body;
	payload_init(&body, m->r->max_bytes);
	int rc = imap_fetch_large(m->imap, mail->uid, &body);
	size_t size = body.size;
	bool too_large = rc == 0 && body.fd < 0;
	int fd = rc == 0 ? payload_take(&body) : -1;
	payload_release(&body);
	if (too_large)
		leave_oversize(m, mail, (int64_t)size);
	else if (fd >= 0 && size > 0)
		give(m, mail, fd, size);
	else if (fd >= 0)
		close(fd);
	if (rc == 0 && fd >= 0 && size == 0)
		return check_gone(m, mail->uid);
	if (rc != 0)
		suspect(m, mail->uid);
	return rc == 0 ? 0 : -1;
}

/* One FETCH worth of mail. */
static int hand_over_some(struct mailbox *m)
{
	struct batch b;
	struct imap_mail mail = m->todo[m->todo_at];
	if (passes_over(m, &mail))
		return 0;
	if (mail.size > SMALL_MAIL)
		return hand_over_large(m, &mail);
	fill_batch(m, &b);
	/* What is to be passed over ends a batch: it is dealt with when its turn comes. */
	for (size_t i = 1; i < b.n; i++) {
		if ((m->by_date && b.mails[i].internal_ms < oldest_ms(m)) ||
			(uint64_t)b.mails[i].size > m->r->max_bytes)
			b.n = i;
	}
	return hand_over_batch(m, &b);
}

/* --- after the commit --- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* The uids of the first keys, sorted; keys of another validity can no longer be found: left out. */
static size_t uids_of(const struct mailbox *m, const struct keys *keys, size_t n, uint32_t *uids)
{
	char prefix[KEY_SIZE];
	size_t count = 0;
	int64_t uid;
	snprintf(prefix, sizeof(prefix), "%" PRIu32 "/", m->validity);
	size_t len = strlen(prefix);
	for (size_t i = 0; i < n; i++) {
		const char *key = keys->v[i];
		if (strncmp(key, prefix, len) == 0 && text_to_i64(key + len, 1, UINT32_MAX, &uid))
			uids[count++] = (uint32_t)uid;
	}
	qsort(uids, count, sizeof(*uids), by_number);
	return count;
}

static int change(struct mailbox *m, const uint32_t *uids, size_t n, bool delete)
{
	const struct reader *r = m->r;
	if (n == 0 || (r->after == AFTER_KEEP && !delete))
		return 0;
	if (delete || (r->after == AFTER_DELETE && r->delete_days == 0))
		return imap_delete(m->imap, uids, n);
	if (r->after == AFTER_MOVE)
		return imap_move(m->imap, uids, n, r->folder);
	return imap_flag_seen(m->imap, uids, n);
}

/* -1: the session is over. What the server refuses is tried again later, and told. */
static int finish_list(struct mailbox *m, struct keys *todo, const char *told, bool delete)
{
	uint32_t uids[IMAP_MAX_SET];
	while (todo->n > 0 && clock_mono_ms() >= m->store_again_ms) {
		size_t n = todo->n < IMAP_MAX_SET ? todo->n : IMAP_MAX_SET;
		int rc = change(m, uids, uids_of(m, todo, n, uids), delete);
		if (rc < 0)
			return -1;
		if (rc == IMAP_REFUSED) {
			m->refused = true;
			m->store_again_ms = clock_mono_ms() + m->r->timeout_ms;
			reader_state(m->r, false, imap_error(m->imap));
			return 0;
		}
		if (m->refused)
			reader_state(m->r, true, "");
		m->refused = false;
		struct keys done = keys_take(todo, n);
		reader_tell_keys(m->r, told, &done);
		keys_clear(&done);
	}
	return 0;
}

static int finish_committed(struct mailbox *m)
{
	if (finish_list(m, &m->r->acks, "flagged", false) != 0)
		return -1;
	return finish_list(m, &m->r->deletes, "deleted", true);
}

/* --- the loop --- */

/* How long there is nothing to do but wait; what was refused is tried again in the middle of it. */
static int rest_ms(const struct mailbox *m)
{
	int64_t left = m->refused ? m->store_again_ms - clock_mono_ms() : IDLE_MS;
	return (int)(left < 0 ? 0 : left < IDLE_MS ? left : IDLE_MS);
}

/* Nothing to hand over: waits for the server or the desk. */
static int rest(struct mailbox *m)
{
	struct reader *r = m->r;
	if (imap_told_news(m->imap)) { /* beside the answer to a search or a flagging */
		reader_pump(r, NEWS_PAUSE_MS);
		m->must_search = true;
		return 0;
	}
	if (r->sweep)
		reader_swept(r);
	if (!imap_has_idle(m->imap)) {
		int64_t left = m->search_due_ms - clock_mono_ms();
		int most = rest_ms(m);
		reader_pump(r, (int)(left < 0 ? 0 : left < most ? left : most));
		m->must_search = r->sweep || clock_mono_ms() >= m->search_due_ms;
		return 0;
	}
	int rc = imap_idle(m->imap, r->sock, rest_ms(m));
	m->must_search = rc == 0 || (rc > 0 && (rc & TRANSPORT_READY));
	return rc < 0 ? -1 : 0;
}

/* The window is full: only the desk can change that. */
static int wait_for_room(struct mailbox *m)
{
	size_t before = m->r->out.n;
	reader_pump(m->r, IDLE_MS);
	return m->r->out.n == before ? imap_noop(m->imap) : 0;
}

static int session_round(struct mailbox *m)
{
	struct reader *r = m->r;
	reader_pump(r, 0);
	if (r->sweep)
		m->must_search = true;
	bool room = reader_has_room(r);
	int work = room ? find_work(m) : 0;
	if (work < 0)
		return -1;
	/* Flagging waits while there is something to fetch, until it is worth a command. */
	if ((r->acks.n >= STORE_BATCH || work == 0) && finish_committed(m) != 0)
		return -1;
	if (work > 0)
		return hand_over_some(m);
	if (r->desk_gone)
		return 0;
	if (room && r->sweep && m->must_search)
		return 0;
	return room ? rest(m) : wait_for_room(m);
}

static void pause_after_failure(struct mailbox *m)
{
	struct reader *r = m->r;
	int64_t until = clock_mono_ms() + m->pause_ms;
	m->pause_ms = m->pause_ms * 2 < PAUSE_LAST_MS ? m->pause_ms * 2 : PAUSE_LAST_MS;
	while (!r->desk_gone && clock_mono_ms() < until)
		reader_pump(r, (int)(until - clock_mono_ms()));
}

static void run_session(struct mailbox *m)
{
	int rc = open_session(m);
	while (rc == 0 && !m->r->desk_gone)
		rc = session_round(m);
	if (rc != 0 && m->imap)
		reader_state(m->r, false, imap_error(m->imap));
	imap_close(&m->imap);
	forget_lists(m);
	if (!m->r->desk_gone)
		pause_after_failure(m);
}

/* --- the job --- */

static const char *read_job(struct mailbox *m)
{
	const struct reader *r = m->r;
	struct transport_options *t = &m->options.transport;
	char why[TRANSPORT_ERROR_SIZE];
	if (!transport_security_from_id(json_str(r->job, "security", "tls"), &t->security))
		return "security";
	int64_t port = json_int(r->job, "port", t->security == TRANSPORT_TLS ? 993 : 143);
	const char *auth = json_str(r->job, "auth", "login");
	t->host = json_str(r->job, "host", "");
	t->port = (int)port;
	t->connect_ms = r->timeout_ms < CONNECT_MS ? r->timeout_ms : CONNECT_MS;
	m->options.user = json_str(r->job, "user", "");
	m->options.mailbox = json_str(r->job, "mailbox", "INBOX");
	m->options.secret_fd = r->secret_fd;
	m->options.timeout_ms = r->timeout_ms;
	m->options.max_bytes = r->max_bytes;
	m->options.login = strcmp(auth, "plain") == 0 ? IMAP_AUTH_PLAIN : IMAP_LOGIN;
	if (*t->host == '\0')
		return "host";
	if (port < 1 || port > 65535)
		return "port";
	if (*m->options.user == '\0' || strpbrk(m->options.user, "\r\n"))
		return "user";
	if (strcmp(auth, "plain") != 0 && strcmp(auth, "login") != 0)
		return "auth";
	if (strpbrk(m->options.mailbox, "\r\n") || strpbrk(r->folder, "\r\n"))
		return "mailbox"; /* libetpan puts it on the wire as it is */
	if (t->security == TRANSPORT_PLAIN)
		return NULL;
	m->trust = trust_load(json_str(r->job, "ca_file", ""), why);
	t->trust = m->trust;
	return m->trust ? NULL : "ca_file";
}

const char *reader_imap_run(struct reader *r)
{
	struct mailbox m = {
		.r = r,
		.batch_limit = BATCH_MAILS,
		.pause_ms = PAUSE_FIRST_MS,
	};
	const char *wrong = read_job(&m);
	if (wrong)
		return wrong;
	r->sweep = true; /* the first reading is told when it is over */
	while (!r->desk_gone)
		run_session(&m);
	trust_free(&m.trust);
	return NULL;
}
