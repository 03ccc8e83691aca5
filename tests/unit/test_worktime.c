/* Working time by hand-computed examples; the long comparison is tests/check/worktime_oracle. */
#include "base/prelude.h"

#include "core/worktime.h"

#include <setjmp.h>
#include <cmocka.h>

static struct span office[] = {{8 * MS_HOUR, 16 * MS_HOUR + 30 * MS_MINUTE}};
static struct span monday[] = {{8 * MS_HOUR, 12 * MS_HOUR}};

static struct calendar office_calendar(void)
{
	struct calendar c = {.id = "office", .swedish_holidays = true, .eves_closed = true};

	for (int d = 1; d <= 5; d++) {
		c.spans[d] = office;
		c.n_spans[d] = 1;
	}
	return c;
}

static struct zone stockholm(void)
{
	struct zone z;

	assert_int_equal(zone_parse("CET-1CEST,M3.5.0,M10.5.0/3", &z), 0);
	return z;
}

static int64_t at(const char *rfc3339)
{
	int64_t ms;

	assert_true(date_parse_rfc3339(rfc3339, &ms));
	return ms;
}

static void test_add(void **state)
{
	static const struct {
		const char *from;
		int64_t hours;
		const char *wanted;
	} rows[] = {
		/* Friday afternoon to Monday morning */
		{"2026-11-20T15:30:00+01:00", 4, "2026-11-23T11:00:00+01:00"},
		{"2026-11-23T08:00:00+01:00", 8, "2026-11-23T16:00:00+01:00"},
		{"2026-11-23T06:12:00+01:00", 0, "2026-11-23T08:00:00+01:00"},
		{"2026-11-23T16:30:00+01:00", 0, "2026-11-24T08:00:00+01:00"},
		/* Christmas: Thu 24 eve, Fri 25, Sat, Sun -> Mon 28 */
		{"2026-12-23T16:00:00+01:00", 1, "2026-12-28T08:30:00+01:00"},
		/* Epiphany on a Wednesday, half way through the week */
		{"2027-01-05T16:00:00+01:00", 1, "2027-01-07T08:30:00+01:00"},
		/* over the change to summer time: the weekend is an hour shorter, work is not */
		{"2026-03-27T15:30:00+01:00", 4, "2026-03-30T11:00:00+02:00"},
	};
	struct calendar c = office_calendar();
	struct zone z = stockholm();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(worktime_add(&c, &z, at(rows[i].from), rows[i].hours * MS_HOUR),
			at(rows[i].wanted));
}

static void test_between(void **state)
{
	struct calendar c = office_calendar();
	struct zone z = stockholm();
	int64_t friday = at("2026-11-20T15:30:00+01:00"),
		monday_10 = at("2026-11-23T10:00:00+01:00");

	(void)state;
	assert_int_equal(worktime_between(&c, &z, friday, monday_10), 3 * MS_HOUR);
	assert_int_equal(worktime_between(&c, &z, monday_10, friday), 0);
	assert_int_equal(worktime_between(&c, &z, friday, friday), 0);
}

static void test_days(void **state)
{
	struct calendar c = office_calendar();
	struct zone z = stockholm();

	(void)state;
	assert_int_equal(worktime_add_days(&c, &z, at("2026-11-20T10:15:00+01:00"), 3),
		at("2026-11-25T10:15:00+01:00"));
	assert_int_equal(worktime_add_days(&c, &z, at("2026-11-20T22:00:00+01:00"), 1),
		at("2026-11-23T16:30:00+01:00"));
	assert_int_equal(worktime_add_days(&c, &z, at("2026-11-21T03:00:00+01:00"), 1),
		at("2026-11-23T08:00:00+01:00"));
}

static void test_part_time_and_closed_days(void **state)
{
	struct zone z = stockholm();
	struct date closed[] = {{2026, 11, 23}};
	struct half_day half[] = {{{2026, 11, 30}, 10 * MS_HOUR}};
	struct calendar c = {.id = "part"};

	(void)state;
	c.spans[1] = monday;
	c.n_spans[1] = 1;
	assert_int_equal(worktime_add(&c, &z, at("2026-11-20T12:00:00+01:00"), MS_HOUR),
		at("2026-11-23T09:00:00+01:00"));
	c.closed = closed;
	c.n_closed = 1;
	assert_int_equal(worktime_add(&c, &z, at("2026-11-20T12:00:00+01:00"), MS_HOUR),
		at("2026-11-30T09:00:00+01:00"));
	c.half_days = half;
	c.n_half_days = 1;
	assert_int_equal(worktime_add(&c, &z, at("2026-11-20T12:00:00+01:00"), 3 * MS_HOUR),
		at("2026-12-07T09:00:00+01:00"));
	assert_false(calendar_is_open(&c, &z, at("2026-11-30T10:00:00+01:00")));
	assert_true(calendar_is_open(&c, &z, at("2026-11-30T09:59:59+01:00")));
}

static void test_never_open(void **state)
{
	struct calendar c = {.id = "never"};
	struct zone z = stockholm();

	(void)state;
	assert_int_equal(worktime_add(&c, &z, 0, 1), INT64_MAX);
	assert_int_equal(worktime_add_days(&c, &z, 0, 1), INT64_MAX);
	assert_int_equal(worktime_between(&c, &z, 0, MS_DAY), 0);
}

static void test_holidays_2026(void **state)
{
	static const char *const holidays[] = {"2026-01-01", "2026-01-06", "2026-04-03",
		"2026-04-05", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-24", "2026-06-06",
		"2026-06-20", "2026-10-31", "2026-12-25", "2026-12-26"};
	struct date d = {2026, 1, 1};
	size_t n = 0, eves = 0;
	bool eve;

	(void)state;
	for (; d.year == 2026; d = date_add(d, 1)) {
		char text[40];

		if (holiday_swedish(d, &eve)) {
			snprintf(text, sizeof(text), "%04d-%02d-%02d", d.year, d.month, d.day);
			assert_true(n < ARRAY_LEN(holidays));
			assert_string_equal(text, holidays[n]);
			n++;
		}
		eves += eve;
	}
	assert_int_equal(n, ARRAY_LEN(holidays));
	assert_int_equal(eves, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_between),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_part_time_and_closed_days),
		cmocka_unit_test(test_never_open),
		cmocka_unit_test(test_holidays_2026),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
