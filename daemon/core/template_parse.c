/* Template parsing: lines -> blocks and sections, before anything is filled, so that no data can
 * ever make a block, a button or a subject. Called by core/template when the settings are read. */
#include "base/prelude.h"

#include "core/template_parts.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/mustache.h"

struct parse {
	struct arena *arena;
	struct node *stack[MAX_TEMPLATE_DEPTH]; /* open sections; [0] is the template */
	size_t depth;
	struct node *open; /* paragraph or quote that the next line may continue */
	int line;
	const char *error;
};

static void fail(struct parse *p, const char *error)
{
	if (!p->error)
		p->error = error;
}

static struct node *add_node(struct parse *p, enum node_type type, enum block_type block)
{
	struct node *parent = p->stack[p->depth];
	struct node *n = arena_new_of(p->arena, struct node);
	n->type = type;
	n->block = block;
	n->line = p->line;
	if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	p->open = NULL;
	return n;
}

/* A leaf must be whole Mustache; partials and changed delimiters belong to lines of their own. */
static const char *leaf(struct parse *p, const char *text)
{
	const struct mustache_tag *tags;
	const char *error;
	int line;
	if (mustache_check(text, &line, &error) != 0) {
		fail(p, error);
		return "";
	}
	size_t n = mustache_tags(p->arena, text, &tags);
	for (size_t i = 0; i < n; i++)
		if (tags[i].kind == '>' || tags[i].kind == '=')
			fail(p, "this tag must stand on a line of its own");
	return text;
}

/* If the line is one tag and nothing else: its kind and name. */
static char lone_tag(struct parse *p, const char *line, const char **name)
{
	size_t n = strlen(line);
	if (n < 5 || memcmp(line, "{{", 2) != 0 || memcmp(line + n - 2, "}}", 2) != 0)
		return '\0';
	char kind = line[2];
	if (!strchr("#^/>!", kind) || strstr(line + 2, "{{"))
		return '\0';
	*name = text_trim(p->arena, arena_strndup(p->arena, line + 3, n - 5));
	return kind;
}

static void open_section(struct parse *p, enum node_type type, const char *name)
{
	struct node *n = add_node(p, type, BLOCK_N);
	n->name = name;
	if (p->depth + 1 == MAX_TEMPLATE_DEPTH)
		fail(p, "sections too deep");
	else
		p->stack[++p->depth] = n;
}

static void take_tag(struct parse *p, char kind, const char *name)
{
	if (kind != '!' && !*name)
		fail(p, "a tag has no name");
	switch (kind) {
	case '#':
		open_section(p, NODE_SECTION, name);
		break;
	case '^':
		open_section(p, NODE_INVERTED, name);
		break;
	case '/':
		p->open = NULL;
		if (p->depth == 0)
			fail(p, "a section is closed that was not opened");
		else if (strcmp(p->stack[p->depth]->name, name) != 0)
			fail(p, "another section is closed than was opened");
		else
			p->depth--;
		break;
	case '>':
		add_node(p, NODE_PARTIAL, BLOCK_N)->name = arena_printf(p->arena, "_%s", name);
		break;
	default:
		break;
	}
}

/* "| a | b |" */
static void take_row(struct parse *p, const char *line)
{
	const char *cells[MAX_TABLE_COLUMNS];
	size_t n = 0;
	const char *at = line + 1, *bar;
	while ((bar = strchr(at, '|'))) {
		if (n == MAX_TABLE_COLUMNS) {
			fail(p, "a table row has too many cells");
			return;
		}
		cells[n++] = leaf(
			p, text_trim(p->arena, arena_strndup(p->arena, at, (size_t)(bar - at))));
		at = bar + 1;
	}
	if (n < 2 || !text_is_blank(at)) {
		fail(p, "a table row is written | name | value |");
		return;
	}
	struct node *row = add_node(p, NODE_BLOCK, BLOCK_TABLE);
	row->cells = arena_array(p->arena, n, sizeof(*row->cells));
	memcpy(row->cells, cells, n * sizeof(*cells));
	row->n_cells = n;
}

