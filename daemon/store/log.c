/* Log: what happened to a case, append-only (a trigger refuses anything else), and who looked at it.
 * Each entry carries the version of its data's meaning, so that later programs can read old ones. */
#include "base/prelude.h"

#include "store/inbox.h"
#include "store/kase.h"

enum { LOG_VERSION = 1 };

enum store_status store_log_append(struct store *s, struct log_entry *e)
{
	static const char SQL[] =
		"INSERT INTO case_log(case_id, version, type, at_ms, actor, who, text, data, inbox)"
		" VALUES ($case_id, $version, $type, $at_ms, $actor, $who, $text, $data, $inbox)";
	struct query *q = query(s, SQL);

	bind_i64(q, "case_id", e->kase->id);
	bind_i64(q, "version", LOG_VERSION);
	bind_text(q, "type", log_type_id(e->type));
	bind_i64(q, "at_ms", e->at_ms);
	bind_ref(q, "actor", e->actor);
	bind_text(q, "who", e->who);
	bind_text(q, "text", e->text);
	bind_text(q, "data", e->data && *e->data ? e->data : "{}");
	bind_ref(q, "inbox", e->inbox);
	TRY(query_insert(q, &e->id));
	return e->inbox ? store_inbox_case(s, e->inbox, e->kase->id) : STORE_OK;
}

enum store_status read_log(struct query *q, struct arena *arena, enum case_view view,
	struct log_entry **out, size_t *n)
{
	struct log_entry *rows = NULL;
	size_t count = 0;

	while (query_row(q)) {
		rows = grow(arena, rows, count, sizeof(*rows));
		struct log_entry *e = &rows[count++];
		*e = (struct log_entry){.id = col_i64(q, "id")};
		/* A type of a newer program: shown by its data. */
		if (!log_type_from_id(col_peek(q, "type"), &e->type))
			e->type = LOGGED_OTHER;
		e->at_ms = col_i64(q, "at_ms");
		e->actor = col_i64(q, "actor");
		e->who = col_text(q, "who", arena);
		e->text = col_text(q, "text", arena);
		e->data = col_text(q, "data", arena);
		e->inbox = col_i64(q, "inbox");
		if (view == VIEW_FULL)
			continue;
		e->who = e->text = "";
		e->data = "{}";
		e->inbox = 0;
	}
	*out = rows;
	*n = count;
	return query_end(q);
}

#define ENTRY                                                                                      \
	"SELECT id, type, at_ms, coalesce(actor, 0) AS actor, who, text, data,"                    \
	" coalesce(inbox, 0) AS inbox FROM case_log"

enum store_status store_case_log(struct store *s, struct arena *arena, const struct viewer *viewer,
	int64_t case_id, int64_t after, int64_t limit, struct log_entry **out, size_t *n)
{
	static const char SQL[] =
		ENTRY " WHERE case_id = $case_id AND id > $after ORDER BY id LIMIT $limit";
	enum case_view view;
	struct kase k;

	*out = NULL;
	*n = 0;
	TRY(kase_by_id(s, arena, case_id, &k));
	TRY(view_kase(s, viewer, &k, &view));
	if (view == VIEW_REFERENCE)
		return STORE_OK;
	struct query *q = query(s, SQL);
	bind_i64(q, "case_id", case_id);
	bind_i64(q, "after", after);
	bind_i64(q, "limit", limit ? limit : INT64_MAX);
	return read_log(q, arena, view, out, n);
}

/* ---- Who looked ---- */

enum store_status store_look(
	struct store *s, const char *who, int64_t case_id, const char *what, int64_t now_ms)
{
	static const char SQL[] = "INSERT INTO look(at_ms, who, case_id, what)"
				  " VALUES ($at_ms, $who, $case_id, $what)";
	struct query *q = query(s, SQL);

	bind_i64(q, "at_ms", now_ms);
	bind_text(q, "who", who);
	bind_i64(q, "case_id", case_id);
	bind_text(q, "what", what);
	return query_run(q);
}

enum store_status store_looks(struct store *s, struct arena *arena, int64_t case_id, int64_t limit,
	struct look **out, size_t *n)
{
	static const char SQL[] = "SELECT l.at_ms, l.who, l.what, k.number FROM look AS l"
				  " JOIN kase AS k ON k.id = l.case_id WHERE l.case_id = $case_id"
				  " ORDER BY l.id DESC LIMIT $limit";
	struct look *rows = NULL;
	size_t count = 0;
	struct query *q = query(s, SQL);

	bind_i64(q, "case_id", case_id);
	bind_i64(q, "limit", limit ? limit : 1000);
	while (query_row(q)) {
		rows = grow(arena, rows, count, sizeof(*rows));
		struct look *l = &rows[count++];
		l->at_ms = col_i64(q, "at_ms");
		l->who = col_text(q, "who", arena);
		l->what = col_text(q, "what", arena);
		l->number = col_i64(q, "number");
	}
	*out = rows;
	*n = count;
	return query_end(q);
}
