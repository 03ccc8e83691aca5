/* The inbox: what was read, kept once, counted, tried, put in quarantine; and the conservation law. */
#include "store_fixture.h"

#include "base/limits.h"

static void holds(struct fixture *f)
{
	struct conservation c, quick;

	ok(store_conservation(f->store, false, &c));
	ok(store_conservation(f->store, true, &quick));
	assert_true(c.holds);
	assert_true(quick.holds);
	assert_int_equal(c.seen, quick.seen);
}

static struct intake mail(const char *mailbox, const char *key, const char *raw)
{
	return (struct intake){
		.mailbox = mailbox, .key = key, .raw = {(const unsigned char *)raw, strlen(raw)}};
}

static void a_batch_is_stored_and_known_again(void **state)
{
	struct fixture *f = *state;
	struct intake batch[] = {mail("support", "1/1", "one"), mail("support", "1/2", "two"),
		mail("support", "1/1", "one"), mail("behov", "1/1", "three")};
	struct inbox_row *rows;
	size_t n;

	ok(store_intake(f->store, batch, 4, T0));
	assert_false(batch[0].known);
	assert_true(batch[2].known);
	assert_int_equal(batch[2].inbox, batch[0].inbox);
	assert_false(batch[3].known);
	ok(store_inbox_pending(f->store, f->arena, 0, 100, &rows, &n));
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].id, batch[0].inbox);
	assert_string_equal(rows[1].key, "1/2");
	assert_string_equal(rows[2].mailbox, "behov");
	assert_int_equal(rows[0].received_ms, T0);
	assert_int_equal(rows[0].size, 3);
	ok(store_inbox_pending(f->store, f->arena, rows[0].id, 1, &rows, &n));
	assert_int_equal(n, 1);
	ok(store_intake(f->store, batch, 4, T0 + 1));
	assert_true(batch[1].known && batch[3].known);
	holds(f);
}

static int64_t raws_nobody_names(struct fixture *f)
{
	int64_t swept;

	ok(store_sweep_raw(f->store, &swept));
	return swept;
}

static void a_batch_may_be_part_of_a_round(void **state)
{
	struct fixture *f = *state;
	struct intake batch[] = {mail("support", "1", "one"), mail("support", "2", "two")};
	struct inbox_row *rows;
	size_t n;

	batch[0].tried = true;
	ok(store_begin(f->store));
	ok(store_intake(f->store, batch, 2, T0));
	store_rollback(f->store);
	store_intake_undo(f->store, batch, 2);
	assert_int_equal(raws_nobody_names(f), 0);
	ok(store_inbox_pending(f->store, f->arena, 0, 9, &rows, &n));
	assert_int_equal(n, 0);
	ok(store_begin(f->store));
	ok(store_intake(f->store, batch, 2, T0));
	assert_false(batch[0].known);
	ok(store_commit(f->store));
	ok(store_inbox_pending(f->store, f->arena, 0, 9, &rows, &n));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].tries, 1);
	assert_int_equal(rows[1].tries, 0);
	holds(f);
}

static void bytes_of_a_lost_round_are_swept(void **state)
{
	struct fixture *f = *state;
	struct intake batch[] = {mail("support", "1", "one"), mail("support", "2", "two")};

	ok(store_begin(f->store));
	ok(store_intake(f->store, batch, 2, T0));
	store_rollback(f->store); /* and the process ends */
	assert_int_equal(raws_nobody_names(f), 2);
}

static void same_bytes_are_kept_once(void **state)
{
	struct fixture *f = *state;
	struct inbox_row a, b, c;
	struct intake twins[] = {mail("support", "3", "twin"), mail("behov", "3", "twin")};

	int64_t first = take_in(f, "support", "1", "same", T0);
	int64_t second = take_in(f, "behov", "9", "same", T0);
	ok(store_inbox_get(f->store, f->arena, first, &a));
	ok(store_inbox_get(f->store, f->arena, second, &b));
	assert_int_equal(a.raw, b.raw);
	ok(store_intake(f->store, twins, 2, T0));
	ok(store_inbox_get(f->store, f->arena, twins[0].inbox, &b));
	ok(store_inbox_get(f->store, f->arena, twins[1].inbox, &c));
	assert_int_equal(b.raw, c.raw);
	assert_int_not_equal(a.raw, b.raw);
}

