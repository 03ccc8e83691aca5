/* Template and doc: blocks are parsed before leaves are filled, blank blocks are left out, faults
 * are told with their line, and a doc says the same as text, HTML and JSON. */
#include "tests/unit/cmocka_test.h"

#include "core/template.h"

#include "base/arena.h"
#include "base/limits.h"

static struct arena *arena;
static struct templates *t;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(MAX_ARENA_BYTES);
	t = templates_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	templates_free(&t);
	return 0;
}

static void add(const char *language, const char *id, const char *content)
{
	int line;
	const char *error;
	if (templates_add(t, language, id, content, &line, &error) != 0)
		fail_msg("%s/%s:%d: %s", language, id, line, error);
}

/* The mail as "subject|text", with buttons. */
static const char *text_of(const char *language, const char *id, json_t *view)
{
	const char *subject;
	struct doc *doc;
	int r = templates_fill(t, arena, language, id, view, &subject, &doc);
	json_decref(view);
	if (r != 0)
		return "none";
	return arena_printf(arena, "%s|%s", subject, doc_to_text(arena, doc, "a@b.example"));
}

TEST(every_block_becomes_text)
{
	add("sv", "words", "button: {{label}}: svara {{reply}}\n");
	add("sv", "x",
		"Ämne: [Support {{n}}] x\n\n# Rubrik {{n}}\n\nEtt stycke\növer två rader.\n\n"
		"- {{n}}\n- b\n\n> {{{q}}}\n> slut\n\n| Vem | {{q}} |\n| {{n}} | b | c |\n---\n"
		"[Ta](reply: TA | Ta {{n}})\n[Ja](reply: JA | Ja | Svara JA.)\n");
	assert_string_equal(text_of("sv", "x", json_pack("{s:i,s:s}", "n", 7, "q", "a\nb")),
		"[Support 7] x|Rubrik 7\n\nEtt stycke över två rader.\n\n- 7\n- b\n\n> a\n> b\n> "
		"slut\n\n"
		"Vem: a b\n\n7: b, c\n\nTa: svara TA\nSvara JA.\n");
}

TEST(sections_partials_and_lists)
{
	add("sv", "_end", "{{#phone}}\nRing {{phone}}.\n{{/phone}}\n");
	add("sv", "x",
		"Subject: s\n# h\n{{#items}}\n- "
		"{{.}}\n\n{{/items}}\n{{^items}}\nInga.\n{{/items}}\n"
		"{{! not seen }}\n{{#rows}}\n| {{a}} | {{b}} |\n{{/rows}}\n{{> end}}\n");
	assert_string_equal(
		text_of("sv", "x",
			json_pack("{s:[s,s],s:[{s:s,s:s},{s:s,s:s}],s:s}", "items", "1", "2",
				"rows", "a", "A", "b", "B", "a", "C", "b", "", "phone", "0")),
		"s|h\n\n- 1\n- 2\n\nA: B\n\nRing 0.\n");
	assert_string_equal(text_of("sv", "x", json_pack("{s:[]}", "items")), "s|h\n\nInga.\n");
}

TEST(what_is_blank_is_left_out)
{
	add("sv", "x",
		"Subject: s\n# h\n## \n{{a}}\n\n# gone\n> {{b}}\n- {{c}}\n| d | {{d}} |\n# e\n"
		"{{e}}\n");
	assert_string_equal(
		text_of("sv", "x", json_pack("{s:s}", "e", "E")), "s|h\n\n##\n\ne\n\nE\n");
}

TEST(data_never_makes_a_block_or_a_line)
{
	add("sv", "words", "button: {{reply}}\n");
	add("sv", "x", "Subject: {{v}}\n# {{v}}\n- {{v}}\n[{{v}}](reply: {{v}} | {{v}})\n{{v}}\n");
	json_t *view = json_pack("{s:s}", "v", "a\n# b\r\n[c](reply: d | e)\n{{v}} {{#v}}");
	const char *subject;
	struct doc *doc;
	assert_int_equal(templates_fill(t, arena, "sv", "x", view, &subject, &doc), 0);
	json_decref(view);
	assert_null(strpbrk(subject, "\r\n"));
	assert_int_equal(doc->n_blocks, 4);
	assert_null(strchr(doc->blocks[0].text, '\n'));
	assert_null(strchr(doc->blocks[2].reply, '\n'));
	assert_string_equal(doc->blocks[3].text, "a\n# b\n[c](reply: d | e)\n{{v}} {{#v}}");
}

