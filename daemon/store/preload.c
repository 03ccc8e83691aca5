/* Preload: many full cases made by the engine itself, for benches. Called by the preload tool alone.
 * Each case has its mail (inbox, item, raw), log, two sent mails and, while open, a clock; so a search
 * or an index that is slow with many cases shows. Durability is off meanwhile. */
#include "base/prelude.h"

#include "store/db.h"

#include "base/date.h"

/* Case i (0 .. n-1) belongs to organisation i % orgs. A piece makes first, first + orgs, ... last. */
#define SERIES                                                                                     \
	" WITH RECURSIVE t(i) AS (SELECT $first UNION ALL SELECT i + $orgs FROM t"                 \
	" WHERE i + $orgs <= $last) SELECT "
/* Four cases each contact. */
#define CONTACT_ID "$contact0 + i / $orgs / 4 * $orgs + i % $orgs"
#define ADDRESS "'preload' || (" CONTACT_ID ") || '@' || $org || '.example'"
#define IS_OPEN "(i * 7919 % 100 < $open)"

static const char CONTACT[] =
	"INSERT INTO contact(id, kind, key, address, name, language, organisation, made_ms)" SERIES
		CONTACT_ID ", 'mail', " ADDRESS ", " ADDRESS ", 'Anna Ek ' || i, 'sv', $org, $now"
	" FROM t WHERE i / $orgs % 4 = 0";
static const char INBOX[] =
	"INSERT INTO inbox(id, mailbox, source_key, raw, size, received_ms, internal_ms, imported,"
	" raw_sha256, content_key, message_id, from_key, state, tries, outcome, done_ms)" SERIES
	"$inbox0 + i, $mailbox, 'preload/' || ($inbox0 + i), $raw0 + i, 800, $now, $now, 0,"
	" randomblob(32), randomblob(32), 'preload' || ($inbox0 + i) || '@' || $org || "
	"'.example'," ADDRESS ", 'done', 1, 'case', $now FROM t";
static const char ITEM[] =
	"INSERT INTO mailbox_item(mailbox, source_key, size, internal_ms, seen_ms, state, "
	"inbox)" SERIES
	"$mailbox, 'preload/' || ($inbox0 + i), 800, $now, $now, 4, $inbox0 + i FROM t";
static const char KASE[] =
	"INSERT INTO kase(id, number, kind, state, is_open, system, organisation, area, unit, "
	"category,"
	" link, priority, subject, requester, requester_address, requester_name, language, mailbox,"
	" opened_ms, changed_ms, first_answer_ms, answered_ms, closed_ms, paused_until_ms, parent,"
	" restricted, reopened, supplier_number, data)" SERIES
	"$kase0 + i, $number0 + i, 'question', CASE WHEN " IS_OPEN
	" THEN 'taken' ELSE 'closed' END,"
	" " IS_OPEN
	", $system, $org, $area, '', '', 'superuser', 3, 'Kan inte signera ' || i, " CONTACT_ID
	", " ADDRESS ", 'Anna Ek ' || i, 'sv', $mailbox, $now, $now, $now, CASE WHEN " IS_OPEN
	" THEN 0 ELSE $now END, CASE WHEN " IS_OPEN
	" THEN 0 ELSE $now END, 0, 0, 0, 0, '', '{}' FROM t";
static const char PARTY[] = "INSERT INTO case_party(case_id, organisation, view)" SERIES
			    "$kase0 + i, $org, 'full' FROM t";
static const char INBOX_CASE[] =
	"INSERT INTO inbox_case(inbox, case_id)" SERIES "$inbox0 + i, $kase0 + i FROM t";
#define LOG_ENTRY(type, text, inbox)                                                               \
	"INSERT INTO case_log(case_id, version, type, at_ms, who, text, data, inbox)" SERIES       \
	"$kase0 + i, 1, '" type "', $now, " ADDRESS ", " text ", '{}', " inbox " FROM t"
static const char LOG_OPENED[] = LOG_ENTRY("opened",
	"'Jag kan inte signera insatsen i systemet sedan i morse. Knappen syns men det händer inget"
	" när jag trycker på den. Jag har provat att logga ut och in igen. ' || i",
	"$inbox0 + i");
