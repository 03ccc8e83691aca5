/* Outcome: what became of one delivery, decided in one place from what the server said and when.
 * Pure. Four values and no more: everything a server can do maps to one of them. */
#ifndef LOTS_WORKERS_OUTCOME_H
#define LOTS_WORKERS_OUTCOME_H

#include "base/prelude.h"

enum delivery {
	DELIVERY_ACCEPTED, /* the server has taken responsibility */
	DELIVERY_DEFERRED, /* not sent; the same later may succeed */
	DELIVERY_FAILED,   /* not sent, and this mail never will be */
	DELIVERY_UNKNOWN,  /* its end left and no final answer came: sent once, or not at all */
	DELIVERY_N
};

/* How far an SMTP dialogue had come when it ended. The order is the protocol's. */
enum smtp_stage {
	SMTP_CONNECT, /* no greeting yet */
	SMTP_HELLO,   /* EHLO, HELO */
	SMTP_TLS,     /* STARTTLS and the handshake */
	SMTP_LOGIN,   /* AUTH */
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA, /* DATA asked, or the message on its way without its end */
	SMTP_END,  /* the end of the message was handed over */
	SMTP_STAGE_N
};

struct verdict {
	enum delivery delivery;
	bool sink_down; /* the fault lies with the server or its settings, not with this mail */
};

/* reply: the code of the complete reply that ended the dialogue at this stage; 0 when there was
 * none (closed, timed out, cut off, unreadable). At SMTP_END only a reply to the end of the data
 * counts. */
struct verdict outcome_of(enum smtp_stage stage, int reply);

const char *delivery_id(enum delivery d); /* "accepted" ... */
bool delivery_from_id(const char *id, enum delivery *out) MUST_CHECK;

#endif
