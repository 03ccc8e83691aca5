/* RTF -> plain text: only what mail bodies inside winmail.dat need. */
#ifndef LOTS_MAIL_RTF_H
#define LOTS_MAIL_RTF_H

#include "base/prelude.h"

struct arena;
struct charsets;

/* At most max bytes of text; the rest is dropped. */
char *rtf_to_text(struct arena *arena, struct charsets *cs, struct bytes in, size_t max);

#endif
