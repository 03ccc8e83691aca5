/* Compose: the bytes are what the RFCs say, whatever the strings hold; the lint finds each fault. */
#include "tests/unit/cmocka_test.h"

#include "mail/compose.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/charset.h"
#include "mail/parse.h"

static struct arena *arena;
static const struct zone stockholm = {.std_offset = 3600, .std_name = "CET"};

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(MAX_ARENA_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct compose plain(void)
{
	return (struct compose){
		.from = {"Support", "support@lots.example"},
		.to = {"", "eva@kalix.example"},
		.subject = "x",
		.message_id = "1.abc@lots.example",
		.date_ms = INT64_C(1795417200000), /* 2026-11-23 07:00 UTC */
		.zone = &stockholm,
		.language = "sv",
		.text = "Hej\n",
	};
}

static const char *wire(const struct compose *c)
{
	struct buf out;
	const char *error;
	buf_init(&out, MAX_MAIL_BYTES);
	if (compose_mail(arena, c, &out, &error) != 0) {
		buf_release(&out);
		return arena_printf(arena, "error: %s", error);
	}
	struct bytes b = {(const unsigned char *)out.data, out.len};
	const char *fault = compose_lint(b);
	if (fault)
		fail_msg("%s in:\n%s", fault, out.data);
	return buf_take(&out, arena);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

TEST(a_plain_mail_byte_by_byte)
{
	struct compose c = plain();
	static const char *ids[] = {"a@b.example", "c@d.example"};
	static const struct compose_header extra[] = {
		{"Auto-Submitted", "auto-replied"}, {"X-Auto-Response-Suppress", "All"}};
	c.reply_to = "support+k1@lots.example";
	c.in_reply_to = "c@d.example";
	c.references = (struct mail_strings){ids, 2};
	c.headers = extra;
	c.n_headers = 2;
	c.subject = "[Support 1042] Kan inte logga in";
	assert_string_equal(wire(&c), "Date: Mon, 23 Nov 2026 08:00:00 +0100\r\n"
				      "From: Support <support@lots.example>\r\n"
				      "To: eva@kalix.example\r\n"
				      "Reply-To: support+k1@lots.example\r\n"
				      "Subject: [Support 1042] Kan inte logga in\r\n"
				      "Message-ID: <1.abc@lots.example>\r\n"
				      "In-Reply-To: <c@d.example>\r\n"
				      "References: <a@b.example>\r\n <c@d.example>\r\n"
				      "Auto-Submitted: auto-replied\r\n"
				      "X-Auto-Response-Suppress: All\r\n"
				      "Content-Language: sv\r\n"
				      "MIME-Version: 1.0\r\n"
				      "Content-Type: text/plain; charset=utf-8\r\n"
				      "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
				      "Hej\r\n");
}

TEST(subjects_are_encoded_from_the_first_word_that_needs_it)
{
	static const struct {
		const char *in, *out;
	} v[] = {
		{"[Support 1042] Jag kan inte l\xC3\xA4gga till",
			"Subject: [Support 1042] Jag kan inte =?UTF-8?Q?l=C3=A4gga_till?=\r\n"},
		{"[Support 1042] =?UTF-8?Q?x=0D=0ABcc:?=",
			"Subject: [Support 1042] =?UTF-8?B?PT9VVEYtOD9RP3g9MEQ9MEFCY2M6Pz0=?=\r\n"},
		{"a\r\nBcc: evil@x.example\n\tc", "Subject: a Bcc: evil@x.example"},
		{"\xE2\x80\xAE"
		 "abc",
			"Subject: abc\r\n"},
		{"\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82",
			"Subject: =?UTF-8?B?0J/RgNC40LLQtdGC?=\r\n"},
		{"", "Subject: \r\n"},
	};
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct compose c = plain();
		c.subject = v[i].in;
		assert_has(wire(&c), v[i].out);
	}
}

TEST(long_subjects_are_folded)
{
	struct compose c = plain();
	struct buf s;
	buf_init(&s, 100000);
	for (int i = 0; i < 40; i++)
		buf_addf(&s, "word%d  \xC3\xA5\xE2\x82\xAC\xF0\x9F\x98\x80 ", i);
	c.subject = s.data;
	wire(&c);
	buf_clear(&s);
	for (int i = 0; i < 40; i++)
		buf_addf(&s, "word%d ", i);
	c.subject = s.data;
	assert_has(wire(&c), "\r\n word");
	buf_clear(&s);
	for (int i = 0; i < 3000; i++)
		buf_addstr(&s, "x");
	c.subject = s.data;
	wire(&c);
	buf_release(&s);
}

TEST(names_are_atoms_quoted_or_encoded)
{
	static const struct {
		const char *in, *out;
	} v[] = {
		{"Eva Exempel", "From: Eva Exempel <support@lots.example>\r\n"},
		{"Exempel, Eva", "From: \"Exempel, Eva\" <support@lots.example>\r\n"},
		{"a \"b\" \\", "From: \"a \\\"b\\\" \\\\\" <support@lots.example>\r\n"},
		{"\xC3\x85sa \xC3\x96, HSL",
			"From: =?UTF-8?B?w4VzYSDDliwgSFNM?= <support@lots.example>\r\n"},
		{"a\r\nBcc: x@y.example",
			"From: \"a Bcc: x@y.example\" <support@lots.example>\r\n"},
		{"", "From: support@lots.example\r\n"},
	};
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct compose c = plain();
		c.from.name = v[i].in;
		assert_has(wire(&c), v[i].out);
	}
}

