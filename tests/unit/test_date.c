/* Date: the calendar against known days, Easter against a table of 201 years, the zone over both
 * changes of the year, and the written forms. */
#include "base/prelude.h"

#include "base/date.h"
#include "tests/unit/cmocka_test.h"

#define STOCKHOLM "CET-1CEST,M3.5.0,M10.5.0/3"

static struct date day(int y, int m, int d)
{
	return (struct date){.year = y, .month = m, .day = d};
}

static void expect_day(struct date got, int y, int m, int d)
{
	assert_int_equal(got.year, y);
	assert_int_equal(got.month, m);
	assert_int_equal(got.day, d);
}

TEST(days_and_back)
{
	assert_int_equal(date_to_days(day(1970, 1, 1)), 0);
	assert_int_equal(date_to_days(day(2000, 3, 1)), 11017);
	assert_int_equal(date_to_days(day(1969, 12, 31)), -1);
	assert_int_equal(date_to_days(day(1, 1, 1)), -719162);
	int64_t n = date_to_days(day(1, 1, 1));
	for (int y = 1; y <= 9999; y += y < 1890 || y > 2110 ? 97 : 1) {
		for (int m = 1; m <= 12; m++) {
			for (int d = 1; date_valid(day(y, m, d)); d++) {
				int64_t k = date_to_days(day(y, m, d));
				assert_true(k >= n);
				n = k + 1;
				expect_day(date_from_days(k), y, m, d);
			}
		}
	}
	assert_false(date_valid(day(2026, 2, 29)));
	assert_true(date_valid(day(2024, 2, 29)));
	assert_false(date_valid(day(1900, 2, 29)));
	assert_true(date_valid(day(2000, 2, 29)));
	assert_false(date_valid(day(2026, 4, 31)));
	assert_false(date_valid(day(2026, 13, 1)));
	assert_false(date_valid(day(2026, 1, 0)));
	expect_day(date_add(day(2024, 2, 28), 2), 2024, 3, 1);
	expect_day(date_add(day(2027, 1, 1), -1), 2026, 12, 31);
	assert_true(date_compare(day(2026, 1, 2), day(2025, 12, 31)) > 0);
	assert_int_equal(date_compare(day(2026, 1, 2), day(2026, 1, 2)), 0);
}

TEST(weekdays_and_weeks)
{
	int y;
	assert_int_equal(date_weekday(day(1970, 1, 1)), 4);
	assert_int_equal(date_weekday(day(2026, 11, 23)), 1);
	assert_int_equal(date_weekday(day(2026, 11, 22)), 7);
	assert_int_equal(date_weekday(day(1900, 1, 1)), 1);
	assert_int_equal(date_iso_week(day(2021, 1, 3), &y), 53);
	assert_int_equal(y, 2020);
	assert_int_equal(date_iso_week(day(2024, 12, 30), &y), 1);
	assert_int_equal(y, 2025);
	assert_int_equal(date_iso_week(day(2026, 12, 31), &y), 53);
	assert_int_equal(y, 2026);
	assert_int_equal(date_iso_week(day(2026, 11, 23), &y), 48);
	expect_day(date_of_iso_week(2026, 48), 2026, 11, 23);
	expect_day(date_of_iso_week(2020, 1), 2019, 12, 30);
}

