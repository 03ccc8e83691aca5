/* Time: #tid 30 min [aktivitet], time spent; the receipt shows the sums. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/words.h"

#define MOST_MINUTES (24 * 60)

/* "30 min", "1 h", "1,5 tim", "1:30", "45"; *rest is what follows. 0 if it is no time. */
static int read_minutes(struct turn *t, const char *s, const char **rest)
{
	static const char *const hours[] = {"h", "t", "tim", "timme", "timmar", "hour", "hours"};
	static const char *const minutes[] = {"min", "m", "minut", "minuter", "minutes"};
	int64_t whole = 0, part = 0, scale = 1;
	const char *p = s + strspn(s, " ");
	bool clock = false, is_hours = false;

	for (; *p >= '0' && *p <= '9' && whole < 10000; p++)
		whole = whole * 10 + (*p - '0');
	if (*p == ':' || *p == ',' || *p == '.') {
		clock = *p++ == ':';
		for (; *p >= '0' && *p <= '9' && scale < 1000; p++, scale *= 10)
			part = part * 10 + (*p - '0');
	}
	p += strspn(p, " ");
	size_t n = strcspn(p, " ");
	const char *unit = text_fold(t->arena, arena_strndup(t->arena, p, n));
	bool known = false;
	for (size_t i = 0; i < ARRAY_LEN(hours); i++)
		is_hours |= strcmp(unit, hours[i]) == 0;
	for (size_t i = 0; i < ARRAY_LEN(minutes); i++)
		known |= strcmp(unit, minutes[i]) == 0;
	*rest = is_hours || known ? p + n : p;
	if (clock)
		return (int)(whole * 60 + part);
	if (is_hours)
		return (int)(whole * 60 + part * 60 / scale);
	return (int)whole;
}

static int check(struct turn *t, const struct command *c)
{
	const char *rest;
	int n = read_minutes(t, c->argument, &rest);

	return n > 0 && n <= MOST_MINUTES ? 0 : turn_refuse(t, c, "bad-duration", c->argument);
}

static int64_t add(json_t *o, const char *key, int minutes)
{
	int64_t sum = json_integer_value(json_object_get(o, key)) + minutes;

	json_object_set_new(o, key, json_integer(sum));
	return sum;
}

static void say(struct turn *t, json_t *v, const char *name, int64_t minutes)
{
	if (t->config->templates)
		json_object_set_new(v, name,
			json_string(words_minutes(t->config->templates, t->arena,
				turn_agent_language(t, t->actor), minutes)));
}

static void plan(struct turn *t, const struct command *c)
{
	json_t *sums = json_object_get(t->c->data, "time"), *v = turn_object(t);
	const char *rest;
	int minutes = read_minutes(t, c->argument, &rest);
	const char *activity = text_trim(t->arena, rest);

	if (!sums) {
		sums = json_object();
		json_object_set_new(t->c->data, "time", sums);
	}
	say(t, v, "time_now", minutes);
	say(t, v, "time_yours",
		add(sums, arena_printf(t->arena, "%" PRId64, t->actor->id), minutes));
	say(t, v, "time_all", add(sums, "all", minutes));
	if (*activity)
		json_object_set_new(v, "activity", json_string(turn_masked(t, activity)));
	turn_log(t, LOGGED_TIME, c->text,
		json_pack("{s:i,s:s}", "minutes", minutes, "activity", activity));
	t->receipt = "time-noted";
	t->receipt_view = v;
	turn_done(t, "time", v);
}

static const char *const sv[] = {"tid", NULL};
static const char *const en[] = {"time", NULL};

const struct handler handler_time = {
	.id = "time",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_ANY,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_REQUIRED,
	.help = "time",
	.check = check,
	.plan = plan,
};
