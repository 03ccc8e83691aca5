/* Peek: the directory read without the lock and without changing anything, while a daemon may run.
 * Called by --check. Must not migrate: a database of another schema is left to the start. */
#include "base/prelude.h"

#include "store/db.h"
#include "store/people.h"

#include <sqlite3.h>
#include <unistd.h>

static bool is_newest_schema(sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	int64_t version = -1;
	int newest = 0;

	for (size_t i = 0; SCHEMA_LOTS[i]; i++)
		newest = SCHEMA_LOTS[i]->version;
	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
		sqlite3_step(st) == SQLITE_ROW)
		version = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return version == newest;
}

enum store_status store_people_peek(const char *dir, struct arena *arena, struct people *out)
{
	struct store *s = calloc(1, sizeof(*s));
	enum store_status st = STORE_NONE;
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/lots.db", dir);

	if (!s)
		abort();
	s->lock_fd = -1;
	if (n > 0 && (size_t)n < sizeof(path) && access(path, R_OK) == 0 &&
		sqlite3_open_v2(path, &s->lots,
			SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
				SQLITE_OPEN_EXRESCODE,
			NULL) == SQLITE_OK &&
		is_newest_schema(s->lots))
		st = store_people_load(s, arena, out);
	store_close(&s);
	return st;
}
