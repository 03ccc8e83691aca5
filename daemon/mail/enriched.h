/* Enriched: text/enriched (RFC 1896) and its predecessor text/richtext (RFC 1341) -> plain text. */
#ifndef LOTS_MAIL_ENRICHED_H
#define LOTS_MAIL_ENRICHED_H

#include "base/prelude.h"

struct arena;

/* `text` is UTF-8. Commands are dropped, lines joined as the type says. Never longer than the text.
 * `richtext` tells the older type, where only <nl> ends a line. */
char *enriched_to_text(struct arena *arena, const char *text, bool richtext);

#endif
