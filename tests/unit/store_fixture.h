/* What the tests of the store share: a store in memory or in a folder of its own, and ready rows. */
#ifndef LOTS_TESTS_STORE_FIXTURE_H
#define LOTS_TESTS_STORE_FIXTURE_H

#include "base/prelude.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena.h"
#include "store/alarms.h"
#include "store/cases.h"
#include "store/contacts.h"
#include "store/inbox.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/store.h"
#include "tests/unit/scratch.h"

#define T0 INT64_C(1795420800000) /* 2026-11-23 08:00 UTC */

#define ok(call) assert_int_equal(call, STORE_OK)

struct fixture {
	struct arena *arena;
	struct store *store;
	char dir[SCRATCH_PATH]; /* "" in memory */
};

int fixture_memory(void **state);
int fixture_dir(void **state); /* opened, in a folder of its own */
int fixture_close(void **state);
void fixture_reopen(struct fixture *f);

/* One mail taken in; its inbox id. */
int64_t take_in(
	struct fixture *f, const char *mailbox, const char *key, const char *raw, int64_t now);
/* A contact, and a new open case of hers in the organisation; stored. */
struct kase *open_case(struct fixture *f, const char *organisation, const char *address);
/* An agent with one duty; its id. Replaces the directory by all agents made so far. */
int64_t add_agent(struct fixture *f, const char *address, const char *organisation);
/* A queued mail about the case to its requester; its id. */
int64_t queue_mail(struct fixture *f, struct kase *k, enum mail_class class, int64_t not_before);

#endif