TEST(easter_1900_to_2100)
{
	/* clang-format off */
	static const int known[] = { /* month * 100 + day */
		415, 407, 330, 412, 403, 423, 415, 331, 419, 411, 327, 416, 407, 323, 412,
		404, 423, 408, 331, 420, 404, 327, 416, 401, 420, 412, 404, 417, 408, 331,
		420, 405, 327, 416, 401, 421, 412, 328, 417, 409, 324, 413, 405, 425, 409,
		401, 421, 406, 328, 417, 409, 325, 413, 405, 418, 410, 401, 421, 406, 329,
		417, 402, 422, 414, 329, 418, 410, 326, 414, 406, 329, 411, 402, 422, 414,
		330, 418, 410, 326, 415, 406, 419, 411, 403, 422, 407, 330, 419, 403, 326,
		415, 331, 419, 411, 403, 416, 407, 330, 412, 404, 423, 415, 331, 420, 411,
		327, 416, 408, 323, 412, 404, 424, 408, 331, 420, 405, 327, 416, 401, 421,
		412, 404, 417, 409, 331, 420, 405, 328, 416, 401, 421, 413, 328, 417, 409,
		325, 413, 405, 425, 410, 401, 421, 406, 329, 417, 409, 325, 414, 405, 418,
		410, 402, 421, 406, 329, 418, 402, 422, 414, 330, 418, 410, 326, 415, 406,
		329, 411, 403, 422, 414, 330, 419, 410, 326, 415, 407, 419, 411, 403, 423,
		407, 330, 419, 404, 326, 415, 331, 420, 411, 403, 416, 408, 330, 412, 404,
		424, 415, 331, 420, 412, 328,
	};
	/* clang-format on */
	assert_int_equal(ARRAY_LEN(known), 201);
	for (int i = 0; i < 201; i++) {
		struct date d = date_easter(1900 + i);
		assert_int_equal(d.month * 100 + d.day, known[i]);
		assert_int_equal(date_weekday(d), 7);
	}
}

TEST(zone_rules_understood_and_refused)
{
	struct zone z;
	assert_int_equal(zone_parse(STOCKHOLM, &z), 0);
	assert_int_equal(z.std_offset, 3600);
	assert_int_equal(z.dst_offset, 7200);
	assert_string_equal(z.std_name, "CET");
	assert_string_equal(z.dst_name, "CEST");
	assert_int_equal(z.dst_ends.seconds, 10800);
	assert_int_equal(zone_parse("UTC0", &z), 0);
	assert_false(z.has_dst);
	assert_int_equal(zone_parse("<-03>3", &z), 0);
	assert_int_equal(z.std_offset, -10800);
	assert_int_equal(zone_parse("IST-2IDT,M3.4.4/26,M10.5.0", &z), 0);
	assert_int_equal(zone_parse("NST3:30NDT,M3.2.0,M11.1.0", &z), 0);
	assert_int_equal(z.std_offset, -12600);
	assert_int_equal(z.dst_offset, -9000);
	static const char *const bad[] = {"", "CET", "CE-1", "CET-1CEST", "CET-1CEST,M3.5.0",
		"CET-1CEST,M3.5.0,M10.5.0/3x", "CET-1CEST,M13.5.0,M10.5.0", "CET-25",
		"CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.0.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,J60,J300", "TOOLONGNAME-1", "<+03-3", "CET-1:60", "CET-1CEST,M3.5.0,M10",
		"CET-1CEST,M3", "CET-1CEST,M"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(zone_parse(bad[i], &z), -1);
}

TEST(stockholm_changes)
{
	static const struct {
		int64_t spring, autumn;
	} at[] = {{1743296400000, 1761440400000}, {1774746000000, 1792890000000},
		{1806195600000, 1824944400000}, {1901149200000, 1919293200000}};
	struct zone z;
	assert_int_equal(zone_parse(STOCKHOLM, &z), 0);
	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		assert_int_equal(zone_offset(&z, at[i].spring - 1), 3600);
		assert_int_equal(zone_offset(&z, at[i].spring), 7200);
		assert_int_equal(zone_offset(&z, at[i].autumn - 1), 7200);
		assert_int_equal(zone_offset(&z, at[i].autumn), 3600);
	}
	int64_t ms;
	expect_day(zone_local(&z, 1774746000000 - 1, &ms), 2026, 3, 29);
	assert_int_equal(ms, 2 * MS_HOUR - 1);
	expect_day(zone_local(&z, 1774746000000, &ms), 2026, 3, 29);
	assert_int_equal(ms, 3 * MS_HOUR);
	/* New Year's night belongs to the local year. */
	expect_day(zone_local(&z, 1798758000000, &ms), 2027, 1, 1);
	assert_int_equal(ms, 0);
	expect_day(zone_local(&z, -1, &ms), 1970, 1, 1);
	assert_int_equal(ms, MS_HOUR - 1);
}

