/* Trust: what the border says is believed; what anybody could have written is not. */
#include "cmocka_test.h"

#include "base/arena.h"
#include "core/trust.h"

static struct arena *arena;

static struct mail base(void)
{
	static const char *received[] = {"from mx.lots.example by imap.lots.example with LMTP id 1",
		"from mail.kalix.example by mx.lots.example with ESMTPS id 2"};

	return (struct mail){.has_from = true,
		.from = {.name = "", .address = "anna@kalix.example"},
		.received = {received, 2},
		.exchange_auth_as = ""};
}

static enum trust_verdict judge(
	const struct trust_rule *rule, struct mail *m, const char *ar, size_t above)
{
	struct mail_auth_results one = {.value = ar, .received_above = above};
	const char *why;

	m->auth_results = &one;
	m->n_auth_results = ar ? 1 : 0;
	return trust_judge(arena, rule, m, &why);
}

static const struct trust_rule rfc = {.kind = TRUST_RFC8601, .authserv_id = "mx.lots.example"};

static void proven(const char *ar)
{
	struct mail m = base();

	if (judge(&rfc, &m, ar, 1) != TRUST_PROVEN)
		fail_msg("not proven: %s", ar);
}

static void unproven(const char *ar)
{
	struct mail m = base();

	if (judge(&rfc, &m, ar, 1) != TRUST_UNPROVEN)
		fail_msg("proven: %s", ar ? ar : "(none)");
}

TEST(rfc8601_accepts)
{
	proven("mx.lots.example; dmarc=pass header.from=kalix.example");
	proven("mx.lots.example; spf=pass smtp.mailfrom=kalix.example;\tdkim=pass (2048-bit key; "
	       "unprotected) header.d=kalix.example header.i=@kalix.example; dmarc=pass (p=none "
	       "dis=none) "
	       "header.from=kalix.example");
	proven("mx.lots.example 1; dkim=pass header.d=kalix.example");
	proven("MX.LOTS.EXAMPLE; DMARC=PASS header.from=KALIX.example");
	proven("mx.lots.example; dmarc=pass reason=\"a; b\" header.from=kalix.example");
}

TEST(rfc8601_refuses)
{
	unproven(NULL);
	unproven("");
	unproven("mx.lots.example; none");
	unproven("mx.lots.example");
	unproven("evil.example; dmarc=pass header.from=kalix.example");
	unproven("mx.lots.example.evil; dmarc=pass header.from=kalix.example");
	unproven("xmx.lots.example; dmarc=pass header.from=kalix.example");
	unproven("mx.lots.example 2; dmarc=pass header.from=kalix.example");
	unproven("mx.lots.example; dmarc=fail header.from=kalix.example");
	unproven("mx.lots.example; dmarc=none header.from=kalix.example");
	unproven("mx.lots.example; dmarc=pass");
	unproven("mx.lots.example; dmarc=pass header.from=evil.example");
	unproven("mx.lots.example; dmarc=pass header.from=kalix.example.evil.example");
	unproven("mx.lots.example; dmarc=pass header.from=kalix.example(.evil.example");
	unproven("mx.lots.example; dmarc=pass header.from=evil.example(kalix.example)");
	unproven("mx.lots.example; dmarc=pass (header.from=kalix.example");
	unproven("mx.lots.example; (dmarc=pass header.from=kalix.example)");
	unproven("mx.lots.example; dmarc=pass header.from=kalix.example header.from=kalix.example");
	unproven("mx.lots.example; dmarc=pass header.from=kalix.example; dmarc=fail "
		 "header.from=kalix.example");
	unproven("mx.lots.example; dmarc=fail header.from=kalix.example; dkim=pass "
		 "header.d=kalix.example");
	unproven("mx.lots.example; dkim=pass header.d=evil.example");
	unproven("mx.lots.example; dkim=pass header.d=example");
	unproven("mx.lots.example; dkim=fail header.d=kalix.example");
	unproven("mx.lots.example; spf=pass smtp.mailfrom=kalix.example");
	unproven("mx.lots.example; dmarc=\"pass\" header.from=kalix.example");
	unproven("mx.lots.example; dmarc=pass x header.from=kalix.example");
	unproven("mx.lots.example; =pass; dmarc=pass header.from=kalix.example");
	unproven("mx.lots.example dmarc=pass header.from=kalix.example");
	unproven("\"mx.lots.example\"; dmarc=pass header.from=kalix.example");
	unproven("mx.lots.example; dmarc=pass\x01 header.from=kalix.example");
	unproven("mx.lots.example; dmarc=pass header.from=kalix.example (");
	unproven("mx.lots.example; dmarc=pass header.from=kalix.example )");
	unproven("mx.lots.example; dmarc=passed header.from=kalix.example");
}

TEST(rfc8601_place)
{
	struct mail m = base();
	const char *ar = "mx.lots.example; dmarc=pass header.from=kalix.example";

	assert_int_equal(judge(&rfc, &m, ar, 0), TRUST_PROVEN);
	assert_int_equal(judge(&rfc, &m, ar, 1), TRUST_PROVEN);
	/* Below the border's own Received: the sender wrote it. */
	assert_int_equal(judge(&rfc, &m, ar, 2), TRUST_UNPROVEN);
	m.has_from = false;
	assert_int_equal(judge(&rfc, &m, ar, 0), TRUST_UNPROVEN);
}

