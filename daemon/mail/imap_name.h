/* Imap_name: the name of a folder as IMAP has it on the wire. */
#ifndef LOTS_MAIL_IMAP_NAME_H
#define LOTS_MAIL_IMAP_NAME_H

#include "base/prelude.h"

struct arena;

/* Modified UTF-7 of a name in valid UTF-8 (RFC 3501 section 5.1.3): "Åtgärdat" is "&AMU-tg&AOQ-rdat".
 * A name of ASCII without '&' is itself. */
const char *imap_name_encode(struct arena *arena, const char *name);

#endif
