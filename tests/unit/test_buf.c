/* Buf: the maximum, failing once and for all, and the NUL that always ends it. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit/cmocka_test.h"

TEST(grows_and_is_always_ended)
{
	struct buf b;
	buf_init(&b, 100000);
	assert_string_equal(b.data, "");
	for (int i = 0; i < 10000; i++) {
		buf_addf(&b, "%d,", i % 10);
		assert_int_equal(b.data[b.len], '\0');
	}
	assert_true(buf_ok(&b));
	assert_int_equal(b.len, 20000);
	buf_truncate(&b, 4);
	assert_string_equal(b.data, "0,1,");
	buf_release(&b);
}

TEST(exactly_the_maximum_fits)
{
	struct buf b;
	buf_init(&b, 5);
	buf_addstr(&b, "abc");
	buf_addf(&b, "%s", "de");
	assert_true(buf_ok(&b));
	assert_string_equal(b.data, "abcde");
	buf_addch(&b, 'f');
	assert_false(buf_ok(&b));
	assert_string_equal(b.data, "");
	buf_release(&b);
}

TEST(over_the_maximum_fails_for_good)
{
	struct buf b;
	buf_init(&b, 10);
	buf_addstr(&b, "12345678");
	buf_addf(&b, "%s", "901");
	assert_false(buf_ok(&b));
	assert_int_equal(b.len, 0);
	buf_addstr(&b, "x");
	buf_addf(&b, "%d", 1);
	buf_add(&b, "", 0);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
	buf_clear(&b);
	assert_true(buf_ok(&b));
	buf_addstr(&b, "x");
	assert_string_equal(b.data, "x");
	buf_add(&b, "y", SIZE_MAX);
	assert_false(buf_ok(&b));
	buf_release(&b);
}

TEST(first_add_over_the_maximum_fails_too)
{
	struct buf b;
	buf_init(&b, 2);
	buf_addf(&b, "%s", "abc");
	assert_false(buf_ok(&b));
	assert_string_equal(b.data, "");
	buf_release(&b);
}

TEST(holds_any_byte_and_is_taken)
{
	struct arena *a = arena_new(1 << 20);
	struct buf b;
	buf_init(&b, 10);
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	char *s = buf_take(&b, a);
	assert_memory_equal(s, "a\0b", 4);
	assert_int_equal(b.len, 0);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_is_always_ended),
		cmocka_unit_test(exactly_the_maximum_fits),
		cmocka_unit_test(over_the_maximum_fails_for_good),
		cmocka_unit_test(first_add_over_the_maximum_fails_too),
		cmocka_unit_test(holds_any_byte_and_is_taken),
	};
	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