/* "[label](reply: first line | subject | what plain text says)" */
static void take_button(struct parse *p, const char *line)
{
	static const char middle[] = "](reply:";
	const char *m = strstr(line, middle);
	size_t n = strlen(line);
	const char *from = m ? m + strlen(middle) : line;
	const char *parts[3] = {NULL, NULL, NULL};
	size_t k = 0;
	if (!m || line[n - 1] != ')') {
		fail(p, "a button is written [label](reply: first line | subject)");
		return;
	}
	const char *inner = arena_strndup(p->arena, from, (size_t)(line + n - 1 - from));
	for (; k < 3; k++) {
		const char *bar = k < 2 ? strchr(inner, '|') : NULL;
		size_t len = bar ? (size_t)(bar - inner) : strlen(inner);
		parts[k] = leaf(p, text_trim(p->arena, arena_strndup(p->arena, inner, len)));
		if (!bar)
			break;
		inner = bar + 1;
	}
	const char *label = arena_strndup(p->arena, line + 1, (size_t)(m - line - 1));
	if (!parts[1] || !*parts[0] || !*parts[1] || !*label) {
		fail(p, "a button needs a label, a first line and a subject");
		return;
	}
	struct node *b = add_node(p, NODE_BLOCK, BLOCK_BUTTON);
	b->text = leaf(p, label);
	b->reply = parts[0];
	b->subject = parts[1];
	b->hint = parts[2];
}

/* Adds the line to the open block of that type, or opens one. */
static void take_text(struct parse *p, enum block_type block, const char *text, char between)
{
	struct node *open = p->open;
	if (open && open->block == block) {
		open->text = arena_printf(p->arena, "%s%c%s", open->text, between, text);
		return;
	}
	open = add_node(p, NODE_BLOCK, block);
	open->text = text;
	p->open = open;
}

static void take_line(struct parse *p, const char *line)
{
	const char *name = "";
	char kind = lone_tag(p, line, &name);
	if (!*line)
		p->open = NULL;
	else if (kind)
		take_tag(p, kind, name);
	else if (strncmp(line, "# ", 2) == 0)
		add_node(p, NODE_BLOCK, BLOCK_HEADING)->text = text_trim(p->arena, line + 2);
	else if (strncmp(line, "- ", 2) == 0)
		add_node(p, NODE_BLOCK, BLOCK_LIST)->text = text_trim(p->arena, line + 2);
	else if (strncmp(line, "> ", 2) == 0)
		take_text(p, BLOCK_QUOTE, line + 2, '\n');
	else if (*line == '|')
		take_row(p, line);
	else if (*line == '[')
		take_button(p, line);
	else if (strcmp(line, "---") == 0)
		add_node(p, NODE_BLOCK, BLOCK_RULE);
	else
		take_text(p, BLOCK_PARAGRAPH, line, ' ');
}

/* Leaves of several lines can be checked only when they are whole. */
static void check_leaves(struct parse *p, const struct node *parent)
{
	for (const struct node *n = parent->first; n && !p->error; n = n->next) {
		p->line = n->line;
		if (n->type == NODE_BLOCK && n->text && n->block != BLOCK_BUTTON)
			leaf(p, n->text);
		check_leaves(p, n);
	}
}

static bool is_subject(const char *line, const char **value)
{
	static const char *const words[] = {"Subject:", "Ämne:"};
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strncmp(line, words[i], strlen(words[i])) == 0) {
			*value = line + strlen(words[i]);
			return true;
		}
	}
	return false;
}

static void take_first_line(struct parse *p, const char *line, struct parsed *out)
{
	const char *value;
	if (out->id[0] == '_')
		take_line(p, line);
	else if (!is_subject(line, &value) || text_is_blank(value))
		fail(p, "the first line is \"Subject: …\" or \"Ämne: …\"");
	else
		out->subject = leaf(p, text_trim(p->arena, value));
}

int template_parse(
	struct arena *arena, const char *content, struct parsed *out, int *line, const char **error)
{
	struct parse p = {.arena = arena};
	const char *cursor = content, *start;
	size_t n;
	out->subject = "";
	out->top = (struct node){.type = NODE_SECTION, .name = ""};
	p.stack[0] = &out->top;
	while (!p.error && text_next_line(&cursor, &start, &n)) {
		const char *one = text_trim(arena, arena_strndup(arena, start, n));
		if (p.line++ == 0)
			take_first_line(&p, one, out);
		else
			take_line(&p, one);
	}
	if (p.line == 0)
		fail(&p, "the file is empty");
	if (p.depth > 0)
		fail(&p, "a section is not closed");
	if (!p.error)
		check_leaves(&p, &out->top);
	*line = p.line > 0 ? p.line : 1;
	*error = p.error;
	return p.error ? -1 : 0;
}
