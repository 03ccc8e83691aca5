/* People_csv_write: the directory as a table that people_csv_read reads back to the same. Called by
 * `lotsctl people export`. */
#include "base/prelude.h"
#include "core/people_csv.h"

#include "base/arena.h"
#include "base/buf.h"
#include "core/csv.h"

#define DELIMITER ';'

static const char *member_of(struct arena *arena, const struct people *p, int64_t person)
{
	const char *all = "";

	for (size_t i = 0; i < p->n_members; i++) {
		const struct agent *post;

		if (p->members[i].person != person)
			continue;
		post = people_agent(p, p->members[i].post);
		if (post)
			all = arena_printf(arena, "%s%s%s", all, *all ? ", " : "", post->address);
	}
	return all;
}

static void put_row(struct buf *out, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addch(out, DELIMITER);
		csv_put(out, cells[i], DELIMITER);
	}
	buf_addstr(out, "\r\n");
}

static const char *yes(bool b)
{
	return b ? "ja" : "";
}

/* d may be NULL: somebody who only speaks for a mailbox. */
static void put_agent(struct arena *arena, const struct people *p, const struct agent *a,
	const struct duty *d, struct buf *out)
{
	const char *const cells[] = {a->address, a->name, a->is_post ? "funktion" : "person",
		d ? d->role : "", d ? d->organisation : "", d ? d->system : "", d ? d->area : "",
		d ? d->unit : "", a->language, a->calendar, yes(d && d->on_call),
		yes(d && d->supplier_rights), member_of(arena, p, a->id), yes(a->morning_list),
		a->organisation};

	put_row(out, cells, ARRAY_LEN(cells));
}

void people_csv_write(struct arena *arena, const struct people *people, struct buf *out)
{
	static const char *const headers[] = {"adress", "namn", "typ", "roll", "organisation",
		"system", "område", "enhet", "språk", "arbetstid", "jour", "leverantörsrätt",
		"medlem_av", "morgonlista", "hemorganisation"};

	buf_addstr(out, "\xef\xbb\xbf");
	put_row(out, headers, ARRAY_LEN(headers));
	/* In the order of duties, which is the order of asking. */
	for (size_t i = 0; i < people->n_duties; i++) {
		const struct agent *a = people_agent(people, people->duties[i].agent);

		if (a)
			put_agent(arena, people, a, &people->duties[i], out);
	}
	for (size_t i = 0; i < people->n_agents; i++) {
		bool has_duty = false;

		for (size_t k = 0; k < people->n_duties; k++)
			has_duty |= people->duties[k].agent == people->agents[i].id;
		if (!has_duty)
			put_agent(arena, people, &people->agents[i], NULL, out);
	}
}
