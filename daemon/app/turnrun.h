/* Turnrun: one turn against the store: load the snapshot, run the pure turn, apply its effects. The
 * caller holds the transaction; each call is one savepoint in it, so that a turn is done whole or not
 * at all and a batch shares one commit. */
#ifndef LOTS_APP_TURNRUN_H
#define LOTS_APP_TURNRUN_H

#include "app/desk.h"
#include "core/effects.h"
#include "mail/mail.h"
#include "store/store.h"

struct turnrun_mail {
	int64_t inbox;	     /* row, already committed */
	const char *mailbox; /* name */
	bool imported;
	const struct mail *mail;
};

/* Judges trust and token, recognises duplicates by content, runs the turn, applies it and finishes
 * the inbox row. Nothing is applied when the status is not STORE_OK. */
enum store_status turnrun_mail(
	struct desk *d, const struct turnrun_mail *in, int64_t now_ms) MUST_CHECK;
/* Runs the clocks due at now_ms in order, at most max of them; *ran counts. One whose turn cannot be
 * stored for a reason of its own is put off, and the operator told. */
enum store_status turnrun_clocks(
	struct desk *d, int64_t now_ms, size_t max, size_t *ran) MUST_CHECK;
/* A clock whose turn ended the desk MAX_TRIES times: it is not run for a week, and the operator told. */
enum store_status turnrun_clock_stop(
	struct desk *d, const struct clock_row *row, int64_t now_ms) MUST_CHECK;
/* A change ordered through lotsctl; number 0: about no case. *text is what to tell the operator (owned by d->turn_arena). */
enum store_status turnrun_operator(struct desk *d, const char *operator_name, int64_t number,
	const char *verb, const json_t *args, int64_t now_ms, const char **text) MUST_CHECK;

#endif
