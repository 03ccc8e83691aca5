/* Schema of lots.db, step 1. Instants are UTC ms, 0 = not yet; ids of things are the English words
 * of the model; organisation is never empty. Indexes that only concern what is open are partial, so
 * that a mail costs the same with a hundred cases and a million. No IN (...) where each change is
 * checked (CHECK, partial index, trigger): SQLite makes a table in memory for it each time; and a
 * query must use the very words of a partial index to be answered by it. */
#include "base/prelude.h"

#include "store/db.h"

static const char *const PARTS[] = {
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
	"CREATE TABLE counter (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID",
	"INSERT INTO counter(name, n) VALUES"
	" ('newest_ms', 0), ('first_number', 0), ('people_version', 1), ('unknown_ever', 0),"
	" ('erasing', 0)",
	/* Kept by triggers, for the conservation law. */
	"CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID",
	"INSERT INTO tally(name, n) VALUES ('seen', 0), ('pending', 0), ('case', 0),"
	" ('duplicate', 0), ('ignored', 0), ('quarantine', 0)",

	/* ---- Identity ---- */
	"CREATE TABLE party ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" kind TEXT NOT NULL CHECK (kind = 'person' OR kind = 'post'),"
	" name TEXT NOT NULL,"
	" language TEXT NOT NULL,"
	" organisation TEXT NOT NULL CHECK (organisation <> ''),"
	" calendar TEXT NOT NULL,"
	" exercise_done INTEGER NOT NULL DEFAULT 0," /* 1 done, 2 sent */
	" morning_list INTEGER NOT NULL DEFAULT 0,"
	" made_ms INTEGER NOT NULL,"
	" ended_ms INTEGER NOT NULL DEFAULT 0"
	") STRICT",
	"CREATE TABLE contact ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" kind TEXT NOT NULL," /* 'mail', later chat */
	" key TEXT NOT NULL CHECK (key <> ''),"
	" address TEXT NOT NULL,"
	" name TEXT NOT NULL,"
	" language TEXT NOT NULL,"
	" organisation TEXT NOT NULL CHECK (organisation <> ''),"
	" party INTEGER REFERENCES party(id),"
	" made_ms INTEGER NOT NULL,"
	" suspended_ms INTEGER NOT NULL DEFAULT 0,"
	" suspend_reason TEXT NOT NULL DEFAULT '',"
	" failures INTEGER NOT NULL DEFAULT 0,"
	" UNIQUE (kind, key)"
	") STRICT",
	"CREATE INDEX contact_party ON contact(party) WHERE party IS NOT NULL",
	"CREATE TABLE member ("
	" post INTEGER NOT NULL REFERENCES party(id),"
	" person INTEGER NOT NULL REFERENCES party(id),"
	" PRIMARY KEY (post, person)"
	") STRICT, WITHOUT ROWID",
	"CREATE TABLE duty ("
	" id INTEGER PRIMARY KEY,"
	" party INTEGER NOT NULL REFERENCES party(id),"
	" role TEXT NOT NULL,"
	" organisation TEXT NOT NULL CHECK (organisation <> ''),"
	" system TEXT NOT NULL,"
	" area TEXT NOT NULL,"
	" unit TEXT NOT NULL,"
	" on_call INTEGER NOT NULL,"
	" supplier_rights INTEGER NOT NULL,"
	" ord INTEGER NOT NULL,"
	" since_ms INTEGER NOT NULL,"
	" ended_ms INTEGER NOT NULL DEFAULT 0,"
	" UNIQUE (party, role, organisation, system, area, unit)"
	") STRICT",
	"CREATE TABLE absence ("
	" id INTEGER PRIMARY KEY,"
	" party INTEGER NOT NULL REFERENCES party(id),"
	" from_date TEXT NOT NULL,"
	" until_date TEXT NOT NULL,"
	" substitute INTEGER REFERENCES party(id),"
	" made_ms INTEGER NOT NULL,"
	" ended_ms INTEGER NOT NULL DEFAULT 0"
	") STRICT",
	"CREATE INDEX absence_party ON absence(party) WHERE ended_ms = 0",

	/* ---- What was read ---- */
	"CREATE TABLE mailbox ("
	" name TEXT PRIMARY KEY,"
	" validity TEXT NOT NULL,"
	" first_contact_ms INTEGER NOT NULL,"
	" swept_ms INTEGER NOT NULL DEFAULT 0"
	") STRICT, WITHOUT ROWID",
	"CREATE TABLE inbox ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" mailbox TEXT NOT NULL,"
	" source_key TEXT NOT NULL,"
	" raw INTEGER," /* id in raw.db */
	" size INTEGER NOT NULL,"
	" received_ms INTEGER NOT NULL,"
	" internal_ms INTEGER NOT NULL,"
	" imported INTEGER NOT NULL,"
	" raw_sha256 BLOB,"
	" content_key BLOB,"
	" message_id TEXT,"
	" from_key TEXT,"
	" state TEXT NOT NULL"
	"  CHECK (state = 'new' OR state = 'parsed' OR state = 'done' OR state = 'quarantine'),"
	" tries INTEGER NOT NULL DEFAULT 0,"
	" outcome TEXT NOT NULL DEFAULT 'none'"
	"  CHECK (outcome = 'none' OR outcome = 'case' OR outcome = 'duplicate'"
	"  OR outcome = 'ignored' OR outcome = 'held'),"
	" reason TEXT NOT NULL DEFAULT '',"
	" done_ms INTEGER NOT NULL DEFAULT 0,"
	" duplicate_of INTEGER REFERENCES inbox(id)"
	") STRICT",
	"CREATE INDEX inbox_raw_sha256 ON inbox(raw_sha256) WHERE raw_sha256 IS NOT NULL",
	"CREATE INDEX inbox_content_key ON inbox(content_key) WHERE content_key IS NOT NULL",
	"CREATE INDEX inbox_message_id ON inbox(message_id) WHERE message_id IS NOT NULL",
	"CREATE INDEX inbox_from ON inbox(from_key, received_ms) WHERE from_key IS NOT NULL",
	"CREATE INDEX inbox_pending ON inbox(id) WHERE (state = 'new' OR state = 'parsed')",
	"CREATE INDEX inbox_quarantine ON inbox(id) WHERE state = 'quarantine'",
	"CREATE TABLE mailbox_item ("
	" id INTEGER PRIMARY KEY,"
	" mailbox TEXT NOT NULL,"
	" source_key TEXT NOT NULL,"
	" size INTEGER NOT NULL,"
	" internal_ms INTEGER NOT NULL,"
	" seen_ms INTEGER NOT NULL,"
	" oversize INTEGER NOT NULL DEFAULT 0,"
	" state INTEGER NOT NULL,"	       /* 1 seen, 2 acked, 4 flagged, 8 old, 16 deleted */
	" inbox INTEGER REFERENCES inbox(id)," /* NULL: old, never read */
	" UNIQUE (mailbox, source_key)"
	") STRICT",
	"CREATE INDEX mailbox_item_open ON mailbox_item(mailbox, id) WHERE state < 3",
	"CREATE TABLE inbox_attachment ("
	" inbox INTEGER NOT NULL REFERENCES inbox(id),"
	" idx INTEGER NOT NULL,"
	" name TEXT NOT NULL,"
	" type TEXT NOT NULL,"
	" size INTEGER NOT NULL,"
	" withheld INTEGER NOT NULL,"
	" encoding TEXT NOT NULL,"
	" raw_offset INTEGER NOT NULL," /* of its body in the raw mail; -1: not one stretch */
	" raw_length INTEGER NOT NULL,"
	" PRIMARY KEY (inbox, idx)"
	") STRICT, WITHOUT ROWID",
	"CREATE TRIGGER item_seen AFTER INSERT ON mailbox_item WHEN NEW.inbox IS NOT NULL BEGIN"
	" UPDATE tally SET n = n + 1 WHERE name = 'seen'; END",
	"CREATE TRIGGER item_seen_later AFTER UPDATE OF inbox ON mailbox_item"
	" WHEN OLD.inbox IS NULL AND NEW.inbox IS NOT NULL BEGIN"
	" UPDATE tally SET n = n + 1 WHERE name = 'seen'; END",
#define BUCKET(row)                                                                                \
	"CASE WHEN " row ".state = 'new' OR " row ".state = 'parsed' THEN 'pending'"               \
	" WHEN " row ".state = 'quarantine' THEN 'quarantine' ELSE " row ".outcome END"
	"CREATE TRIGGER inbox_made AFTER INSERT ON inbox BEGIN"
	" UPDATE tally SET n = n + 1 WHERE name = " BUCKET("NEW") "; END",
	"CREATE TRIGGER inbox_moved AFTER UPDATE OF state, outcome ON inbox"
	" WHEN " BUCKET("OLD") " <> " BUCKET(
		"NEW") " BEGIN"
		       " UPDATE tally SET n = n - 1 WHERE name = " BUCKET(
			       "OLD") ";"
				      " UPDATE tally SET n = n + 1 WHERE name = " BUCKET(
					      "NEW") "; END",

	/* ---- Cases ---- */
	"CREATE TABLE kase ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" number INTEGER NOT NULL UNIQUE,"
	" kind TEXT NOT NULL,"
	" state TEXT NOT NULL,"
	" is_open INTEGER NOT NULL,"
	" system TEXT NOT NULL,"
	" organisation TEXT NOT NULL CHECK (organisation <> ''),"
	" area TEXT NOT NULL,"
	" unit TEXT NOT NULL,"
	" category TEXT NOT NULL,"
	" link TEXT NOT NULL,"
	" holder INTEGER REFERENCES party(id),"
	" priority INTEGER NOT NULL,"
	" subject TEXT NOT NULL,"
	" requester INTEGER REFERENCES contact(id),"
	" requester_address TEXT NOT NULL,"
	" requester_name TEXT NOT NULL,"
	" language TEXT NOT NULL,"
	" mailbox TEXT NOT NULL,"
	" opened_ms INTEGER NOT NULL,"
	" changed_ms INTEGER NOT NULL,"
	" first_answer_ms INTEGER NOT NULL,"
	" answered_ms INTEGER NOT NULL,"
	" closed_ms INTEGER NOT NULL,"
	" paused_until_ms INTEGER NOT NULL,"
	" parent INTEGER NOT NULL," /* number of the main case, 0 none */
	" restricted INTEGER NOT NULL,"
	" reopened INTEGER NOT NULL,"
	" supplier_number TEXT NOT NULL,"
	" data TEXT NOT NULL"
	") STRICT",
	"CREATE INDEX kase_open ON kase(number) WHERE is_open = 1",
	"CREATE INDEX kase_holder ON kase(holder, number) WHERE is_open = 1",
	"CREATE INDEX kase_requester ON kase(requester, number) WHERE is_open = 1",
	"CREATE INDEX kase_supplier_number ON kase(supplier_number COLLATE NOCASE)"
	" WHERE is_open = 1 AND supplier_number <> ''",
	"CREATE INDEX kase_parent ON kase(parent) WHERE parent <> 0",
	"CREATE TABLE case_party ("
	" case_id INTEGER NOT NULL REFERENCES kase(id),"
	" organisation TEXT NOT NULL CHECK (organisation <> ''),"
	" view TEXT NOT NULL CHECK (view = 'full' OR view = 'masked' OR view = 'reference'),"
	" PRIMARY KEY (case_id, organisation)"
	") STRICT, WITHOUT ROWID",
	"CREATE INDEX case_party_organisation ON case_party(organisation, case_id)",
	"CREATE TABLE case_log ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" case_id INTEGER NOT NULL REFERENCES kase(id),"
	" version INTEGER NOT NULL,"
	" type TEXT NOT NULL,"
	" at_ms INTEGER NOT NULL,"
	" actor INTEGER REFERENCES party(id),"
	" who TEXT NOT NULL,"
	" text TEXT NOT NULL,"
	" data TEXT NOT NULL,"
	" inbox INTEGER REFERENCES inbox(id)"
	") STRICT",
	"CREATE INDEX case_log_case ON case_log(case_id, id)",
#define NOT_ERASING "(SELECT n FROM counter WHERE name = 'erasing') = 0"
	"CREATE TRIGGER case_log_update BEFORE UPDATE ON case_log WHEN " NOT_ERASING " BEGIN"
	" SELECT RAISE(ABORT, 'the case log is append-only'); END",
	"CREATE TRIGGER case_log_delete BEFORE DELETE ON case_log WHEN " NOT_ERASING " BEGIN"
	" SELECT RAISE(ABORT, 'the case log is append-only'); END",
	"CREATE TABLE inbox_case ("
	" inbox INTEGER NOT NULL REFERENCES inbox(id),"
	" case_id INTEGER NOT NULL REFERENCES kase(id),"
	" PRIMARY KEY (inbox, case_id)"
	") STRICT, WITHOUT ROWID",
	"CREATE INDEX inbox_case_case ON inbox_case(case_id, inbox)",
	"CREATE TABLE clock ("
	" id INTEGER PRIMARY KEY,"
	" owner TEXT NOT NULL"
	"  CHECK (owner = 'case' OR owner = 'agent' OR owner = 'organisation' OR owner = 'desk'),"
	" owner_id INTEGER NOT NULL,"
	" owner_key TEXT NOT NULL,"
	" kind TEXT NOT NULL,"
	" running INTEGER NOT NULL,"
	" consumed_ms INTEGER NOT NULL,"
	" since_ms INTEGER NOT NULL,"
	" length_ms INTEGER NOT NULL,"
	" calendar TEXT NOT NULL,"
	" due_ms INTEGER NOT NULL,"
	" generation INTEGER NOT NULL,"
	" UNIQUE (owner, owner_id, owner_key, kind)"
	") STRICT",
	"CREATE INDEX clock_due ON clock(due_ms, id) WHERE running = 1",
	"CREATE TABLE asked ("
	" case_id INTEGER NOT NULL REFERENCES kase(id),"
	" party INTEGER NOT NULL REFERENCES party(id),"
	" link TEXT NOT NULL,"
	" asked_ms INTEGER NOT NULL,"
	" reminded_ms INTEGER NOT NULL DEFAULT 0,"
	" is_open INTEGER NOT NULL," /* of the case */
	" PRIMARY KEY (case_id, party, link)"
	") STRICT, WITHOUT ROWID",
	"CREATE INDEX asked_party ON asked(party, case_id) WHERE is_open = 1",
	"CREATE TABLE look ("
	" id INTEGER PRIMARY KEY,"
	" at_ms INTEGER NOT NULL,"
	" who TEXT NOT NULL,"
	" case_id INTEGER NOT NULL REFERENCES kase(id),"
	" what TEXT NOT NULL"
	") STRICT",
	"CREATE INDEX look_case ON look(case_id, id)",

	/* ---- Outbox ---- */
	"CREATE TABLE content ("
	" id INTEGER PRIMARY KEY,"
	" class TEXT NOT NULL,"
	" language TEXT NOT NULL,"
	" template TEXT NOT NULL,"
	" subject TEXT NOT NULL,"
	" doc TEXT NOT NULL"
	") STRICT",
	"CREATE TABLE outbox ("
	" id INTEGER PRIMARY KEY," /* the serial in our Message-ID */
	" content INTEGER NOT NULL REFERENCES content(id),"
	" case_id INTEGER REFERENCES kase(id),"
	" contact INTEGER NOT NULL REFERENCES contact(id),"
	" agent INTEGER REFERENCES party(id),"
	" inbox INTEGER REFERENCES inbox(id),"
	" address TEXT NOT NULL,"
	" name TEXT NOT NULL,"
	" language TEXT NOT NULL,"
	" organisation TEXT NOT NULL CHECK (organisation <> ''),"
	" mailbox TEXT NOT NULL,"
	" message_id TEXT NOT NULL UNIQUE,"
	" reply_address TEXT NOT NULL,"
	" in_reply_to TEXT NOT NULL,"
	" refs TEXT NOT NULL,"
	" verbs TEXT NOT NULL,"
	" class TEXT NOT NULL,"
	" priority INTEGER NOT NULL," /* of the class: 0 goes first */
	" not_before_ms INTEGER NOT NULL,"
	" run TEXT NOT NULL,"
	" state TEXT NOT NULL"
	"  CHECK (state = 'queued' OR state = 'sending' OR state = 'dot' OR state = 'accepted'"
	"  OR state = 'deferred' OR state = 'failed' OR state = 'unknown' OR state = 'held'"
	"  OR state = 'cancelled'),"
	" held_because TEXT NOT NULL,"
	" sink TEXT NOT NULL,"
	" created_ms INTEGER NOT NULL,"
	" changed_ms INTEGER NOT NULL,"
	" tries INTEGER NOT NULL DEFAULT 0,"
	" unknowns INTEGER NOT NULL DEFAULT 0,"
	" next_try_ms INTEGER NOT NULL DEFAULT 0,"
	" lease_until_ms INTEGER NOT NULL DEFAULT 0,"
	" accepted_ms INTEGER NOT NULL DEFAULT 0,"
	" last_code TEXT NOT NULL DEFAULT '',"
	" last_text TEXT NOT NULL DEFAULT ''"
	") STRICT",
	"CREATE INDEX outbox_queued ON outbox(priority, id) WHERE state = 'queued'",
	"CREATE INDEX outbox_when ON outbox(not_before_ms) WHERE state = 'queued'",
	"CREATE INDEX outbox_again ON outbox(next_try_ms)"
	" WHERE (state = 'deferred' OR state = 'unknown')",
	/* Not by state: it does not change when a mail comes from sending to the dot. */
	"CREATE INDEX outbox_leased ON outbox(lease_until_ms) WHERE lease_until_ms > 0",
	"CREATE INDEX outbox_stuck ON outbox(state, id) WHERE (state = 'held' OR state = 'failed')",
	"CREATE INDEX outbox_case ON outbox(case_id, id)",
	"CREATE INDEX outbox_receipts ON outbox(contact, created_ms)"
	" WHERE (class = 'receipt' OR class = 'command')",
	"CREATE TABLE outbox_attachment ("
	" outbox INTEGER NOT NULL REFERENCES outbox(id),"
	" ord INTEGER NOT NULL,"
	" inbox INTEGER NOT NULL REFERENCES inbox(id),"
	" idx INTEGER NOT NULL,"
	" PRIMARY KEY (outbox, ord)"
	") STRICT, WITHOUT ROWID",
	"CREATE TABLE outbox_wire ("
	" outbox INTEGER PRIMARY KEY REFERENCES outbox(id),"
	" bytes BLOB NOT NULL"
	") STRICT",

	"CREATE TABLE alarm ("
	" key TEXT PRIMARY KEY,"
	" text TEXT NOT NULL,"
	" second_path TEXT NOT NULL,"
	" since_ms INTEGER NOT NULL,"
	" told_ms INTEGER NOT NULL DEFAULT 0,"
	" told_times INTEGER NOT NULL DEFAULT 0,"
	" cleared_ms INTEGER NOT NULL DEFAULT 0,"
	" end_told INTEGER NOT NULL DEFAULT 0"
	") STRICT, WITHOUT ROWID",
	NULL,
};

extern const struct schema_step SCHEMA_LOTS_1;
const struct schema_step SCHEMA_LOTS_1 = {.version = 1, .parts = PARTS};
