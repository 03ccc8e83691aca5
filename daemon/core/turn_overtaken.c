/* Turn overtaken: a reply that came before the mail it answers. Two servers, or two tries of one, bring two
 * mails of a minute in any order. The case that such a reply opens notes what it answers; when that mail
 * comes, it goes into the case. Only the requester's own: who else wrote it asks something, and gets his
 * receipt and his answer. Called by turn_new. Must never reopen a case, nor act on a word of that mail. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "core/classify.h"

#define KEY "answers" /* of a case's data: Message-IDs */
#define IDS_MAX 4
#define ID_BYTES 250

static void add(json_t *ids, const struct mail_strings *list)
{
	for (size_t i = list->n; i-- > 0 && json_array_size(ids) < IDS_MAX;) {
		if (*list->v[i] && strlen(list->v[i]) <= ID_BYTES)
			json_array_append_new(ids, json_string(list->v[i]));
	}
}

void turn_note_answered(struct turn *t)
{
	const struct snapshot *s = t->in->snapshot;
	json_t *ids;

	if (t->event->imported || t->event->names_our_mail)
		return;
	for (size_t i = 0; i < s->n_candidates; i++) {
		if (s->candidates[i].found & FOUND_INBOUND_ID)
			return; /* it is here already */
	}
	ids = json_array();
	add(ids, &t->mail->in_reply_to);
	add(ids, &t->mail->references);
	if (json_array_size(ids))
		json_object_set(t->c->data, KEY, ids);
	json_decref(ids);
}

static bool answers(const struct turn_case *c, const char *id)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(c->data, KEY), i, one)
	{
		if (strcmp(json_string_value(one), id) == 0)
			return true;
	}
	return false;
}

/* By itself it would be a question, as that case is: orders and reports are read from what opens theirs. */
static bool is_question(struct turn *t, const char *text)
{
	struct classified cl;

	classify(t->arena, t->config, t->people, config_mailbox(t->config, t->event->mailbox),
		t->event->from_key, t->event->from_domain, t->mail->subject, text, &cl);
	return cl.kind == KIND_QUESTION;
}

/* A proven mail is not put with one that may be another's, nor the other way. */
static bool as_proven(const struct turn *t, const struct turn_case *c)
{
	return json_is_true(json_object_get(c->data, "unproven")) ==
	       (t->event->trust != TRUST_PROVEN);
}

static bool takes(struct turn *t, const struct candidate *candidate)
{
	const struct loaded_case *l = candidate->loaded;
	const struct agent *agent;

	return (candidate->found & FOUND_SAME_REQUESTER) && turn_is_open(&l->kase) &&
	       l->kase.state != STATE_ANSWERED && l->kase.kind == KIND_QUESTION &&
	       strstr(l->kase.data, "\"" KEY "\"") && !match_other_subject(t->in, &l->kase) &&
	       match_sender(t->in, &l->kase, l, &agent) == AS_REQUESTER;
}

bool turn_join_reply(struct turn *t, const char *text)
{
	const struct snapshot *s = t->in->snapshot;
	struct turn_case *before = t->c;

	if (t->event->imported || !*t->mail->message_id)
		return false;
	for (size_t i = 0; i < s->n_candidates; i++) {
		if (!takes(t, &s->candidates[i]) || !is_question(t, text))
			continue;
		struct turn_case *c = turn_case_of(t, s->candidates[i].loaded);
		if (!answers(c, t->mail->message_id) || !as_proven(t, c))
			continue;
		turn_focus(t, c);
		t->match.loaded = c->loaded;
		t->match.as = AS_REQUESTER;
		t->match.by = "overtaken";
		json_object_del(c->data, KEY);
		turn_changed(t);
		turn_addition(t, text);
		turn_outcome(t, OUTCOME_CASE, "");
		return true;
	}
	turn_focus(t, before);
	return false;
}
