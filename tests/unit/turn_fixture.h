/* Turn fixture: the sample's settings and people without a database, and turns on made-up snapshots. */
#ifndef LOTS_TESTS_UNIT_TURN_FIXTURE_H
#define LOTS_TESTS_UNIT_TURN_FIXTURE_H

#include "base/arena.h"
#include "core/turn.h"

struct turn_fixture {
	struct arena *arena, *scratch;
	struct config *config;
	struct people *people;
	struct token_keys keys;
	int64_t now_ms;
	/* Of the next turn. */
	struct mail mail;
	struct event event;
	struct snapshot snapshot;
	struct turn_input input;
	struct loaded_case loaded;
	struct candidate candidate;
	struct contact contacts[4];
};

/* Group setup and teardown; fixture() is the one. */
int fixture_start(void **state);
int fixture_stop(void **state);
struct turn_fixture *fixture(void);

const struct agent *fixture_agent(const char *address);
/* A case 1001 of anna.lind@kalix.example (contact 9001), asked of superanvandare.hsl@kalix.example,
 * is loaded and found by these bits. */
void fixture_case(unsigned found);
/* A mail from that address; proven, without a token. The contact of a requester is 9001 for Anna,
 * 9002 for others. */
void fixture_mail(const char *from, const char *subject, const char *text);
/* The mail came to a signed address made for that contact. */
void fixture_token(int64_t number, int64_t contact, enum token_class class);
void fixture_reference(int64_t number);

#endif
