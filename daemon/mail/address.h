/* Address: mailbox syntax and the one key under which addresses are compared. */
#ifndef LOTS_MAIL_ADDRESS_H
#define LOTS_MAIL_ADDRESS_H

#include "base/prelude.h"

struct arena;

/* The address in "Anna Ek <anna@x.example>" or in a line of words: where it begins, *length its bytes;
 * NULL if there is no '@'. It may still be no usable address. */
const char *address_find(const char *text, size_t *length);
/* The key of an address: exact UTF-8 local part, ASCII lower-cased; domain as A-labels (IDNA2008),
 * lower case; "+tag" cut only when the domain key is in own_domains (NULL-ended, may be NULL).
 * NULL if it is no usable address (no single @, over 254 octets, control or blank inside, quoted
 * local part, empty label, non-LDH domain after IDNA). */
char *address_key(struct arena *arena, const char *address, const char *const *own_domains);
/* The domain key of an address, or NULL. */
char *address_domain(struct arena *arena, const char *address);
/* True if it may stand in an SMTP envelope: ASCII, no byte < 0x21, 0x7f, '<', '>', '"', one '@',
 * within the lengths of RFC 5321. Everything sent passes this. */
bool address_envelope_ok(const char *address);
/* A display name as it may be shown beside its address: "" for one that holds an address itself, which
 * would be read as the sender's. */
const char *address_shown_name(const char *name);

#endif
