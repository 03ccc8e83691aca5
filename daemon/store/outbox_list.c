/* Outbox, reading: one row with its content, lists, and the thread of earlier mails. */
#include "base/prelude.h"

#include "store/outbox_private.h"

static void read_fate(struct query *q, struct arena *arena, struct outbox_row *r)
{
	const char *class = col_peek(q, "class");

	if (!mail_class_from_id(class, &r->class))
		abort(); /* we wrote it */
	r->not_before_ms = col_i64(q, "not_before_ms");
	r->run = col_text(q, "run", arena);
	if (!outbox_state_from_id(col_peek(q, "state"), &r->state))
		abort(); /* the table has a CHECK */
	r->held_because = col_text(q, "held_because", arena);
	r->sink = col_text(q, "sink", arena);
	r->created_ms = col_i64(q, "created_ms");
	r->changed_ms = col_i64(q, "changed_ms");
	r->tries = col_i64(q, "tries");
	r->unknowns = col_i64(q, "unknowns");
	r->next_try_ms = col_i64(q, "next_try_ms");
	r->lease_until_ms = col_i64(q, "lease_until_ms");
	r->accepted_ms = col_i64(q, "accepted_ms");
	r->last_code = col_text(q, "last_code", arena);
	r->last_text = col_text(q, "last_text", arena);
}

void read_outbox(struct query *q, struct arena *arena, struct outbox_row *r)
{
	*r = (struct outbox_row){.id = col_i64(q, "id")};
	r->content = col_i64(q, "content");
	r->case_id = col_i64(q, "case_id");
	r->number = col_i64(q, "number");
	r->inbox = col_i64(q, "inbox");
	r->contact = col_i64(q, "contact");
	r->agent = col_i64(q, "agent");
	r->address = col_text(q, "address", arena);
	r->name = col_text(q, "name", arena);
	r->language = col_text(q, "language", arena);
	r->organisation = col_text(q, "organisation", arena);
	r->mailbox = col_text(q, "mailbox", arena);
	r->message_id = col_text(q, "message_id", arena);
	r->reply_address = col_text(q, "reply_address", arena);
	r->in_reply_to = col_text(q, "in_reply_to", arena);
	r->refs = col_text(q, "refs", arena);
	r->verbs = col_text(q, "verbs", arena);
	read_fate(q, arena, r);
}

static enum store_status load_attachments(
	struct store *s, struct arena *arena, struct outbox_row *r)
{
	static const char SQL[] = "SELECT inbox, idx FROM outbox_attachment"
				  " WHERE outbox = $outbox ORDER BY ord";
	struct mail_attachment_ref *refs = NULL;
	struct query *q = query(s, SQL);

	bind_i64(q, "outbox", r->id);
	while (query_row(q)) {
		refs = grow(arena, refs, r->n_attachments, sizeof(*refs));
		refs[r->n_attachments].inbox = col_i64(q, "inbox");
		refs[r->n_attachments++].index = (size_t)col_i64(q, "idx");
	}
	r->attachments = refs;
	return query_end(q);
}

static enum store_status load_content(
	struct store *s, struct arena *arena, int64_t id, struct outbox_content *c)
{
	static const char SQL[] =
		"SELECT class, language, template, subject, doc FROM content WHERE id = $id";
	struct query *q = query(s, SQL);

	*c = (struct outbox_content){.id = id};
	bind_i64(q, "id", id);
	if (query_row(q)) {
		if (!mail_class_from_id(col_peek(q, "class"), &c->class))
			abort();
		c->language = col_text(q, "language", arena);
		c->template_id = col_text(q, "template", arena);
		c->subject = col_text(q, "subject", arena);
		c->doc = col_text(q, "doc", arena);
	}
	return query_end(q);
}

enum store_status load_body(
	struct store *s, struct arena *arena, struct outbox_row *r, bool may_be_frozen)
{
	static const char SQL[] = "SELECT bytes FROM outbox_wire WHERE outbox = $outbox";
	struct outbox_content *c = arena_alloc(arena, sizeof(*c));

