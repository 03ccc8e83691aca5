/* When: reads times of pauses, promises and absences. Called by handlers. Works on folded words, so
 * that å/ä/ö and case do not matter. */
#include "base/prelude.h"
#include "core/when.h"

#include "base/arena.h"
#include "base/text.h"

#define TOKENS_MAX 48

struct token_word {
	const char *word; /* folded; digits and letters apart */
	size_t end;	  /* offset in the text past it */
};

struct reader {
	struct token_word v[TOKENS_MAX];
	size_t n, i;
	int64_t now_ms;
	const struct zone *z;
	struct date today;
	int64_t of_day;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* "-", an en dash or an em dash; its length or 0. */
static size_t dash_at(const char *s)
{
	if (*s == '-')
		return 1;
	return strncmp(s, "\xE2\x80\x93", 3) == 0 || strncmp(s, "\xE2\x80\x94", 3) == 0 ? 3 : 0;
}

/* Letters, digits, and single signs are tokens; blanks fall away. */
static void split(struct arena *arena, const char *s, struct reader *r)
{
	for (size_t i = 0; s[i] && r->n < TOKENS_MAX;) {
		size_t start = i;

		if (s[i] == ' ' || s[i] == '\t' || s[i] == '\n') {
			i++;
			continue;
		}
		size_t dash = dash_at(s + i);
		if (dash) { /* a dash of any length means '-' */
			i += dash;
			if (r->n && strcmp(r->v[r->n - 1].word, "-") == 0)
				r->v[r->n - 1].end = i;
			else
				r->v[r->n++] = (struct token_word){"-", i};
			continue;
		}
		if (is_letter(s[i])) {
			while (is_letter(s[i]) && !dash_at(s + i))
				i++;
		} else if (ascii_is_digit(s[i])) {
			while (ascii_is_digit(s[i]))
				i++;
		} else {
			i++;
		}
		r->v[r->n].word = text_fold(arena, arena_strndup(arena, s + start, i - start));
		r->v[r->n++].end = i;
	}
}

static const char *peek(const struct reader *r, size_t ahead)
{
	return r->i + ahead < r->n ? r->v[r->i + ahead].word : "";
}

static bool is(const char *word, const char *const *list)
{
	for (; *list; list++) {
		if (strcmp(word, *list) == 0)
			return true;
	}
	return false;
}

static bool take_word(struct reader *r, const char *const *list)
{
	if (r->i >= r->n || !is(r->v[r->i].word, list))
		return false;
	r->i++;
	return true;
}

static bool take_number(struct reader *r, int64_t min, int64_t max, int64_t *out)
{
	if (r->i >= r->n || !text_to_i64(r->v[r->i].word, min, max, out))
		return false;
	r->i++;
	return true;
}

static int month_of(const char *w)
{
	static const char *const names[] = {
		"jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"};
	static const char *const all[] = {"januari", "februari", "mars", "april", "maj", "juni",
		"juli", "augusti", "september", "oktober", "november", "december", "january",
		"february", "march", "april", "may", "june", "july", "august", "september",
		"october", "november", "december"};

	for (int i = 0; i < 24; i++) {
		if (strcmp(all[i], w) == 0)
			return i % 12 + 1;
	}
	for (int i = 0; i < 12; i++) {
		if (strcmp(names[i], w) == 0)
			return i + 1;
	}
	return strcmp(w, "oct") == 0 ? 10 : 0;
}

static int weekday_of(const char *w)
{
	static const char *const names[] = {"mandag", "tisdag", "onsdag", "torsdag", "fredag",
		"lordag", "sondag", "monday", "tuesday", "wednesday", "thursday", "friday",
		"saturday", "sunday", "man", "tis", "ons", "tors", "fre", "lor", "son", "mandagen",
		"tisdagen", "onsdagen", "torsdagen", "fredagen", "lordagen", "sondagen"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i], w) == 0)
			return (int)(i % 7) + 1;
	}
	return 0;
}

static bool set_day(struct when *out, struct date d)
{
	out->from = out->until = d;
	return date_valid(d);
}

/* The day and month named, this year or next. */
static bool set_next(const struct reader *r, struct when *out, int day, int month)
{
	struct date d = {r->today.year, month, day};

	if (!date_valid(d) && !(month == 2 && day == 29))
		return false;
	if (!date_valid(d) || date_compare(d, r->today) < 0)
		d.year++;
	return set_day(out, d);
}

