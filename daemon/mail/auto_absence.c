/* Auto absence: a small reader of dates in prose. Walks the folded words once, remembers the last
 * cue ("åter", "till och med", "från"), and tries a date at each word. Pure. */
#include "base/prelude.h"

#include "mail/auto_absence.h"

#include "base/arena.h"
#include "base/date.h"
#include "base/text.h"

#define MAX_LOOK 6000	  /* bytes of text that are read */
#define MAX_CUE_WORDS 7	  /* between a cue and its date */
#define MAX_DAYS_AWAY 800 /* longer is a misreading */

struct reader {
	bool has_sent;
	struct date sent;
};

static const struct {
	const char *start; /* of the folded name */
	int month;
} months[] = {{"jan", 1}, {"feb", 2}, {"mars", 3}, {"march", 3}, {"mar", 3}, {"marz", 3},
	{"apr", 4}, {"maj", 5}, {"may", 5}, {"mai", 5}, {"jun", 6}, {"jul", 7}, {"aug", 8},
	{"sep", 9}, {"okt", 10}, {"oct", 10}, {"nov", 11}, {"dec", 12}, {"des", 12}, {"dez", 12},
	{"tammi", 1}, {"helmi", 2}, {"maalis", 3}, {"huhti", 4}, {"touko", 5}, {"kesa", 6},
	{"heina", 7}, {"elo", 8}, {"syys", 9}, {"loka", 10}, {"marras", 11}, {"joulu", 12}};

static const struct {
	const char *start;
	int weekday;
} weekdays[] = {{"mandag", 1}, {"monday", 1}, {"maanantai", 1}, {"montag", 1}, {"tisdag", 2},
	{"tuesday", 2}, {"tiistai", 2}, {"tirsdag", 2}, {"dienstag", 2}, {"onsdag", 3},
	{"wednesday", 3}, {"keskiviikko", 3}, {"mittwoch", 3}, {"torsdag", 4}, {"thursday", 4},
	{"torstai", 4}, {"donnerstag", 4}, {"fredag", 5}, {"friday", 5}, {"perjantai", 5},
	{"freitag", 5}, {"lordag", 6}, {"saturday", 6}, {"lauantai", 6}, {"samstag", 6},
	{"sondag", 7}, {"sunday", 7}, {"sunnuntai", 7}, {"sonntag", 7}};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static const char *skip_blank(const char *p)
{
	while (*p == ' ' || *p == ',')
		p++;
	return p;
}

/* 1..max digits, or NULL. */
static const char *number(const char *p, int max, int *out)
{
	int n = 0;

	*out = 0;
	while (n < max && ascii_is_digit(p[n])) {
		*out = *out * 10 + (p[n] - '0');
		n++;
	}
	return n == 0 || ascii_is_digit(p[n]) ? NULL : p + n;
}

static const char *word_end(const char *p)
{
	while (is_letter(*p))
		p++;
	return p;
}

static const char *month_at(const char *p, int *month)
{
	for (size_t i = 0; i < ARRAY_LEN(months); i++) {
		size_t n = strlen(months[i].start);
		const char *end;

		if (strncmp(p, months[i].start, n) != 0)
			continue;
		end = word_end(p);
		if (end - p > 14)
			continue;
		*month = months[i].month;
		return *end == '.' ? end + 1 : end;
	}
	return NULL;
}

static const char *weekday_at(const char *p, int *weekday)
{
	for (size_t i = 0; i < ARRAY_LEN(weekdays); i++) {
		size_t n = strlen(weekdays[i].start);

		if (strncmp(p, weekdays[i].start, n) == 0 && word_end(p) <= p + n + 3) {
			*weekday = weekdays[i].weekday;
			return word_end(p);
		}
	}
	return NULL;
}

/* ":e", "de", "th", ".", "s" after a day's number. */
static const char *after_day(const char *p)
{
	static const char *const ends[] = {":e", ":a", "th", "st", "nd", "rd", "de", "e ", "."};

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		size_t n = strlen(ends[i]);

		if (strncmp(p, ends[i], n) == 0 && !is_letter(p[n]))
			return p + n;
	}
	return p;
}