TEST(the_language_falls_back_to_the_first)
{
	add("sv", "x", "Subject: sv\n# sv\n");
	add("en", "y", "Subject: en\n# en\n");
	assert_string_equal(text_of("en", "x", json_object()), "sv|sv\n");
	assert_string_equal(text_of("sv", "z", json_object()), "none");
	assert_true(templates_has(t, "sv", "x"));
	assert_false(templates_has(t, "en", "x"));
}

TEST(underscore_and_hyphen_are_the_same)
{
	add("sv", "taken-by", "Subject: s\n# h\n");
	assert_string_equal(text_of("sv", "taken_by", json_object()), "s|h\n");
}

TEST(broken_files_are_told_with_their_line)
{
	static const struct {
		const char *content;
		int line;
		const char *error;
	} v[] = {
		{"", 0, "the file is empty"},
		{"# h\n", 1, "the first line is \"Subject: …\" or \"Ämne: …\""},
		{"Subject: \n", 1, "the first line is \"Subject: …\" or \"Ämne: …\""},
		{"Subject: {{a\n", 1, "a tag is not closed"},
		{"Subject: s\n\n{{#a}}\nb\n", 4, "a section is not closed"},
		{"Subject: s\n{{/a}}\n", 2, "a section is closed that was not opened"},
		{"Subject: s\n{{#a}}\n{{/b}}\n", 3, "another section is closed than was opened"},
		{"Subject: s\nx\n\na {{#b}}\nc\n", 4, "a section is not closed"},
		{"Subject: s\na {{> b}}\n", 2, "this tag must stand on a line of its own"},
		{"Subject: s\n| a |\n", 2, "a table row is written | name | value |"},
		{"Subject: s\n[a](b)\n", 2,
			"a button is written [label](reply: first line | subject)"},
		{"Subject: s\n[a](reply: b)\n", 2,
			"a button needs a label, a first line and a subject"},
		{"Subject: s\n{{#}}\n", 2, "a tag has no name"},
		{"Subject: \xff\n", 1, "the file is not UTF-8"},
	};
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		int line = -1;
		const char *error = "";
		struct templates *own = templates_new();
		assert_int_equal(templates_add(own, "sv", "x", v[i].content, &line, &error), -1);
		assert_string_equal(error, v[i].error);
		assert_int_equal(line, v[i].line ? v[i].line : line);
		templates_free(&own);
	}
}

static const char *faults(void)
{
	const struct templates_fault *f;
	size_t n = templates_check(t, arena, &f);
	const char *all = "";
	for (size_t i = 0; i < n; i++)
		all = arena_printf(arena, "%s%s:%d: %s\n", all, f[i].file, f[i].line, f[i].error);
	return all;
}

TEST(faults_between_files_are_found)
{
	int line;
	const char *error;
	add("sv", "x", "Subject: {{number}}\n# h\n{{wrong}}\n{{> gone}}\n");
	add("sv", "_ring", "{{> ring}}\n");
	add("sv", "y", "Subject: s\n{{> ring}}\n");
	add("sv", "words", "a: b\n");
	add("en", "words", "c: d\n");
	assert_int_equal(
		templates_add_names(t, "; x\n@c: number\nx: @c more?\n", &line, &error), 0);
	assert_string_equal(faults(),
		"sv/x.txt:3: \"wrong\" is no name this template can use; "
		"allowed: those of its line in names.txt\n"
		"sv/x.txt:4: there is no file _gone.txt\n"
		"sv/y.txt:1: names.txt has no line for this template\n"
		"sv/_ring.txt:1: partials go round in a ring (used by sv/y.txt)\n"
		"en/_ring.txt:1: the file is missing\n"
		"en/x.txt:1: the file is missing\n"
		"en/y.txt:1: the file is missing\n"
		"sv/words.txt:1: \"c\" is missing here\n"
		"en/words.txt:1: \"a\" is missing here\n");
	assert_string_equal(text_of("sv", "y", json_object()), "none");
	json_t *view = json_pack("{s:i}", "more", 1);
	assert_string_equal(templates_missing(t, arena, "x", view), "number");
	json_decref(view);
	assert_int_equal(templates_add_names(t, "z\n", &line, &error), -1);
	assert_int_equal(templates_add_names(t, "\nz: @none\n", &line, &error), -1);
	assert_int_equal(line, 2);
}

