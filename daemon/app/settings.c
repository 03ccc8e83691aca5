/* Settings: lots.yaml and what it names, in the order in which one part needs another. Called by the
 * desk (start, SIGHUP), by --check and by lotsctl. Never changes what is running: it makes a new
 * config or tells why not. */
#include "base/prelude.h"
#include "app/settings.h"

#include "app/settings_part.h"
#include "base/arena.h"
#include "core/template.h"
#include "mail/address.h"
#include "store/people.h"

#include <errno.h>
#include <limits.h>
#include <sysexits.h>
#include <unistd.h>

#define MAX_LIST 1000

struct lots_rows {
	struct config c;
	const char **languages, **own_domains, **live;
	size_t n_languages, n_own_domains, n_live;
	const struct yaml *hours, *roles, *systems, *organisations, *chains, *clocks;
	const struct yaml *mailboxes, *sinks;
};

static const char *const stranger_words[] = {"manager", "hold", "answer", NULL};
static const char *const privacy_words[] = {"masked", "full", "none", NULL};

/* clang-format off */
#define AT(member) offsetof(struct lots_rows, member)
#define TREE(name) {.key = #name, .type = ROW_TREE, .required = true, .offset = AT(name)}
static const struct row rows[] = {
	{.key = "installation", .type = ROW_TEXT, .otherwise = "Support", .min = 1,
		.offset = AT(c.installation)},
	{.key = "domain", .type = ROW_DOMAIN, .required = true, .offset = AT(c.domain)},
	{.key = "own_domains", .type = ROW_DOMAINS, .max = MAX_LIST, .offset = AT(own_domains),
		.offset_n = AT(n_own_domains)},
	{.key = "state_dir", .type = ROW_PATH, .otherwise = "state", .offset = AT(c.state_dir)},
	{.key = "templates", .type = ROW_PATH, .offset = AT(c.template_dir)},
	{.key = "languages", .type = ROW_IDS, .otherwise = "sv", .min = 1, .max = LANGUAGES_MAX,
		.offset = AT(languages), .offset_n = AT(n_languages)},
	{.key = "zone", .type = ROW_TEXT, .otherwise = "Europe/Stockholm", .offset = AT(c.zone_name)},
	{.key = "rehearsal", .type = ROW_FLAG, .otherwise = "false", .offset = AT(c.rehearsal)},
	{.key = "strangers", .type = ROW_ENUM, .words = stranger_words, .otherwise = "manager",
		.offset = AT(c.strangers)},
	{.key = "deliver_only", .type = ROW_ADDRESSES, .max = MAX_LIST, .offset = AT(c.deliver_only),
		.offset_n = AT(c.n_deliver_only)},
	{.key = "live", .type = ROW_IDS, .otherwise = "all", .max = MAX_LIST, .offset = AT(live),
		.offset_n = AT(n_live)},
	{.key = "undo_delay", .type = ROW_DURATION, .otherwise = "0", .max = MS_HOUR,
		.offset = AT(c.undo_delay_ms)},
	{.key = "mailbox_dead", .type = ROW_DURATION, .otherwise = "15m", .min = MS_MINUTE,
		.max = 7 * MS_DAY, .offset = AT(c.mailbox_dead_ms)},
	{.key = "alarm_address", .type = ROW_ADDRESS, .offset = AT(c.alarm_address)},
	{.key = "same_organisation", .type = ROW_CHOICE, .words = privacy_words,
		.otherwise = "masked", .offset = AT(c.privacy_same_organisation)},
	{.key = "attachments_out", .type = ROW_SIZE, .otherwise = "10M", .min = 0, .max = 25 << 20,
		.offset = AT(c.max_attachment_out)},
	TREE(hours),
	TREE(roles),
	TREE(systems),
	TREE(organisations),
	TREE(chains),
	TREE(clocks),
	TREE(mailboxes),
	TREE(sinks),
};
/* clang-format on */
const struct section section_lots = {"lots.yaml", rows, ARRAY_LEN(rows)};

const struct section *const settings_sections[] = {&section_lots, &section_calendar, &section_role,
	&section_system, &section_area, &section_organisation, &section_unit, &section_chain,
	&section_clock, &section_mailbox, &section_sink};
const size_t settings_sections_n = ARRAY_LEN(settings_sections);

