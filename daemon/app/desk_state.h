/* Desk state: what the files desk_*.c of the running desk share. Private to them. */
#ifndef LOTS_APP_DESK_STATE_H
#define LOTS_APP_DESK_STATE_H

#include "app/desk.h"
#include "base/limits.h"
#include "mail/mail.h"
#include "store/inbox.h"
#include "store/outbox.h"
#include "workers/protocol.h"

#include <jansson.h>
#include <systemd/sd-event.h>

#define DESK_WORKERS_MAX 64
#define DESK_SLOTS 64	      /* mails between intake and turn at one time */
#define TROUBLE_PAUSE_MS 2000 /* after a full disk or a locked database */

enum worker_role { WORKER_READER, WORKER_PARSER, WORKER_SENDER };

struct worker {
	enum worker_role role;
	char name[64];
	int fd;	       /* -1: not running now */
	bool retiring; /* it is to end: closed when nothing is begun there */
	struct desk_loop *loop;
	sd_event_source *source;
	/* reader */
	bool swept; /* all that was there since the start or the last outage has been handed over */
	int64_t unread_since_mono; /* of the last outage, 0: the start */
	int64_t down_since_mono;   /* 0: well */
	bool well;		   /* has said so since the start or the last outage */
	char validity[64];
	int64_t deleted_up_to, deletes_at_mono;
	/* sender */
	size_t in_flight;
	size_t landing; /* of them, done in this round: their places may be claimed in it */
	double tokens;	/* rate limit */
	int64_t refilled_mono;
};

enum slot_state {
	SLOT_WAITING, /* its try is not committed yet */
	SLOT_READY,   /* may be given to the parser */
	SLOT_PARSING,
	SLOT_PARSED,
	SLOT_DIED /* the parser died on it, or said nonsense */
};

/* A mail between its inbox row and its turn. Kept in inbox order: mails are handled in that order. */
struct slot {
	enum slot_state state;
	int64_t inbox, raw;
	int64_t tries;
	bool alone; /* tried before: its turn is a transaction of its own */
	bool imported;
	char mailbox[64];
	int raw_fd;   /* sealed memfd, -1: fetch from the store */
	int reply_fd; /* from the parser's child, -1 */
	int went;     /* how often the parser process itself went with it */
	sd_event_source *source;
	struct arena *arena;
	struct mail *mail;
	const char *why;
	struct desk_loop *loop;
};

/* A mail read and not yet committed. */
struct arrival {
	struct worker *reader;
	char *key;
	int fd;
	struct bytes map;
	int64_t size, internal_ms;
	bool oversize, imported;
};

struct said { /* what a sender said of one mail */
	struct worker *sender;
	int64_t id;
	bool is_dot;
	bool sender_ended; /* said by nobody: the sender died with the mail */
	enum send_outcome outcome;
	int64_t code;
	char text[400];
};

struct in_flight {
	int64_t id;
	struct worker *sender;
	bool went; /* go was said */
};

struct claimed { /* a mail to be handed over when its claim is committed */
	struct worker *sender;
	const struct outbox_row *row;
};

struct desk_loop {
	struct desk desk;
	sd_event *events;
	sd_event_source *pump, *timer;
	int parent, control;
	bool once, stopping, ready;
	int exit_code;
	int64_t now_ms; /* of this round */
	int64_t clock_next_ms,
		outbox_next_ms; /* when there is something to do; INT64_MAX: nothing */
	bool look;		/* these two may be out of date */
	int64_t committed_mono; /* the last round that was, while the desk gathers; else 0 */
	int64_t started_mono, stop_by_mono, trouble_until_mono, trouble_since_mono, alarms_at_mono,
		counted_at_mono;
	char *clock_suspect; /* its turn was begun by the desk before this one, not ended; else NULL */
	int64_t clock_tries; /* of it */
	bool clock_noted;    /* a turn was begun, not ended */
	int64_t behind_mono; /* clocks wait: a source is unread, or what came from it is not handled */
	struct worker workers[DESK_WORKERS_MAX];
	size_t n_workers;
	struct arrival arrivals[MAX_BATCH];
	size_t n_arrivals;
	bool taking_in;			/* in this round */
	int64_t intake_until_mono;	/* nothing is taken in before */
	struct intake batch[MAX_BATCH]; /* the arrivals, as the store is given them */
	struct slot slots[DESK_SLOTS];	/* ring: first .. first + n */
	size_t first_slot, n_slots;
	int64_t last_inbox; /* newest row that has had a slot */
	bool backlog;	    /* rows beyond the slots wait in the store */
	size_t parsing;
	size_t n_turned;		     /* turns in this round's transaction */
	bool turn_failed;		     /* the turn of the oldest mail */
	struct said said[8 * SENDER_WINDOW]; /* of each mail in flight a dot and an outcome */
	size_t n_said;
	bool dots_refused; /* in this round */
	struct claimed claimed[4 * SENDER_WINDOW];
	size_t n_claimed;
	struct in_flight in_flight[4 * SENDER_WINDOW];
	size_t n_in_flight;
	int64_t exercised;   /* version of the people that have been looked at; -1 look again */
	struct arena *round; /* reset each round */
};

