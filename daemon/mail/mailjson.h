/* Mail -> JSON: what `lotsctl parse --json` prints. Keys: subject from_addr from_name message_id in_reply_to
 * references text new_text attachments[{name,type,size,...}] auto bounce{recipient,status,temporary,...}
 * and the rest of struct mail under its own member names. */
#ifndef LOTS_MAIL_MAILJSON_H
#define LOTS_MAIL_MAILJSON_H

#include "mail/mail.h"

#include <jansson.h>

struct buf;

/* One line, without its end. Adds to out, which is failed if its maximum does not do. */
void mail_write_json(const struct mail *m, struct buf *out);
/* The same as an object: new reference, NULL if out of memory. */
json_t *mail_to_json(const struct mail *m) MUST_CHECK;

#endif
