/* Contacts: one row an address. Called by the turn (learning) and by delivery (dead addresses). */
#include "base/prelude.h"

#include "store/contacts.h"
#include "store/db.h"

/* The agent of an ended party is no longer one. */
#define CONTACT                                                                                    \
	"SELECT c.id, c.key, c.address, c.name, c.language, c.organisation,"                       \
	" CASE WHEN p.ended_ms = 0 THEN p.id ELSE 0 END AS agent"                                  \
	" FROM contact AS c LEFT JOIN party AS p ON p.id = c.party"

static enum store_status read_contact(struct query *q, struct arena *arena, struct contact *out)
{
	bool found = query_row(q);

	if (found) {
		*out = (struct contact){.id = col_i64(q, "id")};
		out->key = col_text(q, "key", arena);
		out->address = col_text(q, "address", arena);
		out->name = col_text(q, "name", arena);
		out->language = col_text(q, "language", arena);
		out->organisation = col_text(q, "organisation", arena);
		if (strcmp(out->organisation, "unknown") == 0)
			out->organisation = "";
		out->agent = col_i64(q, "agent");
	}
	enum store_status st = query_end(q);
	return st != STORE_OK ? st : found ? STORE_OK : STORE_NONE;
}

enum store_status store_contact_by_key(
	struct store *s, struct arena *arena, const char *key, struct contact *out)
{
	static const char SQL[] = CONTACT " WHERE c.kind = 'mail' AND c.key = $key";
	struct query *q = query(s, SQL);

	bind_text(q, "key", key);
	return read_contact(q, arena, out);
}

enum store_status store_contact_by_id(
	struct store *s, struct arena *arena, int64_t id, struct contact *out)
{
	static const char SQL[] = CONTACT " WHERE c.id = $id";
	struct query *q = query(s, SQL);

	bind_i64(q, "id", id);
	return read_contact(q, arena, out);
}

/* Nothing is written when there is nothing to learn: most mails come from somebody known. */
static bool has_news(const char *have, const char *given, bool replace)
{
	if (!given || !*given || strcmp(given, "unknown") == 0)
		return false;
	return *have ? replace && strcmp(have, given) != 0 : true;
}

struct known {
	int64_t id, party;
	bool news;
};

static enum store_status find(struct store *s, const char *key, const char *name,
	const char *language, const char *organisation, struct known *out)
{
	static const char SQL[] =
		"SELECT id, coalesce(party, 0) AS party, name, language, organisation"
		" FROM contact WHERE kind = 'mail' AND key = $key";
	struct query *q = query(s, SQL);

	*out = (struct known){0};
	bind_text(q, "key", key);
	if (query_row(q)) {
		out->id = col_i64(q, "id");
		out->party = col_i64(q, "party");
		out->news = has_news(col_peek(q, "name"), name, false);
		out->news |= has_news(col_peek(q, "language"), language, !out->party);
		const char *have = col_peek(q, "organisation");
		if (strcmp(have, "unknown") == 0)
			have = "";
		out->news |= has_news(have, organisation, !out->party);
	}
	return query_end(q);
}

static enum store_status update(struct store *s, const struct known *k, const char *name,
	const char *language, const char *organisation)
{
	static const char SQL[] =
		"UPDATE contact SET"
		" name = CASE WHEN name = '' THEN $name ELSE name END,"
		" language = CASE WHEN $language = '' OR (party IS NOT NULL AND language <> '')"
		"  THEN language ELSE $language END,"
		" organisation = CASE WHEN ($organisation = '' OR $organisation = 'unknown')"
		"  OR (party IS NOT NULL AND organisation <> 'unknown')"
		"  THEN organisation ELSE $organisation END"
		" WHERE id = $id";
	struct query *q = query(s, SQL);

	bind_text(q, "name", name);
	bind_text(q, "language", language);
	bind_text(q, "organisation", organisation);
	bind_i64(q, "id", k->id);
	return query_run(q);
}

static enum store_status insert(struct store *s, const char *key, const char *address,
	const char *name, const char *language, const char *organisation, int64_t now_ms,
	int64_t *id)
{
	static const char SQL[] =
		"INSERT INTO contact(kind, key, address, name, language, organisation, made_ms)"
		" VALUES ('mail', $key, $address, $name, $language, $organisation, $made_ms)";
	struct query *q = query(s, SQL);

	bind_text(q, "key", key);
	bind_text(q, "address", address);
	bind_text(q, "name", name);
	bind_text(q, "language", language);
	bind_text(q, "organisation", organisation && *organisation ? organisation : "unknown");
	bind_i64(q, "made_ms", now_ms);
	return query_insert(q, id);
}

enum store_status store_contact_learn(struct store *s, const char *key, const char *address,
	const char *name, const char *language, const char *organisation, int64_t now_ms,
	int64_t *id)
{
	struct known k;

	*id = 0;
	TRY(find(s, key, name, language, organisation, &k));
	if (!k.id)
		return insert(s, key, address, name, language, organisation, now_ms, id);
	*id = k.id;
	return k.news ? update(s, &k, name, language, organisation) : STORE_OK;
}

/* ---- Dead addresses ---- */

enum store_status store_contact_health(
	struct store *s, struct arena *arena, int64_t id, struct contact_health *out)
{
	static const char SQL[] =
		"SELECT suspended_ms, suspend_reason, failures FROM contact WHERE id = $id";
	struct query *q = query(s, SQL);

	*out = (struct contact_health){.reason = ""};
	bind_i64(q, "id", id);
	bool found = query_row(q);
	if (found) {
		out->suspended_ms = col_i64(q, "suspended_ms");
		out->reason = col_text(q, "suspend_reason", arena);
		out->failures = col_i64(q, "failures");
	}
	enum store_status st = query_end(q);
	return st != STORE_OK ? st : found ? STORE_OK : STORE_NONE;
}

enum store_status store_contact_failed(
	struct store *s, int64_t id, const char *reason, bool suspend, int64_t now_ms)
{
	static const char SQL[] =
		"UPDATE contact SET failures = failures + 1, suspend_reason = $suspend_reason,"
		" suspended_ms = CASE WHEN $suspend = 1 AND suspended_ms = 0 THEN $now_ms"
		" ELSE suspended_ms END WHERE id = $id";
	struct query *q = query(s, SQL);

	bind_text(q, "suspend_reason", reason);
	bind_flag(q, "suspend", suspend);
	bind_i64(q, "now_ms", now_ms);
	bind_i64(q, "id", id);
	return query_run_some(q, NULL);
}

enum store_status store_contact_well(struct store *s, int64_t id)
{
	static const char SQL[] =
		"UPDATE contact SET failures = 0, suspended_ms = 0, suspend_reason = ''"
		" WHERE id = $id AND (failures <> 0 OR suspended_ms <> 0)";
	struct query *q = query(s, SQL);

	bind_i64(q, "id", id);
	return query_run(q);
}

enum store_status store_contacts_well(struct store *s)
{
	static const char SQL[] =
		"UPDATE contact SET failures = 0, suspended_ms = 0, suspend_reason = ''"
		" WHERE suspended_ms <> 0 AND party IS NOT NULL";

	return query_run(query(s, SQL));
}