/* `named` by a setting of `by`, which is told when there is no such file; else NULL. */
static const struct yaml *read_yaml(
	struct reading *r, const char *path, struct reading *by, const struct yaml *named)
{
	const char *error = NULL;
	int line = 0;
	size_t n;
	char *content = part_read_file(r->arena, path, MAX_SETTINGS_BYTES, &n, &error);
	const struct yaml *root = content ? yaml_read(r->arena, content, n, &line, &error) : NULL;

	if (!content && named)
		reading_error(by, named,
			"%s: %s: %s; allowed: the name of a file, or the %s themselves", named->key,
			r->file, error, named->key);
	else if (!root)
		reading_error_line(r, line, "%s", error);
	return root;
}

static int line_of(const struct yaml *root, const char *key)
{
	const struct yaml *v = yaml_get(root, key);

	return v ? v->line : 0;
}

/* ---- The parts ---- */

struct part {
	const struct yaml *value; /* in lots.yaml: the tree itself, or the name of a file */
	void (*read)(struct reading *r, const struct yaml *tree);
};

/* The name of a file as it is shown: beside lots.yaml, as lots.yaml was given. */
static const char *shown(struct reading *r, const char *name)
{
	const char *slash = strrchr(r->config->path, '/');

	if (*name == '/' || !slash)
		return arena_strdup(r->arena, name);
	return arena_printf(
		r->arena, "%.*s/%s", (int)(slash - r->config->path), r->config->path, name);
}

static void read_part_file(struct reading *r, const struct part *part, int file_order)
{
	const char *name = part->value->text, *key = part->value->key;
	struct reading sub = *r;
	const struct yaml *root, *tree;

	if (*name == '\0') {
		reading_error(r, part->value,
			"%s is empty; allowed: the name of a file, or the %s "
			"themselves",
			key, key);
		return;
	}
	sub.file = shown(r, name);
	sub.file_order = file_order;
	root = read_yaml(&sub, *name == '/' ? name : arena_printf(r->arena, "%s/%s", r->dir, name),
		r, part->value);
	if (!root)
		return;
	tree = yaml_get(root, key);
	for (const struct yaml *c = root->type == YAML_MAP ? root->first : NULL; c; c = c->next) {
		if (c != tree)
			reading_error(&sub, c, "unknown key \"%s\"; this file holds %s: only",
				c->key, key);
	}
	if (tree)
		part->read(&sub, tree);
	else
		reading_error_line(&sub, 1, "there is no \"%s:\" in it", key);
}

static void read_parts(struct reading *r, const struct lots_rows *top)
{
	const struct part parts[] = {
		{top->hours, part_hours},
		{top->roles, part_roles},
		{top->systems, part_systems},
		{top->organisations, part_organisations},
		{top->chains, part_chains},
		{top->clocks, part_clocks},
		{top->mailboxes, part_mailboxes},
		{top->sinks, part_sinks},
	};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const struct part *p = &parts[i];

		if (!p->value)
			continue;
		if (p->value->type == YAML_TEXT)
			read_part_file(r, p, r->file_order + 1 + (int)i);
		else
			p->read(r, p->value);
	}
}

/* ---- The top ---- */

/* domain first, then own_domains; NULL-ended. */
static void set_own_domains(struct reading *r, const struct lots_rows *top)
{
	const char **all = arena_array(r->arena, top->n_own_domains + 2, sizeof(*all));
	size_t n = 0;

	if (*top->c.domain)
		all[n++] = top->c.domain;
	for (size_t i = 0; i < top->n_own_domains; i++)
		all[n++] = top->own_domains[i];
	r->own_domains = all;
	r->config->own_domains = all;
}

static void set_languages(struct config *c, const struct lots_rows *top)
{
	for (size_t i = 0; i < top->n_languages && i < LANGUAGES_MAX; i++)
		c->languages[c->n_languages++] = top->languages[i];
	/* So that reading can go on: an error has been told. */
	if (c->n_languages == 0)
		c->languages[c->n_languages++] = "sv";
}

