/* Outbox: rows of mail to be sent, made by a turn. Called by app's turn and delivery; what happens to
 * them while they are sent is in outbox_send.c, what is shown of them in outbox_list.c. */
#include "base/prelude.h"

#include "store/outbox_private.h"

static const char *const STATE_IDS[] = {[OUTBOX_QUEUED] = "queued",
	[OUTBOX_SENDING] = "sending",
	[OUTBOX_DOT] = "dot",
	[OUTBOX_ACCEPTED] = "accepted",
	[OUTBOX_DEFERRED] = "deferred",
	[OUTBOX_FAILED] = "failed",
	[OUTBOX_UNKNOWN] = "unknown",
	[OUTBOX_HELD] = "held",
	[OUTBOX_CANCELLED] = "cancelled"};
_Static_assert(ARRAY_LEN(STATE_IDS) == OUTBOX_STATE_N, "an id for each state");

const char *outbox_state_id(enum outbox_state st)
{
	return STATE_IDS[st];
}

bool outbox_state_from_id(const char *id, enum outbox_state *out)
{
	for (int i = 0; i < OUTBOX_STATE_N; i++)
		if (strcmp(id, STATE_IDS[i]) == 0) {
			*out = (enum outbox_state)i;
			return true;
		}
	return false;
}

enum store_status store_outbox_reserve(struct store *s, int64_t n, int64_t *first)
{
	/* A serial that was not committed was never sent: it may be given again after a restart. */
	*first = s->next_serial;
	s->next_serial += n;
	return STORE_OK;
}

enum store_status store_content_add(struct store *s, struct outbox_content *c)
{
	static const char SQL[] = "INSERT INTO content(class, language, template, subject, doc)"
				  " VALUES ($class, $language, $template, $subject, $doc)";
	struct query *q = query(s, SQL);

	bind_text(q, "class", mail_class_id(c->class));
	bind_text(q, "language", c->language);
	bind_text(q, "template", c->template_id);
	bind_text(q, "subject", c->subject);
	bind_text(q, "doc", c->doc);
	return query_insert(q, &c->id);
}

static void bind_recipient(struct query *q, const struct outbox_row *r)
{
	bind_i64(q, "contact", r->contact);
	bind_ref(q, "agent", r->agent);
	bind_text(q, "address", r->address);
	bind_text(q, "name", r->name);
	bind_text(q, "language", r->language);
	bind_text(q, "organisation",
		r->organisation && *r->organisation ? r->organisation : "unknown");
	bind_text(q, "mailbox", r->mailbox);
	bind_text(q, "message_id", r->message_id);
	bind_text(q, "reply_address", r->reply_address);
	bind_text(q, "in_reply_to", r->in_reply_to);
	bind_text(q, "refs", r->refs);
	bind_text(q, "verbs", r->verbs);
}

static enum store_status add_attachment(
	struct store *s, int64_t outbox, size_t i, const struct mail_attachment_ref *a)
{
	static const char SQL[] = "INSERT INTO outbox_attachment(outbox, ord, inbox, idx)"
				  " VALUES ($outbox, $ord, $inbox, $idx)";
	struct query *q = query(s, SQL);

	bind_i64(q, "outbox", outbox);
	bind_i64(q, "ord", (int64_t)i);
	bind_i64(q, "inbox", a->inbox);
	bind_i64(q, "idx", (int64_t)a->index);
	return query_run(q);
}

static enum store_status add_row(struct store *s, const struct outbox_row *r)
{
	static const char SQL[] =
		"INSERT INTO outbox(id, content, case_id, inbox, contact, agent, address, name,"
		" language, organisation, mailbox, message_id, reply_address, in_reply_to, refs,"
		" verbs, class, priority, not_before_ms, run, state, held_because, sink, "
		"created_ms,"
		" changed_ms)"
		" VALUES ($id, $content, $case_id, $inbox, $contact, $agent, $address, $name,"
		" $language, $organisation, $mailbox, $message_id, $reply_address, $in_reply_to,"
		" $refs, $verbs, $class, $priority, $not_before_ms, $run, $state, $held_because,"
		" $sink, $created_ms, $changed_ms)";
	struct query *q = query(s, SQL);

	bind_i64(q, "id", r->id);
	bind_i64(q, "content", r->content);
	bind_ref(q, "case_id", r->case_id);
	bind_ref(q, "inbox", r->inbox);
	bind_recipient(q, r);
	bind_text(q, "class", mail_class_id(r->class));
	bind_i64(q, "priority", r->class);
	bind_i64(q, "not_before_ms", r->not_before_ms);
	bind_text(q, "run", r->run);
	bind_text(q, "state", STATE_IDS[r->state]);
	bind_text(q, "held_because", r->held_because);
	bind_text(q, "sink", r->sink);
	bind_i64(q, "created_ms", r->created_ms);
	bind_i64(q, "changed_ms", r->created_ms);
	TRY(query_run(q));
	for (size_t i = 0; i < r->n_attachments; i++)
		TRY(add_attachment(s, r->id, i, &r->attachments[i]));
	return STORE_OK;
}

enum store_status store_outbox_add(struct store *s, const struct outbox_row *r)
{
	struct own_tx tx;

	if (r->state != OUTBOX_QUEUED && r->state != OUTBOX_HELD)
		return db_fail(s, STORE_REFUSED, "a new mail is queued or held");
	TRY(own_begin(s, &tx));
	return own_end(s, &tx, add_row(s, r));
}
