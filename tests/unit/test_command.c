/* The grammar of a reply, with the real table of handlers. */
#include "cmocka_test.h"

#include "base/arena.h"
#include "core/command.h"
#include "handlers/table.h"

static struct arena *arena;
static struct sheet sheet;

static const struct sheet_part *read_text(const char *text)
{
	command_read(arena, handler_table, text, &sheet);
	return &sheet.parts[0];
}

static const char *first(const char *text)
{
	const struct sheet_part *p = read_text(text);

	return p->n && p->fault == SHEET_OK ? p->commands[0].handler->id : "";
}

TEST(every_word)
{
	for (const struct handler *const *h = handler_table; *h; h++) {
		const char *const *lists[] = {(*h)->words_sv, (*h)->words_en};

		for (size_t l = 0; (*h)->sort == HANDLER_COMMAND && l < 2; l++) {
			for (const char *const *w = lists[l]; *w; w++) {
				char *line = arena_printf(arena, "#%s", *w);

				if (strcmp(first(line), (*h)->id) != 0)
					fail_msg("%s is read as '%s'", line, first(line));
			}
		}
	}
}

TEST(forms)
{
	static const char *const forms[] = {"#löst", "# löst", "#LÖST", "#lost", "#Löst.",
		"  #löst", "\n\n#löst", "#löst!", "\xEF\xBC\x83löst", "#lo\xCC\x88st", "#löst: så",
		"#löst\xC2\xA0så", "*#löst*", "_#löst_"};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		assert_string_equal(first(forms[i]), "solve");
	assert_string_equal(first("#löstt"), "");
	assert_string_equal(first("löst"), "");
	assert_string_equal(first("Jag har löst det"), "");
}

TEST(text_and_argument)
{
	const struct sheet_part *p = read_text("#löst Starta om.\nDen står till höger.");

	assert_string_equal(p->commands[0].text, "Starta om.\nDen står till höger.");
	assert_string_equal(p->commands[0].argument, "");
	p = read_text("#vänta till fredag.\nVäntar på rättelse.");
	assert_string_equal(p->commands[0].handler->id, "wait");
	assert_string_equal(p->commands[0].argument, "till fredag");
	assert_string_equal(p->commands[0].text, "Väntar på rättelse.");
	p = read_text("#prio 2\n#kategori x\n#löst Klart nu");
	assert_int_equal(p->n, 3);
	assert_string_equal(p->commands[2].text, "Klart nu");
	assert_string_equal(p->commands[1].text, "");
}

TEST(longest_wins)
{
	assert_string_equal(first("#tillbaka i tjänst"), "present");
	assert_string_equal(first("#tillbaka"), "back");
	assert_string_equal(first("#till anna@kalix.example"), "assign");
	assert_string_equal(first("#skicka vidare"), "escalate");
	assert_string_equal(first("#skicka tillbaka"), "back");
	assert_string_equal(first("#skicka"), "send");
	assert_string_equal(first("#slå ihop 1001"), "merge");
	assert_string_equal(read_text("#slå ihop 1001")->commands[0].argument, "1001");
}

