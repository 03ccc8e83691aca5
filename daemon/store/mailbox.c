/* Mailbox: what was read from each mailbox and how far the server has been told. Called by app when a
 * reader speaks. The table is the truth, not the server's flags: people read shared mailboxes too. */
#include "base/prelude.h"

#include "store/db.h"
#include "store/inbox.h"

enum store_status store_mailbox_get(
	struct store *s, struct arena *arena, const char *name, struct store_mailbox *out)
{
	static const char SQL[] =
		"SELECT validity, first_contact_ms, swept_ms FROM mailbox WHERE name = $name";
	struct query *q = query(s, SQL);

	*out = (struct store_mailbox){.validity = ""};
	bind_text(q, "name", name);
	bool found = query_row(q);
	if (found) {
		out->validity = col_text(q, "validity", arena);
		out->first_contact_ms = col_i64(q, "first_contact_ms");
		out->swept_ms = col_i64(q, "swept_ms");
	}
	enum store_status st = query_end(q);
	return st != STORE_OK ? st : found ? STORE_OK : STORE_NONE;
}

enum store_status store_mailbox_hello(
	struct store *s, const char *name, const char *validity, int64_t now_ms)
{
	static const char SQL[] = "INSERT INTO mailbox(name, validity, first_contact_ms)"
				  " VALUES ($name, $validity, $first_contact_ms)"
				  " ON CONFLICT (name) DO UPDATE SET validity = excluded.validity";
	struct query *q = query(s, SQL);

	bind_text(q, "name", name);
	bind_text(q, "validity", validity);
	bind_i64(q, "first_contact_ms", now_ms);
	return query_run(q);
}

enum store_status store_mailbox_swept(struct store *s, const char *name, int64_t now_ms)
{
	static const char SQL[] = "UPDATE mailbox SET swept_ms = $swept_ms WHERE name = $name";
	struct query *q = query(s, SQL);

	bind_i64(q, "swept_ms", now_ms);
	bind_text(q, "name", name);
	return query_run_some(q, NULL);
}

/* What is not settled on the server is few and has an index of its own. */
#define ITEMS(condition, direction)                                                                \
	"SELECT source_key, state FROM mailbox_item WHERE mailbox = $mailbox AND " condition       \
	" AND substr(source_key, 1, length($prefix)) = $prefix ORDER BY id " direction

static struct query *items_query(struct store *s, unsigned states, bool newest_first)
{
	static const char OPEN_UP[] = ITEMS("state < 3", "ASC");
	static const char OPEN_DOWN[] = ITEMS("state < 3", "DESC");
	static const char ALL_UP[] = ITEMS("state > 0", "ASC");
	static const char ALL_DOWN[] = ITEMS("state > 0", "DESC");

	if (states & ~(unsigned)(ITEM_SEEN | ITEM_ACKED))
		return query(s, newest_first ? ALL_DOWN : ALL_UP);
	return query(s, newest_first ? OPEN_DOWN : OPEN_UP);
}

enum store_status store_items(struct store *s, struct arena *arena, const char *mailbox,
	unsigned states, const char *prefix, bool newest_first, int64_t limit,
	struct store_key **out, size_t *n)
{
	struct query *q = items_query(s, states, newest_first);
	struct store_key *keys = NULL;
	size_t count = 0;

	bind_text(q, "mailbox", mailbox);
	bind_text(q, "prefix", prefix);
	while ((int64_t)count < limit && query_row(q)) {
		const char *key = col_peek(q, "source_key");
		unsigned state = (unsigned)col_i64(q, "state");
		if (!(state & states))
			continue;
		keys = grow(arena, keys, count, sizeof(*keys));
		keys[count++] = (struct store_key){arena_strdup(arena, key), state};
	}
	*out = keys;
	*n = count;
	return query_end(q);
}

enum store_status store_items_to_delete(struct store *s, struct arena *arena, const char *mailbox,
	int64_t before_ms, int64_t *after, int64_t limit, const char ***out, size_t *n)
{
	static const char SQL[] =
		"SELECT id, source_key FROM mailbox_item WHERE id > $after AND mailbox = $mailbox"
		" AND state = 4 AND seen_ms < $before ORDER BY id LIMIT $limit";
	struct query *q = query(s, SQL);
	const char **keys = NULL;
	size_t count = 0;

	bind_i64(q, "after", *after);
	bind_text(q, "mailbox", mailbox);
	bind_i64(q, "before", before_ms);
	bind_i64(q, "limit", limit);
	while (query_row(q)) {
		keys = grow(arena, keys, count, sizeof(*keys));
		*after = col_i64(q, "id");
		keys[count++] = col_text(q, "source_key", arena);
	}
	*out = keys;
	*n = count;
	return query_end(q);
}

enum store_status store_item_state(
	struct store *s, const char *mailbox, const char *key, enum item_state *out)
{
	static const char SQL[] = "SELECT state FROM mailbox_item"
				  " WHERE mailbox = $mailbox AND source_key = $source_key";
	struct query *q = query(s, SQL);
	int64_t state;

	bind_text(q, "mailbox", mailbox);
	bind_text(q, "source_key", key);
	enum store_status st = query_one_i64(q, "state", &state);
	*out = (enum item_state)state;
	return st;
}

enum store_status store_item_set(
	struct store *s, const char *mailbox, const char *key, enum item_state state)
{
	static const char SQL[] = "UPDATE mailbox_item SET state = $state"
				  " WHERE mailbox = $mailbox AND source_key = $source_key";
	struct query *q = query(s, SQL);

	bind_i64(q, "state", state);
	bind_text(q, "mailbox", mailbox);
	bind_text(q, "source_key", key);
	return query_run_some(q, NULL);
}

enum store_status store_item_old(
	struct store *s, const char *mailbox, const char *key, int64_t now_ms)
{
	static const char SQL[] =
		"INSERT INTO mailbox_item(mailbox, source_key, size, internal_ms, seen_ms, state)"
		" VALUES ($mailbox, $source_key, 0, 0, $seen_ms, 8)"
		" ON CONFLICT (mailbox, source_key) DO NOTHING";
	struct query *q = query(s, SQL);

	bind_text(q, "mailbox", mailbox);
	bind_text(q, "source_key", key);
	bind_i64(q, "seen_ms", now_ms);
	return query_run(q);
}