TEST(wall_clock_to_instant)
{
	struct zone z;
	int64_t ms;
	assert_int_equal(zone_parse(STOCKHOLM, &z), 0);
	/* The gap: 02:30 does not exist and is shown as 03:30. */
	int64_t t = zone_instant(&z, day(2026, 3, 29), 2 * MS_HOUR + 30 * MS_MINUTE);
	assert_int_equal(t, 1774746000000 + 30 * MS_MINUTE);
	zone_local(&z, t, &ms);
	assert_int_equal(ms, 3 * MS_HOUR + 30 * MS_MINUTE);
	assert_int_equal(zone_instant(&z, day(2026, 3, 29), 2 * MS_HOUR), 1774746000000);
	assert_int_equal(zone_instant(&z, day(2026, 3, 29), 3 * MS_HOUR), 1774746000000);
	/* The double hour: 02:30 is the first, summer's. */
	t = zone_instant(&z, day(2026, 10, 25), 2 * MS_HOUR + 30 * MS_MINUTE);
	assert_int_equal(t, 1792890000000 - 30 * MS_MINUTE);
	assert_int_equal(zone_instant(&z, day(2026, 10, 25), 3 * MS_HOUR), 1792890000000 + MS_HOUR);
	/* Every other hour of two years comes back as it was. */
	for (int64_t h = 1767222000000; h < 1830294000000; h += MS_HOUR) {
		struct date d = zone_local(&z, h, &ms);
		int64_t back = zone_instant(&z, d, ms);
		bool second = h == 1792890000000 || h == 1824944400000;
		assert_int_equal(back, second ? h - MS_HOUR : h);
	}
}

TEST(southern_and_negative_summer_time)
{
	struct zone z;
	assert_int_equal(zone_parse("AEST-10AEDT,M10.1.0,M4.1.0/3", &z), 0);
	assert_int_equal(zone_offset(&z, 1767225600000), 39600); /* January 2026 */
	assert_int_equal(zone_offset(&z, 1782864000000), 36000); /* July 2026 */
	/* Dublin's "summer time" of the rule is the winter. */
	assert_int_equal(zone_parse("IST-1GMT0,M10.5.0,M3.5.0/1", &z), 0);
	assert_int_equal(zone_offset(&z, 1767225600000), 0);
	assert_int_equal(zone_offset(&z, 1782864000000), 3600);
	int64_t gap = zone_instant(&z, day(2026, 3, 29), MS_HOUR + 30 * MS_MINUTE), ms;
	zone_local(&z, gap, &ms);
	assert_int_equal(ms, 2 * MS_HOUR + 30 * MS_MINUTE);
}

TEST(rfc5322_read)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{"Fri, 21 Nov 1997 09:55:06 -0600", 880127706000},
		{"21 Nov 97 09:55:06 GMT", 880106106000},
		{"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", 880127706000},
		{"Fri, 21 Nov 1997 09:55 -0600 (CST (nested \\) one))", 880127700000},
		{"Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n"
		 "               -0330 (Newfoundland Time)",
			-27723480000},
		{"Mon, 23 Nov 2026 08:00:00 +0100", 1795417200000},
		{"Mon, 23 Nov 2026 08:00:00 +01:00", 1795417200000},
		{"Mon Nov 23 08:00:00 2026", 1795420800000},
		{"Mon, 23 November 2026 08:00:00 CET", 1795417200000},
		{"23-Nov-2026 08:00:00 +0100", 1795417200000},
		{"Mon, 23 Nov 126 08:00:00 Z", 1795420800000},
		{"Mon, 23 Nov 2026 08:00:00 X", 1795420800000},
	};
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		int64_t ms = 0;
		assert_true(date_parse_rfc5322(good[i].text, &ms));
		assert_int_equal(ms, good[i].ms);
	}
	static const char *const bad[] = {"", "hej", "Fri, 32 Nov 1997 09:55:06 -0600",
		"Fri, 21 Nov 1997 24:55:06 -0600", "Fri, 21 Nov 1997 09:60:06 -0600",
		"Fri, 21 Nov 1997 09:55:06 -0660", "Fri, 21 Nov 19970 09:55:06 -0600",
		"Fri, 21 Nov 1997 09:55:06 -0600 x", "Fri, 21 Foo 1997 09:55:06 -0600",
		"Fri, 21 Nov 1997", "Fri, 21 Nov 1997 09", "Fri, 29 Feb 2026 08:00:00 +0100",
		"Fri, 21 Nov 1997 09:55:06 -06", "((((", "99999999999999999999 Nov 1997 09:55 GMT",
		"1 Nov 0000 09:55 GMT"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int64_t ms;
		assert_false(date_parse_rfc5322(bad[i], &ms));
	}
}

