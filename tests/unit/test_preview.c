/* Every template, in every language, with every sample: it can be filled, says the same as text and
 * HTML, keeps the words promised to users, and becomes a mail that passes the lint.
 * LOTS_PREVIEW=DIR also writes each mail there as .html and .txt, to be looked at. */
#include "tests/unit/cmocka_test.h"

#include "core/preview.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/command.h"
#include "core/feedback.h"
#include "core/template_parts.h"
#include "handlers/table.h"
#include "mail/compose.h"

#include <dirent.h>

static const char *const languages[] = {"sv", "en"};
static const char reply_address[] = "support+abc0123456789@lots.example";
static struct arena *arena;
static struct templates *t;
static json_t *samples;

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return NULL;
	char *text = arena_alloc(arena, MAX_TEMPLATE_BYTES + 1);
	text[fread(text, 1, MAX_TEMPLATE_BYTES, f)] = '\0';
	fclose(f);
	return text;
}

static void load_language(const char *language)
{
	const char *dir = arena_printf(arena, "templates/%s", language);
	DIR *d = opendir(dir);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));) {
		size_t n = strlen(e->d_name);
		int line;
		const char *error;
		if (n < 5 || strcmp(e->d_name + n - 4, ".txt") != 0)
			continue;
		const char *content = read_file(arena_printf(arena, "%s/%s", dir, e->d_name));
		const char *id = arena_strndup(arena, e->d_name, n - 4);
		if (templates_add(t, language, id, content, &line, &error) != 0)
			fail_msg("%s/%s:%d: %s", dir, e->d_name, line, error);
	}
	closedir(d);
}