/* "en", "två" */
static bool take_number_word(struct reader *r, int64_t *out)
{
	static const char *const words[] = {"en", "tva", "tre", "fyra", "fem", "sex", "sju", "one",
		"two", "three", "four", "five", "six", "seven", "ett", "a"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(peek(r, 0), words[i]) == 0) {
			*out = i < 14 ? (int64_t)(i % 7) + 1 : 1;
			r->i++;
			return true;
		}
	}
	return false;
}

/* "2d", "3 timmar", "två veckor". */
static bool read_length(struct reader *r, struct when *out)
{
	static const char *const days[] = {"d", "dag", "dagar", "day", "days", "dygn", NULL},
				 *const weeks[] = {"vecka", "veckor", "week", "weeks", "w", NULL},
				 *const hours[] = {"h", "t", "tim", "timme", "timmar", "hour",
					 "hours", NULL},
				 *const minutes[] = {"m", "min", "minut", "minuter", "minutes",
					 NULL},
				 *const months[] = {"manad", "manader", "month", "months", NULL};
	size_t start = r->i;
	int64_t n, of_day;

	if (!take_number(r, 1, 999, &n) && !take_number_word(r, &n))
		return false;
	if (take_word(r, days))
		return set_day(out, date_add(r->today, (int)n));
	if (take_word(r, weeks))
		return set_day(out, date_add(r->today, (int)n * 7));
	if (take_word(r, months))
		return set_day(out, date_add(r->today, (int)n * 30));
	bool hour = take_word(r, hours);
	if (hour || take_word(r, minutes)) {
		out->part = WHEN_INSTANT;
		out->at_ms = r->now_ms + n * (hour ? MS_HOUR : MS_MINUTE);
		return set_day(out, zone_local(r->z, out->at_ms, &of_day));
	}
	r->i = start;
	return false;
}

/* "2026-12-01", "1/12", "1/12 2026", "4 december", "den 4:e december". */
static bool read_date(struct reader *r, struct when *out)
{
	static const char *const dash[] = {"-", NULL}, *const slash[] = {"/", NULL},
				 *const colon[] = {":", NULL},
				 *const e[] = {"e", "a", "st", "th", "nd", "rd", NULL};
	size_t start = r->i;
	int64_t a, b, c;

	if (!take_number(r, 1, 9999, &a))
		return false;
	if (a > 1900 && take_word(r, dash) && take_number(r, 1, 12, &b) && take_word(r, dash) &&
		take_number(r, 1, 31, &c))
		return set_day(out, (struct date){(int)a, (int)b, (int)c});
	r->i = start + 1;
	if (a <= 31 && take_word(r, slash) && take_number(r, 1, 12, &b)) {
		if (strlen(peek(r, 0)) == 4 && take_number(r, 2000, 2100, &c))
			return set_day(out, (struct date){(int)c, (int)b, (int)a});
		return set_next(r, out, (int)a, (int)b);
	}
	r->i = start + 1;
	if (take_word(r, colon) && !take_word(r, e)) {
		r->i = start;
		return false;
	}
	(void)take_word(r, e);
	int month = a <= 31 ? month_of(peek(r, 0)) : 0;
	if (month) {
		r->i++;
		if (strlen(peek(r, 0)) == 4 && take_number(r, 2000, 2100, &c))
			return set_day(out, (struct date){(int)c, month, (int)a});
		return set_next(r, out, (int)a, month);
	}
	r->i = start;
	return false;
}

/* "v 49", "vecka 28-31": Monday to Sunday; the year of the next such week. */
static bool read_week(struct reader *r, struct when *out)
{
	static const char *const week[] = {"v", "vecka", "week", "veckorna", NULL},
				 *const to[] = {"-", "till", "to", "tom", "och", "and", NULL},
				 *const dot[] = {".", NULL};
	size_t start = r->i;
	int64_t first, last;
	int year;

	if (!take_word(r, week))
		return false;
	(void)take_word(r, dot);
	if (!take_number(r, 1, 53, &first)) {
		r->i = start;
		return false;
	}
	last = first;
	size_t before = r->i;
	if (take_word(r, to)) {
		(void)take_word(r, week);
		if (!take_number(r, 1, 53, &last)) {
			r->i = before;
			last = first;
		}
	}
	int now_week = date_iso_week(r->today, &year);
	if (last < now_week)
		year++;
	out->from = date_of_iso_week(year, (int)first);
	out->until = date_add(date_of_iso_week(last < first ? year + 1 : year, (int)last), 6);
	return true;
}

