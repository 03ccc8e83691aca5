/* Opening, locking, migrating, transactions, a full disk, a crash, copies. */
#include "store_fixture.h"

#include "store/db.h"

#include <fcntl.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static enum store_status open_again(
	const char *dir, bool no_lock, char error[256], struct store **s)
{
	return store_open(&(struct store_options){.dir = dir, .no_lock = no_lock}, s, error, 256);
}

static void run_sql(const char *dir, const char *file, const char *sql)
{
	char path[SCRATCH_PATH + 20];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void second_is_refused_with_the_pid(void **state)
{
	struct fixture *f = *state;
	char error[256], pid[32];
	struct store *s;

	snprintf(pid, sizeof(pid), "pid %ld", (long)getpid());
	assert_int_equal(open_again(f->dir, false, error, &s), STORE_LOCKED);
	assert_null(s);
	assert_non_null(strstr(error, pid));
	fixture_reopen(f); /* free again after closing */
}

static void no_such_folder(void **state)
{
	char error[256];
	struct store *s;

	(void)state;
	assert_int_equal(open_again("/nonexistent/lots", false, error, &s), STORE_IO);
	assert_non_null(strstr(error, "/nonexistent/lots"));
}

static void newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;
	char error[256];
	struct store *s;

	store_close(&f->store);
	run_sql(f->dir, "lots.db", "PRAGMA user_version = 9999");
	assert_int_equal(open_again(f->dir, false, error, &s), STORE_NEWER);
	assert_non_null(strstr(error, "9999"));
	run_sql(f->dir, "lots.db", "PRAGMA user_version = 1");
	fixture_reopen(f);
}

static void foreign_file_is_refused(void **state)
{
	struct fixture *f = *state;
	char error[256], path[SCRATCH_PATH + 20];
	struct store *s;

	store_close(&f->store);
	snprintf(path, sizeof(path), "%s/raw.db", f->dir);
	unlink(path);
	run_sql(f->dir, "raw.db", "CREATE TABLE other (x)");
	assert_int_equal(open_again(f->dir, false, error, &s), STORE_DAMAGED);
	unlink(path);
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(write(fd, "this is no database, not at all......", 37), 37);
	close(fd);
	assert_int_equal(open_again(f->dir, false, error, &s), STORE_DAMAGED);
	assert_ptr_equal(strstr(error, "raw.db: "), error);
	assert_non_null(strstr(error, "bring back a backup"));
}

/* Whoever may write into the folder must not choose which file lotsd writes to. */
static void links_are_not_followed(void **state)
{
	static const char *const names[] = {"lots.db", "raw.db", "lots.lock"};
	struct fixture *f = *state;
	char error[256], path[SCRATCH_PATH + 20], away[SCRATCH_PATH + 20];
	struct store *s;

	store_close(&f->store);
	snprintf(away, sizeof(away), "%s/away", f->dir);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		assert_int_equal(rename(path, away), 0);
		assert_int_equal(symlink("away", path), 0);
		assert_int_equal(open_again(f->dir, false, error, &s), STORE_IO);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(rename(away, path), 0);
	}
	fixture_reopen(f);
}

static void mail_without_its_cases_is_refused(void **state)
{
	struct fixture *f = *state;
	char error[256], path[SCRATCH_PATH + 20];
	struct store *s;
	struct intake in = {.mailbox = "support",
		.key = "a",
		.raw = {(const unsigned char *)"x", 1},
		.size = 1};

	ok(store_intake(f->store, &in, 1, T0));
	store_close(&f->store);
	snprintf(path, sizeof(path), "%s/lots.db", f->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(open_again(f->dir, false, error, &s), STORE_DAMAGED);
	assert_non_null(strstr(error, "lots.db is missing"));
	assert_int_equal(open_again(f->dir, false, error, &s), STORE_DAMAGED); /* and stays so */
}

static void settings_are_the_safe_ones(void **state)
{
	struct fixture *f = *state;
	struct stat sb;
	char path[SCRATCH_PATH + 20];

	/* The store itself is the only one that can tell its connections' settings; the file tells WAL. */
	static const struct {
		const char *pragma;
		int64_t value;
	} wanted[] = {{"PRAGMA synchronous", 2 /* FULL */}, {"PRAGMA secure_delete", 1},
		{"PRAGMA foreign_keys", 1}, {"PRAGMA trusted_schema", 0}};
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		sqlite3 *const both[] = {f->store->lots, f->store->raw};
		for (size_t b = 0; b < ARRAY_LEN(both); b++) {
			int64_t value = -1;
			ok(db_number(f->store, both[b], wanted[i].pragma, &value));
			assert_int_equal(value, wanted[i].value);
		}
	}
	snprintf(path, sizeof(path), "%s/lots.db-wal", f->dir);
	assert_int_equal(stat(path, &sb), 0);
	struct kase k = {.kind = KIND_QUESTION, .number = 5, .organisation = "", .system = ""};
	assert_int_equal(store_case_save(f->store, &k), STORE_REFUSED); /* NOT NULL, CHECK */
	assert_int_equal(k.id, 0);
	k.organisation = "kalix";
	k.holder = 4711; /* no such party: foreign keys are on */
	assert_int_equal(store_case_save(f->store, &k), STORE_REFUSED);
	assert_true(*store_error(f->store));
}

