/* HTML -> readable plain text: lists, tables, links (text <url> where they differ), quotes as "> ",
 * no hidden text, no scripts; never fetches anything. Linear, within limits. */
#ifndef LOTS_MAIL_HTML_H
#define LOTS_MAIL_HTML_H

#include "base/prelude.h"

struct arena;

/* utf8 is already decoded. Output at most max bytes (a defect "text-too-large" is the caller's). */
char *html_to_text(struct arena *arena, const char *utf8, size_t max, bool *too_large);

#endif
