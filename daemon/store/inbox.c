/* Inbox: the rows of received mail from new to done. Called by app's intake, the turn and lotsctl. */
#include "base/prelude.h"

#include "store/db.h"
#include "store/inbox.h"

#include "base/limits.h"

static const char *const STATE_IDS[] = {[INBOX_NEW] = "new",
	[INBOX_PARSED] = "parsed",
	[INBOX_DONE] = "done",
	[INBOX_QUARANTINE] = "quarantine"};
_Static_assert(ARRAY_LEN(STATE_IDS) == INBOX_STATE_N, "an id for each state");

const char *inbox_state_id(enum inbox_state st)
{
	return STATE_IDS[st];
}

bool inbox_state_from_id(const char *id, enum inbox_state *out)
{
	for (int i = 0; i < INBOX_STATE_N; i++)
		if (strcmp(id, STATE_IDS[i]) == 0) {
			*out = (enum inbox_state)i;
			return true;
		}
	return false;
}

static enum inbox_state state_of(const char *id)
{
	enum inbox_state st = INBOX_NEW;

	if (!inbox_state_from_id(id, &st))
		abort(); /* the table has a CHECK */
	return st;
}

static enum turn_outcome outcome_of(const char *id)
{
	for (int i = 0; i < OUTCOME_N; i++)
		if (strcmp(id, turn_outcome_id((enum turn_outcome)i)) == 0)
			return (enum turn_outcome)i;
	abort();
}

#define ROW                                                                                        \
	"SELECT id, mailbox, source_key, coalesce(raw, 0) AS raw, size, received_ms, internal_ms," \
	" imported, raw_sha256, message_id, from_key, state, tries, outcome, reason, done_ms,"     \
	" coalesce(duplicate_of, 0) AS duplicate_of FROM inbox"

static struct inbox_row read_row(struct query *q, struct arena *arena)
{
	struct inbox_row r = {.id = col_i64(q, "id")};

	r.mailbox = col_text(q, "mailbox", arena);
	r.key = col_text(q, "source_key", arena);
	r.raw = col_i64(q, "raw");
	r.size = col_i64(q, "size");
	r.received_ms = col_i64(q, "received_ms");
	r.internal_ms = col_i64(q, "internal_ms");
	r.imported = col_flag(q, "imported");
	struct bytes sha = col_blob(q, "raw_sha256", arena);
	if (sha.n == sizeof(r.raw_sha256))
		memcpy(r.raw_sha256, sha.p, sizeof(r.raw_sha256));
	r.message_id = col_text(q, "message_id", arena);
	r.from_key = col_text(q, "from_key", arena);
	r.state = state_of(col_peek(q, "state"));
	r.tries = col_i64(q, "tries");
	r.outcome = outcome_of(col_peek(q, "outcome"));
	r.reason = col_text(q, "reason", arena);
	r.done_ms = col_i64(q, "done_ms");
	r.duplicate_of = col_i64(q, "duplicate_of");
	return r;
}

static enum store_status read_rows(
	struct query *q, struct arena *arena, struct inbox_row **out, size_t *n)
{
	struct inbox_row *rows = NULL;
	size_t count = 0;

	while (query_row(q)) {
		rows = grow(arena, rows, count, sizeof(*rows));
		rows[count++] = read_row(q, arena);
	}
	*out = rows;
	*n = count;
	return query_end(q);
}

enum store_status store_inbox_pending(struct store *s, struct arena *arena, int64_t after,
	int64_t limit, struct inbox_row **out, size_t *n)
{
	static const char SQL[] = ROW " WHERE (state = 'new' OR state = 'parsed') AND id > $after"
				      " ORDER BY id LIMIT $limit";
	struct query *q = query(s, SQL);

	bind_i64(q, "after", after);
	bind_i64(q, "limit", limit);
	return read_rows(q, arena, out, n);
}

static enum store_status read_cases(
	struct store *s, struct arena *arena, int64_t id, struct inbox_row *row)
{
	static const char SQL[] = "SELECT k.number FROM inbox_case AS ic"
				  " JOIN kase AS k ON k.id = ic.case_id"
				  " WHERE ic.inbox = $inbox ORDER BY k.number";
	struct query *q = query(s, SQL);

	bind_i64(q, "inbox", id);
	while (query_row(q)) {
		row->cases = grow(arena, row->cases, row->n_cases, sizeof(*row->cases));
		row->cases[row->n_cases++] = col_i64(q, "number");
	}
	return query_end(q);
}

