/* Backup: copies that are whole, taken while the desk works; and checks of what is on the disk.
 * lots.db first, raw.db after it: whatever the copy of lots.db names is then in the copy of raw.db. */
#include "base/prelude.h"

#include "store/db.h"

#include <sqlite3.h>
#include <unistd.h>

static enum store_status copy(struct store *s, sqlite3 *from, const char *dir, const char *file)
{
	char path[4096];
	sqlite3 *to = NULL;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, file);

	if (n < 0 || (size_t)n >= sizeof(path))
		return db_fail(s, STORE_IO, "the name of the folder is too long");
	if (access(path, F_OK) == 0)
		return db_fail(s, STORE_EXISTS, "%s is there already", file);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW;
	int rc = sqlite3_open_v2(path, &to, flags, NULL);
	sqlite3_backup *b = rc == SQLITE_OK ? sqlite3_backup_init(to, "main", from, "main") : NULL;
	if (b) {
		sqlite3_backup_step(b, -1);
		rc = sqlite3_backup_finish(b);
	} else if (rc == SQLITE_OK) {
		rc = sqlite3_errcode(to);
	}
	enum store_status st = rc == SQLITE_OK ? STORE_OK : db_status(s, to, rc, "copy");
	sqlite3_close(to);
	return st;
}

enum store_status store_backup(struct store *s, const char *dir)
{
	if (s->in_tx)
		abort();
	TRY(copy(s, s->lots, dir, "lots.db"));
	return copy(s, s->raw, dir, "raw.db");
}

enum store_status store_checkpoint(struct store *s)
{
	int rc = sqlite3_wal_checkpoint_v2(s->lots, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

	if (rc != SQLITE_OK)
		return db_status(s, s->lots, rc, "checkpoint");
	rc = sqlite3_wal_checkpoint_v2(s->raw, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return rc == SQLITE_OK ? STORE_OK : db_status(s, s->raw, rc, "checkpoint");
}

static enum store_status verify(struct store *s, struct query *q, const char *file)
{
	char first[160] = "";

	if (query_row(q))
		snprintf(first, sizeof(first), "%s", col_peek(q, "quick_check"));
	TRY(query_end(q));
	if (strcmp(first, "ok") != 0)
		return db_fail(s, STORE_DAMAGED, "%s: %s", file, first);
	return STORE_OK;
}

enum store_status store_verify(struct store *s)
{
	static const char LOTS[] = "PRAGMA quick_check(1)";
	static const char RAW[] = "PRAGMA main.quick_check(1)";

	TRY(verify(s, query(s, LOTS), "lots.db"));
	return verify(s, query_raw(s, RAW), "raw.db");
}
