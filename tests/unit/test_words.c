/* Words: dates, times and spans in the words of the templates, around midnight, noon and the year. */
#include "tests/unit/cmocka_test.h"

#include "core/words.h"

#include "base/arena.h"
#include "base/limits.h"

static struct arena *arena;
static struct templates *t;
static struct zone stockholm;

static void add(const char *language)
{
	int line;
	const char *error;
	const char *path = arena_printf(arena, "templates/%s/words.txt", language);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	char *text = arena_alloc(arena, MAX_TEMPLATE_BYTES + 1);
	text[fread(text, 1, MAX_TEMPLATE_BYTES, f)] = '\0';
	fclose(f);
	assert_int_equal(templates_add(t, language, "words", text, &line, &error), 0);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(MAX_ARENA_BYTES);
	t = templates_new();
	add("sv");
	add("en");
	return zone_parse("CET-1CEST,M3.5.0,M10.5.0/3", &stockholm);
}

static int tear_down(void **state)
{
	(void)state;
	templates_free(&t);
	arena_free(&arena);
	return 0;
}

/* A local time of Stockholm: "2026-11-30 09:15". */
static int64_t at(const char *s)
{
	char date[11];
	struct date d;
	snprintf(date, sizeof(date), "%.10s", s);
	assert_true(date_parse(date, &d));
	int64_t minutes =
		((s[11] - '0') * 10 + s[12] - '0') * 60 + (s[14] - '0') * 10 + s[15] - '0';
	return zone_instant(&stockholm, d, minutes * MS_MINUTE);
}

TEST(when_to_expect)
{
	static const char now[] = "2026-11-30 09:15"; /* a Monday */
	static const struct {
		const char *due, *sv, *en;
	} v[] = {
		{"2026-11-30 09:00", "före kl. 10 i dag", "before 10:00 today"},
		{"2026-11-30 14:20", "före kl. 15 i dag", "before 15:00 today"},
		{"2026-11-30 15:00", "före kl. 15 i dag", "before 15:00 today"},
		{"2026-11-30 23:30", "före kl. 24 i dag", "before 24:00 today"},
		{"2026-12-01 08:00", "i morgon förmiddag", "tomorrow morning"},
		{"2026-12-01 12:00", "i morgon förmiddag", "tomorrow morning"},
		{"2026-12-01 12:01", "i morgon eftermiddag", "tomorrow afternoon"},
		{"2026-12-04 16:30", "fredag eftermiddag", "Friday afternoon"},
		{"2026-12-06 10:00", "söndag förmiddag", "Sunday morning"},
		{"2026-12-07 10:00", "måndag 7 december", "Monday 7 December"},
		{"2027-01-08 10:00", "fredag 8 januari 2027", "Friday 8 January 2027"},
	};
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		assert_string_equal(
			words_expect(t, arena, "sv", &stockholm, at(v[i].due), at(now)), v[i].sv);
		assert_string_equal(
			words_expect(t, arena, "en", &stockholm, at(v[i].due), at(now)), v[i].en);
	}
}

TEST(when_something_happened)
{
	static const struct {
		const char *at, *now, *sv;
	} v[] = {
		{"2026-11-30 10:14", "2026-11-30 23:59", "i dag kl. 10:14"},
		{"2026-11-29 23:59", "2026-11-30 00:00", "i går kl. 23:59"},
		{"2026-12-01 00:00", "2026-11-30 23:59", "i morgon kl. 00:00"},
		{"2026-11-27 08:05", "2026-11-30 09:00", "fredag 27 november kl. 08:05"},
		{"2025-12-31 08:05", "2026-11-30 09:00", "onsdag 31 december 2025 kl. 08:05"},
		{"2026-03-29 03:30", "2026-03-29 09:00",
			"i dag kl. 03:30"}, /* summer time begins */
	};
	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		assert_string_equal(
			words_moment(t, arena, "sv", &stockholm, at(v[i].at), at(v[i].now)),
			v[i].sv);
}

TEST(days_and_dates)
{
	const struct date today = {2026, 12, 31}, next = {2027, 1, 1}, later = {2027, 2, 28};
	assert_string_equal(words_day(t, arena, "sv", today, today), "i dag");
	assert_string_equal(words_day(t, arena, "sv", next, today), "i morgon");
	assert_string_equal(words_day(t, arena, "en", today, next), "yesterday");
	assert_string_equal(words_day(t, arena, "sv", later, today), "söndag 28 februari 2027");
	assert_string_equal(words_date(t, arena, "sv", today, today), "torsdag 31 december");
}

TEST(spans)
{
	static const struct {
		int64_t ms;
		const char *sv, *en;
	} v[] = {
		{0, "mindre än en minut", "less than a minute"},
		{MS_MINUTE - 1, "mindre än en minut", "less than a minute"},
		{MS_MINUTE, "en minut", "one minute"},
		{59 * MS_MINUTE, "59 minuter", "59 minutes"},
		{MS_HOUR, "en timme", "one hour"},
		{3 * MS_HOUR + 59 * MS_MINUTE, "3 timmar", "3 hours"},
		{MS_DAY, "en dag", "one day"},
		{40 * MS_DAY, "40 dagar", "40 days"},
	};
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		assert_string_equal(words_span(t, arena, "sv", v[i].ms), v[i].sv);
		assert_string_equal(words_span(t, arena, "en", v[i].ms), v[i].en);
	}
}

TEST(time_spent)
{
	static const struct {
		int64_t minutes;
		const char *sv;
	} v[] = {{1, "en minut"}, {45, "45 minuter"}, {60, "en timme"}, {90, "1 tim 30 min"},
		{120, "2 timmar"}, {24 * 60, "24 tim 0 min"}, {26 * 60 + 5, "26 tim 5 min"}};
	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		assert_string_equal(words_minutes(t, arena, "sv", v[i].minutes), v[i].sv);
}

TEST(names_and_absent_words)
{
	assert_string_equal(words_name(t, arena, "sv", "state", "new"), "Nytt");
	assert_string_equal(words_name(t, arena, "fi", "priority", "1"), "Akut");
	assert_string_equal(words_name(t, arena, "sv", "state", "none"), "");
	assert_string_equal(words_fill(t, arena, "sv", "none", NULL), "");
	assert_string_equal(words_clock(t, arena, "sv", 7 * MS_HOUR + 5 * MS_MINUTE), "kl. 07:05");
}

TEST(each_state_and_kind_has_a_word)
{
	static const char *const keys[] = {"state.new", "state.taken", "state.waiting_requester",
		"state.paused", "state.supplier", "state.answered", "state.closed", "state.merged",
		"state.referred", "state.confirmed", "state.workaround", "state.restored",
		"kind.question", "kind.access", "kind.disturbance", "kind.need", "kind.deviation"};
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_true(*templates_word(t, "en", keys[i]) && *templates_word(t, "sv", keys[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(when_to_expect),
		cmocka_unit_test(when_something_happened),
		cmocka_unit_test(days_and_dates),
		cmocka_unit_test(spans),
		cmocka_unit_test(time_spent),
		cmocka_unit_test(names_and_absent_words),
		cmocka_unit_test(each_state_and_kind_has_a_word),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
