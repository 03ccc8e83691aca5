/* Shared: the words of an order. "Enhet: Norr", "Roll: undersköterska", "HSA-id: SE...", "Från: 1/12",
 * "Chef: chef@kommun"; a date or an HSA-id in running text counts too. Used by handlers/access.c. */
#include "base/prelude.h"
#include "handlers/access_order.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/when.h"
#include "mail/address.h"

struct label {
	const char *word; /* folded */
	const char *field;
};

static const struct label labels[] = {{"galler", "person"}, {"namn", "person"}, {"vem", "person"},
	{"person", "person"}, {"anvandare", "person"}, {"medarbetare", "person"},
	{"ny medarbetare", "person"}, {"name", "person"}, {"enhet", "unit"},
	{"arbetsplats", "unit"}, {"avdelning", "unit"}, {"unit", "unit"}, {"roll", "role"},
	{"uppdrag", "role"}, {"roll eller uppdrag", "role"}, {"befattning", "role"},
	{"titel", "role"}, {"role", "role"}, {"hsa-id", "hsa_id"}, {"hsaid", "hsa_id"},
	{"hsa id", "hsa_id"}, {"fran", "from"}, {"fran och med", "from"}, {"fr.o.m", "from"},
	{"fr o m", "from"}, {"from", "from"}, {"startdatum", "from"}, {"borjar", "from"},
	{"till", "to"}, {"till och med", "to"}, {"t.o.m", "to"}, {"t o m", "to"}, {"tom", "to"},
	{"slutdatum", "to"}, {"slutar", "to"}, {"to", "to"}, {"until", "to"}, {"system", "system"},
	{"vad", "what"}, {"galler vad", "what"}, {"what", "what"}, {"chef", "head"},
	{"chef som godkanner", "head"}, {"ansvarig chef", "head"}, {"head", "head"},
	{"manager", "head"}};

static bool has(const json_t *order, const char *field)
{
	const char *s = json_string_value(json_object_get(order, field));

	return s && *s;
}

static void put(json_t *order, const char *field, const char *value)
{
	if (*value && !has(order, field))
		json_object_set_new(order, field, json_string(value));
}

/* What stands between a label and its value: ":", "=", a tab, or a dash between blanks. */
static const char *separator(const char *line, size_t *length)
{
	static const char *const signs[] = {":", "=", "\t", " - ", " \xE2\x80\x93 "};
	const char *first = NULL;

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		const char *at = strstr(line, signs[i]);

		if (at && (!first || at < first)) {
			first = at;
			*length = strlen(signs[i]);
		}
	}
	return first;
}

static void read_label(struct turn *t, json_t *order, const char *line)
{
	size_t length = 0;
	const char *at = separator(line, &length), *name;

	if (!at || at - line > 40)
		return;
	name = text_trim(
		t->arena, text_fold(t->arena, arena_strndup(t->arena, line, (size_t)(at - line))));
	while (*name == '-' || *name == '*' || *name == ' ')
		name++;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		size_t n = strlen(labels[i].word);

		if (strncmp(name, labels[i].word, n) == 0 &&
			(name[n] == '\0' || (name[n] == '.' && name[n + 1] == '\0')))
			put(order, labels[i].field,
				text_trim(t->arena, arena_strdup(t->arena, at + length)));
	}
}

/* "SE2321000016-1A2B": the form of every HSA-id. */
static void find_hsa_id(struct turn *t, json_t *order, const char *text)
{
	for (const char *p = strstr(text, "SE"); p; p = strstr(p + 1, "SE")) {
		size_t n = 2;

		while (p[n] >= '0' && p[n] <= '9')
			n++;
		if (n < 12 || p[n] != '-')
			continue;
		for (n++; (p[n] >= '0' && p[n] <= '9') || (p[n] >= 'A' && p[n] <= 'Z'); n++)
			;
		put(order, "hsa_id", arena_strndup(t->arena, p, n));
		return;
	}
}

