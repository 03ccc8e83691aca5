/* Settings_system: roles, and systems with their areas. Called by app/settings. */
#include "base/prelude.h"
#include "app/settings_part.h"

#include "base/arena.h"

#define MAX_WORDS 500

/* ---- Roles ---- */

static const char *const found_by[] = {"area", "organisation", "unit", "system", NULL};

#define AT(member) offsetof(struct role, member)
static const struct row role_rows[] = {
	{.key = "name", .type = ROW_NAMES, .required = true, .offset = AT(name)},
	{.key = "words",
		.type = ROW_WORDS,
		.max = MAX_WORDS,
		.offset = AT(words),
		.offset_n = AT(n_words)},
	{.key = "by",
		.type = ROW_CHOICE,
		.words = found_by,
		.otherwise = "organisation",
		.offset = AT(by)},
	{.key = "ticket_system",
		.type = ROW_FLAG,
		.otherwise = "false",
		.offset = AT(ticket_system)},
	{.key = "manages", .type = ROW_FLAG, .otherwise = "false", .offset = AT(manages)},
};
#undef AT
const struct section section_role = {"a role", role_rows, ARRAY_LEN(role_rows)};

/* True if one of the words is among the others; *word says which. */
static bool share_word(const char **a, size_t n_a, const char **b, size_t n_b, const char **word)
{
	for (size_t i = 0; i < n_a; i++) {
		for (size_t j = 0; j < n_b; j++) {
			*word = a[i];
			if (strcmp(a[i], b[j]) == 0)
				return true;
		}
	}
	return false;
}

static void check_role(struct reading *r, const struct yaml *at, const struct role *role)
{
	const char *word;

	for (size_t i = 0; i < r->config->n_roles; i++) {
		const struct role *other = &r->config->roles[i];

		if (share_word(role->words, role->n_words, other->words, other->n_words, &word))
			reading_error(r, yaml_get(at, "words"),
				"words: \"%s\" also means the role %s", word, other->id);
	}
}

static bool is_map_of(struct reading *r, const struct yaml *tree, const char *what)
{
	if (tree->type == YAML_MAP)
		return true;
	reading_error(
		r, tree, "%s: a map (id: ...) is wanted, not %s", what, yaml_type_name(tree->type));
	return false;
}

static void check_id(struct reading *r, const struct yaml *at)
{
	if (!settings_is_id(at->key))
		reading_error(r, at, "\"%s\" is not an id; allowed: a-z, 0-9, - and _, at most 40",
			at->key);
}

void part_roles(struct reading *r, const struct yaml *tree)
{
	struct config *c = r->config;
	bool manages = false;

	if (!is_map_of(r, tree, "roles"))
		return;
	c->roles = arena_array(r->arena, tree->n + 1, sizeof(*c->roles));
	for (const struct yaml *v = tree->first; v; v = v->next) {
		struct role role = {0};

		check_id(r, v);
		section_read(r, &section_role, v, &role);
		role.id = v->key;
		check_role(r, v, &role);
		manages |= role.manages;
		c->roles[c->n_roles++] = role;
	}
	if (!config_role(c, "manager") || !manages)
		reading_error(r, tree,
			"roles: there must be a role manager, and one with manages: true; it gets "
			"what "
			"nobody else does");
}

/* ---- Systems and areas ---- */

struct system_rows {
	struct system system;
	const struct yaml *areas;
};

#define AT(member) offsetof(struct system_rows, member)
static const struct row system_rows[] = {
	{.key = "name", .type = ROW_NAMES, .required = true, .offset = AT(system.name)},
	{.key = "words",
		.type = ROW_WORDS,
		.max = MAX_WORDS,
		.offset = AT(system.words),
		.offset_n = AT(system.n_words)},
	{.key = "default", .type = ROW_FLAG, .otherwise = "false", .offset = AT(system.is_default)},
	{.key = "areas", .type = ROW_TREE, .offset = AT(areas)},
};
#undef AT
const struct section section_system = {"a system", system_rows, ARRAY_LEN(system_rows)};

static const char *const kind_or_any[] = {
	"any", "municipality", "region", "management", "supplier", "provider", "unknown", NULL};

