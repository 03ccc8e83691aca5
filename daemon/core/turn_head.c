/* Turn head: the one who must approve an order answers JA or NEJ. Called by core/turn; what follows
 * from it is the kind's own (handlers/access). */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/feedback.h"

/* "Godkänner", "avslås": the words of the question itself. */
static enum feedback decision(struct turn *t, enum feedback f)
{
	static const char *const yes[] = {"godkanner", "godkanns", "godkant", "godkand", "approved",
		"approve", "ok", "okej", "bifalles"};
	static const char *const no[] = {"avslas", "avslar", "avslag", "denied", "nekas"};
	const char *folded = text_fold(t->arena, t->text);
	size_t n = strcspn(folded, " .,!\n");
	const char *first = arena_strndup(t->arena, folded, n);

	if (f != FEEDBACK_OTHER || strlen(folded) > 120)
		return f;
	for (size_t i = 0; i < ARRAY_LEN(no); i++) {
		if (strcmp(first, no[i]) == 0)
			return FEEDBACK_NO;
	}
	/* "Godkänner inte", "ok men ...": not clear. */
	if (text_has_word(folded, "inte") || text_has_word(folded, "men") ||
		text_has_word(folded, "not"))
		return f;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (strcmp(first, yes[i]) == 0)
			return FEEDBACK_YES;
	}
	return f;
}

static void not_clear(struct turn *t)
{
	turn_log(t, LOGGED_REMARK, t->text, json_pack("{s:s}", "why", "head-not-clear"));
	turn_refuse(t, NULL, "yes-or-no", "");
	turn_receipt(t);
}

void turn_of_head(struct turn *t)
{
	const struct handler *kind = handler_of_kind(t->in->handlers, t->k->kind);
	enum feedback f = feedback_read(t->arena, t->text);
	struct sheet sheet;

	turn_outcome(t, OUTCOME_CASE, "");
	if (!t->may_act || t->event->token.class != TOKEN_HEAD) {
		turn_remark(t, t->event->trust == TRUST_PROVEN ? "no-token" : "unproven");
		return;
	}
	command_read(t->arena, t->in->handlers, t->text, &sheet);
	f = decision(t, f);
	if (sheet.reply == REPLY_NO)
		f = FEEDBACK_NO;
	if (sheet.reply == REPLY_YES && f != FEEDBACK_YES_BUT)
		f = FEEDBACK_YES;
	if (f == FEEDBACK_THANKS)
		turn_remark(t, "thanks");
	else if (!kind || !kind->decide || (f != FEEDBACK_YES && f != FEEDBACK_NO))
		not_clear(t);
	else
		kind->decide(t, f == FEEDBACK_YES, sheet.parts[0].text);
}
