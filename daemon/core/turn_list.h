/* Turn list: what one person has before him, and the mails that tell it. */
#ifndef LOTS_CORE_TURN_LIST_H
#define LOTS_CORE_TURN_LIST_H

#include "core/turn_state.h"

/* He has something open: the list comes the next working morning. */
void turn_want_morning_list(struct turn *t, const struct agent *a);
/* Nobody took the case in hand: he is reminded, with all others of this moment in one mail. */
void turn_want_reminder(struct turn *t, const struct agent *a);
/* Does he stand for a ticket system (a service desk, a supplier)? It gets no lists. */
bool turn_is_ticket_system_agent(struct turn *t, const struct agent *a);
void turn_of_agent_clock(struct turn *t, const struct agent *a);

#endif
