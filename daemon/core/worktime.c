/* Worktime: walks a calendar day by day. Used by clocks, receipts ("you have an answer by") and
 * pauses. Must not read a clock or a zone file: both are arguments.
 *
 * Each span becomes two instants by zone_instant, and the rest is subtraction of instants: that is
 * what makes the days of the change to and from summer time come out right. */
#include "base/prelude.h"
#include "core/worktime.h"

#define MAX_CLOSED_DAYS (3 * 366) /* in a row, then the calendar counts as never open */

static bool is_closed_date(const struct calendar *c, struct date d)
{
	bool eve = false;

	for (size_t i = 0; i < c->n_closed; i++) {
		if (date_compare(c->closed[i], d) == 0)
			return true;
	}
	if (!c->swedish_holidays && !c->eves_closed)
		return false;
	if (holiday_swedish(d, &eve) && c->swedish_holidays)
		return true;
	return eve && c->eves_closed;
}

/* When that day closes at the latest. */
static int64_t closing_ms(const struct calendar *c, struct date d)
{
	for (size_t i = 0; i < c->n_half_days; i++) {
		if (date_compare(c->half_days[i].date, d) == 0)
			return c->half_days[i].to_ms;
	}
	return MS_DAY;
}

/* Opening hours of one day, ready to be walked; n == 0 on a closed day. */
struct open_day {
	const struct span *spans;
	size_t n;
	struct date date;
	int64_t closes_ms;
};

static struct open_day open_day(const struct calendar *c, struct date d)
{
	struct open_day day = {.date = d};
	int weekday = date_weekday(d);

	if (c->n_spans[weekday] == 0 || is_closed_date(c, d))
		return day;
	day.closes_ms = closing_ms(c, d);
	day.spans = c->spans[weekday];
	day.n = c->n_spans[weekday];
	while (day.n > 0 && day.spans[day.n - 1].from_ms >= day.closes_ms)
		day.n--;
	return day;
}

static int64_t wall_instant(const struct zone *z, struct date d, int64_t ms)
{
	return ms >= MS_DAY ? zone_instant(z, date_add(d, 1), ms - MS_DAY) : zone_instant(z, d, ms);
}

static void span_instants(
	const struct open_day *day, const struct zone *z, size_t i, int64_t *from, int64_t *to)
{
	int64_t to_ms = day->spans[i].to_ms;

	if (to_ms > day->closes_ms)
		to_ms = day->closes_ms;
	*from = wall_instant(z, day->date, day->spans[i].from_ms);
	*to = wall_instant(z, day->date, to_ms);
}

bool calendar_is_open(const struct calendar *c, const struct zone *z, int64_t at_ms)
{
	int64_t of_day, from, to;
	struct open_day day = open_day(c, zone_local(z, at_ms, &of_day));

	for (size_t i = 0; i < day.n; i++) {
		span_instants(&day, z, i, &from, &to);
		if (at_ms >= from && at_ms < to)
			return true;
	}
	return false;
}

int64_t worktime_add(
	const struct calendar *c, const struct zone *z, int64_t from_ms, int64_t amount)
{
	int64_t of_day, from, to;
	struct date d = zone_local(z, from_ms, &of_day);

	for (int closed = 0; closed < MAX_CLOSED_DAYS; closed++, d = date_add(d, 1)) {
		struct open_day day = open_day(c, d);

		for (size_t i = 0; i < day.n; i++) {
			span_instants(&day, z, i, &from, &to);
			if (from < from_ms)
				from = from_ms;
			if (to <= from)
				continue;
			if (amount <= to - from)
				return from + amount;
			amount -= to - from;
			closed = 0;
		}
	}
	return INT64_MAX;
}

int64_t worktime_between(
	const struct calendar *c, const struct zone *z, int64_t from_ms, int64_t to_ms)
{
	int64_t of_day, from, to, sum = 0;
	struct date d, last;

	if (to_ms <= from_ms)
		return 0;
	last = zone_local(z, to_ms, &of_day);
	for (d = zone_local(z, from_ms, &of_day); date_compare(d, last) <= 0; d = date_add(d, 1)) {
		struct open_day day = open_day(c, d);

		for (size_t i = 0; i < day.n; i++) {
			span_instants(&day, z, i, &from, &to);
			if (from < from_ms)
				from = from_ms;
			if (to > to_ms)
				to = to_ms;
			if (to > from)
				sum += to - from;
		}
	}
	return sum;
}

int64_t worktime_add_days(const struct calendar *c, const struct zone *z, int64_t from_ms, int days)
{
	int64_t of_day, opens, closes, at, ignored;
	struct date d = zone_local(z, from_ms, &of_day);
	struct open_day day = {0};

	for (int closed = 0; days > 0; closed++) {
		if (closed >= MAX_CLOSED_DAYS)
			return INT64_MAX;
		d = date_add(d, 1);
		day = open_day(c, d);
		if (day.n == 0)
			continue;
		days--;
		closed = 0;
	}
	if (day.n == 0)
		return from_ms;
	span_instants(&day, z, 0, &opens, &ignored);
	span_instants(&day, z, day.n - 1, &ignored, &closes);
	at = zone_instant(z, d, of_day);
	if (at < opens)
		return opens;
	return at > closes ? closes : at;
}
