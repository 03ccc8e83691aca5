/* Everything of the store that looks something up by words others wrote is asked with hostile words: SQL,
 * patterns, names of parameters, broken quotes, whatever Unicode has. LOTS_QUERIES sets how many are asked
 * (docs/fuzz.md tells of the longest run), LOTS_SEED with what they begin. */
#include "store_fixture.h"

#include "base/text.h"

#include <stdlib.h>

#define QUERIES 30000
#define WORDS_MAX 12
#define KNOWN "anna.ek@kalix.example"

static uint64_t seed = 88172645463325252u;

static uint64_t next(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static const char *const words[] = {"'", "''", "\"", "`", "[", "]", ";", "--", "/*", "*/", "%", "_",
	"*", "?", "?1", "$key", "$state", ":a", "@a", "(", ")", ",", "=", "<>", "||", "\\", "\\0",
	"x'00'", " OR ", " AND ", " NOT ", " NEAR(", " LIKE ", " GLOB ", " MATCH ", " ESCAPE ",
	"1=1", "NULL", "-1", "0", "9223372036854775808", "1e999", "SELECT ", "UNION ALL SELECT ",
	"DROP TABLE kase", "DELETE FROM outbox", "ATTACH 'x' AS y", "PRAGMA ",
	"load_extension('x')", "randomblob(999999999)", "kalix", "KALIX", "kali", "anna.ek",
	"@kalix.example", "support", "1042/", "\xc3\xa5", "a\xcc\x8a", "\xe2\x80\xae",
	"\xef\xbb\xbf", "\xf0\x9f\x98\x80", "\xe2\x80\xa8", "\x1b[31m", "\x01", "\t", "\n", "\r",
	" ", "a", "z", "~"};

static const char *hostile(struct arena *a)
{
	char text[1024];
	size_t used = 0;

	for (uint64_t n = 1 + next(WORDS_MAX); n > 0; n--) {
		const char *w = words[next(ARRAY_LEN(words))];
		size_t len = strlen(w);
		char any[4] = {
			(char)(1 + next(127)), (char)(1 + next(127)), (char)(1 + next(127)), '\0'};

		if (next(4) == 0) {
			w = any;
			len = strlen(any);
		}
		if (used + len + 1 > sizeof(text))
			break;
		memcpy(text + used, w, len);
		used += len;
	}
	if (next(64) == 0) { /* now and then a long one */
		char *one = arena_alloc(a, 20000);
		memset(one, next(2) ? '\'' : '%', 19999);
		one[19999] = '\0';
		return one;
	}
	return arena_strndup(a, text, used);
}

/* Nothing found, nothing broken, and nothing of the engine's in what is told. */
static void nothing(struct fixture *f, enum store_status st, const char *asked)
{
	if (st != STORE_OK && st != STORE_NONE)
		fail_msg("%s: %s: %s", store_status_id(st), store_error(f->store), asked);
}

static void ask_cases(struct fixture *f, struct arena *a, const char *s)
{
	const struct viewer one = {.organisation = s};
	struct case_filter in = {.organisation = s, .limit = 10},
			   any = {.organisation = "", .limit = 10};
	struct kase *cases;
	size_t n = 1;

	nothing(f, store_case_list(f->store, a, &VIEWER_DESK, &in, &cases, &n), s);
	assert_int_equal(n, strcmp(s, "kalix") == 0 ? 1 : 0);
	n = 1;
	nothing(f, store_case_list(f->store, a, &one, &any, &cases, &n), s);
	assert_int_equal(n, strcmp(s, "kalix") == 0 ? 1 : 0);
}

static void ask_contacts(struct fixture *f, struct arena *a, const char *s)
{
	struct contact c = {0};
	enum store_status st = store_contact_by_key(f->store, a, s, &c);

	nothing(f, st, s);
	assert_true(st == STORE_NONE || strcmp(c.key, s) == 0);
}

static void ask_mails(struct fixture *f, struct arena *a, const char *s)
{
	struct inbox_row *rows;
	struct store_key *keys;
	struct store_mailbox box;
	enum item_state state;
	int64_t id = 0, at;
	size_t n = 1;

	nothing(f, store_inbox_list(f->store, a, INBOX_STATE_N, s, 0, 10, &rows, &n), s);
	assert_int_equal(n, *s == '\0' || strcmp(s, "support") == 0 ? 1 : 0);
	nothing(f, store_items(f->store, a, s, ITEM_SEEN, "", false, 10, &keys, &n), s);
	assert_int_equal(n, strcmp(s, "support") == 0 ? 1 : 0);
	nothing(f, store_items(f->store, a, "support", ITEM_SEEN, s, true, 10, &keys, &n), s);
	assert_int_equal(n, strncmp("1042/7", s, strlen(s)) == 0 ? 1 : 0);
	nothing(f, store_item_state(f->store, "support", s, &state), s);
	nothing(f, store_mailbox_get(f->store, a, s, &box), s);
	nothing(f, store_outbox_by_message_id(f->store, a, s, &id), s);
	assert_int_equal(id, 0);
	nothing(f, store_outbox_next(f->store, s, &at), s);
}

static void ask_rest(struct fixture *f, struct arena *a, const char *s)
{
	const char *value;

	nothing(f, store_alarm_clear(f->store, s, T0), s);
	nothing(f, store_meta(f->store, a, s, &value), s);
}

/* What is written is what is read, to the byte, and under its own name only. */
static void write_and_read(struct fixture *f, struct arena *a, const char *s)
{
	struct contact c;
	const char *value = NULL;
	int64_t id, again;

	ok(store_set_meta(f->store, "fuzz", s));
	ok(store_meta(f->store, a, "fuzz", &value));
	assert_string_equal(value, s);
	ok(store_contact_learn(f->store, s, s, s, "", "", T0, &id));
	ok(store_contact_by_key(f->store, a, s, &c));
	assert_true(c.id == id && strcmp(c.key, s) == 0 && strcmp(c.address, s) == 0);
	ok(store_contact_learn(f->store, s, "x", "x", "", "", T0, &again));
	assert_true(again == id);
}

static int64_t number_of(const char *variable, int64_t otherwise)
{
	const char *text = getenv(variable);
	int64_t n;

	return text && text_to_i64(text, 1, INT64_MAX, &n) ? n : otherwise;
}

static void hostile_words_find_nothing_and_break_nothing(void **state)
{
	struct fixture *f = *state;
	struct arena *a = arena_new(8 << 20);
	struct case_filter all = {.organisation = "", .limit = 10};
	struct contact c;
	struct kase *cases;
	size_t n;
	int64_t asked = 0, queries = number_of("LOTS_QUERIES", QUERIES);

	seed ^= (uint64_t)number_of("LOTS_SEED", 0) * 0x9e3779b97f4a7c15u;
	open_case(f, "kalix", KNOWN);
	take_in(f, "support", "1042/7", "From: " KNOWN "\r\n\r\nHej\r\n", T0);
	while (asked < queries) {
		const char *s = hostile(a);

		ask_cases(f, a, s);
		ask_contacts(f, a, s);
		ask_mails(f, a, s);
		ask_rest(f, a, s);
		asked += 12;
		if (next(50) == 0 && strlen(s) < 1000)
			write_and_read(f, a, s);
		arena_reset(a);
	}
	ok(store_case_list(f->store, a, &VIEWER_DESK, &all, &cases, &n));
	assert_int_equal(n, 1);
	ok(store_contact_by_key(f->store, a, KNOWN, &c));
	assert_string_equal(c.name, "Anna Ek");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
		hostile_words_find_nothing_and_break_nothing, fixture_memory, fixture_close)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
