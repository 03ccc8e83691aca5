/* Desk: the state of the one who owns the databases: settings, people, keys, store. No sockets
 * here: the running daemon (app/desk_loop.h), lotsctl without a daemon (app/control.h) and the
 * scenario runner (in memory) all work through this. */
#ifndef LOTS_APP_DESK_H
#define LOTS_APP_DESK_H

#include "core/config.h"
#include "core/people.h"
#include "core/token.h"

struct arena;
struct handler;
struct store;

struct desk {
	struct arena *config_arena;
	const struct config *config;
	struct config *own_config; /* the same, when desk_open read it */
	struct store *store;
	struct arena *people_arena; /* of `people`, made anew when they change */
	struct people *people;
	struct token_keys keys;
	unsigned char content_key[TOKEN_KEY_BYTES]; /* keys the content_key hash */
	const struct handler *const *handlers;
	struct arena *turn_arena; /* reset for each turn */
	int64_t fixed_now_ms;	  /* --now, or of a rehearsal; 0 = the clock */
	bool alarmed;	 /* something was raised or put aside: the running desk looks at once */
	bool read_again; /* a mail was taken out of quarantine: the running desk looks for it */
};

enum desk_open { DESK_OPEN_DAEMON, DESK_OPEN_OPERATOR };

/* Loads settings, takes the lock, opens the databases, reads keys and people. 0, or a sysexits code
 * with everything told on stderr (78 settings or schema, 75 locked by another, 74 I/O). */
int desk_open(struct desk *d, const char *settings_path, enum desk_open how) MUST_CHECK;
/* Around a store and config the caller owns (tests): keys are derived from `seed`. */
int desk_open_memory(struct desk *d, const struct config *config, struct store *store,
	const char *seed) MUST_CHECK;
/* Reads people again from the store. */
int desk_reload_people(struct desk *d) MUST_CHECK;
/* Reads the settings again; keeps the old ones and returns -1 when they are wrong. */
int desk_reload_settings(struct desk *d) MUST_CHECK;
void desk_close(struct desk *d);
/* The one now of a round: the clock, or --now. */
int64_t desk_now(const struct desk *d);

#endif
