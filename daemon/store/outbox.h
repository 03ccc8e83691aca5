/* Outbox: what is to be sent. The content once per turn and language, one row per recipient.
 *
 *   queued -> sending (lease) -> dot -> accepted | deferred | failed | unknown;  held, cancelled
 *
 * The bytes are frozen at the first claim and equal in every retry; they are dropped when accepted.
 * `unknown`: its end was handed over and no answer came; it is tried again and counted.
 * The row id is the serial in our Message-ID, so it is reserved before the row is made. */
#ifndef LOTS_STORE_OUTBOX_H
#define LOTS_STORE_OUTBOX_H

#include "core/effects.h"
#include "store/store.h"

enum outbox_state {
	OUTBOX_QUEUED,
	OUTBOX_SENDING,
	OUTBOX_DOT,
	OUTBOX_ACCEPTED,
	OUTBOX_DEFERRED,
	OUTBOX_FAILED,
	OUTBOX_UNKNOWN,
	OUTBOX_HELD,
	OUTBOX_CANCELLED,
	OUTBOX_STATE_N
};
const char *outbox_state_id(enum outbox_state s);
bool outbox_state_from_id(const char *id, enum outbox_state *out) MUST_CHECK;

struct outbox_content {
	int64_t id;	 /* set by store_content_add */
	const char *doc; /* JSON (core/doc.h) */
	const char *subject, *language, *template_id;
	enum mail_class class;
};

struct outbox_row {
	int64_t id;	 /* from store_outbox_reserve: the serial */
	int64_t content; /* id */
	int64_t case_id; /* 0 none */
	int64_t number;	 /* of the case; read only */
	int64_t contact; /* id, of the recipient; never 0 */
	int64_t agent;	 /* 0 none */
	const char *address, *name, *language, *organisation;
	const char *mailbox;	   /* name of the mailbox that speaks: From and reply address */
	const char *message_id;	   /* without brackets */
	const char *reply_address; /* signed; "" none */
	const char *in_reply_to;   /* without brackets, "" */
	const char *refs;	   /* References: ids parted by a blank, "" */
	const char *verbs;
	enum mail_class class;
	int64_t not_before_ms;
	const char *run;	  /* names what belongs together (a broadcast); "" */
	enum outbox_state state;  /* when added: OUTBOX_QUEUED or OUTBOX_HELD */
	const char *held_because; /* fixed word, "" */
	const char *sink;	  /* "" any until claimed */
	int64_t created_ms;
	int64_t inbox;				       /* the mail whose turn made it, 0 */
	const struct mail_attachment_ref *attachments; /* passed along, in order */
	size_t n_attachments;
	/* Set by the store: */
	int64_t tries, unknowns;
	int64_t next_try_ms, lease_until_ms, accepted_ms, changed_ms;
	const char *last_code, *last_text;
	/* By store_outbox_claim and _get only (and the attachments): */
	const struct outbox_content *body;
	struct bytes wire; /* p NULL until frozen (and after accepted); in the arena */
};

/* n serials; *first and the n-1 following. Kept even if the transaction is rolled back. */
enum store_status store_outbox_reserve(struct store *store, int64_t n, int64_t *first) MUST_CHECK;
enum store_status store_content_add(struct store *store, struct outbox_content *c) MUST_CHECK;
enum store_status store_outbox_add(struct store *store, const struct outbox_row *row) MUST_CHECK;

/* Claims up to limit rows that may go now through this sink, by class and then id: their state
 * becomes sending, tries grows by one. Rows come with content, attachments and, if frozen before,
 * their wire. Rows of a suspended contact are claimed too: that is policy, app's. */
enum store_status store_outbox_claim(struct store *store, struct arena *arena, const char *sink,
	int64_t now_ms, int64_t lease_until_ms, int64_t limit, struct outbox_row **out,
	size_t *n) MUST_CHECK;
/* Freezes the bytes; STORE_EXISTS if they were frozen before (those stay the truth). */
enum store_status store_outbox_freeze(
	struct store *store, int64_t id, struct bytes wire) MUST_CHECK;
/* sending -> dot for each; in one transaction with the caller's. STORE_NONE (and none changed) if
 * one of them was not sending. */
enum store_status store_outbox_dot(struct store *store, const int64_t *ids, size_t n) MUST_CHECK;

struct backoff {
	const int64_t *delays_ms; /* after the first, second ... try; the last one repeats */
	size_t n;
	int64_t expire_ms; /* after created: deferred becomes failed; 0 = never */
};
enum send_outcome { SEND_ACCEPTED, SEND_DEFERRED, SEND_FAILED, SEND_UNKNOWN };
/* The end of one attempt. *state gets what it became (deferred turns to failed when expired). */
enum store_status store_outbox_finish(struct store *store, int64_t id, enum send_outcome outcome,
	const char *code, const char *text, const struct backoff *backoff, int64_t now_ms,
	enum outbox_state *state) MUST_CHECK;
/* Leases that ended before now: sending -> queued, dot -> unknown (next try at once). At a start
 * with now_ms = INT64_MAX: all of the process before. *n gets how many became unknown; may be NULL.
 */
enum store_status store_outbox_expire(
	struct store *store, int64_t now_ms, int64_t *requeued, int64_t *unknown) MUST_CHECK;
/* Earliest instant at which a waiting row may go (0 = now) through this sink, "" any; STORE_NONE if
 * nothing waits. */
enum store_status store_outbox_next(
	struct store *store, const char *sink, int64_t *at_ms) MUST_CHECK;

/* By the operator or a turn. STORE_NONE if its state does not allow it. */
enum store_status store_outbox_hold(
	struct store *store, int64_t id, const char *why, int64_t now_ms) MUST_CHECK;
/* held, failed, deferred, unknown, cancelled (never sent) -> queued at once. */
enum store_status store_outbox_retry(struct store *store, int64_t id, int64_t now_ms) MUST_CHECK;
enum store_status store_outbox_cancel(struct store *store, int64_t id, int64_t now_ms) MUST_CHECK;
/* All rows of the case that have not been claimed yet (queued with no try, held); *n how many.
 * class MAILING_N: of any class. */
enum store_status store_outbox_cancel_case(struct store *store, int64_t case_id,
	enum mail_class class, int64_t now_ms, int64_t *n) MUST_CHECK;

/* STORE_NONE if there is none. */
enum store_status store_outbox_get(
	struct store *store, struct arena *arena, int64_t id, struct outbox_row *out) MUST_CHECK;
enum store_status store_outbox_by_message_id(
	struct store *store, struct arena *arena, const char *message_id, int64_t *id) MUST_CHECK;
struct outbox_filter {	 /* zero means any */
	unsigned states; /* 1u << outbox_state, 0 any */
	int64_t case_id;
	int64_t before; /* id < before */
	int64_t limit;	/* 0 = 1000 */
};
/* Newest first, without body, attachments and wire. */
enum store_status store_outbox_list(struct store *store, struct arena *arena,
	const struct outbox_filter *filter, struct outbox_row **out, size_t *n) MUST_CHECK;
/* Rows that still wait to go (queued, sending, dot, deferred, unknown): exit 75 of --once. */
enum store_status store_outbox_waiting(struct store *store, int64_t *n) MUST_CHECK;
/* Message-IDs of ours sent to this contact about this case, newest last, at most 20: References. */
enum store_status store_outbox_thread(struct store *store, struct arena *arena, int64_t case_id,
	int64_t contact, const char ***ids, size_t *n) MUST_CHECK;

#endif
