/* Inbox: what was read from the mailboxes, the raw mail, and what became of it.
 *
 * mailbox_item is the truth about what was read (not the server's flags); each has an inbox row. A
 * mail too large to fetch has an inbox row without raw, ignored with reason "oversize". So the
 * conservation law is simple: seen = pending + case + duplicate + ignored + quarantine. */
#ifndef LOTS_STORE_INBOX_H
#define LOTS_STORE_INBOX_H

#include "base/crypto.h"
#include "core/effects.h"
#include "core/turn.h"
#include "store/store.h"

/* ---- Mailboxes ---- */

struct store_mailbox {
	const char *validity;	  /* of the latest hello */
	int64_t first_contact_ms; /* 0 = never read */
	int64_t swept_ms;	  /* last time all that was there had been handed over */
};
/* STORE_NONE and zeroes when it has never been read. */
enum store_status store_mailbox_get(struct store *store, struct arena *arena, const char *name,
	struct store_mailbox *out) MUST_CHECK;
enum store_status store_mailbox_hello(
	struct store *store, const char *name, const char *validity, int64_t now_ms) MUST_CHECK;
enum store_status store_mailbox_swept(
	struct store *store, const char *name, int64_t now_ms) MUST_CHECK;

enum item_state {
	ITEM_SEEN = 1,	  /* committed; the reader has not been told */
	ITEM_ACKED = 2,	  /* the reader was told to flag or move it */
	ITEM_FLAGGED = 4, /* done on the server */
	ITEM_OLD = 8,	  /* older than first contact: known, not read */
	ITEM_DELETED = 16 /* flagged, kept its days, and deleted on the server */
};

struct store_key {
	const char *key;
	enum item_state state;
};
/* Keys of a mailbox in the states given (bits of item_state), starting with prefix ("" all), in the
 * order they were seen, at most limit; newest_first turns the order. */
enum store_status store_items(struct store *store, struct arena *arena, const char *mailbox,
	unsigned states, const char *prefix, bool newest_first, int64_t limit,
	struct store_key **out, size_t *n) MUST_CHECK;
/* Flagged ones that were seen before before_ms, oldest first, with id > *after; *after moves to the
 * last one given. For mailboxes whose mail is deleted after some days. */
enum store_status store_items_to_delete(struct store *store, struct arena *arena,
	const char *mailbox, int64_t before_ms, int64_t *after, int64_t limit, const char ***out,
	size_t *n) MUST_CHECK;
/* State of one; STORE_NONE when it was never seen. */
enum store_status store_item_state(
	struct store *store, const char *mailbox, const char *key, enum item_state *out) MUST_CHECK;
enum store_status store_item_set(struct store *store, const char *mailbox, const char *key,
	enum item_state state) MUST_CHECK;
/* Notes a mail older than first contact, so that it is never fetched. */
enum store_status store_item_old(
	struct store *store, const char *mailbox, const char *key, int64_t now_ms) MUST_CHECK;

/* ---- Intake ---- */

struct intake {
	const char *mailbox, *key;
	struct bytes raw;    /* empty when oversize */
	int64_t size;	     /* of an oversize mail; else raw.n is used */
	int64_t internal_ms; /* the server's time of arrival; 0 unknown */
	bool imported;	     /* older than first contact, and import is on: sends nothing */
	bool oversize;	     /* stays on the server; told to the operator */
	bool tried;	     /* it goes to the parser at once: its first try is counted */
	/* Set by the call: */
	int64_t inbox;	     /* the row; of the earlier reading when known */
	int64_t raw_written; /* the row of raw.db made for it, 0 none: it was there already */
	bool known;	     /* this key had been read before: just acknowledge again */
};
/* Stores a batch (at most MAX_BATCH): raw.db is committed, then the rows of lots.db are written. Alone
 * it commits those, too; after STORE_OK all may be acknowledged, on anything else nothing is stored.
 * In a transaction both wait for its end: commit, or roll back and call store_intake_undo. */
enum store_status store_intake(
	struct store *store, struct intake *batch, size_t n, int64_t now_ms) MUST_CHECK;
/* The transaction was rolled back: the batch's bytes are taken back, too. What cannot be is swept at
 * the next start. Not inside a transaction. */
void store_intake_undo(struct store *store, struct intake *batch, size_t n);

enum inbox_state { INBOX_NEW, INBOX_PARSED, INBOX_DONE, INBOX_QUARANTINE, INBOX_STATE_N };
const char *inbox_state_id(enum inbox_state s);
bool inbox_state_from_id(const char *id, enum inbox_state *out) MUST_CHECK;

struct inbox_row {
	int64_t id;
	const char *mailbox, *key; /* source key */
	int64_t raw;		   /* 0: no raw (oversize, erased) */
	int64_t size;
	int64_t received_ms, internal_ms;
	unsigned char raw_sha256[SHA256_BYTES];
	bool imported;
	enum inbox_state state;
	int64_t tries;
	enum turn_outcome outcome; /* OUTCOME_NONE until done */
	const char *reason;	   /* "" */
	int64_t done_ms;
	int64_t duplicate_of;	/* inbox id, 0 */
	const char *message_id; /* "" until parsed */
	const char *from_key;	/* "" until parsed, or none */
	int64_t *cases;		/* numbers; by store_inbox_get and _list */
	size_t n_cases;
};

