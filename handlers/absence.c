/* Absence: #frånvaro v 28-31 ersättare anna@kommun. New cases go past, to the substitute if named. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/directory.h"
#include "core/when.h"
#include "core/words.h"

#define LONGEST_DAYS 400
#define FARTHEST_DAYS 330 /* off: "20/11" on the 23rd is a slip, not next year */

struct away {
	struct date from, until;
	const struct agent *substitute;
	bool names_one; /* a substitute was named */
	const char *name;
};

/* Splits "v 28-31 ersättare anna" into the time and the name. */
static const char *substitute_words(struct turn *t, const char *s, const char **time)
{
	static const char *const words[] = {
		"ersattare", "ersatts av", "ersatter", "vikarie", "substitute"};
	const char *p = s;

	*time = s;
	for (; *p; p++) {
		if (p > s && p[-1] != ' ')
			continue;
		for (size_t i = 0; i < ARRAY_LEN(words); i++) {
			size_t n = strcspn(p, " :");
			const char *folded = text_fold(t->arena, arena_strndup(t->arena, p, n));

			if (strcmp(folded, words[i]) != 0)
				continue;
			*time = arena_strndup(t->arena, s, (size_t)(p - s));
			p += n;
			p += strspn(p, " :");
			return strncmp(p, "är ", strlen("är ")) == 0 ? p + strlen("är ") : p;
		}
	}
	return NULL;
}

/* ", åter måndag" ends it the day before; a reason may follow; another time that is not understood may
 * not: half an absence would be worse than a question. */
static bool read_rest(struct turn *t, const char *rest, struct away *out)
{
	static const char *const back[] = {"ater ", "tillbaka ", "back "};
	const char *folded;
	struct when w;

	rest += strspn(rest, " ,.;");
	folded = text_fold(t->arena, rest);
	for (size_t i = 0; i < ARRAY_LEN(back); i++) {
		if (strncmp(folded, back[i], strlen(back[i])) == 0 &&
			when_read(t->arena, folded + strlen(back[i]), t->now_ms, &t->config->zone,
				&w)) {
			out->until = date_add(w.from, -1);
			return true;
		}
	}
	return !when_find(t->arena, rest, t->now_ms, &t->config->zone, &w);
}

static bool read_away(struct turn *t, const char *argument, struct away *out)
{
	const char *time, *name = substitute_words(t, argument, &time);
	const char *folded = text_fold(t->arena, time);
	struct when w;

	memset(out, 0, sizeof(*out));
	out->names_one = name != NULL;
	out->name = name;
	if (name)
		out->substitute = directory_one(t, name, t->actor);
	if (!*folded) {
		out->from = out->until = t->today;
		return true;
	}
	if (!when_read(t->arena, time, t->now_ms, &t->config->zone, &w))
		return false;
	out->from = w.from;
	out->until = w.until;
	if (!read_rest(t, time + w.length, out))
		return false;
	/* "till fredag" begins now. */
	if (strncmp(folded, "till ", 5) == 0 || strncmp(folded, "t.o.m", 5) == 0 ||
		strncmp(folded, "tom ", 4) == 0 || strncmp(folded, "until ", 6) == 0)
		out->from = t->today;
	return date_compare(out->until, out->from) >= 0 &&
	       date_compare(out->until, t->today) >= 0 &&
	       date_to_days(out->from) - date_to_days(t->today) <= FARTHEST_DAYS &&
	       date_to_days(out->until) - date_to_days(t->today) <= LONGEST_DAYS;
}

static int check(struct turn *t, const struct command *c)
{
	struct away a;

	if (!read_away(t, c->argument, &a))
		return turn_refuse(t, c, "bad-time", c->argument);
	if (a.names_one && !a.substitute)
		return turn_refuse(t, c, "nobody", a.name);
	return 0;
}

static void plan(struct turn *t, const struct command *c)
{
	const char *mine = turn_agent_language(t, t->actor);
	const struct templates *tm = t->config->templates;
	struct absence_op *op = arena_new_of(t->arena, struct absence_op);
	json_t *v = turn_object(t);
	struct away a;

	if (!read_away(t, c->argument, &a))
		return;
	op->agent = t->actor->id;
	op->from = a.from;
	op->until = a.until;
	op->substitute = a.substitute ? a.substitute->id : 0;
	STAILQ_INSERT_TAIL(&t->fx->absences, op, next);
	turn_clock_of_agent(t, t->actor, CLOCK_ABSENCE,
		zone_instant(&t->config->zone, date_add(a.until, 1), 7 * MS_HOUR + 30 * MS_MINUTE));
	if (t->k)
		turn_log(t, LOGGED_OTHER, c->text, json_pack("{s:s}", "event", "absence"));
	if (t->k && date_compare(a.from, t->today) <= 0)
		turn_ask_others(t, t->actor, a.substitute);
	if (tm) {
		json_object_set_new(
			v, "from", json_string(words_date(tm, t->arena, mine, a.from, t->today)));
		json_object_set_new(
			v, "until", json_string(words_date(tm, t->arena, mine, a.until, t->today)));
	}
	if (a.substitute)
		json_object_set_new(
			v, "substitute", json_string(turn_agent_name(t, a.substitute, mine)));
	view_cases(t, v, mine, t->actor);
	t->receipt = "absence";
	t->receipt_view = v;
	turn_done(t, "absence", v);
}

static const char *const sv[] = {"frånvaro", "frånvarande", "ledig", "semester", NULL};
static const char *const en[] = {"absence", "absent", "away", NULL};
static const char *const roles[] = {"agent", NULL};

const struct handler handler_absence = {
	.id = "absence",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.roles = roles,
	.states = STATES_ANY,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_REQUIRED,
	.help = "absence",
	.check = check,
	.plan = plan,
};

static const char *const sick_sv[] = {"sjuk", "vab", NULL};
static const char *const sick_en[] = {"sick", NULL};

/* #sjuk, #vab: today, or until the day that is named. */
const struct handler handler_sick = {
	.id = "sick",
	.sort = HANDLER_COMMAND,
	.words_sv = sick_sv,
	.words_en = sick_en,
	.roles = roles,
	.states = STATES_ANY,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_OPTIONAL,
	.help = "sick",
	.check = check,
	.plan = plan,
};
