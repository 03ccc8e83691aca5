/* How statements find their rows: what a mail costs must not grow with the number of cases, so no
 * statement of the daily work may read a whole table; and the preload that the benches rest on. */
#include "store_fixture.h"

#include "store/db.h"

#include <sqlite3.h>

static const char *const TOWNS[] = {"kalix", "boden"};

static struct preload few(int64_t n)
{
	return (struct preload){.n = n,
		.organisations = TOWNS,
		.n_organisations = 2,
		.system = "ekosystem",
		.area = "hsl",
		.mailbox = "support",
		.domain = "lots.example",
		.now_ms = T0 - 1000,
		.open_percent = 10};
}

/* Tables that grow with the mails. */
static bool is_big(const char *detail)
{
	static const char *const BIG[] = {"kase", "inbox", "mailbox_item", "outbox", "content",
		"case_log", "contact", "inbox_case", "inbox_attachment", "outbox_attachment",
		"outbox_wire", "asked", "clock", "case_party"};
	static const char *const SHORT[] = {"k", "i", "o", "c", "a", "ic", "b"};
	char name[64] = "";
	size_t n = strcspn(detail, " ");

	if (n >= sizeof(name))
		return true;
	memcpy(name, detail, n);
	for (size_t i = 0; i < ARRAY_LEN(BIG); i++)
		if (strcmp(name, BIG[i]) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(SHORT); i++)
		if (strcmp(name, SHORT[i]) == 0)
			return true;
	return false;
}

/* A partial index holds few rows: reading all of it is fine. */
static bool is_small_index(const char *detail)
{
	static const char *const PARTIAL[] = {"inbox_pending", "inbox_quarantine", "outbox_queued",
		"outbox_when", "outbox_again", "outbox_leased", "outbox_stuck", "mailbox_item_open",
		"clock_due", "kase_open"};

	for (size_t i = 0; i < ARRAY_LEN(PARTIAL); i++)
		if (strstr(detail, PARTIAL[i]))
			return true;
	return false;
}

static void look_at(struct store *s, const char *sql)
{
	char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_prepare_v2(s->lots, explain, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(st, 3);
		if (strncmp(detail, "SCAN ", 5) == 0 && is_big(detail + 5) &&
			!is_small_index(detail))
			fail_msg("%s\n  reads a whole table: %s", sql, detail);
	}
	sqlite3_finalize(st);
	sqlite3_free(explain);
}

static void look_at_all(struct store *s, size_t at_least)
{
	size_t n = 0;

	for (sqlite3_stmt *st = NULL; (st = sqlite3_next_stmt(s->lots, st));) {
		const char *sql = sqlite3_sql(st);
		/* The plan of an INSERT lists searches for children that never run: no key was open. */
		if (strncmp(sql, "SELECT", 6) && strncmp(sql, "UPDATE", 6) &&
			strncmp(sql, "DELETE", 6))
			continue;
		look_at(s, sql);
		n++;
	}
	assert_true(n >= at_least);
}

static int64_t receive(struct fixture *f, const char *key, struct wants *w)
{
	int64_t inbox = take_in(f, "support", key, key, T0), first;
	struct inbox_parsed p = {.message_id = key, .from_key = "anna@kalix.example"};
	enum turn_outcome was;
	struct snapshot snap = {0};
	struct store_key *keys;
	struct inbox_row *rows;
	size_t n;

	memcpy(p.content_key, &inbox, sizeof(inbox));
	ok(store_inbox_pending(f->store, f->arena, 0, 32, &rows, &n));
	ok(store_inbox_try(f->store, &inbox, 1, NULL));
	ok(store_inbox_parsed(f->store, inbox, &p));
	assert_int_equal(store_inbox_duplicate(f->store, inbox, &first, &was), STORE_NONE);
	ok(store_snapshot(f->store, f->arena, w, inbox, T0, &snap));
	assert_true(snap.n_candidates > 0);
	ok(store_items(f->store, f->arena, "support", ITEM_SEEN, "", false, 32, &keys, &n));
	ok(store_item_set(f->store, "support", key, ITEM_ACKED));
	return inbox;
}

