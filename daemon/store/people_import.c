/* Import: the directory is compared with a wanted one and made like it. Called by `lotsctl people` on
 * the desk. Whoever is not wanted is ended, never deleted. */
#include "base/prelude.h"

#include "store/db.h"
#include "store/people.h"
#include "store/people_private.h"

#include "base/buf.h"

#define WHAT_BYTES 60000 /* a difference of one person, in words */

static const char *const CHANGE_IDS[] = {[PEOPLE_ADDED] = "added",
	[PEOPLE_CHANGED] = "changed",
	[PEOPLE_ENDED] = "ended",
	[PEOPLE_RETURNED] = "returned"};
_Static_assert(ARRAY_LEN(CHANGE_IDS) == PEOPLE_CHANGE_N, "an id for each change");

const char *people_change_id(enum people_change c)
{
	return CHANGE_IDS[c];
}

/* The party that holds the address, ended or not; 0 if none. */
static enum store_status party_of(struct store *s, const char *key, int64_t *party, bool *ended)
{
	static const char SQL[] = "SELECT p.id, p.ended_ms FROM contact AS c"
				  " JOIN party AS p ON p.id = c.party"
				  " WHERE c.kind = 'mail' AND c.key = $key";
	struct query *q = query(s, SQL);

	*party = 0;
	*ended = false;
	bind_text(q, "key", key);
	if (query_row(q)) {
		*party = col_i64(q, "id");
		*ended = col_i64(q, "ended_ms") != 0;
	}
	return query_end(q);
}

/* ---- Difference ---- */

static void add_difference(struct arena *arena, struct people_difference **list, size_t *n,
	enum people_change change, const struct agent *a, const char *what)
{
	*list = grow(arena, *list, *n, sizeof(**list));
	(*list)[(*n)++] = (struct people_difference){change, a->address, a->name, what};
}

/* The next duty of this agent at or after *i. */
static const struct duty *next_duty(const struct people *p, int64_t agent, size_t *i)
{
	while (*i < p->n_duties)
		if (p->duties[(*i)++].agent == agent)
			return &p->duties[*i - 1];
	return NULL;
}

static bool same_duty(const struct duty *a, const struct duty *b)
{
	return strcmp(a->role, b->role) == 0 && strcmp(a->organisation, b->organisation) == 0 &&
	       strcmp(a->system, b->system) == 0 && strcmp(a->area, b->area) == 0 &&
	       strcmp(a->unit, b->unit) == 0 && a->on_call == b->on_call &&
	       a->supplier_rights == b->supplier_rights;
}

static bool same_duties(
	const struct people *p, int64_t agent, const struct people *other, int64_t other_agent)
{
	size_t i = 0, j = 0;

	for (;;) {
		const struct duty *a = next_duty(p, agent, &i);
		const struct duty *b = next_duty(other, other_agent, &j);
		if (!a || !b)
			return !a && !b;
		if (!same_duty(a, b))
			return false;
	}
}

/* Members are compared by key, because the ids of the two directories are not the same. */
static const char *member_key(const struct people *p, const struct member *m, int64_t agent)
{
	const struct agent *post = people_agent(p, m->post);

	return m->person == agent && post ? post->key : NULL;
}

static bool is_member_of(const struct people *p, int64_t agent, const char *post_key)
{
	for (size_t i = 0; i < p->n_members; i++) {
		const char *key = member_key(p, &p->members[i], agent);
		if (key && strcmp(key, post_key) == 0)
			return true;
	}
	return false;
}

static bool members_within(
	const struct people *p, int64_t agent, const struct people *other, int64_t other_agent)
{
	for (size_t i = 0; i < p->n_members; i++) {
		const char *key = member_key(p, &p->members[i], agent);
		if (key && !is_member_of(other, other_agent, key))
			return false;
	}
	return true;
}

