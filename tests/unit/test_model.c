/* The id tables: every value has one, no two share one, and each reads back as itself. */
#include "base/prelude.h"

#include "core/effects.h"
#include "core/model.h"

#include <setjmp.h>
#include <cmocka.h>

static void test_kinds(void **state)
{
	enum case_kind k;

	(void)state;
	for (int i = 0; i < KIND_N; i++) {
		assert_true(case_kind_from_id(case_kind_id((enum case_kind)i), &k));
		assert_int_equal(k, i);
	}
	assert_false(case_kind_from_id("fråga", &k));
	assert_false(case_kind_from_id("", &k));
	assert_false(case_kind_from_id(NULL, &k));
}

static void test_states(void **state)
{
	enum case_state s;

	(void)state;
	for (int i = 0; i < STATE_N; i++) {
		assert_true(case_state_from_id(case_state_id((enum case_state)i), &s));
		assert_int_equal(s, i);
	}
	assert_false(case_state_from_id("open", &s));
	assert_string_equal(case_state_id(STATE_WAITING_REQUESTER), "waiting_requester");
}

static void test_log_types(void **state)
{
	enum log_type t;

	(void)state;
	for (int i = 0; i < LOG_TYPE_N; i++) {
		assert_true(log_type_from_id(log_type_id((enum log_type)i), &t));
		assert_int_equal(t, i);
	}
	assert_false(log_type_from_id("Opened", &t));
}

static void test_effect_ids(void **state)
{
	enum clock_kind k;
	enum mail_class c;

	(void)state;
	for (int i = 0; i < CLOCK_KIND_N; i++) {
		assert_true(clock_kind_from_id(clock_kind_id((enum clock_kind)i), &k));
		assert_int_equal(k, i);
	}
	for (int i = 0; i < MAILING_N; i++) {
		assert_true(mail_class_from_id(mail_class_id((enum mail_class)i), &c));
		assert_int_equal(c, i);
	}
	assert_false(clock_kind_from_id("tick", &k));
	assert_false(mail_class_from_id("mail", &c));
}

static void test_effects_drop_their_views(void **state)
{
	struct effects e;
	struct outgoing o = {.view = json_object()};
	json_t *kept = json_incref(o.view);

	(void)state;
	effects_init(&e);
	STAILQ_INSERT_TAIL(&e.mails, &o, next);
	effects_release(&e);
	assert_int_equal(kept->refcount, 1);
	assert_true(STAILQ_EMPTY(&e.mails));
	json_decref(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_log_types),
		cmocka_unit_test(test_effect_ids),
		cmocka_unit_test(test_effects_drop_their_views),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
