/* Snapshot: the data a turn has named, loaded. Called by app, at most twice a turn. Every look-up is
 * by index, so that its cost does not grow with the number of cases. */
#include "base/prelude.h"

#include "store/contacts.h"
#include "store/inbox.h"
#include "store/kase.h"

#include "base/date.h"

struct loading {
	struct store *s;
	struct arena *arena;
	struct snapshot *snap;
};

/* A case that is there already only gets the new way it was found. */
static bool joined(struct loading *l, int64_t id, int64_t number, unsigned found)
{
	for (size_t i = 0; i < l->snap->n_candidates; i++) {
		struct candidate *c = &l->snap->candidates[i];
		if (c->loaded->kase.id != id && c->loaded->kase.number != number)
			continue;
		c->found |= found;
		return true;
	}
	return false;
}

static enum store_status add_case(struct loading *l, int64_t id, unsigned found)
{
	struct loaded_case *c;
	struct snapshot *snap = l->snap;

	if (joined(l, id, -1, found))
		return STORE_OK;
	c = arena_alloc(l->arena, sizeof(*c));
	enum store_status st = store_case_load(l->s, l->arena, &VIEWER_DESK, id, c);
	if (st == STORE_NONE)
		return STORE_OK;
	TRY(st);
	struct candidate *more =
		arena_array(l->arena, snap->n_candidates + 1, sizeof(*snap->candidates));
	if (snap->n_candidates)
		memcpy(more, snap->candidates, snap->n_candidates * sizeof(*more));
	more[snap->n_candidates++] = (struct candidate){found, c};
	snap->candidates = more;
	return STORE_OK;
}

static enum store_status add_numbers(struct loading *l, const struct wants *w)
{
	for (size_t i = 0; i < w->n_numbers; i++) {
		unsigned found = w->numbers_found ? w->numbers_found[i] : FOUND_NUMBER;
		int64_t id;
		if (joined(l, -1, w->numbers[i], found))
			continue;
		enum store_status st = store_case_id(l->s, w->numbers[i], &id);
		if (st == STORE_OK)
			st = add_case(l, id, found);
		if (st != STORE_OK && st != STORE_NONE)
			return st;
	}
	return STORE_OK;
}

struct ids {
	int64_t *v;
	size_t n;
};

static enum store_status read_ids(struct loading *l, struct query *q, struct ids *out)
{
	*out = (struct ids){0};
	while (query_row(q)) {
		out->v = grow(l->arena, out->v, out->n, sizeof(*out->v));
		out->v[out->n++] = col_i64(q, "case_id");
	}
	return query_end(q);
}

static enum store_status add_all(struct loading *l, struct query *q, unsigned found)
{
	struct ids ids;

	TRY(read_ids(l, q, &ids));
	for (size_t i = 0; i < ids.n; i++)
		TRY(add_case(l, ids.v[i], found));
	return STORE_OK;
}

static enum store_status add_inbound(struct loading *l, const struct wants *w)
{
	static const char SQL[] = "SELECT DISTINCT ic.case_id FROM inbox AS i JOIN inbox_case AS "
				  "ic ON ic.inbox = i.id"
				  " WHERE i.message_id = $message_id AND i.message_id IS NOT NULL"
				  " ORDER BY ic.case_id LIMIT 10";

	for (size_t i = 0; i < w->n_inbound_ids; i++) {
		if (!*w->inbound_ids[i])
			continue;
		struct query *q = query(l->s, SQL);
		bind_text(q, "message_id", w->inbound_ids[i]);
		TRY(add_all(l, q, FOUND_INBOUND_ID));
	}
	return STORE_OK;
}

static enum store_status add_supplier_numbers(struct loading *l, const struct wants *w)
{
	static const char SQL[] =
		"SELECT id AS case_id FROM kase WHERE is_open = 1 AND supplier_number <> ''"
		" AND supplier_number = $number COLLATE NOCASE ORDER BY number DESC LIMIT 10";

	for (size_t i = 0; i < w->n_supplier_numbers; i++) {
		struct query *q = query(l->s, SQL);
		bind_text(q, "number", w->supplier_numbers[i]);
		TRY(add_all(l, q, FOUND_SUPPLIER_NUMBER));
	}
	return STORE_OK;
}

static enum store_status add_open_of(struct loading *l, const char *key, unsigned found)
{
	static const char SQL[] = "SELECT id AS case_id FROM kase WHERE is_open = 1 AND requester ="
				  " (SELECT id FROM contact WHERE kind = 'mail' AND key = $key)"
				  " ORDER BY number DESC LIMIT 10";
	struct query *q = query(l->s, SQL);