static bool holds(const struct people *p, int64_t agent, const struct duty *d)
{
	size_t i = 0;

	for (const struct duty *own; (own = next_duty(p, agent, &i)) != NULL;)
		if (same_duty(own, d))
			return true;
	return false;
}

/* "+superuser kalix hsl": the duties of one that the other does not hold. */
static void add_duties(struct buf *b, const char *sign, const struct people *p, int64_t agent,
	const struct people *other, int64_t other_agent)
{
	const struct duty *d;
	size_t i = 0;

	while ((d = next_duty(p, agent, &i)) != NULL) {
		const char *more[] = {*d->area ? d->area : d->system, d->unit};

		if (other && holds(other, other_agent, d))
			continue;
		buf_addf(b, "%s%s%s %s", b->len ? ", " : "", sign, d->role, d->organisation);
		for (size_t k = 0; k < ARRAY_LEN(more); k++)
			if (*more[k])
				buf_addf(b, " %s", more[k]);
	}
}

static const char *what_differs(struct arena *arena, const struct people *have,
	const struct agent *is, const struct people *wanted, const struct agent *want)
{
	struct buf b;
	const struct {
		const char *word;
		bool differs;
	} what[] = {{"name", strcmp(is->name, want->name) != 0},
		{"kind", is->is_post != want->is_post},
		{"organisation", strcmp(is->organisation, want->organisation) != 0},
		{"language", strcmp(is->language, want->language) != 0},
		{"calendar", strcmp(is->calendar, want->calendar) != 0},
		{"duties", !same_duties(have, is->id, wanted, want->id)},
		{"morning_list", is->morning_list != want->morning_list},
		{"members", !members_within(have, is->id, wanted, want->id) ||
				    !members_within(wanted, want->id, have, is->id)}};

	buf_init(&b, WHAT_BYTES);
	for (size_t i = 0; i < ARRAY_LEN(what); i++)
		if (what[i].differs)
			buf_addf(&b, "%s%s", b.len ? ", " : "", what[i].word);
	add_duties(&b, "+", wanted, want->id, have, is->id);
	add_duties(&b, "-", have, is->id, wanted, want->id);
	return buf_take(&b, arena);
}

/* True if the duties stand in another order although each person has the same. */
static bool other_order(const struct people *have, const struct people *wanted)
{
	if (have->n_duties != wanted->n_duties)
		return false;
	for (size_t i = 0; i < have->n_duties; i++) {
		const struct agent *a = people_agent(have, have->duties[i].agent);
		const struct agent *b = people_agent(wanted, wanted->duties[i].agent);
		if (a && b && strcmp(a->key, b->key) != 0)
			return true;
	}
	return false;
}

static const struct agent *by_key(const struct people *p, const char *key)
{
	for (size_t i = 0; i < p->n_agents; i++)
		if (strcmp(p->agents[i].key, key) == 0)
			return &p->agents[i];
	return NULL;
}

static enum store_status compare_wanted(struct store *s, struct arena *arena,
	const struct people *have, const struct people *wanted, struct people_difference **out,
	size_t *n)
{
	for (size_t i = 0; i < wanted->n_agents; i++) {
		const struct agent *want = &wanted->agents[i];
		const struct agent *is = by_key(have, want->key);
		int64_t party;
		bool ended;
		if (!is) {
			TRY(party_of(s, want->key, &party, &ended));
			struct buf b;

			buf_init(&b, WHAT_BYTES);
			add_duties(&b, "+", wanted, want->id, NULL, 0);
			add_difference(arena, out, n, ended ? PEOPLE_RETURNED : PEOPLE_ADDED, want,
				buf_take(&b, arena));
			continue;
		}
		const char *what = what_differs(arena, have, is, wanted, want);
		if (*what)
			add_difference(arena, out, n, PEOPLE_CHANGED, want, what);
	}
	return STORE_OK;
}

