/* Outcome: the one table from replies to outcomes. Called by the senders. Must stay pure. RFC
 * 5321 4.2, 4.3.2; RFC 4954 6 (530, 535); DESIGN: 4xx later, 5xx never, silence after the end of the message
 * unknown. */
#include "base/prelude.h"

#include "workers/outcome.h"

static const char *const delivery_ids[] = {
	[DELIVERY_ACCEPTED] = "accepted",
	[DELIVERY_DEFERRED] = "deferred",
	[DELIVERY_FAILED] = "failed",
	[DELIVERY_UNKNOWN] = "unknown",
};
_Static_assert(ARRAY_LEN(delivery_ids) == DELIVERY_N, "every delivery has an id");

const char *delivery_id(enum delivery d)
{
	return delivery_ids[d];
}

bool delivery_from_id(const char *id, enum delivery *out)
{
	for (size_t i = 0; i < ARRAY_LEN(delivery_ids); i++) {
		if (strcmp(delivery_ids[i], id) == 0) {
			*out = (enum delivery)i;
			return true;
		}
	}
	return false;
}

/* The server wants us to log in, or differently (RFC 4954), or lost the thread of the dialogue
 * (503): that is no word about this mail. */
static bool is_about_session(int reply)
{
	return reply == 503 || reply == 530 || reply == 534 || reply == 535 || reply == 538;
}

static struct verdict verdict(enum delivery delivery, bool sink_down)
{
	return (struct verdict){.delivery = delivery, .sink_down = sink_down};
}

static struct verdict at_end(int reply)
{
	switch (reply / 100) {
	case 2:
		return verdict(DELIVERY_ACCEPTED, false);
	case 4:
		return verdict(DELIVERY_DEFERRED, reply == 421);
	case 5:
		if (is_about_session(reply))
			return verdict(DELIVERY_DEFERRED, true);
		return verdict(DELIVERY_FAILED, false);
	default:
		return verdict(DELIVERY_UNKNOWN, true);
	}
}

struct verdict outcome_of(enum smtp_stage stage, int reply)
{
	if (stage == SMTP_END)
		return at_end(reply);
	/* Before MAIL nothing has been said of this mail: whatever went wrong concerns the sink. */
	if (stage < SMTP_MAIL)
		return verdict(DELIVERY_DEFERRED, true);
	if (reply / 100 == 5 && !is_about_session(reply))
		return verdict(DELIVERY_FAILED, false);
	/* 421 announces that the server closes; no reply or a 2xx: it closed, or spoke nonsense. */
	bool about_mail = reply / 100 == 4 && reply != 421;
	return verdict(DELIVERY_DEFERRED, !about_mail);
}
