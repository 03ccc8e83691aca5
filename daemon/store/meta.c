/* Meta: facts about the installation, and the counts that `status` shows. */
#include "base/prelude.h"

#include "store/db.h"
#include "store/outbox.h"

enum store_status store_meta(
	struct store *s, struct arena *arena, const char *key, const char **out)
{
	static const char SQL[] = "SELECT value FROM meta WHERE key = $key";
	struct query *q = query(s, SQL);

	*out = "";
	bind_text(q, "key", key);
	if (query_row(q))
		*out = col_text(q, "value", arena);
	return query_end(q);
}

enum store_status store_set_meta(struct store *s, const char *key, const char *value)
{
	static const char SQL[] = "INSERT INTO meta(key, value) VALUES ($key, $value)"
				  " ON CONFLICT (key) DO UPDATE SET value = excluded.value";
	struct query *q = query(s, SQL);

	bind_text(q, "key", key);
	bind_text(q, "value", value);
	return query_run(q);
}

void store_note_time(struct store *s, int64_t now_ms)
{
	if (now_ms > s->noted_ms)
		s->noted_ms = now_ms;
}

int64_t store_newest_time(const struct store *s)
{
	return s->noted_ms;
}

enum store_status store_next_number(struct store *s, int64_t *out)
{
	static const char SQL[] = "SELECT coalesce(max(number), 0) + 1 AS n FROM kase";

	TRY(query_one_i64(query(s, SQL), "n", out));
	if (*out < s->first_number)
		*out = s->first_number;
	return STORE_OK;
}

enum store_status store_count(struct store *s, struct store_counts *out)
{
	static const char CASES[] = "SELECT count(*) AS n FROM kase";
	static const char OPEN[] = "SELECT count(*) AS n FROM kase WHERE is_open = 1";
	static const char PENDING[] = "SELECT n FROM tally WHERE name = 'pending'";
	static const char QUARANTINE[] = "SELECT n FROM tally WHERE name = 'quarantine'";
	static const char HELD[] = "SELECT count(*) AS n FROM outbox WHERE state = 'held'";
	static const char FAILED[] = "SELECT count(*) AS n FROM outbox WHERE state = 'failed'";
	static const char UNKNOWN[] = "SELECT n FROM counter WHERE name = 'unknown_ever'";
	static const char OLDEST[] =
		"SELECT coalesce(min(t), 0) AS n FROM ("
		"SELECT min(created_ms) AS t FROM outbox WHERE state = 'queued'"
		" UNION ALL SELECT min(created_ms) FROM outbox"
		" WHERE (state = 'deferred' OR state = 'unknown')"
		" UNION ALL SELECT min(created_ms) FROM outbox"
		" WHERE lease_until_ms > 0) AS w";
	static const char ALARMS[] = "SELECT count(*) AS n FROM alarm WHERE cleared_ms = 0";
	static const char AGENTS[] = "SELECT count(*) AS n FROM party WHERE ended_ms = 0";
	static const char CONTACTS[] = "SELECT count(*) AS n FROM contact";
	const struct {
		const char *sql;
		int64_t *n;
	} what[] = {{CASES, &out->cases}, {OPEN, &out->cases_open}, {PENDING, &out->inbox_pending},
		{QUARANTINE, &out->quarantine}, {HELD, &out->outbox_held},
		{FAILED, &out->outbox_failed}, {UNKNOWN, &out->outbox_unknown_ever},
		{OLDEST, &out->oldest_waiting_ms}, {ALARMS, &out->alarms}, {AGENTS, &out->agents},
		{CONTACTS, &out->contacts}};

	*out = (struct store_counts){0};
	for (size_t i = 0; i < ARRAY_LEN(what); i++)
		TRY(query_one_i64(query(s, what[i].sql), "n", what[i].n));
	return store_outbox_waiting(s, &out->outbox_waiting);
}
