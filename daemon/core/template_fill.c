/* Template filling: a parsed template and a view -> subject and doc. Called once per mail and
 * language by core's rendering. Data goes into leaves only; where a leaf is one line, the lines of
 * the data are joined. */
#include "base/prelude.h"

#include "core/template.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/mustache.h"
#include "core/template_parts.h"

struct filling {
	const struct templates *templates;
	const struct parsed *parsed;
	struct arena *arena;
	struct block *blocks;
	size_t n, cap;
	size_t total;
	size_t depth;
	bool failed;
};

static char *fill_leaf(struct filling *f, const char *leaf, const struct mustache_context *c)
{
	struct buf out;
	const char *error;
	if (!strstr(leaf, "{{")) {
		f->total += strlen(leaf);
		return arena_strdup(f->arena, leaf);
	}
	buf_init(&out, MAX_TEMPLATE_OUTPUT);
	if (mustache_fill_in(f->arena, leaf, c, NULL, mustache_escape_none, &out, &error) != 0)
		f->failed = true;
	f->total += out.len;
	f->failed = f->failed || f->total > MAX_TEMPLATE_OUTPUT;
	return buf_take(&out, f->arena);
}

static char *fill_line(struct filling *f, const char *leaf, const struct mustache_context *c)
{
	const char *s = fill_leaf(f, leaf, c);
	return text_trim(f->arena, utf8_clean_line(f->arena, s, strlen(s)));
}

/* Without blank lines at the ends; blanks before the first word are kept off too. */
static char *fill_lines(struct filling *f, const char *leaf, const struct mustache_context *c)
{
	const char *s = fill_leaf(f, leaf, c);
	return text_trim(f->arena, utf8_clean(f->arena, s, strlen(s)));
}

static struct block *add_block(struct filling *f, enum block_type type)
{
	if (f->n == MAX_DOC_BLOCKS) {
		f->failed = true;
		return &f->blocks[f->n - 1];
	}
	if (f->n == f->cap) {
		size_t cap = f->cap ? 2 * f->cap : 16;
		struct block *more = arena_array(f->arena, cap, sizeof(*more));
		if (f->n > 0)
			memcpy(more, f->blocks, f->n * sizeof(*more));
		f->blocks = more;
		f->cap = cap;
	}
	struct block *b = &f->blocks[f->n++];
	*b = (struct block){.type = type, .text = "", .reply = "", .subject = "", .hint = ""};
	return b;
}

/* Items that follow each other are one list, rows of equal width one table: doubling keeps a long
 * list cheap. */
static void add_items(
	struct filling *f, enum block_type type, size_t columns, const char *const *items, size_t n)
{
	struct block *b = f->n > 0 ? &f->blocks[f->n - 1] : NULL;
	if (!b || b->type != type || b->columns != columns) {
		b = add_block(f, type);
		b->columns = columns;
	}
	size_t cap = 8;
	while (cap < b->n_items)
		cap *= 2;
	if (b->n_items == 0 || b->n_items + n > cap) {
		while (cap < b->n_items + n)
			cap *= 2;
		const char **more = arena_array(f->arena, cap, sizeof(*more));
		if (b->n_items > 0)
			memcpy(more, b->items, b->n_items * sizeof(*more));
		b->items = more;
	}
	for (size_t i = 0; i < n; i++)
		b->items[b->n_items++] = items[i];
}

static void fill_row(struct filling *f, const struct node *n, const struct mustache_context *c)
{
	const char *cells[MAX_TABLE_COLUMNS];
	bool any = false;
	for (size_t i = 0; i < n->n_cells; i++) {
		cells[i] = fill_line(f, n->cells[i], c);
		any = any || (i > 0 && !text_is_blank(cells[i]));
	}
	if (any)
		add_items(f, BLOCK_TABLE, n->n_cells, cells, n->n_cells);
}