/* Rows to be handled (new or parsed), oldest first, with id > after. */
enum store_status store_inbox_pending(struct store *store, struct arena *arena, int64_t after,
	int64_t limit, struct inbox_row **out, size_t *n) MUST_CHECK;
enum store_status store_inbox_get(
	struct store *store, struct arena *arena, int64_t id, struct inbox_row *out) MUST_CHECK;
/* filter: state (INBOX_STATE_N any), mailbox ("" any), newest first, id < before (0 none). */
enum store_status store_inbox_list(struct store *store, struct arena *arena, enum inbox_state state,
	const char *mailbox, int64_t before, int64_t limit, struct inbox_row **out,
	size_t *n) MUST_CHECK;
/* The raw mail, allocated with malloc: free(out->p). STORE_NONE when erased. */
enum store_status store_raw(struct store *store, int64_t raw, struct bytes *out) MUST_CHECK;

/* Adds one to tries of each and commits: called before the mail is parsed or run, so that one that
 * kills is counted. Not inside a transaction. tries[i] gets the new count; may be NULL. */
enum store_status store_inbox_try(
	struct store *store, const int64_t *ids, size_t n, int64_t *tries) MUST_CHECK;
/* Takes the try back (the failure was ours: full disk, shutdown). */
enum store_status store_inbox_untry(struct store *store, const int64_t *ids, size_t n) MUST_CHECK;

struct inbox_attachment {
	size_t index;
	const char *name, *type;
	int64_t size;
	bool withheld; /* of a type that is not passed along */
	/* As in struct mail_attachment; encoding NULL when stored means: not to be had again. */
	const char *encoding;
	int64_t raw_offset, raw_length;
};
struct inbox_parsed {
	unsigned char content_key[SHA256_BYTES];
	const char *message_id; /* without brackets, "" */
	const char *from_key;	/* address_key of From, "" */
	const struct inbox_attachment *attachments;
	size_t n_attachments;
};
/* What the parser found: the keys for lookups; the row becomes `parsed`. */
enum store_status store_inbox_parsed(
	struct store *store, int64_t id, const struct inbox_parsed *parsed) MUST_CHECK;
/* One attachment of a mail, and the raw mail it stands in (0: erased). */
enum store_status store_inbox_attachment(struct store *store, struct arena *arena, int64_t inbox,
	size_t index, struct inbox_attachment *out, int64_t *raw) MUST_CHECK;
/* The earliest other row with the same raw bytes or content key that led (or will lead: it is still
 * pending and older) to something; STORE_NONE if this mail is the first. A row that was itself a
 * duplicate or is in quarantine does not count. */
enum store_status store_inbox_duplicate(
	struct store *store, int64_t id, int64_t *first, enum turn_outcome *outcome) MUST_CHECK;
/* The end of a mail. OUTCOME_HELD means quarantine. reason is a fixed word, "" for a case. */
enum store_status store_inbox_finish(struct store *store, int64_t id, enum turn_outcome outcome,
	const char *reason, int64_t duplicate_of, int64_t now_ms) MUST_CHECK;
/* Names a case that holds this mail (log entries with .inbox do it by themselves). */
enum store_status store_inbox_case(struct store *store, int64_t id, int64_t case_id) MUST_CHECK;
/* Into quarantine because of tries ("tries", "parser-died", "parser-time" ...). */
enum store_status store_quarantine(
	struct store *store, int64_t id, const char *reason, int64_t now_ms) MUST_CHECK;
/* Out of quarantine: back to new with no tries. STORE_NONE when it is not there. */
enum store_status store_quarantine_retry(struct store *store, int64_t id) MUST_CHECK;
/* Out of quarantine, for good: ignored with the reason "released". */
enum store_status store_quarantine_release(
	struct store *store, int64_t id, int64_t now_ms) MUST_CHECK;
/* What lies in quarantine: mails that could not be handled, and mails a turn has put aside for the
 * operator (of strangers, without a sender, beyond what a day may bring; not imported ones, of which
 * nothing is told). Each counted up to a thousand. */
struct quarantine_sum {
	int64_t failed, aside;
};
enum store_status store_quarantine_sum(struct store *store, struct quarantine_sum *out) MUST_CHECK;
/* Those of one sort, newest first. */
enum store_status store_quarantine_newest(struct store *store, struct arena *arena, bool aside,
	int64_t limit, struct inbox_row **out, size_t *n) MUST_CHECK;

/* ---- The conservation law ---- */
struct conservation {
	int64_t seen;						/* side one: rows of mailbox_item */
	int64_t pending, cases, duplicate, ignored, quarantine; /* side two: states of inbox */
	bool holds;
};
/* quick: from counters that triggers keep on either side (constant time). Else by counting both
 * tables, and the counters must agree too. */
enum store_status store_conservation(
	struct store *store, bool quick, struct conservation *out) MUST_CHECK;

#endif
