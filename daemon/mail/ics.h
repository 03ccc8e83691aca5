/* ICS: a calendar invitation as one readable line. RFC 5545, 5546. */
#ifndef LOTS_MAIL_ICS_H
#define LOTS_MAIL_ICS_H

#include "base/prelude.h"

struct arena;

/* "[REQUEST] Summary · 2026-03-04 10:00–11:00 Europe/Stockholm · Room · organiser@x.example" from the
 * first VEVENT, VTODO left out; "" if there is none. Words of ours are not in it, only those of the
 * invitation. */
char *ics_line(struct arena *arena, const char *text);

#endif
