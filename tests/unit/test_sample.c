/* The sample of Norrbotten: that it is what everybody relies on, and that its words tell the areas. */
#include "base/prelude.h"

#include "app/settings.h"
#include "base/arena.h"
#include "base/limits.h"
#include "core/chain.h"
#include "core/classify.h"
#include "core/people_csv.h"

#include <setjmp.h>
#include <unistd.h>
#include <cmocka.h>

static struct arena *arena;
static struct config *config;
static struct people_csv *csv;

static char *read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "re");
	char *content = arena_alloc(arena, MAX_SETTINGS_BYTES);

	assert_non_null(f);
	*n = fread(content, 1, MAX_SETTINGS_BYTES - 1, f);
	fclose(f);
	return content;
}

static int load(void **state)
{
	struct settings_errors *errors;
	const char *root = getenv("LOTS_ROOT") ? getenv("LOTS_ROOT") : ".";
	size_t n;
	char *content;

	(void)state;
	setenv("LOTS_DATADIR", root, 1);
	arena = arena_new(MAX_ARENA_BYTES);
	errors = arena_new_of(arena, struct settings_errors);
	settings_errors_init(errors, arena);
	config = settings_load(arena, arena_printf(arena, "%s/config/lots.yaml", root), errors);
	settings_errors_print(errors, stderr);
	csv = arena_new_of(arena, struct people_csv);
	content = read_file(arena_printf(arena, "%s/config/norrbotten/people.csv", root), &n);
	return config && people_csv_read(arena, config, content, n, csv) ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	settings_release(config);
	arena_free(&arena);
	return 0;
}

/* Addresses of a link's people, one blank between. */
static const char *asked(const char *organisation, enum case_kind kind, const char *system,
	const char *area, const char *unit, const char *role)
{
	const struct organisation *o = config_organisation(config, organisation);
	struct chain_place place = {.chain = config_chain(config, system, o->kind, kind),
		.system = system,
		.organisation = organisation,
		.area = area,
		.unit = unit,
		.requester_key = "",
		.day = {2026, 11, 23}};
	struct link_people found;
	const char *all = "";

	assert_non_null(place.chain);
	chain_people(
		arena, config, &csv->people, &place, chain_index(place.chain, role), 0, &found);
	for (size_t i = 0; i < found.n; i++)
		all = arena_printf(arena, "%s%s%s", all, i ? " " : "", found.v[i]->address);
	return all;
}

static void test_no_chain_leads_nowhere(void **state)
{
	struct settings_errors *errors = arena_new_of(arena, struct settings_errors);

	(void)state;
	settings_errors_init(errors, arena);
	settings_check_people(config, &csv->people, errors);
	settings_errors_print(errors, stderr);
	assert_int_equal(errors->n, 0);
}

