/* Classify: the first guess about a new case; people correct it with #område, #typ and #prio. Called
 * by core/turn. Must never raise the priority: capitals and AKUT are not a measure of urgency. */
#include "base/prelude.h"
#include "core/classify.h"

#include "base/arena.h"
#include "base/text.h"

#define SUBJECT_WEIGHT 3

static bool fits_kind(const char *of_area, const char *organisation_kind)
{
	return !*of_area || !*organisation_kind || strcmp(of_area, organisation_kind) == 0;
}

static int score(const char *const *words, size_t n, const char *subject, const char *text)
{
	int points = 0;

	for (size_t i = 0; i < n; i++) {
		if (!*words[i])
			continue;
		points += text_has_word(subject, words[i]) ? SUBJECT_WEIGHT : 0;
		points += text_has_word(text, words[i]) ? 1 : 0;
	}
	return points;
}

/* The area with most points; NULL when two share the lead or none has any. */
static const struct area *best_area(const struct config *c, const char *system,
	const char *organisation_kind, const char *subject, const char *text)
{
	const struct area *best = NULL;
	int most = 0;
	bool tie = false;

	for (size_t i = 0; i < c->n_areas; i++) {
		const struct area *a = &c->areas[i];
		int points;

		if (!fits_kind(a->organisation_kind, organisation_kind) ||
			(*system && strcmp(a->system, system) != 0))
			continue;
		points = score((const char *const *)a->words, a->n_words, subject, text);
		if (points > most) {
			most = points;
			best = a;
			tie = false;
		} else if (points == most && points > 0) {
			tie = true;
		}
	}
	return tie ? NULL : best;
}

static bool has_chain(const struct config *c, const char *system, const char *organisation_kind,
	enum case_kind kind)
{
	return config_chain(c, system, organisation_kind, kind) != NULL;
}

/* Does the organisation itself have people for that system? */
static bool has_people(const struct people *p, const char *organisation, const char *system)
{
	for (size_t i = 0; i < p->n_duties; i++) {
		if (strcmp(p->duties[i].organisation, organisation) == 0 &&
			strcmp(p->duties[i].system, system) == 0)
			return true;
	}
	return false;
}

/* By its words; else the default, or the one the organisation works in, among those with a chain. */
static const char *best_system(const struct config *c, const struct people *people,
	const struct classified *cl, const char *organisation_kind, const char *subject,
	const char *text)
{
	const char *best = NULL, *fallback = NULL, *used = NULL, *any = NULL;
	int most = 0;

	for (size_t i = 0; i < c->n_systems; i++) {
		const struct system *s = &c->systems[i];
		int points;

		if (!has_chain(c, s->id, organisation_kind, cl->kind))
			continue;
		points = score((const char *const *)s->words, s->n_words, subject, text);
		if (points > most) {
			most = points;
			best = s->id;
		}
		if (has_people(people, cl->organisation, s->id) && (!used || s->is_default))
			used = s->id;
		if (s->is_default)
			fallback = s->id;
		any = any ? any : s->id;
	}
	if (best || used)
		return best ? best : used;
	if (fallback || any)
		return fallback ? fallback : any;
	return c->n_systems ? c->systems[0].id : "";
}

/* An order of an account or a deviation that says so; everything else is a question. */
static enum case_kind kind_of(const char *subject, const char *text)
{
	static const char *const access[] = {"ny anvandare", "nya anvandare", "bestalla behorighet",
		"bestallning av behorighet", "behorighetsbestallning", "ny behorighet",
		"behorighet till", "behorighet for", "behorighet at", "avsluta behorighet",
		"ta bort behorighet", "avsluta konto", "nytt konto", "new user", "new account",
		"access for", "order access", "ny medarbetare", "andrad behorighet"};
	static const char *const deviation[] = {"avvikelse", "avvikelserapport", "avvikelser",
		"deviation", "tvist", "tvistefraga", "lex sarah", "lex maria"};

