/* People_csv_duty: the half of people_csv_read that knows roles, organisations, systems, areas and
 * units: ids or names in a row -> duties, lists multiplied out. */
#include "base/prelude.h"
#include "core/people_csv_part.h"

#include "base/arena.h"
#include "base/text.h"

/* ---- Ids by id or name ---- */

static bool is_named(const struct import *im, const char *id, const struct text_by_language *name,
	const char *const *words, size_t n_words, const char *folded)
{
	if (strcmp(id, folded) == 0)
		return true;
	for (size_t i = 0; i < im->config->n_languages; i++) {
		if (name->v[i] && *name->v[i] &&
			strcmp(text_fold(im->arena, name->v[i]), folded) == 0)
			return true;
	}
	for (size_t i = 0; i < n_words; i++) {
		if (strcmp(words[i], folded) == 0)
			return true;
	}
	return false;
}

#define FIND(what, plural, words, n_words)                                                         \
	static const struct what *find_##what(const struct import *im, const char *text)           \
	{                                                                                          \
		const char *folded = text_fold(im->arena, text);                                   \
		const struct config *c = im->config;                                               \
                                                                                                   \
		for (size_t i = 0; i < c->n_##plural; i++) {                                       \
			const struct what *w = &c->plural[i];                                      \
                                                                                                   \
			if (is_named(im, w->id, &w->name, (const char *const *)(words), n_words,   \
				    folded))                                                       \
				return w;                                                          \
		}                                                                                  \
		return NULL;                                                                       \
	}
const struct organisation *import_organisation(const struct import *im, const char *text)
{
	const char *folded = text_fold(im->arena, text);

	for (size_t i = 0; i < im->config->n_organisations; i++) {
		const struct organisation *o = &im->config->organisations[i];

		if (is_named(im, o->id, &o->name, NULL, 0, folded))
			return o;
	}
	return NULL;
}

FIND(role, roles, w->words, w->n_words)
FIND(system, systems, NULL, 0)
FIND(area, areas, NULL, 0)
FIND(unit, units, NULL, 0)

/* "a, b | c": the parts, trimmed. */
size_t import_split(struct import *im, const char *text, const char **out, size_t max)
{
	char *rest = arena_strdup(im->arena, text), *one;
	size_t n = 0;

	while ((one = strsep(&rest, ",|")) != NULL) {
		const char *part = text_trim(im->arena, one);

		if (*part == '\0')
			continue;
		if (n >= max) {
			import_wrong(im, im->line, "fler än %zu värden i en cell", max);
			break;
		}
		out[n++] = part;
	}
	return n;
}

bool import_yes_no(struct import *im, enum column c, const char *header)
{
	static const char *const yes[] = {"ja", "j", "yes", "y", "x", "1", "true", "sant"};
	static const char *const no[] = {"", "nej", "n", "no", "-", "0", "false", "falskt"};
	const char *folded = text_fold(im->arena, import_cell(im, c));

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (strcmp(yes[i], folded) == 0)
			return true;
		if (strcmp(no[i], folded) == 0)
			return false;
	}
	import_wrong(im, im->line, "%s: \"%s\" är varken ja eller nej", header, import_cell(im, c));
	return false;
}

/* ---- Duties ---- */

static void add_duty(struct import *im, const struct duty *d)
{
	struct people *p = &im->out->people;

	for (size_t i = 0; i < p->n_duties; i++) {
		const struct duty *o = &p->duties[i];

		if (o->agent == d->agent && strcmp(o->role, d->role) == 0 &&
			strcmp(o->organisation, d->organisation) == 0 &&
			strcmp(o->system, d->system) == 0 && strcmp(o->area, d->area) == 0 &&
			strcmp(o->unit, d->unit) == 0)
			return; /* the same row twice says nothing new */
	}
	if (p->n_duties >= im->most_duties) {
		struct duty *more = arena_array(im->arena, im->most_duties * 2, sizeof(*more));

		memcpy(more, p->duties, p->n_duties * sizeof(*more));
		p->duties = more;
		im->most_duties *= 2;
	}
	p->duties[p->n_duties++] = *d;
}

enum known { KNOWN_ORGANISATIONS, KNOWN_AREAS, KNOWN_ROLES, KNOWN_SYSTEMS };

/* "tillåtna: kalix, boden": what could have stood there. */
static const char *known_ids(struct import *im, enum known what)
{
	const struct config *c = im->config;
	const size_t counts[] = {c->n_organisations, c->n_areas, c->n_roles, c->n_systems};
	const char *list = "";

	for (size_t i = 0; i < counts[what]; i++) {
		const char *id = what == KNOWN_ORGANISATIONS ? c->organisations[i].id
				 : what == KNOWN_AREAS	     ? c->areas[i].id
				 : what == KNOWN_ROLES	     ? c->roles[i].id
							     : c->systems[i].id;

		list = arena_printf(im->arena, "%s%s%s", list, i ? ", " : "", id);
	}
	return arena_printf(im->arena, "tillåtna: %s", list);
}

