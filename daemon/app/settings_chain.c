/* Settings_chain: chains and clocks. Called by app/settings, after roles, systems, organisations. A row of the
 * file may stand for many: its lists are multiplied out here, so that the lookup is one comparison
 * and every gap can be told. */
#include "base/prelude.h"
#include "app/settings_part.h"

#include "base/arena.h"
#include "base/buf.h"

#define MAX_LIST 40
#define MAX_LINKS 12

struct chain_rows {
	const char **systems, **kinds, **links;
	const char **organisation_kinds;
	size_t n_systems, n_kinds, n_links, n_organisation_kinds;
};

#define AT(member) offsetof(struct chain_rows, member)
static const struct row chain_rows[] = {
	{.key = "systems",
		.type = ROW_TEXTS,
		.required = true,
		.min = 1,
		.max = MAX_LIST,
		.offset = AT(systems),
		.offset_n = AT(n_systems)},
	{.key = "organisation_kinds",
		.type = ROW_TEXTS,
		.required = true,
		.min = 1,
		.max = MAX_LIST,
		.offset = AT(organisation_kinds),
		.offset_n = AT(n_organisation_kinds)},
	{.key = "kinds",
		.type = ROW_TEXTS,
		.required = true,
		.min = 1,
		.max = MAX_LIST,
		.offset = AT(kinds),
		.offset_n = AT(n_kinds)},
	{.key = "links",
		.type = ROW_TEXTS,
		.required = true,
		.min = 1,
		.max = MAX_LINKS,
		.offset = AT(links),
		.offset_n = AT(n_links)},
};
#undef AT
const struct section section_chain = {"a chain", chain_rows, ARRAY_LEN(chain_rows)};

const char *const case_kind_words[] = {
	"question", "access", "disturbance", "need", "deviation", "any", NULL};
_Static_assert(ARRAY_LEN(case_kind_words) == KIND_N + 2, "a kind of case has no word");

static size_t count(const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return n;
}

static const struct yaml *at_key(const struct yaml *map, const char *key)
{
	const struct yaml *v = yaml_get(map, key);

	return v ? v : map;
}

static bool all_known(struct reading *r, const struct yaml *at, const char *what, const char **list,
	size_t n, const char *const *allowed, size_t n_allowed)
{
	bool good = true;

	for (size_t i = 0; i < n; i++)
		good = part_known(r, at, what, list[i], allowed, n_allowed) && good;
	return good;
}

/* "local_support?" is an optional link. A role may stand once: the link of a case is a role. */
static bool read_links(
	struct reading *r, const struct yaml *at, const struct chain_rows *rows, struct chain *out)
{
	bool good = true;

	out->links = arena_array(r->arena, rows->n_links + 1, sizeof(*out->links));
	out->optional = arena_array(r->arena, rows->n_links + 1, sizeof(*out->optional));
	out->n_links = rows->n_links;
	for (size_t i = 0; i < rows->n_links; i++) {
		char *link = arena_strdup(r->arena, rows->links[i]);
		size_t n = strlen(link);

		out->optional[i] = n > 1 && link[n - 1] == '?';
		if (out->optional[i])
			link[n - 1] = '\0';
		out->links[i] = link;
		good = part_known(r, at, "links: no such role", link, part_ids_of_roles(r),
			       r->config->n_roles) &&
		       good;
		for (size_t j = 0; j < i; j++) {
			if (strcmp(out->links[j], link) == 0) {
				reading_error(r, at, "links: %s stands twice", link);
				good = false;
			}
		}
	}
	return good;
}

static bool read_chain(
	struct reading *r, const struct yaml *v, struct chain_rows *rows, struct chain *chain)
{
	const struct config *c = r->config;
	bool good = section_read(r, &section_chain, v, rows);

