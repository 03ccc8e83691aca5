/* Turn quota: how much is done in a day for one sender, and for all who prove nothing; and the receipt, which
 * is what most of them get. Called by turn_new and the kinds of case. Must not answer strangers more than
 * the settings say, nor send a word of theirs to an address that may not be theirs. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "core/words.h"

#define RECEIPTS_A_DAY 50   /* to one proven sender; above it a robot is writing */
#define RECEIPTS_UNPROVEN 1 /* to a From that may be forged */
#define MAILS_A_DAY 500	    /* of one sender: what he opens above it is put aside */

/* In all, a day: a stream of forged senders must not make Lots a stream of mail. */
static const int64_t QUOTAS[] = {
	[QUOTA_RECEIPT] = 200, [QUOTA_STRANGER] = 200, [QUOTA_CASE] = 1000};

bool turn_sender_known(const struct turn *t)
{
	return config_organisation_of_domain(t->config, t->event->from_domain) ||
	       people_by_key(t->people, t->event->from_key);
}

bool turn_sender_trusted(const struct turn *t)
{
	return t->event->trust == TRUST_PROVEN && turn_sender_known(t);
}

static void act(struct turn *t, const char *what, const char *data)
{
	struct other_op *op = arena_new_of(t->arena, struct other_op);

	op->what = what;
	op->data = data;
	STAILQ_INSERT_TAIL(&t->fx->others, op, next);
}

static bool within(const struct turn *t, enum quota quota)
{
	return t->in->snapshot->quota[quota] < QUOTAS[quota];
}

bool turn_may_answer(const struct turn *t)
{
	if (turn_sender_trusted(t))
		return t->in->snapshot->recent_receipts < RECEIPTS_A_DAY;
	if (t->event->trust != TRUST_PROVEN && !turn_sender_known(t))
		return false;
	return t->in->snapshot->recent_receipts < RECEIPTS_UNPROVEN && within(t, QUOTA_RECEIPT);
}

void turn_count_answer(struct turn *t)
{
	if (!turn_sender_trusted(t))
		act(t, "count", "receipt");
}

bool turn_put_aside(struct turn *t)
{
	bool proven = t->event->trust == TRUST_PROVEN, known = turn_sender_known(t);

	if (t->event->imported) /* years of mail in one day are no flood, and cause none */
		return false;
	if ((proven || within(t, QUOTA_CASE)) && (known || within(t, QUOTA_STRANGER)) &&
		t->in->snapshot->recent_mails < MAILS_A_DAY) {
		if (!proven)
			act(t, "count", "case");
		if (!known)
			act(t, "count", "stranger");
		return false;
	}
	act(t, "flood", "");
	turn_outcome(t, OUTCOME_HELD, "flood");
	return true;
}

/* ---- The receipt, for the kinds ---- */

void turn_expect(struct turn *t, struct outgoing *o)
{
	const struct clock_rule *rule = turn_rule(t);
	const struct templates *tm = t->config->templates;
	const char *calendar = turn_calendar(t, t->c->asked_now.n ? &t->c->asked_now : NULL);
	int64_t opens = turn_due(t, calendar, t->now_ms, 0);

	if (!tm)
		return;
	if (rule && rule->answer_within_ms)
		mail_text(o, "expect",
			words_expect(tm, t->arena, o->language, &t->config->zone,
				turn_due(t, calendar, t->now_ms, rule->answer_within_ms),
				t->now_ms));
	if (*calendar && opens > t->now_ms + MS_MINUTE)
		mail_text(o, "nobody_until",
			words_moment(
				tm, t->arena, o->language, &t->config->zone, opens, t->now_ms));
}

void turn_receipt_to_requester(struct turn *t, const char *template_id)
{
	struct outgoing *o;

	if (!turn_may_answer(t) || t->event->imported)
		return;
	/* An automatic answer to somebody who may not be the writer is the same whatever was written,
	 * his name included: it could carry an address to lure him to. */
	bool plain = !turn_sender_trusted(t);
	o = turn_mail_requester(t, MAILING_RECEIPT, plain ? "receipt" : template_id);
	if (plain) {
		static const char *const theirs[] = {"subject", "text", "attachments", "order",
			"personal_number", "requester", "history"};

		for (size_t i = 0; i < ARRAY_LEN(theirs); i++)
			json_object_del(o->view, theirs[i]);
		o->name = "";
		turn_count_answer(t);
	}
	turn_expect(t, o);
}
