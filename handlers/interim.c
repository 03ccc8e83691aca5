/* Interim: #besked, a word on the way. A promised time ("i eftermiddag", "fredag") is kept as a clock
 * that reminds the one who promised; the case stays open and nobody is asked whether it helped. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "core/when.h"
#include "core/words.h"

#define END_OF_DAY (16 * MS_HOUR)
#define NOON (12 * MS_HOUR)
#define EVENING (20 * MS_HOUR)

static int64_t promised(struct turn *t, const char *text)
{
	struct when w;
	int64_t of_day = END_OF_DAY;

	if (!when_find(t->arena, text, t->now_ms, &t->config->zone, &w))
		return 0;
	if (w.part == WHEN_INSTANT)
		return w.at_ms;
	if (w.part == WHEN_MORNING)
		of_day = NOON;
	else if (w.part == WHEN_EVENING)
		of_day = EVENING;
	/* "nästa vecka" is over on its Friday */
	while (date_compare(w.from, w.until) < 0 && date_weekday(w.until) > 5)
		w.until = date_add(w.until, -1);
	int64_t at = zone_instant(&t->config->zone, w.until, of_day);
	return at > t->now_ms ? at : 0;
}

static void plan(struct turn *t, const struct command *c)
{
	int64_t at = promised(t, c->text);
	struct outgoing *o = turn_write_requester(t, "interim", "answer", c->text);
	turn_log(t, LOGGED_INTERIM, c->text, json_pack("{s:I}", "promised_ms", (json_int_t)at));
	if (t->k->state == STATE_ANSWERED || t->k->state == STATE_WAITING_REQUESTER)
		turn_set_state(t, STATE_TAKEN);
	json_t *v = turn_object(t);
	if (at) {
		turn_clock_at(t, CLOCK_PROMISE, at);
		/* What was promised replaces what the settings ask for. */
		turn_clock_stop(t, CLOCK_ANSWER);
		json_object_set_new(t->c->data, "promised_ms", json_integer(at));
	}
	if (at && t->config->templates) {
		mail_text(o, "expect",
			words_expect(t->config->templates, t->arena, o->language, &t->config->zone,
				at, t->now_ms));
		json_object_set_new(v, "when",
			json_string(words_moment(t->config->templates, t->arena,
				turn_agent_language(t, t->actor), &t->config->zone, at,
				t->now_ms)));
	}
	turn_changed(t);
	t->can_undo = true;
	turn_done(t, "interim", v);
}

static const char *const sv[] = {"besked", "delsvar", "lägesrapport", NULL};
static const char *const en[] = {"interim", "update", NULL};

const struct handler handler_interim = {
	.id = "interim",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.reader = READ_BY_REQUESTER,
	.help = "interim",
	.check = turn_needs_text,
	.plan = plan,
};
