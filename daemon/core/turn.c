/* Turn: one event in, effects out. Called by app/turnrun. Sorts the event to the file that knows it
 * and puts the result together; what happens to a case is in turn_ops.c and the handlers. */
#include "base/prelude.h"
#include "core/turn.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/turn_state.h"

void turn_outcome(struct turn *t, enum turn_outcome o, const char *reason)
{
	t->fx->outcome = o;
	t->fx->reason = reason;
}

bool turn_is_open(const struct kase *k)
{
	return (STATES_OPEN & STATE_BIT(k->state)) != 0;
}

static void start(struct turn *t, const struct turn_input *in, struct effects *effects)
{
	int64_t of_day;

	memset(t, 0, sizeof(*t));
	t->in = in;
	t->arena = in->arena;
	t->now_ms = in->now_ms;
	t->today = zone_local(&in->config->zone, in->now_ms, &of_day);
	t->config = in->config;
	t->people = in->people;
	t->event = in->event;
	t->fx = effects;
	t->next_number = in->snapshot->next_number;
	STAILQ_INIT(&t->cases);
	t->who = "lots";
	t->text = "";
	t->receipt = "command-receipt";
	t->bin = json_array();
	t->done = turn_array(t);
	t->not_understood = turn_array(t);
}

/* Every case that was touched is written whole, its data as JSON again. */
static void write_cases(struct turn *t)
{
	struct turn_case *c;

	STAILQ_FOREACH(c, &t->cases, next)
	{
		struct case_op *op;

		if (!c->changed)
			continue;
		char *data = json_dumps(c->data, JSON_COMPACT | JSON_SORT_KEYS);
		if (!data)
			abort();
		c->k->data = arena_strdup(t->arena, data);
		free(data);
		c->k->changed_ms = t->now_ms;
		op = arena_new_of(t->arena, struct case_op);
		op->kase = c->k;
		STAILQ_INSERT_TAIL(&t->fx->cases, op, next);
	}
}

static bool is_quiet(const struct turn *t, const struct kase *k)
{
	const struct turn_case *c;

	STAILQ_FOREACH(c, &t->cases, next)
	{
		if (c->k == k)
			return json_object_get(c->data, "imported") != NULL;
	}
	return false;
}

/* Imported mail sends nothing, later neither: no clock runs for a case that it opened, and nobody's
 * morning list begins by it. */
static void keep_quiet(struct turn *t)
{
	STAILQ_HEAD(, clock_op) kept = STAILQ_HEAD_INITIALIZER(kept);
	struct clock_op *op;

	while ((op = STAILQ_FIRST(&t->fx->clocks)) != NULL) {
		STAILQ_REMOVE_HEAD(&t->fx->clocks, next);
		if (op->remove || (op->row.owner == CLOCK_OF_CASE && !is_quiet(t, op->kase)))
			STAILQ_INSERT_TAIL(&kept, op, next);
	}
	STAILQ_CONCAT(&t->fx->clocks, &kept);
}

/* Somebody has to do with an imported case now: from here on it is a case like any. */
static void wake(struct turn *t)
{
	struct turn_case *c;

	STAILQ_FOREACH(c, &t->cases, next)
	{
		if (!c->changed || json_object_del(c->data, "imported") != 0)
			continue;
		turn_focus(t, c);
		if (t->k->state == STATE_NEW)
			clocks_of_link(t, NULL);
	}
}

static void run_person(struct turn *t)
{
	match_find(t->in, &t->match);
	t->actor = t->match.agent;
	t->may_act = t->event->trust == TRUST_PROVEN && t->match.token_good;
	/* As a requester only the address that was made for a requester lets him decide. */
	if (t->match.as == AS_REQUESTER && t->event->token.class != TOKEN_REQUESTER)
		t->may_act = false;
	if (t->match.loaded)
		turn_focus(t, turn_case_of(t, t->match.loaded));
	if (!t->match.loaded) {
		if (t->match.token_good)
			turn_of_desk(t);
		else
			turn_open_from_mail(t);
		return;
	}
	switch (t->match.as) {
	case AS_REQUESTER:
		turn_of_requester(t);
		break;
	case AS_CHAIN:
		turn_of_chain(t);
		break;
	case AS_HEAD:
		turn_of_head(t);
		break;
	case AS_COPIED:
		turn_addition(t, t->text);
		turn_outcome(t, OUTCOME_CASE, "");
		break;
	case AS_STRANGER:
		turn_outcome(t, OUTCOME_HELD, "stranger");
		break;
	}
}

/* Nothing of the sender's own was found (mail/reply.h): what there is, is others' words. Marked as
 * a quote it can be kept and shown, but no command and no JA is read from it. */
static const char *as_quote(struct arena *arena, const char *text)
{
	const char *cursor = text, *line;
	size_t len;
	struct buf b;

	buf_init(&b, 4 * MAX_TEXT_BYTES);
	while (text_next_line(&cursor, &line, &len)) {
		if (b.len)
			buf_addch(&b, '\n');
		if (len == 0 || line[0] != '>')
			buf_addstr(&b, "> ");
		buf_add(&b, line, len);
	}
	if (!buf_ok(&b))
		buf_clear(&b);
	return buf_take(&b, arena);
}

static void run_mail(struct turn *t)
{
	const struct mail *m = t->event->mail;

	t->mail = m;
	t->text = *m->new_text ? m->new_text : m->text;
	if (m->new_text_is_whole)
		t->text = as_quote(t->arena, t->text);
	t->who = m->from.address;
	if (t->in->snapshot->duplicate_of_handled)
		turn_outcome(t, OUTCOME_DUPLICATE, "same-mail");
	else if (t->event->is_own || turn_is_our_address(t, t->event->from_key))
		turn_outcome(t, OUTCOME_IGNORED, "own");
	else if (m->auto_class != MAIL_PERSON)
		turn_of_automatic(t);
	else if (!m->has_from || !*t->event->from_key)
		turn_outcome(t, OUTCOME_HELD, "no-sender");
	else
		run_person(t);
}

void turn_run(const struct turn_input *in, struct effects *effects)
{
	struct turn t;

	effects_init(effects);
	start(&t, in, effects);
	switch (in->event->type) {
	case EVENT_MAIL:
		run_mail(&t);
		break;
	case EVENT_CLOCK:
		turn_of_clock(&t);
		break;
	case EVENT_OPERATOR:
		turn_of_operator(&t);
		break;
	}
	if (in->event->imported)
		keep_quiet(&t);
	else
		wake(&t);
	turn_copy_to_followers(&t);
	write_cases(&t);
	view_render(&t);
	json_decref(t.bin);
}
