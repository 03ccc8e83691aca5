/* Settings_organisation: organisations and their units. Called by app/settings. */
#include "base/prelude.h"
#include "app/settings_part.h"

#include "base/arena.h"
#include "mail/address.h"

#define MAX_LIST 200

const char *const organisation_kinds[] = {
	"municipality", "region", "management", "supplier", "provider", "unknown", NULL};

struct organisation_rows {
	struct organisation organisation;
	const char *hours;
	const struct yaml *units;
};

#define AT(member) offsetof(struct organisation_rows, member)
static const struct row organisation_rows[] = {
	{.key = "name", .type = ROW_NAMES, .required = true, .offset = AT(organisation.name)},
	{.key = "kind",
		.type = ROW_CHOICE,
		.required = true,
		.words = organisation_kinds,
		.offset = AT(organisation.kind)},
	{.key = "domains",
		.type = ROW_DOMAINS,
		.max = MAX_LIST,
		.offset = AT(organisation.domains),
		.offset_n = AT(organisation.n_domains)},
	{.key = "phone", .type = ROW_TEXT, .offset = AT(organisation.phone)},
	{.key = "hours", .type = ROW_ID, .otherwise = "office", .offset = AT(hours)},
	{.key = "language", .type = ROW_ID, .offset = AT(organisation.language)},
	{.key = "main_representative",
		.type = ROW_ADDRESS,
		.offset = AT(organisation.main_representative)},
	{.key = "units", .type = ROW_TREE, .offset = AT(units)},
};
#undef AT
const struct section section_organisation = {
	"an organisation", organisation_rows, ARRAY_LEN(organisation_rows)};

#define AT(member) offsetof(struct unit, member)
static const struct row unit_rows[] = {
	{.key = "name", .type = ROW_NAMES, .required = true, .offset = AT(name)},
	{.key = "addresses",
		.type = ROW_ADDRESSES,
		.max = MAX_LIST,
		.offset = AT(addresses),
		.offset_n = AT(n_addresses)},
	{.key = "words",
		.type = ROW_WORDS,
		.max = MAX_LIST,
		.offset = AT(words),
		.offset_n = AT(n_words)},
	{.key = "local_support",
		.type = ROW_FLAG,
		.otherwise = "false",
		.offset = AT(has_local_support)},
};
#undef AT
const struct section section_unit = {"a unit", unit_rows, ARRAY_LEN(unit_rows)};

/* A key's own line when it is written, else that of the map. */
static const struct yaml *at_key(const struct yaml *map, const char *key)
{
	const struct yaml *v = yaml_get(map, key);

	return v ? v : map;
}

static void check_domains(struct reading *r, const struct yaml *at, const struct organisation *o)
{
	for (size_t i = 0; i < o->n_domains; i++) {
		const struct organisation *other =
			config_organisation_of_domain(r->config, o->domains[i]);

		if (other)
			reading_error(r, at_key(at, "domains"),
				"domains: %s belongs to %s already; a domain tells one "
				"organisation",
				o->domains[i], other->id);
		for (size_t j = 0; r->own_domains && r->own_domains[j]; j++) {
			if (strcmp(r->own_domains[j], o->domains[i]) == 0)
				reading_error(r, at_key(at, "domains"),
					"domains: %s is Lots' own domain; no organisation can have "
					"it",
					o->domains[i]);
		}
	}
	if (o->n_domains == 0 &&
		(strcmp(o->kind, "municipality") == 0 || strcmp(o->kind, "region") == 0 ||
			strcmp(o->kind, "provider") == 0))
		reading_error(r, at,
			"organisation %s has no domains; without one nobody is known as its staff",
			o->id);
}

static void check_language(struct reading *r, const struct yaml *at, struct organisation *o)
{
	const struct config *c = r->config;

	if (*o->language == '\0')
		o->language = c->languages[0];
	else
		part_known(r, at_key(at, "language"), "language: unknown language", o->language,
			(const char *const *)c->languages, c->n_languages);
}

