/* Match: which case an arrived mail belongs to, and as whom its sender speaks there. In this order:
 *
 *  1. a signed reply address of his, together with a reference to us or our number in the subject
 *  2. our signed Message-ID in References or In-Reply-To
 *  3. our number in the subject
 *  4. the requester's own Message-ID (a reply to all, sent before the number existed)
 *  5. a supplier's own number, in that supplier's mail (match_supplier.h)
 *
 * each only if the sender takes part in that case; else it is a new case. Merged cases are followed
 * to their main case. Pure. */
#ifndef LOTS_CORE_MATCH_H
#define LOTS_CORE_MATCH_H

#include "core/turn.h"

enum sender_as {
	AS_STRANGER,  /* takes no part */
	AS_REQUESTER, /* he who asked, or a proven member of the mailbox that asked */
	AS_CHAIN,     /* was asked, holds it, or has a duty in its chain */
	AS_HEAD,      /* is to approve it */
	AS_COPIED     /* stood as a copy recipient on the mail that opened it */
};

struct match {
	const struct loaded_case *loaded; /* NULL: a new case */
	enum sender_as as;
	const struct agent
		*agent;	   /* AS_CHAIN, AS_HEAD: as whom he speaks (the post, when he reads one) */
	bool token_good;   /* the signed address was made for him (and, if loaded, for that case) */
	bool address_book; /* good address, but neither a reference nor a number: ask back */
	bool passed_on; /* AS_CHAIN, but the case has left him: another area, another organisation */
	bool subject_changed; /* belongs by reference, but is about something else */
	int64_t possible;     /* number of a case it may have to do with; 0 none */
	/* For the log: "token" "reference" "number" "inbound-id" "supplier-number" "overtaken" "". */
	const char *by;
};

void match_find(const struct turn_input *in, struct match *out);
/* The newest mail of this sender that waits for his SKICKA; NULL if it has been settled. */
const struct log_entry *match_held_back(const struct loaded_case *l, int64_t agent);
/* The number in a subject "[Support 1042]" (any installation name), 0 none. */
int64_t match_number_in_subject(const char *subject);
/* Is the event's mail, by its subject, about something else than this case? */
bool match_other_subject(const struct turn_input *in, const struct kase *k);
/* As whom does the sender of this event speak in that case? *agent as in struct match. */
enum sender_as match_sender(const struct turn_input *in, const struct kase *k,
	const struct loaded_case *loaded, const struct agent **agent);
/* The agent whose contact this is, or NULL. */
const struct agent *people_by_contact(const struct people *p, int64_t contact);

#endif