	bind_text(q, "key", key);
	return add_all(l, q, found);
}

static enum store_status add_same_requester(struct loading *l, const struct wants *w)
{
	if (w->requester_key && *w->requester_key)
		TRY(add_open_of(l, w->requester_key, FOUND_SAME_REQUESTER));
	for (size_t i = 0; i < w->n_mailbox_keys; i++)
		TRY(add_open_of(l, w->mailbox_keys[i], FOUND_SPOKEN_FOR));
	return STORE_OK;
}

static bool has_contact(const struct snapshot *snap, const char *key)
{
	for (size_t i = 0; i < snap->n_contacts; i++)
		if (strcmp(snap->contacts[i].key, key) == 0)
			return true;
	return false;
}

static enum store_status add_contacts(struct loading *l, const struct wants *w)
{
	struct snapshot *snap = l->snap;

	for (size_t i = 0; i < w->n_address_keys; i++) {
		struct contact c;
		if (!*w->address_keys[i] || has_contact(snap, w->address_keys[i]))
			continue;
		enum store_status st = store_contact_by_key(l->s, l->arena, w->address_keys[i], &c);
		if (st == STORE_NONE)
			continue;
		TRY(st);
		struct contact *more =
			arena_array(l->arena, snap->n_contacts + 1, sizeof(*snap->contacts));
		if (snap->n_contacts)
			memcpy(more, snap->contacts, snap->n_contacts * sizeof(*more));
		more[snap->n_contacts++] = c;
		snap->contacts = more;
	}
	return STORE_OK;
}

static enum store_status add_held(struct loading *l, const struct wants *w)
{
	static const char SQL[] =
		"SELECT " KASE_COLUMNS " FROM kase AS k WHERE k.id IN"
		" (SELECT id FROM kase WHERE is_open = 1 AND holder = $agent"
		" UNION SELECT case_id FROM asked WHERE is_open = 1 AND party = $agent)"
		" ORDER BY k.number LIMIT 200";
	struct snapshot *snap = l->snap;

	if (!w->holder)
		return STORE_OK;
	snap->held = NULL;
	snap->n_held = 0;
	struct query *q = query(l->s, SQL);
	bind_i64(q, "agent", w->holder);
	while (query_row(q)) {
		snap->held = grow(l->arena, snap->held, snap->n_held, sizeof(*snap->held));
		read_kase(q, l->arena, &snap->held[snap->n_held++]);
	}
	return query_end(q);
}

static enum store_status count_recent(
	struct loading *l, const char *key, int64_t exclude_inbox, int64_t now_ms)
{
	static const char MAILS[] =
		"SELECT count(*) AS n FROM inbox WHERE from_key = $from_key"
		" AND received_ms > $since_ms AND from_key IS NOT NULL AND id <> $exclude";
	static const char RECEIPTS[] =
		"SELECT count(*) AS n FROM outbox WHERE contact ="
		" (SELECT id FROM contact WHERE kind = 'mail' AND key = $key)"
		" AND created_ms > $since_ms AND (class = 'receipt' OR class = 'command')";
	struct query *q;

	if (!key || !*key)
		return STORE_OK;
	q = query(l->s, MAILS);
	bind_text(q, "from_key", key);
	bind_i64(q, "since_ms", now_ms - MS_DAY);
	bind_i64(q, "exclude", exclude_inbox);
	TRY(query_one_i64(q, "n", &l->snap->recent_mails));
	q = query(l->s, RECEIPTS);
	bind_text(q, "key", key);
	bind_i64(q, "since_ms", now_ms - MS_DAY);
	return query_one_i64(q, "n", &l->snap->recent_receipts);
}

enum store_status store_snapshot(struct store *s, struct arena *arena, const struct wants *w,
	int64_t exclude_inbox, int64_t now_ms, struct snapshot *snap)
{
	struct loading l = {s, arena, snap};

	TRY(store_next_number(s, &snap->next_number));
	TRY(add_numbers(&l, w));
	TRY(add_inbound(&l, w));
	TRY(add_supplier_numbers(&l, w));
	if (w->case_id)
		TRY(add_case(&l, w->case_id, FOUND_CLOCK));
	TRY(add_same_requester(&l, w));
	TRY(add_contacts(&l, w));
	TRY(add_held(&l, w));
	if (w->quotas)
		TRY(store_quota_read(s, now_ms, snap->quota));
	return count_recent(&l, w->recent_key, exclude_inbox, now_ms);
}
