/* ICS: reads the few properties of the first event that a person wants to see.
 *
 * Called by body.c for text/calendar. One pass over at most the text given; no recurrence is worked
 * out and no zone definition read: the time is shown as the sender's calendar shows it. */
#include "base/prelude.h"

#include "mail/ics.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

#define ICS_VALUE_MAX 500
#define ICS_LINES_MAX 20000

struct property {
	const char *name, *params, *value; /* upper case name; params as they stand */
};

struct event {
	const char *method, *summary, *location, *organizer, *start, *start_zone, *end;
	bool recurs, cancelled, found;
};

/* Joins folded lines (a line that begins with a blank continues the one before). */
static char *unfolded_line(struct arena *arena, const char **cursor)
{
	const char *line, *peek;
	size_t len;
	struct buf b;

	if (!text_next_line(cursor, &line, &len))
		return NULL;
	buf_init(&b, 64u << 10);
	buf_add(&b, line, len);
	while (**cursor == ' ' || **cursor == '\t') {
		peek = *cursor;
		if (!text_next_line(&peek, &line, &len))
			break;
		buf_add(&b, line + 1, len - 1);
		*cursor = peek;
	}
	return buf_take(&b, arena);
}

/* NAME;PARAM="x:y";P=z:VALUE. False if there is no colon outside quotes. */
static bool split_property(struct arena *arena, char *line, struct property *out)
{
	bool quoted = false;
	char *p = line + strcspn(line, ";:");

	out->name = ascii_lower(arena, arena_strndup(arena, line, (size_t)(p - line)));
	out->params = "";
	if (*p == ';') {
		char *from = ++p;

		while (*p && (quoted || *p != ':')) {
			quoted ^= *p == '"';
			p++;
		}
		out->params = arena_strndup(arena, from, (size_t)(p - from));
	}
	if (*p != ':')
		return false;
	out->value = p + 1;
	return true;
}

/* \n \, \; \\ of RFC 5545 3.3.11, on one line. */
static char *unescape(struct arena *arena, const char *s)
{
	char *out = arena_alloc(arena, strlen(s) + 1);
	size_t n = 0;

	for (; *s; s++) {
		if (*s == '\\' && s[1]) {
			s++;
			out[n++] = *s == 'n' || *s == 'N' ? ' ' : *s;
		} else {
			out[n++] = *s;
		}
	}
	out[n] = '\0';
	return utf8_shorten(arena, text_trim(arena, utf8_clean_line(arena, out, n)), ICS_VALUE_MAX);
}

static char *param_value(struct arena *arena, const char *params, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = params; *p;) {
		const char *end = p + strcspn(p, ";");

		if (strncasecmp(p, name, n) == 0 && p[n] == '=') {
			const char *v = p + n + 1;

			v += *v == '"';
			return arena_strndup(arena, v, strcspn(v, "\";:"));
		}
		p = *end ? end + 1 : end;
	}
	return arena_strdup(arena, "");
}

static char *organizer(struct arena *arena, const struct property *p)
{
	char *cn = param_value(arena, p->params, "CN");
	const char *v = ascii_starts_nocase(p->value, "mailto:") ? p->value + 7 : p->value;

	return *cn ? unescape(arena, cn) : unescape(arena, v);
}

static bool all_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

/* 20260304T100000Z -> "2026-03-04" and "10:00"; "" where it is no date. */
static char *day_of(struct arena *arena, const char *v)
{
	if (strlen(v) < 8 || !all_digits(v, 8))
		return arena_strdup(arena, "");
	return arena_printf(arena, "%.4s-%.2s-%.2s", v, v + 4, v + 6);
}

static char *time_of(struct arena *arena, const char *v)
{
	if (strlen(v) < 13 || v[8] != 'T' || !all_digits(v + 9, 4))
		return arena_strdup(arena, "");
	return arena_printf(arena, "%.2s:%.2s", v + 9, v + 11);
}

static void take_property(struct arena *arena, struct event *e, const struct property *p)
{
	const char *n = p->name;

	if (strcmp(n, "summary") == 0)
		e->summary = unescape(arena, p->value);
	else if (strcmp(n, "location") == 0)
		e->location = unescape(arena, p->value);
	else if (strcmp(n, "organizer") == 0)
		e->organizer = organizer(arena, p);
	else if (strcmp(n, "dtend") == 0)
		e->end = p->value;
	else if (strcmp(n, "rrule") == 0)
		e->recurs = true;
	else if (strcmp(n, "status") == 0)
		e->cancelled = ascii_starts_nocase(p->value, "CANCELLED");
	else if (strcmp(n, "dtstart") == 0) {
		e->start = p->value;
		e->start_zone = param_value(arena, p->params, "TZID");
	}
}

static void add_part(struct buf *b, const char *s)
{
	if (!*s)
		return;
	if (b->len && b->data[b->len - 1] != ' ')
		buf_addstr(b, " · ");
	buf_addstr(b, s);
}

static char *when(struct arena *arena, const struct event *e)
{
	char *day = day_of(arena, e->start), *time = time_of(arena, e->start);
	char *end_day = day_of(arena, e->end), *end_time = time_of(arena, e->end);
	const char *zone = *time && e->start[strlen(e->start) - 1] == 'Z' ? "UTC" : e->start_zone;
	struct buf b;

	buf_init(&b, 256);
	buf_addstr(&b, day);
	if (*time)
		buf_addf(&b, " %s", time);
	if (*time && *end_time)
		buf_addf(&b, "–%s%s%s", strcmp(day, end_day) == 0 ? "" : end_day,
			strcmp(day, end_day) == 0 ? "" : " ", end_time);
	if (*time && *zone && strlen(zone) < 100)
		buf_addf(&b, " %s", unescape(arena, zone));
	if (e->recurs)
		buf_addstr(&b, " ↻");
	return buf_take(&b, arena);
}

static char *event_line(struct arena *arena, const struct event *e)
{
	struct buf b;
	const char *method = e->cancelled ? "CANCEL" : e->method;

	buf_init(&b, 8u << 10);
	if (*method && strlen(method) < 20)
		buf_addf(&b, "[%s] ", unescape(arena, method));
	add_part(&b, e->summary);
	add_part(&b, when(arena, e));
	add_part(&b, e->location);
	add_part(&b, e->organizer);
	return buf_take(&b, arena);
}

char *ics_line(struct arena *arena, const char *text)
{
	struct event e = {"", "", "", "", "", "", "", false, false, false};
	const char *cursor = text;
	size_t depth = 0; /* of components inside the event (alarms) */
	char *line;

	for (size_t i = 0; i < ICS_LINES_MAX && (line = unfolded_line(arena, &cursor)) != NULL;
		i++) {
		struct property p;

		if (!split_property(arena, line, &p))
			continue;
		if (strcmp(p.name, "method") == 0 && !e.found)
			e.method = text_trim(arena, p.value);
		else if (strcmp(p.name, "begin") == 0) {
			if (ascii_starts_nocase(p.value, "VEVENT") && !depth)
				e.found = true;
			else if (e.found)
				depth++;
		} else if (strcmp(p.name, "end") == 0) {
			if (e.found && !depth)
				break;
			depth -= depth > 0;
		} else if (e.found && !depth) {
			take_property(arena, &e, &p);
		}
	}
	return e.found ? event_line(arena, &e) : arena_strdup(arena, "");
}
