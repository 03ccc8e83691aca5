/* Cases: rows, who may see them, the append-only log, clocks, who was asked, and the snapshot. */
#include "store_fixture.h"

#include "base/date.h"

#include <sqlite3.h>

static const struct date TODAY = {2026, 11, 23};

static void append(
	struct fixture *f, struct kase *k, enum log_type type, const char *text, int64_t inbox)
{
	struct log_entry e = {.kase = k,
		.type = type,
		.at_ms = T0,
		.who = "anna@kalix.example",
		.text = text,
		.data = "{}",
		.inbox = inbox};

	ok(store_log_append(f->store, &e));
	assert_true(e.id > 0);
}

static void set_clock(struct fixture *f, struct kase *k, enum clock_kind kind, int64_t due)
{
	struct clock_op op = {.kase = k,
		.row = {.owner = CLOCK_OF_CASE,
			.owner_key = "",
			.kind = kind,
			.running = true,
			.since_ms = T0,
			.length_ms = due - T0,
			.calendar = "office",
			.due_ms = due}};

	ok(store_clock_apply(f->store, &op, NULL));
}

static void a_case_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example"), back;
	enum case_view view;
	int64_t agent = add_agent(f, "os@kalix.example", "kalix"), id;

	k->state = STATE_ANSWERED;
	k->holder = agent;
	k->answered_ms = T0 + 7;
	k->restricted = true;
	k->parent = 1;
	k->reopened = 2;
	k->supplier_number = "CS1";
	k->data = "{\"a\":1}";
	ok(store_case_save(f->store, k));
	ok(store_case_by_number(f->store, f->arena, &VIEWER_DESK, k->number, &back, &view));
	assert_int_equal(view, VIEW_FULL);
	assert_int_equal(back.id, k->id);
	assert_int_equal(back.state, STATE_ANSWERED);
	assert_int_equal(back.holder, agent);
	assert_int_equal(back.answered_ms, T0 + 7);
	assert_int_equal(back.opened_ms, T0);
	assert_true(back.restricted);
	assert_int_equal(back.reopened, 2);
	assert_string_equal(back.subject, k->subject);
	assert_string_equal(back.requester_address, "anna@kalix.example");
	assert_string_equal(back.supplier_number, "CS1");
	assert_string_equal(back.data, "{\"a\":1}");
	ok(store_case_id(f->store, k->number, &id));
	assert_int_equal(id, k->id);
	assert_int_equal(store_case_id(f->store, 4711, &id), STORE_NONE);
	back.id = 4711;
	assert_int_equal(store_case_save(f->store, &back), STORE_NONE);
	back.id = 0;
	assert_int_equal(store_case_save(f->store, &back), STORE_EXISTS);
	assert_int_equal(back.id, 0);
}

static enum store_status see(struct fixture *f, const char *organisation, int64_t number,
	struct kase *k, enum case_view *view)
{
	struct viewer v = {.organisation = organisation};

	return store_case_by_number(f->store, f->arena, &v, number, k, view);
}

