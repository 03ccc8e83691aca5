/* Time: #tid 30 min [aktivitet], time spent; the receipt shows the sums. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/words.h"

#define MOST_MINUTES (24 * 60)

static bool is_word(const char *s, const char *const *list)
{
	for (; *list; list++) {
		if (strcmp(s, *list) == 0)
			return true;
	}
	return false;
}

/* "halvtimme", "en timme", "en kvart": folded; 0 if it is none. */
static int named_minutes(const char *word)
{
	static const struct {
		const char *word;
		int minutes;
	} names[] = {{"halvtimme", 30}, {"kvart", 15}, {"timme", 60}, {"hour", 60}};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i].word, word) == 0)
			return names[i].minutes;
	}
	return 0;
}

/* The folded word at *p, which is moved past it and the blanks behind it. */
static const char *next_word(struct turn *t, const char **p)
{
	size_t n = strcspn(*p, " ");
	const char *word = text_fold(t->arena, arena_strndup(t->arena, *p, n));

	*p += n;
	*p += strspn(*p, " ");
	return word;
}

/* One number and its unit; 0 if there is none. */
static int read_part(struct turn *t, const char **s)
{
	static const char *const hours[] = {"h", "t", "tim", "timme", "timmar", "hour", "hours",
		NULL},
				 *const minutes[] = {
					 "min", "m", "minut", "minuter", "minutes", NULL};
	int64_t whole = 0, part = 0, scale = 1;
	const char *p = *s, *after;
	bool clock = false;

	for (; *p >= '0' && *p <= '9' && whole < 10000; p++)
		whole = whole * 10 + (*p - '0');
	if (p == *s)
		return 0;
	if (*p == ':' || *p == ',' || *p == '.') {
		clock = *p++ == ':';
		for (; *p >= '0' && *p <= '9' && scale < 1000; p++, scale *= 10)
			part = part * 10 + (*p - '0');
	}
	after = p += strspn(p, " ");
	/* "1h15m": digits end a unit as a blank does. */
	size_t n = strcspn(p, " 0123456789");
	const char *unit = text_trim(t->arena, text_fold(t->arena, arena_strndup(t->arena, p, n)));
	bool is_hours = is_word(unit, hours);
	if (is_hours || is_word(unit, minutes))
		after = p + n + strspn(p + n, " ");
	*s = after;
	if (clock)
		return (int)(whole * 60 + part);
	return (int)(is_hours ? whole * 60 + part * 60 / scale : whole);
}

/* "30 min", "1 h 15 min", "1,5 tim", "1:30", "45", "en halvtimme"; *rest is what follows. 0 if it is
 * no time. */
static int read_minutes(struct turn *t, const char *s, const char **rest)
{
	const char *p = s + strspn(s, " "), *q = p;
	const char *word = next_word(t, &q);

	if (strcmp(word, "en") == 0 || strcmp(word, "one") == 0)
		word = next_word(t, &q);
	if (named_minutes(word)) {
		*rest = q;
		return named_minutes(word);
	}
	int minutes = read_part(t, &p);
	q = p;
	if (minutes && strcmp(next_word(t, &q), "och") == 0)
		p = q;
	/* Only minutes follow: "1 h 15 min", not "30 min 2 samtal". */
	q = p;
	int more = minutes && minutes % 60 == 0 ? read_part(t, &q) : 0;
	*rest = more > 0 && more < 60 && q > p ? q : p;
	return minutes + (*rest == q && q > p ? more : 0);
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
