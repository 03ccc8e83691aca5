/* Settings_check: does every link of every chain lead to somebody? Called by --check and `people
 * check`, with the directory of the database. Not part of loading: people come and go while the
 * settings stand. */
#include "base/prelude.h"
#include "app/settings.h"

#include "base/arena.h"
#include "base/buf.h"

#define NAMED_GAPS 5	  /* organisations named in one message */
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

static void check_link(const struct config *c, const struct people *p, const struct chain *ch,
	const char *link, struct settings_errors *errors)
{
	struct buf who;
	size_t n = 0;

	buf_init(&who, 2000);
	for (size_t i = 0; i < c->n_organisations; i++) {
		const struct organisation *o = &c->organisations[i];

		if (strcmp(o->kind, ch->organisation_kind) != 0 ||
			has_somebody(p, link, o, ch->system))
			continue;
		if (n++ < NAMED_GAPS)
			buf_addf(&who, "%s%s", n > 1 ? ", " : "", o->id);
	}
	if (n > NAMED_GAPS)
		buf_addf(&who, " and %zu more", n - NAMED_GAPS);
	if (n)
		settings_error_add(errors, 0, ch->file, ch->line,
			"the chain of system %s leads to nobody at the link %s: no such duty for "
			"%s",
			ch->system, link, who.data);
	buf_release(&who);
}

static void lacks(struct settings_errors *errors, const struct people *p, const struct duty *d,
	const char *what, const char *id)
{
	const struct agent *a = people_agent(p, d->agent);

	settings_error_add(errors, PEOPLE_ORDER, "people", 0,
		"%s has a duty as %s whose %s \"%s\" is not in the settings",
		a ? a->address : "somebody", d->role, what, id);
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
static void check_duty(const struct config *c, const struct people *p, const struct duty *d,
	struct settings_errors *errors)
{
	if (!config_role(c, d->role))
		lacks(errors, p, d, "role", d->role);
	if (*d->organisation && strcmp(d->organisation, "*") != 0 &&
		!config_organisation(c, d->organisation))
		lacks(errors, p, d, "organisation", d->organisation);
	if (*d->system && !config_system(c, d->system))
		lacks(errors, p, d, "system", d->system);
	if (*d->area && !config_area(c, d->area))
		lacks(errors, p, d, "area", d->area);
	if (*d->unit && !has_unit(c, d->unit))
		lacks(errors, p, d, "unit", d->unit);
}

void settings_check_people(
	const struct config *config, const struct people *people, struct settings_errors *errors)
{
	for (size_t i = 0; i < config->n_chains; i++) {
		const struct chain *ch = &config->chains[i];

		for (size_t l = 0; l < ch->n_links; l++) {
			if (!ch->optional[l])
				check_link(config, people, ch, ch->links[l], errors);
		}
	}
	for (size_t i = 0; i < people->n_duties; i++)
		check_duty(config, people, &people->duties[i], errors);
	settings_errors_sort(errors);
}