/* What is wrong in a part is told of the part, in its own line, once. */
TEST(faults_of_a_part_are_told_of_the_part)
{
	int line;
	const char *error;
	add("sv", "_part", "# h\n\n{{wrong}}\n{{> gone}}\n");
	add("sv", "x", "Subject: s\n{{> part}}\n");
	add("sv", "y", "Subject: s\n{{> part}}\n{{bad}}\n");
	assert_int_equal(templates_add_names(t, "x: number\ny: number\n", &line, &error), 0);
	assert_string_equal(faults(),
		"sv/_part.txt:3: \"wrong\" is no name this template can use; "
		"allowed: those of its line in names.txt (used by sv/x.txt)\n"
		"sv/_part.txt:4: there is no file _gone.txt (used by sv/x.txt)\n"
		"sv/y.txt:3: \"bad\" is no name this template can use; "
		"allowed: those of its line in names.txt\n");
}

TEST(words_and_help_are_lists)
{
	int line;
	const char *error;
	add("sv", "help", "; comment\ntake: Du tar ärendet: nu.\n\n");
	assert_string_equal(templates_help(t, "sv", "take"), "Du tar ärendet: nu.");
	assert_string_equal(templates_help(t, "en", "take"), "Du tar ärendet: nu.");
	assert_string_equal(templates_help(t, "sv", "none"), "");
	assert_int_equal(templates_add(t, "en", "words", "a b\n", &line, &error), -1);
	assert_int_equal(templates_add(t, "en", "words", "d: 1\n\nd: 2\n", &line, &error), -1);
	assert_int_equal(line, 3);
}

TEST(too_large_a_mail_is_refused)
{
	add("sv", "x", "Subject: s\n{{a}}{{a}}{{a}}\n");
	size_t n = MAX_TEMPLATE_OUTPUT / 2;
	char *big = malloc(n + 1);
	assert_non_null(big);
	memset(big, 'x', n);
	big[n] = '\0';
	assert_string_equal(text_of("sv", "x", json_pack("{s:s}", "a", big)), "none");
	free(big);
}

TEST(html_is_escaped_and_plain)
{
	add("sv", "words", "button: {{reply}}\n");
	add("sv", "x",
		"Subject: s\n# {{a}}\n{{b}}\n- {{a}}\n| {{a}} | {{a}} |\n> {{b}}\n# H\n"
		"[{{a}}](reply: {{a}} | {{a}})\n");
	json_t *view = json_pack("{s:s,s:s}", "a", "<a href=\"x\">&", "b", "<b>\n1\n\n2 <script>");
	const char *subject;
	struct doc *doc;
	assert_int_equal(templates_fill(t, arena, "sv", "x", view, &subject, &doc), 0);
	json_decref(view);
	const char *html = doc_to_html(arena, doc, "<t>", "a+\"b@c.example");
	static const char escaped[] = "&lt;a href=&quot;x&quot;&gt;&amp;";
	assert_non_null(strstr(html, "<html lang=\"sv\">"));
	assert_non_null(strstr(html, "<title>&lt;t&gt;</title>"));
	assert_non_null(strstr(html, arena_printf(arena, "<h1>%s</h1>", escaped)));
	assert_non_null(strstr(html, "<h2>H</h2>"));
	assert_non_null(strstr(html, arena_printf(arena, "<li>%s</li>", escaped)));
	assert_non_null(
		strstr(html, arena_printf(arena, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>",
				     escaped, escaped)));
	assert_non_null(strstr(html, "<p>&lt;b&gt;<br>\n1</p>\n<p>2 &lt;script&gt;</p>"));
	assert_non_null(
		strstr(html, "<a href=\"mailto:a%2B%22b@c.example?subject=%3Ca%20href%3D%22x"
			     "%22%3E%26&amp;body=%3Ca%20href%3D%22x%22%3E%26%0D%0A\""));
	assert_null(strstr(html, "<script"));
	assert_null(strstr(doc_to_html(arena, doc, "t", ""), "mailto:"));
	assert_null(strstr(doc_to_text(arena, doc, ""), "[Ja]"));
}

TEST(mailto_is_encoded_by_rfc_6068)
{
	assert_string_equal(doc_mailto(arena, "support+abc2@lots.example",
				    "[Support 1042] Ta ärende 1042", "TA"),
		"mailto:support%2Babc2@lots.example?subject=%5BSupport%201042%5D%20Ta%20%C3%A4rende"
		"%201042&body=TA%0D%0A");
}

