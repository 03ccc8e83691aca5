/* Model: a support case and its log, as plain data. The words are those of DOMAIN.md; the English id
 * is what `--json` and the database hold. The case row is the truth; the log is append-only, typed
 * and never replayed. */
#ifndef LOTS_CORE_MODEL_H
#define LOTS_CORE_MODEL_H

#include "base/prelude.h"

enum case_kind { KIND_QUESTION, KIND_ACCESS, KIND_DISTURBANCE, KIND_NEED, KIND_DEVIATION, KIND_N };

enum case_state {
	STATE_NEW,
	STATE_TAKEN,
	STATE_WAITING_REQUESTER,
	STATE_PAUSED,
	STATE_SUPPLIER,
	STATE_ANSWERED,
	STATE_CLOSED,
	STATE_MERGED,
	STATE_REFERRED,
	STATE_CONFIRMED, /* disturbances only, from here */
	STATE_WORKAROUND,
	STATE_RESTORED,
	STATE_N
};

#define STATE_BIT(s) (1u << (s))
#define STATES_OPEN                                                                                \
	(STATE_BIT(STATE_NEW) | STATE_BIT(STATE_TAKEN) | STATE_BIT(STATE_WAITING_REQUESTER) |      \
		STATE_BIT(STATE_PAUSED) | STATE_BIT(STATE_SUPPLIER) | STATE_BIT(STATE_ANSWERED) |  \
		STATE_BIT(STATE_CONFIRMED) | STATE_BIT(STATE_WORKAROUND) |                         \
		STATE_BIT(STATE_RESTORED))
#define STATES_ANY ((1u << STATE_N) - 1)

/* "case" is a word of C. Every string is never NULL; "" means not known, except organisation, which
 * is always an id ("unknown" when it is not known). */
struct kase {
	int64_t id;	/* internal; 0 until stored */
	int64_t number; /* what people say; counted per installation */
	enum case_kind kind;
	enum case_state state;
	const char *system;
	const char *organisation;
	const char *area;
	const char *unit;
	const char *category;
	const char *link;    /* role id of the link that has it */
	int64_t holder;	     /* agent id, 0 while nobody has taken it */
	int priority;	     /* 1 most urgent .. 4 */
	const char *subject; /* as the requester wrote it, reply prefixes removed, one line */
	int64_t requester;   /* contact id */
	const char *requester_address; /* as written */
	const char *requester_name;
	const char *language; /* of the requester: "sv", "en" */
	const char *mailbox;  /* name of the mailbox it came to */
	int64_t opened_ms, changed_ms;
	int64_t first_answer_ms; /* 0 until then, as the others */
	int64_t answered_ms, closed_ms;
	int64_t paused_until_ms;
	int64_t parent;	 /* number of the main case, 0 none */
	bool restricted; /* manager and head only */
	int reopened;	 /* times */
	const char *supplier_number;
	const char *data; /* JSON object: what only the handler of its kind knows; "{}" */
};

/* What happened. The text of an entry is what a person wrote; data is a JSON object of facts. */
enum log_type {
	LOGGED_OPENED,
	LOGGED_CLASSIFIED,
	LOGGED_ASKED, /* the people of a link were told */
	LOGGED_TAKEN,
	LOGGED_RELEASED,
	LOGGED_ANSWERED,
	LOGGED_INTERIM,
	LOGGED_QUESTION_BACK,
	LOGGED_ADDITION, /* more from the requester */
	LOGGED_ESCALATED,
	LOGGED_SENT_BACK,
	LOGGED_ASSIGNED,
	LOGGED_NOTE,
	LOGGED_PAUSED,
	LOGGED_RESUMED,
	LOGGED_CONFIRMED, /* the requester says it helped */
	LOGGED_DENIED,	  /* the requester says it did not */
	LOGGED_REOPENED,
	LOGGED_CLOSED,
	LOGGED_REFERRED,
	LOGGED_MERGED,
	LOGGED_LINKED,
	LOGGED_SPLIT,
	LOGGED_SUPPLIER,
	LOGGED_REMINDED,
	LOGGED_REMARK,	 /* a mail that may not act (unproven sender, automatic mail): kept */
	LOGGED_REFUSED,	 /* a command that was refused: what and why */
	LOGGED_DELIVERY, /* a mail of ours failed for good */
	LOGGED_TIME,	 /* time spent */
	LOGGED_APPROVED, /* the head said yes; or no (data) */
	LOGGED_UNDONE,
	LOGGED_MASKED,
	LOGGED_OTHER, /* data.event names it */
	LOG_TYPE_N
};

struct log_entry {
	int64_t id;	   /* 0 until stored */
	struct kase *kase; /* of a planned entry */
	enum log_type type;
	int64_t at_ms;
	int64_t actor;	 /* agent id; 0 the requester, the desk itself or a stranger: see who */
	const char *who; /* address of the actor as written, "lots" for the desk, "operator:NAME" */
	const char *text;
	const char *data; /* JSON object, "{}" */
	int64_t inbox;	  /* the mail it came from, 0 none */
};

const char *case_kind_id(enum case_kind k);
bool case_kind_from_id(const char *id, enum case_kind *out) MUST_CHECK;
const char *case_state_id(enum case_state s);
bool case_state_from_id(const char *id, enum case_state *out) MUST_CHECK;
const char *log_type_id(enum log_type t);
bool log_type_from_id(const char *id, enum log_type *out) MUST_CHECK;

#endif