TEST(wrong_addresses_and_ids_are_refused)
{
	static const char *const bad[] = {"", "a", "a@b@c.example",
		"a@b.example>\r\nBcc: c@d.example", "\"a\"@b.example", "a b@c.example",
		"\xC3\xA5@b.example", "a@b.example\n"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct compose c = plain();
		c.to.address = bad[i];
		assert_string_equal(wire(&c), "error: an address cannot stand in an envelope");
		c = plain();
		c.message_id = bad[i];
		assert_string_equal(wire(&c), "error: the Message-ID is no id");
		/* The ids of others are only left out. */
		c = plain();
		c.in_reply_to = bad[i];
		assert_null(strstr(wire(&c), "In-Reply-To"));
	}
}

TEST(references_keep_the_first_and_the_newest)
{
	struct compose c = plain();
	const char *ids[100];
	for (size_t i = 0; i < 100; i++)
		ids[i] = arena_printf(arena, "%zu@x.example", i);
	c.references = (struct mail_strings){ids, 100};
	const char *w = wire(&c);
	assert_has(w, "References: <0@x.example>\r\n <81@x.example>\r\n");
	assert_has(w, "<99@x.example>\r\n");
	assert_null(strstr(w, "<80@x.example>"));
}

TEST(text_and_html_are_alternatives)
{
	struct compose c = plain();
	c.html = "<p>Hej \xC3\xA5</p>";
	const char *w = wire(&c);
	assert_has(w, "Content-Type: multipart/alternative;\r\n boundary=\"=_lots-");
	assert_has(w, "\r\n\r\nHej\r\n--=_lots-");
	assert_has(w, "Content-Type: text/html; charset=utf-8\r\n");
	assert_has(w, "<p>Hej =C3=A5</p>\r\n--=_lots-");
	assert_string_equal(wire(&c), w);
}

