/* Policy: who may use which command on which case. From role, organisation and state; trust and the
 * signed address have been judged before. Pure. */
#ifndef LOTS_CORE_POLICY_H
#define LOTS_CORE_POLICY_H

#include "core/turn_state.h"

/* NULL if the command may be used now, else the code of the refusal (words.txt: refuse.<code>). */
const char *policy_refuses(const struct turn *t, const struct handler *h);
/* May he speak with the supplier about this case? Managers, and who has that right in the directory. */
bool policy_may_report(const struct turn *t, const struct agent *a);

#endif
