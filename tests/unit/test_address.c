/* Address: one key for each mailbox, none for what only looks like one (RELIABILITY rows 12, 13). */
#include "base/prelude.h"

#include "base/arena.h"
#include "mail/address.h"
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

static const char *const own[] = {"stod.example", NULL};

TEST(equal_addresses_have_one_key)
{
	static const char *const pairs[][2] = {
		{"anna.ek@boden.example", "anna.ek@boden.example"},
		{"Anna.Ek@BODEN.Example", "anna.ek@boden.example"},
		{"support+ja.k3v9@stod.example", "support@stod.example"},
		{"support+ja.k3v9@STOD.example", "support@stod.example"},
		{"anna+lista@boden.example", "anna+lista@boden.example"},
		{"+tagg@stod.example", "+tagg@stod.example"},
		{"post@åäö.example", "post@xn--4cab6c.example"},
		{"post@ÅÄÖ.example", "post@xn--4cab6c.example"},
		{"post@XN--4CAB6C.example", "post@xn--4cab6c.example"},
		{"o'brien@x.example", "o'brien@x.example"},
		{"a.b-c_d=e@x-y.example", "a.b-c_d=e@x-y.example"},
		{"åsa@x.example", "åsa@x.example"},
		{"bounces+a=b.example@x.example", "bounces+a=b.example@x.example"},
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		char *key = address_key(arena, pairs[i][0], own);

		assert_non_null(key);
		assert_string_equal(key, pairs[i][1]);
	}
}

/* A letter that merely looks the same must not be the same. */
TEST(look_alikes_differ)
{
	static const char *const pairs[][2] = {
		{"anna@boden.example", "anna@bоden.example"}, /* Cyrillic o */
		{"anna@boden.example", "аnna@boden.example"}, /* Cyrillic a */
		{"anna@boden.example", "anna@boden.example.evil.example"},
		{"anna@boden.example", "anna@xboden.example"},
		{"ÅSA@x.example",
			"åsa@x.example"}, /* only ASCII is lower-cased in the local part */
		{"strasse@x.example", "straße@x.example"},
		{"a@strasse.example", "a@straße.example"}, /* IDNA2008: no transitional mapping */
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		char *a = address_key(arena, pairs[i][0], NULL),
		     *b = address_key(arena, pairs[i][1], NULL);

		assert_true(!a || !b || strcmp(a, b) != 0);
	}
}

static const char *const refused[] = {
	"",
	"@",
	"a",
	"a@",
	"@b.example",
	"a@b",
	"a@@b.example",
	"a@b@c.example",
	"a@b@boden.example",
	"\"a@evil.example\"@boden.example",
	"\"a\"@boden.example",
	"a\"b@boden.example",
	"a b@boden.example",
	"a@boden .example",
	"a@ boden.example",
	" a@boden.example",
	"a@boden.example ",
	"a\t@boden.example",
	"a\n@boden.example",
	"a@boden.example\r\nRCPT TO:<b@c.example>",
	"a@boden.example\n",
	"a\x01@boden.example",
	"a\x7f@boden.example",
	"a@boden..example",
	"a@.boden.example",
	"a@boden.example.",
	"a@-boden.example",
	"a@boden-.example",
	"a@bo_den.example",
	"a@boden!.example",
	"a@[192.0.2.1]",
	"a@192.0.2.1:25",
	"a@boden.example>",
	"<a@boden.example>",
	"<a@boden.example",
	"a@boden.example<",
	"a,b@boden.example",
	"a;b@boden.example",
	"a:b@boden.example",
	"a(x)@boden.example",
	"a@boden.example(x)",
	"a\\@boden.example",
	"a[b]@boden.example",
	"a@boden.example,b@c.example",
	"a@boden.example;b@c.example",
	"a@\u00e4lvs\u00adbyn.example",
	"a@\u00e4lvsbyn\u200b.example",
	"a\u200b@boden.example",
	"a@boden.\u200bexample",
	"a\u202e@boden.example",
	"\u202ea@boden.example",
	"a\u00a0b@boden.example",
	"a\u00ad@boden.example",
	"\ufeffa@boden.example",
	"a\u2028@boden.example",
	"a\u3000@boden.example",
	"a\xc2\x80@boden.example",
	"a\xc2\x9f@boden.example",
	"a\xc0\xaf@boden.example",
	"a\xff@boden.example",
	"a@\xffoden.example",
	"a\xed\xa0\x80@boden.example",
	"a@boden\u202e.example",
	"a@bod℀n.example",
	"a@boden.example/x",
	"a@boden.example?x",
	"a@boden%2eexample",
	"a@bo den.example",
	"a@xn--.example",
	"a@xn--a.example",
	"a@xn--boden-.example",
	"a@\u0301boden.example",
	"a@boden.example\u200d",
	"a＠boden.example",
	"a@boden。",
	"a@。example",
	"a@b",
	"a@localhost",
	"a@example",
	"a@...",
	"a@.",
	"a@-.-",
	"a@b.-c.example",
	"a@b-.c",
	"a@b.c-",
	"a@ .c",
	"a@b. c",
	"a@b.c\u00a0",
	"a\v@b.example",
	"a\f@b.example",
	"=?utf-8?q?a?=@b.example\n",
	"mailto:a@b.example",
	"\"a b\"@b.example",
	"a@b.example#",
	"a@b.example|c",
	"a@b`x.example",
	"a@b'x.example",
	"a@b\"x.example",
	"a@$(x).example",
	"a@*.example",
	"a@b*.example",
	"a@~.example",
	"a@b=x.example",
	"a@b+x.example",
	"a@b^a.example",
	"a@{b}.example",
};