static const char *skip_word(const char *p, const char *word)
{
	size_t n = strlen(word);

	return strncmp(p, word, n) == 0 && p[n] == ' ' ? p + n + 1 : p;
}

/* A date without a year is the one nearest after what lies a while back. */
static bool settle_year(const struct reader *r, struct date *d)
{
	int64_t days;

	if (d->year)
		return d->year >= 2000 && d->year < 2200 && date_valid(*d);
	if (!r->has_sent)
		return false;
	d->year = r->sent.year;
	if (!date_valid(*d))
		return false;
	days = date_to_days(*d) - date_to_days(r->sent);
	if (days < -120)
		d->year++;
	else if (days > 300)
		d->year--;
	return date_valid(*d);
}

static const char *optional_year(const char *p, int *year)
{
	const char *q = skip_blank(p), *end;
	int y;

	end = number(q, 4, &y);
	if (end && y >= 2000 && y < 2200) {
		*year = y;
		return end;
	}
	return p;
}

/* "v 32", "v. 32", "vecka 32", "week 32", "viikolla 32", "KW 32": its Monday. */
static const char *week_at(const struct reader *r, const char *p, int *week, int *year)
{
	static const char *const words[] = {"v", "vecka", "veckan", "v.", "week", "uge", "uke",
		"viikko", "viikolla", "vko", "kw", "kalenderwoche"};
	const char *end;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);

		if (strncmp(p, words[i], n) != 0 || is_letter(p[n]))
			continue;
		end = p + n;
		if (*end == '.')
			end++;
		end = number(skip_blank(end), 2, week);
		if (!end || *week < 1 || *week > 53 || !r->has_sent)
			continue;
		*year = 0;
		date_iso_week(r->sent, year);
		if (date_to_days(date_of_iso_week(*year, *week)) < date_to_days(r->sent) - 120)
			(*year)++;
		return end;
	}
	return NULL;
}

/* yyyy-mm-dd, dd/mm, dd.mm. */
static const char *numeric_at(const char *p, struct date *d)
{
	const char *a, *b, *c;
	int x, y, z;
	char sep;

	a = number(p, 4, &x);
	if (!a || (*a != '-' && *a != '/' && *a != '.'))
		return NULL;
	sep = *a;
	b = number(a + 1, 2, &y);
	if (!b)
		return NULL;
	if (x >= 2000 && sep == '-' && *b == '-' && (c = number(b + 1, 2, &z)) != NULL) {
		*d = (struct date){x, y, z};
		return c;
	}
	if (x < 1 || x > 31 || y < 1 || y > 12 || sep == '-')
		return NULL;
	*d = (struct date){0, y, x};
	if (*b == sep && (c = number(b + 1, 4, &z)) != NULL) {
		d->year = z < 100 ? 2000 + z : z;
		return c;
	}
	if (sep == '.' && *b != '.')
		return NULL; /* "10.30" is a time of day; dates end in a point */
	return *b == sep ? b + 1 : b;
}

/* "3 augusti", "den 3:e aug 2026", "August 3rd", "3. elokuuta" */
static const char *named_at(const char *p, struct date *d)
{
	const char *q = skip_word(skip_word(p, "den"), "the"), *end;
	int day, month;

	end = number(q, 2, &day);
	if (end) {
		const char *m = skip_word(skip_blank(after_day(end)), "of");

		end = month_at(m, &month);
		if (!end)
			return NULL;
	} else {
		end = month_at(q, &month);
		if (!end)
			return NULL;
		end = number(skip_blank(end), 2, &day);
		if (!end)
			return NULL;
		end = after_day(end);
	}
	*d = (struct date){0, month, day};
	return optional_year(end, &d->year);
}

static struct date next_weekday(struct date from, int weekday)
{
	int ahead = (weekday - date_weekday(from) + 7) % 7;

	return date_add(from, ahead ? ahead : 7);
}