static int set_up(void **state)
{
	(void)state;
	int line;
	const char *error;
	arena = arena_new(MAX_ARENA_BYTES);
	t = templates_new();
	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		load_language(languages[i]);
	if (templates_add_names(t, read_file("templates/names.txt"), &line, &error) != 0)
		fail_msg("templates/names.txt:%d: %s", line, error);
	samples = json_load_file("templates/samples.json", JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(samples);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	json_decref(samples);
	templates_free(&t);
	arena_free(&arena);
	return 0;
}

TEST(no_fault_between_the_files)
{
	const struct templates_fault *f;
	size_t n = templates_check(t, arena, &f);
	for (size_t i = 0; i < n; i++)
		print_error("templates/%s:%d: %s\n", f[i].file, f[i].line, f[i].error);
	assert_int_equal(n, 0);
}

TEST(both_languages_use_the_same_names)
{
	const char **ids, **sv, **en;
	size_t n = templates_ids(t, arena, &ids), n_sv, n_en;
	assert_true(n > 50);
	for (size_t i = 0; i < n; i++) {
		assert_true(templates_names(t, arena, "sv", ids[i], &sv, &n_sv));
		assert_true(templates_names(t, arena, "en", ids[i], &en, &n_en));
		for (size_t k = 0; k < n_sv; k++) {
			size_t m = 0;
			while (m < n_en && strcmp(sv[k], en[m]) != 0)
				m++;
			if (m == n_en)
				fail_msg("%s: \"%s\" is used in sv only", ids[i], sv[k]);
		}
		assert_int_equal(n_sv, n_en);
	}
}

struct one {
	const char *language, *id, *where, *subject, *text, *html;
	struct doc *doc;
};

/* Letters and digits of a text, single blanks between; tags are skipped when it is HTML. */
static const char *words_of(const char *s, bool html)
{
	struct buf out;
	bool blank = false;
	buf_init(&out, MAX_TEMPLATE_OUTPUT);
	const char *body = html ? strstr(s, "<main>") : NULL;
	for (s = body ? body : s; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (html && c == '<') {
			s = strchr(s, '>');
			c = ' ';
		} else if (html && c == '&') {
			s = strchr(s, ';');
			c = ' ';
		}
		bool word = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			    (c >= 'A' && c <= 'Z');
		if (word && blank && out.len > 0)
			buf_addch(&out, ' ');
		blank = !word;
		if (word)
			buf_addch(&out, (char)c);
	}
	return buf_take(&out, arena);
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;
	for (const char *p = text; (p = strstr(p, word)); p += strlen(word))
		n++;
	return n;
}

/* All faults are told in one run. */
static size_t faults;
#define WRONG(...) (faults++, print_error(__VA_ARGS__), print_error("\n"))

static void check_same_words(const struct one *m)
{
	const char *text = words_of(doc_to_text(arena, m->doc, ""), false);
	const char *html = words_of(doc_to_html(arena, m->doc, m->subject, ""), true);
	if (strcmp(text, html) != 0)
		WRONG("%s: text and HTML differ:\n%s\n%s", m->where, text, html);
	for (size_t i = 0; i < m->doc->n_blocks; i++) {
		const struct block *b = &m->doc->blocks[i];
		if (b->type != BLOCK_BUTTON)
			continue;
		if (!strstr(m->text, b->hint))
			WRONG("%s: no \"%s\" in the text", m->where, b->hint);
		const char *first = arena_strndup(arena, b->reply, strcspn(b->reply, " :"));
		if (!strstr(m->text, first) && strlen(b->reply) < 20)
			WRONG("%s: the text does not say %s", m->where, first);
		if (strstr(m->subject, "[Support 1042]") && !strstr(b->subject, "[Support 1042]"))
			WRONG("%s: a ready reply without the number", m->where);
	}
}

static const char *const banned[] = {"bot", "botten", "länk", "länken", "led", "klicka", "click",
	"link", "ticket", "token", "eskalera", "eskalerat", "system error", "null"};

static void check_words(const struct one *m)
{
	const char *lower = text_lower(arena, m->text);
	const char *own = strcmp(m->language, "sv") == 0 ? "supportärende" : "support case";
	size_t n = count(lower, own);
	if (n != 1)
		WRONG("%s: \"%s\" stands %zu times:\n%s", m->where, own, n, m->text);
	const char *folded = text_fold(arena, words_of(m->text, false));
	for (size_t i = 0; i < ARRAY_LEN(banned); i++)
		if (text_has_word(folded, text_fold(arena, banned[i])))
			WRONG("%s: the word \"%s\":\n%s", m->where, banned[i], m->text);
	static const char *const marks[] = {
		"{{", "}}", "  ", " .", " ,", "..", "\n\n\n", " :", "()", "| ", "# \n"};
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (strstr(m->text, marks[i]) || strstr(m->subject, marks[i]))
			WRONG("%s: \"%s\" in:\n%s\n%s", m->where, marks[i], m->subject, m->text);
	if (strncmp(m->doc->language, m->language, 3) != 0)
		WRONG("%s: filled in %s", m->where, m->doc->language);
	if (m->doc->n_blocks < 2 || m->doc->blocks[0].type != BLOCK_HEADING)
		WRONG("%s: a mail begins with its heading and says more", m->where);
}

static void check_mail(const struct one *m)
{
	struct compose c = {.from = {"Support", "support@lots.example"},
		.to = {"", "eva@kalix.example"},
		.reply_to = reply_address,
		.subject = m->subject,
		.message_id = "1@lots.example",
		.language = m->language,
		.text = m->text,
		.html = m->html};
	struct buf out;
	const char *error;
	buf_init(&out, MAX_MAIL_BYTES);
	assert_int_equal(compose_mail(arena, &c, &out, &error), 0);
	const char *fault = compose_lint((struct bytes){(const unsigned char *)out.data, out.len});
	if (fault)
		WRONG("%s: %s", m->where, fault);
	buf_release(&out);
}

/* A ready reply, or a #word that the text tells of, is one that the program understands. */
static void check_reply(const struct one *m, const char *reply)
{
	struct sheet sheet;
	command_read(arena, handler_table, reply, &sheet);
	const struct sheet_part *part = &sheet.parts[0];
	bool known = part->fault == SHEET_OK &&
		     (part->n > 0 || sheet.reply != REPLY_NONE || sheet.reply_choice > 0);
	if (!known && feedback_read(arena, reply) == FEEDBACK_OTHER)
		WRONG("%s: nobody understands the reply \"%s\"", m->where, reply);
}

static void check_replies(const struct one *m)
{
	for (size_t i = 0; i < m->doc->n_blocks; i++) {
		const struct block *b = &m->doc->blocks[i];
		if (b->type == BLOCK_BUTTON && strlen(b->reply) < 20)
			check_reply(m, b->reply);
	}
	for (const char *p = m->text; (p = strchr(p, '#')); p++) {
		size_t n = strcspn(p, " .,\n\"");
		const char *word = arena_strndup(arena, p, n);
		/* "#lyftt" is the sample of a word nobody understands. */
		if (!strstr(m->id, "receipt") && n > 1)
			check_reply(m, strstr(p, "#tillbaka i tjänst") == p ? "#tillbaka i tjänst"
				       : strstr(p, "#back on duty") == p    ? "#back on duty"
									    : word);
	}
}

static void write_out(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void check_one(const char *language, const char *id, size_t k)
{
	struct one m = {.language = language, .id = id};
	json_t *view = preview_view(t, samples, language, id, k, NULL);
	m.where = arena_printf(arena, "%s/%s %zu", language, id, k);
	const char *missing = templates_missing(t, arena, id, view);
	if (*missing)
		WRONG("%s: the sample lacks %s", m.where, missing);
	if (templates_fill(t, arena, language, id, view, &m.subject, &m.doc) != 0)
		fail_msg("%s: cannot be filled", m.where);
	json_decref(view);
	m.text = doc_to_text(arena, m.doc, reply_address);
	m.html = doc_to_html(arena, m.doc, m.subject, reply_address);
	check_same_words(&m);
	check_words(&m);
	check_replies(&m);
	check_mail(&m);
	const char *dir = getenv("LOTS_PREVIEW");
	if (dir) {
		const char *base = arena_printf(arena, "%s/%s-%s-%zu", dir, language, id, k);
		write_out(arena_printf(arena, "%s.html", base), m.html);
		write_out(arena_printf(arena, "%s.txt", base),
			arena_printf(arena, "%s\n\n%s", m.subject, m.text));
	}
}

TEST(every_mail_is_right)
{
	faults = 0;
	const char **ids;
	size_t n = templates_ids(t, arena, &ids);
	for (size_t l = 0; l < ARRAY_LEN(languages); l++)
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < preview_count(samples, ids[i]); k++)
				check_one(languages[l], ids[i], k);
	assert_int_equal(faults, 0);
}

/* RELIABILITY row 15: what we answer strangers holds nothing that they wrote. */
TEST(answers_to_strangers_echo_nothing)
{
	static const char *const ids[] = {"private-address", "unknown-domain"};
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		const char **names;
		size_t n;
		assert_true(templates_names(t, arena, "sv", ids[i], &names, &n));
		assert_int_equal(n, 0);
	}
}