/* desk_round.c */
/* Commits what has come since the last round, and says what may then be said. */
void desk_round(struct desk_loop *l);
void desk_look(struct desk_loop *l); /* reads when the next clock and the next mail are due */

/* desk_loop.c */
void desk_kick(struct desk_loop *l); /* have a round soon */
/* Says whether st was good. Trouble that passes pauses the desk; anything else ends it (75). */
bool desk_good(struct desk_loop *l, enum store_status st, const char *what);
/* Says something to a worker. One that leaves no room for it in TELL_MS hangs: its socket is closed, which
 * ends it, and the desk goes on. Whether it was said. */
bool desk_tell(struct worker *w, json_t *head, const int *fds, size_t nfds);
void desk_trouble(struct desk_loop *l); /* something cannot be stored now: since when */
struct worker *desk_worker(struct desk_loop *l, enum worker_role role, const char *name);

/* desk_clocks.c: due times by the hours of the settings as they are now; standing clocks */
void desk_clocks_read(struct desk_loop *l);
/* What the desk before this one noted and did not end. spare: it was killed from outside. */
void desk_clocks_found(struct desk_loop *l, bool spare);
void desk_clocks(struct desk_loop *l); /* runs those that are due, at most a round's worth */
void desk_clocks_end(struct desk_loop *l);

/* desk_exercise.c */
void desk_exercises(struct desk_loop *l);

/* desk_intake.c */
void desk_reader_message(struct desk_loop *l, struct worker *w, json_t *head, int fd);
void desk_source_down(struct worker *w); /* cannot be read, or its reader died */
/* Takes in no more than there are slots: what waits, waits on its server, where it is as safe. */
bool desk_intake_full(const struct desk_loop *l);
enum store_status desk_intake_store(struct desk_loop *l) MUST_CHECK;
void desk_intake_undo(struct desk_loop *l); /* the round was rolled back */
bool desk_intake_ready(const struct desk_loop *l);
/* What was read cannot be stored now (a full disk): the rest of the desk's work goes on without it. */
void desk_intake_pause(struct desk_loop *l, enum store_status st);
void desk_intake_done(struct desk_loop *l);			    /* it is committed */
void desk_intake_drop(struct desk_loop *l, const struct worker *w); /* its reader died */

void desk_delete_old(struct desk_loop *l);
void desk_intake_drop_all(struct desk_loop *l);

/* desk_parse.c */
bool desk_slot_add(struct desk_loop *l, const struct inbox_row *row, int raw_fd);
bool desk_parser_runs(struct desk_loop *l);
bool desk_turns_ready(struct desk_loop *l);
enum store_status desk_turns(struct desk_loop *l) MUST_CHECK;
void desk_turns_done(struct desk_loop *l);
void desk_slots_spare(struct desk_loop *l);
void desk_slots_give_back(struct desk_loop *l);
void desk_slots_free(struct desk_loop *l);

/* desk_send.c */
void desk_sender_message(struct desk_loop *l, struct worker *w, json_t *head);
void desk_sender_gone(struct desk_loop *l, struct worker *w);
enum store_status desk_said_store(struct desk_loop *l) MUST_CHECK;
void desk_said_done(struct desk_loop *l);
bool desk_claim_ready(struct desk_loop *l); /* a mail waits, and a sender with room */
enum store_status desk_claim(struct desk_loop *l) MUST_CHECK;
void desk_claim_done(struct desk_loop *l);

/* desk_alarm.c */
void desk_alarms(struct desk_loop *l);
void desk_alarm(struct desk_loop *l, const char *key, const char *text);

#endif