static void each_sees_its_part(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example"), seen;
	struct log_entry *log;
	struct case_mail *mails;
	struct viewer boden = {.organisation = "boden"};
	enum case_view view;
	size_t n;

	append(f, k, LOGGED_OPENED, "hemligt", 0);
	ok(see(f, "kalix", k->number, &seen, &view));
	assert_int_equal(view, VIEW_FULL);
	assert_int_equal(see(f, "boden", k->number, &seen, &view), STORE_NONE);
	assert_int_equal(
		store_case_log(f->store, f->arena, &boden, k->id, 0, 0, &log, &n), STORE_NONE);
	ok(store_case_party(f->store, k->id, "boden", VIEW_MASKED));
	ok(see(f, "boden", k->number, &seen, &view));
	assert_int_equal(view, VIEW_MASKED);
	assert_string_equal(seen.requester_address, "");
	assert_string_equal(seen.subject, "");
	assert_string_equal(seen.area, "hsl");
	ok(store_case_log(f->store, f->arena, &boden, k->id, 0, 0, &log, &n));
	assert_int_equal(n, 1);
	assert_string_equal(log[0].text, "");
	assert_string_equal(log[0].who, "");
	assert_int_equal(
		store_case_mails(f->store, f->arena, &boden, k->id, &mails, &n), STORE_NONE);
	ok(store_case_party(f->store, k->id, "boden", VIEW_REFERENCE));
	ok(see(f, "boden", k->number, &seen, &view));
	assert_string_equal(seen.area, "");
	assert_int_equal(seen.number, k->number);
	ok(store_case_log(f->store, f->arena, &boden, k->id, 0, 0, &log, &n));
	assert_int_equal(n, 0);
	ok(store_case_party(f->store, k->id, "boden", VIEW_NONE));
	assert_int_equal(see(f, "boden", k->number, &seen, &view), STORE_NONE);
	k->restricted = true;
	ok(store_case_save(f->store, k));
	assert_int_equal(see(f, "kalix", k->number, &seen, &view), STORE_NONE);
	struct viewer head = {.organisation = "kalix", .may_restricted = true};
	ok(store_case_by_number(f->store, f->arena, &head, k->number, &seen, NULL));
}

static void the_owner_follows_the_organisation(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "unknown", "anna@kalix.example"), seen;
	enum case_view view;

	k->organisation = "kalix";
	ok(store_case_save(f->store, k));
	ok(see(f, "kalix", k->number, &seen, &view));
	assert_int_equal(see(f, "unknown", k->number, &seen, &view), STORE_NONE);
}

/* Two organisations, many cases: neither list ever holds a byte of the other. */
static void lists_keep_organisations_apart(void **state)
{
	struct fixture *f = *state;
	const char *orgs[] = {"kalix", "boden"};
	struct kase *rows;
	size_t n;

	for (int i = 0; i < 40; i++)
		open_case(f, orgs[i % 2], i % 2 ? "b@boden.example" : "k@kalix.example");
	for (int o = 0; o < 2; o++) {
		struct viewer v = {.organisation = orgs[o]};
		ok(store_case_list(f->store, f->arena, &v, &(struct case_filter){0}, &rows, &n));
		assert_int_equal(n, 20);
		for (size_t i = 0; i < n; i++)
			assert_string_equal(rows[i].organisation, orgs[o]);
		ok(store_case_list(f->store, f->arena, &v,
			&(struct case_filter){.organisation = orgs[1 - o]}, &rows, &n));
		assert_int_equal(n, 0);
	}
}

static void a_filter_does_not_tell_what_is_hidden(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example"), *rows;
	struct viewer boden = {.organisation = "boden"};
	size_t n;

	ok(store_case_party(f->store, k->id, "boden", VIEW_MASKED));
	ok(store_case_list(f->store, f->arena, &boden,
		&(struct case_filter){.requester = k->requester}, &rows, &n));
	assert_int_equal(n, 0);
	ok(store_case_list(
		f->store, f->arena, &boden, &(struct case_filter){.area = "hsl"}, &rows, &n));
	assert_int_equal(n, 1);
}

static void lists_are_filtered_and_paged(void **state)
{
	struct fixture *f = *state;
	struct kase *k[5], *rows;
	size_t n;

	for (int i = 0; i < 5; i++)
		k[i] = open_case(f, "kalix", "anna@kalix.example");
	k[1]->state = STATE_CLOSED;
	ok(store_case_save(f->store, k[1]));
	struct case_filter filter = {.states = STATES_OPEN, .limit = 2};
	ok(store_case_list(f->store, f->arena, &VIEWER_DESK, &filter, &rows, &n));
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].number, k[4]->number);
	filter.before = rows[1].number;
	ok(store_case_list(f->store, f->arena, &VIEWER_DESK, &filter, &rows, &n));
	assert_int_equal(rows[0].number, k[2]->number);
	assert_int_equal(rows[1].number, k[0]->number);
	filter = (struct case_filter){.states = STATE_BIT(STATE_CLOSED), .oldest_first = true};
	ok(store_case_list(f->store, f->arena, &VIEWER_DESK, &filter, &rows, &n));
	assert_int_equal(n, 1);
	filter = (struct case_filter){.oldest_first = true, .before = k[3]->number};
	ok(store_case_list(f->store, f->arena, &VIEWER_DESK, &filter, &rows, &n));
	assert_int_equal(n, 1);
	filter = (struct case_filter){.kind = "access"};
	ok(store_case_list(f->store, f->arena, &VIEWER_DESK, &filter, &rows, &n));
	assert_int_equal(n, 0);
}