static void deliver(struct fixture *f)
{
	struct outbox_row *rows;
	int64_t at, n_waiting;
	size_t n;

	ok(store_outbox_next(f->store, "out", &at));
	ok(store_outbox_claim(f->store, f->arena, "out", T0, T0 + 1, 9, &rows, &n));
	assert_int_equal(n, 1);
	ok(store_outbox_freeze(f->store, rows[0].id, (struct bytes){(const void *)"x", 1}));
	ok(store_outbox_dot(f->store, &rows[0].id, 1));
	ok(store_outbox_finish(f->store, rows[0].id, SEND_ACCEPTED, "", "", NULL, T0, NULL));
	ok(store_outbox_expire(f->store, T0, NULL, NULL));
	ok(store_outbox_waiting(f->store, &n_waiting));
}

static void daily_work_reads_no_whole_table(void **state)
{
	struct fixture *f = *state;
	struct preload what = few(400);
	const char *key = "anna@kalix.example", *id = "x@kalix.example", **thread;
	int64_t number = 1001, due, agent;
	struct clock_row *clocks;
	struct conservation c;
	size_t n;

	ok(store_preload(f->store, &what));
	queries_close(f->store); /* what only the preload does */
	agent = add_agent(f, "su@kalix.example", "kalix");
	struct kase *k = open_case(f, "kalix", key);
	k->holder = agent;
	struct wants w = {.numbers = &number,
		.n_numbers = 1,
		.inbound_ids = &id,
		.n_inbound_ids = 1,
		.supplier_numbers = &id,
		.n_supplier_numbers = 1,
		.address_keys = &key,
		.n_address_keys = 1,
		.requester_key = key,
		.holder = agent,
		.case_id = k->id,
		.recent_key = key};
	struct log_entry e = {.kase = k, .who = key, .text = "x", .inbox = receive(f, "1", &w)};
	struct clock_op clock = {.kase = k, .row = {.kind = CLOCK_TAKE, .running = true}};
	struct asked_op asked = {.kase = k, .agent = agent, .link = "superuser"};
	ok(store_log_append(f->store, &e));
	ok(store_clock_apply(f->store, &clock, NULL));
	ok(store_asked_apply(f->store, &asked, T0));
	ok(store_case_save(f->store, k));
	queue_mail(f, k, MAILING_ANSWER, 0);
	ok(store_outbox_thread(f->store, f->arena, k->id, k->requester, &thread, &n));
	deliver(f);
	ok(store_inbox_finish(f->store, e.inbox, OUTCOME_CASE, "", 0, T0));
	ok(store_clocks_due(f->store, f->arena, T0, 0, 10, &clocks, &n));
	ok(store_clock_next(f->store, 0, &due));
	ok(store_conservation(f->store, true, &c));
	look_at_all(f->store, 50);
}

static void preloaded_cases_are_full_and_true(void **state)
{
	struct fixture *f = *state;
	struct preload what = few(1001);
	struct store_counts counts;
	struct conservation c;
	struct loaded_case l;
	struct bytes raw;
	struct inbox_row row;
	int64_t id, next;

	open_case(f, "kalix", "anna@kalix.example");
	ok(store_preload(f->store, &what));
	ok(store_preload(f->store, &what)); /* more, beside what is there */
	ok(store_count(f->store, &counts));
	assert_int_equal(counts.cases, 2003);
	assert_true(counts.cases_open > 150 && counts.cases_open < 250);
	assert_int_equal(counts.outbox_waiting, 0);
	ok(store_conservation(f->store, false, &c));
	assert_true(c.holds);
	assert_int_equal(c.cases, 2002);
	ok(store_next_number(f->store, &next));
	assert_int_equal(next, 3004);
	ok(store_case_id(f->store, 3003, &id));
	ok(store_case_load(f->store, f->arena, &VIEWER_DESK, id, &l));
	assert_int_equal(l.n_log, 4);
	assert_string_equal(l.kase.organisation, "kalix");
	ok(store_inbox_get(f->store, f->arena, l.log[0].inbox, &row));
	ok(store_raw(f->store, row.raw, &raw));
	assert_true(raw.n > 700);
	free((void *)raw.p);
	ok(store_verify(f->store));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			daily_work_reads_no_whole_table, fixture_memory, fixture_close),
		cmocka_unit_test_setup_teardown(
			preloaded_cases_are_full_and_true, fixture_dir, fixture_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