	for (size_t i = 0; i < ARRAY_LEN(deviation); i++) {
		if (text_has_word(subject, deviation[i]))
			return KIND_DEVIATION;
	}
	for (size_t i = 0; i < ARRAY_LEN(access); i++) {
		if (text_has_word(subject, access[i]))
			return KIND_ACCESS;
	}
	(void)text;
	return KIND_QUESTION;
}

static const char *unit_of(const struct config *c, const struct people *people,
	const char *organisation, const char *key)
{
	const struct unit *u = *key ? config_unit_of_address(c, key) : NULL;
	const struct agent *a = *key ? people_by_key(people, key) : NULL;

	if (u && strcmp(u->organisation, organisation) == 0)
		return u->id;
	for (size_t i = 0; a && i < people->n_members; i++) {
		const struct agent *post = people->members[i].person == a->id
						   ? people_agent(people, people->members[i].post)
						   : NULL;
		u = post ? config_unit_of_address(c, post->key) : NULL;
		if (u && strcmp(u->organisation, organisation) == 0)
			return u->id;
	}
	return "";
}

#define THIN_WORDS 4 /* "It does not work" */

static size_t count_words(const char *s)
{
	size_t n = 0;
	bool in = false;

	for (; *s; s++) {
		bool word = *s != ' ' && *s != '\n' && *s != '\t';

		n += word && !in;
		in = word;
	}
	return n;
}

static const char *organisation_of(const struct config *c, const struct people *people,
	const char *from_key, const char *from_domain)
{
	const struct organisation *o =
		*from_domain ? config_organisation_of_domain(c, from_domain) : NULL;
	const struct agent *a = *from_key ? people_by_key(people, from_key) : NULL;

	/* The directory knows a person at a common domain; the domain tells the rest. */
	if (a && *a->organisation && config_organisation(c, a->organisation))
		return a->organisation;
	return o ? o->id : "unknown";
}

void classify(struct arena *arena, const struct config *config, const struct people *people,
	const struct mailbox *mailbox, const char *from_key, const char *from_domain,
	const char *subject, const char *text, struct classified *out)
{
	const char *s = text_fold(arena, subject), *t = text_fold(arena, text);
	const struct organisation *o;
	const struct area *area;
	const char *okind, *system;

	memset(out, 0, sizeof(*out));
	out->priority = PRIORITY_NORMAL;
	out->organisation = organisation_of(config, people, from_key, from_domain);
	o = config_organisation(config, out->organisation);
	okind = o ? o->kind : "unknown";
	out->unit = unit_of(config, people, out->organisation, from_key);
	out->kind = mailbox && !mailbox->any_kind ? mailbox->kind : kind_of(s, t);
	system = mailbox ? mailbox->system : "";
	area = best_area(config, system, okind, s, t);
	if (area && !*system && !has_chain(config, area->system, okind, out->kind))
		area = NULL;
	if (area)
		out->system = area->system;
	else
		out->system = *system ? system : best_system(config, people, out, okind, s, t);
	/* A word of the system outweighs an area of another: ask for the area inside it. */
	if (!area)
		area = best_area(config, out->system, okind, s, t);
	out->area = area ? area->id : "";
	out->thin = !area && count_words(t) <= THIN_WORDS && count_words(s) <= 3;
}

const char *classify_area_named(struct arena *arena, const struct config *config,
	const char *organisation_kind, const char *words)
{
	const char *folded = text_fold(arena, words), *found = "";

	for (size_t i = 0; i < config->n_areas; i++) {
		const struct area *a = &config->areas[i];
		bool hit = strcmp(a->id, folded) == 0;

		if (!fits_kind(a->organisation_kind, organisation_kind))
			continue;
		for (size_t k = 0; k < config->n_languages; k++) {
			const char *name = config_name(config, &a->name, config->languages[k]);

			hit |= *name && strcmp(text_fold(arena, name), folded) == 0;
		}
		for (size_t k = 0; k < a->n_words; k++)
			hit |= *a->words[k] && strcmp(a->words[k], folded) == 0;
		if (hit && *found)
			return "";
		if (hit)
			found = a->id;
	}
	return found;
}
