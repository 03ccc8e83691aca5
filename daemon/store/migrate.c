/* Migrate: brings a database to this program's schema, forward only, one step a transaction. Called
 * by open.c. The steps are in schema_*.c, one file each, and are never edited once released. */
#include "base/prelude.h"

#include "store/db.h"

#include <sqlite3.h>

/* "Lots" in ASCII: says whose file it is (PRAGMA application_id). */
#define APPLICATION_ID 0x4c6f7473

enum store_status db_number(struct store *s, sqlite3 *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	*out = 0;
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW)
			*out = sqlite3_column_int64(st, 0);
	}
	sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? STORE_OK : db_status(s, db, rc, sql);
}

static enum store_status one_step(struct store *s, sqlite3 *db, const struct schema_step *step)
{
	char set[64];

	for (size_t i = 0; step->parts[i]; i++)
		TRY(db_exec(s, db, step->parts[i]));
	snprintf(set, sizeof(set), "PRAGMA user_version = %d", step->version);
	return db_exec(s, db, set);
}

static enum store_status run_step(struct store *s, sqlite3 *db, const struct schema_step *step)
{
	TRY(db_exec(s, db, "BEGIN IMMEDIATE"));
	enum store_status st = one_step(s, db, step);
	if (st == STORE_OK)
		st = db_exec(s, db, "COMMIT");
	if (!sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return st;
}

static enum store_status check_owner(
	struct store *s, sqlite3 *db, int64_t version, const char *what)
{
	int64_t id, tables;

	TRY(db_number(s, db, "PRAGMA application_id", &id));
	if (id == APPLICATION_ID)
		return STORE_OK;
	TRY(db_number(s, db, "SELECT count(*) FROM sqlite_schema", &tables));
	if (id != 0 || version != 0 || tables != 0)
		return db_fail(s, STORE_DAMAGED, "%s is not a database of Lots", what);
	char set[64];
	snprintf(set, sizeof(set), "PRAGMA application_id = %d", APPLICATION_ID);
	return db_exec(s, db, set);
}

enum store_status migrate(
	struct store *s, sqlite3 *db, const struct schema_step *const *steps, const char *what)
{
	int64_t version;
	int newest = 0;

	for (size_t i = 0; steps[i]; i++)
		newest = steps[i]->version;
	TRY(db_number(s, db, "PRAGMA user_version", &version));
	TRY(check_owner(s, db, version, what));
	if (version > newest)
		return db_fail(s, STORE_NEWER,
			"%s has schema %" PRId64
			"; this program knows up to %d: use the newer Lots",
			what, version, newest);
	for (size_t i = 0; steps[i]; i++)
		if (steps[i]->version > version)
			TRY(run_step(s, db, steps[i]));
	return STORE_OK;
}
