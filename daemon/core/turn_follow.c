/* Turn follow: who asked the same as somebody else, and was put together with him (#slå ihop), gets the
 * answer of the main case in his own thread, and decides nothing there. Called by core/turn and by the
 * handler that merges. Must never show him what the other wrote. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "core/feedback.h"
#include "mail/address.h"

#define FOLLOWERS_MAX 200 /* of one case; above it people are told by other means */

static bool is_same_person(struct turn *t, const struct kase *a, const struct kase *b)
{
	const char *one = address_key(t->arena, a->requester_address, t->config->own_domains);
	const char *two = address_key(t->arena, b->requester_address, t->config->own_domains);

	return one && two && strcmp(one, two) == 0;
}

bool turn_follow(struct turn *t, struct turn_case *this, struct turn_case *other)
{
	json_t *list = json_object_get(other->data, "followers"), *one;
	bool follows = !is_same_person(t, this->k, other->k);
	size_t i;

	if (!list) {
		list = json_array();
		json_object_set_new(other->data, "followers", list);
	}
	if (follows && json_array_size(list) < FOLLOWERS_MAX)
		json_array_append_new(
			list, json_pack("{s:I,s:s,s:s,s:s}", "number", (json_int_t)this->k->number,
				      "address", this->k->requester_address, "name",
				      this->k->requester_name, "subject", this->k->subject));
	/* Those who followed this one follow that one now. */
	json_array_foreach(json_object_get(this->data, "followers"), i, one)
	{
		if (json_array_size(list) < FOLLOWERS_MAX)
			json_array_append(list, one);
	}
	if (json_array_size(list) == 0)
		json_object_del(other->data, "followers");
	other->changed = true;
	return follows;
}

bool turn_is_follower(const struct turn *t)
{
	json_t *one;
	size_t i;

	if (!t->c || t->match.as != AS_REQUESTER || t->event->token_verdict != TOKEN_GOOD ||
		t->event->token.number == t->k->number)
		return false;
	json_array_foreach(json_object_get(t->c->data, "followers"), i, one)
	{
		if (json_integer_value(json_object_get(one, "number")) == t->event->token.number)
			return true;
	}
	return false;
}

void turn_of_follower(struct turn *t, enum feedback f)
{
	if (f == FEEDBACK_THANKS || f == FEEDBACK_YES) {
		turn_remark(t, f == FEEDBACK_YES ? "follower-helped" : "thanks");
		return;
	}
	turn_addition(t, t->text);
	if (t->k->state == STATE_ANSWERED && (f == FEEDBACK_NO || f == FEEDBACK_OTHER))
		turn_set_state(t, t->k->holder ? STATE_TAKEN : STATE_NEW);
}

/* What the chain says to the requester, not what goes on between him and us. */
static bool goes_to_followers(const struct outgoing *o)
{
	static const char *const told[] = {
		"answer", "solved", "interim", "referred", "closed", "correction"};

	if (o->agent || !o->kase || strcmp(o->address, o->kase->requester_address) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		if (strcmp(o->template_id, told[i]) == 0)
			return strcmp(told[i], "closed") != 0 ||
			       json_object_get(o->view, "answer") != NULL;
	}
	return false;
}

static const char *text_of(const json_t *one, const char *name)
{
	const char *s = json_string_value(json_object_get(one, name));

	return s ? s : "";
}

static void copy_to(struct turn *t, const struct outgoing *o, const json_t *one)
{
	static const char *const theirs[] = {"history", "requester", "attachments", "order"};
	struct outgoing *mine = arena_new_of(t->arena, struct outgoing);
	int64_t number = json_integer_value(json_object_get(one, "number"));

	*mine = *o;
	/* His own number, so that his reply is told from the requester's; the row is the main case's. */
	mine->kase = arena_new_of(t->arena, struct kase);
	*mine->kase = *o->kase;
	mine->kase->number = number;
	mine->address = arena_strdup(t->arena, text_of(one, "address"));
	mine->name = arena_strdup(t->arena, text_of(one, "name"));
	mine->in_reply_to = "";
	mine->view = json_deep_copy(o->view);
	for (size_t i = 0; i < ARRAY_LEN(theirs); i++)
		json_object_del(mine->view, theirs[i]);
	if (strcmp(o->template_id, "correction") != 0)
		json_object_del(mine->view, "text");
	json_object_del(mine->view, "subject");
	mail_text(mine, "number", arena_printf(t->arena, "%" PRId64, number));
	mail_text(mine, "subject", turn_masked(t, text_of(one, "subject")));
	STAILQ_INSERT_TAIL(&t->fx->mails, mine, next);
	t->fx->n_mails++;
}

void turn_copy_to_followers(struct turn *t)
{
	size_t n = t->fx->n_mails; /* the copies stand behind */
	struct outgoing *o;
	struct turn_case *c;
	json_t *one;
	size_t i;

	STAILQ_FOREACH(o, &t->fx->mails, next)
	{
		if (n-- == 0)
			break;
		STAILQ_FOREACH(c, &t->cases, next)
		{
			if (c->k != o->kase || !goes_to_followers(o))
				continue;
			json_array_foreach(json_object_get(c->data, "followers"), i, one)
				copy_to(t, o, one);
		}
	}
}
