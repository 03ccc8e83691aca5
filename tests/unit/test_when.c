/* Times as people write them, on Monday 30 November 2026 at 10:00 in Stockholm. */
#include "cmocka_test.h"

#include "base/arena.h"
#include "core/when.h"

static struct arena *arena;
static struct zone zone;
static int64_t now;

static const char *read_it(const char *text)
{
	struct when w;

	if (!when_read(arena, text, now, &zone, &w))
		return "";
	if (w.part == WHEN_INSTANT) {
		int64_t ms;
		struct date d = zone_local(&zone, w.at_ms, &ms);

		return arena_printf(arena, "%04d-%02d-%02d %02d:%02d", d.year, d.month, d.day,
			(int)(ms / MS_HOUR), (int)(ms % MS_HOUR / MS_MINUTE));
	}
	if (date_compare(w.from, w.until) == 0)
		return arena_printf(arena, "%04d-%02d-%02d", w.from.year, w.from.month, w.from.day);
	return arena_printf(arena, "%04d-%02d-%02d..%04d-%02d-%02d", w.from.year, w.from.month,
		w.from.day, w.until.year, w.until.month, w.until.day);
}

TEST(single)
{
	static const struct {
		const char *text, *means;
	} rows[] = {{"2d", "2026-12-02"}, {"2 dagar", "2026-12-02"}, {"1 vecka", "2026-12-07"},
		{"3h", "2026-11-30 13:00"}, {"30 min", "2026-11-30 10:30"},
		{"till fredag", "2026-12-04"}, {"fredag", "2026-12-04"},
		{"på måndag", "2026-12-07"}, {"imorgon", "2026-12-01"}, {"i morgon", "2026-12-01"},
		{"i övermorgon", "2026-12-02"}, {"idag", "2026-11-30"}, {"1/12", "2026-12-01"},
		{"till 1/12", "2026-12-01"}, {"4 december", "2026-12-04"},
		{"den 4:e december", "2026-12-04"}, {"29/11", "2027-11-29"},
		{"2027-01-15", "2027-01-15"}, {"15/1 2027", "2027-01-15"},
		{"until friday", "2026-12-04"}, {"tomorrow", "2026-12-01"},
		{"kl 14", "2026-11-30 14:00"}, {"fredag kl. 9.30", "2026-12-04 09:30"},
		{"31/2", ""}, {"", ""}, {"blurb", ""}, {"till", ""}, {"0d", ""}, {"99/99", ""}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(read_it(rows[i].text), rows[i].means) != 0)
			fail_msg("%s: %s, not %s", rows[i].text, read_it(rows[i].text),
				rows[i].means);
	}
}

TEST(spans)
{
	static const struct {
		const char *text, *means;
	} rows[] = {{"v 49", "2026-11-30..2026-12-06"}, {"v. 50", "2026-12-07..2026-12-13"},
		{"vecka 28-31", "2027-07-12..2027-08-08"}, {"v28-31", "2027-07-12..2027-08-08"},
		{"1/7-15/7", "2027-07-01..2027-07-15"}, {"1-15 juli", "2027-07-01..2027-07-15"},
		{"2026-12-01 - 2026-12-04", "2026-12-01..2026-12-04"},
		{"1/12 till 4/12", "2026-12-01..2026-12-04"},
		{"nästa vecka", "2026-12-07..2026-12-13"},
		{"hela nästa vecka", "2026-12-07..2026-12-13"},
		{"torsdag och fredag", "2026-12-03..2026-12-04"},
		{"vecka 52 och 53", "2026-12-21..2027-01-03"},
		{"1/12 -- 4/12", "2026-12-01..2026-12-04"},
		{"1 december \xE2\x80\x93 4 december", "2026-12-01..2026-12-04"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(read_it(rows[i].text), rows[i].means) != 0)
			fail_msg("%s: %s, not %s", rows[i].text, read_it(rows[i].text),
				rows[i].means);
	}
}

TEST(in_prose)
{
	struct when w;

	assert_true(
		when_find(arena, "Jag återkommer på onsdag eftermiddag om det.", now, &zone, &w));
	assert_int_equal(w.from.day, 2);
	assert_int_equal(w.part, WHEN_AFTERNOON);
	assert_true(when_find(arena, "Du får svar i eftermiddag", now, &zone, &w));
	assert_int_equal(w.from.day, 30);
	assert_int_equal(w.part, WHEN_AFTERNOON);
	assert_false(when_find(arena, "Vi tittar på det och hör av oss", now, &zone, &w));
	assert_false(when_find(arena, "", now, &zone, &w));
}

static int start(void **state)
{
	(void)state;
	arena = arena_new(1 << 24);
	assert_int_equal(zone_parse("CET-1CEST,M3.5.0,M10.5.0/3", &zone), 0);
	now = zone_instant(&zone, (struct date){2026, 11, 30}, 10 * MS_HOUR);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single), cmocka_unit_test(spans), cmocka_unit_test(in_prose)};

	return cmocka_run_group_tests(tests, start, stop);
}