static void oversize_is_ignored_with_a_reason(void **state)
{
	struct fixture *f = *state;
	struct intake in = {.mailbox = "support", .key = "1", .size = 50 << 20, .oversize = true};
	struct inbox_row row;
	struct conservation c;

	ok(store_intake(f->store, &in, 1, T0));
	ok(store_inbox_get(f->store, f->arena, in.inbox, &row));
	assert_int_equal(row.outcome, OUTCOME_IGNORED);
	assert_string_equal(row.reason, "oversize");
	assert_int_equal(row.size, 50 << 20);
	assert_int_equal(row.raw, 0);
	ok(store_conservation(f->store, true, &c));
	assert_int_equal(c.ignored, 1);
	holds(f);
}

static void large_mail_comes_back_whole(void **state)
{
	struct fixture *f = *state;
	size_t n = 5 * 1024 * 1024 + 17;
	unsigned char *p = arena_alloc(f->arena, n);
	struct intake in = {.mailbox = "support", .key = "1", .raw = {p, n}};
	struct inbox_row row;
	struct bytes raw;

	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(i * 2654435761u >> 13);
	ok(store_intake(f->store, &in, 1, T0));
	ok(store_inbox_get(f->store, f->arena, in.inbox, &row));
	ok(store_raw(f->store, row.raw, &raw));
	assert_int_equal(raw.n, n);
	assert_memory_equal(raw.p, p, n);
	free((void *)raw.p);
}

static void tries_are_committed_at_once(void **state)
{
	struct fixture *f = *state;
	int64_t ids[] = {take_in(f, "support", "1", "a", T0), take_in(f, "support", "2", "b", T0)};
	int64_t tries[2];

	ok(store_inbox_try(f->store, ids, 2, tries));
	ok(store_inbox_try(f->store, ids, 1, tries));
	assert_int_equal(tries[0], 2);
	fixture_reopen(f);
	ok(store_inbox_try(f->store, ids, 2, tries));
	assert_int_equal(tries[0], 3);
	assert_int_equal(tries[1], 2);
	ok(store_inbox_untry(f->store, ids, 2));
	ok(store_inbox_try(f->store, ids, 2, tries));
	assert_int_equal(tries[0], 3);
	int64_t none = 4711;
	assert_int_equal(store_inbox_try(f->store, &none, 1, tries), STORE_NONE);
}

static void parse(struct fixture *f, int64_t id, int key, const char *message_id, const char *from)
{
	struct inbox_attachment a[] = {
		{.index = 1, .name = "bild.png", .type = "image/png", .size = 100},
		{.index = 2,
			.name = "virus.exe",
			.type = "application/octet-stream",
			.withheld = true}};
	struct inbox_parsed p = {
		.message_id = message_id, .from_key = from, .attachments = a, .n_attachments = 2};

	memset(p.content_key, key, sizeof(p.content_key));
	ok(store_inbox_parsed(f->store, id, &p));
}

static void duplicates_by_bytes_or_by_content(void **state)
{
	struct fixture *f = *state;
	int64_t a = take_in(f, "support", "1", "to: a", T0);
	int64_t b = take_in(f, "behov", "1", "to: b", T0);
	int64_t c = take_in(f, "behov", "2", "to: a", T0);
	int64_t d = take_in(f, "behov", "3", "same message-id", T0), first;
	enum turn_outcome was;

	parse(f, a, 1, "x@a.example", "anna@kalix.example");
	parse(f, b, 1, "x@a.example", "anna@kalix.example");
	parse(f, c, 1, "x@a.example", "anna@kalix.example");
	parse(f, d, 2, "x@a.example", "anna@kalix.example");
	parse(f, d, 2, "x@a.example", "anna@kalix.example"); /* again after a kill */
	assert_int_equal(store_inbox_duplicate(f->store, a, &first, &was), STORE_NONE);
	ok(store_inbox_duplicate(f->store, b, &first, &was));
	assert_int_equal(first, a);
	assert_int_equal(was, OUTCOME_NONE);
	ok(store_inbox_finish(f->store, a, OUTCOME_CASE, "", 0, T0));
	ok(store_inbox_duplicate(f->store, c, &first, &was));
	assert_int_equal(first, a);
	assert_int_equal(was, OUTCOME_CASE);
	assert_int_equal(store_inbox_duplicate(f->store, d, &first, &was), STORE_NONE);
	ok(store_inbox_finish(f->store, b, OUTCOME_DUPLICATE, "content", a, T0));
	holds(f);
	/* A later mail that is done before an earlier one of the same bytes. */
	int64_t e = take_in(f, "support", "5", "late", T0),
		g = take_in(f, "support", "6", "late", T0);
	ok(store_inbox_finish(f->store, g, OUTCOME_CASE, "", 0, T0));
	ok(store_inbox_duplicate(f->store, e, &first, &was));
	assert_int_equal(first, g);
}

