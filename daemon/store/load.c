/* Load: what belongs to a case beside its row, for a turn and for `case show`. */
#include "base/prelude.h"

#include "store/clocks.h"
#include "store/kase.h"

static enum store_status load_clocks(struct store *s, struct arena *arena, struct loaded_case *l)
{
	static const char SQL[] = "SELECT " CLOCK_COLUMNS " FROM clock"
				  " WHERE owner = 'case' AND owner_id = $case_id ORDER BY id";
	struct query *q = query(s, SQL);

	bind_i64(q, "case_id", l->kase.id);
	while (query_row(q)) {
		l->clocks = grow(arena, l->clocks, l->n_clocks, sizeof(*l->clocks));
		if (read_clock(s, q, arena, &l->clocks[l->n_clocks]))
			l->n_clocks++;
	}
	return query_end(q);
}

static enum store_status load_asked(struct store *s, struct arena *arena, struct loaded_case *l)
{
	static const char SQL[] = "SELECT party, link, asked_ms, reminded_ms FROM asked"
				  " WHERE case_id = $case_id ORDER BY asked_ms, party";
	struct query *q = query(s, SQL);

	bind_i64(q, "case_id", l->kase.id);
	while (query_row(q)) {
		l->asked = grow(arena, l->asked, l->n_asked, sizeof(*l->asked));
		struct asked *a = &l->asked[l->n_asked++];
		a->agent = col_i64(q, "party");
		a->link = col_text(q, "link", arena);
		a->asked_ms = col_i64(q, "asked_ms");
		a->reminded_ms = col_i64(q, "reminded_ms");
	}
	return query_end(q);
}

/* The newest 50, and then turned to be oldest first. */
static enum store_status load_log(
	struct store *s, struct arena *arena, enum case_view view, struct loaded_case *l)
{
	static const char SQL[] =
		"SELECT id, type, at_ms, coalesce(actor, 0) AS actor, who, text, data,"
		" coalesce(inbox, 0) AS inbox FROM case_log"
		" WHERE case_id = $case_id ORDER BY id DESC LIMIT 50";
	struct query *q = query(s, SQL);

	bind_i64(q, "case_id", l->kase.id);
	TRY(read_log(q, arena, view, &l->log, &l->n_log));
	for (size_t i = 0, j = l->n_log; i + 1 < j; i++) {
		struct log_entry swap = l->log[i];
		l->log[i] = l->log[--j];
		l->log[j] = swap;
	}
	for (size_t i = 0; i < l->n_log; i++)
		l->log[i].kase = &l->kase;
	return STORE_OK;
}

static enum store_status load_attachments(
	struct store *s, struct arena *arena, struct loaded_case *l)
{
	static const char SQL[] =
		"SELECT a.inbox, a.idx, a.name, a.type, a.size, a.withheld FROM inbox_case AS ic"
		" JOIN inbox_attachment AS a ON a.inbox = ic.inbox"
		" WHERE ic.case_id = $case_id ORDER BY a.inbox, a.idx LIMIT 200";
	struct query *q = query(s, SQL);

	bind_i64(q, "case_id", l->kase.id);
	while (query_row(q)) {
		l->attachments =
			grow(arena, l->attachments, l->n_attachments, sizeof(*l->attachments));
		struct mail_attachment_ref_row *a = &l->attachments[l->n_attachments++];
		a->inbox = col_i64(q, "inbox");
		a->index = (size_t)col_i64(q, "idx");
		a->name = col_text(q, "name", arena);
		a->type = col_text(q, "type", arena);
		a->size = col_i64(q, "size");
		a->withheld = col_flag(q, "withheld");
	}
	return query_end(q);
}

static enum store_status count_unsent(struct store *s, struct loaded_case *l)
{
	static const char SQL[] = "SELECT count(*) AS n FROM outbox WHERE case_id = $case_id"
				  " AND (state = 'held' OR (state = 'queued' AND tries = 0))";
	struct query *q = query(s, SQL);

	bind_i64(q, "case_id", l->kase.id);
	return query_one_i64(q, "n", &l->unsent);
}

enum store_status load_rest(
	struct store *s, struct arena *arena, enum case_view view, struct loaded_case *l)
{
	if (view == VIEW_REFERENCE)
		return STORE_OK;
	TRY(load_clocks(s, arena, l));
	TRY(load_asked(s, arena, l));
	TRY(load_log(s, arena, view, l));
	if (view == VIEW_FULL)
		TRY(load_attachments(s, arena, l));
	return count_unsent(s, l);
}
