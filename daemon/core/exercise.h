/* The exercise: the first mail to somebody who will be asked, "Svara TA på det här mejlet". Pure. */
#ifndef LOTS_CORE_EXERCISE_H
#define LOTS_CORE_EXERCISE_H

#include "core/config.h"
#include "core/people.h"

/* Has a duty in a link of a chain that cases climb; a desk with numbers of its own gets no exercise. */
bool exercise_is_for(
	const struct config *config, const struct people *people, const struct agent *agent);
/* Is it to be sent now? Only to people of an organisation that `live` names: with `live: all` nothing
 * begins, so nobody is asked to try. */
bool exercise_is_due(
	const struct config *config, const struct people *people, const struct agent *agent);

#endif
