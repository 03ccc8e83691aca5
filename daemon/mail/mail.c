/* Mail: the names of the kinds of mail. Called by mailjson.c, store and logs. */
#include "base/prelude.h"

#include "mail/mail.h"

static const char *const auto_ids[] = {
	[MAIL_PERSON] = "person",
	[MAIL_AUTO_REPLY] = "auto-reply",
	[MAIL_OUT_OF_OFFICE] = "out-of-office",
	[MAIL_BOUNCE] = "bounce",
	[MAIL_FEEDBACK] = "feedback",
	[MAIL_LIST] = "list",
	[MAIL_READ_RECEIPT] = "read-receipt",
	[MAIL_VERIFICATION] = "verification",
	[MAIL_OWN] = "own",
};

_Static_assert(ARRAY_LEN(auto_ids) == MAIL_AUTO_N, "every kind has a name");

const char *mail_auto_id(enum mail_auto a)
{
	return auto_ids[a];
}
