/* Undo: #ångra, what has not left is stopped and the case is as before; what has left is followed by a
 * correction to the requester. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "core/words.h"

/* What the requester does not read: there is nothing to correct towards him. */
static bool goes_to_others(enum log_type type)
{
	return type == LOGGED_ESCALATED || type == LOGGED_ASSIGNED || type == LOGGED_SENT_BACK ||
	       type == LOGGED_SUPPLIER;
}

/* A number noted, or what came from them: nothing of ours went there. */
static bool is_word_of_supplier(const struct log_entry *e)
{
	return e->type == LOGGED_SUPPLIER && !strstr(e->data, "\"handed_over\":true");
}

/* From which link a hand-over took the case. */
static const char *link_before(struct turn *t, const struct log_entry *e)
{
	json_t *data = json_loads(e->data, 0, NULL);
	const char *from = json_string_value(json_object_get(data, "from"));
	const char *link = from ? arena_strdup(t->arena, from) : turn_link_of(t, t->actor);

	json_decref(data);
	return link;
}

/* The newest thing said to the requester by this sender; NULL if there is none to undo. */
static const struct log_entry *last_said(struct turn *t)
{
	const struct loaded_case *l = t->c->loaded;

	for (size_t i = l ? l->n_log : 0; i-- > 0;) {
		const struct log_entry *e = &l->log[i];
		bool said = e->type == LOGGED_ANSWERED || e->type == LOGGED_INTERIM ||
			    e->type == LOGGED_QUESTION_BACK || e->type == LOGGED_REFERRED ||
			    (goes_to_others(e->type) && !is_word_of_supplier(e)) ||
			    (e->type == LOGGED_CLOSED && e->actor);

		if (e->type == LOGGED_UNDONE)
			return NULL;
		if (said && e->actor == t->actor->id)
			return e;
	}
	return NULL;
}

static int check(struct turn *t, const struct command *c)
{
	const struct log_entry *e = last_said(t);

	if (!e)
		return turn_refuse(t, c, "nothing-to-undo", "");
	/* A hand-over that has left cannot be called back: the case must be sent back by word. */
	if (!t->c->loaded->unsent && goes_to_others(e->type))
		return turn_refuse(t, c, "gone", "");
	return 0;
}

static void cancel_unsent(struct turn *t)
{
	struct other_op *op = arena_new_of(t->arena, struct other_op);

	op->what = "cancel_outgoing";
	op->kase = t->k;
	op->data = "{}";
	STAILQ_INSERT_TAIL(&t->fx->others, op, next);
}

static void correct(struct turn *t, const struct log_entry *e, const char *text)
{
	struct outgoing *o = turn_mail_requester(t, MAILING_ANSWER, "correction");

	mail_text(o, "text", turn_masked(t, e->text));
	mail_text(o, "answer", turn_masked(t, text));
	if (t->config->templates)
		mail_text(o, "when",
			words_moment(t->config->templates, t->arena, o->language, &t->config->zone,
				e->at_ms, t->now_ms));
	t->text_sent =
		*text ? turn_masked(t, text)
		      : turn_words(t, turn_agent_language(t, t->actor), "sent.correction", NULL);
}

static void plan(struct turn *t, const struct command *c)
{
	const struct log_entry *e = last_said(t);
	bool had_left = t->c->loaded->unsent == 0;
	json_t *v = turn_object(t);

	if (had_left)
		correct(t, e, c->text);
	else
		cancel_unsent(t);
	turn_log(t, LOGGED_UNDONE, c->text,
		json_pack("{s:s,s:b}", "what", log_type_id(e->type), "had_left", had_left));
	t->k->holder = t->actor->id;
	if (!had_left && goes_to_others(e->type) && e->type != LOGGED_SUPPLIER) {
		t->k->link = link_before(t, e);
		turn_asked_only(t, t->actor);
	}
	if (t->k->state != STATE_TAKEN)
		turn_set_state(t, STATE_TAKEN);
	if (had_left)
		json_object_set_new(v, "had_left", json_true());
	t->receipt = "undone";
	t->receipt_view = v;
	turn_done(t, "undo", NULL);
}

static const char *const sv[] = {"ångra", "ångrar", NULL};
static const char *const en[] = {"undo", NULL};

const struct handler handler_undo = {
	.id = "undo",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_ANY & ~STATE_BIT(STATE_MERGED),
	/* The requester reads it when the mail had left; that is no answer of its own. */
	.reader = READ_BY_LOG,
	.help = "undo",
	.check = check,
	.plan = plan,
};
