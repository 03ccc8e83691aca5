/* HTML's named characters, and those that Word makes of smileys and arrows. Internal to html.c and
 * html_token.c. */
#ifndef LOTS_MAIL_HTML_ENTITY_H
#define LOTS_MAIL_HTML_ENTITY_H

#include "base/prelude.h"

/* The character of "auml" and the like, 0 if there is none of that name. Case matters. */
uint32_t html_entity(const char *name);

/* What the text shows in the font Wingdings if it is one letter of Word's autocorrection, else NULL. */
const char *html_wingding(const char *text, size_t n);

#endif
