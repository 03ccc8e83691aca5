/* Attachment: which files of a mail may go along to somebody else. Pure. */
#ifndef LOTS_CORE_ATTACHMENT_H
#define LOTS_CORE_ATTACHMENT_H

#include "mail/mail.h"

/* Pictures, PDF, office files and plain text that can be cut out of the raw mail. A small picture
 * shown inside the text is a logo; a large one is a pasted screenshot and counts. */
bool attachment_may_go(const struct mail_attachment *a);
/* Of what may not go: a logo, or the signature of the mail itself, that nobody misses. */
bool attachment_is_trimming(const char *type, int64_t size);

#endif
