/* Turn apply: the effects of one turn into the database, inside the caller's savepoint. Here numbers
 * become rows: contacts get ids, mails get their Message-ID, signed reply address and thread. */
#ifndef LOTS_APP_TURN_APPLY_H
#define LOTS_APP_TURN_APPLY_H

#include "app/desk.h"
#include "core/turn.h"
#include "store/store.h"

enum store_status turn_apply(struct desk *d, struct effects *effects, const struct event *event,
	int64_t now_ms) MUST_CHECK;
/* One mail that belongs to no turn (an alarm to the operator). Its doc and subject are filled. */
enum store_status turn_apply_mail(struct desk *d, struct outgoing *mail, int64_t now_ms) MUST_CHECK;

#endif
