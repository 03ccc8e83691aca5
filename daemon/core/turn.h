/* Turn: turn(event, snapshot, config, people, now) -> effects. Pure: it cannot ask for data. What it
 * needs is named first by turn_wants (two rounds at most), loaded by app, and handed in.
 *
 *   struct wants w; turn_wants(&event, NULL, &w);        round 1: from the mail itself
 *   ... app loads the named keys into snapshot ...
 *   turn_wants(&event, &snapshot, &w);                   round 2: from the case it matched
 *   ... app loads ...
 *   turn_run(&input, &effects);
 */
#ifndef LOTS_CORE_TURN_H
#define LOTS_CORE_TURN_H

#include "core/config.h"
#include "core/effects.h"
#include "core/people.h"
#include "core/token.h"
#include "core/trust.h"
#include "mail/mail.h"

struct arena;
struct handler;

enum event_type { EVENT_MAIL, EVENT_CLOCK, EVENT_OPERATOR };

struct event {
	enum event_type type;
	/* EVENT_MAIL */
	const struct mail *mail;
	int64_t inbox;	     /* inbox row id */
	const char *mailbox; /* name */
	bool imported;	     /* older than first contact: nothing is sent */
	enum trust_verdict trust;
	const char *trust_why;
	enum token_verdict token_verdict; /* of the recipient address that carried a token */
	struct token token;
	/* By event_read_ids: cases named by our own signed Message-IDs in References, In-Reply-To and
	 * (for a delivery report) the mail that bounced. */
	int64_t *referenced;
	size_t n_referenced;
	int64_t bounced_contact; /* whose mail it was that came back, by our own id; 0 not known */
	bool is_own;		 /* its Message-ID is ours: our mail come back */
	bool names_our_mail;	 /* one of ours is among them, also one about no case */
	const char *from_key, *from_domain; /* address_key and domain key of From, "" if none */
	/* EVENT_CLOCK */
	struct clock_row clock;
	/* EVENT_OPERATOR: lotsctl on behalf of `operator_name` */
	const char *operator_name;
	const char *operator_verb; /* "close", "note" ... with args as JSON */
	const json_t *operator_args;
};

/* Sets referenced, names_our_mail and is_own. Called by app, which holds the keys. */
void event_read_ids(
	struct arena *arena, const struct token_keys *keys, const char *domain, struct event *e);

struct contact { /* an address that has written or been written to */
	int64_t id;
	const char *key, *address, *name, *language;
	const char *organisation; /* "" not known */
	int64_t agent;		  /* 0 if it holds no duty */
};

/* A case with what belongs to it, as loaded. */
struct loaded_case {
	struct kase kase;
	struct clock_row *clocks;
	size_t n_clocks;
	struct asked {
		int64_t agent;
		const char *link;
		int64_t asked_ms, reminded_ms;
	} * asked;
	size_t n_asked;
	struct log_entry *log; /* the newest 50, oldest first */
	size_t n_log;
	struct mail_attachment_ref_row {
		int64_t inbox;
		size_t index;
		const char *name, *type;
		int64_t size;
		bool withheld;
	} * attachments; /* of the requester's mails */
	size_t n_attachments;
	int64_t unsent; /* outgoing rows of this case that can still be stopped */
};

/* How a case was found, for match.c. */
enum found_by {
	FOUND_TOKEN = 1,
	FOUND_REFERENCE = 2,  /* our signed Message-ID in References / In-Reply-To */
	FOUND_NUMBER = 4,     /* number in the subject */
	FOUND_INBOUND_ID = 8, /* the requester's own Message-ID in References */
	FOUND_COMMAND = 16,   /* a number given to a command */
	FOUND_CLOCK = 32,
	FOUND_SAME_REQUESTER = 64,  /* open cases of the same requester */
	FOUND_SPOKEN_FOR = 128,	    /* open cases of a mailbox that he is a member of */
	FOUND_SUPPLIER_NUMBER = 256 /* open cases that bear a supplier's number of its mail */
};

struct candidate {
	unsigned found; /* found_by bits */
	const struct loaded_case *loaded;
};

struct wants {
	/* Round 1 and 2; all in the arena. */
	const int64_t *numbers;	 /* case numbers */
	unsigned *numbers_found; /* parallel: found_by bits */
	size_t n_numbers;
	const char **inbound_ids; /* Message-IDs that may be of an inbound mail of a case */
	size_t n_inbound_ids;
	const char **supplier_numbers; /* what may be one, in a supplier's mail: open cases */
	size_t n_supplier_numbers;
	const char **address_keys; /* contacts */
	size_t n_address_keys;
	const char *requester_key; /* open cases of this requester, newest 10; NULL none */
	const char **mailbox_keys; /* the same of these: he is a member of them */
	size_t n_mailbox_keys;
	int64_t holder;		/* open cases held by or asked of this agent (#mina, the morning
					    * list), at most 200; 0 none */
	int64_t case_id;	/* of a clock; 0 none */
	bool quotas;		/* the day's counts */
	const char *recent_key; /* mails received from this address in the last day: count */
};

struct snapshot {
	int64_t next_number; /* the number the next new case gets; the following counts up */
	struct candidate *candidates;
	size_t n_candidates;
	struct contact *contacts;
	size_t n_contacts;
	struct kase *held; /* answer to wants.holder */
	size_t n_held;
	int64_t recent_receipts;   /* automatic mails sent to recent_key in the last 24 h */
	int64_t recent_mails;	   /* mails from recent_key in the last 24 h */
	int64_t quota[QUOTA_N];	   /* of today */
	bool duplicate_of_handled; /* content_key was seen: app has decided it is a duplicate */
};

struct turn_input {
	struct arena *arena;
	int64_t now_ms;
	const struct config *config;
	const struct people *people;
	const struct handler *const *handlers; /* NULL-ended table (handlers/table.h) */
	const struct event *event;
	const struct snapshot *snapshot;
};

/* Names what is to be loaded; earlier is NULL in round 1, the loaded snapshot in round 2. */
void turn_wants(const struct turn_input *in, const struct snapshot *earlier, struct wants *out);
/* Always fills *effects (initialised here); rendering included. An input that cannot be acted on is
 * an outcome with a reason, not an error. */
void turn_run(const struct turn_input *in, struct effects *effects);

#endif
