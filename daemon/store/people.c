/* People: the directory, loaded whole. Called by app when its version has changed. */
#include "base/prelude.h"

#include "store/db.h"
#include "store/people.h"
#include "store/people_private.h"

enum store_status people_changed(struct store *s)
{
	static const char SQL[] = "UPDATE counter SET n = n + 1 WHERE name = 'people_version'";

	return query_run(query(s, SQL));
}

enum { EXERCISE_NONE, EXERCISE_DONE, EXERCISE_SENT }; /* party.exercise_done */

enum store_status store_people_version(struct store *s, int64_t *out)
{
	static const char SQL[] = "SELECT n FROM counter WHERE name = 'people_version'";

	return query_one_i64(query(s, SQL), "n", out);
}

static enum store_status load_agents(struct store *s, struct arena *arena, struct people *p)
{
	static const char SQL[] =
		"SELECT p.id, p.kind, p.name, c.address, c.key, c.id AS contact, p.organisation,"
		" p.language, p.calendar, p.exercise_done, p.morning_list, c.suspended_ms FROM "
		"party AS p"
		" JOIN contact AS c ON c.id = (SELECT min(id) FROM contact"
		" WHERE party = p.id AND kind = 'mail') WHERE p.ended_ms = 0 ORDER BY p.id";
	struct query *q = query(s, SQL);

	while (query_row(q)) {
		p->agents = grow(arena, p->agents, p->n_agents, sizeof(*p->agents));
		struct agent *a = &p->agents[p->n_agents++];
		*a = (struct agent){.id = col_i64(q, "id")};
		a->is_post = strcmp(col_peek(q, "kind"), "post") == 0;
		a->name = col_text(q, "name", arena);
		a->address = col_text(q, "address", arena);
		a->key = col_text(q, "key", arena);
		a->contact = col_i64(q, "contact");
		a->organisation = col_text(q, "organisation", arena);
		a->language = col_text(q, "language", arena);
		a->calendar = col_text(q, "calendar", arena);
		int64_t exercise = col_i64(q, "exercise_done");
		a->exercise_sent = exercise == EXERCISE_SENT;
		a->exercise_done = exercise == EXERCISE_DONE;
		a->morning_list = col_flag(q, "morning_list");
		a->unreachable = col_i64(q, "suspended_ms") != 0;
	}
	return query_end(q);
}

static enum store_status load_duties(struct store *s, struct arena *arena, struct people *p)
{
	static const char SQL[] =
		"SELECT d.party, d.role, d.organisation, d.system, d.area, d.unit, d.on_call,"
		" d.supplier_rights FROM duty AS d JOIN party AS p ON p.id = d.party"
		" WHERE d.ended_ms = 0 AND p.ended_ms = 0 ORDER BY d.ord, d.id";
	struct query *q = query(s, SQL);

	while (query_row(q)) {
		p->duties = grow(arena, p->duties, p->n_duties, sizeof(*p->duties));
		struct duty *d = &p->duties[p->n_duties++];
		d->agent = col_i64(q, "party");
		d->role = col_text(q, "role", arena);
		d->organisation = col_text(q, "organisation", arena);
		d->system = col_text(q, "system", arena);
		d->area = col_text(q, "area", arena);
		d->unit = col_text(q, "unit", arena);
		d->on_call = col_flag(q, "on_call");
		d->supplier_rights = col_flag(q, "supplier_rights");
	}
	return query_end(q);
}

static enum store_status load_members(struct store *s, struct arena *arena, struct people *p)
{
	static const char SQL[] =
		"SELECT m.post, m.person FROM member AS m JOIN party AS a ON a.id = m.post"
		" JOIN party AS b ON b.id = m.person WHERE a.ended_ms = 0 AND b.ended_ms = 0"
		" ORDER BY m.post, m.person";
	struct query *q = query(s, SQL);

	while (query_row(q)) {
		p->members = grow(arena, p->members, p->n_members, sizeof(*p->members));
		struct member *m = &p->members[p->n_members++];
		m->post = col_i64(q, "post");
		m->person = col_i64(q, "person");
	}
	return query_end(q);
}

static struct agent *agent_at(struct people *p, int64_t id)
{
	size_t low = 0, high = p->n_agents;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (p->agents[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->n_agents && p->agents[low].id == id ? &p->agents[low] : NULL;
}

static enum store_status load_absences(struct store *s, struct arena *arena, struct people *p)
{
	static const char SQL[] =
		"SELECT party, from_date, until_date, coalesce(substitute, 0) AS substitute"
		" FROM absence WHERE ended_ms = 0 ORDER BY party, from_date, id";
	struct query *q = query(s, SQL);

	while (query_row(q)) {
		struct absence b = {0};
		struct agent *a = agent_at(p, col_i64(q, "party"));
		bool good = date_parse(col_peek(q, "from_date"), &b.from);
		good = date_parse(col_peek(q, "until_date"), &b.until) && good;
		b.substitute = col_i64(q, "substitute");
		if (!a || !good)
			continue;
		a->absences = grow(arena, a->absences, a->n_absences, sizeof(*a->absences));
		a->absences[a->n_absences++] = b;
	}
	return query_end(q);
}

enum store_status store_people_load(struct store *s, struct arena *arena, struct people *out)
{
	*out = (struct people){0};
	TRY(store_people_version(s, &out->version));
	TRY(load_agents(s, arena, out));
	TRY(load_duties(s, arena, out));
	TRY(load_members(s, arena, out));
	return load_absences(s, arena, out);
}

/* ---- Single facts ---- */

static enum store_status change_agent(struct store *s, struct query *q)
{
	TRY(query_run_some(q, NULL));
	return people_changed(s);
}

static enum store_status set_exercise(struct store *s, int64_t agent, int64_t exercise)
{
	static const char SQL[] = "UPDATE party SET exercise_done = $exercise_done WHERE id = $id";
	struct query *q = query(s, SQL);

	bind_i64(q, "exercise_done", exercise);
	bind_i64(q, "id", agent);
	return change_agent(s, q);
}

enum store_status store_agent_exercise_done(struct store *s, int64_t agent)
{
	return set_exercise(s, agent, EXERCISE_DONE);
}

enum store_status store_agent_exercise_sent(struct store *s, int64_t agent)
{
	return set_exercise(s, agent, EXERCISE_SENT);
}

enum store_status store_agent_morning_list(struct store *s, int64_t agent, bool on)
{
	static const char SQL[] = "UPDATE party SET morning_list = $morning_list WHERE id = $id";
	struct query *q = query(s, SQL);

	bind_flag(q, "morning_list", on);
	bind_i64(q, "id", agent);
	return change_agent(s, q);
}

enum store_status store_agent_label(
	struct store *s, struct arena *arena, int64_t agent, struct agent_label *out)
{
	static const char SQL[] =
		"SELECT p.name, coalesce((SELECT c.address FROM contact AS c WHERE c.party = p.id"
		" AND c.kind = 'mail' ORDER BY c.id LIMIT 1), '') AS address, p.organisation,"
		" p.ended_ms FROM party AS p WHERE p.id = $id";
	struct query *q = query(s, SQL);

	*out = (struct agent_label){"", "", "", false};
	bind_i64(q, "id", agent);
	bool found = query_row(q);
	if (found) {
		out->name = col_text(q, "name", arena);
		out->address = col_text(q, "address", arena);
		out->organisation = col_text(q, "organisation", arena);
		out->ended = col_i64(q, "ended_ms") != 0;
	}
	enum store_status st = query_end(q);
	return st != STORE_OK ? st : found ? STORE_OK : STORE_NONE;
}