static void the_log_is_append_only(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	char path[SCRATCH_PATH + 20], *error = NULL;
	sqlite3 *db;

	append(f, k, LOGGED_OPENED, "x", 0);
	snprintf(path, sizeof(path), "%s/lots.db", f->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE case_log SET text = 'y'", NULL, NULL, &error),
		SQLITE_CONSTRAINT);
	assert_non_null(strstr(error, "append-only"));
	sqlite3_free(error);
	assert_int_equal(
		sqlite3_exec(db, "DELETE FROM case_log", NULL, NULL, NULL), SQLITE_CONSTRAINT);
	sqlite3_close(db);
}

static void the_newest_fifty_are_loaded(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	struct log_entry *log;
	struct loaded_case l;
	size_t n;

	for (int i = 0; i < 60; i++)
		append(f, k, LOGGED_NOTE, arena_printf(f->arena, "%d", i), 0);
	ok(store_case_load(f->store, f->arena, &VIEWER_DESK, k->id, &l));
	assert_int_equal(l.n_log, 50);
	assert_string_equal(l.log[0].text, "10");
	assert_string_equal(l.log[49].text, "59");
	assert_int_equal(l.log[0].type, LOGGED_NOTE);
	ok(store_case_log(f->store, f->arena, &VIEWER_DESK, k->id, l.log[48].id, 0, &log, &n));
	assert_int_equal(n, 1);
	ok(store_case_log(f->store, f->arena, &VIEWER_DESK, k->id, 0, 0, &log, &n));
	assert_int_equal(n, 60);
}

static void looks_are_noted(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	struct look *looks;
	size_t n;

	ok(store_look(f->store, "operator:eva", k->id, "show", T0));
	ok(store_look(f->store, "operator:eva", k->id, "log", T0 + 1));
	ok(store_looks(f->store, f->arena, k->id, 0, &looks, &n));
	assert_int_equal(n, 2);
	assert_string_equal(looks[0].what, "log");
	assert_int_equal(looks[1].number, k->number);
	assert_int_equal(store_look(f->store, "x", 4711, "show", T0), STORE_REFUSED);
}

/* ---- Clocks ---- */

static struct clock_row *due(struct fixture *f, int64_t now, uint64_t hold, size_t expect)
{
	struct clock_row *rows;
	size_t n;

	ok(store_clocks_due(f->store, f->arena, now, hold, 100, &rows, &n));
	assert_int_equal(n, expect);
	return rows;
}

static void clocks_come_in_order(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	int64_t next;

	assert_int_equal(store_clock_next(f->store, 0, &next), STORE_NONE);
	set_clock(f, k, CLOCK_NEXT, T0 + 20);
	set_clock(f, k, CLOCK_TAKE, T0 + 10);
	set_clock(f, k, CLOCK_PAUSE, T0 + 20);
	due(f, T0 + 9, 0, 0);
	struct clock_row *rows = due(f, T0 + 20, 0, 3);
	assert_int_equal(rows[0].kind, CLOCK_TAKE);
	assert_int_equal(rows[1].kind, CLOCK_NEXT);
	assert_int_equal(rows[2].kind, CLOCK_PAUSE);
	assert_int_equal(rows[0].owner_id, k->id);
	uint64_t hold = CLOCK_BIT(CLOCK_TAKE) | CLOCK_BIT(CLOCK_NEXT);
	assert_int_equal(due(f, T0 + 20, hold, 1)->kind, CLOCK_PAUSE);
	ok(store_clock_next(f->store, 0, &next));
	assert_int_equal(next, T0 + 10);
	ok(store_clock_next(f->store, hold, &next));
	assert_int_equal(next, T0 + 20);
}