static const char LOG_ASKED[] = LOG_ENTRY("asked", "''", "NULL");
static const char LOG_ANSWERED[] = LOG_ENTRY("answered",
	"'Uppdragen måste vara beviljade först. Be handläggaren att se över beslutet. ' || i",
	"NULL");
static const char LOG_CLOSED[] = LOG_ENTRY("closed", "''", "NULL");
static const char CONTENT[] =
	"INSERT INTO content(id, class, language, template, subject, doc)" SERIES
	"$content0 + i, 'receipt', 'sv', 'receipt', '[Support ' || ($number0 + i) || '] Kan inte "
	"signera',"
	" 'language sv' || char(10) || 'paragraph Vi har tagit emot ditt ärende ' ||"
	" ($number0 + i) || ' och återkommer.' || char(10) FROM t";
#define MAIL(at, class, priority)                                                                  \
	"INSERT INTO outbox(id, content, case_id, contact, inbox, address, name, language,"        \
	" organisation, mailbox, message_id, reply_address, in_reply_to, refs, verbs, class,"      \
	" priority, not_before_ms, run, state, held_because, sink, created_ms, changed_ms, tries," \
	" accepted_ms)" SERIES "$outbox0 + 2 * i + " at ", $content0 + i, $kase0 + i, " CONTACT_ID \
	", $inbox0 + i, " ADDRESS ", '', 'sv', $org, $mailbox, ($number0 + i) || '.'"              \
	" || ($outbox0 + 2 * i + " at ") || '.preload@' || $domain, '', '', '', 'requester', "     \
	"'" class "', " priority ", 0, '', 'accepted', '', 'out', "                                \
		  "$now, $now, 1, $now FROM t"
static const char MAIL_RECEIPT[] = MAIL("0", "receipt", "4");
static const char MAIL_NOTIFICATION[] = MAIL("1", "notification", "2");
static const char CLOCK[] =
	"INSERT INTO clock(owner, owner_id, owner_key, kind, running, consumed_ms, since_ms, "
	"length_ms,"
	" calendar, due_ms, generation)" SERIES
	"'case', $kase0 + i, '', 'pause', 1, 0, $now, 0, '', $far, 1 FROM t WHERE " IS_OPEN;
static const char RAW[] = "INSERT INTO raw(id, sha256, size, bytes)" SERIES
			  "$raw0 + i, randomblob(32), 800, CAST('From: ' || " ADDRESS
			  " || hex(randomblob(360)) AS BLOB)"
			  " FROM t";

static const char *const ORDER[] = {CONTACT, INBOX, ITEM, KASE, PARTY, INBOX_CASE, LOG_OPENED,
	LOG_ASKED, LOG_ANSWERED, LOG_CLOSED, CONTENT, MAIL_RECEIPT, MAIL_NOTIFICATION, CLOCK, RAW};

struct bases {
	int64_t contact0, inbox0, raw0, kase0, number0, content0, outbox0;
};

static enum store_status after(struct store *s, bool raw, const char *sql, int64_t *out)
{
	TRY(query_one_i64(raw ? query_raw(s, sql) : query(s, sql), "n", out));
	++*out;
	return STORE_OK;
}

static enum store_status find_bases(struct store *s, struct bases *b)
{
	static const char CONTACTS[] = "SELECT coalesce(max(id), 0) AS n FROM contact";
	static const char INBOXES[] = "SELECT coalesce(max(id), 0) AS n FROM inbox";
	static const char RAWS[] = "SELECT coalesce(max(id), 0) AS n FROM raw";
	static const char KASES[] = "SELECT coalesce(max(id), 0) AS n FROM kase";
	static const char CONTENTS[] = "SELECT coalesce(max(id), 0) AS n FROM content";

	TRY(after(s, false, CONTACTS, &b->contact0));
	TRY(after(s, false, INBOXES, &b->inbox0));
	TRY(after(s, true, RAWS, &b->raw0));
	TRY(after(s, false, KASES, &b->kase0));
	TRY(after(s, false, CONTENTS, &b->content0));
	TRY(store_next_number(s, &b->number0));
	b->outbox0 = s->next_serial;
	return STORE_OK;
}