TEST(bare_words)
{
	static const struct {
		const char *text, *id;
	} rows[] = {{"TA", "take"}, {"ta.", "take"}, {"Lyft!", "escalate"}, {"SLÄPP", "release"},
		{"slapp", "release"}, {"TA\nJag ringer.", "take"}, {"\"TA\"", "take"},
		{"- TA", "take"}, {"*TA*", "take"}, {"\xE2\x80\x9DLYFT\xE2\x80\x9D", "escalate"},
		{"Svara TA", "take"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_string_equal(first(rows[i].text), rows[i].id);
		assert_true(sheet.bare);
	}
	assert_string_equal(first("Ta bort den"), "");
	assert_string_equal(first("Hej\nTA"), "");
	read_text("JA");
	assert_int_equal(sheet.reply, REPLY_YES);
	read_text("nej!\ninte än");
	assert_int_equal(sheet.reply, REPLY_NO);
	assert_string_equal(sheet.parts[0].text, "inte än");
	read_text("SKICKA");
	assert_int_equal(sheet.reply, REPLY_SEND);
	read_text("2");
	assert_int_equal(sheet.reply_choice, 2);
	read_text("Skicka den till mig");
	assert_int_equal(sheet.reply, REPLY_NONE);
}

static enum sheet_fault fault(const char *text)
{
	return read_text(text)->fault;
}

TEST(near_misses)
{
	assert_int_equal(fault("Hej\n#löst"), SHEET_LATE);
	assert_int_equal(fault("Gör så här (#löst) tror jag"), SHEET_LATE);
	assert_int_equal(fault("#ta\ntext\n#stäng"), SHEET_LATE);
	assert_int_equal(fault("- #löst"), SHEET_LATE); /* of a list, or others' words */
	assert_int_equal(fault("* #löst"), SHEET_LATE);
	assert_int_equal(fault("\"#löst\""), SHEET_LATE);
	assert_int_equal(fault("#blurb"), SHEET_UNKNOWN);
	assert_int_equal(fault("#ta\n#blurb"), SHEET_UNKNOWN);
	assert_int_equal(fault("#löst\n#fråga\nx"), SHEET_CONFLICT);
	assert_int_equal(fault("Svaret.\n> #stäng"), SHEET_OK);
	assert_int_equal(fault("Skriv nummer #3 i listan"), SHEET_OK);
	assert_int_equal(fault("# 1. Öppna"), SHEET_OK);
	assert_int_equal(fault("Mejla a#ta@x.example"), SHEET_OK);
	assert_non_null(command_in_subject(arena, handler_table, "SV: [Support 1001] #stäng"));
	assert_null(command_in_subject(arena, handler_table, "SV: [Support 1001] Nr #5"));
}

TEST(unsigned_words)
{
	static const char *const near[] = {"Stäng", "LFYT", "Släp", "Eskalera till FL", "Hjälp!",
		"Skicka vidare", "lyft till specialist", "Stäng ärendet", "LYFTT", "Status",
		"Återöppna ärendet"},
				 *const answers[] = {"Stäng programmet och öppna igen",
					 "Fråga din chef", "Klar nu", "Fixat",
					 "Till vänster i menyn", "Leverantören är informerad",
					 "Tillbaka till menyn", "Lyft\nLuren och ring mig", "Löst"};

	for (size_t i = 0; i < ARRAY_LEN(near); i++) {
		if (fault(near[i]) != SHEET_UNSIGNED)
			fail_msg("an answer: %s", near[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		if (fault(answers[i]) == SHEET_UNSIGNED)
			fail_msg("no answer: %s", answers[i]);
	}
	assert_string_equal(first("Ta ärendet"), "take");
	assert_string_equal(first("Lyft den!"), "escalate");
	assert_string_equal(first("Ta ärende 1042"), "take");
	assert_int_equal(sheet.parts[0].number, 1042);
	assert_int_equal(fault("#ta #prio hög"), SHEET_LATE);
	assert_int_equal(fault("#löst Skriv #hjälp"), SHEET_LATE);
}

TEST(many)
{
	char text[2000] = "";

	for (int i = 0; i < MAX_COMMANDS + 1; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "#ta\n");
	assert_int_equal(fault(text), SHEET_TOO_MANY);
}

TEST(lists)
{
	read_text("1042 löst Starta om\nsedan klart\n1043 till hsl\n#1044: ta\n1045 marsipan");
	assert_int_equal(sheet.n_parts, 4);
	assert_int_equal(sheet.parts[0].number, 1042);
	assert_string_equal(sheet.parts[0].commands[0].text, "Starta om\nsedan klart");
	assert_string_equal(sheet.parts[1].commands[0].handler->id, "assign");
	assert_string_equal(sheet.parts[1].commands[0].argument, "hsl");
	assert_int_equal(sheet.parts[2].number, 1044);
	assert_int_equal(sheet.parts[3].fault, SHEET_UNKNOWN);
	read_text("1042 kronor kostar det");
	assert_int_equal(sheet.parts[0].number, 0);
	assert_int_equal(sheet.n_parts, 1);
}

static int start(void **state)
{
	(void)state;
	arena = arena_new(1 << 26);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_word), cmocka_unit_test(forms),
		cmocka_unit_test(text_and_argument), cmocka_unit_test(longest_wins),
		cmocka_unit_test(bare_words), cmocka_unit_test(near_misses),
		cmocka_unit_test(unsigned_words), cmocka_unit_test(many), cmocka_unit_test(lists)};

	return cmocka_run_group_tests(tests, start, stop);
}
