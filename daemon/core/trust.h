/* Trust: may the From of this mail be believed? From the mailbox's rule (`trust:`) and the
 * Authentication-Results (RFC 8601) above the border, never from From alone. Pure. */
#ifndef LOTS_CORE_TRUST_H
#define LOTS_CORE_TRUST_H

#include "core/config.h"
#include "mail/mail.h"

struct arena;

enum trust_verdict {
	TRUST_UNPROVEN, /* a remark, whatever it says */
	TRUST_PROVEN,	/* From is who it says */
};

/* *why is a fixed word for the log. */
enum trust_verdict trust_judge(
	struct arena *arena, const struct trust_rule *rule, const struct mail *m, const char **why);

#endif
