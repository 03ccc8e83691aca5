/* Holiday: the public holidays of Sweden (lag 1989:253), computed for any year. Pure. */
#ifndef LOTS_CORE_HOLIDAY_H
#define LOTS_CORE_HOLIDAY_H

#include "base/date.h"

/* True on a public holiday (helgdag); a plain Sunday does not count, Easter Day and Whit Sunday do.
 * *eve (may be NULL): Midsummer, Christmas and New Year's Eve, which are no public holidays but
 * closed nearly everywhere. */
bool holiday_swedish(struct date d, bool *eve);

#endif
