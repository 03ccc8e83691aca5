/* Working time: instants moved along a calendar. Pure; Swedish holidays are computed. */
#ifndef LOTS_CORE_WORKTIME_H
#define LOTS_CORE_WORKTIME_H

#include "core/config.h"
#include "core/holiday.h"

/* Hours are wall-clock hours: a span that ends at 24:00 ends when the next day begins, and one over
 * a change to or from summer time is an hour shorter or longer. Spans of a day are in order and do
 * not overlap (settings see to it). */
bool calendar_is_open(const struct calendar *c, const struct zone *z, int64_t at_ms);
/* The instant when `amount` ms of working time have passed since from. amount 0 gives the first
 * open instant at or after from. INT64_MAX if the calendar has no open time within 3 years. */
int64_t worktime_add(
	const struct calendar *c, const struct zone *z, int64_t from_ms, int64_t amount);
/* Working ms between the two; 0 when to <= from. */
int64_t worktime_between(
	const struct calendar *c, const struct zone *z, int64_t from_ms, int64_t to_ms);
/* `days` (> 0) open days after the day of from_ms: the same time of day, moved into the opening
 * hours of that day when it is before or after them. INT64_MAX as above. */
int64_t worktime_add_days(
	const struct calendar *c, const struct zone *z, int64_t from_ms, int days);

#endif
