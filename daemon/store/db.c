/* Db: status of the engine, transactions and savepoints.
 *
 * Used by every file of this floor and, through store.h, by app. */
#include "base/prelude.h"

#include "store/db.h"

#include <errno.h>
#include <sqlite3.h>

static const char *const STATUS_IDS[] = {[STORE_OK] = "ok",
	[STORE_NONE] = "none",
	[STORE_EXISTS] = "exists",
	[STORE_BUSY] = "busy",
	[STORE_FULL] = "full",
	[STORE_IO] = "io",
	[STORE_LOCKED] = "locked",
	[STORE_NEWER] = "newer",
	[STORE_DAMAGED] = "damaged",
	[STORE_REFUSED] = "refused"};
_Static_assert(ARRAY_LEN(STATUS_IDS) == STORE_STATUS_N, "an id for each status");

const char *store_status_id(enum store_status st)
{
	return STATUS_IDS[st];
}

bool store_status_passes(enum store_status st)
{
	return st == STORE_BUSY || st == STORE_FULL || st == STORE_IO;
}

const char *store_error(const struct store *store)
{
	return store->error;
}

static enum store_status status_of(sqlite3 *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return STORE_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return STORE_BUSY;
	case SQLITE_FULL:
		return STORE_FULL;
	case SQLITE_CONSTRAINT:
		return rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
				       rc == SQLITE_CONSTRAINT_ROWID
			       ? STORE_EXISTS
			       : STORE_REFUSED;
	case SQLITE_TOOBIG:
		return STORE_REFUSED;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_SCHEMA:
		return STORE_DAMAGED;
	case SQLITE_NOMEM:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
		abort();
	default:
		/* Room for the shared memory is what a database needs first. */
		if (rc == SQLITE_IOERR_SHMSIZE)
			return STORE_FULL;
		return db && sqlite3_system_errno(db) == ENOSPC ? STORE_FULL : STORE_IO;
	}
}

/* "lots.db", or "" for one in memory. */
static const char *file_of(sqlite3 *db)
{
	const char *path = db ? sqlite3_db_filename(db, "main") : NULL;
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

enum store_status db_status(struct store *s, sqlite3 *db, int rc, const char *doing)
{
	enum store_status st = status_of(db, rc);
	const char *file = file_of(db);

	if (st == STORE_OK)
		return st;
	snprintf(s->error, sizeof(s->error), "%s%s%s: %s (%d)%s", file, *file ? ": " : "", doing,
		db ? sqlite3_errmsg(db) : sqlite3_errstr(rc), rc,
		st == STORE_DAMAGED ? "; it is damaged: bring back a backup" : "");
	if (s->in_tx && db == s->lots && db && sqlite3_get_autocommit(db))
		s->tx_failed = st;
	return st;
}

enum store_status db_fail(struct store *s, enum store_status st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	return st;
}

enum store_status db_exec(struct store *s, sqlite3 *db, const char *sql)
{
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? STORE_OK : db_status(s, db, rc, sql);
}

/* ---- Transactions ---- */

static const char BEGIN[] = "BEGIN IMMEDIATE";
static const char COMMIT[] = "COMMIT";
static const char SAVEPOINT[] = "SAVEPOINT turn";
static const char RELEASE[] = "RELEASE turn";
static const char ROLLBACK_TO[] = "ROLLBACK TO turn";

static NORETURN void wrong(const char *what)
{
	fprintf(stderr, "<2>bug: %s\n", what);
	abort();
}

enum store_status store_begin(struct store *s)
{
	if (s->in_tx)
		wrong("a transaction within a transaction");
	s->tx_failed = STORE_OK;
	TRY(query_run(query(s, BEGIN)));
	s->in_tx = true;
	return STORE_OK;
}

void store_rollback(struct store *s)
{
	s->in_savepoint = false;
	if (!s->in_tx)
		return;
	s->in_tx = false;
	if (!sqlite3_get_autocommit(s->lots))
		sqlite3_exec(s->lots, "ROLLBACK", NULL, NULL, NULL);
}

static enum store_status write_time(struct store *s)
{
	static const char SQL[] = "UPDATE counter SET n = $n WHERE name = 'newest_ms'";

	if (s->noted_ms <= s->written_ms)
		return STORE_OK;
	struct query *q = query(s, SQL);
	bind_i64(q, "n", s->noted_ms);
	return query_run(q);
}

enum store_status store_commit(struct store *s)
{
	int64_t noted = s->noted_ms;

	if (!s->in_tx)
		wrong("commit without a transaction");
	enum store_status st = write_time(s);
	if (st == STORE_OK)
		st = query_run(query(s, COMMIT));
	if (st != STORE_OK) {
		store_rollback(s);
		return st;
	}
	s->in_tx = s->in_savepoint = false;
	if (noted > s->written_ms)
		s->written_ms = noted;
	return STORE_OK;
}

bool store_in_transaction(const struct store *s)
{
	return s->in_tx;
}

static enum store_status mark(struct store *s, const char *sql, bool from, bool to)
{
	if (!s->in_tx || s->in_savepoint != from)
		wrong("a savepoint out of turn");
	TRY(query_run(query(s, sql)));
	s->in_savepoint = to;
	return STORE_OK;
}

enum store_status store_savepoint(struct store *s)
{
	return mark(s, SAVEPOINT, false, true);
}

enum store_status store_release(struct store *s)
{
	return mark(s, RELEASE, true, false);
}

enum store_status store_rollback_to(struct store *s)
{
	TRY(mark(s, ROLLBACK_TO, true, true));
	return store_release(s);
}

enum store_status own_begin(struct store *s, struct own_tx *tx)
{
	tx->mine = !s->in_tx;
	return tx->mine ? store_begin(s) : STORE_OK;
}

enum store_status own_end(struct store *s, struct own_tx *tx, enum store_status st)
{
	if (!tx->mine)
		return st;
	if (st == STORE_OK)
		return store_commit(s);
	store_rollback(s);
	return st;
}

enum store_status raw_begin(struct store *s)
{
	return db_exec(s, s->raw, "BEGIN IMMEDIATE");
}

enum store_status raw_commit(struct store *s)
{
	enum store_status st = db_exec(s, s->raw, "COMMIT");

	if (st != STORE_OK)
		raw_rollback(s);
	return st;
}

void raw_rollback(struct store *s)
{
	if (!sqlite3_get_autocommit(s->raw))
		sqlite3_exec(s->raw, "ROLLBACK", NULL, NULL, NULL);
}