TEST(rfc5322_written)
{
	struct zone z;
	char s[DATE_RFC5322_SIZE];
	assert_int_equal(zone_parse(STOCKHOLM, &z), 0);
	date_format_rfc5322(s, 1795417200000, &z);
	assert_string_equal(s, "Mon, 23 Nov 2026 08:00:00 +0100");
	date_format_rfc5322(s, 1782864000000, &z);
	assert_string_equal(s, "Wed, 01 Jul 2026 02:00:00 +0200");
	date_format_rfc5322(s, 1795417200000, NULL);
	assert_string_equal(s, "Mon, 23 Nov 2026 07:00:00 +0000");
	assert_int_equal(zone_parse("NST3:30", &z), 0);
	date_format_rfc5322(s, 1795417200000, &z);
	assert_string_equal(s, "Mon, 23 Nov 2026 03:30:00 -0330");
	date_format_rfc5322(s, INT64_MAX, &z);
	date_format_rfc5322(s, INT64_MIN, NULL);
}

TEST(rfc3339_both_ways)
{
	char s[DATE_RFC3339_SIZE];
	int64_t ms;
	assert_true(date_parse_rfc3339("2026-11-23T08:00:00+01:00", &ms));
	assert_int_equal(ms, 1795417200000);
	assert_true(date_parse_rfc3339("2026-11-23t07:00:00.0625z", &ms));
	assert_int_equal(ms, 1795417200062);
	date_format_rfc3339(s, ms);
	assert_string_equal(s, "2026-11-23T07:00:00.062Z");
	date_format_rfc3339(s, -1);
	assert_string_equal(s, "1969-12-31T23:59:59.999Z");
	date_format_rfc3339(s, INT64_MAX);
	assert_string_equal(s, "9999-12-31T23:59:59.999Z");
	static const char *const bad[] = {"", "2026-11-23", "2026-11-23T08:00:00",
		"2026-11-23 08:00:00Z", "2026-11-23T08:00Z", "2026-11-31T08:00:00Z",
		"2026-11-23T24:00:00Z", "2026-11-23T08:00:00.Z", "2026-11-23T08:00:00+0100",
		"2026-11-23T08:00:00Zx", "26-11-23T08:00:00Z"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(date_parse_rfc3339(bad[i], &ms));
	struct date d;
	assert_true(date_parse("2026-12-04", &d));
	expect_day(d, 2026, 12, 4);
	assert_false(date_parse("2026-12-4", &d));
	assert_false(date_parse("2026-02-30", &d));
	assert_false(date_parse("2026-12-04 ", &d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_and_back),
		cmocka_unit_test(weekdays_and_weeks),
		cmocka_unit_test(easter_1900_to_2100),
		cmocka_unit_test(zone_rules_understood_and_refused),
		cmocka_unit_test(stockholm_changes),
		cmocka_unit_test(wall_clock_to_instant),
		cmocka_unit_test(southern_and_negative_summer_time),
		cmocka_unit_test(rfc5322_read),
		cmocka_unit_test(rfc5322_written),
		cmocka_unit_test(rfc3339_both_ways),
	};
	return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
