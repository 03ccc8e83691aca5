/* Ctl print: see ctl_print.h. Called by lotsctl only; writes to stdout. */
#include "base/prelude.h"

#include "app/ctl_print.h"

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"

#define CELL_MAX 60 /* bytes of one cell before it is shortened */

static bool is_instant(const char *key)
{
	size_t n = strlen(key);
	return n > 3 && strcmp(key + n - 3, "_ms") == 0;
}

/* As a person reads it: "since_ms" holds an instant, not milliseconds, when it is printed. */
static int label_length(const char *key)
{
	return (int)strlen(key) - (is_instant(key) ? 3 : 0);
}

static const char *cell(struct arena *a, const char *key, const json_t *v, size_t max)
{
	char stamp[DATE_RFC3339_SIZE];
	if (json_is_integer(v) && is_instant(key)) {
		if (json_integer_value(v) == 0)
			return "-";
		date_format_rfc3339(stamp, json_integer_value(v));
		return arena_strdup(a, stamp);
	}
	if (json_is_integer(v))
		return arena_printf(a, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	if (json_is_boolean(v))
		return json_is_true(v) ? "yes" : "no";
	if (json_is_array(v)) {
		const char *all = "";
		size_t i;
		json_t *one;
		json_array_foreach(v, i, one) all =
			arena_printf(a, "%s%s%s", all, i > 0 ? " " : "", cell(a, "", one, 0));
		return *all != '\0' ? all : "-";
	}
	if (!json_is_string(v))
		return "-";
	const char *s = json_string_value(v);
	s = utf8_clean_line(a, s, strlen(s));
	return *s == '\0' ? "-" : max ? utf8_shorten(a, s, max) : s;
}

void ctl_print_table(const json_t *rows, const char *const *columns)
{
	struct arena *a = arena_new(MAX_ARENA_BYTES);
	size_t n = 0;
	while (columns[n] != NULL)
		n++;
	size_t *width = arena_array(a, n + 1, sizeof(*width));
	for (size_t c = 0; c < n; c++)
		width[c] = (size_t)label_length(columns[c]);
	size_t i;
	json_t *row;
	json_array_foreach(rows, i, row) for (size_t c = 0; c < n; c++)
	{
		const char *s = cell(a, columns[c], json_object_get(row, columns[c]), CELL_MAX);
		size_t w = utf8_columns(s);
		if (w > width[c])
			width[c] = w;
	}
	for (size_t c = 0; c < n; c++)
		printf("%-*.*s%s", (int)width[c], label_length(columns[c]), columns[c],
			c + 1 < n ? "  " : "\n");
	json_array_foreach(rows, i, row) for (size_t c = 0; c < n; c++)
	{
		const char *s = cell(a, columns[c], json_object_get(row, columns[c]), CELL_MAX);
		int pad = (int)(width[c] - utf8_columns(s));
		printf("%s%*s%s", s, c + 1 < n ? pad : 0, "", c + 1 < n ? "  " : "\n");
	}
	arena_free(&a);
}

static void print_value(struct arena *a, const char *key, const json_t *v, int indent)
{
	if (json_is_object(v)) {
		printf("%*s%s:\n", indent, "", key);
		ctl_print_object(v, indent + 2);
	} else if (json_is_array(v)) {
		size_t i;
		json_t *item;
		printf("%*s%s:%s\n", indent, "", key, json_array_size(v) == 0 ? " -" : "");
		json_array_foreach(v, i, item)
		{
			if (json_is_object(item)) {
				ctl_print_object(item, indent + 2);
				printf("\n");
			} else {
				printf("%*s- %s\n", indent + 2, "", cell(a, key, item, 0));
			}
		}
	} else if (json_is_string(v) && strchr(json_string_value(v), '\n') != NULL) {
		const char *text = utf8_clean(a, json_string_value(v), json_string_length(v));
		const char *line;
		size_t len;
		printf("%*s%s:\n", indent, "", key);
		while (text_next_line(&text, &line, &len))
			printf("%*s| %.*s\n", indent + 2, "", (int)len, line);
	} else {
		printf("%*s%.*s: %s\n", indent, "", label_length(key), key, cell(a, key, v, 0));
	}
}

void ctl_print_object(const json_t *o, int indent)
{
	struct arena *a = arena_new(MAX_ARENA_BYTES);
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)o, key, v) print_value(a, key, v, indent);
	arena_free(&a);
}

void ctl_print_json(const json_t *v)
{
	json_dumpf(v, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
}
