/* Chain: links and their people, on the sample's data. */
#include "cmocka_test.h"

#include "core/chain.h"
#include "turn_fixture.h"

static struct chain_place place_of(const char *system, const char *organisation,
	const char *kind_of, enum case_kind kind, const char *area)
{
	struct turn_fixture *f = fixture();

	return (struct chain_place){.chain = config_chain(f->config, system, kind_of, kind),
		.system = system,
		.organisation = organisation,
		.area = area,
		.unit = "",
		.requester_key = "",
		.day = {2026, 11, 23}};
}

static struct link_people people;

static int seek(const struct chain_place *p, int from, int64_t except, bool to_supplier)
{
	struct turn_fixture *f = fixture();

	return chain_seek(
		f->scratch, f->config, f->people, p, from, 1, except, to_supplier, &people);
}

/* Every municipality and area: superuser, specialist, manager, supplier, one address each. */
TEST(every_municipality)
{
	static const char *const areas[] = {"ifo", "hsl", "sollss", "avgift"};
	struct turn_fixture *f = fixture();
	size_t n = 0;

	for (size_t i = 0; i < f->config->n_organisations; i++) {
		const struct organisation *o = &f->config->organisations[i];

		if (strcmp(o->kind, "municipality") != 0)
			continue;
		n++;
		for (size_t a = 0; a < ARRAY_LEN(areas); a++) {
			struct chain_place p =
				place_of("ekosystem", o->id, o->kind, KIND_QUESTION, areas[a]);
			int link = seek(&p, 0, 0, false);

			assert_string_equal(p.chain->links[link], "superuser");
			assert_string_equal(
				people.v[0]->key, arena_printf(f->scratch, "superanvandare.%s@%s",
							  areas[a], o->domains[0]));
			link = seek(&p, link + 1, 0, false);
			assert_string_equal(p.chain->links[link], "specialist");
			assert_string_equal(
				people.v[0]->key, arena_printf(f->scratch, "objektspecialist.%s@%s",
							  areas[a], o->domains[0]));
			link = seek(&p, link + 1, 0, false);
			assert_string_equal(people.v[0]->key, "forvaltningsledare@enamnd.example");
			assert_int_equal(seek(&p, link + 1, 0, false), -1);
			link = seek(&p, link + 1, 0, true);
			assert_string_equal(people.v[0]->key, "support@leverantor.example");
		}
	}
	assert_int_equal(n, 14);
}

TEST(region)
{
	struct chain_place p =
		place_of("sp", "regionnorrbotten", "region", KIND_QUESTION, "utskrivning");
	int link = seek(&p, 0, 0, false);

	assert_string_equal(people.v[0]->key, "servicedesk@regionnorrbotten.example");
	link = seek(&p, link + 1, 0, false);
	assert_int_equal(people.n, 2);
	link = seek(&p, link + 1, 0, false);
	assert_int_equal(people.n, 1);
	assert_string_equal(
		people.v[0]->key, "objektspecialist.utskrivning@regionnorrbotten.example");
	p.unit = "narsjukvard";
	link = seek(&p, 1, 0, false);
	assert_int_equal(people.n, 1);
}

TEST(no_area_is_all)
{
	struct chain_place p = place_of("ekosystem", "boden", "municipality", KIND_QUESTION, "");

	assert_true(seek(&p, 0, 0, false) >= 0);
	assert_int_equal(people.n, 4);
	p.requester_key = "superanvandare.ifo@boden.example";
	assert_true(seek(&p, 0, 0, false) >= 0);
	assert_int_equal(people.n, 3);
}

TEST(starts_above_requester)
{
	struct turn_fixture *f = fixture();
	struct chain_place p = place_of("ekosystem", "kalix", "municipality", KIND_QUESTION, "hsl");

	assert_int_equal(chain_start(f->people, &p, NULL), 0);
	assert_int_equal(
		chain_start(f->people, &p, fixture_agent("superanvandare.hsl@kalix.example")),
		chain_index(p.chain, "superuser") + 1);
	assert_int_equal(
		chain_start(f->people, &p, fixture_agent("superanvandare.ifo@kalix.example")), 0);
	assert_int_equal(
		chain_start(f->people, &p, fixture_agent("objektspecialist.hsl@kalix.example")),
		chain_index(p.chain, "specialist") + 1);
}

TEST(passed_on_is_skipped)
{
	struct turn_fixture *f = fixture();
	struct chain_place p =
		place_of("ekosystem", "gallivare", "municipality", KIND_QUESTION, "avgift");
	const struct agent *both = fixture_agent("resurs.avgift@gallivare.example");
	int link = seek(&p, chain_index(p.chain, "specialist"), both->id, false);

	assert_string_equal(p.chain->links[link], "specialist");
	for (size_t i = 0; i < people.n; i++)
		assert_ptr_not_equal(people.v[i], both);
	(void)f;
}

TEST(absence)
{
	struct agent *a = (struct agent *)fixture_agent("superanvandare.hsl@kalix.example");
	const struct agent *b = fixture_agent("superanvandare.ifo@kalix.example");
	struct absence away = {.from = {2026, 11, 20}, .until = {2026, 11, 23}, .substitute = 0};
	struct chain_place p = place_of("ekosystem", "kalix", "municipality", KIND_QUESTION, "hsl");

	a->absences = &away;
	a->n_absences = 1;
	assert_string_equal(p.chain->links[seek(&p, 0, 0, false)], "specialist");
	away.substitute = b->id;
	assert_string_equal(p.chain->links[seek(&p, 0, 0, false)], "superuser");
	assert_ptr_equal(people.v[0], b);
	assert_ptr_equal(people.absent[0], a);
	/* He stands in for himself: nobody is there. */
	away.substitute = a->id;
	assert_string_equal(p.chain->links[seek(&p, 0, 0, false)], "specialist");
	p.day.day = 24;
	assert_ptr_equal((seek(&p, 0, 0, false), people.v[0]), a);
	a->n_absences = 0;
	a->absences = NULL;
}

TEST(edges)
{
	struct chain_place p = place_of("ekosystem", "kalix", "municipality", KIND_QUESTION, "hsl");

	assert_int_equal(chain_index(p.chain, "nobody"), -1);
	assert_int_equal(chain_index(NULL, "superuser"), -1);
	assert_int_equal(seek(&p, 99, 0, true), -1);
	p.chain = NULL;
	assert_int_equal(seek(&p, 0, 0, true), -1);
	assert_int_equal(
		chain_start(fixture()->people, &p, fixture_agent("registrator@kalix.example")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_municipality),
		cmocka_unit_test(region), cmocka_unit_test(no_area_is_all),
		cmocka_unit_test(starts_above_requester), cmocka_unit_test(passed_on_is_skipped),
		cmocka_unit_test(absence), cmocka_unit_test(edges)};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
