/* The sender's side of the desk: mails come in, the gate is asked and opened, outcomes go back.
 * Shared by the three kinds of sink; sender.c owns it. */
#ifndef LOTS_WORKERS_SENDER_DESK_H
#define LOTS_WORKERS_SENDER_DESK_H

#include "base/prelude.h"
#include "workers/outcome.h"

#include <jansson.h>
#include <sys/queue.h>

#define REPLY_TEXT_SIZE 500

enum gate {
	GATE_CLOSED,  /* the desk has not been asked */
	GATE_ASKED,   /* "dot" is sent, no answer yet */
	GATE_OPEN,    /* "go": the end of the mail may leave */
	GATE_DROPPED, /* "drop": it must not */
};

/* What came in one packet: the wire bytes of some mails, mapped until the last of them is done. */
struct parcel {
	struct bytes wires;
	size_t users;
};

/* One mail on its way. Lives from "send" to sender_done(). */
struct outgoing {
	TAILQ_ENTRY(outgoing) link;
	json_t *id;
	char *from; /* "" null return path */
	char *to;
	char *message_id;
	bool dsn;	   /* ask the server for reports of failure and delay */
	bool retry;	   /* it has been tried before */
	struct bytes wire; /* of the parcel */
	struct parcel *parcel;
	enum gate gate;
	size_t given;	       /* bytes of wire handed to the library */
	enum smtp_stage stage; /* how far it came */
	int reply;	       /* last complete reply at this stage, 0 none */
	char text[REPLY_TEXT_SIZE];
	void *driver; /* of the kind of sink */
};
TAILQ_HEAD(outgoing_list, outgoing);

struct sender {
	int sock;
	const char *name;
	json_t *job;
	int secret_fd;
	const struct sink_driver *kind;
	struct outgoing_list waiting; /* received, not begun */
	struct outgoing_list begun;   /* handed to the driver, not done */
	size_t count;		      /* in both */
	bool desk_gone;
	json_t *unsaid;	   /* what the desk is to be told with the next packet; NULL nothing */
	int64_t unsaid_ms; /* monotonic: since when */
	int told_state;	   /* -1 nothing yet, 0 down, 1 ok */
	char told_reason[REPLY_TEXT_SIZE];
	void *driver;
};

/* What a kind of sink does. */
struct sink_driver {
	/* 0, or -1 and a line in the log: the job makes no sense. */
	int (*open)(struct sender *s) MUST_CHECK;
	/* Does what can be done, waits at most until the desk speaks or ms have passed, and
	 * receives from it (sender_pump). */
	void (*run)(struct sender *s, int ms);
	/* The desk has answered for m (GATE_OPEN or GATE_DROPPED). May be NULL. */
	void (*gate)(struct sender *s, struct outgoing *m);
	void (*close)(struct sender *s);
};
extern const struct sink_driver sink_maildir, sink_smtp, sink_local_mta;

/* Receives what the desk has sent; waits up to ms (-1: for ever) for the first packet, and says before it
 * waits. Sets desk_gone. */
void sender_pump(struct sender *s, int ms);
/* The next mail that is fit to be sent, or NULL. */
struct outgoing *sender_next(struct sender *s);
/* What is reported below is held until this: the desk answers it all with one commit, and each packet wakes
 * it. Nothing is held for longer than a server takes to reply. */
void sender_say(struct sender *s);
/* Asks for the dot, once. */
void sender_ask(struct sender *s, struct outgoing *m);
/* Reports the outcome that follows from m's stage, reply and text, tells the sink's state, frees m.
 */
void sender_done(struct sender *s, struct outgoing *m);
/* The same with an outcome given by hand. */
void sender_done_as(struct sender *s, struct outgoing *m, struct verdict v);
/* Tells the desk when the state of the sink changes. */
void sender_state(struct sender *s, bool ok, const char *reason);
/* Notes a reply line of the server ("250-...", "250 ..."): the last complete one is kept. */
void outgoing_reply(struct outgoing *m, const char *line, size_t n);
/* One clean line of printable ASCII. */
void outgoing_text(struct outgoing *m, const char *text, size_t n);

#endif
