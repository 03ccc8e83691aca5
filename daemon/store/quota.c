/* Quota: counts by the day of what senders who prove nothing make Lots do. Called by app with the
 * effects of a turn; read into the snapshot. One row a kind and day, yesterday's go when today's
 * first is written, so that both cost the same however much was sent. */
#include "base/prelude.h"

#include "store/cases.h"
#include "store/db.h"

#include "base/date.h"

static const char *const NAMES[] = {
	[QUOTA_RECEIPT] = "receipt", [QUOTA_STRANGER] = "stranger", [QUOTA_CASE] = "case"};

static void name_of(enum quota quota, int64_t now_ms, char out[64])
{
	snprintf(out, 64, "quota.%s.%06" PRId64, NAMES[quota], now_ms / MS_DAY);
}

bool store_quota_by_name(const char *name, enum quota *out)
{
	for (int i = 0; i < QUOTA_N; i++) {
		if (strcmp(NAMES[i], name) == 0) {
			*out = (enum quota)i;
			return true;
		}
	}
	return false;
}

enum store_status store_quota_read(struct store *s, int64_t now_ms, int64_t out[QUOTA_N])
{
	static const char SQL[] = "SELECT n FROM counter WHERE name = $name";
	char name[64];

	for (int i = 0; i < QUOTA_N; i++) {
		struct query *q = query(s, SQL);

		out[i] = 0;
		name_of((enum quota)i, now_ms, name);
		bind_text(q, "name", name);
		if (query_row(q))
			out[i] = col_i64(q, "n");
		TRY(query_end(q));
	}
	return STORE_OK;
}

enum store_status store_quota_add(struct store *s, enum quota quota, int64_t now_ms)
{
	static const char ADD[] = "INSERT INTO counter(name, n) VALUES ($name, 1)"
				  " ON CONFLICT (name) DO UPDATE SET n = n + 1";
	static const char OLD[] = "DELETE FROM counter WHERE name >= $from AND name < $name";
	char name[64], from[64];
	struct query *q;

	name_of(quota, now_ms, name);
	name_of(quota, 0, from);
	q = query(s, OLD);
	bind_text(q, "from", from);
	bind_text(q, "name", name);
	TRY(query_run(q));
	q = query(s, ADD);
	bind_text(q, "name", name);
	return query_run(q);
}