static void an_old_generation_is_void(void **state)
{
	struct fixture *f = *state;
	struct kase *k = open_case(f, "kalix", "anna@kalix.example");
	struct clock_op remove = {.kase = k,
		.row = {.owner = CLOCK_OF_CASE, .owner_key = "", .kind = CLOCK_TAKE},
		.remove = true};

	set_clock(f, k, CLOCK_TAKE, T0);
	struct clock_row first = *due(f, T0, 0, 1);
	ok(store_clock_current(f->store, &first));
	set_clock(f, k, CLOCK_TAKE, T0);
	struct clock_row second = *due(f, T0, 0, 1);
	assert_true(second.generation > first.generation);
	assert_int_equal(store_clock_current(f->store, &first), STORE_NONE);
	ok(store_clock_due(f->store, &second, T0 + 5)); /* only the hours changed */
	ok(store_clock_current(f->store, &second));
	due(f, T0, 0, 0);
	ok(store_clock_apply(f->store, &remove, NULL));
	ok(store_clock_apply(f->store, &remove, NULL));
	assert_int_equal(store_clock_current(f->store, &second), STORE_NONE);
	set_clock(f, k, CLOCK_TAKE, T0);
	assert_int_equal(store_clock_current(f->store, &first), STORE_NONE);
	assert_int_equal(store_clock_current(f->store, &second), STORE_NONE);
	fixture_reopen(f);
	struct clock_row last = *due(f, T0, 0, 1);
	ok(store_clock_apply(f->store, &remove, NULL));
	set_clock(f, k, CLOCK_TAKE, T0);
	assert_int_equal(store_clock_current(f->store, &last), STORE_NONE);
}

static void clocks_of_others_than_cases(void **state)
{
	struct fixture *f = *state;
	struct clock_op op = {.row = {.owner = CLOCK_OF_ORGANISATION,
				      .owner_key = "kalix",
				      .kind = CLOCK_QUARTER,
				      .running = true,
				      .calendar = "",
				      .due_ms = T0}};
	struct clock_row *rows;
	int64_t last;
	size_t n;

	ok(store_clock_apply(f->store, &op, NULL));
	op.row.owner_key = "boden";
	op.row.running = false;
	op.row.consumed_ms = 77;
	ok(store_clock_apply(f->store, &op, NULL));
	rows = due(f, T0, 0, 1);
	assert_string_equal(rows[0].owner_key, "kalix");
	ok(store_clocks_walk(f->store, f->arena, true, 0, 1, &rows, &n, &last));
	assert_int_equal(n, 1);
	ok(store_clocks_walk(f->store, f->arena, true, last, 10, &rows, &n, &last));
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].consumed_ms, 77);
	ok(store_clocks_walk(f->store, f->arena, true, last, 10, &rows, &n, &last));
	assert_int_equal(n, 0);
	ok(store_clocks_walk(f->store, f->arena, false, 0, 10, &rows, &n, &last));
	assert_int_equal(n, 0);
}

/* ---- Effects and the snapshot ---- */

