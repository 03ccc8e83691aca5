/* Settings_check: does every link of every chain lead to somebody? Called by --check and `people
 * check`, with the directory of the database. Not part of loading: people come and go while the
 * settings stand. */
#include "base/prelude.h"
#include "app/settings.h"

#include "base/arena.h"
#include "base/buf.h"

#define NAMED_GAPS 5 /* organisations named in one message */

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
	settings_errors_sort(errors);
}
