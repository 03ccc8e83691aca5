/* Match: which mail belongs to which case, and what gets nobody in. */
#include "cmocka_test.h"

#include "core/match.h"
#include "turn_fixture.h"

#define HSL "superanvandare.hsl@kalix.example"
#define ANNA "anna.lind@kalix.example"
#define FROM_TOKEN (FOUND_TOKEN | FOUND_REFERENCE)

static struct match found;

static void match_now(void)
{
	match_find(&fixture()->input, &found);
}

TEST(number_in_subject)
{
	assert_int_equal(match_number_in_subject("SV: [Support 1042] Hej"), 1042);
	assert_int_equal(match_number_in_subject("[Stöd 7] [x] Hej"), 7);
	assert_int_equal(match_number_in_subject("[EXTERN] SV: [Support 1042] Hej"), 1042);
	assert_int_equal(match_number_in_subject("[1042] Hej"), 0);
	assert_int_equal(match_number_in_subject("Support 1042"), 0);
	assert_int_equal(match_number_in_subject("[Support 1042 Hej"), 0);
	assert_int_equal(match_number_in_subject("[Support 10421042104210421042]"), 0);
	assert_int_equal(match_number_in_subject("[Support 10a]"), 0);
	assert_int_equal(match_number_in_subject(""), 0);
}

TEST(token_and_reference)
{
	fixture_case(FROM_TOKEN);
	fixture_mail(HSL, "SV: [Support 1001] Delegering", "x");
	fixture_token(1001, fixture_agent(HSL)->contact, TOKEN_CHAIN);
	fixture_reference(1001);
	match_now();
	assert_non_null(found.loaded);
	assert_int_equal(found.as, AS_CHAIN);
	assert_true(found.token_good);
	assert_string_equal(found.by, "token");
}

/* Nobody but the one it was made for is helped by a signed address. */
TEST(token_of_another)
{
	fixture_case(FROM_TOKEN);
	fixture_mail("superanvandare.ifo@kalix.example", "SV: [Support 1001] Delegering", "x");
	fixture_token(1001, fixture_agent(HSL)->contact, TOKEN_CHAIN);
	fixture_reference(1001);
	match_now();
	assert_false(found.token_good);
	fixture_mail("eve@kalix.example", "SV: [Support 1001] Delegering", "x");
	fixture_token(1001, 9001, TOKEN_REQUESTER);
	fixture_reference(1001);
	match_now();
	assert_null(found.loaded);
	assert_int_equal(found.possible, 1001);
}

/* The address alone, from an address book: neither a reference nor a number. */
TEST(token_alone)
{
	fixture_case(FOUND_TOKEN);
	fixture_mail(ANNA, "Semesterlista", "x");
	fixture_token(1001, 9001, TOKEN_REQUESTER);
	match_now();
	assert_null(found.loaded);
	assert_true(found.address_book);
	fixture_mail(ANNA, "Om [Support 1001]", "x");
	fixture_token(1001, 9001, TOKEN_REQUESTER);
	match_now();
	assert_non_null(found.loaded);
}

TEST(reference_number_inbound)
{
	fixture_case(FOUND_REFERENCE);
	fixture_mail(ANNA, "SV: Delegering", "x");
	fixture_reference(1001);
	match_now();
	assert_int_equal(found.as, AS_REQUESTER);
	assert_string_equal(found.by, "reference");
	assert_false(found.token_good);
	fixture_case(FOUND_NUMBER);
	fixture_mail(ANNA, "[Support 1001] mer", "x");
	match_now();
	assert_string_equal(found.by, "number");
	fixture_case(FOUND_INBOUND_ID);
	fixture_mail(ANNA, "SV: Delegering", "x");
	match_now();
	assert_string_equal(found.by, "inbound-id");
}

/* 10 000 guesses of somebody who takes no part: nothing is appended. */
TEST(guesses)
{
	for (int i = 0; i < 10000; i++) {
		char subject[64];

		arena_reset(fixture()->scratch);
		snprintf(subject, sizeof(subject), "[Support %d] x", 900 + i % 300);
		fixture_case(FOUND_NUMBER | FOUND_REFERENCE | FOUND_INBOUND_ID);
		fixture_mail(i % 2 ? "eve@kalix.example" : "eve@boden.example", subject, "x");
		fixture_reference(1001);
		if (i % 3 == 0)
			fixture_token(1001, 1 + i, TOKEN_CHAIN);
		/* Contact 9002 is Eve's own; no token was made for it. */
		if (fixture()->event.token.contact == 9002)
			continue;
		match_now();
		assert_null(found.loaded);
	}
}

TEST(merged_is_followed)
{
	struct turn_fixture *f = fixture();
	static struct loaded_case main_case;
	static struct candidate both[2];

	fixture_case(FOUND_REFERENCE);
	main_case = f->loaded;
	main_case.kase.number = 1000;
	main_case.kase.requester = 7777;
	main_case.kase.requester_address = "other@kalix.example";
	f->loaded.kase.state = STATE_MERGED;
	f->loaded.kase.parent = 1000;
	both[0] = (struct candidate){.found = FOUND_REFERENCE, .loaded = &f->loaded};
	both[1] = (struct candidate){.found = FOUND_REFERENCE, .loaded = &main_case};
	f->snapshot.candidates = both;
	f->snapshot.n_candidates = 2;
	fixture_mail(ANNA, "SV: Delegering", "x");
	fixture_reference(1001);
	match_now();
	assert_non_null(found.loaded);
	assert_int_equal(found.loaded->kase.number, 1000);
	assert_int_equal(found.as, AS_REQUESTER);
}

TEST(changed_subject)
{
	fixture_case(FOUND_REFERENCE);
	fixture_mail(ANNA, "Fel faktura", "x");
	fixture_reference(1001);
	match_now();
	assert_true(found.subject_changed);
	fixture_mail(ANNA, "Sv: Re: Delegering", "x");
	fixture_reference(1001);
	match_now();
	assert_false(found.subject_changed);
	fixture_mail(ANNA, "", "x");
	fixture_reference(1001);
	match_now();
	assert_false(found.subject_changed);
}

/* A member may speak for his mailbox only when From is proven. */
TEST(members)
{
	struct turn_fixture *f = fixture();
	const struct agent *post = fixture_agent("hemtjanst.norr@kalix.example");

	for (int proven = 0; proven < 2; proven++) {
		fixture_case(FOUND_REFERENCE);
		f->loaded.kase.requester = post->contact;
		f->loaded.kase.requester_address = post->address;
		fixture_mail("medarbetare1.norr@kalix.example", "SV: Delegering", "x");
		fixture_reference(1001);
		f->event.trust = proven ? TRUST_PROVEN : TRUST_UNPROVEN;
		match_now();
		assert_int_equal(found.as, proven ? AS_REQUESTER : AS_STRANGER);
	}
}

static int each(void **state)
{
	(void)state;
	arena_reset(fixture()->scratch);
	return 0;
}

#define one(f) cmocka_unit_test_setup(f, each)

int main(void)
{
	const struct CMUnitTest tests[] = {one(number_in_subject), one(token_and_reference),
		one(token_of_another), one(token_alone), one(reference_number_inbound),
		one(guesses), one(merged_is_followed), one(changed_subject), one(members)};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