/* A date at p; *days is how many it covers (7 for a week). */
static const char *date_at(const struct reader *r, const char *p, struct date *d, int *days)
{
	const char *end;
	int weekday = 0, week, year;

	*days = 1;
	end = weekday_at(p, &weekday);
	if (end) {
		const char *q = skip_word(skip_word(skip_blank(end), "den"), "the"), *dated;

		q = skip_word(skip_word(q, "i"), "in");
		dated = week_at(r, q, &week, &year);
		if (dated) {
			*d = date_add(date_of_iso_week(year, week), weekday - 1);
			return dated;
		}
		dated = numeric_at(q, d);
		if (!dated)
			dated = named_at(q, d);
		if (dated && settle_year(r, d))
			return dated;
		if (!r->has_sent)
			return NULL;
		*d = next_weekday(r->sent, weekday);
		return end;
	}
	end = week_at(r, p, &week, &year);
	if (end) {
		*d = date_of_iso_week(year, week);
		*days = 7;
		return end;
	}
	if (r->has_sent &&
		(strncmp(p, "imorgon", 7) == 0 || strncmp(p, "i morgon", 8) == 0 ||
			strncmp(p, "tomorrow", 8) == 0 || strncmp(p, "huomenna", 8) == 0)) {
		*d = date_add(r->sent, 1);
		return word_end(p + 2);
	}
	end = numeric_at(p, d);
	if (!end)
		end = named_at(p, d);
	return end && settle_year(r, d) ? end : NULL;
}

enum cue { CUE_NONE, CUE_RETURN, CUE_UNTIL, CUE_FROM };

static const struct {
	const char *words;
	enum cue cue;
} cues[] = {{"ater", CUE_RETURN}, {"tillbaka", CUE_RETURN}, {"tillbaks", CUE_RETURN},
	{"aterkommer", CUE_RETURN}, {"atervander", CUE_RETURN}, {"atergar", CUE_RETURN},
	{"back", CUE_RETURN}, {"returning", CUE_RETURN}, {"return", CUE_RETURN},
	{"returns", CUE_RETURN}, {"palaan", CUE_RETURN}, {"takaisin", CUE_RETURN},
	{"toissa", CUE_RETURN}, {"tilbake", CUE_RETURN}, {"tilbage", CUE_RETURN},
	{"zuruck", CUE_RETURN}, {"wieder", CUE_RETURN}, {"nas igen", CUE_RETURN},
	{"de retour", CUE_RETURN}, {"till och med", CUE_UNTIL}, {"t o m", CUE_UNTIL},
	{"t.o.m.", CUE_UNTIL}, {"t.o.m", CUE_UNTIL}, {"tom", CUE_UNTIL}, {"fram till", CUE_UNTIL},
	{"until", CUE_UNTIL}, {"untill", CUE_UNTIL}, {"through", CUE_UNTIL}, {"till", CUE_UNTIL},
	{"til", CUE_UNTIL}, {"bis", CUE_UNTIL}, {"to", CUE_UNTIL}, {"fran och med", CUE_FROM},
	{"fr o m", CUE_FROM}, {"fr.o.m.", CUE_FROM}, {"fr.o.m", CUE_FROM}, {"from", CUE_FROM},
	{"fran", CUE_FROM}, {"fra", CUE_FROM}, {"vom", CUE_FROM}, {"ab", CUE_FROM}};

static const char *cue_at(const char *p, enum cue *cue)
{
	for (size_t i = 0; i < ARRAY_LEN(cues); i++) {
		size_t n = strlen(cues[i].words);

		if (strncmp(p, cues[i].words, n) == 0 && !is_letter(p[n]) &&
			!ascii_is_digit(p[n])) {
			*cue = cues[i].cue;
			return p + n;
		}
	}
	return NULL;
}

/* " - ", "–", "till", "to", "och", "t o m" between two dates. */
static const char *range_mark(const char *p)
{
	static const char *const marks[] = {"-", "–", "—", "till och med", "t o m", "t.o.m.", "tom",
		"till", "until", "to", "og", "och", "and", "bis", "til", "through"};

	p = skip_blank(p);
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		size_t n = strlen(marks[i]);

		if (strncmp(p, marks[i], n) == 0 && !is_letter(p[n]))
			return skip_word(skip_blank(p + n), "den");
	}
	return NULL;
}

