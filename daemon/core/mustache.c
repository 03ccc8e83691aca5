/* Mustache: fills text from a JSON value. A text is first cut into a flat list of parts (a section
 * knows where it ends), then the list is walked with a chain of contexts. Data is only ever added
 * to the output, never read as text to fill. Called by core/template. Must not escape by itself. */
#include "base/prelude.h"

#include "core/mustache.h"

#include "base/arena.h"
#include "base/limits.h"

#define MAX_TAG_DEPTH 32 /* sections and partials inside each other */
#define MAX_PARTS 20000
#define MAX_DELIMITER 16

enum part_type {
	PART_TEXT,
	PART_VALUE,
	PART_RAW,
	PART_SECTION,
	PART_INVERTED,
	PART_END,
	PART_PARTIAL,
	PART_COMMENT,
	PART_DELIMITER
};

struct part {
	enum part_type type;
	const char *text; /* text; name of a tag; both ended by NUL in the arena */
	size_t len;
	const char *indent; /* of a partial that stands alone on its line */
	size_t end;	    /* of a section: index of its PART_END */
};

struct scan {
	struct arena *arena;
	const char *text, *at;
	char open[MAX_DELIMITER], close[MAX_DELIMITER];
	struct part *parts;
	size_t n, cap;
	size_t sections[MAX_TAG_DEPTH];
	size_t depth;
	const char *error;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_space(char c)
{
	return is_blank(c) || c == '\n' || c == '\r';
}

static struct part *add_part(struct scan *s, enum part_type type, const char *text, size_t len)
{
	if (s->n == MAX_PARTS) {
		s->error = "too many tags";
		return NULL;
	}
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 16;
		struct part *more = arena_array(s->arena, cap, sizeof(*more));
		if (s->n > 0)
			memcpy(more, s->parts, s->n * sizeof(*more));
		s->parts = more;
		s->cap = cap;
	}
	struct part *p = &s->parts[s->n++];
	*p = (struct part){.type = type, .text = text, .len = len, .indent = ""};
	return p;
}

static void add_text(struct scan *s, const char *from, const char *to)
{
	if (to > from)
		add_part(s, PART_TEXT, from, (size_t)(to - from));
}

/* True if only blanks stand around [start, end) on its line; *before and *after are then where the
 * line begins and where the next one does. */
static bool stands_alone(const struct scan *s, const char *start, const char *end,
	const char **before, const char **after)
{
	const char *b = start;
	while (b > s->text && is_blank(b[-1]))
		b--;
	if (b > s->text && b[-1] != '\n')
		return false;
	const char *a = end;
	while (is_blank(*a))
		a++;
	if (a[0] == '\r' && a[1] == '\n')
		a++;
	if (*a != '\0' && *a != '\n')
		return false;
	*before = b;
	*after = *a == '\n' ? a + 1 : a;
	return true;
}

/* "{{=<% %>=}}": inner is "<% %>". */
static void set_delimiters(struct scan *s, const char *inner, size_t n)
{
	size_t first = 0, blank;
	while (first < n && !is_space(inner[first]))
		first++;
	for (blank = first; blank < n && is_space(inner[blank]);)
		blank++;
	size_t second = n - blank;
	if (first == 0 || second == 0 || blank == first || first >= MAX_DELIMITER ||
		second >= MAX_DELIMITER || memchr(inner, '=', n)) {
		s->error = "wrong delimiters";
		return;
	}
	memcpy(s->open, inner, first);
	s->open[first] = '\0';
	memcpy(s->close, inner + blank, second);
	s->close[second] = '\0';
}

static void open_or_close(struct scan *s, enum part_type type, const char *name)
{
	size_t index = s->n;
	if (!add_part(s, type, name, strlen(name)))
		return;
	if (type == PART_SECTION || type == PART_INVERTED) {
		if (s->depth == MAX_TAG_DEPTH)
			s->error = "sections too deep";
		else
			s->sections[s->depth++] = index;
		return;
	}
	if (s->depth == 0) {
		s->error = "a section is closed that was not opened";
		return;
	}
	struct part *opened = &s->parts[s->sections[--s->depth]];
	if (strcmp(opened->text, name) != 0)
		s->error = "another section is closed than was opened";
	opened->end = index;
}

static enum part_type type_of(char sigil)
{
	switch (sigil) {
	case '#':
		return PART_SECTION;
	case '^':
		return PART_INVERTED;
	case '/':
		return PART_END;
	case '>':
		return PART_PARTIAL;
	case '!':
		return PART_COMMENT;
	case '=':
		return PART_DELIMITER;
	case '&':
	case '{':
		return PART_RAW;
	default:
		return PART_VALUE;
	}
}

struct tag {
	enum part_type type;
	const char *start, *end; /* the whole tag */
	const char *inner;
	size_t n;
};

