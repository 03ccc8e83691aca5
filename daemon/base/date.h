/* Date: instants are UTC milliseconds since 1970 (names end in _ms); dates are civil dates without
 * a zone; a zone is the rule that ties them. No function reads a clock or a file: the zone rule is
 * the POSIX TZ text that ends a TZif file (RFC 8536), handed in by app. */
#ifndef LOTS_BASE_DATE_H
#define LOTS_BASE_DATE_H

#include "base/prelude.h"

#define MS_SECOND INT64_C(1000)
#define MS_MINUTE (60 * MS_SECOND)
#define MS_HOUR (60 * MS_MINUTE)
#define MS_DAY (24 * MS_HOUR)

struct date {
	int year, month, day; /* month 1..12, day 1..31 */
};

struct zone_change { /* "M3.5.0/2": month, week 1..5 (5 = last), weekday 0 = Sunday */
	int month, week, weekday;
	int32_t seconds; /* of the local day */
};

struct zone {
	int32_t std_offset, dst_offset; /* seconds east of UTC */
	char std_name[8], dst_name[8];
	bool has_dst;
	struct zone_change dst_starts, dst_ends;
};

bool date_valid(struct date d);
int64_t date_to_days(struct date d); /* since 1970-01-01, proleptic Gregorian */
struct date date_from_days(int64_t days);
struct date date_add(struct date d, int days);
int date_compare(struct date a, struct date b);
int date_weekday(struct date d); /* 1 = Monday .. 7 = Sunday (ISO 8601) */
int date_iso_week(struct date d, int *iso_year);
struct date date_of_iso_week(int iso_year, int week);	     /* its Monday */
struct date date_easter(int year);			     /* Sunday; Gregorian computus */
bool date_parse(const char *s, struct date *out) MUST_CHECK; /* "2026-12-04" exactly */

/* "CET-1CEST,M3.5.0,M10.5.0/3" (the M form only). -1 if not understood. */
int zone_parse(const char *posix_tz, struct zone *out) MUST_CHECK;
int32_t zone_offset(const struct zone *z, int64_t at_ms); /* seconds east of UTC */
/* The civil date and ms of that day as the wall clock shows them. */
struct date zone_local(const struct zone *z, int64_t at_ms, int64_t *ms_of_day);
/* The instant when the wall clock shows this. In the gap of spring: the instant the gap ends at
 * the old offset (02:30 -> 03:30); in the double hour of autumn: the first. */
int64_t zone_instant(const struct zone *z, struct date d, int64_t ms_of_day);

/* RFC 5322 3.3 and the obsolete forms of section 4.3 that occur; false if not understood. */
bool date_parse_rfc5322(const char *s, int64_t *out_ms) MUST_CHECK;
#define DATE_RFC5322_SIZE 40
void date_format_rfc5322(char out[DATE_RFC5322_SIZE], int64_t at_ms, const struct zone *z);
/* RFC 3339 with seconds and offset or Z: "2026-11-23T08:00:00+01:00". */
bool date_parse_rfc3339(const char *s, int64_t *out_ms) MUST_CHECK;
#define DATE_RFC3339_SIZE 32
void date_format_rfc3339(char out[DATE_RFC3339_SIZE], int64_t at_ms); /* in UTC, ms, Z */

#endif