TEST(stored_and_back)
{
	add("sv", "words", "button: {{label}}\n");
	add("sv", "x", "Subject: s\n# h\np\n- a\n- b\n> q\n| a | b |\n---\n[l](reply: r | s)\n");
	const char *subject;
	struct doc *doc;
	assert_int_equal(templates_fill(t, arena, "sv", "x", NULL, &subject, &doc), 0);
	struct doc *again = doc_from_stored(arena, doc_to_stored(arena, doc));
	assert_non_null(again);
	assert_string_equal(doc_to_html(arena, again, "t", "a@b.example"),
		doc_to_html(arena, doc, "t", "a@b.example"));
	assert_string_equal(
		doc_to_text(arena, again, "a@b.example"), doc_to_text(arena, doc, "a@b.example"));
	static const char *const wrong[] = {"", "language sv", "item a\n", "language sv\nitem a\n",
		"language sv\nbox a\n", "language sv\nparagraph\n", "language sv\nparagraph a",
		"language sv\nparagraph \\t\n", "language sv\nparagraph \\",
		"language sv\nlist \ncolumns 1\nitem a\n",
		"language sv\ntable \ncolumns 2\nitem a\nitem b\nitem c\n",
		"language sv\ntable \nitem a\n", "language sv\ntable \ncolumns 1\n",
		"language sv\ntable \ncolumns 0\nitem a\n",
		"language sv\ntable \ncolumns 1\n\nitem a\n",
		"language sv\ntable \nitem a\nrule \n"};
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_null(doc_from_stored(arena, wrong[i]));
}

TEST(what_is_stored_is_a_line_each)
{
	const char *items[] = {"a", "", "en\\ två\n tre", "\\n"};
	struct block blocks[] = {{.type = BLOCK_QUOTE, .text = "x\n\n item y\n"},
		{.type = BLOCK_TABLE, .text = "", .items = items, .n_items = 4, .columns = 2},
		{.type = BLOCK_BUTTON,
			.text = "Ta",
			.reply = "#ta",
			.subject = "S",
			.hint = "Svara TA"},
		{.type = BLOCK_RULE}};
	struct doc doc = {.language = "sv", .blocks = blocks, .n_blocks = ARRAY_LEN(blocks)};
	const char *stored = doc_to_stored(arena, &doc);
	assert_string_equal(stored,
		"language sv\nquote x\\n\\n item y\\n\ntable \ncolumns 2\nitem a\nitem \n"
		"item en\\\\ två\\n tre\nitem \\\\n\nbutton Ta\nreply #ta\nsubject S\n"
		"hint Svara TA\nrule \n");
	struct doc *again = doc_from_stored(arena, stored);
	assert_non_null(again);
	assert_int_equal(again->n_blocks, 4);
	assert_string_equal(again->blocks[0].text, blocks[0].text);
	assert_int_equal(again->blocks[1].n_items, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(again->blocks[1].items[i], items[i]);
	assert_string_equal(doc_to_stored(arena, again), stored);
}

TEST(too_large_to_be_stored_is_told)
{
	struct arena *large = arena_new(MAX_ARENA_BYTES);
	char *text = arena_alloc(large, 8 * MAX_TEMPLATE_OUTPUT + 1);
	memset(text, 'a', 8 * MAX_TEMPLATE_OUTPUT);
	text[8 * MAX_TEMPLATE_OUTPUT] = '\0';
	struct block block = {.type = BLOCK_PARAGRAPH, .text = text};
	struct doc doc = {.language = "sv", .blocks = &block, .n_blocks = 1};
	assert_null(doc_to_stored(large, &doc));
	arena_free(&large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_block_becomes_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sections_partials_and_lists, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_blank_is_left_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			data_never_makes_a_block_or_a_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_language_falls_back_to_the_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			underscore_and_hyphen_are_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			broken_files_are_told_with_their_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(faults_between_files_are_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			faults_of_a_part_are_told_of_the_part, set_up, tear_down),
		cmocka_unit_test_setup_teardown(words_and_help_are_lists, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_large_a_mail_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(html_is_escaped_and_plain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(mailto_is_encoded_by_rfc_6068, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stored_and_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_stored_is_a_line_each, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_large_to_be_stored_is_told, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