TEST(bodies_are_encoded)
{
	struct compose c = plain();
	c.text = ".\nFrom x\na \nb=c\n\xC3\xA5\ttab\t\nlast";
	assert_has(
		wire(&c), "\r\n\r\n=2E\r\n=46rom x\r\na=20\r\nb=3Dc\r\n=C3=A5\ttab=09\r\nlast\r\n");
	c.text = "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82\n";
	assert_has(wire(&c), "base64\r\n\r\n0J/RgNC40LLQtdGCCg==\r\n");
	c.text = "";
	wire(&c);
	char longest[5000];
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	c.text = longest;
	assert_has(wire(&c), "xxxxx=\r\nxxxxx");
	c.text = "a\r\nb\rc\x01\n";
	assert_has(wire(&c), "\r\n\r\na\r\nb\r\nc\r\n");
}

TEST(attachments_follow_in_mixed)
{
	struct compose c = plain();
	const struct compose_attachment a[] = {
		{"sk\xC3\xA4rmbild.png", "image/png", {(const unsigned char *)"\x89PNG", 4}},
		{"a \"b\".txt", "TEXT/Plain", {(const unsigned char *)"", 0}},
		{"", "multipart/evil\r\nX: y", {(const unsigned char *)"x", 1}},
		{arena_printf(arena, "%0200d\xC3\xA5.pdf", 7), "message/rfc822",
			{(const unsigned char *)"x", 1}},
	};
	c.html = "<p>x</p>";
	c.attachments = a;
	c.n_attachments = ARRAY_LEN(a);
	const char *w = wire(&c);
	assert_has(w, "Content-Type: multipart/mixed;");
	assert_has(w, "Content-Type: image/png\r\nContent-Disposition: attachment;\r\n "
		      "filename*=UTF-8''sk%C3%A4rmbild.png\r\n");
	assert_has(w, "\r\n\r\niVBORw==\r\n--");
	assert_has(w, "Content-Type: text/plain\r\nContent-Disposition: attachment;\r\n "
		      "filename=\"a \\\"b\\\".txt\"\r\n");
	assert_has(w, "filename*0*=UTF-8''0000");
	assert_has(w, ";\r\n filename*1*=0");
	assert_null(strstr(w, "message/rfc822"));
	assert_null(strstr(w, "evil"));
}

TEST(too_large_is_told)
{
	struct compose c = plain();
	struct buf out;
	const char *error;
	buf_init(&out, 200);
	assert_int_equal(compose_mail(arena, &c, &out, &error), -1);
	assert_string_equal(error, "the message is too large");
	buf_release(&out);
}

static const char *lint(const char *message)
{
	return compose_lint((struct bytes){(const unsigned char *)message, strlen(message)});
}

/* A right message with one part of it replaced. */
static const char *lint_with(const char *find, const char *instead)
{
	struct compose c = plain();
	c.html = "<p>x</p>";
	c.in_reply_to = "a@b.example";
	const char *w = wire(&c), *at = strstr(w, find);
	assert_non_null(at);
	const char *fault =
		lint(arena_printf(arena, "%.*s%s%s", (int)(at - w), w, instead, at + strlen(find)));
	return fault ? fault : "right";
}

