/* What others must know of our mail: the headers and the return path of each class. */
#include "cmocka_test.h"

#include "app/delivery.h"
#include "base/arena.h"
#include "base/limits.h"
#include "core/config.h"
#include "core/doc.h"

#define REPLY "support+aaaaaa@lots.example"

enum marked { NOTHING, CHAIN, AUTOMATIC };

static const struct {
	enum mail_class class;
	enum marked marked;
	bool null_path;
} classes[] = {{MAILING_RECEIPT, AUTOMATIC, true}, /* and reminders to requesters, closures */
	{MAILING_BROADCAST, AUTOMATIC, true}, {MAILING_COMMAND, AUTOMATIC, true},
	{MAILING_ALARM, AUTOMATIC, true}, {MAILING_NOTIFICATION, CHAIN, false},
	{MAILING_DIGEST, CHAIN, false}, {MAILING_ANSWER, CHAIN, false},
	{MAILING_HANDOVER, NOTHING, false}};

static const char *header_part(struct arena *arena, enum mail_class class, const char *in_reply_to,
	const char **return_path)
{
	struct block block = {.type = BLOCK_PARAGRAPH, .text = "Hej"};
	struct doc doc = {.language = "sv", .blocks = &block, .n_blocks = 1};
	struct mailbox box = {.name = "support", .address = "support@lots.example"};
	struct config config = {.installation = "Support",
		.domain = "lots.example",
		.mailboxes = &box,
		.n_mailboxes = 1};
	struct desk desk = {.config = &config};
	struct outbox_content body = {
		.class = class, .language = "sv", .subject = "[Support 1001] Hej"};
	struct outbox_row row = {.class = class,
		.address = "kim@kalix.example",
		.name = "",
		.language = "sv",
		.mailbox = "support",
		.message_id = "1001.1.aaaa@lots.example",
		.reply_address = REPLY,
		.in_reply_to = in_reply_to,
		.refs = in_reply_to,
		.body = &body};
	const char *error = "";
	struct buf wire;

	body.doc = doc_to_stored(arena, &doc);
	buf_init(&wire, MAX_TEXT_BYTES);
	assert_int_equal(delivery_compose(&desk, arena, &row, &wire, &error), 0);
	char *headers = buf_take(&wire, arena);
	char *end = strstr(headers, "\r\n\r\n");
	assert_non_null(end);
	*end = '\0';
	*return_path = strcmp(delivery_return_path(&row), REPLY) == 0 ? REPLY
		       : *delivery_return_path(&row) == '\0'	      ? ""
								      : "another";
	return headers;
}

TEST(each_class)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);

	assert_int_equal(ARRAY_LEN(classes), MAILING_N);
	for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
		const char *path;
		const char *h = header_part(arena, classes[i].class, "", &path);
		const char *wanted = classes[i].marked == AUTOMATIC
					     ? "X-Auto-Response-Suppress: All"
				     : classes[i].marked == CHAIN
					     ? "X-Auto-Response-Suppress: DR, RN, NRN, AutoReply"
					     : NULL;

		assert_int_equal(strstr(h, "\r\nAuto-Submitted: auto-generated") != NULL,
			classes[i].marked == AUTOMATIC);
		assert_int_equal(strstr(h, "X-Auto-Response-Suppress") != NULL,
			classes[i].marked != NOTHING);
		assert_true(wanted == NULL || strstr(h, wanted) != NULL);
		assert_string_equal(path, classes[i].null_path ? "" : REPLY);
		/* None is marked as a mailing: filters would put it aside. */
		assert_null(strstr(h, "Precedence"));
		assert_non_null(strstr(h, "\r\nReply-To: " REPLY));
		assert_non_null(strstr(h, "\r\nMessage-ID: <1001.1.aaaa@lots.example>"));
	}
	arena_free(&arena);
}

TEST(an_answer_to_a_mail_says_so)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	const char *path;
	const char *h = header_part(arena, MAILING_RECEIPT, "q@kalix.example", &path);

	assert_non_null(strstr(h, "\r\nAuto-Submitted: auto-replied"));
	assert_non_null(strstr(h, "\r\nIn-Reply-To: <q@kalix.example>"));
	assert_non_null(strstr(h, "\r\nReferences: <q@kalix.example>"));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_class), cmocka_unit_test(an_answer_to_a_mail_says_so)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