enum store_status store_people_diff(struct store *s, struct arena *arena,
	const struct people *wanted, struct people_difference **out, size_t *n)
{
	struct people have;

	*out = NULL;
	*n = 0;
	TRY(store_people_load(s, arena, &have));
	TRY(compare_wanted(s, arena, &have, wanted, out, n));
	for (size_t i = 0; i < have.n_agents; i++)
		if (!by_key(wanted, have.agents[i].key))
			add_difference(arena, out, n, PEOPLE_ENDED, &have.agents[i], "");
	if (!*n && other_order(&have, wanted))
		add_difference(arena, out, n, PEOPLE_CHANGED, &wanted->agents[0], "order");
	return STORE_OK;
}

/* ---- Making it so ---- */

static enum store_status add_party(
	struct store *s, const struct agent *a, int64_t now_ms, int64_t *party)
{
	static const char SQL[] =
		"INSERT INTO party(kind, name, language, organisation, calendar, morning_list,"
		" made_ms) VALUES ($kind, $name, $language, $organisation, $calendar,"
		" $morning_list, $made_ms)";
	struct query *q = query(s, SQL);

	bind_text(q, "kind", a->is_post ? "post" : "person");
	bind_text(q, "name", a->name);
	bind_text(q, "language", a->language);
	bind_text(q, "organisation", a->organisation);
	bind_text(q, "calendar", a->calendar);
	bind_flag(q, "morning_list", a->morning_list);
	bind_i64(q, "made_ms", now_ms);
	return query_insert(q, party);
}

static enum store_status change_party(struct store *s, const struct agent *a, int64_t party)
{
	static const char SQL[] =
		"UPDATE party SET kind = $kind, name = $name, language = $language,"
		" organisation = $organisation, calendar = $calendar,"
		" morning_list = $morning_list, ended_ms = 0 WHERE id = $id";
	struct query *q = query(s, SQL);

	bind_text(q, "kind", a->is_post ? "post" : "person");
	bind_text(q, "name", a->name);
	bind_text(q, "language", a->language);
	bind_text(q, "organisation", a->organisation);
	bind_text(q, "calendar", a->calendar);
	bind_flag(q, "morning_list", a->morning_list);
	bind_i64(q, "id", party);
	return query_run(q);
}

static enum store_status link_contact(
	struct store *s, const struct agent *a, int64_t party, int64_t now_ms)
{
	static const char SQL[] = "INSERT INTO contact(kind, key, address, name, language, "
				  "organisation, party, made_ms)"
				  " VALUES ('mail', $key, $address, $name, $language, "
				  "$organisation, $party, $made_ms)"
				  " ON CONFLICT (kind, key) DO UPDATE SET party = excluded.party,"
				  " address = excluded.address, name = excluded.name,"
				  " organisation = excluded.organisation";
	struct query *q = query(s, SQL);

	bind_text(q, "key", a->key);
	bind_text(q, "address", a->address);
	bind_text(q, "name", a->name);
	bind_text(q, "language", a->language);
	bind_text(q, "organisation", a->organisation);
	bind_i64(q, "party", party);
	bind_i64(q, "made_ms", now_ms);
	return query_run(q);
}

static enum store_status put_agent(
	struct store *s, const struct agent *a, int64_t now_ms, int64_t *party)
{
	bool ended;

	TRY(party_of(s, a->key, party, &ended));
	if (*party)
		TRY(change_party(s, a, *party));
	else
		TRY(add_party(s, a, now_ms, party));
	return link_contact(s, a, *party, now_ms);
}

static enum store_status end_party(struct store *s, int64_t id, int64_t now_ms)
{
	static const char SQL[] =
		"UPDATE party SET ended_ms = $ended_ms WHERE id = $id AND ended_ms = 0";
	struct query *q = query(s, SQL);

	bind_i64(q, "ended_ms", now_ms);
	bind_i64(q, "id", id);
	return query_run(q);
}

