/* Text: UTF-8 attacks, cleaning, folding, words, lines and strict numbers. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/text.h"
#include "tests/unit/cmocka_test.h"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(16 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

TEST(utf8_attacks_are_refused)
{
	static const char *const bad[] = {
		"\x80",
		"\xBF",
		"\xC0\x80",
		"\xC1\xBF", /* lone, overlong NUL and DEL */
		"\xE0\x80\x80",
		"\xE0\x9F\xBF",
		"\xF0\x80\x80\xAF", /* overlong */
		"\xED\xA0\x80",
		"\xED\xBF\xBF", /* surrogates */
		"\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80",
		"\xFE",
		"\xFF", /* above the end */
		"\xC3",
		"\xE2\x82",
		"\xF0\x9F\x98", /* cut */
		"\xC3(",
		"\xE2(\x82",
		"a\xE5"
		"b", /* Latin-1 */
		"\xF8\x88\x80\x80\x80",
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(utf8_valid(bad[i], strlen(bad[i])));
	assert_true(utf8_valid("", 0));
	assert_true(utf8_valid("a\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80", 14));
	assert_true(utf8_valid("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 8));
	uint32_t c;
	assert_int_equal(utf8_next("", 0, &c), 0);
	assert_int_equal(utf8_next("\xE2\x82\xAC", 2, &c), 0); /* does not read beyond n */
}

TEST(every_character_goes_round)
{
	for (uint32_t code = 0; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 37) {
		if (code >= 0xD800 && code <= 0xDFFF)
			continue;
		char s[4];
		uint32_t back;
		size_t n = utf8_put(s, code);
		assert_int_equal(utf8_next(s, n, &back), n);
		assert_int_equal(back, code);
	}
}

static void expect_clean(const char *s, size_t n, const char *text, const char *line)
{
	assert_string_equal(utf8_clean(arena, s, n), text);
	assert_string_equal(utf8_clean_line(arena, s, n), line);
	char out[64];
	assert_int_equal(utf8_clean_line_to(out, sizeof(out), s, n), strlen(line));
	assert_string_equal(out, line);
}

TEST(cleaning)
{
	expect_clean("a\r\nb\rc\nd", 9, "a\nb\nc\nd", "a b c d");
	expect_clean("a\0b\x1B[31m\x7F\x08", 9, "ab[31m", "ab[31m");
	expect_clean("\xC2\x85\xC2\x9B!", 5, "!", "!");
	expect_clean("a\xE5\xE4", 3, "a\xEF\xBF\xBD\xEF\xBF\xBD", "a\xEF\xBF\xBD\xEF\xBF\xBD");
	expect_clean("x\ty", 3, "x\ty", "x y");
	/* Right-to-left override, zero width space, soft hyphen, byte order mark. */
	expect_clean("a\xE2\x80\xAE"
		     "b\xE2\x80\x8B"
		     "c\xC2\xAD"
		     "d\xEF\xBB\xBF",
		15,
		"a\xE2\x80\xAE"
		"b\xE2\x80\x8B"
		"c\xC2\xAD"
		"d\xEF\xBB\xBF",
		"abcd");
	expect_clean("a\xE2\x80\xA8"
		     "b",
		5,
		"a\xE2\x80\xA8"
		"b",
		"a b");
	expect_clean("", 0, "", "");
}

TEST(cleaning_into_a_small_room)
{
	char out[8];
	assert_int_equal(utf8_clean_line_to(out, sizeof(out), "1234567", 7), 7);
	assert_string_equal(out, "1234567");
	assert_int_equal(utf8_clean_line_to(out, sizeof(out), "12345678", 8), 7);
	assert_string_equal(out, "1234\xE2\x80\xA6");
	utf8_clean_line_to(out, sizeof(out), "\xC3\xA5\xC3\xA4\xC3\xB6\xC3\xA5", 8);
	assert_string_equal(out, "\xC3\xA5\xC3\xA4\xE2\x80\xA6");
	assert_int_equal(utf8_clean_line_to(out, 4, "abcd", 4), 3);
	assert_string_equal(out, "\xE2\x80\xA6");
}

TEST(shortening_keeps_characters_whole)
{
	assert_string_equal(utf8_shorten(arena, "abc", 3), "abc");
	assert_string_equal(utf8_shorten(arena, "abcdef", 5), "ab\xE2\x80\xA6");
	assert_string_equal(
		utf8_shorten(arena, "\xC3\xA5\xC3\xA4\xC3\xB6", 6), "\xC3\xA5\xC3\xA4\xC3\xB6");
	assert_string_equal(
		utf8_shorten(arena, "\xC3\xA5\xC3\xA4\xC3\xB6\xC3\xB6", 6), "\xC3\xA5\xE2\x80\xA6");
	assert_string_equal(utf8_shorten(arena, "abcdef", 2), "ab");
	assert_string_equal(utf8_shorten(arena, "abcdef", 0), "");
	assert_int_equal(utf8_columns("\xC3\xA5\xC3\xA4\xC3\xB6 a\xCC\x8A"), 5);
}

TEST(folding)
{
	assert_string_equal(
		text_fold(arena,
			"  \xC3\x85ke \xC3\x84\xC3\x96 \xC3\xA9\xC3\x9C\xC3\xA6\xC3\x9F\xC3\xB8 "),
		"ake ao euasso");
	assert_string_equal(text_fold(arena, "A\xCC\x8A"
					     "o\xCC\x88"),
		"ao"); /* decomposed */
	assert_string_equal(text_fold(arena, "a\t\r\n b\xC2\xA0\xE2\x80\x83"
					     "c"),
		"a b c");
	assert_string_equal(text_fold(arena, "Be\xC2\xADhov"), "behov");
	assert_string_equal(text_fold(arena, "\xC5\xBD\xC5\x82\xC4\xB0"), "zli");
	assert_string_equal(text_fold(arena, "3\xC3\x97"
					     "4\xC3\xB7"),
		"3\xC3\x97"
		"4\xC3\xB7");
	assert_string_equal(text_fold(arena, " \t"), "");
	assert_string_equal(text_fold(arena, "\xD0\x96"), "\xD0\x96");
	assert_string_equal(
		text_lower(arena, "\xC3\x85\xC3\x84\xC3\x96 ABC \xC5\xB8\xC5\xB9\xC4\x80"),
		"\xC3\xA5\xC3\xA4\xC3\xB6 abc \xC3\xBF\xC5\xBA\xC4\x81");
}

TEST(trimming_and_blank)
{
	assert_string_equal(text_trim(arena, " \xC2\xA0\t a b \n\xC2\xA0"), "a b");
	assert_string_equal(text_trim(arena, ""), "");
	assert_string_equal(text_trim(arena, " \xC2\xA0"), "");
	assert_true(text_is_blank(" \t\n\xC2\xA0\xE2\x80\x83"));
	assert_true(text_is_blank(""));
	assert_false(text_is_blank(" ."));
}

TEST(whole_words)
{
	assert_true(text_has_word("jag kan inte logga in", "logga in"));
	assert_true(text_has_word("avgift", "avgift"));
	assert_true(text_has_word("(avgift)", "avgift"));
	assert_true(text_has_word("x avgifter avgift", "avgift"));
	assert_false(text_has_word("avgifter", "avgift"));
	assert_false(text_has_word("vardavgift", "avgift"));
	assert_false(text_has_word("avgift2", "avgift"));
	assert_false(text_has_word("\xD0\xB6"
				   "avgift",
		"avgift"));
	assert_false(text_has_word("avgift\xD0\xB6", "avgift"));
	assert_true(text_has_word("\xE2\x80\x9C"
				  "avgift\xE2\x80\x9D",
		"avgift"));
	assert_false(text_has_word("x", ""));
	assert_false(text_has_word("", "x"));
}

TEST(lines)
{
	const char *cursor = "a\n\nbc", *line;
	size_t n;
	assert_true(text_next_line(&cursor, &line, &n));
	assert_int_equal(n, 1);
	assert_true(text_next_line(&cursor, &line, &n));
	assert_int_equal(n, 0);
	assert_true(text_next_line(&cursor, &line, &n));
	assert_int_equal(n, 2);
	assert_memory_equal(line, "bc", 2);
	assert_false(text_next_line(&cursor, &line, &n));
	cursor = "x\n";
	assert_true(text_next_line(&cursor, &line, &n));
	assert_false(text_next_line(&cursor, &line, &n));
}

TEST(ascii_without_case)
{
	assert_true(ascii_equal_nocase("Re", "rE"));
	assert_false(ascii_equal_nocase("Re", "Re:"));
	assert_false(ascii_equal_nocase("Re:", "Re"));
	assert_false(ascii_equal_nocase("\xC3\x85", "\xC3\xA5"));
	assert_true(ascii_starts_nocase("Subject: x", "subject:"));
	assert_false(ascii_starts_nocase("Sub", "subject:"));
	assert_string_equal(ascii_lower(arena, "\xC3\x85 A@B"), "\xC3\x85 a@b");
}

TEST(strict_numbers)
{
	int64_t v;
	assert_true(text_to_i64("9223372036854775807", 0, INT64_MAX, &v));
	assert_int_equal(v, INT64_MAX);
	assert_true(text_to_i64("-7", -10, 10, &v));
	assert_int_equal(v, -7);
	static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "0x1", "1.0", "1e3", "--1",
		"9223372036854775808", "99999999999999999999999", "11", "-11", "\xD9\xA1"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(text_to_i64(bad[i], -10, 10, &v));
	assert_false(text_to_i64("-1", 0, 10, &v));
	assert_true(text_to_duration("4h", 0, INT64_MAX, &v));
	assert_int_equal(v, 14400000);
	assert_true(text_to_duration("500ms", 0, INT64_MAX, &v));
	assert_int_equal(v, 500);
	assert_true(text_to_duration("2w", 0, INT64_MAX, &v));
	assert_int_equal(v, 1209600000);
	assert_true(text_to_duration("3d", 0, INT64_MAX, &v));
	assert_int_equal(v, 259200000);
	static const char *const not_durations[] = {
		"4", "h", "", "4 h", "4H", "4min", "-4h", "4hh", "999999999999999999w", "1.5h"};
	for (size_t i = 0; i < ARRAY_LEN(not_durations); i++)
		assert_false(text_to_duration(not_durations[i], 0, INT64_MAX, &v));
	assert_false(text_to_duration("61s", 0, 60000, &v));
	assert_true(text_to_size("35M", 0, INT64_MAX, &v));
	assert_int_equal(v, 35 << 20);
	assert_true(text_to_size("100", 0, INT64_MAX, &v));
	assert_int_equal(v, 100);
	assert_false(text_to_size("35m", 0, INT64_MAX, &v));
	assert_false(text_to_size("35MB", 0, INT64_MAX, &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_attacks_are_refused),
		cmocka_unit_test(every_character_goes_round),
		cmocka_unit_test(cleaning),
		cmocka_unit_test(cleaning_into_a_small_room),
		cmocka_unit_test(shortening_keeps_characters_whole),
		cmocka_unit_test(folding),
		cmocka_unit_test(trimming_and_blank),
		cmocka_unit_test(whole_words),
		cmocka_unit_test(lines),
		cmocka_unit_test(ascii_without_case),
		cmocka_unit_test(strict_numbers),
	};
	return cmocka_run_group_tests_name("text", tests, set_up, tear_down);
}
