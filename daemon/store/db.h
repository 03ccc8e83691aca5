/* Db: the one place that talks to the database engine; private to the store floor.
 *
 * A statement is a string constant, prepared once and kept. Values are bound and columns read by
 * name; columns in the order of the SELECT. A wrong name, a column out of turn, a parameter left out
 * or a statement used within itself is a bug: abort with its text. So a caller reads:
 *
 *	struct query *q = query(s, SQL);
 *	bind_i64(q, "id", id);
 *	while (query_row(q))
 *		n = col_i64(q, "n");
 *	return query_end(q);
 *
 * query_end gives STORE_OK, or the trouble met anywhere on the way. */
#ifndef LOTS_STORE_DB_H
#define LOTS_STORE_DB_H

#include "base/arena.h"
#include "store/store.h"

#include <sqlite3.h>

struct query;

enum { QUERY_SLOTS = 1024 };

struct store {
	sqlite3 *lots, *raw;
	int lock_fd; /* -1 without */
	bool in_tx, in_savepoint;
	enum store_status tx_failed;	    /* the engine rolled the transaction back by itself */
	struct query *queries[QUERY_SLOTS]; /* by address of the text */
	size_t n_queries;
	int64_t noted_ms, written_ms; /* newest time seen, and as stored */
	int64_t next_serial;	      /* of the outbox */
	int64_t first_number;
	int64_t generation; /* newest of the clocks given out */
	char error[256];
};

/* ---- Statements ---- */

struct query *query(struct store *s, const char *sql);	   /* on lots.db */
struct query *query_raw(struct store *s, const char *sql); /* on raw.db */
bool query_names(const struct query *q, const char *name); /* has it this parameter? */
void bind_i64(struct query *q, const char *name, int64_t v);
void bind_ref(struct query *q, const char *name, int64_t v); /* 0 is NULL */
void bind_flag(struct query *q, const char *name, bool v);
void bind_text(struct query *q, const char *name, const char *v); /* NULL is ""; v stays as it is */
void bind_blob(struct query *q, const char *name, const void *p, size_t n); /* until query_end */
void bind_null(struct query *q, const char *name);
void bind_zeros(struct query *q, const char *name, int64_t n);
bool query_row(struct query *q); /* a row is there; false at the end or on trouble */
int64_t col_i64(struct query *q, const char *name); /* NULL is 0 */
bool col_flag(struct query *q, const char *name);
const char *col_text(struct query *q, const char *name, struct arena *arena); /* NULL is "" */
/* Until the next row: for looking up ids only. */
const char *col_peek(struct query *q, const char *name);
struct bytes col_blob(struct query *q, const char *name, struct arena *arena); /* NULL: p NULL */
enum store_status query_end(struct query *q) MUST_CHECK;
/* query_row until there is none, then query_end. */
enum store_status query_run(struct query *q) MUST_CHECK;
/* As query_run; STORE_NONE if no row was changed. */
enum store_status query_run_some(struct query *q, int64_t *changed) MUST_CHECK;
/* As query_run, of an INSERT of one row: *id gets its id. (The engine's own call: SQLite makes a whole
 * table in memory for each RETURNING.) */
enum store_status query_insert(struct query *q, int64_t *id) MUST_CHECK;
/* One row of one column; STORE_NONE (and 0) if there is none. */
enum store_status query_one_i64(struct query *q, const char *name, int64_t *out) MUST_CHECK;
void queries_close(struct store *s);

/* ---- Status ---- */

/* Notes the engine's trouble and gives its status. */
enum store_status db_status(struct store *s, sqlite3 *db, int rc, const char *doing);
/* Notes a trouble of ours. */
enum store_status db_fail(struct store *s, enum store_status st, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
enum store_status db_exec(struct store *s, sqlite3 *db, const char *sql) MUST_CHECK;
enum store_status raw_begin(struct store *s) MUST_CHECK;
enum store_status raw_commit(struct store *s) MUST_CHECK;
void raw_rollback(struct store *s);

/* Runs several changes as one: begins a transaction unless the caller has one. */
struct own_tx {
	bool mine;
};
enum store_status own_begin(struct store *s, struct own_tx *tx) MUST_CHECK;
/* Commits if it was begun here and st is STORE_OK, else rolls back what was begun here. */
enum store_status own_end(struct store *s, struct own_tx *tx, enum store_status st) MUST_CHECK;

/* ---- Opening (open.c, migrate.c, lock.c) ---- */

struct schema_step {
	int version;		  /* the schema has this version afterwards */
	const char *const *parts; /* statements, NULL-ended */
};
extern const struct schema_step *const SCHEMA_LOTS[]; /* NULL-ended, in order */
extern const struct schema_step *const SCHEMA_RAW[];
/* The one number a pragma or query gives, 0 where it gives none. */
enum store_status db_number(struct store *s, sqlite3 *db, const char *sql, int64_t *out) MUST_CHECK;
enum store_status migrate(struct store *s, sqlite3 *db, const struct schema_step *const *steps,
	const char *what) MUST_CHECK;
/* STORE_LOCKED when another process has it; the pid it gave as its owner is in error. */
enum store_status lock_take(
	const char *dir, int64_t owner, int *out, char *error, size_t error_size) MUST_CHECK;

/* A growing array in the arena. */
void *grow(struct arena *arena, void *old, size_t n, size_t size);

#define TRY(call)                                                                                  \
	do {                                                                                       \
		enum store_status try_st = (call);                                                 \
		if (try_st != STORE_OK)                                                            \
			return try_st;                                                             \
	} while (0)

#endif
