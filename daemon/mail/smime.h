/* S/MIME: what is inside a CMS message (RFC 5652), as far as it can be read without keys. */
#ifndef LOTS_MAIL_SMIME_H
#define LOTS_MAIL_SMIME_H

#include "base/prelude.h"

struct arena;

enum smime_kind {
	SMIME_UNKNOWN,
	SMIME_SIGNED,	 /* *content is the signed MIME entity (empty when it is detached) */
	SMIME_ENCRYPTED, /* enveloped or encrypted: nothing to read */
	SMIME_OTHER	 /* compressed, certificates only */
};

/* Signatures are not verified: that would need a store of trusted certificates, and nothing in Lots
 * grants rights by a mail's signature. */
enum smime_kind smime_read(struct arena *arena, struct bytes der, struct bytes *content);

#endif