static void effects_are_one_turn(void **state)
{
	struct fixture *f = *state;
	int64_t agent = add_agent(f, "su@kalix.example", "kalix");
	int64_t inbox = take_in(f, "support", "1", "x", T0), id, version, after;
	struct kase k = {.number = 1001, .state = STATE_NEW, .organisation = "kalix"};
	struct case_op c = {.kase = &k};
	struct log_op l = {.entry = {.kase = &k, .at_ms = T0, .inbox = inbox}};
	struct clock_op clock = {
		.kase = &k, .row = {.kind = CLOCK_TAKE, .running = true, .due_ms = T0 + 1}};
	struct asked_op asked = {.kase = &k, .agent = agent, .link = "superuser"};
	struct absence_op away = {.agent = agent, .from = TODAY, .until = {2026, 11, 27}};
	struct effects e;
	struct loaded_case loaded;
	struct inbox_row row;

	ok(store_people_version(f->store, &version));
	effects_init(&e);
	STAILQ_INSERT_TAIL(&e.cases, &c, next);
	STAILQ_INSERT_TAIL(&e.logs, &l, next);
	STAILQ_INSERT_TAIL(&e.clocks, &clock, next);
	STAILQ_INSERT_TAIL(&e.asked, &asked, next);
	STAILQ_INSERT_TAIL(&e.absences, &away, next);
	ok(store_effects(f->store, &e, TODAY, T0));
	ok(store_case_id(f->store, 1001, &id));
	ok(store_case_load(f->store, f->arena, &VIEWER_DESK, id, &loaded));
	assert_int_equal(loaded.n_log, 1);
	assert_int_equal(loaded.log[0].inbox, inbox);
	assert_int_equal(loaded.n_clocks, 1);
	assert_int_equal(loaded.n_asked, 1);
	assert_int_equal(loaded.asked[0].agent, agent);
	ok(store_inbox_get(f->store, f->arena, inbox, &row));
	assert_int_equal(row.n_cases, 1);
	assert_int_equal(row.cases[0], 1001);
	ok(store_people_version(f->store, &after));
	assert_true(after > version);
	ok(store_asked_reminded(f->store, id, agent + 1, T0 + 8));
	ok(store_case_load(f->store, f->arena, &VIEWER_DESK, id, &loaded));
	assert_int_equal(loaded.asked[0].reminded_ms, 0);
	ok(store_asked_reminded(f->store, id, agent, T0 + 9));
	ok(store_case_load(f->store, f->arena, &VIEWER_DESK, id, &loaded));
	assert_int_equal(loaded.asked[0].reminded_ms, T0 + 9);
	asked.forget_all = true;
	ok(store_asked_apply(f->store, &asked, T0));
	ok(store_case_load(f->store, f->arena, &VIEWER_DESK, id, &loaded));
	assert_int_equal(loaded.n_asked, 0);
	effects_release(&e);
}

static void parsed(struct fixture *f, int64_t inbox, const char *message_id, const char *from)
{
	struct inbox_attachment a = {.index = 1, .name = "bild.png", .type = "image/png"};
	struct inbox_parsed p = {
		.message_id = message_id, .from_key = from, .attachments = &a, .n_attachments = 1};

	memcpy(p.content_key, &inbox, sizeof(inbox));
	ok(store_inbox_parsed(f->store, inbox, &p));
}