static void fill_button(struct filling *f, const struct node *n, const struct mustache_context *c)
{
	const char *label = fill_line(f, n->text, c);
	if (!*label)
		return;
	struct block *b = add_block(f, BLOCK_BUTTON);
	b->text = label;
	b->reply = fill_line(f, n->reply, c);
	b->subject = fill_line(f, n->subject, c);
	if (n->hint) {
		b->hint = strcmp(n->hint, "-") == 0 ? "" : fill_line(f, n->hint, c);
		return;
	}
	json_t *words = json_pack("{s:s,s:s}", "label", b->text, "reply", b->reply);
	struct mustache_context own = {words, c};
	b->hint = fill_line(f, templates_word(f->templates, f->parsed->language, "button"), &own);
	json_decref(words);
}

static void fill_block(struct filling *f, const struct node *n, const struct mustache_context *c)
{
	bool lines = n->block == BLOCK_PARAGRAPH || n->block == BLOCK_QUOTE;
	if (n->block == BLOCK_TABLE) {
		fill_row(f, n, c);
	} else if (n->block == BLOCK_BUTTON) {
		fill_button(f, n, c);
	} else if (n->block == BLOCK_RULE) {
		add_block(f, BLOCK_RULE);
	} else {
		const char *s = lines ? fill_lines(f, n->text, c) : fill_line(f, n->text, c);
		if (text_is_blank(s))
			return;
		if (n->block == BLOCK_LIST)
			add_items(f, BLOCK_LIST, 0, &s, 1);
		else
			add_block(f, n->block)->text = s;
	}
}

static void fill_children(
	struct filling *f, const struct node *n, const struct mustache_context *c);

static void fill_section(struct filling *f, const struct node *n, const struct mustache_context *c)
{
	const json_t *v = mustache_find(c, n->name);
	if (!mustache_truthy(v) || !json_is_array(v)) {
		struct mustache_context in = {v, c};
		if (mustache_truthy(v))
			fill_children(f, n, &in);
		return;
	}
	for (size_t i = 0; i < json_array_size(v) && !f->failed; i++) {
		struct mustache_context in = {json_array_get(v, i), c};
		fill_children(f, n, &in);
	}
}

static void fill_node(struct filling *f, const struct node *n, const struct mustache_context *c)
{
	const struct parsed *partial;
	switch (n->type) {
	case NODE_BLOCK:
		fill_block(f, n, c);
		break;
	case NODE_SECTION:
		fill_section(f, n, c);
		break;
	case NODE_INVERTED:
		if (!mustache_truthy(mustache_find(c, n->name)))
			fill_children(f, n, c);
		break;
	case NODE_PARTIAL:
		partial = templates_best(f->templates, f->parsed->language, n->name);
		if (partial)
			fill_children(f, &partial->top, c);
		else
			f->failed = true;
		break;
	}
}

static void fill_children(struct filling *f, const struct node *n, const struct mustache_context *c)
{
	if (f->depth == 2 * MAX_TEMPLATE_DEPTH) {
		f->failed = true;
		return;
	}
	f->depth++;
	for (const struct node *child = n->first; child && !f->failed; child = child->next)
		fill_node(f, child, c);
	f->depth--;
}

/* A heading with nothing under it (the next thing is a heading or a rule) goes, but for the first block:
 * that one names the mail. */
static void drop_bare_headings(struct filling *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n; i++) {
		bool last = i + 1 == f->n || f->blocks[i + 1].type == BLOCK_HEADING ||
			    f->blocks[i + 1].type == BLOCK_RULE;
		if (i == 0 || f->blocks[i].type != BLOCK_HEADING || !last)
			f->blocks[n++] = f->blocks[i];
	}
	f->n = n;
}

int templates_fill(const struct templates *t, struct arena *arena, const char *language,
	const char *id, const json_t *view, const char **subject, struct doc **doc)
{
	const struct parsed *parsed = templates_best(t, language, id);
	if (!parsed || id[0] == '_')
		return -1;
	struct filling f = {.templates = t, .parsed = parsed, .arena = arena};
	struct mustache_context c = {view, NULL};
	const char *s = fill_line(&f, parsed->subject, &c);
	fill_children(&f, &parsed->top, &c);
	drop_bare_headings(&f);
	if (f.failed || strlen(s) > MAX_SUBJECT_BYTES * 2)
		return -1;
	struct doc *d = arena_new_of(arena, struct doc);
	*d = (struct doc){.language = parsed->language, .blocks = f.blocks, .n_blocks = f.n};
	*subject = s;
	*doc = d;
	return 0;
}
