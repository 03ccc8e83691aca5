/* Alarms: what is wrong and who has been told. Called by app wherever something is wrong. */
#include "base/prelude.h"

#include "store/alarms.h"
#include "store/db.h"

#include "base/date.h"

static enum store_status stands(struct store *s, const char *key, bool *out)
{
	static const char SQL[] = "SELECT since_ms FROM alarm WHERE key = $key AND cleared_ms = 0";
	int64_t since;
	struct query *q = query(s, SQL);

	bind_text(q, "key", key);
	enum store_status st = query_one_i64(q, "since_ms", &since);
	*out = st == STORE_OK;
	return st == STORE_NONE ? STORE_OK : st;
}

static enum store_status renew(
	struct store *s, const char *key, const char *text, const char *second_path)
{
	static const char SQL[] =
		"UPDATE alarm SET text = $text, second_path = $second_path"
		" WHERE key = $key AND (text <> $text OR second_path <> $second_path)";
	struct query *q = query(s, SQL);

	bind_text(q, "text", text);
	bind_text(q, "second_path", second_path);
	bind_text(q, "key", key);
	return query_run(q);
}

enum store_status store_alarm_raise(struct store *s, const char *key, const char *text,
	const char *second_path, int64_t now_ms, bool *fresh)
{
	static const char SQL[] =
		"INSERT INTO alarm(key, text, second_path, since_ms)"
		" VALUES ($key, $text, $second_path, $since_ms)"
		" ON CONFLICT (key) DO UPDATE SET text = excluded.text,"
		" second_path = excluded.second_path, since_ms = excluded.since_ms,"
		" told_ms = 0, told_times = 0, cleared_ms = 0, end_told = 0";
	bool there;

	TRY(stands(s, key, &there));
	if (fresh)
		*fresh = !there;
	if (there)
		return renew(s, key, text, second_path);
	struct query *q = query(s, SQL);
	bind_text(q, "key", key);
	bind_text(q, "text", text);
	bind_text(q, "second_path", second_path);
	bind_i64(q, "since_ms", now_ms);
	return query_run(q);
}

enum store_status store_alarm_clear(struct store *s, const char *key, int64_t now_ms)
{
	static const char SQL[] = "UPDATE alarm SET cleared_ms = $cleared_ms"
				  " WHERE key = $key AND cleared_ms = 0";
	struct query *q = query(s, SQL);

	bind_i64(q, "cleared_ms", now_ms);
	bind_text(q, "key", key);
	return query_run_some(q, NULL);
}

#define ALARM "SELECT key, text, second_path, since_ms, told_ms, told_times, cleared_ms FROM alarm"

static enum store_status read_alarms(
	struct query *q, struct arena *arena, struct alarm **out, size_t *n)
{
	struct alarm *rows = NULL;
	size_t count = 0;

	while (query_row(q)) {
		rows = grow(arena, rows, count, sizeof(*rows));
		struct alarm *a = &rows[count++];
		a->key = col_text(q, "key", arena);
		a->text = col_text(q, "text", arena);
		a->second_path = col_text(q, "second_path", arena);
		a->since_ms = col_i64(q, "since_ms");
		a->told_ms = col_i64(q, "told_ms");
		a->told_times = col_i64(q, "told_times");
		a->cleared_ms = col_i64(q, "cleared_ms");
	}
	*out = rows;
	*n = count;
	return query_end(q);
}

enum store_status store_alarm_list(
	struct store *s, struct arena *arena, struct alarm **out, size_t *n)
{
	static const char SQL[] = ALARM " WHERE cleared_ms = 0 ORDER BY since_ms, key";

	return read_alarms(query(s, SQL), arena, out, n);
}

enum store_status store_alarm_due(
	struct store *s, struct arena *arena, int64_t now_ms, struct alarm **out, size_t *n)
{
	static const char SQL[] =
		ALARM " WHERE (cleared_ms = 0 AND (told_ms = 0 OR told_ms <= $day_ago_ms))"
		      " OR (cleared_ms <> 0 AND told_ms <> 0 AND end_told = 0)"
		      " ORDER BY since_ms, key";
	struct query *q = query(s, SQL);

	bind_i64(q, "day_ago_ms", now_ms - MS_DAY);
	return read_alarms(q, arena, out, n);
}

enum store_status store_alarm_told(struct store *s, const char *key, int64_t now_ms)
{
	static const char SQL[] =
		"UPDATE alarm SET told_times = told_times + 1, told_ms = $told_ms,"
		" end_told = CASE WHEN cleared_ms = 0 THEN 0 ELSE 1 END WHERE key = $key";
	struct query *q = query(s, SQL);

	bind_i64(q, "told_ms", now_ms);
	bind_text(q, "key", key);
	return query_run_some(q, NULL);
}
