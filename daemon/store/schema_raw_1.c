/* Schema of raw.db, step 1: raw mail. Rows are written and committed before lots.db names them;
 * `mark.swept` is the newest row known to be named. */
#include "base/prelude.h"

#include "store/db.h"

static const char *const PARTS[] = {
	"CREATE TABLE raw ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" sha256 BLOB NOT NULL,"
	" size INTEGER NOT NULL,"
	" bytes BLOB NOT NULL"
	") STRICT",
	"CREATE TABLE mark (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT",
	"INSERT INTO mark(name, n) VALUES('swept', 0)",
	NULL,
};

extern const struct schema_step SCHEMA_RAW_1;
const struct schema_step SCHEMA_RAW_1 = {.version = 1, .parts = PARTS};
