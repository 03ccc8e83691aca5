/* The outbox: claim, freeze, dot, end, leases, and what the operator may do. */
#include "store_fixture.h"

#include "base/date.h"

static const int64_t DELAYS[] = {5 * MS_MINUTE, 15 * MS_MINUTE, MS_HOUR};
static const struct backoff BACKOFF = {DELAYS, ARRAY_LEN(DELAYS), 5 * MS_DAY};

static struct outbox_row *claim(struct fixture *f, int64_t now, size_t expect)
{
	struct outbox_row *rows;
	size_t n;

	ok(store_outbox_claim(f->store, f->arena, "out", now, now + MS_MINUTE, 10, &rows, &n));
	assert_int_equal(n, expect);
	return rows;
}

static enum outbox_state state_of(struct fixture *f, int64_t id)
{
	struct outbox_row r;

	ok(store_outbox_get(f->store, f->arena, id, &r));
	return r.state;
}

static struct bytes bytes_of(const char *s)
{
	return (struct bytes){(const unsigned char *)s, strlen(s)};
}

static void goes_by_class_then_age(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	int64_t receipt = queue_mail(f, k, MAILING_RECEIPT, 0);
	int64_t second = queue_mail(f, k, MAILING_RECEIPT, 0);
	int64_t answer = queue_mail(f, k, MAILING_ANSWER, 0);
	int64_t later = queue_mail(f, k, MAILING_ALARM, T0 + 1);
	struct outbox_row *rows = claim(f, T0, 3);

	assert_int_equal(rows[0].id, answer);
	assert_int_equal(rows[1].id, receipt);
	assert_int_equal(rows[2].id, second);
	assert_int_equal(rows[0].number, k->number);
	assert_int_equal(rows[0].tries, 1);
	assert_string_equal(rows[0].body->template_id, "receipt");
	assert_null(rows[0].wire.p);
	claim(f, T0, 0);
	assert_int_equal(claim(f, T0 + 1, 1)->id, later);
}

static void whole_way_to_accepted(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	int64_t id = queue_mail(f, k, MAILING_RECEIPT, 0), waiting;
	enum outbox_state became;
	struct outbox_row r;

	claim(f, T0, 1);
	ok(store_outbox_freeze(f->store, id, bytes_of("From: x\r\n\r\n")));
	assert_int_equal(store_outbox_freeze(f->store, id, bytes_of("other")), STORE_EXISTS);
	ok(store_outbox_dot(f->store, &id, 1));
	assert_int_equal(store_outbox_dot(f->store, &id, 1), STORE_NONE);
	ok(store_outbox_waiting(f->store, &waiting));
	assert_int_equal(waiting, 1);
	ok(store_outbox_finish(
		f->store, id, SEND_ACCEPTED, "250", "queued", &BACKOFF, T0 + 5, &became));
	assert_int_equal(became, OUTBOX_ACCEPTED);
	ok(store_outbox_get(f->store, f->arena, id, &r));
	assert_int_equal(r.accepted_ms, T0 + 5);
	assert_string_equal(r.last_code, "250");
	assert_null(r.wire.p);
	ok(store_outbox_waiting(f->store, &waiting));
	assert_int_equal(waiting, 0);
	assert_int_equal(store_outbox_finish(f->store, id, SEND_ACCEPTED, "", "", NULL, T0, NULL),
		STORE_NONE);
	assert_int_equal(store_outbox_retry(f->store, id, T0), STORE_NONE);
	assert_int_equal(store_outbox_cancel(f->store, id, T0), STORE_NONE);
}

