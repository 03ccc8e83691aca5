/* Personal identity numbers: all are found, and little else is taken for one. */
#include "cmocka_test.h"

#include "base/arena.h"
#include "core/privacy.h"

static struct arena *arena;

static const char *mask(const char *s)
{
	return privacy_mask(arena, s, NULL);
}

TEST(vectors)
{
	static const char *const numbers[] = {"640823-3234", "811218-9876", "121212-1212",
		"701063-2391", "19640823-3234", "196408233234", "6408233234", "640823+3234",
		"640823 3234",
		"640823\xE2\x80\x93"
		"3234",
		"19640823 - 3234", "201212121212"};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		assert_true(privacy_has_number(numbers[i]));
		assert_string_equal(mask(numbers[i]), PRIVACY_MASK);
	}
}

TEST(in_text)
{
	size_t n = 0;
	const char *s =
		privacy_mask(arena, "Gäller 640823-3234, och (811218-9876). Ring 0920-123456.", &n);

	assert_int_equal(n, 2);
	assert_string_equal(
		s, "Gäller " PRIVACY_MASK ", och (" PRIVACY_MASK "). Ring 0920-123456.");
}

TEST(others)
{
	static const char *const not [] = {"640823-3235", "641323-3234", "640832-3234", "1001",
		"0920-31 92 07", "INC0012345678901", "6408233234567", "2026-11-23 08:00",
		"900230-0001", "0000000000", ""};

	for (size_t i = 0; i < ARRAY_LEN(not ); i++) {
		assert_false(privacy_has_number(not [i]));
		assert_string_equal(mask(not [i]), not [i]);
	}
}

/* What RELIABILITY promises: of random ten digits about 0.7 % look like one. */
TEST(rate)
{
	uint64_t x = 88172645463325252u;
	int hits = 0;

	for (int i = 0; i < 100000; i++) {
		char s[11];

		for (int k = 0; k < 10; k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			s[k] = (char)('0' + x % 10);
		}
		s[10] = '\0';
		hits += privacy_has_number(s);
	}
	assert_in_range(hits, 300, 1100);
}

static int start(void **state)
{
	(void)state;
	arena = arena_new(1 << 24);
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
	const struct CMUnitTest tests[] = {cmocka_unit_test(vectors), cmocka_unit_test(in_text),
		cmocka_unit_test(others), cmocka_unit_test(rate)};

	return cmocka_run_group_tests(tests, start, stop);
}
