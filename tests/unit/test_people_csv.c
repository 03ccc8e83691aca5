/* The directory as a table: what Excel writes, what is wrong with it, and the way back. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "core/csv.h"
#include "core/people_csv.h"

#include <setjmp.h>
#include <cmocka.h>

static const char *kalix_domains[] = {"kalix.example"}, *boden_domains[] = {"boden.example"};
static struct organisation organisations[] = {
	{.id = "kalix",
		.kind = "municipality",
		.name = {{"Kalix kommun"}},
		.domains = kalix_domains,
		.n_domains = 1},
	{.id = "boden",
		.kind = "municipality",
		.name = {{"Bodens kommun"}},
		.domains = boden_domains,
		.n_domains = 1},
};
static struct unit units[] = {
	{.id = "norr", .organisation = "kalix", .name = {{"Hemtjänst norr"}}}};
static struct system systems[] = {
	{.id = "ekosystem", .name = {{"Ekosystem SOC"}}, .is_default = true},
	{.id = "sp", .name = {{"Samordnad planering"}}}};
static struct area areas[] = {{.id = "hsl", .system = "ekosystem", .name = {{"HSL"}}},
	{.id = "ifo", .system = "ekosystem", .name = {{"IFO"}}},
	{.id = "sip", .system = "sp", .name = {{"SIP"}}}};
static const char *su[] = {"su"};
static struct role roles[] = {
	{.id = "superuser", .name = {{"superanvändare"}}, .words = su, .n_words = 1},
	{.id = "specialist", .name = {{"objektspecialist"}}},
	{.id = "user", .name = {{"användare"}}}};
static struct calendar calendars[] = {{.id = "office"}, {.id = "part-time"}};
static struct config config = {.languages = {"sv"},
	.n_languages = 1,
	.organisations = organisations,
	.n_organisations = 2,
	.units = units,
	.n_units = 1,
	.systems = systems,
	.n_systems = 2,
	.areas = areas,
	.n_areas = 3,
	.roles = roles,
	.n_roles = 3,
	.calendars = calendars,
	.n_calendars = 2};

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(MAX_ARENA_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct people_csv *read_text(const char *text, size_t n, bool good)
{
	struct people_csv *p = arena_new_of(arena, struct people_csv);

	if (people_csv_read(arena, &config, text, n, p) != good)
		fail_msg("%zu errors, first: %s", p->n_errors,
			p->n_errors ? p->errors[0].text : "none");
	return p;
}

#define READ(text, good) read_text(text, sizeof(text) - 1, good)

static void check_one(const struct people_csv *p, const char *name)
{
	assert_int_equal(p->people.n_agents, 1);
	assert_string_equal(p->people.agents[0].name, name);
	assert_string_equal(p->people.agents[0].organisation, "kalix");
	assert_int_equal(p->people.n_duties, 1);
	assert_string_equal(p->people.duties[0].role, "superuser");
	assert_string_equal(p->people.duties[0].area, "hsl");
	assert_string_equal(p->people.duties[0].system, "ekosystem");
}

static void test_as_excel_writes_it(void **state)
{
	(void)state;
	check_one(READ("adress;namn;roll;organisation;område\r\na@kalix.example;Åsa;Superanvändare;"
		       "Kalix "
		       "kommun;HSL\r\n",
			  true),
		"Åsa");
	check_one(READ("\xef\xbb\xbf"
		       "adress;namn;roll;organisation;område\na@kalix.example;Åsa;SU;kalix;hsl",
			  true),
		"Åsa");
	/* Windows-1252: å is e5, Å c5, ä e4 */
	check_one(READ("adress;namn;roll;organisation;omr\xe5"
		       "de\r\na@kalix.example;\xc5sa;superanv\xe4ndare;kalix;hsl\r\n",
			  true),
		"Åsa");
	check_one(READ("address,name,role,organisation,area\na@kalix.example,\"Åsa\",superuser,"
		       "kalix,hsl\n",
			  true),
		"Åsa");
	check_one(READ("sep=;\nadress;namn;roll;kommun;område\n\na@kalix.example;Åsa;su;kalix;"
		       "hsl\n;;;;\n",
			  true),
		"Åsa");
	check_one(READ("adress\tnamn\troll\torganisation\tområde\na@kalix.example\t\"Åsa "
		       "\"\"X\"\"\"\tsu\tkalix\thsl\n",
			  true),
		"Åsa \"X\"");
}

static void test_utf16(void **state)
{
	static const char text[] = "adress;namn\na@kalix.example;x";
	char wide[2 * sizeof(text)] = "\xff\xfe";

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		wide[2 + 2 * i] = text[i];
		wide[3 + 2 * i] = 0;
	}
	assert_int_equal(read_text(wide, 2 + 2 * (sizeof(text) - 1), true)->people.n_agents, 1);
}

static void test_lists_are_multiplied(void **state)
{
	struct people_csv *p =
		READ("adress;namn;typ;roll;organisation;område;jour\n"
		     "a@kalix.example;A;person;specialist;kalix, boden;\"hsl, ifo\";ja\n",
			true);

	(void)state;
	assert_int_equal(p->people.n_duties, 4);
	for (size_t i = 0; i < 4; i++)
		assert_true(p->people.duties[i].on_call);
	assert_string_equal(p->people.duties[3].organisation, "boden");
	assert_string_equal(p->people.duties[3].area, "ifo");
}