static void the_snapshot_holds_what_was_named(void **state)
{
	struct fixture *f = *state;
	struct kase *a = open_case(f, "kalix", "anna@kalix.example");
	struct kase *b = open_case(f, "boden", "bo@boden.example");
	int64_t inbox = take_in(f, "support", "1", "x", T0);
	int64_t numbers[] = {a->number, 4711};
	unsigned found[] = {FOUND_NUMBER, FOUND_NUMBER};
	const char *ids[] = {"m1@kalix.example", ""};
	const char *keys[] = {"anna@kalix.example", "nobody@kalix.example", "anna@kalix.example"};
	struct wants w = {.numbers = numbers,
		.numbers_found = found,
		.n_numbers = 2,
		.inbound_ids = ids,
		.n_inbound_ids = 2,
		.address_keys = keys,
		.n_address_keys = 3,
		.requester_key = "anna@kalix.example",
		.recent_key = "anna@kalix.example"};
	struct snapshot snap = {0};

	parsed(f, inbox, "m1@kalix.example", "anna@kalix.example");
	append(f, a, LOGGED_OPENED, "x", inbox);
	queue_mail(f, a, MAILING_RECEIPT, 0);
	queue_mail(f, a, MAILING_ANSWER, 0);
	ok(store_snapshot(f->store, f->arena, &w, 0, T0 + 1, &snap));
	assert_int_equal(snap.next_number, b->number + 1);
	assert_int_equal(snap.n_candidates, 1);
	assert_int_equal(
		snap.candidates[0].found, FOUND_NUMBER | FOUND_INBOUND_ID | FOUND_SAME_REQUESTER);
	assert_int_equal(snap.candidates[0].loaded->n_attachments, 1);
	assert_int_equal(snap.candidates[0].loaded->unsent, 2);
	assert_int_equal(snap.n_contacts, 1);
	assert_int_equal(snap.contacts[0].id, a->requester);
	assert_string_equal(snap.contacts[0].organisation, "kalix");
	assert_int_equal(snap.recent_mails, 1);
	assert_int_equal(snap.recent_receipts, 1);
	struct wants second = {.case_id = b->id};
	ok(store_snapshot(f->store, f->arena, &second, inbox, T0 + 1, &snap));
	assert_int_equal(snap.n_candidates, 2);
	assert_int_equal(snap.candidates[1].found, FOUND_CLOCK);
	assert_int_equal(snap.candidates[0].loaded->kase.id, a->id);
	ok(store_snapshot(f->store, f->arena, &w, inbox, T0 + 2 * MS_DAY, &snap));
	assert_int_equal(snap.recent_mails, 0);
	assert_int_equal(snap.recent_receipts, 0);
}

static void only_open_cases_are_held_or_asked(void **state)
{
	struct fixture *f = *state;
	int64_t agent = add_agent(f, "su@kalix.example", "kalix");
	struct kase *held = open_case(f, "kalix", "anna@kalix.example");
	struct kase *asked = open_case(f, "kalix", "anna@kalix.example");
	struct asked_op op = {.kase = asked, .agent = agent, .link = "superuser"};
	struct wants w = {.holder = agent, .requester_key = "anna@kalix.example"};
	struct snapshot snap = {0};

	open_case(f, "kalix", "anna@kalix.example");
	held->holder = agent;
	ok(store_case_save(f->store, held));
	ok(store_asked_apply(f->store, &op, T0));
	ok(store_snapshot(f->store, f->arena, &w, 0, T0, &snap));
	assert_int_equal(snap.n_held, 2);
	assert_int_equal(snap.held[0].number, held->number);
	assert_int_equal(snap.n_candidates, 3);
	asked->state = STATE_CLOSED;
	ok(store_case_save(f->store, asked));
	snap = (struct snapshot){0};
	ok(store_snapshot(f->store, f->arena, &w, 0, T0, &snap));
	assert_int_equal(snap.n_held, 1);
	assert_int_equal(snap.n_candidates, 2);
	asked->state = STATE_TAKEN; /* opened again: who was asked is remembered */
	ok(store_case_save(f->store, asked));
	ok(store_snapshot(f->store, f->arena, &w, 0, T0, &snap));
	assert_int_equal(snap.n_held, 2);
}

int main(void)
{
#define MEMORY(test) cmocka_unit_test_setup_teardown(test, fixture_memory, fixture_close)
#define DIR_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_dir, fixture_close)
	const struct CMUnitTest tests[] = {
		MEMORY(a_case_comes_back_as_it_was),
		MEMORY(each_sees_its_part),
		MEMORY(the_owner_follows_the_organisation),
		MEMORY(lists_keep_organisations_apart),
		MEMORY(a_filter_does_not_tell_what_is_hidden),
		MEMORY(lists_are_filtered_and_paged),
		DIR_TEST(the_log_is_append_only),
		MEMORY(the_newest_fifty_are_loaded),
		MEMORY(looks_are_noted),
		MEMORY(clocks_come_in_order),
		DIR_TEST(an_old_generation_is_void),
		MEMORY(clocks_of_others_than_cases),
		MEMORY(effects_are_one_turn),
		MEMORY(the_snapshot_holds_what_was_named),
		MEMORY(only_open_cases_are_held_or_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
