/* format=flowed, RFC 3676: soft line breaks are joined again. */
#ifndef LOTS_MAIL_FLOWED_H
#define LOTS_MAIL_FLOWED_H

#include "base/prelude.h"

struct arena;

/* text has LF lines. Quote marks are kept as "> " per level; the signature line stays. */
char *flowed_join(struct arena *arena, const char *text, bool delsp);

#endif