/* As ISO 8601: every reader's mail writes it out in his language. */
static const char *day_kept(struct turn *t, struct date d)
{
	return arena_printf(t->arena, "%04d-%02d-%02d", d.year, d.month, d.day);
}

/* The day that stands at p, as the order keeps it: as it was written when it says the date, else the
 * date that is meant: "på måndag" is read another week, by somebody else. *last is the end of a span
 * ("1/12 till 28/2"), "" for one day. NULL if no day stands there. */
static const char *day_at(struct turn *t, const char *p, const char **last, const char **after)
{
	const char *said;
	struct when w;

	*last = "";
	if (strncmp(p, "den ", 4) == 0)
		p += 4;
	if (!when_read(t->arena, p, t->now_ms, &t->config->zone, &w))
		return NULL;
	*after = p + w.length;
	said = arena_strndup(t->arena, p, w.length);
	if (date_compare(w.from, w.until) != 0) {
		*last = day_kept(t, w.until);
		return day_kept(t, w.from);
	}
	return strpbrk(said, "0123456789") || w.part == WHEN_INSTANT ? said : day_kept(t, w.from);
}

static const char *day_behind(struct turn *t, const char *text, const char *lower,
	const char *const *words, const char **last)
{
	const char *after;

	for (; *words; words++) {
		const char *at = strstr(lower, *words), *day;

		if (at && (day = day_at(t, text + (at - lower) + strlen(*words), last, &after)))
			return day;
	}
	return NULL;
}

/* "Från 1 december", "fr.o.m. 2026-12-01", "från 1/12 till 28/2" in running text. */
static void find_dates(struct turn *t, json_t *order, const char *text)
{
	static const char *const from[] = {"från och med ", "från den ", "från ", "fr.o.m. ",
		"fr o m ", "börjar ", "from ", "starts ", NULL};
	static const char *const to[] = {
		"till och med ", "t.o.m. ", "t o m ", "slutar ", "until ", NULL};
	const char *lower = text_lower(t->arena, text), *last, *day;

	if (strlen(lower) != strlen(text)) /* a letter that grows: the places would not agree */
		lower = text;
	if ((day = day_behind(t, text, lower, from, &last)) != NULL) {
		put(order, "from", day);
		put(order, "to", last);
	}
	if ((day = day_behind(t, text, lower, to, &last)) != NULL)
		put(order, "to", *last ? last : day);
	if (text_has_word(text_fold(t->arena, text), "tills vidare") ||
		text_has_word(text_fold(t->arena, text), "until further notice"))
		put(order, "to", turn_words(t, t->k->language, "access_to.open", NULL));
}

/* "Från: nästa måndag" */
static void settle_days(struct turn *t, json_t *order)
{
	static const char *const fields[] = {"from", "to"};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const char *said = json_string_value(json_object_get(order, fields[i]));
		const char *after, *last, *day = said ? day_at(t, said, &last, &after) : NULL;

		if (!day || *after)
			continue;
		json_object_set_new(order, fields[i], json_string(day));
		put(order, "to", last);
	}
}

static void find_what(struct turn *t, json_t *order, const char *text)
{
	static const char *const ends[] = {
		"slutar", "slutat", "avsluta", "avslut", "ta bort", "leaves", "remove"};
	static const char *const changes[] = {
		"andra", "andrad", "andring", "byter", "utoka", "change"};
	const char *folded = text_fold(t->arena, text);
	const char *what = "new";

	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		what = text_has_word(folded, changes[i]) ? "change" : what;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		what = text_has_word(folded, ends[i]) ? "end" : what;
	put(order, "what",
		turn_words(
			t, t->k->language, arena_printf(t->arena, "access_what.%s", what), NULL));
}

