/* Classify: the first guess about a new mail, on the sample's words. */
#include "cmocka_test.h"

#include "core/classify.h"
#include "turn_fixture.h"

static struct classified cl;

static void guess(const char *mailbox, const char *from, const char *subject, const char *text)
{
	struct turn_fixture *f = fixture();

	classify(f->scratch, f->config, f->people, config_mailbox(f->config, mailbox), from,
		strchr(from, '@') + 1, subject, text, &cl);
}

TEST(areas)
{
	static const struct {
		const char *subject, *text, *area;
	} rows[] = {{"Fråga", "Läkemedelslistan är tom i dag", "hsl"},
		{"Fråga", "Fakturan till en brukare är fel", "avgift"},
		{"Försörjningsstöd", "Normberäkningen stämmer inte", "ifo"},
		{"Hemtjänstbeslut", "Beslutet syns inte för utföraren", "sollss"},
		{"Utskrift", "Skrivaren står i fel hus", ""},
		/* Two areas with as many words: nobody is preferred. */
		{"Fråga", "Gäller läkemedel och faktura", ""},
		/* A word in the subject weighs more. */
		{"Faktura", "Den har med läkemedel att göra", "avgift"},
		{"FAKTURA", "SE ÄMNET", "avgift"}, {"Fråga", "fakturanummer", ""}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		guess("support", "x@kalix.example", rows[i].subject, rows[i].text);
		if (strcmp(cl.area, rows[i].area) != 0)
			fail_msg("%s: %s", rows[i].text, cl.area);
		assert_string_equal(cl.organisation, "kalix");
	}
}

TEST(systems_and_kinds)
{
	guess("support", "x@kalix.example", "SIP-möte", "Hur bokar jag?");
	assert_string_equal(cl.system, "sp");
	guess("support", "x@regionnorrbotten.example", "Fråga",
		"Vad gäller för mig som är ny här?");
	assert_string_equal(cl.system, "sp");
	assert_int_equal(cl.kind, KIND_QUESTION);
	guess("behorighet", "x@kalix.example", "Hej", "Vi har en ny vikarie.");
	assert_int_equal(cl.kind, KIND_ACCESS);
	guess("storning", "x@kalix.example", "Hej", "Inget går att öppna.");
	assert_int_equal(cl.kind, KIND_DISTURBANCE);
	guess("support", "x@kalix.example", "Avvikelse", "Något hände i går kväll.");
	assert_int_equal(cl.kind, KIND_DEVIATION);
	guess("support", "x@kalix.example", "Beställning av behörighet", "Till en ny kollega");
	assert_int_equal(cl.kind, KIND_ACCESS);
	guess("support", "x@kalix.example", "Fråga", "Jag saknar behörighet till en lista");
	assert_int_equal(cl.kind, KIND_QUESTION);
}

/* An area whose system nobody there is asked about, for that kind of case, is no place for it. */
TEST(an_area_without_a_chain)
{
	struct turn_fixture *f = fixture();
	struct config c = *f->config;
	struct chain *kept = arena_array(f->scratch, c.n_chains, sizeof(*kept));

	guess("behorighet", "x@kalix.example", "Hej", "Läkemedel till en ny vikarie.");
	assert_string_equal(cl.system, "ekosystem");
	assert_string_equal(cl.area, "hsl");
	c.chains = kept;
	c.n_chains = 0;
	for (size_t i = 0; i < f->config->n_chains; i++) {
		const struct chain *ch = &f->config->chains[i];

		if (strcmp(ch->system, "ekosystem") != 0 || ch->kind != KIND_ACCESS ||
			strcmp(ch->organisation_kind, "municipality") != 0)
			kept[c.n_chains++] = *ch;
	}
	assert_int_equal(c.n_chains + 1, f->config->n_chains);
	classify(f->scratch, &c, f->people, config_mailbox(&c, "behorighet"), "x@kalix.example",
		"kalix.example", "Hej", "Läkemedel till en ny vikarie.", &cl);
	assert_string_equal(cl.system, "sp");
	assert_string_equal(cl.area, "");
	/* The same words as a question have their chain. */
	classify(f->scratch, &c, f->people, config_mailbox(&c, "support"), "x@kalix.example",
		"kalix.example", "Hej", "Läkemedel till en ny vikarie.", &cl);
	assert_string_equal(cl.area, "hsl");
}

TEST(people_and_units)
{
	guess("support", "hemtjanst.norr@kalix.example", "Fråga",
		"Hur gör vi med listan på kvällen?");
	assert_string_equal(cl.unit, "hemtjanst-norr");
	guess("support", "medarbetare1.norr@kalix.example", "Fråga", "Hur gör vi med listan?");
	assert_string_equal(cl.unit, "hemtjanst-norr");
	guess("support", "x@boden.example", "Fråga", "Hur gör vi med listan?");
	assert_string_equal(cl.unit, "");
	guess("support", "x@nowhere.example", "Fråga", "Hur gör vi med listan?");
	assert_string_equal(cl.organisation, "unknown");
}

TEST(priority_and_thin)
{
	guess("support", "x@kalix.example", "AKUT!!!", "AKUT AKUT SVARA GENAST PRIO 1");
	assert_int_equal(cl.priority, PRIORITY_NORMAL);
	guess("support", "x@kalix.example", "Hjälp", "Funkar inte");
	assert_true(cl.thin);
	guess("support", "x@kalix.example", "", "");
	assert_true(cl.thin);
	guess("support", "x@kalix.example", "Hjälp", "Jag kan inte spara någonting alls");
	assert_false(cl.thin);
	guess("support", "x@kalix.example", "Faktura", "Fel");
	assert_false(cl.thin);
}

TEST(areas_named)
{
	struct turn_fixture *f = fixture();

	assert_string_equal(
		classify_area_named(f->scratch, f->config, "municipality", "HSL"), "hsl");
	assert_string_equal(
		classify_area_named(f->scratch, f->config, "municipality", "SoL/LSS"), "sollss");
	assert_string_equal(
		classify_area_named(f->scratch, f->config, "municipality", "marsipan"), "");
	assert_string_equal(classify_area_named(f->scratch, f->config, "municipality", ""), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(areas),
		cmocka_unit_test(systems_and_kinds), cmocka_unit_test(an_area_without_a_chain),
		cmocka_unit_test(people_and_units), cmocka_unit_test(priority_and_thin),
		cmocka_unit_test(areas_named)};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
