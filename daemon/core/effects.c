/* Effects: an empty set, letting go of what it owns, and the ids of clocks, outcomes and mail
 * classes. Used by core/turn and the handlers (which append) and by app (which applies). The ids
 * stand in the database: they are never changed. */
#include "base/prelude.h"
#include "core/effects.h"

static const char *const clock_kinds[] = {
	[CLOCK_TAKE] = "take",
	[CLOCK_NEXT] = "next",
	[CLOCK_ANSWER] = "answer",
	[CLOCK_PROMISE] = "promise",
	[CLOCK_PAUSE] = "pause",
	[CLOCK_WAITING_REMIND] = "waiting_remind",
	[CLOCK_WAITING_CLOSE] = "waiting_close",
	[CLOCK_FEEDBACK_REMIND] = "feedback_remind",
	[CLOCK_FEEDBACK_CLOSE] = "feedback_close",
	[CLOCK_APPROVAL] = "approval",
	[CLOCK_SUPPLIER] = "supplier",
	[CLOCK_MORNING] = "morning",
	[CLOCK_QUARTER] = "quarter",
	[CLOCK_ABSENCE] = "absence",
	[CLOCK_DOWNTIME] = "downtime",
	[CLOCK_UPDATE] = "update",
	[CLOCK_REMIND] = "remind",
	[CLOCK_UNDELIVERED] = "undelivered",
};
_Static_assert(ARRAY_LEN(clock_kinds) == CLOCK_KIND_N, "a clock has no id");

static const char *const outcomes[] = {
	[OUTCOME_NONE] = "none",
	[OUTCOME_CASE] = "case",
	[OUTCOME_DUPLICATE] = "duplicate",
	[OUTCOME_IGNORED] = "ignored",
	[OUTCOME_HELD] = "held",
};
_Static_assert(ARRAY_LEN(outcomes) == OUTCOME_N, "an outcome has no id");

static const char *const mail_classes[] = {
	[MAILING_ALARM] = "alarm",
	[MAILING_ANSWER] = "answer",
	[MAILING_NOTIFICATION] = "notification",
	[MAILING_HANDOVER] = "handover",
	[MAILING_RECEIPT] = "receipt",
	[MAILING_COMMAND] = "command",
	[MAILING_DIGEST] = "digest",
	[MAILING_BROADCAST] = "broadcast",
};
_Static_assert(ARRAY_LEN(mail_classes) == MAILING_N, "a mail class has no id");

void effects_init(struct effects *e)
{
	memset(e, 0, sizeof(*e));
	STAILQ_INIT(&e->cases);
	STAILQ_INIT(&e->logs);
	STAILQ_INIT(&e->clocks);
	STAILQ_INIT(&e->mails);
	STAILQ_INIT(&e->asked);
	STAILQ_INIT(&e->absences);
	STAILQ_INIT(&e->others);
	e->outcome = OUTCOME_NONE;
	e->reason = "";
}

void effects_release(struct effects *e)
{
	struct outgoing *o;

	STAILQ_FOREACH(o, &e->mails, next)
	{
		json_decref(o->view);
		o->view = NULL;
	}
	effects_init(e);
}

const char *clock_kind_id(enum clock_kind k)
{
	if ((size_t)k >= CLOCK_KIND_N)
		abort();
	return clock_kinds[k];
}

bool clock_kind_from_id(const char *id, enum clock_kind *out)
{
	for (size_t i = 0; id && i < CLOCK_KIND_N; i++) {
		if (strcmp(clock_kinds[i], id) == 0) {
			*out = (enum clock_kind)i;
			return true;
		}
	}
	return false;
}

const char *turn_outcome_id(enum turn_outcome o)
{
	if ((size_t)o >= OUTCOME_N)
		abort();
	return outcomes[o];
}

const char *mail_class_id(enum mail_class c)
{
	if ((size_t)c >= MAILING_N)
		abort();
	return mail_classes[c];
}

bool mail_class_from_id(const char *id, enum mail_class *out)
{
	for (size_t i = 0; id && i < MAILING_N; i++) {
		if (strcmp(mail_classes[i], id) == 0) {
			*out = (enum mail_class)i;
			return true;
		}
	}
	return false;
}