	TRY(load_content(s, arena, r->content, c));
	r->body = c;
	TRY(load_attachments(s, arena, r));
	if (!may_be_frozen)
		return STORE_OK;
	struct query *q = query(s, SQL);
	bind_i64(q, "outbox", r->id);
	if (query_row(q))
		r->wire = col_blob(q, "bytes", arena);
	return query_end(q);
}

enum store_status store_outbox_get(
	struct store *s, struct arena *arena, int64_t id, struct outbox_row *out)
{
	static const char SQL[] = OUTBOX_ROW " WHERE o.id = $id";
	struct query *q = query(s, SQL);

	bind_i64(q, "id", id);
	bool found = query_row(q);
	if (found)
		read_outbox(q, arena, out);
	TRY(query_end(q));
	if (!found)
		return db_fail(s, STORE_NONE, "there is no outbox row %" PRId64, id);
	return load_body(s, arena, out, out->tries > 0);
}

enum store_status store_outbox_by_message_id(
	struct store *s, struct arena *arena, const char *message_id, int64_t *id)
{
	static const char SQL[] = "SELECT id FROM outbox WHERE message_id = $message_id";
	struct query *q = query(s, SQL);

	(void)arena;
	bind_text(q, "message_id", message_id);
	return query_one_i64(q, "id", id);
}

/* What waits, is held or failed is few and has indexes; a case's mails too. */
#define LIST(condition) OUTBOX_ROW " WHERE o.id < $before AND " condition " ORDER BY o.id DESC"

static struct query *list_query(struct store *s, const struct outbox_filter *f)
{
	static const char ALL[] = LIST("o.id > 0");
	static const char CASE[] = LIST("o.case_id = $case_id");
	static const char STUCK[] = LIST("(o.state = 'held' OR o.state = 'failed')");
	static const char WAITING[] = LIST(
		"o.id IN (SELECT id FROM outbox WHERE state = 'queued'"
		" UNION ALL SELECT id FROM outbox WHERE (state = 'deferred' OR state = 'unknown')"
		" UNION ALL SELECT id FROM outbox WHERE lease_until_ms > 0)");
	const unsigned stuck = 1u << OUTBOX_HELD | 1u << OUTBOX_FAILED;
	const unsigned waiting = 1u << OUTBOX_QUEUED | 1u << OUTBOX_SENDING | 1u << OUTBOX_DOT |
				 1u << OUTBOX_DEFERRED | 1u << OUTBOX_UNKNOWN;

	if (f->case_id)
		return query(s, CASE);
	if (f->states && !(f->states & ~stuck))
		return query(s, STUCK);
	if (f->states && !(f->states & ~waiting))
		return query(s, WAITING);
	return query(s, ALL);
}

enum store_status store_outbox_list(struct store *s, struct arena *arena,
	const struct outbox_filter *f, struct outbox_row **out, size_t *n)
{
	int64_t limit = f->limit ? f->limit : 1000;
	struct outbox_row *rows = NULL, r;
	size_t count = 0;
	struct query *q = list_query(s, f);

	bind_i64(q, "before", f->before ? f->before : INT64_MAX);
	if (f->case_id)
		bind_i64(q, "case_id", f->case_id);
	while ((int64_t)count < limit && query_row(q)) {
		read_outbox(q, arena, &r);
		if (f->states && !(f->states & 1u << r.state))
			continue;
		rows = grow(arena, rows, count, sizeof(*rows));
		rows[count++] = r;
	}
	*out = rows;
	*n = count;
	return query_end(q);
}

enum store_status store_outbox_thread(struct store *s, struct arena *arena, int64_t case_id,
	int64_t contact, const char ***ids, size_t *n)
{
	static const char SQL[] =
		"SELECT message_id FROM (SELECT id, message_id FROM outbox"
		" WHERE case_id = $case_id AND contact = $contact AND state <> 'cancelled'"
		" ORDER BY id DESC LIMIT 20) AS t ORDER BY id";
	const char **rows = NULL;
	size_t count = 0;
	struct query *q = query(s, SQL);

	bind_i64(q, "case_id", case_id);
	bind_i64(q, "contact", contact);
	while (query_row(q)) {
		rows = grow(arena, rows, count, sizeof(*rows));
		rows[count++] = col_text(q, "message_id", arena);
	}
	*ids = rows;
	*n = count;
	return query_end(q);
}
