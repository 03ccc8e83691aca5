/* People, contacts and alarms. */
#include "store_fixture.h"

#include "base/date.h"

static struct agent agent(int64_t id, const char *name, const char *address, bool is_post)
{
	return (struct agent){.id = id,
		.is_post = is_post,
		.name = name,
		.address = address,
		.key = address,
		.organisation = "kalix",
		.language = "",
		.calendar = ""};
}

static struct duty duty(int64_t agent, const char *role, const char *area)
{
	return (struct duty){.agent = agent,
		.role = role,
		.organisation = "kalix",
		.system = "",
		.area = area,
		.unit = ""};
}

struct wanted {
	struct agent agents[3];
	struct duty duties[3];
	struct member members[1];
	struct people people;
};

static struct people *want(struct wanted *w)
{
	*w = (struct wanted){.agents = {agent(1, "", "superanvandare.hsl@kalix.example", true),
				     agent(2, "Eva Lund", "eva@kalix.example", false),
				     agent(3, "", "it-admin@kalix.example", true)},
		.duties = {duty(1, "superuser", "hsl"), duty(3, "it_admin", ""),
			duty(2, "superuser", "ifo")},
		.members = {{1, 2}}};
	w->people = (struct people){.agents = w->agents,
		.n_agents = 3,
		.duties = w->duties,
		.n_duties = 3,
		.members = w->members,
		.n_members = 1};
	return &w->people;
}

static struct people_difference *differ(struct fixture *f, const struct people *p, size_t expect)
{
	struct people_difference *d;
	size_t n;

	ok(store_people_diff(f->store, f->arena, p, &d, &n));
	assert_int_equal(n, expect);
	return d;
}

static void an_import_is_shown_then_applied(void **state)
{
	struct fixture *f = *state;
	struct wanted w;
	struct people p, *wanted = want(&w);
	int64_t version, after;

	ok(store_people_version(f->store, &version));
	assert_int_equal(differ(f, wanted, 3)->change, PEOPLE_ADDED);
	ok(store_people_load(f->store, f->arena, &p));
	assert_int_equal(p.n_agents, 0); /* only shown */
	ok(store_people_apply(f->store, f->arena, wanted, T0));
	ok(store_people_version(f->store, &after));
	assert_true(after > version);
	differ(f, wanted, 0);
	ok(store_people_load(f->store, f->arena, &p));
	assert_int_equal(p.n_agents, 3);
	assert_int_equal(p.version, after);
	assert_true(p.agents[0].is_post);
	assert_string_equal(p.agents[1].name, "Eva Lund");
	assert_true(p.agents[1].contact > 0);
	assert_int_equal(p.n_duties, 3);
	assert_string_equal(p.duties[1].role, "it_admin"); /* file order */
	assert_true(people_is_member(&p, p.agents[0].id, p.agents[1].id));
}

static void differences_are_named(void **state)
{
	struct fixture *f = *state;
	struct wanted w;
	struct people *wanted = want(&w);
	struct people_difference *d;

	ok(store_people_apply(f->store, f->arena, wanted, T0));
	w.agents[1].name = "Eva Berg";
	w.duties[2].area = "avgift";
	wanted->n_members = 0;
	d = differ(f, wanted, 1);
	assert_int_equal(d->change, PEOPLE_CHANGED);
	assert_string_equal(
		d->what, "name, duties, members, +superuser kalix avgift, -superuser kalix ifo");
	assert_string_equal(d->address, "eva@kalix.example");
	ok(store_people_apply(f->store, f->arena, wanted, T0));
	differ(f, wanted, 0);
	struct duty swap = w.duties[0];
	w.duties[0] = w.duties[1];
	w.duties[1] = swap;
	assert_string_equal(differ(f, wanted, 1)->what, "order");
	ok(store_people_apply(f->store, f->arena, wanted, T0));
	differ(f, wanted, 0);
}

static void people_are_ended_never_deleted(void **state)
{
	struct fixture *f = *state;
	struct wanted w;
	struct people *wanted = want(&w), p;
	struct contact c;
	struct agent_label label;

	ok(store_people_apply(f->store, f->arena, wanted, T0));
	ok(store_people_load(f->store, f->arena, &p));
	int64_t it_admin = p.agents[2].id;
	ok(store_agent_exercise_done(f->store, it_admin));
	wanted->n_agents = 2;
	wanted->n_duties = 1;
	struct people_difference *d = differ(f, wanted, 2); /* Eva has lost a duty too */
	assert_int_equal(d[1].change, PEOPLE_ENDED);
	ok(store_people_apply(f->store, f->arena, wanted, T0 + 1));
	ok(store_people_load(f->store, f->arena, &p));
	assert_int_equal(p.n_agents, 2);
	ok(store_agent_label(f->store, f->arena, it_admin, &label));
	assert_true(label.ended);
	assert_string_equal(label.address, "it-admin@kalix.example");
	ok(store_contact_by_key(f->store, f->arena, "it-admin@kalix.example", &c));
	assert_int_equal(c.agent, 0);
	wanted->n_agents = 3;
	wanted->n_duties = 3;
	d = differ(f, wanted, 2);
	assert_int_equal(d[1].change, PEOPLE_RETURNED);
	ok(store_people_apply(f->store, f->arena, wanted, T0 + 2));
	ok(store_people_load(f->store, f->arena, &p));
	assert_int_equal(p.agents[2].id, it_admin);
	assert_true(p.agents[2].exercise_done);
}

