/* Mail <-> JSON: how the parser process hands a struct mail to the desk, and what
 * `lotsctl parse --json` prints. Keys: subject from_addr from_name message_id in_reply_to references
 * text new_text attachments[{name,type,size,...}] auto bounce{recipient,status,temporary,...} and
 * the rest of struct mail under its own member names. */
#ifndef LOTS_MAIL_MAILJSON_H
#define LOTS_MAIL_MAILJSON_H

#include "mail/mail.h"

#include <jansson.h>

struct arena;

json_t *mail_to_json(const struct mail *m) MUST_CHECK; /* new reference */
/* Checks types, counts and maxima, cleans every string. NULL and *error (a fixed text) if the
 * object cannot come from our parser. Strings are copied into the arena. */
struct mail *mail_from_json(struct arena *arena, const json_t *o, const char **error) MUST_CHECK;

#endif