/* Reads the tag that starts at `start`. */
static bool read_tag(struct scan *s, const char *start, struct tag *t)
{
	const char *p = start + strlen(s->open);
	t->start = start;
	t->type = type_of(*p);
	char ending[MAX_DELIMITER + 1] = "";
	size_t k = 0;
	if (*p == '{')
		ending[k++] = '}';
	else if (*p == '=')
		ending[k++] = '=';
	memcpy(ending + k, s->close, strlen(s->close) + 1);
	if (t->type != PART_VALUE)
		p++;
	const char *e = strstr(p, ending);
	if (!e) {
		s->error = "a tag is not closed";
		return false;
	}
	t->end = e + strlen(ending);
	while (p < e && is_space(*p))
		p++;
	while (e > p && is_space(e[-1]))
		e--;
	t->inner = p;
	t->n = (size_t)(e - p);
	if (t->n == 0 && t->type != PART_COMMENT) {
		s->error = "a tag has no name";
		return false;
	}
	return true;
}

static void take_tag(struct scan *s, const struct tag *t)
{
	const char *before = t->start, *after = t->end;
	bool value = t->type == PART_VALUE || t->type == PART_RAW;
	bool alone = !value && stands_alone(s, t->start, t->end, &before, &after);
	add_text(s, s->at, before);
	s->at = after;
	const char *name = arena_strndup(s->arena, t->inner, t->n);
	struct part *p;
	switch (t->type) {
	case PART_SECTION:
	case PART_INVERTED:
	case PART_END:
		open_or_close(s, t->type, name);
		break;
	case PART_DELIMITER:
		set_delimiters(s, t->inner, t->n);
		break;
	case PART_PARTIAL:
		p = add_part(s, t->type, name, t->n);
		if (p && alone)
			p->indent = arena_strndup(s->arena, before, (size_t)(t->start - before));
		break;
	default:
		add_part(s, t->type, name, t->n);
	}
}

static int scan_text(struct scan *s, struct arena *arena, const char *text)
{
	*s = (struct scan){.arena = arena, .text = text, .at = text, .open = "{{", .close = "}}"};
	const char *start;
	while (!s->error && (start = strstr(s->at, s->open))) {
		struct tag t;
		if (!read_tag(s, start, &t)) {
			s->at = start;
			return -1;
		}
		take_tag(s, &t);
	}
	if (!s->error && s->depth > 0) {
		s->error = "a section is not closed";
		s->at = text + strlen(text);
	}
	if (s->error)
		return -1;
	add_text(s, s->at, s->at + strlen(s->at));
	return s->error ? -1 : 0;
}

int mustache_check(const char *text, int *line, const char **error)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	struct scan s;
	int r = scan_text(&s, arena, text);
	if (r != 0) {
		*error = s.error;
		*line = 1;
		for (const char *p = text; p < s.at; p++)
			*line += *p == '\n' && p[1] != '\0';
	}
	arena_free(&arena);
	return r;
}

size_t mustache_tags(struct arena *arena, const char *text, const struct mustache_tag **out)
{
	static const char kinds[] = {[PART_VALUE] = 'v',
		[PART_RAW] = 'v',
		[PART_SECTION] = '#',
		[PART_INVERTED] = '^',
		[PART_END] = '/',
		[PART_PARTIAL] = '>',
		[PART_COMMENT] = '!',
		[PART_DELIMITER] = '='};
	struct scan s;
	*out = NULL;
	if (scan_text(&s, arena, text) != 0)
		return 0;
	struct mustache_tag *tags = arena_array(arena, s.n, sizeof(*tags));
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.parts[i].type != PART_TEXT)
			tags[n++] = (struct mustache_tag){kinds[s.parts[i].type], s.parts[i].text};
	*out = tags;
	return n;
}

void mustache_escape_html(struct buf *out, const char *s)
{
	for (;;) {
		size_t n = strcspn(s, "&<>\"");
		buf_add(out, s, n);
		s += n;
		if (*s == '\0')
			return;
		buf_addstr(out, *s == '&'   ? "&amp;"
				: *s == '<' ? "&lt;"
				: *s == '>' ? "&gt;"
					    : "&quot;");
		s++;
	}
}

void mustache_escape_none(struct buf *out, const char *s)
{
	buf_addstr(out, s);
}

bool mustache_truthy(const json_t *v)
{
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_NULL:
	case JSON_FALSE:
		return false;
	case JSON_STRING:
		return json_string_length(v) > 0;
	case JSON_INTEGER:
		return json_integer_value(v) != 0;
	case JSON_ARRAY:
		return json_array_size(v) > 0;
	default:
		return true;
	}
}

static const json_t *member(const json_t *o, const char *key, size_t n)
{
	char small[64];
	if (n >= sizeof(small) || !json_is_object(o))
		return NULL;
	memcpy(small, key, n);
	small[n] = '\0';
	return json_object_get(o, small);
}

