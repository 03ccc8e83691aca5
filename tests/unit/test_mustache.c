/* Mustache against the official specification files (if they are there) and our own limits. */
#include "base/prelude.h"

#include "core/mustache.h"

#include "base/arena.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *find_partial(void *context, const char *name)
{
	return json_string_value(json_object_get(context, name));
}

static char *filled(struct arena *arena, const char *text, const json_t *view, json_t *partials)
{
	struct mustache_partials p = {find_partial, partials};
	struct buf out;
	const char *error = NULL;
	buf_init(&out, MAX_TEMPLATE_OUTPUT);
	if (mustache_fill(arena, text, view, &p, mustache_escape_html, &out, &error) != 0) {
		buf_release(&out);
		return arena_printf(arena, "error: %s", error);
	}
	return buf_take(&out, arena);
}

static size_t run_file(const char *name)
{
	char path[200];
	snprintf(path, sizeof(path), "../shared/corpus/mustache-spec/%s.json", name);
	json_t *file = json_load_file(path, 0, NULL);
	if (!file)
		return 0;
	size_t i, n = 0;
	json_t *test;
	json_array_foreach(json_object_get(file, "tests"), i, test)
	{
		struct arena *arena = arena_new(MAX_ARENA_BYTES);
		const char *got =
			filled(arena, json_string_value(json_object_get(test, "template")),
				json_object_get(test, "data"), json_object_get(test, "partials"));
		const char *want = json_string_value(json_object_get(test, "expected"));
		if (strcmp(got, want) != 0)
			fail_msg("%s: %s: \"%s\" is not \"%s\"", name,
				json_string_value(json_object_get(test, "name")), got, want);
		arena_free(&arena);
		n++;
	}
	json_decref(file);
	return n;
}

static void spec(void **state)
{
	(void)state;
	static const char *const files[] = {
		"comments", "delimiters", "interpolation", "inverted", "partials", "sections"};
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		size_t of_file = run_file(files[i]);
		if (of_file == 0) {
			print_message("skipped: the Mustache specification files are not here\n");
			skip();
		}
		n += of_file;
	}
	assert_true(n > 100);
}

static void broken_texts_are_told_with_their_line(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int line;
		const char *error;
	} t[] = {
		{"a\n{{b", 2, "a tag is not closed"},
		{"{{#a}}\nb\n", 2, "a section is not closed"},
		{"\n{{/a}}", 2, "a section is closed that was not opened"},
		{"{{#a}}{{/b}}", 1, "another section is closed than was opened"},
		{"{{}}", 1, "a tag has no name"},
		{"{{=a=}}", 1, "wrong delimiters"},
	};
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		int line = 0;
		const char *error = "";
		assert_int_equal(mustache_check(t[i].text, &line, &error), -1);
		assert_string_equal(error, t[i].error);
		assert_int_equal(line, t[i].line);
	}
	int line;
	const char *error;
	assert_int_equal(mustache_check("{{a}} {{#b}}{{.}}{{/b}}", &line, &error), 0);
}

static void data_is_never_filled_again(void **state)
{
	(void)state;
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	json_t *view =
		json_pack("{s:s,s:s,s:s}", "a", "{{b}} {{#b}}{{>p}}", "b", "secret", "p", "x");
	assert_string_equal(filled(arena, "{{{a}}}", view, NULL), "{{b}} {{#b}}{{>p}}");
	json_decref(view);
	arena_free(&arena);
}

static void endless_partials_and_sections_end(void **state)
{
	(void)state;
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	json_t *partials = json_pack("{s:s}", "p", "x{{>p}}");
	assert_string_equal(filled(arena, "{{>p}}", NULL, partials), "error: partials too deep");
	json_decref(partials);
	char deep[40 * 6 + 1] = "";
	for (size_t i = 0; i < 40; i++)
		memcpy(deep + i * 6, "{{#a}}", 7);
	assert_string_equal(filled(arena, deep, NULL, NULL), "error: sections too deep");
	arena_free(&arena);
}

static void falsy_values(void **state)
{
	(void)state;
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	json_t *view = json_pack("{s:s,s:i,s:b,s:n,s:[],s:{}}", "empty", "", "zero", 0, "no", 0,
		"null", "list", "object");
	assert_string_equal(
		filled(arena,
			"{{^empty}}1{{/empty}}{{^zero}}2{{/zero}}{{^no}}3{{/no}}{{^null}}4{{/null}}"
			"{{^list}}5{{/list}}{{^object}}6{{/object}}",
			view, NULL),
		"12345");
	json_decref(view);
	arena_free(&arena);
}

static void tags_are_listed(void **state)
{
	(void)state;
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	const struct mustache_tag *tags;
	size_t n = mustache_tags(arena, "a {{b.c}} {{#d}}{{{e}}}{{/d}} {{>f}}", &tags);
	assert_int_equal(n, 5);
	static const char kinds[] = {'v', '#', 'v', '/', '>'};
	static const char *const names[] = {"b.c", "d", "e", "d", "f"};
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(tags[i].kind, kinds[i]);
		assert_string_equal(tags[i].name, names[i]);
	}
	assert_int_equal(mustache_tags(arena, "{{a", &tags), 0);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spec),
		cmocka_unit_test(broken_texts_are_told_with_their_line),
		cmocka_unit_test(data_is_never_filled_again),
		cmocka_unit_test(endless_partials_and_sections_end),
		cmocka_unit_test(falsy_values),
		cmocka_unit_test(tags_are_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
