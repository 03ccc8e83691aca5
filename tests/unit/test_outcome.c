/* The table from replies to outcomes, row by row. */
#include "base/prelude.h"

#include "cmocka_test.h"
#include "workers/outcome.h"

struct row {
	enum smtp_stage stage;
	int reply;
	enum delivery delivery;
	bool sink_down;
};

static const struct row rows[] = {
	/* Before MAIL: never the mail's fault, whatever the code. */
	{SMTP_CONNECT, 0, DELIVERY_DEFERRED, true},
	{SMTP_CONNECT, 421, DELIVERY_DEFERRED, true},
	{SMTP_CONNECT, 554, DELIVERY_DEFERRED, true},
	{SMTP_HELLO, 550, DELIVERY_DEFERRED, true},
	{SMTP_TLS, 454, DELIVERY_DEFERRED, true},
	{SMTP_TLS, 0, DELIVERY_DEFERRED, true},
	{SMTP_LOGIN, 535, DELIVERY_DEFERRED, true},
	{SMTP_LOGIN, 454, DELIVERY_DEFERRED, true},
	/* About this mail. */
	{SMTP_MAIL, 452, DELIVERY_DEFERRED, false},
	{SMTP_MAIL, 550, DELIVERY_FAILED, false},
	{SMTP_MAIL, 552, DELIVERY_FAILED, false},
	{SMTP_MAIL, 530, DELIVERY_DEFERRED, true},
	{SMTP_MAIL, 421, DELIVERY_DEFERRED, true},
	{SMTP_MAIL, 0, DELIVERY_DEFERRED, true},
	{SMTP_MAIL, 250, DELIVERY_DEFERRED, true},
	{SMTP_RCPT, 450, DELIVERY_DEFERRED, false},
	{SMTP_RCPT, 451, DELIVERY_DEFERRED, false},
	{SMTP_RCPT, 550, DELIVERY_FAILED, false},
	{SMTP_RCPT, 503, DELIVERY_DEFERRED, true},
	{SMTP_RCPT, 0, DELIVERY_DEFERRED, true},
	{SMTP_DATA, 354, DELIVERY_DEFERRED, true},
	{SMTP_DATA, 451, DELIVERY_DEFERRED, false},
	{SMTP_DATA, 554, DELIVERY_FAILED, false},
	{SMTP_DATA, 421, DELIVERY_DEFERRED, true},
	/* After the end of the message. */
	{SMTP_END, 250, DELIVERY_ACCEPTED, false},
	{SMTP_END, 251, DELIVERY_ACCEPTED, false},
	{SMTP_END, 451, DELIVERY_DEFERRED, false},
	{SMTP_END, 421, DELIVERY_DEFERRED, true},
	{SMTP_END, 550, DELIVERY_FAILED, false},
	{SMTP_END, 503, DELIVERY_DEFERRED, true},
	{SMTP_END, 0, DELIVERY_UNKNOWN, true},
	{SMTP_END, 354, DELIVERY_UNKNOWN, true},
	{SMTP_END, 999, DELIVERY_UNKNOWN, true},
};

static void every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct verdict v = outcome_of(rows[i].stage, rows[i].reply);
		if (v.delivery != rows[i].delivery || v.sink_down != rows[i].sink_down)
			fail_msg("stage %d reply %d: %s down=%d", rows[i].stage, rows[i].reply,
				delivery_id(v.delivery), v.sink_down);
	}
}

/* The promises behind the table, over all codes. */
static void all_codes(void **state)
{
	(void)state;
	for (int reply = 0; reply < 1000; reply++) {
		for (int stage = 0; stage < SMTP_STAGE_N; stage++) {
			enum delivery d = outcome_of((enum smtp_stage)stage, reply).delivery;
			if (stage != SMTP_END) {
				assert_int_not_equal(d, DELIVERY_UNKNOWN);
				assert_int_not_equal(d, DELIVERY_ACCEPTED);
			}
			if (d == DELIVERY_FAILED)
				assert_int_equal(reply / 100, 5);
			if (d == DELIVERY_ACCEPTED)
				assert_int_equal(reply / 100, 2);
		}
	}
}

static void ids(void **state)
{
	enum delivery d;
	(void)state;
	for (int i = 0; i < DELIVERY_N; i++) {
		assert_true(delivery_from_id(delivery_id((enum delivery)i), &d));
		assert_int_equal(d, i);
	}
	assert_false(delivery_from_id("sent", &d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row),
		cmocka_unit_test(all_codes),
		cmocka_unit_test(ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