static void a_transaction_is_whole(void **state)
{
	struct fixture *f = *state;
	const char *v;

	ok(store_begin(f->store));
	ok(store_set_meta(f->store, "a", "1"));
	ok(store_savepoint(f->store));
	ok(store_set_meta(f->store, "b", "2"));
	ok(store_rollback_to(f->store));
	ok(store_savepoint(f->store));
	ok(store_set_meta(f->store, "c", "3"));
	ok(store_release(f->store));
	ok(store_commit(f->store));
	ok(store_begin(f->store));
	ok(store_set_meta(f->store, "a", "9"));
	store_rollback(f->store);
	ok(store_meta(f->store, f->arena, "a", &v));
	assert_string_equal(v, "1");
	ok(store_meta(f->store, f->arena, "b", &v));
	assert_string_equal(v, "");
	ok(store_meta(f->store, f->arena, "c", &v));
	assert_string_equal(v, "3");
	store_rollback(f->store); /* nothing open is fine */
}

static void newest_time_is_kept(void **state)
{
	struct fixture *f = *state;

	store_note_time(f->store, T0);
	store_note_time(f->store, T0 - 5);
	take_in(f, "support", "1", "x", T0);
	assert_int_equal(store_newest_time(f->store), T0);
	fixture_reopen(f);
	assert_int_equal(store_newest_time(f->store), T0);
	store_note_time(f->store, T0 + 1);
	assert_int_equal(store_newest_time(f->store), T0 + 1);
}

static void first_number_is_kept(void **state)
{
	struct fixture *f = *state;
	int64_t n;

	ok(store_next_number(f->store, &n));
	assert_int_equal(n, 1001);
	assert_int_equal(open_case(f, "kalix", "a@kalix.example")->number, 1001);
	fixture_reopen(f);
	ok(store_next_number(f->store, &n));
	assert_int_equal(n, 1002);
}

static void locked_database_is_busy_and_resumes(void **state)
{
	struct fixture *f = *state;
	char error[256];
	struct store *other;
	struct intake in = {
		.mailbox = "support", .key = "1", .raw = {(const unsigned char *)"x", 1}};

	ok(open_again(f->dir, true, error, &other));
	ok(store_begin(other));
	enum store_status st = store_intake(f->store, &in, 1, T0);
	assert_int_equal(st, STORE_BUSY);
	assert_true(store_status_passes(st));
	store_rollback(other);
	/* What the attempt had put into raw.db was taken back. */
	int64_t swept;
	ok(store_sweep_raw(f->store, &swept));
	assert_int_equal(swept, 0);
	ok(store_intake(f->store, &in, 1, T0));
	assert_false(in.known);
	struct conservation c;
	ok(store_conservation(f->store, false, &c));
	assert_int_equal(c.seen, 1);
	assert_true(c.holds);
	store_close(&other);
}

static void full_disk_stops_and_resumes(void **state)
{
	struct fixture *f = *state;
	char error[256], key[24];
	enum store_status st = STORE_OK;
	int64_t taken = 0;
	struct conservation c;

	store_close(&f->store);
	ok(store_open(&(struct store_options){.dir = f->dir, .max_pages = 120}, &f->store, error,
		sizeof(error)));
	while (st == STORE_OK && taken < 10000) {
		snprintf(key, sizeof(key), "%" PRId64, taken);
		struct intake in = {.mailbox = "support",
			.key = key,
			.raw = {(const unsigned char *)key, strlen(key)}};
		st = store_intake(f->store, &in, 1, T0);
		taken += st == STORE_OK;
	}
	assert_int_equal(st, STORE_FULL);
	assert_true(taken > 100);
	assert_false(store_in_transaction(f->store));
	ok(store_conservation(f->store, false, &c));
	assert_int_equal(c.seen, taken);
	assert_true(c.holds);
	fixture_reopen(f); /* room again */
	struct intake in = {
		.mailbox = "support", .key = key, .raw = {(const unsigned char *)"x", 1}};
	ok(store_intake(f->store, &in, 1, T0));
	assert_false(in.known);
}

