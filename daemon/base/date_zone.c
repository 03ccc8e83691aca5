/* Date, zones: the POSIX TZ rule and the way between wall clock and instant. Pure: the rule's text
 * is handed in, no file is read, and the process's own zone plays no part. */
#include "base/prelude.h"

#include "base/date.h"

/* A name: three letters or more, or anything in angle brackets (RFC 8536 3.3.1). */
static bool take_name(const char **s, char *out, size_t size)
{
	const char *p = *s;
	bool quoted = *p == '<';
	if (quoted)
		p++;
	size_t n = 0;
	for (;; n++) {
		char c = p[n];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool sign_or_digit = (c >= '0' && c <= '9') || c == '+' || c == '-';
		if (!letter && !(quoted && sign_or_digit))
			break;
	}
	if (n < 3 || n >= size || (quoted && p[n] != '>'))
		return false;
	memcpy(out, p, n);
	out[n] = '\0';
	*s = p + n + (quoted ? 1 : 0);
	return true;
}

static bool take_number(const char **s, int max, int *out)
{
	const char *p = *s;
	int v = 0;
	for (; *p >= '0' && *p <= '9' && p - *s < 3; p++)
		v = v * 10 + (*p - '0');
	if (p == *s || v > max)
		return false;
	*s = p;
	*out = v;
	return true;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_time(const char **s, int max_hours, int32_t *out)
{
	int sign = 1, part[3] = {0, 0, 0};
	if (**s == '+' || **s == '-')
		sign = *(*s)++ == '-' ? -1 : 1;
	if (!take_number(s, max_hours, &part[0]))
		return false;
	for (int i = 1; i < 3 && **s == ':'; i++) {
		(*s)++;
		if (!take_number(s, 59, &part[i]))
			return false;
	}
	*out = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
	return true;
}

static bool take_change(const char **s, struct zone_change *out)
{
	static const char marks[] = ",M";
	if (strncmp(*s, marks, 2) != 0)
		return false;
	*s += 2;
	if (!take_number(s, 12, &out->month) || *(*s)++ != '.' || !take_number(s, 5, &out->week) ||
		*(*s)++ != '.' || !take_number(s, 6, &out->weekday))
		return false;
	out->seconds = 2 * 3600;
	if (**s == '/') {
		(*s)++;
		if (!take_time(s, 167, &out->seconds))
			return false;
	}
	return out->month >= 1 && out->week >= 1;
}

int zone_parse(const char *posix_tz, struct zone *out)
{
	const char *s = posix_tz;
	int32_t west;
	*out = (struct zone){.std_offset = 0};
	if (!take_name(&s, out->std_name, sizeof(out->std_name)) || !take_time(&s, 24, &west))
		return -1;
	out->std_offset = -west; /* POSIX counts west as positive */
	if (*s == '\0')
		return 0;
	out->has_dst = true;
	if (!take_name(&s, out->dst_name, sizeof(out->dst_name)))
		return -1;
	west = west - 3600;
	if (*s != ',' && !take_time(&s, 24, &west))
		return -1;
	out->dst_offset = -west;
	if (!take_change(&s, &out->dst_starts) || !take_change(&s, &out->dst_ends) || *s != '\0')
		return -1;
	return 0;
}

/* The instant of a change in that year, when the offset before it is in force. */
static int64_t change_at(const struct zone_change *c, int year, int32_t offset)
{
	struct date first = {.year = year, .month = c->month, .day = 1};
	int weekday = c->weekday == 0 ? 7 : c->weekday;
	int ahead = (weekday - date_weekday(first) + 7) % 7;
	int64_t day = date_to_days(first) + ahead + 7 * (c->week - 1);
	if (date_from_days(day).month != c->month)
		day -= 7; /* week 5 means the last */
	return day * MS_DAY + ((int64_t)c->seconds - offset) * MS_SECOND;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

int32_t zone_offset(const struct zone *z, int64_t at_ms)
{
	if (!z->has_dst)
		return z->std_offset;
	int64_t local = at_ms + z->std_offset * MS_SECOND;
	int year = date_from_days(floor_div(local, MS_DAY)).year;
	int64_t starts = change_at(&z->dst_starts, year, z->std_offset);
	int64_t ends = change_at(&z->dst_ends, year, z->dst_offset);
	bool dst = starts < ends ? at_ms >= starts && at_ms < ends
				 : at_ms >= starts || at_ms < ends; /* south of the equator */
	return dst ? z->dst_offset : z->std_offset;
}

struct date zone_local(const struct zone *z, int64_t at_ms, int64_t *ms_of_day)
{
	int64_t local = at_ms + zone_offset(z, at_ms) * MS_SECOND;
	int64_t day = floor_div(local, MS_DAY);
	*ms_of_day = local - day * MS_DAY;
	return date_from_days(day);
}

int64_t zone_instant(const struct zone *z, struct date d, int64_t ms_of_day)
{
	int64_t local = date_to_days(d) * MS_DAY + ms_of_day;
	int32_t more = z->std_offset, less = z->std_offset;
	if (z->has_dst && z->dst_offset > more)
		more = z->dst_offset;
	else if (z->has_dst)
		less = z->dst_offset;
	/* The larger offset gives the earlier instant: the first of a double hour. */
	int64_t early = local - more * MS_SECOND, late = local - less * MS_SECOND;
	if (zone_offset(z, early) == more)
		return early;
	/* Either the other offset holds, or the time is in a gap, where the smaller one was old. */
	return late;
}