static enum store_status end_duties(struct store *s, int64_t now_ms)
{
	static const char SQL[] = "UPDATE duty SET ended_ms = $ended_ms WHERE ended_ms = 0";
	struct query *q = query(s, SQL);

	bind_i64(q, "ended_ms", now_ms);
	return query_run(q);
}

static enum store_status put_duty(
	struct store *s, const struct duty *d, int64_t party, size_t ord, int64_t now_ms)
{
	static const char SQL[] =
		"INSERT INTO duty(party, role, organisation, system, area, unit, on_call,"
		" supplier_rights, ord, since_ms) VALUES ($party, $role, $organisation, $system,"
		" $area, $unit, $on_call, $supplier_rights, $ord, $since_ms)"
		" ON CONFLICT (party, role, organisation, system, area, unit) DO UPDATE SET"
		" on_call = excluded.on_call, supplier_rights = excluded.supplier_rights,"
		" ord = excluded.ord, ended_ms = 0";
	struct query *q = query(s, SQL);

	bind_i64(q, "party", party);
	bind_text(q, "role", d->role);
	bind_text(q, "organisation", d->organisation);
	bind_text(q, "system", d->system);
	bind_text(q, "area", d->area);
	bind_text(q, "unit", d->unit);
	bind_flag(q, "on_call", d->on_call);
	bind_flag(q, "supplier_rights", d->supplier_rights);
	bind_i64(q, "ord", (int64_t)ord);
	bind_i64(q, "since_ms", now_ms);
	return query_run(q);
}

static enum store_status put_member(struct store *s, int64_t post, int64_t person)
{
	static const char SQL[] = "INSERT INTO member(post, person) VALUES ($post, $person)"
				  " ON CONFLICT (post, person) DO NOTHING";
	struct query *q = query(s, SQL);

	bind_i64(q, "post", post);
	bind_i64(q, "person", person);
	return query_run(q);
}

static int64_t party_in(const struct people *wanted, const int64_t *parties, int64_t agent)
{
	const struct agent *a = people_agent(wanted, agent);

	return a ? parties[a - wanted->agents] : 0;
}

static enum store_status put_relations(
	struct store *s, const struct people *wanted, const int64_t *parties, int64_t now_ms)
{
	static const char NO_MEMBERS[] = "DELETE FROM member";

	TRY(end_duties(s, now_ms));
	for (size_t i = 0; i < wanted->n_duties; i++) {
		int64_t party = party_in(wanted, parties, wanted->duties[i].agent);
		if (party)
			TRY(put_duty(s, &wanted->duties[i], party, i, now_ms));
	}
	TRY(query_run(query(s, NO_MEMBERS)));
	for (size_t i = 0; i < wanted->n_members; i++) {
		int64_t post = party_in(wanted, parties, wanted->members[i].post);
		int64_t person = party_in(wanted, parties, wanted->members[i].person);
		if (post && person)
			TRY(put_member(s, post, person));
	}
	return STORE_OK;
}

static enum store_status apply(
	struct store *s, struct arena *arena, const struct people *wanted, int64_t now_ms)
{
	struct people have;
	int64_t *parties = arena_array(arena, wanted->n_agents + 1, sizeof(*parties));

	TRY(store_people_load(s, arena, &have));
	for (size_t i = 0; i < wanted->n_agents; i++)
		TRY(put_agent(s, &wanted->agents[i], now_ms, &parties[i]));
	for (size_t i = 0; i < have.n_agents; i++)
		if (!by_key(wanted, have.agents[i].key))
			TRY(end_party(s, have.agents[i].id, now_ms));
	TRY(put_relations(s, wanted, parties, now_ms));
	return people_changed(s);
}

enum store_status store_people_apply(
	struct store *s, struct arena *arena, const struct people *wanted, int64_t now_ms)
{
	struct own_tx tx;

	TRY(own_begin(s, &tx));
	return own_end(s, &tx, apply(s, arena, wanted, now_ms));
}