/* `live: all`, `live: []` (nobody yet), or the ids of organisations. */
static void set_live(struct reading *r, const struct lots_rows *top, const struct yaml *root)
{
	struct config *c = r->config;
	const struct yaml *at = yaml_get(root, "live");
	bool all = !at || (top->n_live == 1 && strcmp(top->live[0], "all") == 0);
	const char **ids = arena_array(r->arena, c->n_organisations + 1, sizeof(*ids));

	c->live_all = all;
	for (size_t i = 0; i < c->n_organisations; i++) {
		c->organisations[i].live = all;
		ids[i] = c->organisations[i].id;
	}
	for (size_t i = 0; !all && i < top->n_live; i++) {
		if (!part_known(r, at, "live: no such organisation", top->live[i],
			    (const char *const *)ids, c->n_organisations))
			continue;
		for (size_t o = 0; o < c->n_organisations; o++)
			c->organisations[o].live |= strcmp(ids[o], top->live[i]) == 0;
	}
}

/* Nothing behind it could be a forgotten address, and would end shadow mode. */
static void check_deliver_only(struct reading *r, const struct yaml *root)
{
	const struct yaml *at = yaml_get(root, "deliver_only");

	if (at && at->type == YAML_TEXT && *at->text == '\0')
		reading_error(r, at,
			"deliver_only is empty; allowed: a list of mail addresses, or [] "
			"(everybody is "
			"written to)");
}

/* An alarm in a mailbox that Lots reads is its own mail, and nobody sees it. */
static void check_alarm_address(struct reading *r, const struct yaml *root)
{
	const struct config *c = r->config;
	const char *key =
		*c->alarm_address ? address_key(r->arena, c->alarm_address, r->own_domains) : NULL;

	for (size_t i = 0; key && i < c->n_mailboxes; i++) {
		const char *own = address_key(r->arena, c->mailboxes[i].address, r->own_domains);

		if (own && strcmp(own, key) == 0)
			reading_error(r, yaml_get(root, "alarm_address"),
				"alarm_address: %s is read by Lots itself; allowed: where a person "
				"reads",
				c->alarm_address);
	}
}

static void set_template_dir(struct reading *r)
{
	if (*r->config->template_dir == '\0')
		r->config->template_dir =
			arena_printf(r->arena, "%s/templates", settings_data_dir(r->arena));
}

static void read_top(struct reading *r, const struct yaml *root)
{
	struct lots_rows top = {0};
	const char *path = r->config->path;

	section_read(r, &section_lots, root, &top);
	top.c.path = path;
	*r->config = top.c;
	set_own_domains(r, &top);
	set_languages(r->config, &top);
	set_template_dir(r);
	part_zone(r, line_of(root, "zone"));
	read_parts(r, &top);
	set_live(r, &top, root);
	check_deliver_only(r, root);
	check_alarm_address(r, root);
	r->file_order += 100;
	part_templates(r, line_of(root, "languages"));
}

static const char *folder_of(struct arena *arena, const char *path)
{
	char real[PATH_MAX];

	if (!realpath(path, real))
		return NULL;
	*strrchr(real, '/') = '\0';
	return arena_strdup(arena, *real ? real : "/");
}

struct config *settings_load(struct arena *arena, const char *path, struct settings_errors *errors)
{
	struct config *c = arena_new_of(arena, struct config);
	struct reading r = {.arena = arena, .errors = errors, .file = path, .config = c};
	const struct yaml *root;

	c->path = arena_strdup(arena, path);
	r.dir = folder_of(arena, path);
	if (!r.dir) {
		reading_error_line(&r, 0, "cannot be read: %s", strerror(errno));
		return NULL;
	}
	root = read_yaml(&r, path, NULL, NULL);
	if (root)
		read_top(&r, root);
	if (errors->n == 0 && errors->more == 0)
		return c;
	settings_errors_sort(errors);
	settings_release(c);
	return NULL;
}

void settings_release(struct config *config)
{
	struct templates *t;

	if (!config)
		return;
	t = (struct templates *)(uintptr_t)config->templates;
	templates_free(&t);
	config->templates = NULL;
}

int settings_check(const char *path, FILE *out, FILE *err)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	struct settings_errors *errors = arena_new_of(arena, struct settings_errors);
	struct people *people = arena_new_of(arena, struct people);
	struct config *c;
	int code = EX_OK;

	settings_errors_init(errors, arena);
	c = settings_load(arena, path, errors);
	if (c && store_people_peek(c->state_dir, arena, people) == STORE_OK)
		settings_check_people(c, people, errors);
	if (errors->n) {
		settings_errors_print(errors, err);
		code = EX_CONFIG;
	} else {
		fputs("ok\n", out);
	}
	settings_release(c);
	arena_free(&arena);
	return code;
}