static void check_calendar(struct reading *r, const struct yaml *at, struct organisation_rows *rows)
{
	const struct config *c = r->config;

	if (!part_known(r, at_key(at, "hours"), "hours: no such calendar", rows->hours,
		    part_ids_of_calendars(r), c->n_calendars))
		return;
	for (size_t i = 0; i < c->n_calendars; i++) {
		if (strcmp(c->calendars[i].id, rows->hours) == 0)
			rows->organisation.calendar = &c->calendars[i];
	}
}

static void check_unit(struct reading *r, const struct yaml *at, const struct unit *u,
	const struct organisation *o)
{
	for (size_t i = 0; i < u->n_addresses; i++) {
		const struct unit *other = config_unit_of_address(r->config, u->addresses[i]);
		const char *domain = address_domain(r->arena, u->addresses[i]);
		bool own = false;

		if (other)
			reading_error(r, at_key(at, "addresses"),
				"addresses: %s belongs to the unit %s already", u->addresses[i],
				other->id);
		for (size_t d = 0; domain && d < o->n_domains; d++)
			own |= strcmp(domain, o->domains[d]) == 0;
		if (!own)
			reading_error(r, at_key(at, "addresses"),
				"addresses: %s is not at a domain of %s", u->addresses[i], o->id);
	}
	for (size_t i = 0; i < r->config->n_units; i++) {
		if (strcmp(r->config->units[i].id, u->id) == 0)
			reading_error(
				r, at, "the unit %s stands twice: a unit id is used once", u->id);
	}
}

static void read_units(struct reading *r, const struct yaml *tree, const struct organisation *o)
{
	struct config *c = r->config;
	struct unit *all;

	if (!tree)
		return;
	if (tree->type != YAML_MAP) {
		reading_error(r, tree, "units: a map (id: ...) is wanted");
		return;
	}
	all = arena_array(r->arena, c->n_units + tree->n + 1, sizeof(*all));
	if (c->n_units)
		memcpy(all, c->units, c->n_units * sizeof(*all));
	c->units = all;
	for (const struct yaml *v = tree->first; v; v = v->next) {
		struct unit u = {0};

		if (!settings_is_id(v->key))
			reading_error(
				r, v, "\"%s\" is not an id; allowed: a-z, 0-9, - and _", v->key);
		section_read(r, &section_unit, v, &u);
		u.id = v->key;
		u.organisation = o->id;
		check_unit(r, v, &u, o);
		c->units[c->n_units++] = u;
	}
}

/* Mail from nobody we know has an organisation too: it is never NULL. */
static void add_unknown(struct reading *r)
{
	struct config *c = r->config;
	struct organisation *o = &c->organisations[c->n_organisations];

	if (config_organisation(c, "unknown"))
		return;
	*o = (struct organisation){.id = "unknown",
		.kind = "unknown",
		.phone = "",
		.language = c->languages[0],
		.main_representative = "",
		.calendar = c->n_calendars ? &c->calendars[0] : NULL};
	for (size_t i = 0; i < LANGUAGES_MAX; i++)
		o->name.v[i] = "";
	c->n_organisations++;
}

void part_organisations(struct reading *r, const struct yaml *tree)
{
	struct config *c = r->config;

	if (tree->type != YAML_MAP || tree->n == 0) {
		reading_error(r, tree, "organisations: a map (id: ...) is wanted");
		return;
	}
	c->organisations = arena_array(r->arena, tree->n + 2, sizeof(*c->organisations));
	for (const struct yaml *v = tree->first; v; v = v->next) {
		struct organisation_rows rows = {0};

		if (!settings_is_id(v->key))
			reading_error(
				r, v, "\"%s\" is not an id; allowed: a-z, 0-9, - and _", v->key);
		section_read(r, &section_organisation, v, &rows);
		rows.organisation.id = v->key;
		check_domains(r, v, &rows.organisation);
		check_language(r, v, &rows.organisation);
		check_calendar(r, v, &rows);
		c->organisations[c->n_organisations++] = rows.organisation;
		read_units(r, rows.units, &c->organisations[c->n_organisations - 1]);
	}
	add_unknown(r);
}