	good = all_known(r, at_key(v, "systems"), "systems: no such system", rows->systems,
		       rows->n_systems, part_ids_of_systems(r), c->n_systems) &&
	       good;
	good = all_known(r, at_key(v, "organisation_kinds"), "organisation_kinds: no such kind",
		       rows->organisation_kinds, rows->n_organisation_kinds, organisation_kinds,
		       count(organisation_kinds)) &&
	       good;
	good = all_known(r, at_key(v, "kinds"), "kinds: no such kind of case", rows->kinds,
		       rows->n_kinds, case_kind_words, KIND_N) &&
	       good;
	return read_links(r, at_key(v, "links"), rows, chain) && good;
}

static void add_chain(struct reading *r, const struct yaml *at, struct chain chain)
{
	struct config *c = r->config;
	const struct chain *other =
		config_chain(c, chain.system, chain.organisation_kind, chain.kind);

	if (other)
		reading_error(r, at, "%s, %s, %s has a chain already, in line %d", chain.system,
			chain.organisation_kind, case_kind_id(chain.kind), other->line);
	else
		c->chains[c->n_chains++] = chain;
}

static void multiply(
	struct reading *r, const struct yaml *at, const struct chain_rows *rows, struct chain chain)
{
	struct config *c = r->config;
	size_t most = rows->n_systems * rows->n_organisation_kinds * rows->n_kinds;
	struct chain *all = arena_array(r->arena, c->n_chains + most + 1, sizeof(*all));

	if (c->n_chains)
		memcpy(all, c->chains, c->n_chains * sizeof(*all));
	c->chains = all;
	for (size_t i = 0; i < most; i++) {
		size_t k = i % rows->n_kinds, rest = i / rows->n_kinds;

		chain.system = rows->systems[rest % rows->n_systems];
		chain.organisation_kind = rows->organisation_kinds[rest / rows->n_systems];
		if (case_kind_from_id(rows->kinds[k], &chain.kind))
			add_chain(r, at, chain);
	}
}

/* Every system x kind of organisation that occurs x kind of case. */
static void tell_gaps(struct reading *r, const struct yaml *tree)
{
	const struct config *c = r->config;

	for (size_t s = 0; s < c->n_systems; s++) {
		for (size_t k = 0; organisation_kinds[k]; k++) {
			struct buf missing;
			bool occurs = false;

			for (size_t o = 0; o < c->n_organisations; o++)
				occurs |= strcmp(c->organisations[o].kind, organisation_kinds[k]) ==
					  0;
			buf_init(&missing, 400);
			for (int kind = 0; occurs && kind < KIND_N; kind++) {
				if (!config_chain(c, c->systems[s].id, organisation_kinds[k],
					    (enum case_kind)kind))
					buf_addf(&missing, "%s%s", missing.len ? ", " : "",
						case_kind_words[kind]);
			}
			if (missing.len)
				reading_error(r, tree,
					"no chain for system %s, organisations of kind %s, "
					"cases of kind %s",
					c->systems[s].id, organisation_kinds[k], missing.data);
			buf_release(&missing);
		}
	}
}

void part_chains(struct reading *r, const struct yaml *tree)
{
	size_t before = r->errors->n;

	if (tree->type != YAML_LIST) {
		reading_error(
			r, tree, "chains: a list is wanted, not %s", yaml_type_name(tree->type));
		return;
	}
	for (const struct yaml *v = tree->first; v; v = v->next) {
		struct chain_rows rows = {0};
		struct chain chain = {.file = arena_strdup(r->arena, r->file), .line = v->line};

		if (read_chain(r, v, &rows, &chain))
			multiply(r, v, &rows, chain);
	}
	if (r->errors->n == before)
		tell_gaps(r, tree);
}

/* ---- Clocks ---- */

struct clock_rows {
	struct clock_rule rule;
	const char **kinds;
	size_t n_kinds;
	int64_t priority;
};

#define LONGEST (366 * MS_DAY)
#define LENGTH(name, member)                                                                       \
	{                                                                                          \
		.key = name, .type = ROW_DURATION, .otherwise = "0", .min = 0, .max = LONGEST,     \
		.offset = offsetof(struct clock_rows, rule.member)                                 \
	}