static void deferred_waits_and_sends_the_same_bytes(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	int64_t id = queue_mail(f, k, MAILING_RECEIPT, 0), at, now = T0;
	enum outbox_state became;

	for (size_t i = 0; i < 5; i++) {
		struct outbox_row *r = claim(f, now, 1);
		if (i == 0)
			ok(store_outbox_freeze(f->store, id, bytes_of("bytes")));
		else
			assert_memory_equal(r->wire.p, "bytes", 5);
		ok(store_outbox_finish(
			f->store, id, SEND_DEFERRED, "451", "later", &BACKOFF, now, &became));
		assert_int_equal(became, OUTBOX_DEFERRED);
		ok(store_outbox_next(f->store, "out", &at));
		assert_int_equal(at, now + DELAYS[i < 3 ? i : 2]);
		ok(store_outbox_next(f->store, "", &at));
		assert_int_equal(at, now + DELAYS[i < 3 ? i : 2]);
		assert_int_equal(store_outbox_next(f->store, "other", &at), STORE_NONE);
		ok(store_outbox_next(f->store, "out", &at));
		claim(f, at - 1, 0);
		now = at;
	}
	now = T0 + 5 * MS_DAY;
	claim(f, now, 1);
	ok(store_outbox_finish(
		f->store, id, SEND_DEFERRED, "451", "later", &BACKOFF, now, &became));
	assert_int_equal(became, OUTBOX_FAILED);
	assert_int_equal(store_outbox_next(f->store, "out", &at), STORE_NONE);
	assert_int_equal(store_outbox_next(f->store, "", &at), STORE_NONE);
	ok(store_outbox_retry(f->store, id, now));
	assert_memory_equal(claim(f, now, 1)->wire.p, "bytes", 5);
}

static void leases_end(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	int64_t sending = queue_mail(f, k, MAILING_RECEIPT, 0);
	int64_t dot = queue_mail(f, k, MAILING_RECEIPT, 0), requeued, unknown;
	struct store_counts counts;

	claim(f, T0, 2);
	ok(store_outbox_freeze(f->store, dot, bytes_of("same")));
	ok(store_outbox_dot(f->store, &dot, 1));
	ok(store_outbox_expire(f->store, T0 + MS_MINUTE, &requeued, &unknown));
	assert_int_equal(requeued + unknown, 0);
	ok(store_outbox_expire(f->store, INT64_MAX, &requeued, &unknown));
	assert_int_equal(requeued, 1);
	assert_int_equal(unknown, 1);
	assert_int_equal(state_of(f, sending), OUTBOX_QUEUED);
	assert_int_equal(state_of(f, dot), OUTBOX_UNKNOWN);
	ok(store_count(f->store, &counts));
	assert_int_equal(counts.outbox_unknown_ever, 1);
	assert_int_equal(counts.outbox_waiting, 2);
	struct outbox_row *rows = claim(f, T0 + 1, 2);
	assert_int_equal(rows[1].id, dot);
	assert_memory_equal(rows[1].wire.p, "same", 4);
	assert_int_equal(rows[1].unknowns, 1);
}

static void dot_is_all_or_nothing(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	int64_t ids[2] = {queue_mail(f, k, MAILING_RECEIPT, 0)};

	claim(f, T0, 1);
	ids[1] = queue_mail(f, k, MAILING_RECEIPT, 0);
	assert_int_equal(store_outbox_dot(f->store, ids, 2), STORE_NONE);
	assert_int_equal(state_of(f, ids[0]), OUTBOX_SENDING);
	ok(store_begin(f->store)); /* in a round, which goes on and is committed */
	assert_int_equal(store_outbox_dot(f->store, ids, 2), STORE_NONE);
	ids[1] = ids[0];
	assert_int_equal(store_outbox_dot(f->store, ids, 2), STORE_NONE);
	ok(store_commit(f->store));
	assert_int_equal(state_of(f, ids[0]), OUTBOX_SENDING);
	ok(store_outbox_dot(f->store, ids, 1));
	assert_int_equal(state_of(f, ids[0]), OUTBOX_DOT);
}

static void operator_holds_cancels_and_retries(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	int64_t id = queue_mail(f, k, MAILING_RECEIPT, 0), n;

	ok(store_outbox_hold(f->store, id, "operator", T0));
	claim(f, T0, 0);
	ok(store_outbox_retry(f->store, id, T0));
	claim(f, T0, 1);
	assert_int_equal(store_outbox_hold(f->store, id, "operator", T0), STORE_NONE);
	queue_mail(f, k, MAILING_RECEIPT, 0);
	queue_mail(f, k, MAILING_ANSWER, 0);
	ok(store_outbox_cancel_case(f->store, k->id, MAILING_ANSWER, T0, &n));
	assert_int_equal(n, 1);
	ok(store_outbox_cancel_case(f->store, k->id, MAILING_N, T0, &n));
	assert_int_equal(n, 1);
	claim(f, T0, 0);
	assert_int_equal(state_of(f, id), OUTBOX_SENDING);
}

