/* Config: finding things in the settings. Used by everybody; allocates nothing, changes nothing.
 * Linear searches: the arrays hold tens of rows, and a turn makes a handful of look-ups. */
#include "base/prelude.h"
#include "core/config.h"

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static bool is_any(const char *s)
{
	return !s || s[0] == '\0';
}

const struct organisation *config_organisation(const struct config *c, const char *id)
{
	for (size_t i = 0; i < c->n_organisations; i++) {
		if (same(c->organisations[i].id, id))
			return &c->organisations[i];
	}
	return NULL;
}

const struct organisation *config_organisation_of_domain(
	const struct config *c, const char *domain_key)
{
	for (size_t i = 0; i < c->n_organisations; i++) {
		const struct organisation *o = &c->organisations[i];

		for (size_t d = 0; d < o->n_domains; d++) {
			if (same(o->domains[d], domain_key))
				return o;
		}
	}
	return NULL;
}

const struct system *config_system(const struct config *c, const char *id)
{
	for (size_t i = 0; i < c->n_systems; i++) {
		if (same(c->systems[i].id, id))
			return &c->systems[i];
	}
	return NULL;
}

const struct area *config_area(const struct config *c, const char *id)
{
	for (size_t i = 0; i < c->n_areas; i++) {
		if (same(c->areas[i].id, id))
			return &c->areas[i];
	}
	return NULL;
}

const struct role *config_role(const struct config *c, const char *id)
{
	for (size_t i = 0; i < c->n_roles; i++) {
		if (same(c->roles[i].id, id))
			return &c->roles[i];
	}
	return NULL;
}

const struct unit *config_unit_of_address(const struct config *c, const char *address_key)
{
	for (size_t i = 0; i < c->n_units; i++) {
		const struct unit *u = &c->units[i];

		for (size_t a = 0; a < u->n_addresses; a++) {
			if (same(u->addresses[a], address_key))
				return u;
		}
	}
	return NULL;
}

const struct mailbox *config_mailbox(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_mailboxes; i++) {
		if (same(c->mailboxes[i].name, name))
			return &c->mailboxes[i];
	}
	return NULL;
}

const struct chain *config_chain(const struct config *c, const char *system,
	const char *organisation_kind, enum case_kind kind)
{
	for (size_t i = 0; i < c->n_chains; i++) {
		const struct chain *ch = &c->chains[i];

		if (ch->kind == kind && same(ch->system, system) &&
			same(ch->organisation_kind, organisation_kind))
			return ch;
	}
	return NULL;
}

/* A rule that names the priority beats one that names the link: priority 1 has the same minutes
 * at every link unless a rule names both. 0 = does not match. */
static int clock_rank(
	const struct clock_rule *r, enum case_kind kind, const char *link, int priority)
{
	int rank = 1;

	if (r->kind != kind)
		return 0;
	if (!is_any(r->link)) {
		if (!same(r->link, link))
			return 0;
		rank += 1;
	}
	if (r->priority) {
		if (r->priority != priority)
			return 0;
		rank += 2;
	}
	return rank;
}

const struct clock_rule *config_clock(
	const struct config *c, enum case_kind kind, const char *link, int priority)
{
	const struct clock_rule *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < c->n_clocks; i++) {
		int rank = clock_rank(&c->clocks[i], kind, link, priority);

		if (rank > best_rank) {
			best_rank = rank;
			best = &c->clocks[i];
		}
	}
	return best;
}

/* 0 when unknown. */
static size_t language_index(const struct config *c, const char *language)
{
	for (size_t i = 0; i < c->n_languages; i++) {
		if (same(c->languages[i], language))
			return i;
	}
	return 0;
}

const char *config_name(
	const struct config *c, const struct text_by_language *t, const char *language)
{
	const char *wanted = t->v[language_index(c, language)];

	if (!is_any(wanted))
		return wanted;
	for (size_t i = 0; i < c->n_languages; i++) {
		if (!is_any(t->v[i]))
			return t->v[i];
	}
	return "";
}