enum store_status store_inbox_get(
	struct store *s, struct arena *arena, int64_t id, struct inbox_row *out)
{
	static const char SQL[] = ROW " WHERE id = $id";
	struct inbox_row *rows;
	size_t n;
	struct query *q = query(s, SQL);

	bind_i64(q, "id", id);
	TRY(read_rows(q, arena, &rows, &n));
	if (!n)
		return db_fail(s, STORE_NONE, "there is no inbox row %" PRId64, id);
	*out = rows[0];
	return read_cases(s, arena, id, out);
}

enum store_status store_inbox_list(struct store *s, struct arena *arena, enum inbox_state state,
	const char *mailbox, int64_t before, int64_t limit, struct inbox_row **out, size_t *n)
{
	/* What waits and what is in quarantine is few and has indexes; the rest is read from the
	 * newest back. */
	static const char ANY[] =
		ROW " WHERE id < $before AND ($state = '' OR state = $state)"
		    " AND ($mailbox = '' OR mailbox = $mailbox) ORDER BY id DESC LIMIT $limit";
	static const char QUARANTINE[] =
		ROW " WHERE id < $before AND state = 'quarantine' AND $state <> ''"
		    " AND ($mailbox = '' OR mailbox = $mailbox) ORDER BY id DESC LIMIT $limit";
	static const char PENDING[] =
		ROW " WHERE id < $before AND (state = 'new' OR state = 'parsed') AND state = $state"
		    " AND ($mailbox = '' OR mailbox = $mailbox) ORDER BY id DESC LIMIT $limit";
	struct query *q = query(s, state == INBOX_QUARANTINE			 ? QUARANTINE
				   : state == INBOX_NEW || state == INBOX_PARSED ? PENDING
										 : ANY);

	bind_i64(q, "before", before ? before : INT64_MAX);
	bind_text(q, "state", state == INBOX_STATE_N ? "" : STATE_IDS[state]);
	bind_text(q, "mailbox", mailbox);
	bind_i64(q, "limit", limit ? limit : 1000);
	TRY(read_rows(q, arena, out, n));
	for (size_t i = 0; i < *n; i++)
		TRY(read_cases(s, arena, (*out)[i].id, &(*out)[i]));
	return STORE_OK;
}

/* ---- Tries ---- */

static enum store_status add_tries(
	struct store *s, const char *sql, const int64_t *ids, size_t n, int64_t *tries)
{
	static const char READ[] = "SELECT tries FROM inbox WHERE id = $id";

	for (size_t i = 0; i < n; i++) {
		struct query *q = query(s, sql);
		bind_i64(q, "id", ids[i]);
		enum store_status st = query_run_some(q, NULL);
		if (st == STORE_NONE)
			return db_fail(s, st, "there is no inbox row %" PRId64, ids[i]);
		TRY(st);
		if (!tries)
			continue;
		q = query(s, READ);
		bind_i64(q, "id", ids[i]);
		TRY(query_one_i64(q, "tries", &tries[i]));
	}
	return STORE_OK;
}

enum store_status store_inbox_try(struct store *s, const int64_t *ids, size_t n, int64_t *tries)
{
	static const char SQL[] = "UPDATE inbox SET tries = tries + 1 WHERE id = $id";
	struct own_tx tx;

	if (s->in_tx)
		abort(); /* it would be lost with the transaction of the mail that kills */
	TRY(own_begin(s, &tx));
	return own_end(s, &tx, add_tries(s, SQL, ids, n, tries));
}

enum store_status store_inbox_untry(struct store *s, const int64_t *ids, size_t n)
{
	static const char SQL[] = "UPDATE inbox"
				  " SET tries = CASE WHEN tries > 0 THEN tries - 1 ELSE 0 END"
				  " WHERE id = $id";
	struct own_tx tx;

	TRY(own_begin(s, &tx));
	return own_end(s, &tx, add_tries(s, SQL, ids, n, NULL));
}

/* ---- What the parser found ---- */

static enum store_status drop_attachments(struct store *s, int64_t id)
{
	static const char SQL[] = "DELETE FROM inbox_attachment WHERE inbox = $inbox";
	struct query *q = query(s, SQL);

	bind_i64(q, "inbox", id);
	return query_run(q);
}

static enum store_status put_attachment(
	struct store *s, int64_t id, const struct inbox_attachment *a)
{
	static const char SQL[] =
		"INSERT INTO inbox_attachment(inbox, idx, name, type, size, withheld, encoding,"
		" raw_offset, raw_length) VALUES ($inbox, $idx, $name, $type, $size, $withheld,"
		" $encoding, $raw_offset, $raw_length)";
	struct query *q = query(s, SQL);