struct piece {
	const struct preload *what;
	const struct bases *bases;
	int64_t first, last;
	const char *organisation;
};

/* Each statement names some of these. */
static void bind_named(struct query *q, const struct piece *p)
{
	const struct preload *w = p->what;
	const struct bases *b = p->bases;
	const struct {
		const char *name, *text;
		int64_t n;
	} all[] = {{"first", NULL, p->first}, {"last", NULL, p->last},
		{"orgs", NULL, (int64_t)w->n_organisations}, {"org", p->organisation, 0},
		{"open", NULL, w->open_percent}, {"now", NULL, w->now_ms},
		{"far", NULL, w->now_ms + 3650 * MS_DAY}, {"mailbox", w->mailbox, 0},
		{"system", w->system, 0}, {"area", w->area, 0}, {"domain", w->domain, 0},
		{"contact0", NULL, b->contact0}, {"inbox0", NULL, b->inbox0},
		{"raw0", NULL, b->raw0}, {"kase0", NULL, b->kase0}, {"number0", NULL, b->number0},
		{"content0", NULL, b->content0}, {"outbox0", NULL, b->outbox0}};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (!query_names(q, all[i].name))
			continue;
		if (all[i].text)
			bind_text(q, all[i].name, all[i].text);
		else
			bind_i64(q, all[i].name, all[i].n);
	}
}

static enum store_status make_piece(struct store *s, const struct piece *p)
{
	for (size_t i = 0; i < ARRAY_LEN(ORDER); i++) {
		struct query *q = ORDER[i] == RAW ? query_raw(s, ORDER[i]) : query(s, ORDER[i]);
		bind_named(q, p);
		TRY(query_run(q));
	}
	return STORE_OK;
}

static enum store_status make_range(struct store *s, const struct preload *w, const struct bases *b,
	int64_t from, int64_t until)
{
	TRY(store_begin(s));
	TRY(raw_begin(s));
	for (size_t o = 0; o < w->n_organisations && from + (int64_t)o < until; o++) {
		struct piece p = {w, b, from + (int64_t)o, until - 1, w->organisations[o]};
		TRY(make_piece(s, &p));
	}
	TRY(raw_commit(s));
	return store_commit(s);
}

static enum store_status make_all(struct store *s, const struct preload *w)
{
	static const char SWEPT[] = "UPDATE mark SET n = $n WHERE name = 'swept'";
	/* A range begins at a multiple of the organisations and of the cases each contact has. */
	int64_t step =
		(int64_t)w->n_organisations * 4 * (20000 / (4 * (int64_t)w->n_organisations) + 1);
	struct bases b;

	TRY(find_bases(s, &b));
	for (int64_t from = 0; from < w->n; from += step)
		TRY(make_range(s, w, &b, from, from + step < w->n ? from + step : w->n));
	s->next_serial = b.outbox0 + 2 * w->n;
	struct query *q = query_raw(s, SWEPT);
	bind_i64(q, "n", b.raw0 + w->n - 1);
	return query_run(q);
}

static enum store_status fast(struct store *s, bool on)
{
	static const char *const ON[] = {"PRAGMA synchronous = OFF", "PRAGMA cache_size = -262144"};
	static const char *const OFF[] = {"PRAGMA synchronous = FULL", "PRAGMA cache_size = -6144"};

	for (size_t i = 0; i < 2; i++) {
		TRY(db_exec(s, s->lots, on ? ON[i] : OFF[i]));
		TRY(db_exec(s, s->raw, on ? ON[i] : OFF[i]));
	}
	return STORE_OK;
}

enum store_status store_preload(struct store *s, const struct preload *what)
{
	TRY(fast(s, true));
	enum store_status st = make_all(s, what);
	if (st != STORE_OK) {
		store_rollback(s);
		raw_rollback(s);
		return st;
	}
	TRY(fast(s, false));
	return store_checkpoint(s);
}
