/* Effects: all that one turn wants to happen, as data. Nothing has happened until app has put the
 * whole of it into the database in one transaction. Planned in arena memory by core and handlers;
 * applied by app/turnrun through store. */
#ifndef LOTS_CORE_EFFECTS_H
#define LOTS_CORE_EFFECTS_H

#include "base/date.h"
#include "core/doc.h"
#include "core/model.h"

#include <jansson.h>
#include <sys/queue.h>

/* What became of the mail that started the turn: the conservation law counts these. */
enum turn_outcome {
	OUTCOME_NONE, /* the turn was not about a mail */
	OUTCOME_CASE, /* it is in the log of at least one case */
	OUTCOME_DUPLICATE,
	OUTCOME_IGNORED, /* with a reason: own mail, bounce of nothing of ours, list ... */
	OUTCOME_HELD,	 /* for the operator: quarantine */
	OUTCOME_N
};

enum clock_kind {
	CLOCK_TAKE,	      /* nobody has taken it: remind */
	CLOCK_NEXT,	      /* nobody has taken it: ask the next link */
	CLOCK_ANSWER,	      /* taken, and no answer within what was promised: remind the holder */
	CLOCK_PROMISE,	      /* an interim message promised a time */
	CLOCK_PAUSE,	      /* paused until */
	CLOCK_WAITING_REMIND, /* the requester has not answered our question */
	CLOCK_WAITING_CLOSE,
	CLOCK_FEEDBACK_REMIND,
	CLOCK_FEEDBACK_CLOSE,
	CLOCK_APPROVAL, /* the head has not answered */
	CLOCK_SUPPLIER, /* the supplier has not answered */
	CLOCK_MORNING,	/* owner: an agent; the morning list */
	CLOCK_QUARTER,	/* owner: an organisation; who receives cases, is it right? */
	CLOCK_ABSENCE,	/* owner: an agent; back in duty */
	CLOCK_DOWNTIME, /* disturbances */
	CLOCK_UPDATE,
	CLOCK_REMIND,	   /* owner: an agent; the reminders of this moment, in one mail */
	CLOCK_UNDELIVERED, /* a mail to the requester was refused for good: due at once */
	CLOCK_KIND_N
};

enum clock_owner { CLOCK_OF_CASE, CLOCK_OF_AGENT, CLOCK_OF_ORGANISATION, CLOCK_OF_DESK };

struct clock_row {
	enum clock_owner owner;
	int64_t owner_id;      /* case id, agent id; 0 for organisation and desk */
	const char *owner_key; /* organisation id, else "" */
	enum clock_kind kind;
	bool running;
	int64_t consumed_ms;  /* of the length, before since */
	int64_t since_ms;     /* running since */
	int64_t length_ms;    /* total; 0 = due_ms was set as an instant */
	const char *calendar; /* id, "" = clock hours */
	int64_t due_ms;	      /* derived; recomputed when hours change */
	int64_t generation;   /* of the last set; a firing of an older one does nothing */
};

/* Set (running or not) or stop (delete) a clock of kase (or of an agent / organisation). */
struct clock_op {
	STAILQ_ENTRY(clock_op) next;
	struct kase *kase; /* when owner is CLOCK_OF_CASE: its id may not exist yet */
	struct clock_row row;
	bool remove;
};

enum mail_class { /* headers and return path follow from it (DESIGN.md section 5); also the priority */
	MAILING_ALARM,
	MAILING_ANSWER, /* a person's words to the requester: answer, question back, interim */
	MAILING_NOTIFICATION, /* to the chain */
	MAILING_HANDOVER,     /* to another ticket system: never marked automatic */
	MAILING_RECEIPT,      /* automatic, to the requester: receipt, reminder, closure */
	MAILING_COMMAND,      /* receipt of a command, to the chain; automatic */
	MAILING_DIGEST,	      /* morning list, quarterly question */
	MAILING_BROADCAST,
	MAILING_N
};

struct outgoing {
	STAILQ_ENTRY(outgoing) next;
	struct kase *kase; /* NULL: about no case */
	enum mail_class class;
	int64_t agent;			       /* to an agent, or 0 */
	const char *address, *name, *language; /* to whom; address as written */
	const char *template_id;	       /* "receipt" ... */
	json_t *view;			       /* owned by the turn; dropped by effects_release */
	const char *subject;		       /* filled by rendering */
	struct doc *doc;		       /* filled by rendering */
	const char *
		verbs; /* what a reply to it may do: "requester", "holder", "head", "exercise" ... */
	int64_t not_before_ms;
	const char *in_reply_to; /* the mail it answers (the requester's own id), "" = by thread */
	const struct mail_attachment_ref {
		int64_t inbox;
		size_t index; /* in struct mail attachments */
	} * attachments;
	size_t n_attachments;
};

struct case_op { /* every case the turn opened (id 0) or changed; the row is written whole */
	STAILQ_ENTRY(case_op) next;
	struct kase *kase;
};

struct log_op {
	STAILQ_ENTRY(log_op) next;
	struct log_entry entry;
};

/* Who has been asked at the link where the case stands. */
struct asked_op {
	STAILQ_ENTRY(asked_op) next;
	struct kase *kase;
	int64_t agent;
	const char *link;
	bool forget_all; /* the case left the link: clear the list (agent and link unused) */
};

struct absence_op {
	STAILQ_ENTRY(absence_op) next;
	int64_t agent;
	struct date from, until;
	int64_t substitute;
	bool end_now;
};

/* Anything rarer than its own struct: "exercise_done", "cancel_outgoing", "party" ... with data. */
/* What Lots does in a day for senders who prove nothing is counted, in all, and has an end. */
enum quota {
	QUOTA_RECEIPT, /* automatic answers to a From that may be forged, or of no organisation's */
	QUOTA_STRANGER, /* cases of senders of no organisation */
	QUOTA_CASE,	/* cases of a From that may be forged */
	QUOTA_N
};

struct other_op {
	STAILQ_ENTRY(other_op) next;
	const char *what;
	struct kase *kase;
	int64_t agent;
	const char *data; /* JSON object */
};

struct effects {
	STAILQ_HEAD(, case_op) cases;
	STAILQ_HEAD(, log_op) logs;
	STAILQ_HEAD(, clock_op) clocks;
	STAILQ_HEAD(, outgoing) mails;
	STAILQ_HEAD(, asked_op) asked;
	STAILQ_HEAD(, absence_op) absences;
	STAILQ_HEAD(, other_op) others;
	size_t n_mails;
	enum turn_outcome outcome;
	const char *reason; /* of OUTCOME_IGNORED, OUTCOME_HELD, OUTCOME_DUPLICATE: a fixed word */
};

void effects_init(struct effects *e);
void effects_release(struct effects *e); /* drops the views */

const char *clock_kind_id(enum clock_kind k);
bool clock_kind_from_id(const char *id, enum clock_kind *out) MUST_CHECK;
const char *turn_outcome_id(enum turn_outcome o);
const char *mail_class_id(enum mail_class c);
bool mail_class_from_id(const char *id, enum mail_class *out) MUST_CHECK;

#endif
