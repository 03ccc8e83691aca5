/* Policy: one place that says no. Called by core/turn_chain before any check of a handler. */
#include "base/prelude.h"
#include "core/policy.h"

static bool listed(const char *const *roles, const char *role)
{
	for (; *roles; roles++) {
		if (strcmp(*roles, role) == 0)
			return true;
	}
	return false;
}

static bool has_listed_duty(const struct turn *t, const struct agent *a, const char *const *roles)
{
	const struct people *p = t->people;

	for (size_t i = 0; a && i < p->n_duties; i++) {
		const struct duty *d = &p->duties[i];

		if (d->agent == a->id && listed(roles, d->role) &&
			(!t->k || strcmp(d->organisation, "*") == 0 ||
				strcmp(d->organisation, t->k->organisation) == 0))
			return true;
	}
	return false;
}

/* Does the agent hold a role that manages, for the organisation of the case? */
static bool manages(const struct turn *t, const struct agent *a)
{
	const struct people *p = t->people;

	for (size_t i = 0; a && i < p->n_duties; i++) {
		const struct duty *d = &p->duties[i];
		const struct role *r = d->agent == a->id ? config_role(t->config, d->role) : NULL;

		if (r && r->manages &&
			(!t->k || strcmp(d->organisation, "*") == 0 ||
				strcmp(d->organisation, t->k->organisation) == 0))
			return true;
	}
	return false;
}

bool policy_may_report(const struct turn *t, const struct agent *a)
{
	const struct people *p = t->people;

	if (manages(t, a))
		return true;
	for (size_t i = 0; a && t->k && i < p->n_duties; i++) {
		const struct duty *d = &p->duties[i];

		if (d->agent == a->id && d->supplier_rights &&
			(strcmp(d->organisation, "*") == 0 ||
				strcmp(d->organisation, t->k->organisation) == 0))
			return true;
	}
	return false;
}

/* A duty in the chain, now; or the case was given to him. */
static bool is_link(const struct turn *t)
{
	return t->match.as == AS_CHAIN && t->actor &&
	       (people_has_any_duty(t->people, t->actor->id) || t->k->holder == t->actor->id);
}

static bool role_allows(const struct turn *t, const struct handler *h)
{
	if (!h->roles)
		return t->k && is_link(t);
	if (listed(h->roles, "requester") && t->k && t->match.as == AS_REQUESTER)
		return true;
	if (listed(h->roles, "agent") && t->actor && people_has_any_duty(t->people, t->actor->id))
		return true;
	return has_listed_duty(t, t->actor, h->roles);
}

static bool was_given_it(const struct turn *t)
{
	const struct loaded_case *l = t->c ? t->c->loaded : NULL;

	for (size_t i = 0; l && i < l->n_asked; i++) {
		if (l->asked[i].agent == t->actor->id)
			return true;
	}
	return t->k->holder == t->actor->id;
}

const char *policy_refuses(const struct turn *t, const struct handler *h)
{
	if (!role_allows(t, h) && (t->k || !t->actor))
		return "not-allowed";
	if (!role_allows(t, h)) /* the answer to a list says its numbers */
		return t->event->token_verdict == TOKEN_GOOD && t->event->token.number == 0
			       ? "no-number"
			       : "no-case";
	if (h->reports && !policy_may_report(t, t->actor))
		return "no-supplier-rights";
	if (t->k && !(h->states & STATE_BIT(t->k->state)))
		return turn_is_open(t->k) ? "state" : "closed";
	/* What only managers and heads may see, only they may work on, and whom they gave it to. */
	if (t->k && t->k->restricted && t->match.as == AS_CHAIN && !manages(t, t->actor) &&
		!was_given_it(t))
		return "not-allowed";
	return NULL;
}
