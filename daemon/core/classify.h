/* Classify: what a new mail is about: kind, organisation, unit, system, area, priority. From the
 * mailbox, the sender's address and the words of the configuration. Pure. */
#ifndef LOTS_CORE_CLASSIFY_H
#define LOTS_CORE_CLASSIFY_H

#include "core/config.h"
#include "core/people.h"

struct arena;
struct mail;

struct classified {
	enum case_kind kind;
	const char *organisation;	  /* "unknown" when the domain is nobody's */
	const char *unit, *system, *area; /* "" not recognised */
	int priority;
	bool thin; /* too little to work on: ask back at once */
};

#define PRIORITY_NORMAL 3

/* from_key and from_domain are those of the event; mailbox may be NULL. */
void classify(struct arena *arena, const struct config *config, const struct people *people,
	const struct mailbox *mailbox, const char *from_key, const char *from_domain,
	const char *subject, const char *text, struct classified *out);
/* The area a person names ("HSL", "ifo"): by id, name or word; "" if none or several. */
const char *classify_area_named(struct arena *arena, const struct config *config,
	const char *organisation_kind, const char *words);

#endif