/* A file system with no room left, not only a limit of the engine. Needs to mount: root. */
static void full_file_system_stops_and_resumes(void **state)
{
	struct fixture *f = *state;
	char key[24];
	enum store_status st = STORE_OK;
	struct conservation c;
	int64_t taken = 0;

	store_close(&f->store);
	if (unshare(CLONE_NEWNS) != 0 || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("lots", f->dir, "tmpfs", 0, "size=3m") != 0)
		skip();
	fixture_reopen(f);
	unsigned char *raw = arena_alloc(f->arena, 20000);
	while (st == STORE_OK && taken < 10000) {
		snprintf(key, sizeof(key), "%" PRId64, taken);
		memcpy(raw, key, sizeof(key));
		struct intake in = {.mailbox = "support", .key = key, .raw = {raw, 20000}};
		st = store_intake(f->store, &in, 1, T0);
		taken += st == STORE_OK;
	}
	assert_true(store_status_passes(st));
	assert_true(taken > 10);
	ok(store_conservation(f->store, false, &c));
	assert_int_equal(c.seen, taken);
	assert_int_equal(mount("lots", f->dir, "tmpfs", MS_REMOUNT, "size=30m"), 0);
	struct intake in = {.mailbox = "support", .key = key, .raw = {raw, 20000}};
	ok(store_intake(f->store, &in, 1, T0)); /* the same process, the same connection */
	assert_false(in.known);
	ok(store_verify(f->store));
	store_close(&f->store);
	assert_int_equal(umount2(f->dir, MNT_DETACH), 0);
	fixture_reopen(f);
}

static void after_a_full_disk_nothing_commits_alone(void **state)
{
	struct fixture *f = *state;
	char error[256], *big = arena_alloc(f->arena, 1 << 20);
	const char *v;

	memset(big, 'x', (1 << 20) - 1);
	store_close(&f->store);
	ok(store_open(&(struct store_options){.dir = f->dir, .max_pages = 120}, &f->store, error,
		sizeof(error)));
	ok(store_begin(f->store));
	ok(store_set_meta(f->store, "first", "1"));
	assert_int_equal(store_set_meta(f->store, "big", big), STORE_FULL);
	/* Whether or not the engine has rolled back by itself: */
	(void)!store_set_meta(f->store, "second", "2");
	store_rollback(f->store);
	ok(store_meta(f->store, f->arena, "first", &v));
	assert_string_equal(v, "");
	ok(store_meta(f->store, f->arena, "second", &v));
	assert_string_equal(v, "");
}

/* ---- A crash: the files as they are on the disk at some moment ---- */

