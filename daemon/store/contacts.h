/* Contacts: addresses that have written or been written to; one key each (address_key). A contact
 * of an agent names it; the others are requesters and strangers. */
#ifndef LOTS_STORE_CONTACTS_H
#define LOTS_STORE_CONTACTS_H

#include "core/turn.h"
#include "store/store.h"

enum store_status store_contact_by_key(
	struct store *store, struct arena *arena, const char *key, struct contact *out) MUST_CHECK;
enum store_status store_contact_by_id(
	struct store *store, struct arena *arena, int64_t id, struct contact *out) MUST_CHECK;
/* Makes the contact if the key is new. Learns a name where there is none, and language and
 * organisation when they are given (not "" and not "unknown") and it holds no duty; the address as
 * first written stays. */
enum store_status store_contact_learn(struct store *store, const char *key, const char *address,
	const char *name, const char *language, const char *organisation, int64_t now_ms,
	int64_t *id) MUST_CHECK;

/* ---- Dead addresses, learnt from bounces and refusals ---- */
struct contact_health {
	int64_t suspended_ms; /* nothing is sent since; 0 = well */
	const char *reason;   /* "5.1.1" ... */
	int64_t failures;     /* since it last wrote */
};
enum store_status store_contact_health(struct store *store, struct arena *arena, int64_t id,
	struct contact_health *out) MUST_CHECK;
#define FAILURES_UNTIL_SUSPENDED 2
/* Counts a failure; suspends when `suspend`. */
enum store_status store_contact_failed(struct store *store, int64_t id, const char *reason,
	bool suspend, int64_t now_ms) MUST_CHECK;
/* It has written, or the operator says it is well. */
enum store_status store_contact_well(struct store *store, int64_t id) MUST_CHECK;
/* The operator says so of all that belong to somebody who has duties. */
enum store_status store_contacts_well(struct store *store) MUST_CHECK;

#endif