static void is_found_and_listed(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	int64_t first = queue_mail(f, k, MAILING_RECEIPT, 0), id;
	int64_t second = queue_mail(f, k, MAILING_ANSWER, 0);
	struct outbox_row *rows, r;
	const char **ids;
	size_t n;

	ok(store_outbox_get(f->store, f->arena, second, &r));
	ok(store_outbox_by_message_id(f->store, f->arena, r.message_id, &id));
	assert_int_equal(id, second);
	assert_int_equal(store_outbox_by_message_id(f->store, f->arena, "no", &id), STORE_NONE);
	assert_int_equal(store_outbox_get(f->store, f->arena, 99, &r), STORE_NONE);
	ok(store_outbox_list(f->store, f->arena, &(struct outbox_filter){0}, &rows, &n));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].id, second);
	ok(store_outbox_list(f->store, f->arena,
		&(struct outbox_filter){.states = 1u << OUTBOX_QUEUED, .before = second}, &rows,
		&n));
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].id, first);
	ok(store_outbox_list(
		f->store, f->arena, &(struct outbox_filter){.case_id = k->id + 1}, &rows, &n));
	assert_int_equal(n, 0);
	ok(store_outbox_list(f->store, f->arena,
		&(struct outbox_filter){.states = 1u << OUTBOX_FAILED}, &rows, &n));
	assert_int_equal(n, 0);
	ok(store_outbox_thread(f->store, f->arena, k->id, k->requester, &ids, &n));
	assert_int_equal(n, 2);
	assert_string_equal(ids[1], r.message_id);
}

static void attachments_go_along(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	struct mail_attachment_ref refs[] = {
		{take_in(f, "support", "1", "a", T0), 2}, {take_in(f, "support", "2", "b", T0), 0}};
	struct outbox_row r;

	int64_t id = queue_mail(f, k, MAILING_NOTIFICATION, 0);
	ok(store_outbox_get(f->store, f->arena, id, &r));
	r.attachments = refs;
	r.n_attachments = 2;
	r.message_id = "other@lots.example";
	ok(store_outbox_reserve(f->store, 1, &r.id));
	ok(store_outbox_add(f->store, &r));
	ok(store_outbox_get(f->store, f->arena, r.id, &r));
	assert_int_equal(r.n_attachments, 2);
	assert_int_equal(r.attachments[0].inbox, refs[0].inbox);
	assert_int_equal(r.attachments[0].index, 2);
}

static void serials_go_on_after_a_restart(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	int64_t id = queue_mail(f, k, MAILING_RECEIPT, 0), next;

	fixture_reopen(f);
	ok(store_outbox_reserve(f->store, 3, &next));
	assert_int_equal(next, id + 1);
	ok(store_outbox_reserve(f->store, 1, &next));
	assert_int_equal(next, id + 4);
}

static void new_rows_are_queued_or_held(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	struct outbox_row r;

	int64_t id = queue_mail(f, k, MAILING_RECEIPT, 0);
	ok(store_outbox_get(f->store, f->arena, id, &r));
	ok(store_outbox_reserve(f->store, 1, &r.id));
	assert_int_equal(store_outbox_add(f->store, &r), STORE_EXISTS); /* the Message-ID */
	r.message_id = "other@lots.example";
	r.state = OUTBOX_ACCEPTED;
	assert_int_equal(store_outbox_add(f->store, &r), STORE_REFUSED);
	r.state = OUTBOX_HELD;
	r.held_because = "shadow";
	ok(store_outbox_add(f->store, &r));
	claim(f, T0, 1);
}

int main(void)
{
#define MEMORY(test) cmocka_unit_test_setup_teardown(test, fixture_memory, fixture_close)
	const struct CMUnitTest tests[] = {
		MEMORY(goes_by_class_then_age),
		MEMORY(whole_way_to_accepted),
		MEMORY(deferred_waits_and_sends_the_same_bytes),
		MEMORY(leases_end),
		MEMORY(dot_is_all_or_nothing),
		MEMORY(operator_holds_cancels_and_retries),
		MEMORY(is_found_and_listed),
		MEMORY(attachments_go_along),
		MEMORY(new_rows_are_queued_or_held),
		cmocka_unit_test_setup_teardown(
			serials_go_on_after_a_restart, fixture_dir, fixture_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
