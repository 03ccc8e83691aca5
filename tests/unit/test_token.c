/* Signed addresses and Message-IDs: they read back, survive lower case, and no change of theirs is
 * accepted. */
#include "cmocka_test.h"

#include "base/arena.h"
#include "base/date.h"
#include "core/token.h"

#define NOW (INT64_C(1795420800) * 1000) /* 2026-11-23 08:00 UTC */
#define DAY_NOW 2518

static struct arena *arena;
static struct token_keys keys;

static struct token sample(void)
{
	return (struct token){.number = 1042, .contact = 77, .day = DAY_NOW, .class = TOKEN_CHAIN};
}

static char *address(struct token t)
{
	return token_address(arena, &keys, &t, "support@lots.example");
}

TEST(reads_back)
{
	struct token out;
	char *a = address(sample());

	assert_int_equal(strlen(a), strlen("support+@lots.example") + 42);
	assert_int_equal(token_read(&keys, a, NOW, &out), TOKEN_GOOD);
	assert_int_equal(out.number, 1042);
	assert_int_equal(out.contact, 77);
	assert_int_equal(out.day, DAY_NOW);
	assert_int_equal(out.class, TOKEN_CHAIN);
	for (char *p = a; *p && *p != '@'; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
	assert_int_equal(token_read(&keys, a, NOW, &out), TOKEN_GOOD);
}

TEST(every_change_is_bad)
{
	char *a = address(sample());
	struct token out;

	for (size_t i = strlen("support+"); a[i] != '@'; i++) {
		char old = a[i];

		a[i] = old == 'b' ? 'c' : 'b';
		assert_int_not_equal(token_read(&keys, a, NOW, &out), TOKEN_GOOD);
		a[i] = old;
	}
	assert_int_equal(token_read(&keys, a, NOW, &out), TOKEN_GOOD);
}

TEST(absent)
{
	static const char *const none[] = {
		"support@lots.example", "", "a+b@c", "support+short@lots.example", "no-at-sign"};
	struct token out;

	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_int_equal(token_read(&keys, none[i], NOW, &out), TOKEN_ABSENT);
	assert_int_equal(token_read(&keys, NULL, NOW, &out), TOKEN_ABSENT);
}

TEST(expires)
{
	struct token t = sample(), out;
	char *a = address(t);

	assert_int_equal(token_read(&keys, a, NOW + 400 * MS_DAY, &out), TOKEN_GOOD);
	assert_int_equal(token_read(&keys, a, NOW + 401 * MS_DAY, &out), TOKEN_EXPIRED);
	assert_int_equal(token_read(&keys, a, NOW - 5 * MS_DAY, &out), TOKEN_EXPIRED);
}

TEST(another_key)
{
	struct token_keys other = keys;
	struct token out;
	char *a = address(sample());

	other.key[0][0] ^= 1;
	assert_int_equal(token_read(&other, a, NOW, &out), TOKEN_BAD);
	other = keys;
	other.present[0] = false;
	assert_int_equal(token_read(&other, a, NOW, &out), TOKEN_BAD);
	/* A new key: old addresses are still read. */
	other = keys;
	other.present[1] = true;
	memset(other.key[1], 9, TOKEN_KEY_BYTES);
	other.current = 1;
	assert_int_equal(token_read(&other, a, NOW, &out), TOKEN_GOOD);
}

TEST(too_large)
{
	struct token t = sample();

	t.contact = INT64_C(1) << 31;
	assert_null(address(t));
	assert_null(token_address(
		arena, &keys, &t, "an-address-whose-local-part-is-too-long@lots.example"));
	assert_null(token_address(arena, &keys, &t, "nonsense"));
}

TEST(message_ids)
{
	char *id = token_message_id(arena, &keys, 1042, 7, "lots.example");
	int64_t number, serial;

	assert_true(token_read_message_id(&keys, id, "lots.example", &number, &serial));
	assert_int_equal(number, 1042);
	assert_int_equal(serial, 7);
	assert_false(token_read_message_id(&keys, id, "other.example", &number, &serial));
	for (size_t i = 0; id[i] != '@'; i++) {
		char old = id[i];

		id[i] = old == '3' ? '4' : '3';
		assert_false(token_read_message_id(&keys, id, "lots.example", &number, &serial));
		id[i] = old;
	}
	assert_false(token_read_message_id(
		&keys, "1042@lots.example", "lots.example", &number, &serial));
	assert_false(token_read_message_id(&keys, "", "lots.example", &number, &serial));
	assert_false(token_read_message_id(&keys, NULL, "lots.example", &number, &serial));
	id = token_message_id(arena, &keys, 0, 9, "lots.example");
	assert_true(token_read_message_id(&keys, id, "lots.example", &number, &serial));
	assert_int_equal(number, 0);
}

static int start(void **state)
{
	(void)state;
	arena = arena_new(1 << 24);
	memset(keys.key[0], 5, TOKEN_KEY_BYTES);
	keys.present[0] = true;
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
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads_back),
		cmocka_unit_test(every_change_is_bad), cmocka_unit_test(absent),
		cmocka_unit_test(expires), cmocka_unit_test(another_key),
		cmocka_unit_test(too_large), cmocka_unit_test(message_ids)};

	return cmocka_run_group_tests(tests, start, stop);
}