/* Without its {{tags}}. */
static const char *untagged(const char *s)
{
	struct buf out;
	buf_init(&out, MAX_TEMPLATE_BYTES);
	while (*s) {
		const char *tag = strncmp(s, "{{", 2) == 0 ? strstr(s, "}}") : NULL;
		if (!tag)
			buf_addch(&out, *s);
		s = tag ? tag + 2 : s + 1;
	}
	return buf_take(&out, arena);
}

/* Sentences that come into mails as values: the mail itself says what it is about. */
TEST(single_words_keep_the_rules_too)
{
	faults = 0;
	for (size_t i = 0; i < t->n_words; i++) {
		const char *folded = text_fold(arena, words_of(untagged(t->words[i].text), false));
		if (strstr(folded, "supportarende") || strstr(folded, "support case"))
			WRONG("%s: says what the mail says already", t->words[i].key);
		for (size_t k = 0; k < ARRAY_LEN(banned); k++)
			if (text_has_word(folded, text_fold(arena, banned[k])))
				WRONG("%s: the word \"%s\"", t->words[i].key, banned[k]);
	}
	assert_int_equal(faults, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_fault_between_the_files),
		cmocka_unit_test(both_languages_use_the_same_names),
		cmocka_unit_test(every_mail_is_right),
		cmocka_unit_test(answers_to_strangers_echo_nothing),
		cmocka_unit_test(single_words_keep_the_rules_too),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