static void copy_file(const char *from_dir, const char *to_dir, const char *name)
{
	char from[128], to[128], piece[65536];
	ssize_t n;

	snprintf(from, sizeof(from), "%s/%s", from_dir, name);
	snprintf(to, sizeof(to), "%s/%s", to_dir, name);
	int in = open(from, O_RDONLY), out = open(to, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	if (in >= 0) {
		while ((n = read(in, piece, sizeof(piece))) > 0)
			assert_int_equal(write(out, piece, (size_t)n), n);
		close(in);
	}
	close(out);
}

static struct store *crash(struct fixture *f, char dir[SCRATCH_PATH])
{
	static const char *const FILES[] = {"lots.db", "lots.db-wal", "raw.db", "raw.db-wal"};
	char error[256];
	struct store *s;

	scratch_dir(dir, "lots-crash");
	for (size_t i = 0; i < ARRAY_LEN(FILES); i++)
		copy_file(f->dir, dir, FILES[i]);
	ok(open_again(dir, false, error, &s));
	return s;
}

static void remove_crash(const char *dir)
{
	static const char *const FILES[] = {"lots.db", "lots.db-wal", "lots.db-shm", "raw.db",
		"raw.db-wal", "raw.db-shm", "lots.lock"};
	char path[SCRATCH_PATH + 20];

	for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, FILES[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(dir), 0);
}

static void a_crash_loses_only_what_was_not_committed(void **state)
{
	struct fixture *f = *state;
	char dir[SCRATCH_PATH];
	struct kase *k = open_case(f, "kalix", "anna@kalix.example"), seen;
	int64_t inbox = take_in(f, "support", "1", "From: a\n\nb", T0);
	struct inbox_row row;

	ok(store_inbox_try(f->store, &inbox, 1, NULL));
	ok(store_begin(f->store));
	k->state = STATE_TAKEN;
	ok(store_case_save(f->store, k));
	ok(store_inbox_finish(f->store, inbox, OUTCOME_CASE, "", 0, T0));
	struct store *after = crash(f, dir);
	ok(store_commit(f->store));
	ok(store_case_by_number(after, f->arena, &VIEWER_DESK, k->number, &seen, NULL));
	assert_int_equal(seen.state, STATE_NEW);
	ok(store_inbox_get(after, f->arena, inbox, &row));
	assert_int_equal(row.state, INBOX_NEW);
	assert_int_equal(row.tries, 1);
	store_close(&after);
	remove_crash(dir);
	after = crash(f, dir);
	ok(store_case_by_number(after, f->arena, &VIEWER_DESK, k->number, &seen, NULL));
	assert_int_equal(seen.state, STATE_TAKEN);
	ok(store_verify(after));
	store_close(&after);
	remove_crash(dir);
}

static void orphans_are_swept(void **state)
{
	struct fixture *f = *state;
	int64_t inbox = take_in(f, "support", "1", "kept", T0), swept;
	struct inbox_row row;
	struct bytes raw;

	run_sql(f->dir, "raw.db",
		"INSERT INTO raw(sha256, size, bytes) VALUES (randomblob(32), 3, x'616263')");
	ok(store_sweep_raw(f->store, &swept));
	assert_int_equal(swept, 1);
	ok(store_sweep_raw(f->store, &swept));
	assert_int_equal(swept, 0);
	ok(store_inbox_get(f->store, f->arena, inbox, &row));
	ok(store_raw(f->store, row.raw, &raw));
	assert_int_equal(raw.n, 4);
	assert_memory_equal(raw.p, "kept", 4);
	free((void *)raw.p);
	assert_int_equal(store_raw(f->store, row.raw + 1, &raw), STORE_NONE);
}

static void a_lost_raw_db_gives_no_id_twice(void **state)
{
	struct fixture *f = *state;
	int64_t old = take_in(f, "support", "1", "old", T0);
	struct inbox_row a, b;
	struct bytes raw;
	char path[SCRATCH_PATH + 20];

	store_close(&f->store);
	snprintf(path, sizeof(path), "%s/raw.db", f->dir);
	assert_int_equal(unlink(path), 0);
	fixture_reopen(f);
	int64_t new = take_in(f, "support", "2", "new", T0);
	ok(store_inbox_get(f->store, f->arena, old, &a));
	ok(store_inbox_get(f->store, f->arena, new, &b));
	assert_int_not_equal(a.raw, b.raw);
	assert_int_equal(store_raw(f->store, a.raw, &raw), STORE_NONE);
	fixture_reopen(f);
	ok(store_raw(f->store, b.raw, &raw));
	free((void *)raw.p);
}

static void a_copy_is_whole(void **state)
{
	struct fixture *f = *state;
	char dir[SCRATCH_PATH], error[256];
	struct kase *k = open_case(f, "kalix", "anna@kalix.example"), seen;
	int64_t inbox = take_in(f, "support", "1", "kept", T0);
	struct inbox_row row;
	struct bytes raw;
	struct store *copy;

	scratch_dir(dir, "lots-copy");
	ok(store_backup(f->store, dir));
	assert_int_equal(store_backup(f->store, dir), STORE_EXISTS);
	ok(open_again(dir, false, error, &copy));
	ok(store_case_by_number(copy, f->arena, &VIEWER_DESK, k->number, &seen, NULL));
	ok(store_inbox_get(copy, f->arena, inbox, &row));
	ok(store_raw(copy, row.raw, &raw));
	free((void *)raw.p);
	store_close(&copy);
	remove_crash(dir);
	ok(store_checkpoint(f->store));
	ok(store_verify(f->store));
}

static void twice_in_one_statement_aborts(void **state)
{
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		/* A transaction within a transaction is a bug, not a status. */
		int null = open("/dev/null", O_WRONLY);
		struct store *s = store_open_memory();
		dup2(null, 2);
		if (store_begin(s) == STORE_OK)
			(void)!store_begin(s);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
#define DIR_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_dir, fixture_close)
	const struct CMUnitTest tests[] = {
		DIR_TEST(second_is_refused_with_the_pid),
		cmocka_unit_test(no_such_folder),
		DIR_TEST(newer_schema_is_refused),
		DIR_TEST(foreign_file_is_refused),
		DIR_TEST(links_are_not_followed),
		DIR_TEST(mail_without_its_cases_is_refused),
		DIR_TEST(settings_are_the_safe_ones),
		DIR_TEST(a_transaction_is_whole),
		DIR_TEST(newest_time_is_kept),
		DIR_TEST(first_number_is_kept),
		DIR_TEST(locked_database_is_busy_and_resumes),
		DIR_TEST(full_disk_stops_and_resumes),
		DIR_TEST(full_file_system_stops_and_resumes),
		DIR_TEST(after_a_full_disk_nothing_commits_alone),
		DIR_TEST(a_crash_loses_only_what_was_not_committed),
		DIR_TEST(orphans_are_swept),
		DIR_TEST(a_lost_raw_db_gives_no_id_twice),
		DIR_TEST(a_copy_is_whole),
		cmocka_unit_test(twice_in_one_statement_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