	bind_i64(q, "inbox", id);
	bind_i64(q, "idx", (int64_t)a->index);
	bind_text(q, "name", a->name);
	bind_text(q, "type", a->type);
	bind_i64(q, "size", a->size);
	bind_flag(q, "withheld", a->withheld);
	bind_text(q, "encoding", a->encoding ? a->encoding : "");
	bind_i64(q, "raw_offset", a->encoding ? a->raw_offset : -1);
	bind_i64(q, "raw_length", a->raw_length);
	return query_run(q);
}

enum store_status store_inbox_attachment(struct store *s, struct arena *arena, int64_t inbox,
	size_t index, struct inbox_attachment *out, int64_t *raw)
{
	static const char SQL[] =
		"SELECT a.idx, a.name, a.type, a.size, a.withheld, a.encoding, a.raw_offset,"
		" a.raw_length, coalesce(i.raw, 0) AS raw FROM inbox_attachment AS a"
		" JOIN inbox AS i ON i.id = a.inbox WHERE a.inbox = $inbox AND a.idx = $idx";
	struct query *q = query(s, SQL);

	bind_i64(q, "inbox", inbox);
	bind_i64(q, "idx", (int64_t)index);
	bool found = query_row(q);
	*out = (struct inbox_attachment){.name = "", .type = "", .encoding = ""};
	*raw = 0;
	if (found) {
		out->index = (size_t)col_i64(q, "idx");
		out->name = col_text(q, "name", arena);
		out->type = col_text(q, "type", arena);
		out->size = col_i64(q, "size");
		out->withheld = col_flag(q, "withheld");
		out->encoding = col_text(q, "encoding", arena);
		out->raw_offset = col_i64(q, "raw_offset");
		out->raw_length = col_i64(q, "raw_length");
		*raw = col_i64(q, "raw");
	}
	enum store_status st = query_end(q);
	return st == STORE_OK && !found ? STORE_NONE : st;
}

static enum store_status put_parsed(struct store *s, int64_t id, const struct inbox_parsed *p)
{
	static const char SQL[] = "UPDATE inbox SET state = 'parsed', content_key = $content_key,"
				  " message_id = $message_id, from_key = $from_key"
				  " WHERE id = $id AND (state = 'new' OR state = 'parsed')";
	struct query *q = query(s, SQL);

	bind_blob(q, "content_key", p->content_key, sizeof(p->content_key));
	if (p->message_id && *p->message_id)
		bind_text(q, "message_id", p->message_id);
	else
		bind_null(q, "message_id");
	if (p->from_key && *p->from_key)
		bind_text(q, "from_key", p->from_key);
	else
		bind_null(q, "from_key");
	bind_i64(q, "id", id);
	TRY(query_run_some(q, NULL));
	TRY(drop_attachments(s, id));
	for (size_t i = 0; i < p->n_attachments; i++)
		TRY(put_attachment(s, id, &p->attachments[i]));
	return STORE_OK;
}

enum store_status store_inbox_parsed(struct store *s, int64_t id, const struct inbox_parsed *p)
{
	struct own_tx tx;

	TRY(own_begin(s, &tx));
	return own_end(s, &tx, put_parsed(s, id, p));
}

/* ---- Duplicates ---- */

#define EARLIER(key)                                                                               \
	"SELECT b.id, b.outcome FROM inbox AS a JOIN inbox AS b ON b." key " = a." key             \
	" WHERE a.id = $id AND b.id <> a.id AND b." key " IS NOT NULL"                             \
	" AND ((b.state = 'done' AND (b.outcome = 'case' OR b.outcome = 'ignored'))"               \
	"  OR ((b.state = 'new' OR b.state = 'parsed') AND b.id < a.id)) ORDER BY b.id LIMIT 1"

static enum store_status earlier(
	struct store *s, const char *sql, int64_t id, int64_t *first, enum turn_outcome *outcome)
{
	struct query *q = query(s, sql);

	bind_i64(q, "id", id);
	if (query_row(q)) {
		int64_t other = col_i64(q, "id");
		enum turn_outcome what = outcome_of(col_peek(q, "outcome"));
		if (!*first || other < *first) {
			*first = other;
			*outcome = what;
		}
	}
	return query_end(q);
}

enum store_status store_inbox_duplicate(
	struct store *s, int64_t id, int64_t *first, enum turn_outcome *outcome)
{
	static const char BY_RAW[] = EARLIER("raw_sha256");
	static const char BY_CONTENT[] = EARLIER("content_key");

