/* Header: fields, encoded words, parameters, addresses and ids in the forms that mail has them. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/limits.h"
#include "mail/charset.h"
#include "mail/header.h"
#include "tests/unit/cmocka_test.h"

static struct arena *arena;
static struct charsets *charsets;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(MAX_ARENA_BYTES);
	charsets = charsets_open();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	charsets_close(&charsets);
	arena_free(&arena);
	return 0;
}

static struct header parse(const char *raw, size_t n)
{
	struct header h;

	header_parse(arena, (struct bytes){(const unsigned char *)raw, n}, MAX_HEADER_BYTES, &h);
	return h;
}

TEST(fields_are_unfolded_and_the_body_found)
{
	static const char raw[] = "Subject: ett\r\n  tv\303\245\r\nX-A : b\r\n\r\nhej";
	struct header h = parse(raw, sizeof(raw) - 1);

	assert_int_equal(h.n, 2);
	assert_string_equal(header_get(&h, "subject", 0), "ett  tv\303\245");
	assert_string_equal(header_get(&h, "X-a", 0), "b");
	assert_null(header_get(&h, "X-a", 1));
	assert_string_equal(raw + h.body, "hej");
}

TEST(broken_headers)
{
	static const struct {
		const char *raw, *subject, *body;
	} cases[] = {
		{"Subject: a\n\nb", "a", "b"},
		{"Subject: a\r\r\n\r\r\nb", "a", "b"},
		{"Subject: a\rX: y\r\rb", "a", "b"},
		{"From x Mon Jan 1\nSubject: a\n\nb", "a", "b"},
		{"Subject: a\n \t\nb", "a", "b"},	     /* a separator of blanks */
		{"Subject: a\n \t\nX: b\n\nc", "a", "c"},    /* a fold of blanks */
		{"Subject: a\nbroken\nX: b\n\nc", "a", "c"}, /* a line that lost its indent */
		{"Subject: a\nHej och h\303\245\n\nb", "a", "Hej och h\303\245\n\nb"},
		{"Subject: a\n--b\nX: y\n", "a", "--b\nX: y\n"},
		{"hej\n", NULL, "hej\n"},
		{"", NULL, ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct header h = parse(cases[i].raw, strlen(cases[i].raw));
		const char *subject = header_get(&h, "Subject", 0);

		if (cases[i].subject)
			assert_string_equal(subject, cases[i].subject);
		else
			assert_null(subject);
		assert_string_equal(cases[i].raw + h.body, cases[i].body);
	}
}

TEST(limits_and_nul)
{
	static const char nul[] = "Subject: a\0b\r\n\r\n";
	struct header h = parse(nul, sizeof(nul) - 1);
	char *large = arena_alloc(arena, 2000);

	assert_true(h.had_nul);
	assert_string_equal(header_get(&h, "Subject", 0), "ab");
	snprintf(large, 2000, "Subject: a\r\nX: %01000d\r\nY: b\r\n\r\nbody", 0);
	header_parse(arena, (struct bytes){(const unsigned char *)large, strlen(large)}, 100, &h);
	assert_true(h.too_large);
	assert_string_equal(large + h.body, "body");
	assert_null(header_get(&h, "Y", 0));
}