static void a_requester_becomes_an_agent(void **state)
{
	struct fixture *f = *state;
	struct wanted w;
	struct contact c;
	int64_t id;

	ok(store_contact_learn(
		f->store, "eva@kalix.example", "Eva@Kalix.example", "", "sv", "", T0, &id));
	ok(store_people_apply(f->store, f->arena, want(&w), T0));
	ok(store_contact_by_id(f->store, f->arena, id, &c));
	assert_true(c.agent > 0);
	assert_string_equal(c.name, "Eva Lund");
	assert_string_equal(c.organisation, "kalix");
}

static void single_facts(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_agent(f, "su@kalix.example", "kalix"), v1, v2;
	struct people p;

	ok(store_people_version(f->store, &v1));
	ok(store_agent_morning_list(f->store, id, true));
	ok(store_people_version(f->store, &v2));
	assert_true(v2 > v1);
	ok(store_people_load(f->store, f->arena, &p));
	assert_true(p.agents[0].morning_list);
	assert_int_equal(store_agent_morning_list(f->store, 4711, true), STORE_NONE);
}

static void absences_come_and_go(void **state)
{
	struct fixture *f = *state;
	const struct date today = {2026, 11, 23};
	int64_t id = add_agent(f, "su@kalix.example", "kalix");
	int64_t other = add_agent(f, "os@kalix.example", "kalix"), away;
	struct absence_op op = {
		.agent = id, .from = today, .until = {2026, 11, 27}, .substitute = other};
	struct people p;

	ok(store_absence_apply(f->store, &op, today, T0));
	op.until.day = 28; /* told again, longer */
	ok(store_absence_apply(f->store, &op, today, T0));
	ok(store_people_load(f->store, f->arena, &p));
	assert_int_equal(p.agents[0].n_absences, 1);
	assert_int_equal(p.agents[0].absences[0].until.day, 28);
	assert_true(agent_is_absent(&p.agents[0], today, &away));
	assert_int_equal(away, other);
	struct absence_op later = {.agent = id, .from = {2026, 12, 20}, .until = {2027, 1, 6}};
	ok(store_absence_apply(f->store, &later, (struct date){2026, 12, 1}, T0));
	ok(store_people_load(f->store, f->arena, &p));
	assert_int_equal(p.agents[0].n_absences, 1); /* the first has passed */
	assert_int_equal(p.agents[0].absences[0].from.month, 12);
	op.end_now = true;
	ok(store_absence_apply(f->store, &op, today, T0));
	ok(store_people_load(f->store, f->arena, &p));
	assert_int_equal(p.agents[0].n_absences, 0);
}

/* ---- Contacts ---- */

static void contacts_learn(void **state)
{
	struct fixture *f = *state;
	struct contact c;
	int64_t id, same;

	ok(store_contact_learn(
		f->store, "å@kalix.example", "Å@Kalix.example", "", "", "", T0, &id));
	ok(store_contact_by_id(f->store, f->arena, id, &c));
	assert_string_equal(c.organisation, ""); /* not known */
	ok(store_contact_learn(
		f->store, "å@kalix.example", "other", "Åsa", "sv", "kalix", T0, &same));
	assert_int_equal(same, id);
	ok(store_contact_by_key(f->store, f->arena, "å@kalix.example", &c));
	assert_string_equal(c.name, "Åsa");
	assert_string_equal(c.address, "Å@Kalix.example");
	assert_string_equal(c.organisation, "kalix");
	ok(store_contact_learn(
		f->store, "å@kalix.example", "", "Other", "en", "unknown", T0, &same));
	ok(store_contact_by_key(f->store, f->arena, "å@kalix.example", &c));
	assert_string_equal(c.name, "Åsa");
	assert_string_equal(c.language, "en");
	assert_string_equal(c.organisation, "kalix");
	assert_int_equal(
		store_contact_by_key(f->store, f->arena, "x@kalix.example", &c), STORE_NONE);
}

