/* Settings_row: reads a map by the rows of its section. Called by the other app/settings_*.c. Must
 * not know any particular setting. How single values are read is settings_value.c. */
#include "base/prelude.h"
#include "app/settings_row.h"

#include "app/settings_value.h"
#include "base/arena.h"
#include "base/buf.h"

#define MAX_ALLOWED_TEXT 4000

static void verror(struct reading *r, int line, const char *fmt, va_list ap) PRINTF_LIKE(3, 0);
static void verror(struct reading *r, int line, const char *fmt, va_list ap)
{
	char text[2000];

	vsnprintf(text, sizeof(text), fmt, ap);
	settings_error_add(r->errors, r->file_order, r->file, line, "%s", text);
}

void reading_error(struct reading *r, const struct yaml *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verror(r, at ? at->line : 0, fmt, ap);
	va_end(ap);
}

void reading_error_line(struct reading *r, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verror(r, line, fmt, ap);
	va_end(ap);
}

static const char *join(struct arena *arena, const char *const *words, size_t n)
{
	struct buf b;

	buf_init(&b, MAX_ALLOWED_TEXT);
	for (size_t i = 0; i < n; i++) {
		if (i >= 40) {
			buf_addstr(&b, " ...");
			break;
		}
		buf_addf(&b, "%s%s", i ? ", " : "", words[i]);
	}
	return buf_take(&b, arena);
}

void reading_unknown(struct reading *r, const struct yaml *at, const char *what,
	const char *written, const char *const *allowed, size_t n)
{
	const char *near = settings_nearest(written, allowed, n);

	reading_error(r, at, "%s \"%s\"; %s%s%sallowed: %s", what, written,
		*near ? "did you mean \"" : "", near, *near ? "\"? " : "",
		n ? join(r->arena, allowed, n) : "(none is defined)");
}

static const struct row *row_of(const struct section *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->rows[i].key, key) == 0)
			return &s->rows[i];
	}
	return NULL;
}

static void refuse_unknown_keys(struct reading *r, const struct section *s, const struct yaml *map)
{
	const char **allowed = arena_array(r->arena, s->n, sizeof(*allowed));

	for (size_t i = 0; i < s->n; i++)
		allowed[i] = s->rows[i].key;
	for (const struct yaml *c = map->first; c; c = c->next) {
		if (row_of(s, c->key))
			continue;
		reading_unknown(r, c, arena_printf(r->arena, "unknown key of %s", s->name), c->key,
			allowed, s->n);
	}
}

/* Defaults first, so that a wrong value leaves a sound one behind and reading can go on. */
static void set_default(struct reading *r, const struct row *row, void *target)
{
	struct yaml value = {.type = YAML_TEXT, .text = row->otherwise, .key = row->key};

	value_clear(row, target);
	if (!row->otherwise)
		return;
	if (!row_read(r, row, &value, target))
		abort(); /* a default that its own row refuses */
}

bool section_read(struct reading *r, const struct section *s, const struct yaml *map, void *target)
{
	size_t before = r->errors->n + r->errors->more;

	for (size_t i = 0; i < s->n; i++)
		set_default(r, &s->rows[i], target);
	if (map->type != YAML_MAP) {
		reading_error(r, map, "%s must be a map (key: value), not %s", s->name,
			yaml_type_name(map->type));
		return false;
	}
	refuse_unknown_keys(r, s, map);
	for (size_t i = 0; i < s->n; i++) {
		const struct row *row = &s->rows[i];
		const struct yaml *value = yaml_get(map, row->key);

		if (value)
			row_read(r, row, value, target);
		else if (row->required)
			reading_error(r, map, "%s lacks \"%s\" (%s)", s->name, row->key,
				row_allowed(r->arena, row));
	}
	return r->errors->n + r->errors->more == before;
}

static bool is_list(enum row_type t)
{
	return t >= ROW_TEXTS && t <= ROW_DOMAINS;
}

static bool read_one(struct reading *r, const struct row *row, const struct yaml *value, void *out)
{
	const char *why = NULL;

	if (value->type != YAML_TEXT) {
		reading_error(r, value, "%s: %s stands where %s is wanted", row->key,
			yaml_type_name(value->type), row_allowed(r->arena, row));
		return false;
	}
	if (value_read(r, row, value->text, out, &why))
		return true;
	reading_error(r, value, "%s: \"%s\" %s; allowed: %s", row->key, value->text,
		why ? why : "is not allowed", row_allowed(r->arena, row));
	return false;
}

/* A single text is a list of one. */
static bool read_list(
	struct reading *r, const struct row *row, const struct yaml *value, char *target)
{
	size_t n = value->type == YAML_TEXT ? (*value->text ? 1 : 0) : value->n;
	const struct yaml *c = value->type == YAML_TEXT ? value : value->first;
	const char **list = arena_array(r->arena, n + 1, sizeof(*list));
	size_t kept = 0;
	bool good = true;

	if (value->type == YAML_MAP) {
		reading_error(r, value, "%s: a map stands where %s is wanted", row->key,
			row_allowed(r->arena, row));
		return false;
	}
	if ((row->max && n > (size_t)row->max) || n < (size_t)row->min) {
		reading_error(r, value, "%s: %zu entries; allowed: %" PRId64 " to %" PRId64,
			row->key, n, row->min, row->max);
		return false;
	}
	for (size_t i = 0; i < n; i++, c = c->next) {
		if (read_one(r, row, c, &list[kept]))
			kept++;
		else
			good = false;
	}
	memcpy(target + row->offset, &list, sizeof(list));
	memcpy(target + row->offset_n, &kept, sizeof(kept));
	return good;
}

/* A text is the name in every language; a map has one per language. */
static bool read_names(
	struct reading *r, const struct row *row, const struct yaml *value, char *target)
{
	struct text_by_language *t = (struct text_by_language *)(void *)(target + row->offset);
	struct row one = {.key = row->key, .type = ROW_TEXT, .min = 1};
	const struct config *c = r->config;
	bool good = true;

	if (value->type == YAML_TEXT) {
		for (size_t i = 0; i < c->n_languages; i++)
			good = read_one(r, &one, value, &t->v[i]) && good;
		return good;
	}
	for (const struct yaml *v = value->first; v; v = v->next) {
		size_t i = 0;

		while (v->key && i < c->n_languages && strcmp(v->key, c->languages[i]) != 0)
			i++;
		if (v->key && i < c->n_languages) {
			good = read_one(r, &one, v, &t->v[i]) && good;
			continue;
		}
		reading_unknown(r, v, arena_printf(r->arena, "%s: unknown language", row->key),
			v->key ? v->key : v->text, (const char *const *)c->languages,
			c->n_languages);
		good = false;
	}
	return good;
}

bool row_read(struct reading *r, const struct row *row, const struct yaml *value, void *target)
{
	char *base = target;

	if (row->type == ROW_TREE) {
		memcpy(base + row->offset, &value, sizeof(value));
		return true;
	}
	if (row->type == ROW_NAMES)
		return read_names(r, row, value, base);
	if (is_list(row->type))
		return read_list(r, row, value, base);
	return read_one(r, row, value, base + row->offset);
}

const char *row_allowed(struct arena *arena, const struct row *row)
{
	size_t n = 0;

	if (row->type != ROW_CHOICE && row->type != ROW_ENUM)
		return value_allowed(arena, row);
	while (row->words[n])
		n++;
	return join(arena, row->words, n);
}
