/* Turn desk: replies to mails that are about no case (morning list, exercise, quarterly question), and
 * the clocks of people and organisations. */
#include "base/prelude.h"
#include "core/turn_state.h"

void turn_of_desk(struct turn *t)
{
	turn_outcome(t, OUTCOME_IGNORED, "desk");
}

void turn_of_standing_clock(struct turn *t)
{
	(void)t;
}

void turn_of_head(struct turn *t)
{
	turn_remark(t, "head");
}

void turn_of_operator(struct turn *t)
{
	turn_outcome(t, OUTCOME_NONE, "unknown-verb");
}
