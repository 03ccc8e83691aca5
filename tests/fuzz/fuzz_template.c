/* Templates and views of any bytes: the first part is a template file, the rest a value. No crash, no
 * endless loop, and a value never changes how many blocks there are. */
#include "base/prelude.h"

#include "core/template.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/mustache.h"

static void fill_with(struct templates *t, const char *id, const char *value, size_t *n_blocks)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	json_t *view = json_pack("{s:s,s:[s,s],s:b,s:{s:s}}", "a", value, "list", value, "x", "on",
		1, "o", "a", value);
	const char *subject;
	struct doc *doc;
	*n_blocks = 0;
	if (templates_fill(t, arena, "sv", id, view, &subject, &doc) == 0) {
		*n_blocks = doc->n_blocks;
		if (strpbrk(subject, "\r\n"))
			abort();
		doc_to_text(arena, doc, "a@b.example");
		const char *html = doc_to_html(arena, doc, subject, "a@b.example");
		if (strstr(html, "<script"))
			abort();
		const char *stored = doc_to_stored(arena, doc);
		if (stored && !doc_from_stored(arena, stored))
			abort();
	}
	json_decref(view);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	size_t cut = strnlen((const char *)data, size);
	const char *content = arena_strndup(arena, (const char *)data, cut);
	const char *value = cut < size ? (const char *)data + cut + 1 : "";
	value = utf8_clean(arena, value, cut < size ? size - cut - 1 : 0);
	struct templates *t = templates_new();
	int line;
	const char *error;
	size_t plain, filled;
	if (templates_add(t, "sv", "words", "button: {{label}}: {{reply}}", &line, &error) != 0)
		abort();
	if (templates_add(t, "sv", "_p", "{{> p}}\n{{a}}", &line, &error) != 0)
		abort();
	if (templates_add(t, "sv", "t", content, &line, &error) == 0) {
		const struct templates_fault *faults;
		templates_check(t, arena, &faults);
		fill_with(t, "t", "x", &plain);
		fill_with(t, "t", arena_printf(arena, "x%s", value), &filled);
		if (plain != filled && plain != 0 && filled != 0)
			abort();
	}
	(void)mustache_check(content, &line, &error);
	templates_free(&t);
	arena_free(&arena);
	return 0;
}
