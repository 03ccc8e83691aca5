/* Date: the civil calendar. Pure. Day counting after the well-known shift of the year to March, so
 * that the leap day is the last of the year. */
#include "base/prelude.h"

#include "base/date.h"

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool date_valid(struct date d)
{
	return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
	       d.day <= days_in_month(d.year, d.month);
}

int64_t date_to_days(struct date d)
{
	int64_t y = d.month <= 2 ? (int64_t)d.year - 1 : d.year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

struct date date_from_days(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t m = (5 * doy + 2) / 153;
	int month = (int)(m < 10 ? m + 3 : m - 9);
	return (struct date){.year = (int)(yoe + era * 400 + (month <= 2 ? 1 : 0)),
		.month = month,
		.day = (int)(doy - (153 * m + 2) / 5 + 1)};
}

struct date date_add(struct date d, int days)
{
	return date_from_days(date_to_days(d) + days);
}

int date_compare(struct date a, struct date b)
{
	int64_t x = date_to_days(a), y = date_to_days(b);
	return (x > y) - (x < y);
}

int date_weekday(struct date d)
{
	int64_t w = (date_to_days(d) + 3) % 7; /* 1970-01-01 was a Thursday */
	return (int)(w < 0 ? w + 7 : w) + 1;
}

int date_iso_week(struct date d, int *iso_year)
{
	/* The week belongs to the year its Thursday is in. */
	struct date thursday = date_add(d, 4 - date_weekday(d));
	*iso_year = thursday.year;
	struct date first = {.year = thursday.year, .month = 1, .day = 1};
	return (int)(date_to_days(thursday) - date_to_days(first)) / 7 + 1;
}

struct date date_of_iso_week(int iso_year, int week)
{
	struct date d = {.year = iso_year, .month = 1, .day = 4}; /* always in week 1 */
	return date_add(d, 1 - date_weekday(d) + (week - 1) * 7);
}

struct date date_easter(int year)
{
	/* The anonymous Gregorian computus (Meeus, Jones, Butcher). */
	int a = year % 19, b = year / 100, c = year % 100;
	int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
	int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
	int m = (a + 11 * h + 22 * l) / 451;
	int n = h + l - 7 * m + 114;
	return (struct date){.year = year, .month = n / 31, .day = n % 31 + 1};
}
