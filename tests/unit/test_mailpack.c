/* Mailpack and mailjson: a mail goes to the desk and comes back the same; what no parser says is refused,
 * wherever it stands; and the JSON is JSON. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/charset.h"
#include "mail/mailjson.h"
#include "mail/mailpack.h"
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
	struct bytes b = {(const unsigned char *)raw, strlen(raw)};
	return mail_parse(arena, b, &(struct mail_limits){0}, charsets);
}

static const char whole[] =
	"Received: c\r\nReceived: b\r\nAuthentication-Results: x; dmarc=pass\r\nReturn-Path: <>\r\n"
	"Delivered-To: support@lots.example\r\nFrom: \"Bo \\\"B\\\" Ek\" <bo@kalix.example>\r\n"
	"To: a@b.example, =?utf-8?q?=C3=85sa?= <asa@b.example>\r\nCc: c@d.example\r\n"
	"Reply-To: e@f.example\r\nMessage-ID: <1@kalix.example>\r\nIn-Reply-To: <0@x.example>\r\n"
	"References: <9@x.example> <0@x.example>\r\nDate: Mon, 2 Mar 2026 08:00:00 +0100\r\n"
	"Subject: =?utf-8?q?r=C3=A4ksm=C3=B6rg=C3=A5s?= \\o/\r\nMIME-Version: 1.0\r\n"
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
	"hej\tdu\r\n\r\n---------- Forwarded message ---------\r\nFrom: Eva <eva@x.example>\r\n"
	"Date: Mon, 2 Mar 2026 07:00:00 +0100\r\nSubject: nyckel\r\nTo: bo@kalix.example\r\n\r\n"
	"Nyckeln \xe2\x80\x9dsitter\xe2\x80\x9d\r\n--b\r\nContent-Type: image/png; "
	"name=a.png\r\n\r\n"
	"x\r\n--b--\r\n";

static const char returned[] =
	"From: MAILER-DAEMON@mx.example\r\nTo: support@lots.example\r\nReturn-Path: <>\r\n"
	"Subject: Undelivered\r\nContent-Type: multipart/report; report-type=delivery-status; "
	"boundary=b\r\n\r\n--b\r\n\r\nno\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
	"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n"
	"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 nobody\r\n--b--\r\n";

static struct bytes packed(const struct mail *m)
{
	struct buf b;
	buf_init(&b, MAX_IPC_PAYLOAD);
	mail_pack(m, &b);
	assert_true(buf_ok(&b));
	size_t n = b.len;
	return (struct bytes){(const unsigned char *)buf_take(&b, arena), n};
}

TEST(a_mail_comes_back_the_same)
{
	const char *const raws[] = {whole, returned, "\r\n", "From: a@b.example\r\n\r\nhej"};
	for (size_t i = 0; i < ARRAY_LEN(raws); i++) {
		struct mail *m = parse(raws[i]);
		const char *error = "x";
		struct mail *back = mail_unpack(arena, packed(m), &error);
		assert_null(error);
		assert_non_null(back);
		json_t *a = mail_to_json(m), *b = mail_to_json(back);
		assert_non_null(a);
		assert_true(json_equal(a, b));
		json_decref(a);
		json_decref(b);
	}
	/* The samples have what they are there for. */
	assert_int_equal(parse(whole)->n_attachments, 1);
	assert_true(parse(whole)->forward.present);
	assert_int_equal(parse(returned)->auto_class, MAIL_BOUNCE);
}

TEST(the_json_says_what_the_mail_says)
{
	struct mail *m = parse(whole);
	m->new_text = "\"\\\b\f\n\r\t\x01\x1f/\xc3\xa5";
	json_t *o = mail_to_json(m);
	assert_non_null(o);
	assert_string_equal(json_string_value(json_object_get(o, "new_text")), m->new_text);
	assert_string_equal(json_string_value(json_object_get(o, "subject")), m->subject);
	assert_string_equal(json_string_value(json_object_get(o, "from_name")), "Bo \"B\" Ek");
	assert_int_equal(json_integer_value(json_object_get(o, "date_ms")), m->date_ms);
	assert_int_equal(json_array_size(json_object_get(o, "to")), 2);
	json_t *attachment = json_array_get(json_object_get(o, "attachments"), 0);
	assert_string_equal(json_string_value(json_object_get(attachment, "name")), "a.png");
	assert_true(json_is_false(json_object_get(attachment, "inline")));
	json_t *forward = json_object_get(json_object_get(o, "forward"), "from");
	assert_string_equal(
		json_string_value(json_object_get(forward, "address")), "eva@x.example");
	/* One line, with nothing between its members, as jansson writes it. */
	struct buf line;
	buf_init(&line, MAX_IPC_PAYLOAD);
	mail_write_json(m, &line);
	char *same = json_dumps(o, JSON_COMPACT);
	assert_string_equal(line.data, same);
	free(same);
	buf_release(&line);
	json_decref(o);
}