TEST(encoded_words)
{
	static const char *const cases[][2] = {
		{"=?utf-8?B?w6XDpMO2?=", "\303\245\303\244\303\266"},
		{"=?ISO-8859-1?Q?=E5_=E4?= x", "\303\245 \303\244 x"},
		{"=?utf-8?q?a?= =?utf-8?q?b?= c", "ab c"},
		{"=?utf-8?q?a?==?utf-8?q?b?=", "ab"},
		{"=?utf-8?B?w6U=?= =?utf-8?Q?=C3?= =?utf-8?Q?=A4?=",
			"\303\245\303\244"}, /* split */
		{"=?utf-8*sv?q?hej?=", "hej"},
		{"=? utf-8 ? q?hej?=", "hej"},
		{"=? ingen fr\303\245ga ?=", "=? ingen fr\303\245ga ?="},
		{"=?utf-8?q?hej p=C3=A5 dig?=", "hej p\303\245 dig"}, /* blanks inside */
		{"\"=?utf-8?q?a?=\"", "\"a\""},
		{"=?utf-8?q?avbruten_=C3=A5", "avbruten \303\245"},
		{"=?utf-8?x?a?=", "=?utf-8?x?a?="},
		{"=?unknown-8bit?q?=E5?=", "\303\245"},
		{"r\345 \344r", "r\303\245 \303\244r"}, /* undeclared */
		{"=?utf-8?q?a=0D=0AX:_b?=", "a X: b"},
		{"a   b", "a b"},
		{"=?iso-2022-jp?B?GyRCPXUkMRsoQg==?=", "\345\212\251\343\201\221"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(header_text(arena, charsets, cases[i][0], 200), cases[i][1]);
	assert_int_equal(strlen(header_text(arena, charsets, "abcdefghij", 5)), 5);
}

TEST(parameters)
{
	static const struct {
		const char *value, *type, *name;
	} cases[] = {
		{"text/plain; name=a.txt", "text/plain", "a.txt"},
		{"Text / Plain ; name=\"a \\\"b\\\".txt\"", "text/plain", "a \"b\".txt"},
		{"application/pdf; name*=utf-8''r%C3%A4k.pdf", "application/pdf", "r\303\244k.pdf"},
		{"application/pdf; name*0*=utf-8'sv'r%C3; name*1*=%A4k; name*2=.pdf",
			"application/pdf", "r\303\244k.pdf"},
		{"x/y; name*1=b; name*0=a", "x/y", "ab"},
		{"x/y; name=\"=?utf-8?q?r=C3=A4k?=\"", "x/y", "r\303\244k"},
		{"x/y; name*0=\"=?utf-8?q?r=C3=A4\"; name*1=\"k?=\"", "x/y", "r\303\244k"},
		{"x/y; name=min fil.pdf; a=b", "x/y", "min fil.pdf"},
		{"x/y; name=utf-8''r%C3%A4k", "x/y", "r\303\244k"},
		{"x/y; name=\"a", "x/y", "a"},
		{"x/y (kommentar; name=b); name=a", "x/y", "a"},
		{"text/plain charset=x name=a", "text/plain", NULL},
		{"x/y, name=a.pdf", "x/y", "a.pdf"},
		{"x/y; a=b, name=c", "x/y", NULL},
		{"name=\"a.pdf\"; x=y", "", "a.pdf"}, /* nothing before */
		{"attachment name=a.pdf", "attachment", "a.pdf"},
		{"x/y; name=; b=c", "x/y", ""},
		{"", "", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct header_params p;
		char *name;

		header_params(arena, cases[i].value, &p);
		assert_string_equal(p.value, cases[i].type);
		name = header_param_text(arena, charsets, &p, "name");
		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		else
			assert_null(name);
	}
}

/* name|address,name|address */
static const char *flat(const char *value)
{
	struct mail_addresses a = {NULL, 0};
	const char *s = "";

	assert_true(header_addresses(arena, charsets, value, 10, &a));
	for (size_t i = 0; i < a.n; i++)
		s = arena_printf(arena, "%s%s%s|%s", s, i ? "," : "", a.v[i].name, a.v[i].address);
	return s;
}

TEST(addresses)
{
	static const char *const cases[][2] = {
		{"bo@kalix.example", "|bo@kalix.example"},
		{"Bo Ek <bo@kalix.example>", "Bo Ek|bo@kalix.example"},
		{"\"Ek, Bo\" <bo@kalix.example>, a@b.example",
			"Ek, Bo|bo@kalix.example,|a@b.example"},
		{"Ek, Bo <bo@kalix.example>", "Ek, Bo|bo@kalix.example"},
		{"=?utf-8?q?Ek=2C_=C3=85ke?= <a@b.example>", "Ek, \303\205ke|a@b.example"},
		{"=?utf-8?q?Ek,_Bo?= <a@b.example>", "Ek, Bo|a@b.example"},
		{"a@b.example (Bo Ek)", "Bo Ek|a@b.example"},
		{"Bo <a@b.example> (IT)", "Bo (IT)|a@b.example"},
		{"grupp: a@b.example, c@d.example;", "|a@b.example,|c@d.example"},
		{"undisclosed-recipients:;", ""},
		{"<<a@b.example>>", "|a@b.example"},
		{"Bo <a@b.example", "Bo|a@b.example"},
		{"mailto:a@b.example", "|a@b.example"},
		{"a@b.example; c@d.example", "|a@b.example,|c@d.example"},
		{"'Bo' <a@b.example>", "Bo|a@b.example"},
		{"a@b.example <Bo Ek>", "Bo Ek|a@b.example"},
		{"Bo Ek a@b.example", "Bo Ek|a@b.example"},
		{"(a (b) c) x@y.example", "a (b) c|x@y.example"},
		{"Bo Ek", "Bo Ek|"},
		{"Bo (IT) <a@b.example>", "Bo|a@b.example"}, /* a comment is no name */
		{"(Bo) <a@b.example>", "Bo|a@b.example"},
		{"Bo Ek [a@b.example]", "Bo Ek|a@b.example"},
		{"a@[192.0.2.1]", "|a@[192.0.2.1]"},
		{"[a@b.example", "|[a@b.example"},
		{"\"bo ek\"@b.example", "|\"bo ek\"@b.example"},
		{"\"bo.ek\"@b.example", "|bo.ek@b.example"},
		{"\"bo", "bo|"},
		{"=?utf-8?q?Bo_<a@b.example>?=", "Bo|a@b.example"},
		{"<@relay.example:a@b.example>", "|a@b.example"},
		{"", ""},
		{",,;", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(flat(cases[i][0]), cases[i][1]);
}

TEST(no_more_addresses_than_allowed)
{
	struct mail_addresses a = {NULL, 0};

	assert_false(
		header_addresses(arena, charsets, "a@b.example, c@d.example, e@f.example", 2, &a));
	assert_int_equal(a.n, 2);
}

TEST(ids)
{
	struct mail_strings s = {NULL, 0};

	assert_string_equal(header_id(arena, " <a.b@c.example> "), "a.b@c.example");
	assert_string_equal(header_id(arena, "a.b@c.example"), "a.b@c.example");
	assert_string_equal(header_id(arena, "<a. b@c.example>"), "a.b@c.example");
	assert_string_equal(header_id(arena, ""), "");
	header_ids(arena, "<a@b.example>\t<c@d.example> text <e@f.example>", 2, &s);
	assert_int_equal(s.n, 2); /* the first and the latest are kept */
	assert_string_equal(s.v[0], "a@b.example");
	assert_string_equal(s.v[1], "e@f.example");
	s = (struct mail_strings){NULL, 0};
	header_ids(arena, "Ditt brev av den 1 maj, a@b.example", 9, &s);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.v[0], "a@b.example");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_unfolded_and_the_body_found),
		cmocka_unit_test(broken_headers),
		cmocka_unit_test(limits_and_nul),
		cmocka_unit_test(encoded_words),
		cmocka_unit_test(parameters),
		cmocka_unit_test(addresses),
		cmocka_unit_test(no_more_addresses_than_allowed),
		cmocka_unit_test(ids),
	};
	return cmocka_run_group_tests_name("header", tests, set_up, tear_down);
}
