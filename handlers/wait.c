/* Wait: #vänta till fredag. The case rests until that morning; the requester is told until when, and
 * does not read the reason. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "core/when.h"
#include "core/words.h"

#define MORNING (8 * MS_HOUR)
#define LONGEST_DAYS 330 /* "20/11" on the 23rd is a slip, not next year */

static bool read_until(struct turn *t, const struct command *c, struct when *w, int64_t *at)
{
	if (!when_read(t->arena, c->argument, t->now_ms, &t->config->zone, w))
		return false;
	/* "v 49" rests until its Monday, "till fredag" until that morning. */
	*at = w->part == WHEN_INSTANT ? w->at_ms : zone_instant(&t->config->zone, w->from, MORNING);
	if (w->part == WHEN_AFTERNOON)
		*at = zone_instant(&t->config->zone, w->from, 13 * MS_HOUR);
	return *at > t->now_ms && *at < t->now_ms + LONGEST_DAYS * MS_DAY;
}

static int check(struct turn *t, const struct command *c)
{
	struct when w;
	int64_t at;

	return read_until(t, c, &w, &at) ? 0 : turn_refuse(t, c, "bad-time", c->argument);
}

static void plan(struct turn *t, const struct command *c)
{
	const struct templates *tm = t->config->templates;
	const char *mine = turn_agent_language(t, t->actor);
	struct outgoing *o;
	struct when w;
	int64_t at;
	json_t *v = turn_object(t);

	if (!read_until(t, c, &w, &at))
		return;
	if (t->k->holder == 0)
		turn_take(t, t->actor);
	turn_set_state(t, STATE_PAUSED);
	t->k->paused_until_ms = at;
	turn_clock_at(t, CLOCK_PAUSE, at);
	/* "till fredag, då kommer rättelsen": why, beside the time or below it */
	const char *why = c->argument + w.length;
	why += strspn(why, " ,.;:");
	turn_log(t, LOGGED_PAUSED,
		*why ? arena_printf(t->arena, "%s%s%s", why, *c->text ? "\n" : "", c->text)
		     : c->text,
		json_pack("{s:I}", "until_ms", (json_int_t)at));
	o = turn_mail_requester(t, MAILING_RECEIPT, "paused");
	if (!tm)
		return;
	bool instant = w.part == WHEN_INSTANT;
	const char *theirs =
		instant ? words_moment(tm, t->arena, o->language, &t->config->zone, at, t->now_ms)
			: words_date(tm, t->arena, o->language, w.from, t->today);
	const char *ours =
		instant ? words_moment(tm, t->arena, mine, &t->config->zone, at, t->now_ms)
			: words_date(tm, t->arena, mine, w.from, t->today);
	mail_text(o, "until", theirs);
	json_object_set_new(v, "until", json_string(ours));
	t->text_sent = turn_words(t, mine, "sent.paused", v);
	turn_done(t, "wait", v);
}

static const char *const sv[] = {"vänta", "pausa", "bevaka", "vila", NULL};
static const char *const en[] = {"wait", "pause", NULL};

const struct handler handler_wait = {
	.id = "wait",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_REQUIRED,
	.help = "wait",
	.check = check,
	.plan = plan,
};
