/* Template check: what can only be seen between files (a missing translation, partial or name), for
 * `lotsd --check` and tests. Called when the settings are read. */
#include "base/prelude.h"

#include "core/template.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/mustache.h"
#include "core/template_parts.h"

struct checking {
	const struct templates *t;
	struct arena *arena;
	const char *language;
	struct templates_fault *faults;
	size_t n_faults;
	const char *file; /* where the line is: the template, or the partial it uses */
	const char *user; /* the template, while file is a partial; else NULL */
	const struct known_names *known; /* NULL: any name */
	const char **names;
	size_t n_names, cap;
	size_t depth;
	bool ring; /* found one: stop */
};

/* A partial is read once for each template that uses it; its fault is told once, with the first. */
static bool is_told(const struct checking *c, int line, const char *text)
{
	for (size_t i = 0; i < c->n_faults; i++) {
		const struct templates_fault *f = &c->faults[i];
		if (f->line == line && strcmp(f->file, c->file) == 0 &&
			strncmp(f->error, text, strlen(text)) == 0)
			return true;
	}
	return false;
}

static void PRINTF_LIKE(3, 4) fault(struct checking *c, int line, const char *fmt, ...)
{
	char text[300];
	va_list ap;
	if (!c->faults || c->n_faults == MAX_SETTINGS_ERRORS)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (c->user && is_told(c, line, text))
		return;
	c->faults[c->n_faults++] = (struct templates_fault){c->file, line,
		c->user ? arena_printf(c->arena, "%s (used by %s)", text, c->user)
			: arena_strdup(c->arena, text)};
}

static bool is_known(const struct known_names *k, const char *name, size_t n)
{
	for (size_t i = 0; i < k->n; i++)
		if (strlen(k->names[i]) == n && memcmp(k->names[i], name, n) == 0)
			return true;
	return false;
}

static void use_name(struct checking *c, const char *name, int line)
{
	if (strcmp(name, ".") == 0)
		return;
	if (c->known && !is_known(c->known, name, strlen(name)))
		fault(c, line,
			"\"%.60s\" is no name this template can use; allowed: those of its line "
			"in names.txt",
			name);
	for (size_t i = 0; i < c->n_names; i++)
		if (strcmp(c->names[i], name) == 0)
			return;
	if (c->n_names == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 32;
		const char **more = arena_array(c->arena, cap, sizeof(*more));
		if (c->n_names > 0)
			memcpy(more, c->names, c->n_names * sizeof(*more));
		c->names = more;
		c->cap = cap;
	}
	c->names[c->n_names++] = name;
}

static void use_leaf(struct checking *c, const char *leaf, int line)
{
	const struct mustache_tag *tags;
	size_t n = leaf ? mustache_tags(c->arena, leaf, &tags) : 0;
	for (size_t i = 0; i < n; i++)
		if (strchr("v#^", tags[i].kind))
			use_name(c, tags[i].name, line);
}

static void use_children(struct checking *c, const struct node *parent);

/* Its lines are counted in its own file. */
static void use_partial(struct checking *c, const struct node *n)
{
	const struct parsed *partial = templates_best(c->t, c->language, n->name);
	const char *file = c->file, *user = c->user;
	if (!partial) {
		fault(c, n->line, "there is no file %.60s.txt", n->name);
		return;
	}
	c->user = user ? user : file;
	c->file = arena_printf(c->arena, "%s/%s.txt", partial->language, partial->id);
	use_children(c, &partial->top);
	c->file = file;
	c->user = user;
}

static void use_children(struct checking *c, const struct node *parent)
{
	if (c->depth == 2 * MAX_TEMPLATE_DEPTH && !c->ring) {
		fault(c, parent->line > 0 ? parent->line : 1, "partials go round in a ring");
		c->ring = true;
	}
	if (c->ring)
		return;
	c->depth++;
	for (const struct node *n = parent->first; n; n = n->next) {
		const char *const leaves[] = {n->text, n->reply, n->subject, n->hint};
		for (size_t i = 0; i < ARRAY_LEN(leaves); i++)
			use_leaf(c, leaves[i], n->line);
		for (size_t i = 0; i < n->n_cells; i++)
			use_leaf(c, n->cells[i], n->line);
		if (n->type == NODE_PARTIAL)
			use_partial(c, n);
		else if (n->type != NODE_BLOCK)
			use_name(c, n->name, n->line);
		use_children(c, n);
	}
	c->depth--;
}

bool templates_names(const struct templates *t, struct arena *arena, const char *language,
	const char *id, const char ***names, size_t *n)
{
	const struct parsed *parsed = templates_best(t, language, id);
	if (!parsed)
		return false;
	struct checking c = {.t = t, .arena = arena, .language = parsed->language};
	use_leaf(&c, parsed->subject, 1);
	use_children(&c, &parsed->top);
	*names = c.names;
	*n = c.n_names;
	return true;
}

static void check_template(struct checking *c, const struct parsed *parsed)
{
	c->file = arena_printf(c->arena, "%s/%s.txt", parsed->language, parsed->id);
	c->language = parsed->language;
	c->known = templates_known(c->t, parsed->id);
	c->ring = false;
	if (parsed->id[0] == '_')
		return; /* seen from where it is used */
	if (!c->known && c->t->n_known > 0)
		fault(c, 1, "names.txt has no line for this template");
	use_leaf(c, parsed->subject, 1);
	use_children(c, &parsed->top);
}

static bool has_key(const struct named_text *v, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].key, key) == 0)
			return true;
	return false;
}

static void check_texts(struct checking *c, const struct named_text *v, size_t n, const char *file)
{
	for (size_t i = 0; i < n; i++) {
		const char *key = strchr(v[i].key, '/') + 1;
		for (size_t k = 0; k < c->t->n_languages; k++) {
			const char *language = c->t->languages[k];
			c->file = arena_printf(c->arena, "%s/%s.txt", language, file);
			if (!has_key(v, n, arena_printf(c->arena, "%s/%s", language, key)))
				fault(c, 1, "\"%.60s\" is missing here", key);
		}
	}
}

size_t templates_check(
	const struct templates *t, struct arena *arena, const struct templates_fault **faults)
{
	struct checking c = {.t = t, .arena = arena};
	c.faults = arena_array(arena, MAX_SETTINGS_ERRORS, sizeof(*c.faults));
	for (size_t i = 0; i < t->n; i++)
		check_template(&c, t->all[i]);
	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < t->n_languages; k++) {
			c.file = arena_printf(arena, "%s/%s.txt", t->languages[k], t->all[i]->id);
			if (!templates_has(t, t->languages[k], t->all[i]->id))
				fault(&c, 1, "the file is missing");
		}
	}
	check_texts(&c, t->words, t->n_words, "words");
	check_texts(&c, t->help, t->n_help, "help");
	*faults = c.faults;
	return c.n_faults;
}

const char *templates_missing(
	const struct templates *t, struct arena *arena, const char *id, const json_t *view)
{
	const struct known_names *k = templates_known(t, id);
	struct mustache_context c = {view, NULL};
	struct buf out;
	buf_init(&out, MAX_TEMPLATE_OUTPUT);
	for (size_t i = 0; k && i < k->n; i++) {
		if (k->optional[i] || mustache_find(&c, k->names[i]))
			continue;
		buf_addf(&out, "%s%s", out.len > 0 ? " " : "", k->names[i]);
	}
	return buf_take(&out, arena);
}
