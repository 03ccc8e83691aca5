/* Words: see words.h. Called by core and handlers when they make views. Knows no language. */
#include "base/prelude.h"

#include "core/words.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "core/mustache.h"

#define NOON (12 * MS_HOUR)

char *words_fill(const struct templates *t, struct arena *arena, const char *language,
	const char *key, const json_t *values)
{
	struct buf out;
	const char *error;
	buf_init(&out, MAX_TEMPLATE_BYTES);
	/* A broken word gives "": templates_check and the tests find it. */
	if (mustache_fill(arena, templates_word(t, language, key), values, NULL,
		    mustache_escape_none, &out, &error) != 0)
		buf_clear(&out);
	return buf_take(&out, arena);
}

const char *words_name(const struct templates *t, struct arena *arena, const char *language,
	const char *group, const char *id)
{
	return templates_word(t, language, arena_printf(arena, "%s.%s", group, id));
}

/* Fills and drops the values. */
static char *fill_own(const struct templates *t, struct arena *arena, const char *language,
	const char *key, json_t *values)
{
	char *s = words_fill(t, arena, language, key, values);
	json_decref(values);
	return s;
}

static const char *weekday(
	const struct templates *t, struct arena *arena, const char *language, struct date d)
{
	return words_name(
		t, arena, language, "weekday", arena_printf(arena, "%d", date_weekday(d)));
}

char *words_date(const struct templates *t, struct arena *arena, const char *language,
	struct date day, struct date today)
{
	const char *month =
		words_name(t, arena, language, "month", arena_printf(arena, "%d", day.month));
	json_t *v = json_pack("{s:s,s:i,s:s,s:i}", "weekday", weekday(t, arena, language, day),
		"day", day.day, "month", month, "year", day.year);
	return fill_own(t, arena, language, day.year == today.year ? "date" : "date.year", v);
}

char *words_day(const struct templates *t, struct arena *arena, const char *language,
	struct date day, struct date today)
{
	static const char *const near[] = {"yesterday", "today", "tomorrow"};
	int64_t away = date_to_days(day) - date_to_days(today);
	if (away >= -1 && away <= 1)
		return words_fill(t, arena, language, near[away + 1], NULL);
	return words_date(t, arena, language, day, today);
}

char *words_clock(
	const struct templates *t, struct arena *arena, const char *language, int64_t ms_of_day)
{
	json_t *v = json_object();
	json_object_set_new(
		v, "hour", json_string(arena_printf(arena, "%02d", (int)(ms_of_day / MS_HOUR))));
	json_object_set_new(v, "minute",
		json_string(arena_printf(arena, "%02d", (int)(ms_of_day % MS_HOUR / MS_MINUTE))));
	return fill_own(t, arena, language, "clock", v);
}

char *words_moment(const struct templates *t, struct arena *arena, const char *language,
	const struct zone *zone, int64_t at_ms, int64_t now_ms)
{
	int64_t ms, now_of_day;
	struct date day = zone_local(zone, at_ms, &ms);
	struct date today = zone_local(zone, now_ms, &now_of_day);
	json_t *v = json_pack("{s:s,s:s}", "day", words_day(t, arena, language, day, today),
		"clock", words_clock(t, arena, language, ms));
	return fill_own(t, arena, language, "moment", v);
}

/* Today: the next whole hour, which is never before it is due. */
static char *expect_today(const struct templates *t, struct arena *arena, const char *language,
	struct date today, int64_t ms)
{
	int64_t hour = (ms + MS_HOUR - 1) / MS_HOUR;
	json_t *v = json_pack("{s:I,s:s}", "hour", (json_int_t)hour, "day",
		words_day(t, arena, language, today, today));
	return fill_own(t, arena, language, "before", v);
}

char *words_expect(const struct templates *t, struct arena *arena, const char *language,
	const struct zone *zone, int64_t due_ms, int64_t now_ms)
{
	int64_t ms, now_of_day;
	if (due_ms < now_ms)
		due_ms = now_ms;
	struct date day = zone_local(zone, due_ms, &ms);
	struct date today = zone_local(zone, now_ms, &now_of_day);
	int64_t away = date_to_days(day) - date_to_days(today);
	if (away == 0)
		return expect_today(t, arena, language, today, ms);
	const char *part =
		words_fill(t, arena, language, ms <= NOON ? "morning" : "afternoon", NULL);
	if (away > 6)
		return words_date(t, arena, language, day, today);
	json_t *v = json_pack("{s:s,s:s}", "part", part, "day",
		away == 1 ? words_day(t, arena, language, day, today)
			  : weekday(t, arena, language, day));
	return fill_own(t, arena, language, "day_part", v);
}

char *words_span(
	const struct templates *t, struct arena *arena, const char *language, int64_t span_ms)
{
	static const struct {
		const char *key;
		int64_t ms;
	} units[] = {{"day", MS_DAY}, {"hour", MS_HOUR}, {"minute", MS_MINUTE}};
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		int64_t n = span_ms / units[i].ms;
		if (n < 1)
			continue;
		json_t *v = json_pack("{s:I}", "n", (json_int_t)n);
		return fill_own(t, arena, language,
			arena_printf(arena, "span.%s.%s", units[i].key, n == 1 ? "one" : "many"),
			v);
	}
	return words_fill(t, arena, language, "span.short", NULL);
}

char *words_minutes(
	const struct templates *t, struct arena *arena, const char *language, int64_t minutes)
{
	/* Never days: a day of work is not 24 hours. */
	if (minutes < 24 * 60 && (minutes < 60 || minutes % 60 == 0))
		return words_span(t, arena, language, minutes * MS_MINUTE);
	json_t *v = json_pack("{s:I,s:I}", "hours", (json_int_t)(minutes / 60), "minutes",
		(json_int_t)(minutes % 60));
	return fill_own(t, arena, language, "duration", v);
}
