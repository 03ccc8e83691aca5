/* Feedback: what a requester's short reply means. Words of Swedish, English, Finnish and Meänkieli
 * as people type them; anything that is more than a plain word goes to a person. Pure. */
#ifndef LOTS_CORE_FEEDBACK_H
#define LOTS_CORE_FEEDBACK_H

#include "base/prelude.h"

struct arena;

enum feedback {
	FEEDBACK_OTHER,	    /* ordinary words */
	FEEDBACK_YES,	    /* JA: helped */
	FEEDBACK_NO,	    /* NEJ: did not */
	FEEDBACK_YES_BUT,   /* "Ja, men nu ...": to the holder */
	FEEDBACK_NO_THANKS, /* "Nej tack, det löste sig": to the holder */
	FEEDBACK_SOLVED,    /* "DET LÖSTE SIG" */
	FEEDBACK_THANKS,    /* "Tack": nothing */
	FEEDBACK_STATUS	    /* "Hur går det?" */
};

enum feedback feedback_read(struct arena *arena, const char *text);
/* "Tar den", "ok", "kollar", a thumb, a reaction mail: from the chain it means take. */
bool feedback_is_take(struct arena *arena, const char *text);
/* Nothing but thanks and greetings. */
bool feedback_is_thanks(struct arena *arena, const char *text);
/* "Ok", a thumb: consent to a question, and nothing more than that. */
bool feedback_is_ok(struct arena *arena, const char *text);
/* A yes and politeness, and nothing that anybody would have to read. */
bool feedback_is_plain(struct arena *arena, const char *text);

#endif