TEST(the_lint_finds_each_fault)
{
	static const struct {
		const char *find, *instead, *fault;
	} v[] = {
		{"Hej", "Hej", "right"},
		{"Hej\r\n", "Hej\n", "a bare LF"},
		{"Hej\r\n", "Hej\r", "a bare CR"},
		{"Hej", "\xC3\xA5", "an 8-bit octet"},
		{"Hej", "\x01", "a control character"},
		{"Hej", "=", "quoted-printable is malformed"},
		{"Hej", "=c3=a5", "quoted-printable is malformed"},
		{"Hej", "Hej ", "quoted-printable is malformed"},
		{"Hej", ".", "quoted-printable is malformed"},
		{"Hej", "=C3", "a text is not UTF-8"},
		{"Hej", "=00", "a text holds NUL"},
		{"Date: Mon", "Date: Xon", "the date is malformed"},
		{"Date: ", "X-Date: ", "a required field is missing"},
		{"Subject: x", "Subject: x\r\nSubject: y", "a field stands twice"},
		{"Subject: x", "Bcc: y", "a field that must not be sent"},
		{"Subject: x", "no field", "a header line is no field"},
		{"Subject: x",
			"Subject: =?UTF-8?Q?=0A?=", "an encoded word hides a control character"},
		{"Subject: x", "Subject: =?UTF-8?Q?=C3?=", "an encoded word splits a character"},
		{"Subject: x", "Subject: =?latin1?Q?a?=", "an encoded word is malformed"},
		{"Subject: x", "Subject: a=?UTF-8?Q?a?=", "an encoded word does not stand alone"},
		{"Subject: x", "Subject: =?UTF-8?Q?a", "an encoded word is malformed"},
		{"Subject: x",
			"Subject: "
			"=?UTF-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aa?=",
			"a line with an encoded word is over 76"},
		{"Subject: x",
			"Subject: "
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa a",
			"a header line over 78 could be folded"},
		{"Subject: x", "Subject: x\r\n \r\n y", "a folded line is blank"},
		{"From: Support", "From: a, b", "a name needs quotes"},
		{"From: Support", "From: \"a", "a quoted name is malformed"},
		{"support@lots.example>", "support@lots.example", "an address is malformed"},
		{"To: eva@kalix.example", "To: a@b.example, c@d.example",
			"an address is malformed"},
		{"<1.abc@lots.example>", "<1.abc>", "a message id is malformed"},
		{"<a@b.example>", "<a@b.example", "a message id is malformed"},
		{"MIME-Version: 1.0", "MIME-Version: 2", "MIME-Version is not 1.0"},
		{"boundary=\"", "boundary=\"x", "a multipart is not closed"},
		{"boundary=", "border=", "a multipart has no right boundary"},
		{"boundary=", "a*1*=x; boundary=", "the pieces of a parameter are out of order"},
		{"boundary=", "a*=x; boundary=", "an extended parameter names no charset"},
		{"boundary=", "a; boundary=", "a parameter is malformed"},
		{"multipart/alternative", "multipart", "a content type is malformed"},
		{"text/html; charset=utf-8", "text/html; charset=latin1", "a text is not UTF-8"},
		{"quoted-printable", "7bit", "a body is neither quoted-printable nor base64"},
		{"quoted-printable", "base64", "base64 is malformed"},
		{"Content-Type: text/plain", "X-Type: text/plain", "a part has no content type"},
		{"text/plain", "message/rfc822", "an encoded message"},
	};
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		const char *fault = lint_with(v[i].find, v[i].instead);
		if (strcmp(fault, v[i].fault) != 0)
			fail_msg("%s -> %s: %s", v[i].find, v[i].instead, fault);
	}
	assert_string_equal(lint(""), "the last line is not ended");
	assert_string_equal(lint("a: b\r\n"), "the header does not end");
	assert_string_equal(lint("a: b"), "the last line is not ended");
}

/* Header injection (RELIABILITY row 27): no string adds a field, wherever it stands. */
TEST(no_string_adds_a_header)
{
	static const char *const breaks[] = {"\r\n", "\n", "\r", "\r\n ", "\xC2\x85",
		"\xE2\x80\xA8", "\xE2\x80\xA9", "%0d%0a",
		"=?UTF-8?Q?=0D=0A?=", "=?UTF-8?B?DQo=?=", "\\r\\n", "\x0b", "\x0c", "\xFF\r\n",
		"\xC0\x8D\xC0\x8A", "\"\r\n", ">\r\n", ";\r\n", "\r\n\r\n", "\n\n"};
	static const char *const fields[] = {"Bcc: evil@x.example", "Content-Type: text/html",
		"X-Evil: 1", "Subject: evil", "--=_lots-evil"};
	size_t tried = 0;
	for (size_t i = 0; i < ARRAY_LEN(breaks); i++) {
		for (size_t k = 0; k < ARRAY_LEN(fields); k++) {
			const char *s = arena_printf(arena, "a%s%s", breaks[i], fields[k]);
			const struct compose_attachment a = {
				s, s, {(const unsigned char *)s, strlen(s)}};
			struct compose c = plain();
			struct compose_header h = {"X-Case", s};
			const char *ids[] = {s};
			c.subject = c.from.name = c.to.name = c.text = c.html = c.language = s;
			c.in_reply_to = s;
			c.references = (struct mail_strings){ids, 1};
			c.headers = &h;
			c.n_headers = 1;
			c.attachments = &a;
			c.n_attachments = 1;
			const char *w = wire(&c), *end = strstr(w, "\r\n\r\n");
			size_t lines = 0;
			for (const char *p = w; p < end; p++)
				lines += p[0] == '\n' && p[1] != ' ' && p[1] != '\t';
			/* Date From To Subject Message-ID X-Case MIME-Version Content-Type */
			assert_int_equal(lines + 1, 8);
			tried += 7;
		}
	}
	assert_true(tried >= 500);
}