static void test_the_rule(void **state)
{
	static const struct {
		const char *organisation, *area;
	} places[] = {{"kalix", "hsl"}, {"boden", "avgift"}, {"pitea", "ifo"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const char *o = places[i].organisation, *a = places[i].area;

		assert_string_equal(asked(o, KIND_QUESTION, "ekosystem", a, "", "superuser"),
			arena_printf(arena, "superanvandare.%s@%s.example", a, o));
		assert_string_equal(asked(o, KIND_QUESTION, "ekosystem", a, "", "specialist"),
			arena_printf(arena, "objektspecialist.%s@%s.example", a, o));
		assert_string_equal(
			asked(o, KIND_QUESTION, "ekosystem", a, "", "local_support"), "");
		assert_string_equal(asked(o, KIND_QUESTION, "ekosystem", a, "", "manager"),
			"forvaltningsledare@enamnd.example");
		assert_string_equal(asked(o, KIND_ACCESS, "ekosystem", a, "", "it_admin"),
			arena_printf(arena, "it-admin@%s.example", o));
		assert_string_equal(asked(o, KIND_QUESTION, "ekosystem", a, "", "supplier"),
			"support@leverantor.example");
	}
	/* No area: the superusers of every area. */
	assert_string_equal(asked("kalix", KIND_QUESTION, "ekosystem", "", "", "superuser"),
		"superanvandare.ifo@kalix.example superanvandare.hsl@kalix.example "
		"superanvandare.sollss@kalix.example superanvandare.avgift@kalix.example");
}

static void test_coordinated_planning(void **state)
{
	(void)state;
	assert_string_equal(asked("kalix", KIND_QUESTION, "sp", "sip", "", "superuser"),
		"superanvandare.sp@kalix.example");
	assert_string_equal(asked("kalix", KIND_QUESTION, "sp", "sip", "", "specialist"),
		"objektspecialist.sip@regionnorrbotten.example");
	assert_string_equal(
		asked("regionnorrbotten", KIND_QUESTION, "sp", "sip", "", "service_desk"),
		"servicedesk@regionnorrbotten.example");
	assert_string_equal(
		asked("regionnorrbotten", KIND_QUESTION, "sp", "", "narsjukvard", "superuser"),
		"superanvandare.narsjukvard@regionnorrbotten.example");
	assert_string_equal(asked("regionnorrbotten", KIND_QUESTION, "sp", "", "", "supplier"),
		"support@leverantor2.example");
}

static void test_the_special_people(void **state)
{
	const struct people *p = &csv->people;
	const struct agent *unit = people_by_key(p, "hemtjanst.norr@kalix.example");
	const struct agent *support = people_by_key(p, "anvandarstod.norr@kalix.example");
	const struct agent *inland = people_by_key(p, "specialist.inland@arvidsjaur.example");
	const struct agent *both = people_by_key(p, "resurs.avgift@gallivare.example");
	const struct agent *part = people_by_key(p, "superanvandare.deltid@pajala.example");
	const struct agent *admin = people_by_key(p, "it-admin2@lulea.example");

	(void)state;
	assert_true(unit->is_post && people_is_member(p, unit->id, support->id));
	assert_string_equal(asked("kalix", KIND_QUESTION, "ekosystem", "hsl", "hemtjanst-norr",
				    "local_support"),
		"anvandarstod.norr@kalix.example");
	assert_true(people_has_duty(p, inland->id, "specialist", "arjeplog", "", "sollss", ""));
	assert_true(people_has_duty(p, inland->id, "specialist", "arvidsjaur", "", "ifo", ""));
	assert_true(people_has_duty(p, both->id, "superuser", "gallivare", "", "avgift", ""));
	assert_true(people_has_duty(p, both->id, "specialist", "gallivare", "", "avgift", ""));
	assert_string_equal(part->calendar, "part-time");
	for (size_t i = 0; i < p->n_duties; i++) {
		if (p->duties[i].agent == admin->id)
			assert_false(p->duties[i].supplier_rights);
	}
}

static void test_words_tell_the_area(void **state)
{
	static const struct {
		const char *from, *subject, *text, *system, *area;
	} mails[] = {
		{"x@kalix.example", "Hittar inte läkemedelslistan",
			"Hej! Var ser jag läkemedelslistan för en boende? Mvh", "ekosystem", "hsl"},
		{"x@kalix.example", "Fråga", "Signeringslistan för delegerade insatser är tom.",
			"ekosystem", "hsl"},
		{"x@boden.example", "Fel på faktura", "En avgift har debiterats två gånger.",
			"ekosystem", "avgift"},
		{"x@boden.example", "maxtaxa", "Vilken maxtaxa gäller i år?", "ekosystem",
			"avgift"},
		{"x@pitea.example", "Orosanmälan",
			"Hur registrerar jag en orosanmälan på ett syskon?", "ekosystem", "ifo"},
		{"x@pitea.example", "försörjningsstöd", "Normberäkningen blir fel", "ekosystem",
			"ifo"},
		{"x@lulea.example", "Genomförandeplan", "Kan inte låsa genomförandeplanen",
			"ekosystem", "sollss"},
		{"x@lulea.example", "Ny skrivare", "Vår skrivare i korridoren fungerar inte.",
			"ekosystem", ""},
		{"x@kalix.example", "SIP-möte", "Hur kallar jag till en SIP i Lifecare?", "sp",
			"sip"},
		{"x@regionnorrbotten.example", "Utskrivningsklar",
			"Patienten går inte att sätta som utskrivningsklar", "sp", "utskrivning"},
		{"x@regionnorrbotten.example", "LPT",
			"Vårdplanen vid öppen psykiatrisk tvångsvård syns inte", "sp",
			"tvangsvard"},
		{"x@haparanda.example", "Lääkelista", "Missä näen lääkelistan? lääkelista on tyhjä",
			"ekosystem", "hsl"},
		{"x@kiruna.example", "Invoice is wrong",
			"The invoice for October has the wrong fee.", "ekosystem", "avgift"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		struct classified c;

		classify(arena, config, &csv->people, &config->mailboxes[0], mails[i].from,
			strchr(mails[i].from, '@') + 1, mails[i].subject, mails[i].text, &c);
		if (strcmp(c.system, mails[i].system) != 0 || strcmp(c.area, mails[i].area) != 0)
			fail_msg("\"%s\": %s/%s, wanted %s/%s", mails[i].subject, c.system, c.area,
				mails[i].system, mails[i].area);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_chain_leads_nowhere),
		cmocka_unit_test(test_the_rule),
		cmocka_unit_test(test_coordinated_planning),
		cmocka_unit_test(test_the_special_people),
		cmocka_unit_test(test_words_tell_the_area),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