static void quarantine_is_shown_retried_released(void **state)
{
	struct fixture *f = *state;
	int64_t a = take_in(f, "support", "1", "bomb", T0), b = take_in(f, "support", "2", "x", T0);
	struct inbox_row *rows, row;
	struct conservation c;
	size_t n;

	ok(store_inbox_try(f->store, &a, 1, NULL));
	ok(store_quarantine(f->store, a, "parser-died", T0));
	ok(store_inbox_finish(f->store, b, OUTCOME_HELD, "stranger", 0, T0));
	ok(store_inbox_list(f->store, f->arena, INBOX_QUARANTINE, "", 0, 0, &rows, &n));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].id, b);
	assert_string_equal(rows[1].reason, "parser-died");
	ok(store_inbox_pending(f->store, f->arena, 0, 10, &rows, &n));
	assert_int_equal(n, 0);
	ok(store_conservation(f->store, true, &c));
	assert_int_equal(c.quarantine, 2);
	struct quarantine_sum sum;
	ok(store_quarantine_sum(f->store, &sum));
	assert_true(sum.failed == 1 && sum.aside == 1);
	ok(store_quarantine_newest(f->store, f->arena, true, 10, &rows, &n));
	assert_true(n == 1 && rows[0].id == b);
	ok(store_quarantine_newest(f->store, f->arena, false, 10, &rows, &n));
	assert_true(n == 1 && rows[0].id == a);
	ok(store_quarantine_retry(f->store, a));
	assert_int_equal(store_quarantine_retry(f->store, a), STORE_NONE);
	ok(store_inbox_get(f->store, f->arena, a, &row));
	assert_int_equal(row.tries, 0);
	assert_int_equal(row.state, INBOX_NEW);
	ok(store_quarantine_release(f->store, b, T0));
	assert_int_equal(store_quarantine_release(f->store, b, T0), STORE_NONE);
	ok(store_inbox_list(f->store, f->arena, INBOX_NEW, "support", 0, 0, &rows, &n));
	assert_int_equal(n, 1);
	ok(store_inbox_list(f->store, f->arena, INBOX_STATE_N, "", 0, 0, &rows, &n));
	assert_int_equal(n, 2);
	ok(store_inbox_list(f->store, f->arena, INBOX_DONE, "behov", 0, 0, &rows, &n));
	assert_int_equal(n, 0);
	holds(f);
}

static void no_end_without_an_outcome(void **state)
{
	struct fixture *f = *state;
	int64_t a = take_in(f, "support", "1", "a", T0);

	assert_int_equal(store_inbox_finish(f->store, a, OUTCOME_NONE, "", 0, T0), STORE_REFUSED);
	assert_int_equal(store_inbox_finish(f->store, 99, OUTCOME_CASE, "", 0, T0), STORE_NONE);
	holds(f);
}

