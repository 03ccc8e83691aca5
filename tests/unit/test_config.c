/* Look-ups in settings and directory. */
#include "base/prelude.h"

#include "core/config.h"
#include "core/people.h"

#include <setjmp.h>
#include <cmocka.h>

static const char *kalix_domains[] = {"kalix.example", "edu.kalix.example"};
static const char *unit_addresses[] = {"hemtjanst.norr@kalix.example"};
static struct organisation organisations[] = {
	{.id = "boden", .kind = "municipality"},
	{.id = "kalix", .kind = "municipality", .domains = kalix_domains, .n_domains = 2},
};
static struct unit units[] = {{.id = "hemtjanst-norr",
	.organisation = "kalix",
	.addresses = unit_addresses,
	.n_addresses = 1}};
static struct clock_rule clocks[] = {
	{.kind = KIND_QUESTION, .link = "", .priority = 0, .remind_ms = 4},
	{.kind = KIND_QUESTION, .link = "superuser", .priority = 0, .remind_ms = 5},
	{.kind = KIND_QUESTION, .link = "", .priority = 1, .remind_ms = 1},
	{.kind = KIND_QUESTION, .link = "manager", .priority = 1, .remind_ms = 2},
	{.kind = KIND_ACCESS, .link = "head", .priority = 0, .remind_ms = 9},
};

static struct config sample(void)
{
	struct config c = {.languages = {"sv", "en"},
		.n_languages = 2,
		.organisations = organisations,
		.n_organisations = ARRAY_LEN(organisations),
		.units = units,
		.n_units = ARRAY_LEN(units),
		.clocks = clocks,
		.n_clocks = ARRAY_LEN(clocks)};
	return c;
}

static void test_look_ups(void **state)
{
	struct config c = sample();

	(void)state;
	assert_ptr_equal(config_organisation(&c, "kalix"), &organisations[1]);
	assert_null(config_organisation(&c, "kali"));
	assert_ptr_equal(config_organisation_of_domain(&c, "edu.kalix.example"), &organisations[1]);
	assert_null(config_organisation_of_domain(&c, "example"));
	assert_null(config_organisation_of_domain(&c, "evil-kalix.example"));
	assert_ptr_equal(config_unit_of_address(&c, "hemtjanst.norr@kalix.example"), &units[0]);
	assert_null(config_unit_of_address(&c, "annan@kalix.example"));
	assert_null(config_system(&c, "x"));
	assert_null(config_chain(&c, "x", "municipality", KIND_QUESTION));
}

static void test_the_most_specific_clock(void **state)
{
	struct config c = sample();

	(void)state;
	assert_int_equal(config_clock(&c, KIND_QUESTION, "specialist", 3)->remind_ms, 4);
	assert_int_equal(config_clock(&c, KIND_QUESTION, "superuser", 3)->remind_ms, 5);
	assert_int_equal(config_clock(&c, KIND_QUESTION, "superuser", 1)->remind_ms, 1);
	assert_int_equal(config_clock(&c, KIND_QUESTION, "manager", 1)->remind_ms, 2);
	assert_null(config_clock(&c, KIND_ACCESS, "superuser", 3));
	assert_null(config_clock(&c, KIND_NEED, "superuser", 3));
}

static void test_names(void **state)
{
	struct config c = sample();
	struct text_by_language both = {.v = {"område", "area"}}, one = {.v = {"", "area"}};
	struct text_by_language none = {.v = {""}};

	(void)state;
	assert_string_equal(config_name(&c, &both, "en"), "area");
	assert_string_equal(config_name(&c, &both, "fi"), "område");
	assert_string_equal(config_name(&c, &one, "sv"), "area");
	assert_string_equal(config_name(&c, &none, "sv"), "");
}

static void test_people(void **state)
{
	struct absence away[] = {{{2026, 12, 1}, {2026, 12, 4}, 7}};
	struct agent agents[] = {{.id = 3, .key = "a@x.example"},
		{.id = 7, .key = "b@x.example", .absences = away, .n_absences = 1},
		{.id = 12, .key = "c@x.example"}};
	struct duty duties[] = {
		{3, "superuser", "kalix", "ekosystem", "hsl", "", false, false},
		{7, "manager", "*", "", "", "", false, false},
	};
	struct member members[] = {{12, 3}};
	struct people p = {agents, 3, duties, 2, members, 1, 1};
	int64_t substitute = -1;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_ptr_equal(people_agent(&p, agents[i].id), &agents[i]);
	assert_null(people_agent(&p, 4));
	assert_null(people_agent(&p, 13));
	assert_ptr_equal(people_by_key(&p, "c@x.example"), &agents[2]);
	assert_null(people_by_key(&p, NULL));
	assert_true(people_is_member(&p, 12, 3));
	assert_false(people_is_member(&p, 3, 12));
	assert_true(people_has_duty(&p, 3, "superuser", "kalix", "", "hsl", ""));
	assert_false(people_has_duty(&p, 3, "superuser", "kalix", "", "ifo", ""));
	assert_false(people_has_duty(&p, 3, "superuser", "boden", "", "", ""));
	assert_true(people_has_duty(&p, 7, "manager", "boden", "sp", "ifo", ""));
	assert_false(agent_is_absent(&agents[1], (struct date){2026, 11, 30}, &substitute));
	assert_int_equal(substitute, 0);
	assert_true(agent_is_absent(&agents[1], (struct date){2026, 12, 4}, &substitute));
	assert_int_equal(substitute, 7);
	assert_false(agent_is_absent(&agents[1], (struct date){2026, 12, 5}, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_look_ups),
		cmocka_unit_test(test_the_most_specific_clock),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
