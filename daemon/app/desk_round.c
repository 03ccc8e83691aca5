/* Desk round: what has come since the last round becomes durable in one transaction: mails taken in,
 * turns run, what the senders said, mails claimed for them. Called by the desk loop. Nothing is said to
 * anybody before the commit; a round that fails leaves all as it was and is tried again. */
#include "base/prelude.h"

#include "app/desk_state.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/cases.h"

static enum store_status look(struct desk_loop *l)
{
	l->clock_next_ms = l->outbox_next_ms = INT64_MAX;
	enum store_status st = store_clock_next(l->desk.store, 0, &l->clock_next_ms);
	if (st == STORE_OK || st == STORE_NONE)
		st = store_outbox_next(l->desk.store, "", &l->outbox_next_ms);
	l->look = false;
	return st == STORE_NONE ? STORE_OK : st;
}

void desk_look(struct desk_loop *l)
{
	(void)desk_good(l, look(l), "look");
}

static enum store_status rest(struct desk_loop *l)
{
	enum store_status st = desk_turns(l);
	if (st == STORE_OK)
		st = desk_said_store(l);
	if (st == STORE_OK)
		st = desk_claim(l);
	return st == STORE_OK ? look(l) : st;
}

static void undo(struct desk_loop *l)
{
	store_rollback(l->desk.store);
	desk_intake_undo(l);
	l->n_turned = l->n_claimed = 0;
	l->turn_failed = false;
	l->look = true;
	if (desk_reload_people(&l->desk) != 0) /* a turn may have changed them */
		log_warn("people-kept", "why=rolled-back");
}

void desk_round(struct desk_loop *l)
{
	if (l->look)
		desk_look(l);
	if (!desk_intake_ready(l) && l->n_said == 0 && !desk_turns_ready(l) &&
		!desk_claim_ready(l)) {
		desk_turns_done(l);
		return;
	}
	if (!desk_good(l, store_begin(l->desk.store), "round"))
		return;
	enum store_status st = desk_intake_store(l);
	if (store_status_passes(st)) {
		undo(l);
		desk_intake_pause(l, st);
		return;
	}
	if (st == STORE_OK)
		st = rest(l);
	if (st == STORE_OK)
		st = store_commit(l->desk.store);
	if (st != STORE_OK)
		undo(l);
	if (!desk_good(l, st, "round"))
		return; /* everything is kept, and tried again after the pause */
	l->committed_mono = clock_mono_ms();
	desk_intake_done(l);
	desk_said_done(l);
	desk_claim_done(l);
	desk_turns_done(l);
}
