/* The log's writes are collected: fewer calls, and at every commit the same file as without. */
#include "cmocka_test.h"

#include "store/wal.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 128
#define ROW_BYTES "3000"

static char dir[] = "/tmp/lots-wal-XXXXXX";

static void path_of(char out[PATH_SIZE], const char *name)
{
	snprintf(out, PATH_SIZE, "%s/%s", dir, name);
}

static void must(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3 *open_db(const char *name, const char *vfs)
{
	char path[PATH_SIZE];
	sqlite3 *db;
	path_of(path, name);
	assert_int_equal(
		sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs),
		SQLITE_OK);
	must(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		 "CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v BLOB)");
	return db;
}

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st;
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static void whole(sqlite3 *db, int64_t rows)
{
	assert_int_equal(number(db, "SELECT count(*) FROM t"), rows);
	assert_int_equal(
		number(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

static void add(sqlite3 *db, int n)
{
	char sql[200];
	snprintf(sql, sizeof(sql),
		"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
		" INSERT INTO t(v) SELECT randomblob(" ROW_BYTES ") FROM c",
		n);
	must(db, sql);
}

/* Calls of this process that write, as the kernel counts them. */
static int64_t writes(void)
{
	char text[512], *at;
	int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(n > 0);
	text[n] = '\0';
	at = strstr(text, "syscw: ");
	assert_non_null(at);
	return strtoll(at + 7, NULL, 10);
}

static void copy_file(const char *from, const char *to)
{
	char a[PATH_SIZE], b[PATH_SIZE], block[8192];
	ssize_t n;
	path_of(a, from);
	path_of(b, to);
	int in = open(a, O_RDONLY | O_CLOEXEC);
	int out = open(b, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, block, sizeof(block))) > 0)
		assert_int_equal(write(out, block, (size_t)n), n);
	close(in);
	close(out);
}

TEST(a_commit_is_few_writes)
{
	int64_t calls[2];
	const char *const vfs[] = {NULL, wal_vfs()};
	for (int i = 0; i < 2; i++) {
		sqlite3 *db = open_db(i ? "a.db" : "b.db", vfs[i]);
		int64_t before = writes();
		add(db, 300);
		calls[i] = writes() - before;
		whole(db, 300);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
	}
	assert_true(calls[0] > 500);
	assert_true(calls[1] < calls[0] / 10);
}

TEST(what_is_committed_is_in_the_file)
{
	sqlite3 *db = open_db("c.db", wal_vfs());
	sqlite3 *other = open_db("c.db", NULL);
	for (int i = 1; i <= 30; i++) {
		add(db, i);
		assert_int_equal(number(other, "SELECT count(*) FROM t"), i * (i + 1) / 2);
		copy_file("c.db", "d.db"); /* as after a crash: without the index of the log */
		copy_file("c.db-wal", "d.db-wal");
		sqlite3 *left = open_db("d.db", NULL);
		whole(left, i * (i + 1) / 2);
		sqlite3_close(left);
	}
	sqlite3_close(other);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

TEST(what_was_spilled_is_read_back)
{
	sqlite3 *db = open_db("e.db", wal_vfs());
	must(db, "PRAGMA cache_size = 10");
	add(db, 100);
	must(db, "BEGIN");
	add(db, 900);
	must(db, "UPDATE t SET v = zeroblob(3000) WHERE id % 7 = 0");
	assert_int_equal(number(db, "SELECT count(*) FROM t WHERE v = zeroblob(3000)"), 142);
	must(db, "SAVEPOINT s; DELETE FROM t WHERE id > 50; ROLLBACK TO s; RELEASE s");
	whole(db, 1000);
	must(db, "ROLLBACK");
	whole(db, 100);
	must(db, "BEGIN");
	add(db, 900);
	must(db, "DELETE FROM t WHERE id % 2 = 0; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
	whole(db, 500);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	db = open_db("e.db", NULL);
	whole(db, 500);
	sqlite3_close(db);
}

/* A write that fails is told at the commit, nothing of the transaction is there, and it goes on after. */
TEST(no_room_is_told)
{
	char path[PATH_SIZE];
	struct stat st;
	struct rlimit old, small;
	sqlite3 *db = open_db("f.db", wal_vfs());
	add(db, 10);
	path_of(path, "f.db-wal");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t more = 1000; more < 300000; more += 70001) {
		small = (struct rlimit){(rlim_t)st.st_size + more, old.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		must(db, "BEGIN");
		add(db, 100);
		assert_int_not_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
		if (!sqlite3_get_autocommit(db))
			must(db, "ROLLBACK");
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		whole(db, 10);
	}
	add(db, 10);
	sqlite3 *other = open_db("f.db", NULL);
	whole(other, 20);
	sqlite3_close(other);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Each method by itself, in orders that the engine has no use for today. */
TEST(nothing_passes_a_write_that_waits)
{
	char path[PATH_SIZE];
	static char block[110000], back[110000];
	sqlite3_vfs *v = sqlite3_vfs_find(wal_vfs());
	sqlite3_file *f = calloc(1, (size_t)v->szOsFile);
	sqlite3_int64 size;
	struct stat st;
	path_of(path, "g"); /* the engine looks at its database for the rights */
	close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	path_of(path, "g-wal");
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)(i * 7 + i / 251);
	assert_int_equal(
		v->xOpen(v, path, f, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL,
			NULL),
		SQLITE_OK);
	const sqlite3_io_methods *m = f->pMethods;
	assert_int_equal(m->xWrite(f, block, 24, 0), SQLITE_OK);
	assert_int_equal(m->xWrite(f, block + 24, 4096, 24), SQLITE_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0); /* it waits */
	assert_int_equal(m->xFileSize(f, &size), SQLITE_OK);
	assert_int_equal(size, 4120);
	assert_int_equal(m->xWrite(f, block + 4120, 1000, 4120), SQLITE_OK);
	assert_int_equal(m->xTruncate(f, 5000), SQLITE_OK);
	assert_int_equal(m->xFileSize(f, &size), SQLITE_OK);
	assert_int_equal(size, 5000);
	assert_int_equal(m->xWrite(f, block + 5000, 10, 5000), SQLITE_OK);
	assert_int_equal(m->xWrite(f, block + 5010, 100000, 5010), SQLITE_OK); /* more than waits */
	assert_int_equal(m->xWrite(f, "A", 1, 100), SQLITE_OK);
	assert_int_equal(m->xWrite(f, "B", 1, 99), SQLITE_OK);
	assert_int_equal(m->xRead(f, back, 105010, 0), SQLITE_OK);
	block[99] = 'B';
	block[100] = 'A';
	assert_memory_equal(back, block, 105010);
	assert_int_equal(m->xWrite(f, "C", 1, 105010), SQLITE_OK);
	assert_int_equal(m->xSync(f, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 105011);
	assert_int_equal(m->xWrite(f, "D", 1, 105011), SQLITE_OK);
	assert_int_equal(m->xClose(f), SQLITE_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 105012);
	free(f);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int drop_dir(void **state)
{
	static const char *const names[] = {
		"a.db", "b.db", "c.db", "d.db", "d.db-wal", "e.db", "f.db", "g", "g-wal"};
	char path[PATH_SIZE];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		path_of(path, names[i]);
		unlink(path);
	}
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_commit_is_few_writes),
		cmocka_unit_test(what_is_committed_is_in_the_file),
		cmocka_unit_test(what_was_spilled_is_read_back),
		cmocka_unit_test(no_room_is_told),
		cmocka_unit_test(nothing_passes_a_write_that_waits),
	};
	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