/* Replaces the texts by ids; false if one is not known. */
static bool organisations_of(struct import *im, const char **v, size_t *n)
{
	bool good = true;

	for (size_t i = 0; i < *n; i++) {
		const struct organisation *o = import_organisation(im, v[i]);

		if (strcmp(v[i], "*") == 0 || strcmp(text_fold(im->arena, v[i]), "alla") == 0) {
			v[i] = "*";
		} else if (o) {
			v[i] = o->id;
		} else {
			import_wrong(im, im->line, "organisation: \"%s\" finns inte; %s", v[i],
				known_ids(im, KNOWN_ORGANISATIONS));
			good = false;
		}
	}
	return good;
}

static bool areas_of(struct import *im, const char **v, size_t n, const char **system)
{
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		const struct area *a = find_area(im, v[i]);

		if (!a) {
			import_wrong(im, im->line, "område: \"%s\" finns inte; %s", v[i],
				known_ids(im, KNOWN_AREAS));
			good = false;
		} else if (**system && strcmp(a->system, *system) != 0) {
			import_wrong(im, im->line, "område: %s hör till systemet %s, inte %s",
				a->id, a->system, *system);
			good = false;
		} else {
			v[i] = a->id;
			*system = a->system;
		}
	}
	return good;
}

static bool unit_of(struct import *im, const char **organisations, size_t n, const char **out)
{
	const char *text = import_cell(im, COL_UNIT);
	const struct unit *u = *text ? find_unit(im, text) : NULL;

	*out = u ? u->id : "";
	if (*text && !u) {
		import_wrong(im, im->line, "enhet: \"%s\" finns inte", text);
		return false;
	}
	for (size_t i = 0; u && i < n; i++) {
		if (strcmp(organisations[i], u->organisation) != 0) {
			import_wrong(im, im->line, "enhet: %s hör till %s, inte %s", u->id,
				u->organisation, organisations[i]);
			return false;
		}
	}
	return true;
}

static void multiply(struct import *im, struct duty d, const char **organisations, size_t n_org,
	const char **areas, size_t n_areas)
{
	for (size_t o = 0; o < n_org; o++) {
		d.organisation = organisations[o];
		d.area = "";
		for (size_t a = 0; a < n_areas; a++) {
			d.area = areas[a];
			add_duty(im, &d);
		}
		if (n_areas == 0)
			add_duty(im, &d);
	}
}

void import_duty(struct import *im, struct agent *agent)
{
	const char *organisations[PEOPLE_CSV_MAX_LIST], *areas[PEOPLE_CSV_MAX_LIST];
	const struct role *role = find_role(im, import_cell(im, COL_ROLE));
	const struct system *system =
		*import_cell(im, COL_SYSTEM) ? find_system(im, import_cell(im, COL_SYSTEM)) : NULL;
	struct duty d = {.agent = agent->id, .system = system ? system->id : ""};
	size_t n_org = import_split(
		im, import_cell(im, COL_ORGANISATION), organisations, PEOPLE_CSV_MAX_LIST);
	size_t n_areas = import_split(im, import_cell(im, COL_AREA), areas, PEOPLE_CSV_MAX_LIST);
	size_t before = im->out->n_errors + im->out->more_errors;

	if (!role)
		import_wrong(im, im->line, "roll: \"%s\" finns inte; %s", import_cell(im, COL_ROLE),
			known_ids(im, KNOWN_ROLES));
	if (*import_cell(im, COL_SYSTEM) && !system)
		import_wrong(im, im->line, "system: \"%s\" finns inte; %s",
			import_cell(im, COL_SYSTEM), known_ids(im, KNOWN_SYSTEMS));
	if (n_org == 0)
		import_wrong(im, im->line,
			"organisation saknas; ange en, flera med komma, eller * för alla");
	d.on_call = import_yes_no(im, COL_ON_CALL, "jour");
	d.supplier_rights = import_yes_no(im, COL_SUPPLIER_RIGHTS, "leverantörsrätt");
	if (!organisations_of(im, organisations, &n_org) ||
		!areas_of(im, areas, n_areas, &d.system) ||
		!unit_of(im, organisations, n_org, &d.unit) ||
		im->out->n_errors + im->out->more_errors != before)
		return;
	d.role = role->id;
	if (*agent->organisation == '\0' && strcmp(organisations[0], "*") != 0)
		agent->organisation = organisations[0];
	multiply(im, d, organisations, n_org, areas, n_areas);
}
