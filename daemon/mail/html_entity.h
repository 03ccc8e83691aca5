/* HTML's named characters. Internal to html_token.c. */
#ifndef LOTS_MAIL_HTML_ENTITY_H
#define LOTS_MAIL_HTML_ENTITY_H

#include "base/prelude.h"

/* The character of "auml" and the like, 0 if there is none of that name. Case matters. */
uint32_t html_entity(const char *name);

#endif
