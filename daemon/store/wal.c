/* Wal: see wal.h. A VFS that is the engine's, but for its logs: such a file carries a tail with what is to be
 * written, and six methods look at that first. Used by open.c. Must never say that something is synced,
 * read or measured while a write waits. */
#include "base/prelude.h"

#include "store/wal.h"

#include <sqlite3.h>

#define VFS_NAME "lots"
#define ROOM (64 << 10) /* the engine's own write is wrong for multiples of 128 KiB */

/* Behind the engine's own struct of each file; used for logs only. */
struct tail {
	const sqlite3_io_methods *engine;
	char *bytes; /* n, for the file from at on */
	sqlite3_int64 at;
	int n;
};

static sqlite3_vfs *engine;
static sqlite3_vfs vfs;
static sqlite3_io_methods methods;

static size_t engine_size(void)
{
	return ((size_t)engine->szOsFile + 15) & ~(size_t)15;
}

static struct tail *tail_of(sqlite3_file *f)
{
	return (struct tail *)(void *)((char *)f + engine_size());
}

/* After a failure nothing waits: the engine takes the whole transaction back and writes there again. */
static int write_out(sqlite3_file *f)
{
	struct tail *t = tail_of(f);
	int n = t->n;
	t->n = 0;
	return n == 0 ? SQLITE_OK : t->engine->xWrite(f, t->bytes, n, t->at);
}

static int wal_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	struct tail *t = tail_of(f);
	if (t->n > 0 && (at != t->at + t->n || n > ROOM - t->n)) {
		int rc = write_out(f);
		if (rc != SQLITE_OK)
			return rc;
	}
	if (n > ROOM)
		return t->engine->xWrite(f, p, n, at);
	if (t->n == 0)
		t->at = at;
	memcpy(t->bytes + t->n, p, (size_t)n);
	t->n += n;
	return SQLITE_OK;
}

static int wal_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	int rc = write_out(f);
	return rc == SQLITE_OK ? tail_of(f)->engine->xRead(f, p, n, at) : rc;
}

static int wal_sync(sqlite3_file *f, int flags)
{
	int rc = write_out(f);
	return rc == SQLITE_OK ? tail_of(f)->engine->xSync(f, flags) : rc;
}

static int wal_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = write_out(f);
	return rc == SQLITE_OK ? tail_of(f)->engine->xTruncate(f, size) : rc;
}

static int wal_size(sqlite3_file *f, sqlite3_int64 *size)
{
	int rc = write_out(f);
	return rc == SQLITE_OK ? tail_of(f)->engine->xFileSize(f, size) : rc;
}

static int wal_close(sqlite3_file *f)
{
	struct tail *t = tail_of(f);
	int written = write_out(f), rc = t->engine->xClose(f);
	free(t->bytes);
	t->bytes = NULL;
	return rc == SQLITE_OK ? written : rc;
}

static int open_file(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	(void)v;
	int rc = engine->xOpen(engine, name, f, flags, out);
	if (rc != SQLITE_OK || !(flags & SQLITE_OPEN_WAL))
		return rc;
	struct tail *t = tail_of(f);
	*t = (struct tail){.engine = f->pMethods, .bytes = malloc(ROOM)};
	if (t->bytes == NULL)
		abort();
	methods = *t->engine;
	methods.xClose = wal_close;
	methods.xRead = wal_read;
	methods.xWrite = wal_write;
	methods.xTruncate = wal_truncate;
	methods.xSync = wal_sync;
	methods.xFileSize = wal_size;
	f->pMethods = &methods;
	return SQLITE_OK;
}

const char *wal_vfs(void)
{
	if (engine != NULL)
		return VFS_NAME;
	engine = sqlite3_vfs_find(NULL);
	vfs = *engine;
	vfs.zName = VFS_NAME;
	vfs.pNext = NULL;
	vfs.szOsFile = (int)(engine_size() + sizeof(struct tail));
	vfs.xOpen = open_file;
	if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
		abort();
	return VFS_NAME;
}
