/* Yaml: events of libyaml into nodes, by one recursive step per node. Called by app/settings for
 * each file. Must not interpret values: that is the rows' business. Diagnostics: text and line. */
#include "base/prelude.h"
#include "app/yaml.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"

#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	struct arena *arena;
	size_t nodes;
	int line;
	const char *error;
};

static int line_of(yaml_mark_t mark)
{
	return (int)mark.line + 1;
}

static void *failed(struct reader *r, int line, const char *error)
{
	if (!r->error) {
		r->line = line;
		r->error = error;
	}
	return NULL;
}

static void parser_failed(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	size_t line = p->problem_mark.line;
	const char *context = p->context ? p->context : "";

	/* libyaml names the line it noticed; where something was never closed, its start helps more. */
	if (p->context && strstr(context, "while scanning a quoted"))
		line = p->context_mark.line;
	failed(r, (int)line + 1,
		arena_printf(r->arena,
			"not YAML: %s%s%s (look at how far this line and those above it are "
			"indented, and at quotes)",
			p->problem ? p->problem : "unreadable", *context ? ", " : "", context));
}

static bool next_event(struct reader *r, yaml_event_t *event)
{
	if (r->error)
		return false;
	if (yaml_parser_parse(&r->parser, event))
		return true;
	parser_failed(r);
	return false;
}

static bool has_extras(const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return e->data.scalar.anchor || e->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT:
		return e->data.sequence_start.anchor || e->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return e->data.mapping_start.anchor || e->data.mapping_start.tag;
	default:
		return e->type == YAML_ALIAS_EVENT;
	}
}

static bool is_plain_text(const char *s, size_t n)
{
	if (!utf8_valid(s, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static struct yaml *new_node(struct reader *r, enum yaml_type type, int line)
{
	struct yaml *n;

	if (++r->nodes > YAML_MAX_NODES)
		return failed(r, line, "too many values in one file");
	n = arena_new_of(r->arena, struct yaml);
	n->type = type;
	n->line = line;
	n->text = "";
	return n;
}

static struct yaml *read_scalar(struct reader *r, const yaml_event_t *e)
{
	const char *s = (const char *)e->data.scalar.value;
	size_t n = e->data.scalar.length;
	int line = line_of(e->start_mark);
	struct yaml *node = new_node(r, YAML_TEXT, line);

	if (!node)
		return NULL;
	if (!is_plain_text(s, n))
		return failed(r, line, "control characters are not allowed in a value");
	/* A null written out means what an empty value means. */
	if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && n == 1 && s[0] == '~')
		return node;
	node->text = arena_strndup(r->arena, s, n);
	return node;
}

static struct yaml *read_node(struct reader *r, const yaml_event_t *e, int depth);

static void append(struct yaml *parent, struct yaml **last, struct yaml *child)
{
	if (*last)
		(*last)->next = child;
	else
		parent->first = child;
	*last = child;
	parent->n++;
}

/* One child; NULL at the end of the collection or on an error. */
static struct yaml *read_child(struct reader *r, yaml_event_type_t end, int depth)
{
	yaml_event_t e;
	struct yaml *child = NULL;

	if (!next_event(r, &e))
		return NULL;
	if (e.type != end)
		child = read_node(r, &e, depth);
	yaml_event_delete(&e);
	return child;
}

static struct yaml *read_list(struct reader *r, int line, int depth)
{
	struct yaml *list = new_node(r, YAML_LIST, line), *last = NULL, *child;

	while (list && (child = read_child(r, YAML_SEQUENCE_END_EVENT, depth)) != NULL)
		append(list, &last, child);
	return r->error ? NULL : list;
}

static struct yaml *read_map(struct reader *r, int line, int depth)
{
	struct yaml *map = new_node(r, YAML_MAP, line), *last = NULL, *key, *value;

	while (map && (key = read_child(r, YAML_MAPPING_END_EVENT, depth)) != NULL) {
		if (key->type != YAML_TEXT)
			return failed(r, key->line, "a key must be a word");
		if (map->n >= YAML_MAX_KEYS)
			return failed(r, key->line, "too many keys in one map");
		if (yaml_get(map, key->text))
			return failed(r, key->line,
				arena_printf(r->arena,
					"the key \"%s\" stands here twice (first in line %d)",
					key->text, yaml_get(map, key->text)->line));
		value = read_child(r, YAML_NO_EVENT, depth);
		if (!value)
			return NULL;
		value->key = key->text;
		value->line = key->line;
		append(map, &last, value);
	}
	return r->error ? NULL : map;
}

static struct yaml *read_node(struct reader *r, const yaml_event_t *e, int depth)
{
	int line = line_of(e->start_mark);

	if (has_extras(e))
		return failed(r, line,
			"anchors, aliases and tags (&, *, !) are not allowed; quote a "
			"text that begins with one of these signs");
	if (depth >= YAML_MAX_DEPTH)
		return failed(r, line, "nested too deeply");
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r, e);
	case YAML_SEQUENCE_START_EVENT:
		return read_list(r, line, depth + 1);
	case YAML_MAPPING_START_EVENT:
		return read_map(r, line, depth + 1);
	default:
		return failed(r, line, "not YAML: a value was expected");
	}
}

/* Past the stream and document starts to the first node; *empty when there is none. */
static struct yaml *read_document(struct reader *r, bool *empty)
{
	yaml_event_t e;
	struct yaml *root = NULL;
	bool more = true;

	*empty = false;
	while (more && next_event(r, &e)) {
		more = e.type == YAML_STREAM_START_EVENT || e.type == YAML_DOCUMENT_START_EVENT;
		*empty = e.type == YAML_STREAM_END_EVENT;
		if (!more && !*empty)
			root = read_node(r, &e, 0);
		yaml_event_delete(&e);
	}
	return root;
}

static void refuse_second_document(struct reader *r)
{
	yaml_event_t e;
	bool more = true;

	while (more && next_event(r, &e)) {
		more = e.type != YAML_STREAM_END_EVENT;
		if (e.type == YAML_DOCUMENT_START_EVENT)
			failed(r, line_of(e.start_mark), "a second document (---) is not allowed");
		yaml_event_delete(&e);
	}
}

struct yaml *yaml_read(
	struct arena *arena, const char *content, size_t n, int *line, const char **error)
{
	struct reader r = {.arena = arena};
	struct yaml *root = NULL;
	bool empty = false;

	if (n >= 3 && memcmp(content, "\xef\xbb\xbf", 3) == 0) {
		content += 3;
		n -= 3;
	}
	if (n > MAX_SETTINGS_BYTES) {
		failed(&r, 1, "the file is too large");
	} else if (!yaml_parser_initialize(&r.parser)) {
		abort(); /* no memory */
	} else {
		yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(&r.parser, (const unsigned char *)content, n);
		root = read_document(&r, &empty);
		if (root)
			refuse_second_document(&r);
		if (empty)
			root = new_node(&r, YAML_MAP, 1);
		yaml_parser_delete(&r.parser);
	}
	*line = r.line;
	*error = r.error;
	return r.error ? NULL : root;
}

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	if (!map || map->type != YAML_MAP)
		return NULL;
	for (const struct yaml *c = map->first; c; c = c->next) {
		if (strcmp(c->key, key) == 0)
			return c;
	}
	return NULL;
}

const char *yaml_type_name(enum yaml_type t)
{
	static const char *const names[] = {"a text", "a list", "a map"};

	return names[t];
}
