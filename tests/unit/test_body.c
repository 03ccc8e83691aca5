/* A whole mail read: which parts are its text, what is an attachment and how it is called, wrappers, defects;
 * and that the desk reads back what the parser says, and refuses what it could not have said. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/charset.h"
#include "mail/parse.h"
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

static struct mail *parse(const char *raw)
{
	return mail_parse(arena, (struct bytes){(const unsigned char *)raw, strlen(raw)},
		&(struct mail_limits){0}, charsets);
}

#define FROM "From: Bo Ek <bo.ek@kalix.example>\r\nDate: Mon, 2 Mar 2026 08:00:00 +0100\r\n"
#define MULTI(kind) FROM "Content-Type: multipart/" kind "; boundary=b\r\n\r\n"
#define PART(type) "\r\n--b\r\nContent-Type: " type "\r\n\r\n"

static const char *names(const struct mail *m)
{
	const char *s = "";

	for (size_t i = 0; i < m->n_attachments; i++)
		s = arena_printf(arena, "%s%s%s:%s", s, i ? "," : "", m->attachments[i].name,
			m->attachments[i].type);
	return s;
}

TEST(text_and_attachments)
{
	static const struct {
		const char *raw, *text, *names;
	} cases[] = {
		{FROM "\r\nhej\r\n", "hej\n", ""},
		{MULTI("alternative") PART("text/plain") "plain" PART("text/html") "<p>html"
										   "\r\n--b--",
			"plain", ""},
		{MULTI("alternative") PART("text/plain") " " PART("text/html") "<p>html"
									       "\r\n--b--",
			"html\n", ""},
		{MULTI("alternative") PART("text/html") "<p>html" PART("image/png") "x"
										    "\r\n--b--",
			"html\n", "image1.png:image/png"},
		{MULTI("mixed") PART("text/plain") "ett" PART(
			 "application/pdf; name=a.pdf") "x" PART("text/plain") "tv\303\245"
									       "\r\n--b--",
			"ett\n\ntv\303\245", "a.pdf:application/pdf"},
		{MULTI("mixed") PART("text/plain") "ett" PART("text/plain") "sidfot"
									    "\r\n--b--",
			"ett", ":text/plain"},
		{MULTI("mixed") PART("text/plain") "ett" PART(
			 "text/plain; name=logg.txt") "x"
						      "\r\n--b--",
			"ett", "logg.txt:text/plain"},
		{FROM "Content-Type: text/plain; name=brev.txt\r\n\r\nhej", "hej",
			"brev.txt:text/plain"},
		{FROM "Content-Type: text/csv\r\nContent-Disposition: attachment; "
		      "filename=a.csv\r\n\r\n1",
			"", "a.csv:text/csv"},
		{MULTI("related") PART("text/html") "<p>x<img src=cid:a>" PART(
			 "image/png\r\nContent-ID: <bild.png@x>") "x"
								  "\r\n--b--",
			"x\n", "bild.png:image/png"},
		{MULTI("mixed") PART("text/plain") "se" PART(
			 "message/rfc822") "Subject: inre\r\n\r\ninre text"
					   "\r\n"
					   "--b--",
			"se", ":message/rfc822"},
		{MULTI("mixed") "utan delar", "utan delar", ""},
		{MULTI("encrypted") PART("application/pgp-encrypted") "x"
								      "\r\n--b--",
			"", ":application/pgp-encrypted"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mail *m = parse(cases[i].raw);

		assert_string_equal(m->text, cases[i].text);
		assert_string_equal(names(m), cases[i].names);
	}
	assert_true(parse(cases[ARRAY_LEN(cases) - 1].raw)->encrypted);
}

TEST(attachment_bytes_are_those_that_were_hashed)
{
	static const char raw[] = MULTI("mixed")
		PART("application/pdf\r\nContent-Transfer-Encoding: Base64 (x)") "aGVq\r\n"
										 "\r\n--b--";
	struct mail *m = parse(raw);
	struct bytes in = {(const unsigned char *)raw, strlen(raw)}, out;

	assert_int_equal(m->n_attachments, 1);
	assert_int_equal(m->attachments[0].size, 3);
	/* sha256 of "hej" */
	assert_string_equal(m->attachments[0].sha256,
		"9c478bf63e9500cb5db1e85ece82f18c8eb9e52e2f9135acd7f10972c8d563ba");
	assert_int_equal(mail_attachment_bytes(arena, in, &m->attachments[0], 100, &out), 0);
	assert_int_equal(out.n, 3);
	assert_memory_equal(out.p, "hej", 3);
	assert_int_equal(mail_attachment_bytes(arena, in, &m->attachments[0], 2, &out), -1);
	m->attachments[0].raw_offset = (int64_t)sizeof(raw);
	assert_int_equal(mail_attachment_bytes(arena, in, &m->attachments[0], 100, &out), -1);
}

TEST(a_file_in_the_text)
{
	static const char raw[] =
		FROM "\r\nFilen kommer här.\r\n\r\nbegin 644 hej.txt\r\n#:&5J\r\n`\r\nend\r\n\r\n"
		     "begin 644 inget, skrev han.\r\nend\r\n";
	struct mail *m = parse(raw);
	struct bytes in = {(const unsigned char *)raw, strlen(raw)}, out;

	assert_string_equal(names(m), "hej.txt:application/octet-stream");
	assert_int_equal(mail_attachment_bytes(arena, in, &m->attachments[0], 100, &out), 0);
	assert_int_equal(out.n, 3);
	assert_memory_equal(out.p, "hej", 3);
	assert_string_equal(m->new_text, "Filen kommer här.\n\nbegin 644 inget, skrev han.\nend");
}

