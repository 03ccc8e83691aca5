/* Query: prepared statements, kept by the address of their text, bound and read by name.
 *
 * Used by every file of this floor. It knows nothing of what is stored. What is wrong with a
 * statement itself aborts; what the disk or another program does is a status. */
#include "base/prelude.h"

#include "store/db.h"

#include "base/arena.h"

#include <sqlite3.h>

struct query {
	struct store *s;
	sqlite3 *db;
	sqlite3_stmt *st;
	const char *sql;
	char **parameters; /* names without $, copied: the engine may prepare anew at any time */
	char **columns;
	int n_parameters, n_columns;
	uint64_t bound; /* bit i: parameter i + 1 has a value */
	int next;	/* parameter to be bound next, if it is done in order */
	int column;	/* to be read next */
	bool busy;
	enum store_status status;
};

static NORETURN void bug(const char *sql, const char *what, const char *name)
{
	fprintf(stderr, "<2>bug in a statement: %s: %s: %.200s\n", what, name, sql);
	abort();
}

static struct query *slot(struct store *s, sqlite3 *db, const char *sql)
{
	size_t i = ((uintptr_t)sql >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 32;

	for (;; i++) {
		struct query **at = &s->queries[i % QUERY_SLOTS];
		if (*at && (*at)->sql == sql)
			return *at;
		if (*at)
			continue;
		if (++s->n_queries > QUERY_SLOTS / 2)
			bug(sql, "too many statements", "");
		*at = calloc(1, sizeof(**at));
		if (!*at)
			abort();
		**at = (struct query){.s = s, .db = db, .sql = sql};
		return *at;
	}
}

static char *copy_name(const char *sql, const char *name)
{
	char *copy = name ? strdup(name) : NULL;

	if (!copy)
		bug(sql, "a parameter or column without a name", "");
	return copy;
}

/* Names are looked at for each value: the engine's own calls for that are slow. */
static void copy_names(struct query *q)
{
	q->n_parameters = sqlite3_bind_parameter_count(q->st);
	q->n_columns = sqlite3_column_count(q->st);
	if (q->n_parameters > 64)
		bug(q->sql, "too many parameters", "");
	q->parameters = calloc((size_t)q->n_parameters + 1, sizeof(*q->parameters));
	q->columns = calloc((size_t)q->n_columns + 1, sizeof(*q->columns));
	if (!q->parameters || !q->columns)
		abort();
	for (int i = 0; i < q->n_parameters; i++) {
		const char *name = sqlite3_bind_parameter_name(q->st, i + 1);
		if (!name || *name != '$')
			bug(q->sql, "a parameter that is not $name", name ? name : "?");
		q->parameters[i] = copy_name(q->sql, name + 1);
	}
	for (int i = 0; i < q->n_columns; i++)
		q->columns[i] = copy_name(q->sql, sqlite3_column_name(q->st, i));
}

static void prepare(struct query *q)
{
	int rc = sqlite3_prepare_v3(q->db, q->sql, -1, SQLITE_PREPARE_PERSISTENT, &q->st, NULL);

	if (rc == SQLITE_ERROR)
		bug(q->sql, "cannot be prepared", sqlite3_errmsg(q->db));
	if (rc != SQLITE_OK) {
		q->st = NULL;
		q->status = db_status(q->s, q->db, rc, "prepare");
		return;
	}
	copy_names(q);
}

static int find_parameter(const struct query *q, const char *name)
{
	for (int n = 0; n < q->n_parameters; n++) {
		int i = (q->next + n) % q->n_parameters;
		if (strcmp(q->parameters[i], name) == 0)
			return i;
	}
	return -1;
}

static struct query *query_on(struct store *s, sqlite3 *db, const char *sql)
{
	struct query *q = slot(s, db, sql);

	if (q->busy)
		bug(sql, "used within itself", "");
	q->busy = true;
	q->bound = 0;
	q->next = 0;
	q->column = 0;
	q->status = STORE_OK;
	if (!q->st)
		prepare(q);
	return q;
}

struct query *query(struct store *s, const char *sql)
{
	struct query *q = query_on(s, s->lots, sql);

