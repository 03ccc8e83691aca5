/* Holiday: Swedish public holidays from the rules of the law, not from a list, so that no year is
 * missing. Used by core/worktime. */
#include "base/prelude.h"
#include "core/holiday.h"

#define SATURDAY 6

static bool is_day(struct date d, int month, int day)
{
	return d.month == month && d.day == day;
}

/* The Saturday that falls on first..first+6, counted in days since 1970. */
static bool is_saturday_from(struct date d, int month, int day)
{
	int64_t first = date_to_days((struct date){d.year, month, day});
	int64_t at = date_to_days(d);

	return date_weekday(d) == SATURDAY && at >= first && at < first + 7;
}

static bool is_fixed_holiday(struct date d)
{
	return is_day(d, 1, 1) || is_day(d, 1, 6) || is_day(d, 5, 1) || is_day(d, 6, 6) ||
	       is_day(d, 12, 25) || is_day(d, 12, 26);
}

static bool is_easter_holiday(struct date d)
{
	int64_t after = date_to_days(d) - date_to_days(date_easter(d.year));

	/* Good Friday, Easter, Easter Monday, Ascension, Whit Sunday */
	return after == -2 || after == 0 || after == 1 || after == 39 || after == 49;
}

bool holiday_swedish(struct date d, bool *eve)
{
	if (eve)
		*eve = is_day(d, 12, 24) || is_day(d, 12, 31) ||
		       is_saturday_from(date_add(d, 1), 6, 20);
	/* Midsummer Day and All Saints' Day are Saturdays. */
	return is_fixed_holiday(d) || is_easter_holiday(d) || is_saturday_from(d, 6, 20) ||
	       is_saturday_from(d, 10, 31);
}
