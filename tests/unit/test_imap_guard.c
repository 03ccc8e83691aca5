/* What the guard lets through to the IMAP library, and that it does not matter how bytes are cut up. */
#include "base/prelude.h"

#include "cmocka_test.h"
#include "workers/imap_guard.h"

/* Fed whole, and byte by byte: the same answer. */
static const char *feed(const char *p, size_t n, uint64_t max_literal)
{
	struct imap_guard whole, bits;
	imap_guard_init(&whole, max_literal);
	imap_guard_init(&bits, max_literal);
	const char *answer = imap_guard_feed(&whole, p, n), *piece = NULL;
	for (size_t i = 0; i < n && !piece; i++)
		piece = imap_guard_feed(&bits, p + i, 1);
	if (answer && piece)
		assert_string_equal(answer, piece);
	else
		assert_ptr_equal(answer, piece);
	return answer;
}

static const char *feed_text(const char *text)
{
	return feed(text, strlen(text), 100);
}

static void ordinary(void **state)
{
	(void)state;
	assert_null(feed_text("* OK [CAPABILITY IMAP4rev1 (x) IDLE] ready\r\n1 OK done\r\n"));
	assert_null(feed_text("* 3 EXISTS\r\n* FLAGS (\\Seen \\Deleted)\r\n"));
	assert_null(feed_text("* SEARCH 1 2 4294967295\r\n1 OK done\r\n"));
	assert_null(feed_text("* 1 FETCH (UID 7 FLAGS (\\Seen) RFC822.SIZE 4294967295)\r\n"));
	assert_null(feed_text("* OK [HIGHESTMODSEQ 9223372036854775807] h\r\n"));
	assert_null(feed_text("1 OK Logged in as 4670123456789\r\n"));
	assert_null(feed_text("* 1 FETCH (UID 7 BODY[] {5}\r\nabcde)\r\n* 2 EXISTS\r\n"));
}

/* Inside a literal everything is allowed, also what looks like trouble. */
static void literals(void **state)
{
	(void)state;
	assert_null(feed_text("* 1 FETCH (UID 7 BODY[] {40}\r\n"
			      "((((((((((((((((((((((((((((((((((((((((" /* 40 */
			      ")\r\n1 OK\r\n"));
	assert_null(feed_text("* 1 FETCH (BODY[] {20}\r\n{999999999999999999}"
			      ")\r\n"));
	assert_null(feed_text("* 1 FETCH (BODY[] {0}\r\n)\r\n"));
	assert_null(feed_text("* OK a {brace} in {12} a text\r\n"));
	assert_non_null(feed_text("* 1 FETCH (BODY[] {101}\r\n"));
	assert_non_null(feed_text("* 1 FETCH (BODY[] {4294967290}\r\n"));
	assert_non_null(feed_text("* OK {4294967296}\r\n"));
	assert_non_null(feed_text("* OK {18446744073709551616}\r\n"));
	assert_non_null(feed_text("* OK {99999999999999999999999999999999999}\r\n"));
	/* A bare LF ends a line too: better counted than missed. */
	assert_non_null(feed_text("* 1 FETCH (BODY[] {101}\n"));
}

static void lists(void **state)
{
	char many[200] = "* 1 FETCH ";
	(void)state;
	memset(many + 10, '(', IMAP_MAX_LISTS);
	assert_null(feed(many, 10 + IMAP_MAX_LISTS, 100));
	memset(many + 10, '(', IMAP_MAX_LISTS + 1);
	assert_non_null(feed(many, 11 + IMAP_MAX_LISTS, 100));
	/* A literal in between does not begin a new response; a line end does. */
	assert_non_null(feed_text("* 1 FETCH ((((((((((((((((((((((((((((((( {1}\r\nx(((((((\r\n"));
	assert_null(feed_text("* OK (((((((((((((((((((((((\r\n* OK (((((((((((((((((((((((\r\n"));
	/* Quotes hide nothing. */
	assert_non_null(feed_text("* 1 FETCH (\"((((((((((((((((((((((((((((((((((\"\r\n"));
}

static void numbers(void **state)
{
	(void)state;
	assert_non_null(feed_text("* 1 FETCH (UID 4294967296 FLAGS ())\r\n"));
	assert_non_null(feed_text("* 4294967297 EXISTS\r\n"));
	assert_non_null(feed_text("* SEARCH 3 18446744073709551617\r\n"));
	assert_non_null(feed_text("* search 99999999999\r\n"));
}

static void long_line(void **state)
{
	struct imap_guard g;
	char part[4096];
	const char *fault = NULL;
	size_t fed = 0;
	(void)state;
	memset(part, 'a', sizeof(part));
	imap_guard_init(&g, 100);
	while (!fault && fed < 2 * (size_t)IMAP_MAX_LINE) {
		fault = imap_guard_feed(&g, part, sizeof(part));
		fed += sizeof(part);
	}
	assert_non_null(fault);
	assert_true(fed <= IMAP_MAX_LINE + sizeof(part));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary),
		cmocka_unit_test(literals),
		cmocka_unit_test(lists),
		cmocka_unit_test(numbers),
		cmocka_unit_test(long_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
