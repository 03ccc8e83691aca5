/* IMAP client: what the reader needs of IMAP and no more, over libetpan and our own transport. One
 * mailbox, selected at opening. Every call has a deadline and a byte cap.
 *
 * 0 = done; IMAP_REFUSED = the server said no and the session goes on; -1 = the session is over:
 * imap_close it. Only UID, FLAGS, RFC822.SIZE, INTERNALDATE and BODY.PEEK[] are ever asked for. */
#ifndef LOTS_WORKERS_IMAP_CLIENT_H
#define LOTS_WORKERS_IMAP_CLIENT_H

#include "base/date.h"
#include "base/prelude.h"
#include "workers/transport.h"

#define IMAP_REFUSED 1
#define IMAP_MAX_SET 200 /* uids in one command */

struct imap;
struct payload;

enum imap_login { IMAP_LOGIN, IMAP_AUTH_PLAIN };

struct imap_options {
	struct transport_options transport;
	const char *user;
	int secret_fd;
	enum imap_login login;
	const char *mailbox;
	int64_t timeout_ms;
	size_t max_bytes; /* largest mail that may be asked for */
};

struct imap_mail {
	uint32_t uid;
	int64_t size;	     /* as the server says */
	int64_t internal_ms; /* 0 if it does not say */
};

/* Connected, verified, logged in, selected; NULL and why. No secret is sent before TLS stands. */
struct imap *imap_open(const struct imap_options *o, char error[TRANSPORT_ERROR_SIZE]);
void imap_close(struct imap **imap); /* without LOGOUT when the session is over */
const char *imap_error(const struct imap *imap);

uint32_t imap_validity(const struct imap *imap); /* never 0 */
uint32_t imap_next_uid(const struct imap *imap); /* as told at SELECT; 0 if not told */
bool imap_has_idle(const struct imap *imap);
/* The server has told of mail (EXISTS) in its answer to some command since the last search began. It
 * will not tell again while idling. */
bool imap_told_news(const struct imap *imap);

/* The uids from `from` on, ascending; with since, of mail that arrived on that day or later. At most
 * max are kept (the lowest). *uids is the caller's (free). */
int imap_search(struct imap *imap, uint32_t from, const struct date *since, size_t max,
	uint32_t **uids, size_t *n) MUST_CHECK;
/* What the server knows of these uids (at most IMAP_MAX_SET); those that are gone are left out. */
int imap_list(struct imap *imap, const uint32_t *uids, size_t n, struct imap_mail *out,
	size_t *n_out) MUST_CHECK;
/* Bodies of some small mails in one command: put is called for each that came. */
typedef void imap_put(void *arg, uint32_t uid, const void *bytes, size_t n);
int imap_fetch(struct imap *imap, const struct imap_mail *mails, size_t n, imap_put *put,
	void *arg) MUST_CHECK;
/* One large mail, in pieces of 1 MiB, into `into` (which refuses what is over its maximum). */
int imap_fetch_large(struct imap *imap, uint32_t uid, struct payload *into) MUST_CHECK;

int imap_flag_seen(struct imap *imap, const uint32_t *uids, size_t n) MUST_CHECK;
int imap_move(struct imap *imap, const uint32_t *uids, size_t n, const char *folder) MUST_CHECK;
int imap_delete(struct imap *imap, const uint32_t *uids, size_t n) MUST_CHECK;
int imap_noop(struct imap *imap) MUST_CHECK;

/* Waits in IDLE (NOOP first is not needed) until the server tells of something, other_fd becomes
 * readable, or ms have passed: TRANSPORT_READY, TRANSPORT_OTHER, both or 0; -1 over. */
int imap_idle(struct imap *imap, int other_fd, int64_t ms) MUST_CHECK;

#endif