static bool read_weekday(struct reader *r, struct when *out)
{
	static const char *const
		next[] = {"nasta", "next", NULL},
		*const week[] = {"vecka", "week", NULL}, *const this[] = {"denna", "this", NULL},
		*const the_week[] = {"veckan", NULL}, *const the_day[] = {"dagen", "day", NULL},
		*const spans[] = {"hela", "under", "whole", "har", "av", NULL};
	size_t start = r->i;
	bool is_next = take_word(r, next);
	int day = weekday_of(peek(r, 0));
	int ahead;

	if (is_next && take_word(r, week)) {
		out->from = date_add(r->today, 8 - date_weekday(r->today));
		out->until = date_add(out->from, 6);
		return true;
	}
	/* "under veckan", "hela dagen"; not "förra veckan". */
	bool whole = r->i > 0 && is(r->v[r->i - 1].word, spans);
	if ((whole && take_word(r, the_week)) || (take_word(r, this) && take_word(r, week))) {
		out->from = r->today;
		out->until = date_add(r->today, 7 - date_weekday(r->today));
		return true;
	}
	if (whole && take_word(r, the_day))
		return set_day(out, r->today);
	if (!day) {
		r->i = start;
		return false;
	}
	r->i++;
	ahead = (day - date_weekday(r->today) + 7) % 7;
	if (ahead == 0)
		ahead = 7;
	return set_day(out, date_add(r->today, ahead));
}

/* "idag", "i morgon", "i övermorgon", "i eftermiddag", "efter lunch", "tomorrow". */
static bool read_near(struct reader *r, struct when *out)
{
	static const char *const i[] = {"i", NULL}, *const day[] = {"dag", "idag", "today", NULL},
				 *const morrow[] = {"morgon", "imorgon", "tomorrow", "imorron",
					 "morron", NULL},
				 *const after[] = {"overmorgon", "iovermorgon", NULL},
				 *const noon[] = {"eftermiddag", "eftermiddagen", "afternoon",
					 NULL},
				 *const evening[] = {"kvall", "ikvall", "tonight", NULL},
				 *const forenoon[] = {"formiddag", "formiddagen", NULL},
				 *const this[] = {"this", "the", NULL},
				 *const efter[] = {"efter", "after", NULL},
				 *const fore[] = {"fore", "innan", "before", NULL},
				 *const lunch[] = {"lunch", "lunchen", NULL};
	size_t start = r->i;
	bool in = take_word(r, i) || take_word(r, this);
	bool alone = !in;

	if (take_word(r, morrow))
		return set_day(out, date_add(r->today, 1));
	if (take_word(r, after))
		return set_day(out, date_add(r->today, 2));
	set_day(out, r->today);
	if (in ? take_word(r, day) : strlen(peek(r, 0)) > 3 && take_word(r, day))
		return true;
	if ((in || alone) && take_word(r, noon)) {
		out->part = WHEN_AFTERNOON;
		return true;
	}
	if (take_word(r, forenoon)) {
		out->part = WHEN_MORNING;
		return true;
	}
	if (take_word(r, evening)) {
		out->part = WHEN_EVENING;
		return true;
	}
	if (!in && take_word(r, efter) && take_word(r, lunch)) {
		out->part = WHEN_AFTERNOON;
		return true;
	}
	if (!in && take_word(r, fore) && take_word(r, lunch)) {
		out->part = WHEN_MORNING;
		return true;
	}
	r->i = start;
	return false;
}

