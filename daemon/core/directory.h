/* Directory: whom a person means by "#till FL", "#till Anna", "#till objektspecialist kalix ifo". */
#ifndef LOTS_CORE_DIRECTORY_H
#define LOTS_CORE_DIRECTORY_H

#include "core/turn_state.h"

struct directory_hit {
	const struct agent **v; /* who fits, in file order, no doubles */
	size_t n;
	const char *area; /* area id that was named, "" none */
	const char *note; /* words behind it that are no name, "" none */
	bool only_area;	  /* an area and nothing else: the same link, that area */
	bool is_address;
	bool unknown; /* an address or a name that is nobody's */
};

void directory_find(struct turn *t, const char *words, struct directory_hit *out);
/* One agent by address or name within the organisation of `near`; NULL if none or several. */
const struct agent *directory_one(struct turn *t, const char *words, const struct agent *near);

#endif