	/* After a full disk the engine has rolled back by itself: what follows must not commit alone. */
	if (s->in_tx && sqlite3_get_autocommit(s->lots) && q->status == STORE_OK) {
		if (s->tx_failed == STORE_OK)
			s->tx_failed = STORE_IO;
		q->status = s->tx_failed;
	}
	return q;
}

struct query *query_raw(struct store *s, const char *sql)
{
	return query_on(s, s->raw, sql);
}

bool query_names(const struct query *q, const char *name)
{
	return find_parameter(q, name) >= 0;
}

/* Number of the parameter $name, or 0 when the statement is out of order already. */
static int parameter(struct query *q, const char *name)
{
	if (q->status != STORE_OK)
		return 0;
	int i = find_parameter(q, name);
	if (i < 0)
		bug(q->sql, "no such parameter", name);
	if (q->bound & UINT64_C(1) << i)
		bug(q->sql, "parameter bound twice", name);
	q->bound |= UINT64_C(1) << i;
	q->next = i + 1;
	return i + 1;
}

static void bound(struct query *q, int rc, const char *name)
{
	if (rc == SQLITE_TOOBIG)
		q->status = db_fail(q->s, STORE_REFUSED, "%s is too large to be stored", name);
	else if (rc != SQLITE_OK)
		bug(q->sql, "cannot bind", name);
}

void bind_i64(struct query *q, const char *name, int64_t v)
{
	int i = parameter(q, name);
	if (i)
		bound(q, sqlite3_bind_int64(q->st, i, v), name);
}

void bind_null(struct query *q, const char *name)
{
	int i = parameter(q, name);
	if (i)
		bound(q, sqlite3_bind_null(q->st, i), name);
}

void bind_ref(struct query *q, const char *name, int64_t v)
{
	if (v)
		bind_i64(q, name, v);
	else
		bind_null(q, name);
}

void bind_flag(struct query *q, const char *name, bool v)
{
	bind_i64(q, name, v ? 1 : 0);
}

void bind_text(struct query *q, const char *name, const char *v)
{
	int i = parameter(q, name);
	if (i)
		bound(q, sqlite3_bind_text(q->st, i, v ? v : "", -1, SQLITE_STATIC), name);
}

void bind_blob(struct query *q, const char *name, const void *p, size_t n)
{
	int i = parameter(q, name);
	if (i)
		bound(q, sqlite3_bind_blob64(q->st, i, n ? p : "", n, SQLITE_STATIC), name);
}

void bind_zeros(struct query *q, const char *name, int64_t n)
{
	int i = parameter(q, name);
	if (i)
		bound(q, sqlite3_bind_zeroblob64(q->st, i, (sqlite3_uint64)n), name);
}

bool query_row(struct query *q)
{
	if (q->status != STORE_OK)
		return false;
	int n = q->n_parameters;
	uint64_t all = n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
	if (q->bound != all)
		bug(q->sql, "a parameter has no value", "");
	int rc = sqlite3_step(q->st);
	q->column = 0;
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		q->status = db_status(q->s, q->db, rc, "step");
	return false;
}

static int column(struct query *q, const char *name)
{
	int i = q->column++;

	if (i >= q->n_columns || strcmp(q->columns[i], name) != 0)
		bug(q->sql, "column read out of turn", name);
	return i;
}

int64_t col_i64(struct query *q, const char *name)
{
	return sqlite3_column_int64(q->st, column(q, name));
}

bool col_flag(struct query *q, const char *name)
{
	return col_i64(q, name) != 0;
}

const char *col_peek(struct query *q, const char *name)
{
	const char *t = (const char *)sqlite3_column_text(q->st, column(q, name));
	return t ? t : "";
}

const char *col_text(struct query *q, const char *name, struct arena *arena)
{
	const char *t = col_peek(q, name);
	return *t ? arena_strdup(arena, t) : "";
}

struct bytes col_blob(struct query *q, const char *name, struct arena *arena)
{
	int i = column(q, name);
	const void *p = sqlite3_column_blob(q->st, i);
	size_t n = (size_t)sqlite3_column_bytes(q->st, i);

	if (sqlite3_column_type(q->st, i) == SQLITE_NULL)
		return (struct bytes){NULL, 0};
	unsigned char *copy = arena_alloc(arena, n);
	if (n)
		memcpy(copy, p, n);
	return (struct bytes){copy, n};
}

enum store_status query_end(struct query *q)
{
	if (!q->busy)
		bug(q->sql, "ended twice", "");
	if (q->st) {
		sqlite3_reset(q->st);
		sqlite3_clear_bindings(q->st);
	}
	q->busy = false;
	return q->status;
}

enum store_status query_run(struct query *q)
{
	while (query_row(q))
		;
	return query_end(q);
}

enum store_status query_run_some(struct query *q, int64_t *changed)
{
	sqlite3 *db = q->db;
	enum store_status st = query_run(q);
	int64_t n = st == STORE_OK ? sqlite3_changes64(db) : 0;

	if (changed)
		*changed = n;
	return st != STORE_OK ? st : n ? STORE_OK : STORE_NONE;
}

enum store_status query_insert(struct query *q, int64_t *id)
{
	enum store_status st = query_run(q);

	*id = st == STORE_OK ? sqlite3_last_insert_rowid(q->db) : 0;
	return st;
}

enum store_status query_one_i64(struct query *q, const char *name, int64_t *out)
{
	bool found = query_row(q);

	*out = found ? col_i64(q, name) : 0;
	enum store_status st = query_end(q);
	return st != STORE_OK ? st : found ? STORE_OK : STORE_NONE;
}

static void query_free(struct query *q)
{
	sqlite3_finalize(q->st);
	for (int i = 0; i < q->n_parameters; i++)
		free(q->parameters[i]);
	for (int i = 0; i < q->n_columns; i++)
		free(q->columns[i]);
	free(q->parameters);
	free(q->columns);
	free(q);
}

void queries_close(struct store *s)
{
	for (size_t i = 0; i < QUERY_SLOTS; i++) {
		if (!s->queries[i])
			continue;
		query_free(s->queries[i]);
		s->queries[i] = NULL;
	}
	s->n_queries = 0;
}

void *grow(struct arena *arena, void *old, size_t n, size_t size)
{
	/* Doubled at each power of two: n is the count in use. */
	if (n && (n & (n - 1)))
		return old;
	char *bigger = arena_array(arena, n ? n * 2 : 1, size);
	if (n)
		memcpy(bigger, old, n * size);
	return bigger;
}