static uint32_t seed = 1;

static uint32_t chance(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* Words of letters from several scripts and of every ASCII special; single blanks between. */
static const char *odd_line(size_t words)
{
	static const uint32_t from[] = {'a', 'A', '!', 0xe0, 0x3b1, 0x430, 0x5d0, 0x4e00, 0x1f600};
	static const uint32_t span[] = {26, 26, 15, 32, 20, 32, 20, 500, 60};
	struct buf out;
	buf_init(&out, 100000);
	for (size_t i = 0; i < words; i++) {
		uint32_t kind = chance(ARRAY_LEN(from)), n = 1 + chance(14);
		buf_addstr(&out, i > 0 ? " " : "");
		for (uint32_t k = 0; k < n; k++) {
			char c[4];
			buf_add(&out, c, utf8_put(c, from[kind] + chance(span[kind])));
		}
	}
	return buf_take(&out, arena);
}

static const char *squeezed(const char *s)
{
	return text_trim(arena, s);
}

/* What we write, another reader (libetpan, by our own parser) reads back as it was. */
TEST(another_reader_reads_the_same)
{
	struct charsets *charsets = charsets_open();
	for (size_t i = 0; i < 300; i++) {
		struct compose c = plain();
		const char *name = odd_line(1 + chance(4));
		const struct compose_attachment a = {odd_line(1 + chance(6)), "image/png",
			{(const unsigned char *)name, strlen(name)}};
		c.subject = odd_line(1 + chance(20));
		c.from.name = name;
		c.text = arena_printf(arena, "%s\n\n.\nFrom %s", odd_line(30), odd_line(9));
		c.attachments = &a;
		c.n_attachments = chance(2);
		const char *w = wire(&c);
		const struct bytes raw = {(const unsigned char *)w, strlen(w)};
		const struct mail *m = mail_parse(arena, raw, &(struct mail_limits){0}, charsets);
		assert_string_equal(m->subject, c.subject);
		assert_string_equal(m->from.name, name);
		assert_string_equal(m->from.address, c.from.address);
		assert_string_equal(squeezed(m->text), squeezed(c.text));
		assert_int_equal(m->n_attachments, c.n_attachments);
		if (c.n_attachments)
			assert_int_equal(m->attachments[0].size, strlen(name));
		assert_int_equal(m->date_ms, c.date_ms);
		assert_int_equal(m->defects.n, 0);
	}
	charsets_close(&charsets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_plain_mail_byte_by_byte, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			subjects_are_encoded_from_the_first_word_that_needs_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(long_subjects_are_folded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			names_are_atoms_quoted_or_encoded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			wrong_addresses_and_ids_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			references_keep_the_first_and_the_newest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(text_and_html_are_alternatives, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bodies_are_encoded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(attachments_follow_in_mixed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_large_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_lint_finds_each_fault, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_string_adds_a_header, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_reader_reads_the_same, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
