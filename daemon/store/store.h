/* Store: the databases of the desk. All SQL of Lots is on this floor; nobody else includes sqlite3.
 *
 * Three files in the state folder: lots.db (cases, people, inbox, outbox: the truth), raw.db (raw
 * mail, committed before lots.db; orphans are swept at the next start) and, later, search.db. One
 * process, one thread. `lots.lock` holds the pid of the one that has it open.
 *
 * Every call that can meet the outside (disk, locks) returns a store_status; the text of the latest
 * trouble is store_error(). A parameter bound to no name, or a column read out of order, is a bug
 * and aborts. Nothing here reads a clock: now_ms is handed in. Results live in the caller's arena.
 *
 * Outside a transaction each changing call commits alone. The functions of the other headers of
 * this floor (inbox.h, cases.h, outbox.h, contacts.h, people.h, alarms.h) may all be used inside
 * one. */
#ifndef LOTS_STORE_STORE_H
#define LOTS_STORE_STORE_H

#include "base/prelude.h"

struct arena;
struct store;

enum store_status {
	STORE_OK,
	STORE_NONE,    /* no such row, or not in a state that allows it */
	STORE_EXISTS,  /* it is there already (a unique key) */
	STORE_BUSY,    /* another program holds the database: stop intake, try again later */
	STORE_FULL,    /* no room: stop intake, try again later */
	STORE_IO,      /* reading or writing failed: stop intake, try again later */
	STORE_LOCKED,  /* open: another lotsd has it; its pid is in the text */
	STORE_NEWER,   /* open: written by a newer Lots; the caller exits 78 */
	STORE_DAMAGED, /* not a database of Lots, or corrupt */
	STORE_REFUSED, /* against a rule of the schema (append-only log, a reference to nothing) */
	STORE_STATUS_N
};

const char *store_status_id(enum store_status st); /* "ok", "none" ... for logs */
/* True for BUSY, FULL and IO: nothing was done, it may be tried again as it is. */
bool store_status_passes(enum store_status st);

struct store_options {
	const char *dir;      /* the state folder; must exist */
	int64_t first_number; /* of the first case of a new installation; 0 = 1001 */
	bool no_lock;	      /* for tests that open one database twice */
	int64_t owner;	      /* the pid a second Lots is told; 0 = this process */
	int64_t max_pages;    /* of lots.db, 0 = no limit (tests of a full disk) */
};

/* Opens, makes or migrates. On trouble *out is NULL and the reason, made for a user, is in error
 * (error_size bytes, ended by NUL). */
enum store_status store_open(const struct store_options *options, struct store **out, char *error,
	size_t error_size) MUST_CHECK;
/* As a new, empty installation in memory. Aborts if that is impossible. */
struct store *store_open_memory(void);
/* Rolls back what is open; clears the caller's pointer; NULL is allowed. */
void store_close(struct store **store);
/* Of the latest call that did not return STORE_OK; owned by the store. Holds no personal data. */
const char *store_error(const struct store *store);

/* ---- Transactions (lots.db). Not nested: use savepoints inside. ---- */

enum store_status store_begin(struct store *store) MUST_CHECK;
/* When it does not return STORE_OK the transaction has been rolled back. */
enum store_status store_commit(struct store *store) MUST_CHECK;
void store_rollback(struct store *store); /* always possible; nothing open is fine */
bool store_in_transaction(const struct store *store);
/* One savepoint a mail in a batch. Not nested. */
enum store_status store_savepoint(struct store *store) MUST_CHECK;
enum store_status store_release(struct store *store) MUST_CHECK;
enum store_status store_rollback_to(struct store *store) MUST_CHECK;

/* ---- Facts about the installation ---- */

/* Value of a fixed key ("installation" ...); "" when not set. */
enum store_status store_meta(
	struct store *store, struct arena *arena, const char *key, const char **out) MUST_CHECK;
enum store_status store_set_meta(
	struct store *store, const char *key, const char *value) MUST_CHECK;
/* Remembers that it has been now_ms; written with the next commit. Later calls never lower it. */
void store_note_time(struct store *store, int64_t now_ms);
/* The newest time noted, 0 if none: --now may not be earlier. */
int64_t store_newest_time(const struct store *store);
/* The number the next new case gets; following ones count up. Cases saved with a number move it. */
enum store_status store_next_number(struct store *store, int64_t *out) MUST_CHECK;

/* ---- Looking after itself ---- */

/* Raw mail that no inbox row names (the process ended between the two commits) is deleted. Called
 * by store_open; *swept may be NULL. */
enum store_status store_sweep_raw(struct store *store, int64_t *swept) MUST_CHECK;
/* Copies the log of writes into the database files, as far as no reader hinders; when idle. */
enum store_status store_checkpoint(struct store *store) MUST_CHECK;
/* Quick check of both files: STORE_OK or STORE_DAMAGED with a text. Slow for large databases. */
enum store_status store_verify(struct store *store) MUST_CHECK;
/* A consistent copy of lots.db and raw.db into dir, while writing goes on. Never search.db. */
enum store_status store_backup(struct store *store, const char *dir) MUST_CHECK;

/* For `status`. */
struct store_counts {
	int64_t cases, cases_open;
	int64_t inbox_pending, quarantine;
	int64_t outbox_waiting; /* queued, sending, dot, deferred, unknown */
	int64_t outbox_held, outbox_failed;
	int64_t outbox_unknown_ever; /* mails whose end was handed over without an answer */
	int64_t oldest_waiting_ms;   /* created, of the oldest outbox row that waits; 0 none */
	int64_t alarms;
	int64_t agents, contacts;
};
enum store_status store_count(struct store *store, struct store_counts *out) MUST_CHECK;

/* ---- For benches: n full cases, fast, with all that belongs to each (mail, raw, log, clocks when
 * open, sent mails). Organisations are used in turn. Not for a database with real cases. ---- */
struct preload {
	int64_t n;
	const char *const *organisations;
	size_t n_organisations;
	const char *system, *area, *mailbox, *domain;
	int64_t now_ms;
	int open_percent; /* the rest are closed */
};
enum store_status store_preload(struct store *store, const struct preload *what) MUST_CHECK;

#endif