/* Only the topmost field counts, so one that a sender puts below changes nothing. */
TEST(topmost_only)
{
	struct mail m = base();
	struct mail_auth_results two[] = {
		{.value = "mx.lots.example; dmarc=fail header.from=kalix.example",
			.received_above = 1},
		{.value = "mx.lots.example; dmarc=pass header.from=kalix.example",
			.received_above = 2}};
	const char *why;

	m.auth_results = two;
	m.n_auth_results = 2;
	assert_int_equal(trust_judge(arena, &rfc, &m, &why), TRUST_UNPROVEN);
}

/* What stands above the border's own field, and what it may be. */
TEST(above_the_border)
{
	static const struct {
		const char *received;
		enum trust_verdict verdict;
	} cases[] = {{"from out.kalix.example by mx.lots.example with ESMTPS", TRUST_UNPROVEN},
		{"from mx.lots.example by imap.lots.example with LMTP id x", TRUST_PROVEN},
		{"from mx.lots.example by mx.lots.example with LMTP id x", TRUST_PROVEN},
		{"from MX.lots.example ([unix socket]) by mx.lots.example (Cyrus) with LMTPA",
			TRUST_PROVEN},
		{"from mx.lots.example (unknown [192.0.2.1]) by mx.lots.example with ESMTP id lmtp",
			TRUST_UNPROVEN},
		{"from out.example by mx.lots.example with LMTP", TRUST_UNPROVEN},
		{"from by (unknown [192.0.2.1]) by mx.lots.example (Postfix) with ESMTP",
			TRUST_UNPROVEN},
		{"from by (x by y) by mx.lots.example with ESMTP", TRUST_UNPROVEN},
		{"from x (HELO by a) by mx.lots.example with ESMTP", TRUST_UNPROVEN},
		{"from mx.lots.example by mx.lots.example with LMTP (", TRUST_UNPROVEN},
		{"from mx.lots.example by mx.lots.example", TRUST_UNPROVEN}};
	const char *ar = "mx.lots.example; dmarc=pass header.from=kalix.example";
	struct mail m = base();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *received[] = {cases[i].received, "from a by mx.lots.example with SMTP"};
		m.received = (struct mail_strings){received, 2};
		if (judge(&rfc, &m, ar, 1) != cases[i].verdict)
			fail_msg("%s", cases[i].received);
		assert_int_equal(judge(&rfc, &m, ar, 2), TRUST_UNPROVEN);
	}
}

TEST(microsoft)
{
	static const char *domains[] = {"kalix.example"};
	static const char *received[] = {"from A.prod.outlook.com by B.prod.outlook.com with HTTPS",
		"from mail.kalix.example by C.mail.protection.outlook.com with SMTP",
		"from x by y"};
	struct trust_rule rule = {
		.kind = TRUST_MICROSOFT365, .authserv_id = "", .domains = domains, .n_domains = 1};
	struct mail m = base();
	const char *ar = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=kalix.example; dkim=pass "
			 "(signature was verified) header.d=kalix.example;dmarc=pass action=none "
			 "header.from=kalix.example;compauth=pass reason=100";

	m.received = (struct mail_strings){received, 3};
	assert_int_equal(judge(&rule, &m, ar, 1), TRUST_PROVEN);
	assert_int_equal(judge(&rule, &m, ar, 2), TRUST_UNPROVEN);
	assert_int_equal(judge(&rule, &m, ar, 3), TRUST_UNPROVEN);
	assert_int_equal(judge(&rule, &m, "dkim=pass header.d=kalix.example", 1), TRUST_UNPROVEN);
	m.exchange_auth_as = "Internal";
	assert_int_equal(judge(&rule, &m, NULL, 0), TRUST_PROVEN);
	m.from.address = "x@boden.example";
	assert_int_equal(judge(&rule, &m, NULL, 0), TRUST_UNPROVEN);
	m.exchange_auth_as = "Anonymous";
	m.from.address = "anna@kalix.example";
	assert_int_equal(judge(&rule, &m, NULL, 0), TRUST_UNPROVEN);
}

TEST(unset_and_local)
{
	struct trust_rule none = {.kind = TRUST_NONE, .authserv_id = ""};
	struct trust_rule local = {.kind = TRUST_LOCAL, .authserv_id = ""};
	struct mail m = base();
	const char *ar = "mx.lots.example; dmarc=pass header.from=kalix.example";

	assert_int_equal(judge(&none, &m, ar, 0), TRUST_UNPROVEN);
	assert_int_equal(judge(&local, &m, NULL, 0), TRUST_PROVEN);
	m.has_from = false;
	m.from.address = "";
	assert_int_equal(judge(&local, &m, NULL, 0), TRUST_UNPROVEN);
}

static int start(void **state)
{
	(void)state;
	arena = arena_new(1 << 24);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rfc8601_accepts),
		cmocka_unit_test(rfc8601_refuses), cmocka_unit_test(rfc8601_place),
		cmocka_unit_test(topmost_only), cmocka_unit_test(above_the_border),
		cmocka_unit_test(microsoft), cmocka_unit_test(unset_and_local)};

	return cmocka_run_group_tests(tests, start, stop);
}