/* Many random ways through the inbox: the two sides always agree. */
static void conservation_holds_on_any_way(void **state)
{
	struct fixture *f = *state;
	uint32_t seed = 12345;
	char key[16];

	for (int i = 0; i < 600; i++) {
		seed = seed * 1664525u + 1013904223u;
		int64_t id = 1 + (int64_t)(seed >> 8) % (i + 1);
		enum turn_outcome o = (enum turn_outcome)(1 + (seed >> 20) % (OUTCOME_N - 1));
		snprintf(key, sizeof(key), "%u", (seed >> 4) % 300);
		struct intake in = mail("support", key, key);
		in.oversize = seed % 13 == 0;
		ok(store_intake(f->store, &in, 1, T0 + i));
		enum store_status st = STORE_OK;
		switch (seed >> 28) {
		case 0:
			st = store_quarantine(f->store, id, "tries", T0);
			break;
		case 1:
			st = store_quarantine_retry(f->store, id);
			break;
		case 2:
			st = store_quarantine_release(f->store, id, T0);
			break;
		default:
			st = store_inbox_finish(f->store, id, o, "x", 0, T0);
		}
		assert_true(st == STORE_OK || st == STORE_NONE);
		if (i % 50 == 0)
			holds(f);
	}
	holds(f);
}

static void items_are_followed_until_flagged(void **state)
{
	struct fixture *f = *state;
	struct store_key *keys;
	struct store_mailbox box;
	enum item_state is;
	struct conservation c;
	size_t n;

	assert_int_equal(store_mailbox_get(f->store, f->arena, "support", &box), STORE_NONE);
	ok(store_mailbox_hello(f->store, "support", "7", T0));
	ok(store_mailbox_hello(f->store, "support", "8", T0 + 5));
	ok(store_mailbox_swept(f->store, "support", T0 + 9));
	ok(store_mailbox_get(f->store, f->arena, "support", &box));
	assert_string_equal(box.validity, "8");
	assert_int_equal(box.first_contact_ms, T0);
	assert_int_equal(box.swept_ms, T0 + 9);
	take_in(f, "support", "8/1", "a", T0);
	take_in(f, "support", "8/2", "b", T0);
	take_in(f, "support", "9/1", "c", T0);
	ok(store_item_old(f->store, "support", "8/0", T0));
	ok(store_item_old(f->store, "support", "8/1", T0)); /* read already: stays */
	ok(store_item_set(f->store, "support", "8/2", ITEM_FLAGGED));
	assert_int_equal(store_item_set(f->store, "support", "8/7", ITEM_FLAGGED), STORE_NONE);
	ok(store_item_state(f->store, "support", "8/1", &is));
	assert_int_equal(is, ITEM_SEEN);
	assert_int_equal(store_item_state(f->store, "behov", "8/1", &is), STORE_NONE);
	ok(store_items(
		f->store, f->arena, "support", ITEM_SEEN | ITEM_ACKED, "", false, 100, &keys, &n));
	assert_int_equal(n, 2);
	assert_string_equal(keys[0].key, "8/1");
	ok(store_items(f->store, f->arena, "support", 15, "8/", true, 100, &keys, &n));
	assert_int_equal(n, 3);
	assert_string_equal(keys[0].key, "8/0");
	ok(store_items(f->store, f->arena, "support", 15, "8/", true, 1, &keys, &n));
	assert_int_equal(n, 1);
	ok(store_conservation(f->store, true, &c));
	assert_int_equal(c.seen, 3); /* an old one was not read */
	take_in(f, "support", "8/0", "import was turned on", T0);
	holds(f);
}

int main(void)
{
#define MEMORY(test) cmocka_unit_test_setup_teardown(test, fixture_memory, fixture_close)
	const struct CMUnitTest tests[] = {
		MEMORY(a_batch_is_stored_and_known_again),
		MEMORY(a_batch_may_be_part_of_a_round),
		MEMORY(bytes_of_a_lost_round_are_swept),
		MEMORY(same_bytes_are_kept_once),
		MEMORY(oversize_is_ignored_with_a_reason),
		MEMORY(large_mail_comes_back_whole),
		cmocka_unit_test_setup_teardown(
			tries_are_committed_at_once, fixture_dir, fixture_close),
		MEMORY(duplicates_by_bytes_or_by_content),
		MEMORY(quarantine_is_shown_retried_released),
		MEMORY(no_end_without_an_outcome),
		MEMORY(conservation_holds_on_any_way),
		MEMORY(items_are_followed_until_flagged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
