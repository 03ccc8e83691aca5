/* Choice: the plain or the HTML alternative of a mail? Internal to body.c. */
#ifndef LOTS_MAIL_BODY_CHOICE_H
#define LOTS_MAIL_BODY_CHOICE_H

#include "base/prelude.h"

struct arena;

/* True if the text from HTML should be shown instead of the plain one. Plain text is the better source
 * unless it is empty, a notice that one should read HTML, another text altogether, or broken in the
 * middle of words. */
bool body_html_is_better(struct arena *arena, const char *plain, const char *html);

#endif