static void refused(struct bytes b)
{
	const char *error = NULL;
	assert_null(mail_unpack(arena, b, &error));
	assert_non_null(error);
}

TEST(what_ends_early_or_late_is_refused)
{
	struct bytes b = packed(parse(whole));
	for (size_t n = 0; n < b.n; n++)
		refused((struct bytes){b.p, n});
	unsigned char *more = arena_alloc(arena, b.n + 1);
	memcpy(more, b.p, b.n);
	refused((struct bytes){more, b.n + 1});
}

static char *letters(size_t n)
{
	char *s = arena_alloc(arena, n + 1);
	memset(s, 'a', n);
	return s;
}

/* One member of a right answer is what the parser never says. */
TEST(the_desk_refuses_what_is_no_answer)
{
	for (int what = 0; what < 14; what++) {
		struct mail *m = parse(whole);
		switch (what) {
		case 0:
			m->has_from = false;
			break;
		case 1:
			m->from.address = "";
			break;
		case 2:
			m->to.v[0].address = "";
			break;
		case 3:
			m->auto_class = MAIL_AUTO_N;
			break;
		case 4:
			m->size = -1;
			break;
		case 5:
			m->message_id = letters(MAX_MESSAGE_ID_BYTES + 1);
			break;
		case 6:
			m->text = letters(2 * MAX_TEXT_BYTES + 1);
			break;
		case 7:
			m->attachments[0].sha256[63] = 'g';
			break;
		case 8:
			m->attachments[0].raw_offset = -2;
			break;
		case 9:
			m->attachments[0].size = MAX_MAIL_BYTES + 1;
			break;
		case 10:
			m->auth_results[0].received_above = MAX_HEADER_BYTES + 1;
			break;
		case 11:
			m->received.n = 501;
			m->received.v = arena_array(arena, 501, sizeof(*m->received.v));
			for (size_t i = 0; i < 501; i++)
				m->received.v[i] = "";
			break;
		case 12:
			m->absent_until_ms = -5;
			break;
		case 13:
			m->auto_reason = letters(201);
			break;
		}
		refused(packed(m));
	}
}

/* Strings are cleaned again: what a taken over child writes in them reaches no header and no log. */
TEST(strings_are_cleaned)
{
	struct mail *m = parse(whole);
	const char *error;
	m->subject = "a\r\nBcc: x@y.example\x1b[1m\xff";
	m->new_text = "a\x07\xc3";
	struct mail *back = mail_unpack(arena, packed(m), &error);
	assert_non_null(back);
	assert_null(strpbrk(back->subject, "\r\n\x1b"));
	assert_string_equal(back->new_text, "a\xEF\xBF\xBD");
	/* A NUL inside a length is no string of ours. */
	struct bytes b = packed(m);
	unsigned char *with_nul = arena_alloc(arena, b.n);
	memcpy(with_nul, b.p, b.n);
	unsigned char *at = memmem(with_nul, b.n, "kalix", 5);
	assert_non_null(at);
	at[2] = '\0';
	refused((struct bytes){with_nul, b.n});
}

/* Any byte changed: refused, or a mail that can be used. */
TEST(any_byte_may_be_wrong)
{
	static const char *const raws[] = {whole, returned};
	for (size_t k = 0; k < ARRAY_LEN(raws); k++) {
		struct bytes b = packed(parse(raws[k]));
		unsigned char *bad = malloc(b.n);
		for (size_t i = 0; i < b.n; i++) {
			struct arena *own = arena_new(MAX_ARENA_BYTES);
			const char *error;
			memcpy(bad, b.p, b.n);
			bad[i] ^= (unsigned char)(1u << (i % 8)) | 0x80;
			struct mail *m = mail_unpack(own, (struct bytes){bad, b.n}, &error);
			if (m != NULL) {
				json_t *o = mail_to_json(m);
				assert_non_null(o);
				json_decref(o);
			}
			arena_free(&own);
		}
		free(bad);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_comes_back_the_same),
		cmocka_unit_test(the_json_says_what_the_mail_says),
		cmocka_unit_test(what_ends_early_or_late_is_refused),
		cmocka_unit_test(the_desk_refuses_what_is_no_answer),
		cmocka_unit_test(strings_are_cleaned),
		cmocka_unit_test(any_byte_may_be_wrong),
	};
	return cmocka_run_group_tests_name("mailpack", tests, set_up, tear_down);
}
