/* Who a command is obeyed from: of all combinations of proof and signed address exactly one acts. */
#include "cmocka_test.h"

#include "core/turn.h"
#include "turn_fixture.h"

#define HSL "superanvandare.hsl@kalix.example"

enum token_state {
	NO_TOKEN,
	BAD_TOKEN,
	EXPIRED_TOKEN,
	ANOTHERS_TOKEN,
	ANOTHER_CASES_TOKEN,
	REQUESTERS_TOKEN,
	HEADS_TOKEN,
	HIS_TOKEN,
	TOKEN_STATES
};

static const char *const why[] = {"no-trust-set", "no-auth-results", "auth-results-malformed",
	"auth-results-of-another", "auth-results-below-border", "not-authenticated", "no-from"};

static void give_token(enum token_state s)
{
	struct event *e = &fixture()->event;
	int64_t his = fixture_agent(HSL)->contact;

	switch (s) {
	case NO_TOKEN:
		break;
	case BAD_TOKEN:
		e->token_verdict = TOKEN_BAD;
		break;
	case EXPIRED_TOKEN:
		fixture_token(1001, his, TOKEN_CHAIN);
		e->token_verdict = TOKEN_EXPIRED;
		break;
	case ANOTHERS_TOKEN:
		fixture_token(1001, fixture_agent("superanvandare.ifo@kalix.example")->contact,
			TOKEN_CHAIN);
		break;
	case ANOTHER_CASES_TOKEN:
		fixture_token(1000, his, TOKEN_CHAIN);
		break;
	case REQUESTERS_TOKEN:
		fixture_token(1001, his, TOKEN_REQUESTER);
		break;
	case HEADS_TOKEN:
		fixture_token(1001, his, TOKEN_HEAD);
		break;
	default:
		fixture_token(1001, his, TOKEN_CHAIN);
		break;
	}
}

/* Did the turn change anything but the log, or write to the requester? */
static bool acted(const struct effects *e)
{
	const struct case_op *c;
	const struct outgoing *o;

	STAILQ_FOREACH(c, &e->cases, next)
	{
		if (c->kase->number == 1001 && c->kase->state != STATE_NEW)
			return true;
	}
	STAILQ_FOREACH(o, &e->mails, next)
	{
		if (strcmp(o->address, "anna.lind@kalix.example") == 0)
			return true;
	}
	return false;
}

static int count_acting(const char *text)
{
	int n = 0;

	/* Eight states of the border's word (the last is proof) and eight of the signed address. */
	for (int trust = 0; trust <= (int)ARRAY_LEN(why); trust++) {
		for (int token = 0; token < TOKEN_STATES; token++) {
			struct effects e;

			arena_reset(fixture()->scratch);
			fixture_case(FOUND_TOKEN | FOUND_REFERENCE | FOUND_NUMBER);
			fixture_mail(HSL, "SV: [Support 1001] Delegering", text);
			fixture_reference(1001);
			give_token((enum token_state)token);
			if (trust < (int)ARRAY_LEN(why)) {
				fixture()->event.trust = TRUST_UNPROVEN;
				fixture()->event.trust_why = why[trust];
			}
			turn_run(&fixture()->input, &e);
			assert_int_not_equal(e.outcome, OUTCOME_NONE);
			if (acted(&e)) {
				n++;
				assert_int_equal(token, HIS_TOKEN);
				assert_int_equal(trust, ARRAY_LEN(why));
			}
			effects_release(&e);
		}
	}
	return n;
}

TEST(one_cell_of_the_matrix)
{
	static const char *const texts[] = {"#stäng Klart", "#ta", "TA", "ok", "Gör så här.",
		"#löst Gör så", "#vänta till fredag", "#fråga Vilken enhet?", "#hänvisa Ring 1177"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (count_acting(texts[i]) != 1)
			fail_msg("%s: %d cells act", texts[i], count_acting(texts[i]));
	}
}

/* The requester's JA closes only from the proven requester with his own signed address. */
TEST(confirming)
{
	for (int proven = 0; proven < 2; proven++) {
		for (int token = 0; token < 2; token++) {
			struct effects e;
			struct case_op *op;
			bool closed = false;

			arena_reset(fixture()->scratch);
			fixture_case(FOUND_REFERENCE);
			fixture()->loaded.kase.state = STATE_ANSWERED;
			fixture_mail(
				"anna.lind@kalix.example", "SV: [Support 1001] Delegering", "JA");
			fixture_reference(1001);
			if (token)
				fixture_token(1001, 9001, TOKEN_REQUESTER);
			fixture()->event.trust = proven ? TRUST_PROVEN : TRUST_UNPROVEN;
			turn_run(&fixture()->input, &e);
			STAILQ_FOREACH(op, &e.cases, next)
			closed |= op->kase->state == STATE_CLOSED;
			assert_int_equal(closed, proven && token);
			effects_release(&e);
		}
	}
}

/* Automatic mails change no state, whatever they say and carry. */
TEST(automatic)
{
	static const enum mail_auto kinds[] = {MAIL_AUTO_REPLY, MAIL_OUT_OF_OFFICE, MAIL_BOUNCE,
		MAIL_FEEDBACK, MAIL_LIST, MAIL_READ_RECEIPT, MAIL_VERIFICATION, MAIL_OWN};
	static const enum case_state states[] = {STATE_NEW, STATE_TAKEN, STATE_ANSWERED,
		STATE_CLOSED, STATE_PAUSED, STATE_WAITING_REQUESTER};

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		for (size_t s = 0; s < ARRAY_LEN(states); s++) {
			struct effects e;
			struct case_op *op;

			arena_reset(fixture()->scratch);
			fixture_case(FOUND_TOKEN | FOUND_REFERENCE);
			fixture()->loaded.kase.state = states[s];
			fixture_mail(
				"anna.lind@kalix.example", "SV: [Support 1001] Delegering", "JA");
			fixture()->mail.auto_class = kinds[k];
			fixture_reference(1001);
			fixture_token(1001, 9001, TOKEN_REQUESTER);
			turn_run(&fixture()->input, &e);
			STAILQ_FOREACH(op, &e.cases, next)
			assert_int_equal(op->kase->state, states[s]);
			assert_int_equal(e.n_mails, 0);
			assert_int_not_equal(e.outcome, OUTCOME_NONE);
			effects_release(&e);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(one_cell_of_the_matrix),
		cmocka_unit_test(confirming), cmocka_unit_test(automatic)};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