TEST(a_hundred_variants_are_refused)
{
	assert_true(ARRAY_LEN(refused) >= 100);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		if (address_key(arena, refused[i], own))
			fail_msg("%zu accepted: %s", i, refused[i]);
		if (address_envelope_ok(refused[i]) && !strstr(refused[i], "@xn--"))
			fail_msg("%zu in an envelope: %s", i, refused[i]);
	}
	assert_null(address_key(arena, NULL, own));
	assert_false(address_envelope_ok(NULL));
}

static char *of_length(size_t local, size_t label, size_t labels)
{
	char *s = arena_alloc(arena, local + 1 + labels * (label + 1) + 16), *p = s;

	memset(p, 'a', local);
	p += local;
	*p++ = '@';
	for (size_t i = 0; i < labels; i++) {
		memset(p, 'b', label);
		p += label;
		*p++ = '.';
	}
	p[-1] = '\0';
	return s;
}

TEST(nothing_is_cut_to_fit)
{
	assert_non_null(address_key(arena, of_length(64, 60, 3), NULL));
	assert_null(address_key(arena, of_length(65, 60, 3), NULL));
	assert_non_null(address_key(arena, of_length(10, 63, 3), NULL));
	assert_null(address_key(arena, of_length(10, 64, 3), NULL));
	assert_null(address_key(arena, of_length(64, 63, 3), NULL)); /* 256 in all */
	assert_null(address_key(arena, of_length(100000, 60, 3), NULL));
	assert_false(address_envelope_ok(of_length(64, 63, 3)));
	assert_true(address_envelope_ok(of_length(64, 60, 3)));
}

TEST(domains)
{
	assert_string_equal(address_domain(arena, "a@Boden.Example"), "boden.example");
	assert_string_equal(address_domain(arena, "a@åäö.example"), "xn--4cab6c.example");
	assert_null(address_domain(arena, "boden.example"));
	assert_null(address_domain(arena, "a@b@c.example"));
}

TEST(envelopes_are_ascii)
{
	assert_true(address_envelope_ok("anna.ek@boden.example"));
	assert_true(address_envelope_ok("Support+Ja.k3v9q2@Stod.Example"));
	assert_false(address_envelope_ok("åsa@boden.example"));
	assert_false(address_envelope_ok("anna@åäö.example"));
}

TEST(a_name_that_is_an_address_is_not_shown)
{
	assert_string_equal(address_shown_name("Anna Ek"), "Anna Ek");
	assert_string_equal(address_shown_name(""), "");
	assert_string_equal(address_shown_name("chef@kalix.example"), "");
	assert_string_equal(address_shown_name("Chefen (chef\xEF\xBC\xA0kalix.example)"), "");
	assert_string_equal(address_shown_name("chef\xEF\xB9\xABkalix.example"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(equal_addresses_have_one_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(look_alikes_differ, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_hundred_variants_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_cut_to_fit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(domains, set_up, tear_down),
		cmocka_unit_test_setup_teardown(envelopes_are_ascii, set_up, tear_down),
		cmocka_unit_test(a_name_that_is_an_address_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