static void what_is_said_of_an_agent_stands(void **state)
{
	struct fixture *f = *state;
	struct contact c;
	int64_t id;

	add_agent(f, "su@kalix.example", "kalix");
	ok(store_contact_learn(
		f->store, "su@kalix.example", "", "Signature", "en", "boden", T0, &id));
	ok(store_contact_by_id(f->store, f->arena, id, &c));
	assert_string_equal(c.language, "sv");
	assert_string_equal(c.organisation, "kalix");
	assert_string_equal(c.name, "Signature");
}

static void dead_addresses_are_suspended(void **state)
{
	struct fixture *f = *state;
	struct contact_health h;
	int64_t id;

	ok(store_contact_learn(f->store, "a@kalix.example", "a", "", "", "kalix", T0, &id));
	ok(store_contact_failed(f->store, id, "4.2.2", false, T0));
	ok(store_contact_health(f->store, f->arena, id, &h));
	assert_int_equal(h.suspended_ms, 0);
	ok(store_contact_failed(f->store, id, "5.1.1", true, T0 + 1));
	ok(store_contact_failed(f->store, id, "5.1.1", true, T0 + 2));
	ok(store_contact_health(f->store, f->arena, id, &h));
	assert_int_equal(h.suspended_ms, T0 + 1);
	assert_int_equal(h.failures, 3);
	assert_string_equal(h.reason, "5.1.1");
	ok(store_contact_well(f->store, id));
	ok(store_contact_health(f->store, f->arena, id, &h));
	assert_int_equal(h.suspended_ms + h.failures, 0);
	assert_int_equal(store_contact_health(f->store, f->arena, 99, &h), STORE_NONE);
	assert_int_equal(store_contact_failed(f->store, 99, "", true, T0), STORE_NONE);
}

/* ---- Alarms ---- */

static void alarms_are_told_daily_until_cleared(void **state)
{
	struct fixture *f = *state;
	struct alarm *a;
	bool fresh;
	size_t n;

	ok(store_alarm_raise(f->store, "mailbox:support", "down", "status", T0, &fresh));
	assert_true(fresh);
	ok(store_alarm_raise(f->store, "mailbox:support", "still down", "status", T0 + 5, &fresh));
	assert_false(fresh);
	ok(store_alarm_due(f->store, f->arena, T0 + 5, &a, &n));
	assert_int_equal(n, 1);
	assert_string_equal(a->text, "still down");
	assert_int_equal(a->since_ms, T0);
	ok(store_alarm_told(f->store, "mailbox:support", T0 + 5));
	ok(store_alarm_due(f->store, f->arena, T0 + 4 + MS_DAY, &a, &n));
	assert_int_equal(n, 0);
	ok(store_alarm_due(f->store, f->arena, T0 + 5 + MS_DAY, &a, &n));
	assert_int_equal(n, 1);
	ok(store_alarm_clear(f->store, "mailbox:support", T0 + 5));
	assert_int_equal(store_alarm_clear(f->store, "mailbox:support", T0), STORE_NONE);
	ok(store_alarm_list(f->store, f->arena, &a, &n));
	assert_int_equal(n, 0);
	ok(store_alarm_due(f->store, f->arena, T0 + 5, &a, &n));
	assert_int_equal(n, 1);
	assert_int_equal(a->cleared_ms, T0 + 5);
	ok(store_alarm_told(f->store, "mailbox:support", T0 + 5));
	ok(store_alarm_due(f->store, f->arena, T0 + 5 * MS_DAY, &a, &n));
	assert_int_equal(n, 0);
	ok(store_alarm_raise(f->store, "mailbox:support", "again", "status", T0 + 9, &fresh));
	assert_true(fresh);
	ok(store_alarm_due(f->store, f->arena, T0 + 9, &a, &n));
	assert_int_equal(n, 1);
	assert_int_equal(a->told_times, 0);
}

static void an_end_that_nobody_heard_of_is_not_told(void **state)
{
	struct fixture *f = *state;
	struct alarm *a;
	size_t n;

	ok(store_alarm_raise(f->store, "x", "y", "status", T0, NULL));
	ok(store_alarm_clear(f->store, "x", T0 + 1));
	ok(store_alarm_due(f->store, f->arena, T0 + 2, &a, &n));
	assert_int_equal(n, 0);
}

int main(void)
{
#define MEMORY(test) cmocka_unit_test_setup_teardown(test, fixture_memory, fixture_close)
	const struct CMUnitTest tests[] = {
		MEMORY(an_import_is_shown_then_applied),
		MEMORY(differences_are_named),
		MEMORY(people_are_ended_never_deleted),
		MEMORY(a_requester_becomes_an_agent),
		MEMORY(single_facts),
		MEMORY(absences_come_and_go),
		MEMORY(contacts_learn),
		MEMORY(what_is_said_of_an_agent_stands),
		MEMORY(dead_addresses_are_suspended),
		MEMORY(alarms_are_told_daily_until_cleared),
		MEMORY(an_end_that_nobody_heard_of_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
