/* Outbox: reading its rows; private to the store floor. */
#ifndef LOTS_STORE_OUTBOX_PRIVATE_H
#define LOTS_STORE_OUTBOX_PRIVATE_H

#include "store/db.h"
#include "store/outbox.h"

#define OUTBOX_ROW                                                                                 \
	"SELECT o.id, o.content, coalesce(o.case_id, 0) AS case_id,"                               \
	" coalesce(k.number, 0) AS number, coalesce(o.inbox, 0) AS inbox, o.contact,"              \
	" coalesce(o.agent, 0) AS agent, o.address, o.name, o.language, o.organisation,"           \
	" o.mailbox, o.message_id, o.reply_address, o.in_reply_to, o.refs, o.verbs, o.class,"      \
	" o.not_before_ms, o.run, o.state, o.held_because, o.sink, o.created_ms, o.changed_ms,"    \
	" o.tries, o.unknowns, o.next_try_ms, o.lease_until_ms, o.accepted_ms, o.last_code,"       \
	" o.last_text FROM outbox AS o LEFT JOIN kase AS k ON k.id = o.case_id"

void read_outbox(struct query *q, struct arena *arena, struct outbox_row *out);
/* Content, attachments and frozen bytes of a row. */
enum store_status load_body(
	struct store *s, struct arena *arena, struct outbox_row *r, bool may_be_frozen) MUST_CHECK;

#endif
