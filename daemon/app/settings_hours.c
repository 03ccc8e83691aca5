/* Settings_hours: calendars (`hours:`). Called by app/settings. */
#include "base/prelude.h"
#include "app/settings_part.h"

#include "base/arena.h"
#include "base/text.h"

struct calendar_rows {
	struct calendar calendar;
	const struct yaml *open, *half_days;
	const char **closed;
	size_t n_closed;
};

#define AT(member) offsetof(struct calendar_rows, member)
static const struct row rows[] = {
	{.key = "open", .type = ROW_TREE, .required = true, .offset = AT(open)},
	{.key = "swedish_holidays",
		.type = ROW_FLAG,
		.otherwise = "true",
		.offset = AT(calendar.swedish_holidays)},
	{.key = "eves_closed",
		.type = ROW_FLAG,
		.otherwise = "true",
		.offset = AT(calendar.eves_closed)},
	{.key = "closed", .type = ROW_TEXTS, .offset = AT(closed), .offset_n = AT(n_closed)},
	{.key = "half_days", .type = ROW_TREE, .offset = AT(half_days)},
};
const struct section section_calendar = {"a calendar", rows, ARRAY_LEN(rows)};

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static int weekday(const char *s, size_t n)
{
	for (int i = 0; i < 7; i++) {
		if (n == 3 && strncmp(s, weekdays[i], 3) == 0)
			return i + 1;
	}
	return 0;
}

/* "mon" or "mon-fri". */
static bool read_days(const char *key, int *first, int *last)
{
	const char *dash = strchr(key, '-');

	*first = weekday(key, dash ? (size_t)(dash - key) : strlen(key));
	*last = dash ? weekday(dash + 1, strlen(dash + 1)) : *first;
	return *first && *last && *first <= *last;
}

/* "08:00" to "24:00"; -1 if it is no time of day. */
static int64_t read_time(const char *s, size_t n)
{
	int64_t hours, minutes;
	char text[6] = {0};

	if (n != 5 || s[2] != ':')
		return -1;
	memcpy(text, s, 5);
	text[2] = '\0';
	if (!text_to_i64(text, 0, 24, &hours) || !text_to_i64(text + 3, 0, 59, &minutes) ||
		(hours == 24 && minutes))
		return -1;
	return hours * MS_HOUR + minutes * MS_MINUTE;
}

static bool read_span(const char *s, size_t n, struct span *out)
{
	const char *dash = memchr(s, '-', n);

	if (!dash)
		return false;
	out->from_ms = read_time(s, (size_t)(dash - s));
	out->to_ms = read_time(dash + 1, n - (size_t)(dash - s) - 1);
	return out->from_ms >= 0 && out->to_ms > out->from_ms;
}

/* "08:00-12:00, 13:00-16:30"; in order, without overlap. NULL when wrong. */
static struct span *read_spans(struct reading *r, const char *s, size_t *n)
{
	struct span *spans = arena_array(r->arena, strlen(s) / 8 + 1, sizeof(*spans));

	for (*n = 0; *s; ++*n) {
		size_t len = strcspn(s, ", ");

		if (!read_span(s, len, &spans[*n]))
			return NULL;
		if (*n && spans[*n].from_ms < spans[*n - 1].to_ms)
			return NULL;
		s += len;
		s += strspn(s, ", ");
	}
	return *n ? spans : NULL;
}

static void read_open(struct reading *r, const struct yaml *open, struct calendar *c)
{
	int first, last;

	if (open->type != YAML_MAP || open->n == 0) {
		reading_error(r, open, "open: a map of days is wanted, as in mon-fri: 08:00-16:30");
		return;
	}
	for (const struct yaml *v = open->first; v; v = v->next) {
		size_t n;
		struct span *spans = v->type == YAML_TEXT ? read_spans(r, v->text, &n) : NULL;

		if (!read_days(v->key, &first, &last)) {
			reading_error(r, v,
				"\"%s\" is no weekday; allowed: mon, tue, wed, thu, fri, sat, "
				"sun, or from-to as in mon-fri",
				v->key);
			continue;
		}
		if (!spans) {
			reading_error(r, v,
				"%s: \"%s\" are no hours; allowed: 08:00-16:30, several "
				"separated by commas, in order",
				v->key, v->text);
			continue;
		}
		for (int d = first; d <= last; d++) {
			if (c->n_spans[d])
				reading_error(r, v, "%s has its hours already", weekdays[d - 1]);
			c->spans[d] = spans;
			c->n_spans[d] = n;
		}
	}
}

static void read_closed(struct reading *r, const struct yaml *map, struct calendar_rows *rows)
{
	struct calendar *c = &rows->calendar;

	c->closed = arena_array(r->arena, rows->n_closed + 1, sizeof(*c->closed));
	for (size_t i = 0; i < rows->n_closed; i++) {
		if (date_parse(rows->closed[i], &c->closed[c->n_closed]))
			c->n_closed++;
		else
			reading_error(r, yaml_get(map, "closed"),
				"closed: \"%s\" is no date; allowed: dates, as in 2026-05-15",
				rows->closed[i]);
	}
}

static void read_half_days(struct reading *r, const struct yaml *tree, struct calendar *c)
{
	if (!tree)
		return;
	if (tree->type != YAML_MAP) {
		reading_error(r, tree, "half_days: a map is wanted, as in 2026-04-30: 12:00");
		return;
	}
	c->half_days = arena_array(r->arena, tree->n + 1, sizeof(*c->half_days));
	for (const struct yaml *v = tree->first; v; v = v->next) {
		struct half_day *h = &c->half_days[c->n_half_days];

		h->to_ms = read_time(v->text, strlen(v->text));
		if (date_parse(v->key, &h->date) && h->to_ms >= 0)
			c->n_half_days++;
		else
			reading_error(r, v,
				"half_days: \"%s: %s\" is not understood; allowed: date: closing "
				"time, as "
				"in 2026-04-30: 12:00",
				v->key, v->text);
	}
}

void part_hours(struct reading *r, const struct yaml *tree)
{
	struct config *c = r->config;

	if (tree->type != YAML_MAP) {
		reading_error(r, tree, "hours: a map of calendars is wanted");
		return;
	}
	c->calendars = arena_array(r->arena, tree->n + 1, sizeof(*c->calendars));
	for (const struct yaml *v = tree->first; v; v = v->next) {
		struct calendar_rows rows = {0};

		if (!settings_is_id(v->key))
			reading_error(
				r, v, "\"%s\" is not an id; allowed: a-z, 0-9, - and _", v->key);
		section_read(r, &section_calendar, v, &rows);
		rows.calendar.id = v->key;
		if (rows.open)
			read_open(r, rows.open, &rows.calendar);
		read_closed(r, v, &rows);
		read_half_days(r, rows.half_days, &rows.calendar);
		c->calendars[c->n_calendars++] = rows.calendar;
	}
}
