/* Cases: case rows, the append-only log, clocks, who was asked, absences; and the snapshot of a
 * turn. Whoever wants to see a case says who is looking (struct viewer). */
#ifndef LOTS_STORE_CASES_H
#define LOTS_STORE_CASES_H

#include "core/turn.h"
#include "store/store.h"

/* Who is looking. The desk sees all; an organisation sees the cases it is a party of, as far as its
 * part goes; restricted cases only when may_restricted. */
struct viewer {
	bool desk;
	const char *organisation;
	bool may_restricted;
};
extern const struct viewer VIEWER_DESK;

enum case_view {
	VIEW_NONE,
	VIEW_REFERENCE, /* number, kind, state, system, times */
	VIEW_MASKED,	/* all but the person: no requester, subject, log text, data */
	VIEW_FULL
};
const char *case_view_id(enum case_view v);

/* ---- Reading ---- */

/* STORE_NONE also when the viewer may not see it: it says nothing about its being there. Fields
 * that the view hides are "" or 0. */
enum store_status store_case_by_number(struct store *store, struct arena *arena,
	const struct viewer *viewer, int64_t number, struct kase *out,
	enum case_view *view) MUST_CHECK;
/* With clocks, asked, newest 50 log entries, attachments and count of unsent mails. */
enum store_status store_case_load(struct store *store, struct arena *arena,
	const struct viewer *viewer, int64_t case_id, struct loaded_case *out) MUST_CHECK;
enum store_status store_case_id(struct store *store, int64_t number, int64_t *case_id) MUST_CHECK;

struct case_filter {						/* zero and "" (or NULL) mean any */
	unsigned states;					/* STATE_BITs, 0 any */
	const char *kind, *system, *organisation, *area, *link; /* ids */
	int64_t holder, requester;
	int64_t parent;	   /* number */
	int64_t before;	   /* number < before; 0 = from the newest */
	int64_t limit;	   /* 0 = 1000 */
	bool oldest_first; /* then `before` is `after` */
};
enum store_status store_case_list(struct store *store, struct arena *arena,
	const struct viewer *viewer, const struct case_filter *filter, struct kase **out,
	size_t *n) MUST_CHECK;
/* Log entries oldest first, with id > after, at most limit (0 = all). */
enum store_status store_case_log(struct store *store, struct arena *arena,
	const struct viewer *viewer, int64_t case_id, int64_t after, int64_t limit,
	struct log_entry **out, size_t *n) MUST_CHECK;
struct case_mail { /* which mails are in a case */
	int64_t inbox;
	int64_t received_ms;
	const char *mailbox;
	int64_t size;
};
enum store_status store_case_mails(struct store *store, struct arena *arena,
	const struct viewer *viewer, int64_t case_id, struct case_mail **out, size_t *n) MUST_CHECK;
/* Notes that `who` looked at the case ("operator:NAME"; what: "show", "log" ...). */
enum store_status store_look(struct store *store, const char *who, int64_t case_id,
	const char *what, int64_t now_ms) MUST_CHECK;
struct look {
	int64_t at_ms;
	const char *who, *what;
	int64_t number;
};
enum store_status store_looks(struct store *store, struct arena *arena, int64_t case_id,
	int64_t limit, struct look **out, size_t *n) MUST_CHECK;

/* ---- The snapshot of a turn ---- */

/* Loads what w names and adds it to *snap (zero it before round 1); what is there already is not
 * loaded twice, its found bits are joined. next_number is set. Case numbers of merged cases are
 * loaded as they are (turn follows .parent in round 2). exclude_inbox: the mail the turn is about
 * is not counted in recent_mails. */
enum store_status store_snapshot(struct store *store, struct arena *arena, const struct wants *w,
	int64_t exclude_inbox, int64_t now_ms, struct snapshot *snap) MUST_CHECK;

/* ---- What a day has brought (core/effects.h) ---- */

bool store_quota_by_name(const char *name, enum quota *out);
enum store_status store_quota_read(
	struct store *store, int64_t now_ms, int64_t out[QUOTA_N]) MUST_CHECK;
enum store_status store_quota_add(struct store *store, enum quota quota, int64_t now_ms) MUST_CHECK;

/* ---- Writing ---- */

/* id 0: inserts, and sets k->id; else writes the whole row. The organisation of the case becomes a
 * party with full view; when it changes, the former one loses that. */
enum store_status store_case_save(struct store *store, struct kase *k) MUST_CHECK;
/* VIEW_NONE takes the party away. */
enum store_status store_case_party(struct store *store, int64_t case_id, const char *organisation,
	enum case_view view) MUST_CHECK;
/* Appends; sets e->id. e->kase->id must be set; an inbox row named is tied to the case. */
enum store_status store_log_append(struct store *store, struct log_entry *e) MUST_CHECK;

/* Sets or removes the clock of op->row (owner_id is taken from op->kase if that is given). Each set
 * gets a higher generation than any before it; *generation may be NULL. Removing what is not there
 * is fine. */
enum store_status store_clock_apply(
	struct store *store, const struct clock_op *op, int64_t *generation) MUST_CHECK;
enum store_status store_asked_apply(
	struct store *store, const struct asked_op *op, int64_t now_ms) MUST_CHECK;
/* Notes a reminder to one of those asked of the case. */
enum store_status store_asked_reminded(
	struct store *store, int64_t case_id, int64_t agent, int64_t now_ms) MUST_CHECK;
enum store_status store_absence_apply(struct store *store, const struct absence_op *op,
	struct date today, int64_t now_ms) MUST_CHECK;
/* Everything of effects except mails, others, outcome: cases first (their ids are set), log,
 * clocks, asked, absences. In the caller's transaction. */
enum store_status store_effects(struct store *store, const struct effects *effects,
	struct date today, int64_t now_ms) MUST_CHECK;

/* ---- Clocks that run ---- */

#define CLOCK_BIT(k) (UINT64_C(1) << (k))

/* Running clocks with due_ms <= now, earliest first (equal ones in the order they were first set).
 * hold: CLOCK_BITs of kinds left out (until every source has been read). A clock that fired must be
 * set anew or removed by its turn, else it is due again. */
enum store_status store_clocks_due(struct store *store, struct arena *arena, int64_t now_ms,
	uint64_t hold, int64_t limit, struct clock_row **out, size_t *n) MUST_CHECK;
/* When the next one not held is due; STORE_NONE if none runs. */
enum store_status store_clock_next(struct store *store, uint64_t hold, int64_t *due_ms) MUST_CHECK;
/* Is this row still the one that was set (same generation, running)? STORE_NONE if not. */
enum store_status store_clock_current(struct store *store, const struct clock_row *row) MUST_CHECK;
/* All clocks that run by working hours (calendar not "") or, with all, every clock, in pieces:
 * after is the value *last gave, 0 first; n = 0 at the end. For recomputing due_ms when hours
 * change. */
enum store_status store_clocks_walk(struct store *store, struct arena *arena, bool all,
	int64_t after, int64_t limit, struct clock_row **out, size_t *n, int64_t *last) MUST_CHECK;
/* All clocks of one sort of owner and one kind, running or not. */
enum store_status store_clocks_of(struct store *store, struct arena *arena, enum clock_owner owner,
	enum clock_kind kind, struct clock_row **out, size_t *n) MUST_CHECK;
/* Changes due_ms alone (recomputed); the generation stays. */
enum store_status store_clock_due(
	struct store *store, const struct clock_row *row, int64_t due_ms) MUST_CHECK;

#endif
