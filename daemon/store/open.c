/* Open: the files of the state folder, as safe as SQLite can be told to be, and their closing.
 *
 * Called by app at start. The caller's umask decides who may read the files. */
#include "base/prelude.h"

#include "store/db.h"
#include "store/wal.h"

#include <sqlite3.h>
#include <unistd.h>

static const struct {
	int id, value;
} LIMITS[] = {
	{SQLITE_LIMIT_LENGTH, 64 << 20},
	{SQLITE_LIMIT_SQL_LENGTH, 64 << 10},
	{SQLITE_LIMIT_COLUMN, 64},
	{SQLITE_LIMIT_EXPR_DEPTH, 100},
	{SQLITE_LIMIT_COMPOUND_SELECT, 8},
	{SQLITE_LIMIT_VDBE_OP, 20000},
	{SQLITE_LIMIT_FUNCTION_ARG, 8},
	{SQLITE_LIMIT_ATTACHED, 1}, /* VACUUM INTO attaches its target */
	{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200},
	{SQLITE_LIMIT_VARIABLE_NUMBER, 64},
	{SQLITE_LIMIT_TRIGGER_DEPTH, 4},
	{SQLITE_LIMIT_WORKER_THREADS, 0},
};

/* Before the first database of the process: no mutexes and no statistics, for there is one thread. */
static void configure_engine(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 1200, 200);
	sqlite3_initialize();
}

static void harden(sqlite3 *db)
{
	for (size_t i = 0; i < ARRAY_LEN(LIMITS); i++)
		sqlite3_limit(db, LIMITS[i].id, LIMITS[i].value);
	sqlite3_extended_result_codes(db, 1);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_busy_timeout(db, 1000);
}

static enum store_status settings(struct store *s, sqlite3 *db, const char *const *pragmas)
{
	for (size_t i = 0; pragmas[i]; i++)
		TRY(db_exec(s, db, pragmas[i]));
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return STORE_OK;
}

static const char *const PRAGMAS_LOTS[] = {
	"PRAGMA page_size = 4096",
	"PRAGMA journal_mode = WAL",
	"PRAGMA synchronous = FULL",
	"PRAGMA secure_delete = ON",
	"PRAGMA cache_size = -6144", /* KiB */
	"PRAGMA temp_store = MEMORY",
	"PRAGMA mmap_size = 0",
	"PRAGMA cell_size_check = ON",
	"PRAGMA wal_autocheckpoint = 4000",
	"PRAGMA journal_size_limit = 16777216",
	NULL,
};
static const char *const PRAGMAS_RAW[] = {
	"PRAGMA page_size = 8192",
	"PRAGMA journal_mode = WAL",
	"PRAGMA synchronous = FULL",
	"PRAGMA secure_delete = ON",
	"PRAGMA cache_size = -1024",
	"PRAGMA temp_store = MEMORY",
	"PRAGMA mmap_size = 0",
	"PRAGMA wal_autocheckpoint = 1000",
	"PRAGMA journal_size_limit = 16777216",
	NULL,
};

static enum store_status open_one(struct store *s, const char *dir, const char *file, sqlite3 **db)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s%s%s", dir ? dir : "", dir ? "/" : "", file);

	if (n < 0 || (size_t)n >= sizeof(path))
		return db_fail(s, STORE_IO, "the name of the state folder is too long");
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
	int rc = sqlite3_open_v2(path, db, flags, wal_vfs());
	if (rc != SQLITE_OK)
		return db_status(s, *db, rc, file);
	harden(*db);
	return STORE_OK;
}

static enum store_status number_at(struct store *s, const char *sql, int64_t *out)
{
	enum store_status st = query_one_i64(query(s, sql), "n", out);
	return st == STORE_NONE ? STORE_OK : st;
}