/* "6-10 juli", "v 28-31": the first number takes month or week from the second. */
static const char *short_range(
	const struct reader *r, const char *p, struct date *from, struct date *until)
{
	const char *end, *q;
	int a, b, days, year;

	end = week_at(r, p, &a, &year);
	if (end && (q = range_mark(end)) != NULL && number(q, 2, &b) && b > a && b <= 53) {
		*from = date_of_iso_week(year, a);
		*until = date_add(date_of_iso_week(year, b), 7);
		return number(q, 2, &b);
	}
	end = number(skip_word(p, "den"), 2, &a);
	if (!end || a < 1 || a > 31)
		return NULL;
	q = range_mark(after_day(end));
	if (!q)
		return NULL;
	end = date_at(r, q, until, &days);
	if (!end || days != 1 || until->day <= a || is_letter(*q))
		return NULL;
	*from = (struct date){until->year, until->month, a};
	*until = date_add(*until, 1);
	return end;
}

struct found {
	struct date from, until;
	bool has_from, has_until, sure; /* sure: the day of return is told */
};

static void note(struct found *f, enum cue cue, struct date d, int days)
{
	if (cue == CUE_RETURN && !f->sure) {
		f->until = d;
		f->has_until = f->sure = true;
	} else if (cue == CUE_UNTIL && !f->has_until) {
		f->until = date_add(d, days);
		f->has_until = true;
	} else if (cue == CUE_FROM && !f->has_from) {
		f->from = d;
		f->has_from = true;
	}
}

static const char *try_date(const struct reader *r, const char *p, enum cue cue, struct found *f)
{
	struct date d, e;
	int days, days2;
	const char *end = short_range(r, p, &d, &e), *q;

	if (end) {
		if (!f->has_from && !f->has_until) {
			f->from = d;
			f->until = e;
			f->has_from = f->has_until = true;
		}
		return end;
	}
	end = date_at(r, p, &d, &days);
	if (!end)
		return NULL;
	q = range_mark(end);
	if (q && cue != CUE_RETURN && (q = date_at(r, q, &e, &days2)) != NULL &&
		date_to_days(e) >= date_to_days(d)) {
		note(f, CUE_FROM, d, days);
		note(f, CUE_UNTIL, e, days2);
		return q;
	}
	if (strncmp(skip_blank(end), "asti", 4) == 0 || strncmp(skip_blank(end), "saakka", 6) == 0)
		cue = CUE_UNTIL;
	note(f, cue, d, days);
	return end;
}

void auto_absence(struct arena *arena, const char *subject, const char *text, int64_t sent_ms,
	int64_t *from_ms, int64_t *until_ms)
{
	struct reader r = {.has_sent = sent_ms > 0};
	struct found f = {.has_from = false};
	char *all = arena_printf(
		arena, "%s . %s", subject, arena_strndup(arena, text, strnlen(text, MAX_LOOK)));
	const char *p = text_fold(arena, all);
	enum cue cue = CUE_NONE;
	int age = 0;

	*from_ms = *until_ms = 0;
	if (r.has_sent)
		r.sent = date_from_days(sent_ms / MS_DAY);
	while (*p) {
		enum cue next = CUE_NONE;
		const char *end = try_date(&r, p, age <= MAX_CUE_WORDS ? cue : CUE_NONE, &f);

		if (end) {
			cue = CUE_NONE;
		} else if ((end = cue_at(p, &next)) != NULL) {
			cue = next;
			age = 0;
		} else {
			end = p + strcspn(p, " ");
			age++;
			if (end > p && (end[-1] == '.' || end[-1] == '!') && end - p > 3)
				cue = CUE_NONE; /* the sentence ends */
		}
		p = end + strspn(end, " ,");
		if (*end && end == p && *p)
			p++;
	}
	if (f.has_from &&
		(!r.has_sent || llabs(date_to_days(f.from) - date_to_days(r.sent)) < MAX_DAYS_AWAY))
		*from_ms = date_to_days(f.from) * MS_DAY;
	if (f.has_until && (!r.has_sent || (date_to_days(f.until) >= date_to_days(r.sent) - 7 &&
						   date_to_days(f.until) - date_to_days(r.sent) <
							   MAX_DAYS_AWAY)))
		*until_ms = date_to_days(f.until) * MS_DAY;
	if (*until_ms < 0 || *from_ms < 0)
		*until_ms = *from_ms = 0;
	if (*until_ms && *from_ms >= *until_ms)
		*from_ms = 0;
}