/* The unit that the sender belongs to, else one of his organisation that the text names. */
static void find_unit(struct turn *t, json_t *order, const char *text)
{
	const char *folded = text_fold(t->arena, text);

	for (size_t i = 0; i < t->config->n_units; i++) {
		const struct unit *u = &t->config->units[i];
		bool named = *t->k->unit && strcmp(u->id, t->k->unit) == 0;

		if (strcmp(u->organisation, t->k->organisation) != 0)
			continue;
		for (size_t w = 0; !*t->k->unit && w < u->n_words; w++)
			named |= text_has_word(folded, u->words[w]);
		if (named)
			put(order, "unit", config_name(t->config, &u->name, t->k->language));
	}
}

void access_read_said(struct turn *t, json_t *order, const char *text)
{
	const char *cursor = text, *line;
	size_t len;

	while (text_next_line(&cursor, &line, &len))
		read_label(t, order, arena_strndup(t->arena, line, len));
	find_hsa_id(t, order, text);
	find_dates(t, order, text);
	settle_days(t, order);
}

void access_read(struct turn *t, json_t *order, const char *text)
{
	access_read_said(t, order, text);
	find_what(t, order, arena_printf(t->arena, "%s %s", t->k->subject, text));
	put(order, "system", turn_system_name(t, t->k->system, t->k->language));
	find_unit(t, order, text);
}

const char *access_what(struct turn *t, const json_t *order)
{
	static const char *const ids[] = {"change", "end"};
	const char *what = json_string_value(json_object_get(order, "what"));

	for (size_t i = 0; what && i < ARRAY_LEN(ids); i++) {
		const char *key = arena_printf(t->arena, "access_what.%s", ids[i]);

		if (strcmp(what, turn_words(t, t->k->language, key, NULL)) == 0)
			return ids[i];
	}
	return "new";
}

static bool is_of_no_matter(const json_t *order, const char *field)
{
	return strcmp(field, "role") == 0 || (strcmp(field, "from") == 0 && has(order, "to")) ||
	       (strcmp(field, "to") == 0 && has(order, "from"));
}

json_t *access_missing(struct turn *t, const json_t *order, const char *language)
{
	static const char *const needed[] = {"person", "unit", "role", "hsa_id", "from", "to"};
	json_t *list = json_array();
	size_t hard = 0;

	/* Who leaves has one day, whichever way it is said, and no role any more. */
	bool leaves = strcmp(access_what(t, order), "end") == 0;
	for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
		if (has(order, needed[i]) || (leaves && is_of_no_matter(order, needed[i])))
			continue;
		/* HSA-id and end are asked for, but an order is whole without them. */
		hard += strcmp(needed[i], "hsa_id") != 0 && strcmp(needed[i], "to") != 0;
		json_array_append_new(
			list, json_string(turn_words(t, language,
				      arena_printf(t->arena, "access.%s", needed[i]), NULL)));
	}
	if (!access_head(t, order)) {
		hard++;
		json_array_append_new(
			list, json_string(turn_words(t, language, "access.head", NULL)));
	}
	if (hard == 0)
		json_array_clear(list);
	return list;
}

const struct agent *access_head(struct turn *t, const json_t *order)
{
	const char *named = json_string_value(json_object_get(order, "head"));
	const char *key = named ? address_key(t->arena, named, t->config->own_domains) : NULL;
	const struct agent *only = NULL, *of_unit = NULL;
	size_t n = 0;

	for (size_t i = 0; i < t->people->n_duties; i++) {
		const struct duty *d = &t->people->duties[i];
		const struct agent *a = people_agent(t->people, d->agent);

		if (!a || strcmp(d->role, "head") != 0 ||
			strcmp(d->organisation, t->k->organisation) != 0)
			continue;
		if (key && strcmp(a->key, key) == 0)
			return a;
		if (*d->unit && strcmp(d->unit, t->k->unit) == 0)
			of_unit = a;
		n += only != a;
		only = a;
	}
	if (of_unit)
		return of_unit;
	return n == 1 ? only : NULL;
}
