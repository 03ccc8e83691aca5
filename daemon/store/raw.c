/* Raw: the bytes of every mail, in raw.db. A row is committed there before lots.db names it, so a
 * process that ends in between leaves an orphan, never a name without bytes. */
#include "base/prelude.h"

#include "store/db.h"
#include "store/inbox.h"
#include "store/raw.h"

#include "base/limits.h"

#include <sqlite3.h>

enum { PIECE = 64 << 10, SMALL = 256 << 10 };

/* A large mail is written in pieces: the engine would otherwise hold a second copy of it. */
static enum store_status write_pieces(struct store *s, int64_t id, struct bytes raw)
{
	sqlite3_blob *blob = NULL;
	int rc = sqlite3_blob_open(s->raw, "main", "raw", "bytes", id, 1, &blob);

	for (size_t at = 0; rc == SQLITE_OK && at < raw.n; at += PIECE) {
		size_t n = raw.n - at < PIECE ? raw.n - at : PIECE;
		rc = sqlite3_blob_write(blob, raw.p + at, (int)n, (int)at);
	}
	int end = sqlite3_blob_close(blob);
	if (rc == SQLITE_OK)
		rc = end;
	return rc == SQLITE_OK ? STORE_OK : db_status(s, s->raw, rc, "write raw mail");
}

enum store_status raw_put(
	struct store *s, struct bytes raw, const unsigned char sha256[SHA256_BYTES], int64_t *id)
{
	static const char SQL[] = "INSERT INTO raw(sha256, size, bytes)"
				  " VALUES ($sha256, $size, $bytes)";
	struct query *q = query_raw(s, SQL);

	bind_blob(q, "sha256", sha256, SHA256_BYTES);
	bind_i64(q, "size", (int64_t)raw.n);
	if (raw.n <= SMALL)
		bind_blob(q, "bytes", raw.p, raw.n);
	else
		bind_zeros(q, "bytes", (int64_t)raw.n);
	TRY(query_insert(q, id));
	return raw.n <= SMALL ? STORE_OK : write_pieces(s, *id, raw);
}

enum store_status raw_drop(struct store *s, int64_t id)
{
	static const char SQL[] = "DELETE FROM raw WHERE id = $id";
	struct query *q = query_raw(s, SQL);

	bind_i64(q, "id", id);
	return query_run(q);
}

static enum store_status open_blob(struct store *s, int64_t id, sqlite3_blob **blob)
{
	int rc = sqlite3_blob_open(s->raw, "main", "raw", "bytes", id, 0, blob);

	if (rc == SQLITE_OK)
		return STORE_OK;
	*blob = NULL;
	if (rc == SQLITE_ERROR) /* "no such rowid" */
		return db_fail(s, STORE_NONE, "raw mail %" PRId64 " is not there", id);
	return db_status(s, s->raw, rc, "read raw mail");
}

enum store_status store_raw(struct store *s, int64_t raw, struct bytes *out)
{
	sqlite3_blob *blob;

	*out = (struct bytes){NULL, 0};
	TRY(open_blob(s, raw, &blob));
	int n = sqlite3_blob_bytes(blob);
	unsigned char *p = malloc((size_t)n + 1);
	if (!p)
		abort();
	int rc = sqlite3_blob_read(blob, p, n, 0);
	sqlite3_blob_close(blob);
	if (rc != SQLITE_OK) {
		free(p);
		return db_status(s, s->raw, rc, "read raw mail");
	}
	p[n] = '\0';
	*out = (struct bytes){p, (size_t)n};
	return STORE_OK;
}

/* ---- Orphans ---- */

static enum store_status named(struct store *s, int64_t raw, bool *out)
{
	static const char SQL[] =
		"SELECT id FROM inbox WHERE raw = $raw AND raw_sha256 = $raw_sha256"
		" LIMIT 1";
	static const char SHA[] = "SELECT sha256 FROM raw WHERE id = $id";
	unsigned char sha[SHA256_BYTES] = {0};
	int64_t id;

	struct query *q = query_raw(s, SHA);
	bind_i64(q, "id", raw);
	if (query_row(q))
		memcpy(sha, col_peek(q, "sha256"), sizeof(sha));
	TRY(query_end(q));
	q = query(s, SQL);
	bind_i64(q, "raw", raw);
	bind_blob(q, "raw_sha256", sha, sizeof(sha));
	enum store_status st = query_one_i64(q, "id", &id);
	*out = st == STORE_OK;
	return st == STORE_NONE ? STORE_OK : st;
}

static enum store_status sweep(struct store *s, int64_t swept, int64_t *newest, int64_t *dropped)
{
	static const char NEXT[] = "SELECT id FROM raw WHERE id > $id ORDER BY id LIMIT 1";
	bool is_named;

	for (*newest = swept, *dropped = 0;;) {
		int64_t id;
		struct query *q = query_raw(s, NEXT);
		bind_i64(q, "id", *newest);
		enum store_status st = query_one_i64(q, "id", &id);
		if (st == STORE_NONE)
			return STORE_OK;
		TRY(st);
		TRY(named(s, id, &is_named));
		if (!is_named) {
			TRY(raw_drop(s, id));
			++*dropped;
		}
		*newest = id;
	}
}

static enum store_status set_swept(struct store *s, int64_t n)
{
	static const char SQL[] = "UPDATE mark SET n = $n WHERE name = 'swept'";
	struct query *q = query_raw(s, SQL);

	bind_i64(q, "n", n);
	return query_run(q);
}

/* A raw.db older than lots.db (restored apart, or lost) must not give an id out again: an old mail
 * would be shown with another's bytes. */
static enum store_status keep_ahead(struct store *s)
{
	static const char NAMED[] = "SELECT raw AS n FROM inbox WHERE raw IS NOT NULL"
				    " ORDER BY id DESC LIMIT 1";
	static const char NEWEST[] = "SELECT coalesce(max(id), 0) AS n FROM raw";
	static const char PUT[] = "INSERT INTO raw(id, sha256, size, bytes)"
				  " VALUES ($id, zeroblob(32), 0, zeroblob(0))";
	int64_t named_id, newest;

	enum store_status st = query_one_i64(query(s, NAMED), "n", &named_id);
	if (st == STORE_NONE)
		return STORE_OK;
	TRY(st);
	TRY(query_one_i64(query_raw(s, NEWEST), "n", &newest));
	if (newest >= named_id)
		return STORE_OK;
	struct query *q = query_raw(s, PUT);
	bind_i64(q, "id", named_id + MAX_BATCH);
	TRY(query_run(q));
	return raw_drop(s, named_id + MAX_BATCH);
}

enum store_status store_sweep_raw(struct store *s, int64_t *out)
{
	static const char SWEPT[] = "SELECT n FROM mark WHERE name = 'swept'";
	int64_t swept, newest, dropped = 0;

	if (out)
		*out = 0;
	TRY(keep_ahead(s));
	TRY(query_one_i64(query_raw(s, SWEPT), "n", &swept));
	TRY(raw_begin(s));
	enum store_status st = sweep(s, swept, &newest, &dropped);
	if (st == STORE_OK && newest != swept)
		st = set_swept(s, newest);
	if (st != STORE_OK) {
		raw_rollback(s);
		return st;
	}
	TRY(raw_commit(s));
	if (out)
		*out = dropped;
	return STORE_OK;
}