TEST(names_that_lie)
{
	static const char *const cases[][2] = {
		{"a.pdf", "a.pdf"},
		{"=?utf-8?q?r=C3=A4k.pdf?=", "r\303\244k.pdf"},
		{"../../etc/passwd", "passwd"},
		{"..", ""},
		{"=?utf-8?q?faktura=E2=80=AEfdp.exe?=", "fakturafdp.exe"},
		{"=?utf-8?q?fak=E2=80=8Btura.pdf?=", "faktura.pdf"},
		{"=?utf-8?q?a=0D=0AX:_1?=", "a X: 1"},
		{"=?utf-8?q?a=00b?=", "ab"},
	};
	static const char *const files[][2] = {{"/etc/passwd", "passwd"},
		{"C:\\dir\\a.txt", "a.txt"}, {"a:b*c?.txt", "a_b_c_.txt"}, {".profile", "profile"},
		{"a. .", "a"}, {"...", ""}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mail *m = parse(arena_printf(arena,
			MULTI("mixed") PART("application/x\r\nContent-Disposition: attachment; "
					    "filename=\"%s\"") "x"
							       "\r\n--b--",
			cases[i][0]));

		assert_int_equal(m->n_attachments, 1);
		assert_string_equal(m->attachments[0].name, cases[i][1]);
	}
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		assert_string_equal(mail_file_name(arena, files[i][0]), files[i][1]);
}

TEST(who_and_defects)
{
	static const struct {
		const char *raw;
		bool has_from;
		const char *defect;
	} cases[] = {
		{FROM "\r\n", true, NULL},
		{FROM "From: a@b.example\r\n\r\n", false, "several-from"},
		{"From: a@b.example, c@d.example\r\n\r\n", false, "several-from"},
		{"From: Bo Ek\r\n\r\n", false, "no-from"},
		{"\r\nhej", false, "no-from"},
		{FROM "Content-Type: text/plain; charset=utf-8\r\n\r\nh\345l", true, "charset"},
		{MULTI("mixed") PART("text/plain") "x", true, "mime-broken"},
		{FROM "Content-Type: application/ms-tnef\r\n\r\nx", true, "tnef"},
		{FROM "Content-Type: application/pkcs7-mime\r\n\r\nx", true, "smime"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mail *m = parse(cases[i].raw);
		bool found = !cases[i].defect;

		assert_int_equal(m->has_from, cases[i].has_from);
		assert_int_equal(*m->from.address != '\0', cases[i].has_from);
		for (size_t k = 0; k < m->defects.n; k++)
			found |= cases[i].defect && strcmp(m->defects.v[k], cases[i].defect) == 0;
		assert_true(found);
	}
}

/* More than the most in all fields: the first are kept, and the mail says so. */
TEST(addresses_end_somewhere)
{
	char raw[64000];
	size_t n = (size_t)snprintf(raw, sizeof(raw), FROM "To: ");

	for (int i = 0; i < 400; i++)
		n += (size_t)snprintf(raw + n, sizeof(raw) - n, "a%d@b.example,\r\n ", i);
	n += (size_t)snprintf(raw + n, sizeof(raw) - n, "x@b.example\r\nCc: ");
	for (int i = 0; i < 400; i++)
		n += (size_t)snprintf(raw + n, sizeof(raw) - n, "c%d@b.example,\r\n ", i);
	snprintf(raw + n, sizeof(raw) - n, "y@b.example\r\n\r\nhej\r\n");
	struct mail *m = parse(raw);
	bool told = false;

	for (size_t k = 0; k < m->defects.n; k++)
		told |= strcmp(m->defects.v[k], "addresses") == 0;
	assert_true(told);
	assert_true(m->has_from);
	assert_int_equal(m->to.n, 401);
	assert_true(m->to.n + m->cc.n <= 500 && m->cc.n > 50);
}

TEST(the_trace)
{
	struct mail *m = parse(
		"Received: c\r\nAuthentication-Results: x; dmarc=pass\r\nReceived: b\r\nReceived: "
		"a\r\nAuthentication-Results: y\r\nReturn-Path: <>\r\nDelivered-To: "
		"support@lots.example\r\nX-MS-Exchange-Organization-AuthAs: Internal\r\n" FROM
		"\r\n");

	assert_int_equal(m->received.n, 3);
	assert_string_equal(m->received.v[0], "c");
	assert_int_equal(m->n_auth_results, 2);
	assert_int_equal(m->auth_results[0].received_above, 1);
	assert_int_equal(m->auth_results[1].received_above, 3);
	assert_string_equal(m->return_path, "<>");
	assert_string_equal(m->delivered_to.v[0], "support@lots.example");
	assert_string_equal(m->exchange_auth_as, "Internal");
	assert_int_equal(m->date_ms, 1772434800000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_attachments),
		cmocka_unit_test(attachment_bytes_are_those_that_were_hashed),
		cmocka_unit_test(a_file_in_the_text),
		cmocka_unit_test(names_that_lie),
		cmocka_unit_test(who_and_defects),
		cmocka_unit_test(addresses_end_somewhere),
		cmocka_unit_test(the_trace),
	};
	return cmocka_run_group_tests_name("body", tests, set_up, tear_down);
}