static const struct row clock_rows[] = {
	{.key = "kinds",
		.type = ROW_TEXTS,
		.required = true,
		.min = 1,
		.max = MAX_LIST,
		.offset = offsetof(struct clock_rows, kinds),
		.offset_n = offsetof(struct clock_rows, n_kinds)},
	{.key = "link", .type = ROW_ID, .offset = offsetof(struct clock_rows, rule.link)},
	{.key = "priority",
		.type = ROW_INT,
		.otherwise = "0",
		.min = 0,
		.max = 4,
		.offset = offsetof(struct clock_rows, priority)},
	{.key = "round_the_clock",
		.type = ROW_FLAG,
		.otherwise = "false",
		.offset = offsetof(struct clock_rows, rule.round_the_clock)},
	LENGTH("remind", remind_ms),
	LENGTH("next_link", next_link_ms),
	LENGTH("feedback_remind", feedback_remind_ms),
	LENGTH("feedback_close", feedback_close_ms),
	LENGTH("waiting_remind", waiting_remind_ms),
	LENGTH("waiting_close", waiting_close_ms),
	LENGTH("answer_within", answer_within_ms),
	LENGTH("downtime_routine", downtime_ms),
};
const struct section section_clock = {"a clock rule", clock_rows, ARRAY_LEN(clock_rows)};

/* A reminder that comes when all is over is a slip of the pen. */
static void check_pair(struct reading *r, const struct yaml *v, const char *first, int64_t first_ms,
	const char *then, int64_t then_ms)
{
	if (first_ms && then_ms && first_ms >= then_ms)
		reading_error(r, at_key(v, first), "%s must be shorter than %s", first, then);
}

static void check_clock(struct reading *r, const struct yaml *v, const struct clock_rows *rows)
{
	const struct clock_rule *rule = &rows->rule;

	all_known(r, at_key(v, "kinds"), "kinds: no such kind of case", rows->kinds, rows->n_kinds,
		case_kind_words, KIND_N);
	if (*rule->link)
		part_known(r, at_key(v, "link"), "link: no such role", rule->link,
			part_ids_of_roles(r), r->config->n_roles);
	check_pair(r, v, "remind", rule->remind_ms, "next_link", rule->next_link_ms);
	check_pair(r, v, "feedback_remind", rule->feedback_remind_ms, "feedback_close",
		rule->feedback_close_ms);
	check_pair(r, v, "waiting_remind", rule->waiting_remind_ms, "waiting_close",
		rule->waiting_close_ms);
}

static void add_clocks(struct reading *r, const struct yaml *v, struct clock_rows *rows)
{
	struct config *c = r->config;

	for (size_t i = 0; i < rows->n_kinds; i++) {
		struct clock_rule rule = rows->rule;

		rule.priority = (int)rows->priority;
		if (!case_kind_from_id(rows->kinds[i], &rule.kind))
			continue;
		for (size_t j = 0; j < c->n_clocks; j++) {
			const struct clock_rule *other = &c->clocks[j];

			if (other->kind == rule.kind && other->priority == rule.priority &&
				strcmp(other->link, rule.link) == 0)
				reading_error(r, v,
					"%s, link \"%s\", priority %d has a rule already",
					rows->kinds[i], rule.link, rule.priority);
		}
		c->clocks[c->n_clocks++] = rule;
	}
}

void part_clocks(struct reading *r, const struct yaml *tree)
{
	struct config *c = r->config;

	if (tree->type != YAML_LIST) {
		reading_error(
			r, tree, "clocks: a list is wanted, not %s", yaml_type_name(tree->type));
		return;
	}
	c->clocks = arena_array(r->arena, tree->n * MAX_LIST + 1, sizeof(*c->clocks));
	for (const struct yaml *v = tree->first; v; v = v->next) {
		struct clock_rows rows = {0};

		section_read(r, &section_clock, v, &rows);
		check_clock(r, v, &rows);
		add_clocks(r, v, &rows);
	}
	for (int k = 0; k < KIND_N; k++) {
		if (!config_clock(c, (enum case_kind)k, "", 0))
			reading_error(r, tree,
				"no clock rule for cases of kind %s (one without link and "
				"priority is needed)",
				case_kind_words[k]);
	}
}
