/* Maildir names and their keys. */
#include "base/prelude.h"

#include "cmocka_test.h"
#include "workers/maildir_name.h"

static void key_of(const char *name, const char *wanted)
{
	char key[MAILDIR_KEY_SIZE];
	assert_true(maildir_key(name, key));
	assert_string_equal(key, wanted);
}

static void keys(void **state)
{
	char key[MAILDIR_KEY_SIZE];
	(void)state;
	key_of("1795318034.M000001P26695.host", "1795318034.M000001P26695.host");
	key_of("1795.host,S=12:2,RS", "1795.host,S=12");
	key_of("a b%c\xe5:2,", "a%20b%25c%E5");
	assert_false(maildir_key("", key));
	assert_false(maildir_key(":2,S", key));
}

/* Every name comes back from its key. */
static void there_and_back(void **state)
{
	char name[NAME_MAX + 1], key[MAILDIR_KEY_SIZE], base[NAME_MAX + 1];
	(void)state;
	for (int c = 1; c < 256; c++) {
		if (c == ':' || c == '/')
			continue;
		snprintf(name, sizeof(name), "x%c%cy", c, c);
		assert_true(maildir_key(name, key));
		assert_true(maildir_base(key, base));
		assert_string_equal(base, name);
	}
	memset(name, 0xe5, NAME_MAX);
	name[NAME_MAX] = '\0';
	assert_true(maildir_key(name, key));
	assert_true(maildir_base(key, base));
	assert_string_equal(base, name);
}

static void bad_keys(void **state)
{
	static const char *const bad[] = {
		"", ".", "..", "a%", "a%4", "a%zz", "a%2Fb", "a/b", "%00"};
	char base[NAME_MAX + 1];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (maildir_base(bad[i], base))
			fail_msg("taken for a name: %s", bad[i]);
	}
}

static void seen_is(const char *name, const char *wanted)
{
	char out[NAME_MAX + 1];
	assert_true(maildir_seen(name, out));
	assert_string_equal(out, wanted);
}

static void seen(void **state)
{
	char name[NAME_MAX + 1], out[NAME_MAX + 1];
	(void)state;
	seen_is("1795.host", "1795.host:2,S");
	seen_is("1795.host:2,", "1795.host:2,S");
	seen_is("1795.host:2,S", "1795.host:2,S");
	seen_is("1795.host:2,FR", "1795.host:2,FRS");
	seen_is("1795.host:2,RT", "1795.host:2,RST");
	seen_is("1795.host:1,x", "1795.host:2,S");
	memset(name, 'a', NAME_MAX);
	name[NAME_MAX] = '\0';
	assert_false(maildir_seen(name, out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(bad_keys),
		cmocka_unit_test(seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