static void test_members(void **state)
{
	struct people_csv *p = READ("adress;typ;roll;organisation;enhet;medlem_av;arbetstid\n"
				    "b@kalix.example;person;;;;norr@kalix.example;part-time\n"
				    "norr@kalix.example;funktion;user;kalix;Hemtjänst norr;;\n",
		true);

	(void)state;
	assert_int_equal(p->people.n_members, 1);
	assert_int_equal(p->people.members[0].post, 2);
	assert_int_equal(p->people.members[0].person, 1);
	assert_true(p->people.agents[1].is_post);
	assert_string_equal(p->people.agents[0].calendar, "part-time");
	assert_string_equal(p->people.duties[0].unit, "norr");
}

static void test_wrong_tables(void **state)
{
	static const struct {
		const char *rows;
		int line;
		const char *text;
	} wrong[] = {
		{"a@kalix.example;x;superchef;kalix;hsl", 2,
			"roll: \"superchef\" finns inte; tillåtna: superuser, specialist, user"},
		{"a@kalix.example;x;su;kali;hsl", 2, "organisation: \"kali\" finns inte"},
		{"a@kalix.example;x;su;;hsl", 2, "organisation saknas"},
		{"a@kalix.example;x;su;kalix;hslx", 2, "område: \"hslx\" finns inte"},
		{"a@kalix.example;x;su;kalix;\"hsl, sip\"", 2, "område: sip hör till systemet sp"},
		{";x;su;kalix;hsl", 2, "adress saknas"},
		{"åsa@kalix.example;x;su;kalix;hsl", 2, "går det inte att skicka"},
		{"inte en adress;x;su;kalix;hsl", 2, "är ingen e-postadress"},
		{"a@kalix.example;x;su;kalix;hsl\na@kalix.example;y;su;kalix;ifo", 3,
			"\"x\" för samma adress på rad 2"},
		{"a@kalix.example;x;;kalix;", 2, "men ingen roll"},
		{"a@gmail.example;x;su;*;hsl", 2, "ange hemorganisation"},
		{"a@kalix.example;x;su;kalix;hsl;extra", 2, "utan rubrik"},
		{"a@kalix.example;\"x;su;kalix;hsl", 2, "citattecken"},
		{"a@kalix.example;\"x\"y;su;kalix;hsl", 2, "citattecken"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		const char *text = arena_printf(
			arena, "adress;namn;roll;organisation;område\n%s\n", wrong[i].rows);
		struct people_csv *p = read_text(text, strlen(text), false);

		assert_int_equal(p->n_errors, 1);
		assert_int_equal(p->errors[0].line, wrong[i].line);
		if (!strstr(p->errors[0].text, wrong[i].text))
			fail_msg("row %zu: \"%s\" lacks \"%s\"", i, p->errors[0].text,
				wrong[i].text);
	}
}

static void test_wrong_headers_and_all_errors(void **state)
{
	struct people_csv *p = READ("namn;rol\nx;su\n", false);

	(void)state;
	assert_int_equal(p->n_errors, 2);
	assert_non_null(strstr(p->errors[0].text, "\"rol\" är okänd"));
	assert_non_null(strstr(p->errors[1].text, "\"adress\" saknas"));
	p = READ("adress;roll;organisation;jour;medlem_av\na@kalix.example;su;kalix;kanske;\n"
		 "b@kalix.example;;;;c@kalix.example\nd;su;kalix;;\n",
		false);
	assert_int_equal(p->n_errors, 3);
	assert_int_equal(p->errors[0].line, 2);
	assert_int_equal(p->errors[1].line, 3);
	assert_int_equal(p->errors[2].line, 4);
	p = READ("", false);
	assert_non_null(strstr(p->errors[0].text, "tom"));
	p = READ("adress;namn\n\0a;b\n", false);
	assert_non_null(strstr(p->errors[0].text, "ingen CSV-fil"));
}

static void test_round_trip_and_formulas(void **state)
{
	static const char text[] =
		"adress;namn;typ;roll;organisation;system;område;enhet;jour;leverantörsrätt;medlem_"
		"av;morgonlista\n"
		"a@kalix.example;=cmd();person;su;kalix, boden;;hsl;;ja;;norr@kalix.example;ja\n"
		"norr@kalix.example;\"Norr; \"\"team\"\"\";funktion;user;kalix;;;norr;;;;\n"
		"c@boden.example;Cecilia;person;;;;;;;;norr@kalix.example;\n";
	struct people_csv *first = READ(text, true), *second;
	struct buf once, twice;

	(void)state;
	buf_init(&once, 1 << 20);
	buf_init(&twice, 1 << 20);
	people_csv_write(arena, &first->people, &once);
	assert_non_null(strstr(once.data, ";\"'=cmd()\";"));
	second = read_text(once.data, once.len, true);
	assert_string_equal(people_by_key(&second->people, "a@kalix.example")->name, "=cmd()");
	assert_int_equal(second->people.n_duties, first->people.n_duties);
	assert_int_equal(second->people.n_members, 2);
	people_csv_write(arena, &second->people, &twice);
	assert_string_equal(once.data, twice.data);
	buf_release(&once);
	buf_release(&twice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_as_excel_writes_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_utf16, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lists_are_multiplied, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_members, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong_tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_wrong_headers_and_all_errors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_round_trip_and_formulas, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