	*first = 0;
	*outcome = OUTCOME_NONE;
	TRY(earlier(s, BY_RAW, id, first, outcome));
	TRY(earlier(s, BY_CONTENT, id, first, outcome));
	return *first ? STORE_OK : STORE_NONE;
}

/* ---- The end ---- */

static enum store_status finish(struct store *s, int64_t id, enum inbox_state state,
	enum turn_outcome outcome, const char *reason, int64_t duplicate_of, int64_t now_ms)
{
	static const char SQL[] = "UPDATE inbox SET state = $state, outcome = $outcome,"
				  " reason = $reason, done_ms = $done_ms,"
				  " duplicate_of = $duplicate_of WHERE id = $id";
	struct query *q = query(s, SQL);

	bind_text(q, "state", STATE_IDS[state]);
	bind_text(q, "outcome", turn_outcome_id(outcome));
	bind_text(q, "reason", reason);
	bind_i64(q, "done_ms", now_ms);
	bind_ref(q, "duplicate_of", duplicate_of);
	bind_i64(q, "id", id);
	return query_run_some(q, NULL);
}

enum store_status store_inbox_finish(struct store *s, int64_t id, enum turn_outcome outcome,
	const char *reason, int64_t duplicate_of, int64_t now_ms)
{
	if (outcome == OUTCOME_NONE || outcome >= OUTCOME_N)
		return db_fail(s, STORE_REFUSED, "a mail cannot end without an outcome");
	return finish(s, id, outcome == OUTCOME_HELD ? INBOX_QUARANTINE : INBOX_DONE, outcome,
		reason, duplicate_of, now_ms);
}

enum store_status store_quarantine(struct store *s, int64_t id, const char *reason, int64_t now_ms)
{
	return finish(s, id, INBOX_QUARANTINE, OUTCOME_HELD, reason, 0, now_ms);
}

enum store_status store_quarantine_retry(struct store *s, int64_t id)
{
	static const char SQL[] = "UPDATE inbox SET state = 'new', outcome = 'none', reason = '',"
				  " tries = 0, done_ms = 0 WHERE id = $id AND state = 'quarantine'";
	struct query *q = query(s, SQL);

	bind_i64(q, "id", id);
	return query_run_some(q, NULL);
}

enum store_status store_quarantine_release(struct store *s, int64_t id, int64_t now_ms)
{
	static const char SQL[] =
		"UPDATE inbox SET state = 'done', outcome = 'ignored', reason = 'released',"
		" done_ms = $done_ms WHERE id = $id AND state = 'quarantine'";
	struct query *q = query(s, SQL);

	bind_i64(q, "done_ms", now_ms);
	bind_i64(q, "id", id);
	return query_run_some(q, NULL);
}

#define ASIDE "(reason = 'stranger' OR reason = 'no-sender' OR reason = 'flood')"
#define ASIDE_NOW ASIDE " AND imported = 0"

enum store_status store_quarantine_sum(struct store *s, struct quarantine_sum *out)
{
	static const char FAILED[] = "SELECT count(*) AS n FROM (SELECT id FROM inbox WHERE"
				     " state = 'quarantine' AND NOT " ASIDE " LIMIT 1000) AS q";
	static const char PUT_ASIDE[] = "SELECT count(*) AS n FROM (SELECT id FROM inbox WHERE"
					" state = 'quarantine' AND " ASIDE_NOW " LIMIT 1000) AS q";

	TRY(query_one_i64(query(s, FAILED), "n", &out->failed));
	return query_one_i64(query(s, PUT_ASIDE), "n", &out->aside);
}

enum store_status store_quarantine_newest(struct store *s, struct arena *arena, bool aside,
	int64_t limit, struct inbox_row **out, size_t *n)
{
	static const char FAILED[] =
		ROW " WHERE state = 'quarantine' AND NOT " ASIDE " ORDER BY id DESC LIMIT $limit";
	static const char PUT_ASIDE[] =
		ROW " WHERE state = 'quarantine' AND " ASIDE_NOW " ORDER BY id DESC LIMIT $limit";
	struct query *q = query(s, aside ? PUT_ASIDE : FAILED);

	bind_i64(q, "limit", limit);
	return read_rows(q, arena, out, n);
}

enum store_status store_inbox_case(struct store *s, int64_t id, int64_t case_id)
{
	static const char SQL[] = "INSERT INTO inbox_case(inbox, case_id)"
				  " VALUES ($inbox, $case_id)"
				  " ON CONFLICT (inbox, case_id) DO NOTHING";
	struct query *q = query(s, SQL);

	bind_i64(q, "inbox", id);
	bind_i64(q, "case_id", case_id);
	return query_run(q);
}