const json_t *mustache_find(const struct mustache_context *context, const char *name)
{
	if (strcmp(name, ".") == 0)
		return context ? context->value : NULL;
	size_t n = strcspn(name, ".");
	const json_t *v = NULL;
	for (; context && !v; context = context->up)
		v = member(context->value, name, n);
	while (v && name[n] == '.') {
		name += n + 1;
		n = strcspn(name, ".");
		v = member(v, name, n);
	}
	return v;
}

struct fill {
	struct arena *arena;
	const struct mustache_partials *partials;
	mustache_escape_fn *escape;
	struct buf *out;
	const char *error;
	int depth;
};

static void fill_value(struct fill *f, const json_t *v, bool raw)
{
	char number[40] = "";
	const char *s = number;
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_STRING:
		s = json_string_value(v);
		break;
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		break;
	case JSON_REAL:
		snprintf(number, sizeof(number), "%.15g", json_real_value(v));
		break;
	case JSON_TRUE:
		s = "true";
		break;
	case JSON_FALSE:
		s = "false";
		break;
	default:
		break;
	}
	if (raw)
		buf_addstr(f->out, s);
	else
		f->escape(f->out, s);
}

static int fill_text(struct fill *f, const char *text, const struct mustache_context *c);

/* The text of a partial with the tag's indentation before each of its lines. */
static char *indented(struct arena *arena, const char *text, const char *indent)
{
	struct buf b;
	buf_init(&b, MAX_TEMPLATE_OUTPUT);
	for (const char *p = text; *p; p++) {
		if (p == text || p[-1] == '\n')
			buf_addstr(&b, indent);
		buf_addch(&b, *p);
	}
	return buf_take(&b, arena);
}

static int fill_partial(struct fill *f, const struct part *p, const struct mustache_context *c)
{
	const char *text = f->partials ? f->partials->find(f->partials->context, p->text) : NULL;
	if (!text)
		return 0;
	if (*p->indent)
		text = indented(f->arena, text, p->indent);
	return fill_text(f, text, c);
}

static int fill_parts(struct fill *f, const struct part *parts, size_t from, size_t to,
	const struct mustache_context *c);

static int fill_section(
	struct fill *f, const struct part *parts, size_t at, const struct mustache_context *c)
{
	const json_t *v = mustache_find(c, parts[at].text);
	bool on = mustache_truthy(v);
	if (parts[at].type == PART_INVERTED)
		return on ? 0 : fill_parts(f, parts, at + 1, parts[at].end, c);
	if (!on)
		return 0;
	if (!json_is_array(v)) {
		struct mustache_context in = {v, c};
		return fill_parts(f, parts, at + 1, parts[at].end, &in);
	}
	for (size_t i = 0; i < json_array_size(v); i++) {
		struct mustache_context in = {json_array_get(v, i), c};
		if (fill_parts(f, parts, at + 1, parts[at].end, &in) != 0)
			return -1;
	}
	return 0;
}

static int fill_parts(struct fill *f, const struct part *parts, size_t from, size_t to,
	const struct mustache_context *c)
{
	for (size_t i = from; i < to; i++) {
		const struct part *p = &parts[i];
		int r = 0;
		if (p->type == PART_TEXT)
			buf_add(f->out, p->text, p->len);
		else if (p->type == PART_VALUE || p->type == PART_RAW)
			fill_value(f, mustache_find(c, p->text), p->type == PART_RAW);
		else if (p->type == PART_PARTIAL)
			r = fill_partial(f, p, c);
		if (p->type == PART_SECTION || p->type == PART_INVERTED) {
			r = fill_section(f, parts, i, c);
			i = p->end;
		}
		if (r == 0 && !buf_ok(f->out)) {
			f->error = "the filled text is too large";
			r = -1;
		}
		if (r != 0)
			return -1;
	}
	return 0;
}

static int fill_text(struct fill *f, const char *text, const struct mustache_context *c)
{
	struct scan s;
	if (f->depth == MAX_TAG_DEPTH) {
		f->error = "partials too deep";
		return -1;
	}
	if (scan_text(&s, f->arena, text) != 0) {
		f->error = s.error;
		return -1;
	}
	f->depth++;
	int r = fill_parts(f, s.parts, 0, s.n, c);
	f->depth--;
	return r;
}

int mustache_fill_in(struct arena *arena, const char *text, const struct mustache_context *context,
	const struct mustache_partials *partials, mustache_escape_fn *escape, struct buf *out,
	const char **error)
{
	struct fill f = {arena, partials, escape, out, NULL, 0};
	int r = fill_text(&f, text, context);
	if (r != 0)
		*error = f.error;
	return r;
}

int mustache_fill(struct arena *arena, const char *text, const json_t *view,
	const struct mustache_partials *partials, mustache_escape_fn *escape, struct buf *out,
	const char **error)
{
	struct mustache_context c = {view, NULL};
	return mustache_fill_in(arena, text, &c, partials, escape, out, error);
}
