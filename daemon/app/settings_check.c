/* Settings_check: does every link of every chain lead to somebody? Called by --check and `people
 * check`, with the directory of the database. Not part of loading: people come and go while the
 * settings stand. */
#include "base/prelude.h"
#include "app/settings.h"

#include "base/arena.h"
#include "base/buf.h"

#define PEOPLE_ORDER 1000 /* after all files */

static bool covers(const char *held, const char *asked)
{
	return !*held || strcmp(held, "*") == 0 || strcmp(held, asked) == 0;
}

static bool has_somebody(
	const struct people *p, const char *role, const struct organisation *o, const char *system)
{
	for (size_t i = 0; i < p->n_duties; i++) {
		const struct duty *d = &p->duties[i];

		if (strcmp(d->role, role) == 0 && covers(d->organisation, o->id) &&
			covers(d->system, system))
			return true;
	}
	return false;
}

struct teller {
	settings_gap_fn *tell;
	void *context;
};

static void check_link(const struct config *c, const struct people *p, const struct chain *ch,
	const char *link, const struct teller *to)
{
	struct settings_gap gap = {.chain = ch, .link = link};

	for (size_t i = 0; i < c->n_organisations; i++) {
		const struct organisation *o = &c->organisations[i];

		if (strcmp(o->kind, ch->organisation_kind) != 0 ||
			has_somebody(p, link, o, ch->system))
			continue;
		if (gap.n < ARRAY_LEN(gap.v))
			gap.v[gap.n] = o;
		gap.n++;
	}
	if (gap.n)
		to->tell(to->context, &gap);
}

static void lacks(const struct teller *to, const struct duty *d, const char *what, const char *id)
{
	struct settings_gap gap = {.duty = d, .what = what, .id = id};

	to->tell(to->context, &gap);
}

static bool has_unit(const struct config *c, const char *id)
{
	for (size_t i = 0; i < c->n_units; i++) {
		if (strcmp(c->units[i].id, id) == 0)
			return true;
	}
	return false;
}

/* The directory was checked when it was read in; the settings may have changed since. */
static void check_duty(const struct config *c, const struct duty *d, const struct teller *to)
{
	if (!config_role(c, d->role))
		lacks(to, d, "role", d->role);
	if (*d->organisation && strcmp(d->organisation, "*") != 0 &&
		!config_organisation(c, d->organisation))
		lacks(to, d, "organisation", d->organisation);
	if (*d->system && !config_system(c, d->system))
		lacks(to, d, "system", d->system);
	if (*d->area && !config_area(c, d->area))
		lacks(to, d, "area", d->area);
	if (*d->unit && !has_unit(c, d->unit))
		lacks(to, d, "unit", d->unit);
}

void settings_each_gap(const struct config *config, const struct people *people,
	settings_gap_fn *tell, void *context)
{
	const struct teller to = {tell, context};

	for (size_t i = 0; i < config->n_chains; i++) {
		const struct chain *ch = &config->chains[i];

		for (size_t l = 0; l < ch->n_links; l++) {
			if (!ch->optional[l])
				check_link(config, people, ch, ch->links[l], &to);
		}
	}
	for (size_t i = 0; i < people->n_duties; i++)
		check_duty(config, &people->duties[i], &to);
}

struct adding {
	struct settings_errors *errors;
	const struct people *people;
};

static void add_error(void *context, const struct settings_gap *g)
{
	const struct adding *to = context;
	struct buf who;

	if (g->duty) {
		const struct agent *a = people_agent(to->people, g->duty->agent);

		settings_error_add(to->errors, PEOPLE_ORDER, "people", 0,
			"%s has a duty as %s whose %s \"%s\" is not in the settings",
			a ? a->address : "somebody", g->duty->role, g->what, g->id);
		return;
	}
	buf_init(&who, 2000);
	for (size_t i = 0; i < g->n && i < ARRAY_LEN(g->v); i++)
		buf_addf(&who, "%s%s", i ? ", " : "", g->v[i]->id);
	if (g->n > ARRAY_LEN(g->v))
		buf_addf(&who, " and %zu more", g->n - ARRAY_LEN(g->v));
	settings_error_add(to->errors, 0, g->chain->file, g->chain->line,
		"the chain of system %s leads to nobody at the link %s: no such duty for %s",
		g->chain->system, g->link, who.data);
	buf_release(&who);
}

void settings_check_people(
	const struct config *config, const struct people *people, struct settings_errors *errors)
{
	struct adding to = {errors, people};

	settings_each_gap(config, people, add_error, &to);
	settings_errors_sort(errors);
}
