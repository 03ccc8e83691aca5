/* Kase: reading rows of cases; private to the store floor. */
#ifndef LOTS_STORE_KASE_H
#define LOTS_STORE_KASE_H

#include "store/cases.h"
#include "store/db.h"

/* The columns read_kase reads, of table k. */
#define KASE_COLUMNS                                                                               \
	"k.id, k.number, k.kind, k.state, k.system, k.organisation, k.area, k.unit, k.category,"   \
	" k.link, coalesce(k.holder, 0) AS holder, k.priority, k.subject,"                         \
	" coalesce(k.requester, 0) AS requester, k.requester_address, k.requester_name,"           \
	" k.language, k.mailbox, k.opened_ms, k.changed_ms, k.first_answer_ms, k.answered_ms,"     \
	" k.closed_ms, k.paused_until_ms, k.parent, k.restricted, k.reopened, k.supplier_number,"  \
	" k.data"

void read_kase(struct query *q, struct arena *arena, struct kase *out);
enum case_view view_from_id(const char *id);
/* What the viewer may see of this case, and the rest blanked. */
enum store_status view_kase(struct store *s, const struct viewer *viewer, struct kase *k,
	enum case_view *view) MUST_CHECK;
/* Of a viewer whose view of the case is known: log entries lose their words when masked. */
enum store_status read_log(struct query *q, struct arena *arena, enum case_view view,
	struct log_entry **out, size_t *n) MUST_CHECK;
enum store_status kase_by_id(
	struct store *s, struct arena *arena, int64_t id, struct kase *out) MUST_CHECK;
/* Clocks, asked, newest 50 of the log, attachments, unsent. */
enum store_status load_rest(struct store *s, struct arena *arena, enum case_view view,
	struct loaded_case *l) MUST_CHECK;

#endif