/* What is kept in memory between calls. */
static enum store_status remember(struct store *s, int64_t first_number)
{
	static const char NEWEST[] = "SELECT n FROM counter WHERE name = 'newest_ms'";
	static const char FIRST[] = "SELECT n FROM counter WHERE name = 'first_number'";
	static const char SET_FIRST[] =
		"UPDATE counter SET n = $n WHERE name = 'first_number' AND n = 0";
	static const char SERIAL[] = "SELECT coalesce(max(id), 0) AS n FROM outbox";

	struct query *q = query(s, SET_FIRST);
	bind_i64(q, "n", first_number > 0 ? first_number : 1001);
	TRY(query_run(q));
	TRY(number_at(s, NEWEST, &s->written_ms));
	s->noted_ms = s->written_ms;
	TRY(number_at(s, FIRST, &s->first_number));
	TRY(number_at(s, SERIAL, &s->next_serial));
	s->next_serial++;
	return STORE_OK;
}

static enum store_status limit_pages(struct store *s, int64_t max_pages)
{
	char set[64];

	if (max_pages <= 0)
		return STORE_OK;
	snprintf(set, sizeof(set), "PRAGMA max_page_count = %" PRId64, max_pages);
	return db_exec(s, s->lots, set);
}

/* Mail without its cases: a new lots.db beside it would give old numbers to other cases, and the reply
 * addresses of the old ones would speak in them. */
static enum store_status check_pair(struct store *s)
{
	int64_t lots = 0, raw = 0, mails = 0;

	TRY(db_number(s, s->lots, "PRAGMA user_version", &lots));
	TRY(db_number(s, s->raw, "PRAGMA user_version", &raw));
	if (lots != 0 || raw == 0)
		return STORE_OK;
	TRY(db_number(s, s->raw, "SELECT EXISTS(SELECT 1 FROM raw)", &mails));
	if (mails == 0)
		return STORE_OK;
	return db_fail(s, STORE_DAMAGED,
		"lots.db is missing or empty, and raw.db beside it is not: bring lots.db back, or"
		" begin anew in another folder");
}

static enum store_status open_all(struct store *s, const struct store_options *o)
{
	bool memory = !o->dir;

	TRY(open_one(s, o->dir, memory ? ":memory:" : "lots.db", &s->lots));
	TRY(open_one(s, o->dir, memory ? ":memory:" : "raw.db", &s->raw));
	TRY(settings(s, s->lots, PRAGMAS_LOTS));
	TRY(settings(s, s->raw, PRAGMAS_RAW));
	TRY(check_pair(s));
	TRY(migrate(s, s->lots, SCHEMA_LOTS, "lots.db"));
	TRY(migrate(s, s->raw, SCHEMA_RAW, "raw.db"));
	TRY(remember(s, o->first_number));
	TRY(store_sweep_raw(s, NULL));
	return limit_pages(s, o->max_pages);
}

static struct store *make(void)
{
	struct store *s = calloc(1, sizeof(*s));

	configure_engine();
	if (!s)
		abort();
	s->lock_fd = -1;
	return s;
}

enum store_status store_open(
	const struct store_options *o, struct store **out, char *error, size_t error_size)
{
	struct store *s = make();

	*out = NULL;
	error[0] = '\0';
	if (!o->no_lock) {
		enum store_status st = lock_take(o->dir, o->owner, &s->lock_fd, error, error_size);
		if (st != STORE_OK) {
			store_close(&s);
			return st;
		}
	}
	enum store_status st = open_all(s, o);
	if (st != STORE_OK) {
		snprintf(error, error_size, "%s", s->error);
		store_close(&s);
		return st;
	}
	*out = s;
	return STORE_OK;
}

struct store *store_open_memory(void)
{
	struct store *s = make();

	if (open_all(s, &(struct store_options){0}) != STORE_OK) {
		fprintf(stderr, "<2>no database in memory: %s\n", s->error);
		abort();
	}
	return s;
}

void store_close(struct store **store)
{
	struct store *s = *store;

	*store = NULL;
	if (!s)
		return;
	if (s->lots)
		store_rollback(s);
	queries_close(s);
	sqlite3_close(s->lots);
	sqlite3_close(s->raw);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s);
}
