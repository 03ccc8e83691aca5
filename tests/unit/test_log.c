/* Log: one printable line, whatever is put into it. */
#include "base/prelude.h"

#include "base/log.h"
#include "tests/unit/cmocka_test.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

static char got[8192];

/* What log_line writes while stderr is a pipe. */
#define CAPTURE(call)                                                                              \
	do {                                                                                       \
		int p[2], kept = dup(STDERR_FILENO);                                               \
		assert_int_equal(pipe(p), 0);                                                      \
		dup2(p[1], STDERR_FILENO);                                                         \
		close(p[1]);                                                                       \
		call;                                                                              \
		dup2(kept, STDERR_FILENO);                                                         \
		close(kept);                                                                       \
		ssize_t n = read(p[0], got, sizeof(got) - 1);                                      \
		got[n < 0 ? 0 : n] = '\0';                                                         \
		close(p[0]);                                                                       \
	} while (0)

TEST(one_line_with_level_and_role)
{
	log_set_role("reader", "support");
	CAPTURE(log_warn("source_down", "errno=%d", 5));
	assert_string_equal(got, "level=warn role=reader name=support event=source_down errno=5\n");
	log_set_role("desk", NULL);
	CAPTURE(log_info("ready", "%s", ""));
	assert_string_equal(got, "level=info role=desk event=ready\n");
	log_set_level(LOG_LEVEL_WARN);
	CAPTURE(log_info("x", "a=%d", 1); log_error("y", "a=%d", 1));
	assert_string_equal(got, "level=error role=desk event=y a=1\n");
	log_set_level(LOG_LEVEL_INFO);
}

static void as_journal(const char *inode_plus)
{
	struct stat st;
	char stream[80];
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju%s", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino,
		inode_plus);
	setenv("JOURNAL_STREAM", stream, 1);
	log_set_role("desk", NULL);
	log_warn("x", "a=%d", 1);
}

TEST(the_level_is_a_prefix_only_for_the_journal)
{
	CAPTURE(as_journal(""));
	assert_string_equal(got, "<4>role=desk event=x a=1\n");
	CAPTURE(as_journal("0")); /* a shell's: passed on, but stderr leads elsewhere */
	assert_string_equal(got, "level=warn role=desk event=x a=1\n");
	unsetenv("JOURNAL_STREAM");
	log_set_role("desk", NULL);
}

TEST(always_printable_and_bounded)
{
	CAPTURE(log_info("x", "a=%s", "1\nevent=forged\x1b[2J\xff"));
	assert_string_equal(got, "level=info role=desk event=x a=1 event=forged[2J\xEF\xBF\xBD\n");
	char big[6000];
	memset(big, 'b', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	CAPTURE(log_info("x", "a=%s", big));
	assert_true(strlen(got) < 2100);
	assert_int_equal(got[strlen(got) - 1], '\n');
	assert_ptr_equal(strchr(got, '\n'), got + strlen(got) - 1);
}

TEST(quotes_and_errno)
{
	assert_string_equal(log_quote("no such\n\"file\"").text, "\"no such 'file'\"");
	char big[6000];
	memset(big, 'b', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_true(strlen(log_quote(big).text) < LOG_QUOTE_SIZE);
	errno = ENOENT;
	CAPTURE(log_info("x", "a=%d", 1));
	errno = ENOENT;
	log_debug("x", "a=%d", 1);
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_with_level_and_role),
		cmocka_unit_test(the_level_is_a_prefix_only_for_the_journal),
		cmocka_unit_test(always_printable_and_bounded),
		cmocka_unit_test(quotes_and_errno),
	};
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