/* "förmiddag", "eftermiddag", "kl 14", "kl. 9.30" after a day. */
static void read_part(struct reader *r, struct when *out)
{
	static const char *const
		noon[] = {"eftermiddag", "eftermiddagen", "afternoon", "em", NULL},
		*const forenoon[] = {"formiddag", "formiddagen", "morning", "fm", NULL},
		*const clock[] = {"kl", "klockan", "at", NULL}, *const dot[] = {".", ":", NULL},
		*const pa[] = {"pa", NULL}, *const evening[] = {"kvall", "evening", NULL};
	size_t start = r->i;
	int64_t h, m = 0;

	(void)take_word(r, pa);
	if (take_word(r, noon)) {
		out->part = WHEN_AFTERNOON;
	} else if (take_word(r, forenoon)) {
		out->part = WHEN_MORNING;
	} else if (take_word(r, evening)) {
		out->part = WHEN_EVENING;
	} else if (take_word(r, clock)) {
		(void)take_word(r, dot);
		if (!take_number(r, 0, 23, &h)) {
			r->i = start;
			return;
		}
		size_t hour_end = r->i;
		if (!take_word(r, dot) || !take_number(r, 0, 59, &m)) {
			r->i = hour_end;
			m = 0;
		}
		out->part = WHEN_INSTANT;
		out->at_ms = zone_instant(r->z, out->from, h * MS_HOUR + m * MS_MINUTE);
	} else {
		r->i = start;
	}
}

static bool read_one(struct reader *r, struct when *out)
{
	static const char *const lead[] = {"till", "to", "until", "til", "t", "o", "m", "tom",
		"fram", "senast", "pa", "on", "by", "den", "from", "fran", "om", "in", "under",
		"for", "hela", "whole", "bara", "over", "resten", "av", "i", NULL};
	size_t start = r->i;

	out->part = WHEN_DAY;
	for (int k = 0; k < 4; k++) {
		if (read_week(r, out) || read_length(r, out) || read_date(r, out) ||
			read_weekday(r, out) || read_near(r, out)) {
			if (out->part == WHEN_DAY)
				read_part(r, out);
			return true;
		}
		if (strcmp(peek(r, 0), "kl") == 0 || strcmp(peek(r, 0), "klockan") == 0) {
			set_day(out, r->today);
			read_part(r, out);
			return out->part == WHEN_INSTANT;
		}
		if (!take_word(r, lead))
			break;
		while (strcmp(peek(r, 0), ".") == 0)
			r->i++;
	}
	r->i = start;
	return false;
}

/* "1-15 juli": the first day borrows the month of the second. */
static bool read_short_span(struct reader *r, struct when *out)
{
	size_t start = r->i;
	int64_t a;
	struct when last;

	if (take_number(r, 1, 31, &a) && strcmp(peek(r, 0), "-") == 0) {
		r->i++;
		if (read_date(r, &last) && a < last.from.day) {
			out->part = WHEN_DAY;
			out->until = last.from;
			out->from = last.from;
			out->from.day = (int)a;
			return true;
		}
	}
	r->i = start;
	return false;
}

static bool read_span(struct reader *r, struct when *out)
{
	static const char *const to[] = {
		"-", "till", "to", "tom", "until", "och", "and", "samt", NULL};
	struct when last;
	size_t before;

	if (!read_short_span(r, out)) {
		if (!read_one(r, out))
			return false;
		before = r->i;
		/* "t.o.m." comes apart into letters and dots. */
		if (strcmp(peek(r, 0), "t") == 0 && strcmp(peek(r, 2), "o") == 0)
			r->i += 6 <= r->n - r->i ? 6 : 0;
		if ((take_word(r, to) || r->i > before) && read_one(r, &last) &&
			date_compare(last.until, out->from) >= 0)
			out->until = last.until;
		else
			r->i = before;
	}
	out->length = r->i ? r->v[r->i - 1].end : 0;
	return true;
}

static void start_reader(struct arena *arena, const char *text, int64_t now_ms,
	const struct zone *z, struct reader *r)
{
	memset(r, 0, sizeof(*r));
	r->now_ms = now_ms;
	r->z = z;
	r->today = zone_local(z, now_ms, &r->of_day);
	split(arena, text, r);
}

bool when_read(struct arena *arena, const char *text, int64_t now_ms, const struct zone *z,
	struct when *out)
{
	struct reader r;

	memset(out, 0, sizeof(*out));
	start_reader(arena, text, now_ms, z, &r);
	return read_span(&r, out);
}

bool when_find(struct arena *arena, const char *text, int64_t now_ms, const struct zone *z,
	struct when *out)
{
	struct reader r;

	start_reader(arena, text, now_ms, z, &r);
	for (size_t i = 0; i < r.n; i++) {
		memset(out, 0, sizeof(*out));
		r.i = i;
		/* "om", "t", "m" and bare numbers of prose are no times; a real time word is
		 * needed. */
		if (read_span(&r, out))
			return true;
	}
	return false;
}
