/* Date, written forms: RFC 5322 (strict out, generous in) and RFC 3339. Pure. */
#include "base/prelude.h"

#include "base/date.h"
#include "base/text.h"

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[] = "MonTueWedThuFriSatSun";

/* 1 and up; 0 if s does not begin with one of the three-letter names. */
static int name_index(const char *names, const char *s)
{
	for (int i = 0; names[3 * i] != '\0'; i++) {
		char name[4] = {names[3 * i], names[3 * i + 1], names[3 * i + 2], '\0'};
		if (ascii_starts_nocase(s, name))
			return i + 1;
	}
	return 0;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* From min to max digits, no more standing behind. */
static bool take_digits(const char **s, int min, int max, int *out)
{
	int n = 0, v = 0;
	for (; n < max && ascii_is_digit((*s)[n]); n++)
		v = v * 10 + ((*s)[n] - '0');
	if (n < min || ascii_is_digit((*s)[n]))
		return false;
	*s += n;
	*out = v;
	return true;
}

static bool take_char(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

/* Blanks and comments, which nest (RFC 5322 3.2.2). */
static void skip_cfws(const char **s)
{
	int depth = 0;
	for (; **s != '\0'; (*s)++) {
		char c = **s;
		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (depth > 0 && c == '\\' && (*s)[1] != '\0')
			(*s)++;
		else if (depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n')
			return;
	}
}

static void skip_letters(const char **s)
{
	while (is_letter(**s))
		(*s)++;
}

/* hh:mm[:ss] with blanks around the colons, as the obsolete grammar allows. */
static bool take_clock(const char **s, int *seconds)
{
	int h, m, sec = 0;
	if (!take_digits(s, 1, 2, &h))
		return false;
	skip_cfws(s);
	if (!take_char(s, ':'))
		return false;
	skip_cfws(s);
	if (!take_digits(s, 1, 2, &m))
		return false;
	skip_cfws(s);
	if (take_char(s, ':')) {
		skip_cfws(s);
		if (!take_digits(s, 1, 2, &sec))
			return false;
	}
	if (h > 23 || m > 59 || sec > 60)
		return false;
	*seconds = h * 3600 + m * 60 + sec;
	return true;
}

/* "+0100", "+01:00", "GMT", "EST"; other letters mean unknown, so +0000 (RFC 5322 4.3). */
static bool take_zone(const char **s, int *offset)
{
	static const struct {
		const char *name;
		int hours;
	} names[] = {{"EDT", -4}, {"EST", -5}, {"CDT", -5}, {"CST", -6}, {"MDT", -6}, {"MST", -7},
		{"PDT", -7}, {"PST", -8}, {"CEST", 2}, {"CET", 1}};
	*offset = 0;
	if (is_letter(**s)) {
		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			if (ascii_starts_nocase(*s, names[i].name))
				*offset = names[i].hours * 3600;
		}
		skip_letters(s);
		return true;
	}
	char sign = **s;
	int h, m;
	if (sign == '\0')
		return true; /* left out: seen in the wild, read as UTC */
	if ((sign != '+' && sign != '-') || !ascii_is_digit((*s)[1]) || !ascii_is_digit((*s)[2]))
		return false;
	h = ((*s)[1] - '0') * 10 + ((*s)[2] - '0');
	*s += 3;
	take_char(s, ':');
	if (!take_digits(s, 2, 2, &m) || m > 59)
		return false;
	*offset = (sign == '-' ? -1 : 1) * (h * 3600 + m * 60);
	return true;
}

static bool take_year(const char **s, int *year)
{
	const char *start = *s;
	if (!take_digits(s, 2, 4, year))
		return false;
	if (*s - start == 2)
		*year += *year < 50 ? 2000 : 1900;
	else if (*s - start == 3)
		*year += 1900;
	return true;
}

static bool take_month(const char **s, int *month)
{
	*month = name_index(month_names, *s);
	skip_letters(s);
	return *month > 0;
}

bool date_parse_rfc5322(const char *s, int64_t *out_ms)
{
	struct date d;
	int seconds, offset;
	skip_cfws(&s);
	if (is_letter(*s)) {
		if (name_index(day_names, s) == 0)
			return false;
		skip_letters(&s);
		skip_cfws(&s);
		take_char(&s, ',');
		skip_cfws(&s);
	}
	bool month_first = is_letter(*s); /* "Fri Nov 21 09:55:06 1997", as C's asctime writes */
	if (month_first && !take_month(&s, &d.month))
		return false;
	skip_cfws(&s);
	if (!take_digits(&s, 1, 2, &d.day))
		return false;
	take_char(&s, '-');
	skip_cfws(&s);
	if (!month_first) {
		if (!take_month(&s, &d.month))
			return false;
		take_char(&s, '-');
		skip_cfws(&s);
		if (!take_year(&s, &d.year))
			return false;
		skip_cfws(&s);
	}
	if (!take_clock(&s, &seconds))
		return false;
	skip_cfws(&s);
	if (month_first && !take_year(&s, &d.year))
		return false;
	skip_cfws(&s);
	if (!take_zone(&s, &offset) || !date_valid(d))
		return false;
	skip_cfws(&s);
	*out_ms = date_to_days(d) * MS_DAY + ((int64_t)seconds - offset) * MS_SECOND;
	return *s == '\0';
}

bool date_parse(const char *s, struct date *out)
{
	struct date d;
	if (!take_digits(&s, 4, 4, &d.year) || !take_char(&s, '-') ||
		!take_digits(&s, 2, 2, &d.month) || !take_char(&s, '-') ||
		!take_digits(&s, 2, 2, &d.day) || *s != '\0' || !date_valid(d))
		return false;
	*out = d;
	return true;
}

static bool take_date_and_time(const char **s, struct date *d, int64_t *ms_of_day)
{
	int h, m, sec;
	if (!take_digits(s, 4, 4, &d->year) || !take_char(s, '-') ||
		!take_digits(s, 2, 2, &d->month) || !take_char(s, '-') ||
		!take_digits(s, 2, 2, &d->day) || !(take_char(s, 'T') || take_char(s, 't')))
		return false;
	if (!take_digits(s, 2, 2, &h) || !take_char(s, ':') || !take_digits(s, 2, 2, &m) ||
		!take_char(s, ':') || !take_digits(s, 2, 2, &sec))
		return false;
	*ms_of_day = (h * 3600 + m * 60 + sec) * MS_SECOND;
	return date_valid(*d) && h <= 23 && m <= 59 && sec <= 60;
}

bool date_parse_rfc3339(const char *s, int64_t *out_ms)
{
	struct date d;
	int64_t ms;
	int h = 0, m = 0, sign = 0;
	if (!take_date_and_time(&s, &d, &ms))
		return false;
	if (take_char(&s, '.')) {
		int64_t unit = 100;
		if (!ascii_is_digit(*s))
			return false;
		for (; ascii_is_digit(*s); s++, unit /= 10)
			ms += (*s - '0') * unit;
	}
	if (!take_char(&s, 'Z') && !take_char(&s, 'z')) {
		sign = *s == '+' ? 1 : *s == '-' ? -1 : 0;
		if (sign == 0)
			return false;
		s++;
		if (!take_digits(&s, 2, 2, &h) || !take_char(&s, ':') ||
			!take_digits(&s, 2, 2, &m) || h > 23 || m > 59)
			return false;
	}
	*out_ms = date_to_days(d) * MS_DAY + ms - sign * (h * MS_HOUR + m * MS_MINUTE);
	return *s == '\0';
}

/* Years outside 1..9999 have no written form; the nearest that has one stands for them. */
static int64_t writable(int64_t ms)
{
	const int64_t first = INT64_C(-62135596800000), last = INT64_C(253402300799999);
	return ms < first ? first : ms > last ? last : ms;
}

void date_format_rfc5322(char out[DATE_RFC5322_SIZE], int64_t at_ms, const struct zone *z)
{
	static const struct zone utc = {.std_name = "UTC"};
	int64_t ms;
	at_ms = writable(at_ms);
	if (z == NULL)
		z = &utc;
	struct date d = zone_local(z, at_ms, &ms);
	int32_t offset = zone_offset(z, at_ms) / 60;
	unsigned minutes = (unsigned)(offset < 0 ? -offset : offset);
	snprintf(out, DATE_RFC5322_SIZE, "%.3s, %02u %.3s %04u %02u:%02u:%02u %c%02u%02u",
		day_names + 3 * (date_weekday(d) - 1), (unsigned)d.day % 100,
		month_names + 3 * (d.month - 1), (unsigned)d.year % 10000,
		(unsigned)(ms / MS_HOUR) % 24, (unsigned)(ms / MS_MINUTE) % 60,
		(unsigned)(ms / MS_SECOND) % 60, offset < 0 ? '-' : '+', minutes / 60 % 100,
		minutes % 60);
}

void date_format_rfc3339(char out[DATE_RFC3339_SIZE], int64_t at_ms)
{
	static const struct zone utc = {.std_name = "UTC"};
	int64_t ms;
	struct date d = zone_local(&utc, writable(at_ms), &ms);
	snprintf(out, DATE_RFC3339_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		(unsigned)d.year % 10000, (unsigned)d.month % 100, (unsigned)d.day % 100,
		(unsigned)(ms / MS_HOUR) % 24, (unsigned)(ms / MS_MINUTE) % 60,
		(unsigned)(ms / MS_SECOND) % 60, (unsigned)(ms % 1000));
}
