/* Working time: instants moved along a calendar. Pure; Swedish holidays are computed. */
#ifndef LOTS_CORE_WORKTIME_H
#define LOTS_CORE_WORKTIME_H

#include "core/config.h"

/* True on a public holiday (helgdag) of Sweden, Sundays not counted; *eve: Midsummer, Christmas and
 * New Year's Eve. */
bool holiday_swedish(struct date d, bool *eve);
bool calendar_is_open_day(const struct calendar *c, struct date d);
bool calendar_is_open(const struct calendar *c, const struct zone *z, int64_t at_ms);
/* The instant when `amount` ms of working time have passed since from. amount 0 gives the first open
 * instant at or after from. INT64_MAX if the calendar has no open time within 3 years. */
int64_t worktime_add(const struct calendar *c, const struct zone *z, int64_t from_ms, int64_t amount);
/* Working ms between the two; 0 when to <= from. */
int64_t worktime_between(const struct calendar *c, const struct zone *z, int64_t from_ms, int64_t to_ms);
/* `days` working days on: the same time of day, or the end of that day if it is later. */
int64_t worktime_add_days(const struct calendar *c, const struct zone *z, int64_t from_ms, int days);

#endif