#define AT(member) offsetof(struct area, member)
static const struct row area_rows[] = {
	{.key = "name", .type = ROW_NAMES, .required = true, .offset = AT(name)},
	{.key = "words",
		.type = ROW_WORDS,
		.max = MAX_WORDS,
		.offset = AT(words),
		.offset_n = AT(n_words)},
	{.key = "organisation_kind",
		.type = ROW_CHOICE,
		.words = kind_or_any,
		.otherwise = "any",
		.offset = AT(organisation_kind)},
};
#undef AT
const struct section section_area = {"an area", area_rows, ARRAY_LEN(area_rows)};

static void check_area(struct reading *r, const struct yaml *at, const struct area *area)
{
	const char *word;

	for (size_t i = 0; i < r->config->n_areas; i++) {
		const struct area *other = &r->config->areas[i];

		if (strcmp(other->id, area->id) == 0)
			reading_error(r, at,
				"the area %s stands twice: an area id is used once, in one "
				"system",
				area->id);
		if (strcmp(other->system, area->system) == 0 &&
			share_word(area->words, area->n_words, other->words, other->n_words, &word))
			reading_error(r, yaml_get(at, "words"),
				"words: \"%s\" also tells the area %s", word, other->id);
	}
}

static void read_areas(struct reading *r, const struct yaml *tree, const char *system)
{
	struct config *c = r->config;
	struct area *all;

	if (!tree || !is_map_of(r, tree, "areas"))
		return;
	all = arena_array(r->arena, c->n_areas + tree->n + 1, sizeof(*all));
	if (c->n_areas)
		memcpy(all, c->areas, c->n_areas * sizeof(*all));
	c->areas = all;
	for (const struct yaml *v = tree->first; v; v = v->next) {
		struct area area = {0};

		check_id(r, v);
		section_read(r, &section_area, v, &area);
		area.id = v->key;
		area.system = system;
		if (strcmp(area.organisation_kind, "any") == 0)
			area.organisation_kind = "";
		check_area(r, v, &area);
		c->areas[c->n_areas++] = area;
	}
}

static void check_system(struct reading *r, const struct yaml *at, const struct system *system)
{
	const char *word;

	for (size_t i = 0; i < r->config->n_systems; i++) {
		const struct system *other = &r->config->systems[i];

		if (share_word(system->words, system->n_words, other->words, other->n_words, &word))
			reading_error(r, yaml_get(at, "words"),
				"words: \"%s\" also tells the system %s", word, other->id);
		if (system->is_default && other->is_default)
			reading_error(r, yaml_get(at, "default"),
				"default: only one system can be it, and %s is", other->id);
	}
}

void part_systems(struct reading *r, const struct yaml *tree)
{
	struct config *c = r->config;
	bool has_default = false;

	if (!is_map_of(r, tree, "systems"))
		return;
	c->systems = arena_array(r->arena, tree->n + 1, sizeof(*c->systems));
	for (const struct yaml *v = tree->first; v; v = v->next) {
		struct system_rows rows = {0};

		check_id(r, v);
		section_read(r, &section_system, v, &rows);
		rows.system.id = v->key;
		check_system(r, v, &rows.system);
		has_default |= rows.system.is_default;
		c->systems[c->n_systems++] = rows.system;
		read_areas(r, rows.areas, v->key);
	}
	if (!has_default)
		reading_error(r, tree,
			"systems: one must have default: true, for mails whose words tell "
			"no system");
}

/* ---- Ids, for checks and messages ---- */

#define IDS_OF(plural)                                                                             \
	const char *const *part_ids_of_##plural(struct reading *r)                                 \
	{                                                                                          \
		const struct config *c = r->config;                                                \
		const char **ids = arena_array(r->arena, c->n_##plural + 1, sizeof(*ids));         \
                                                                                                   \
		for (size_t i = 0; i < c->n_##plural; i++)                                         \
			ids[i] = c->plural[i].id;                                                  \
		return ids;                                                                        \
	}
IDS_OF(roles)
IDS_OF(systems)
IDS_OF(calendars)

bool part_known(struct reading *r, const struct yaml *at, const char *what, const char *id,
	const char *const *ids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(ids[i], id) == 0)
			return true;
	}
	reading_unknown(r, at, what, id, ids, n);
	return false;
}
