/* Turn case: the cases of a turn, their log and state, and the look-ups that helpers and handlers
 * share. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/words.h"

json_t *turn_keep(struct turn *t, json_t *v)
{
	if (!v || json_array_append_new(t->bin, v) != 0)
		abort();
	return v;
}

json_t *turn_object(struct turn *t)
{
	return turn_keep(t, json_object());
}

json_t *turn_array(struct turn *t)
{
	return turn_keep(t, json_array());
}

const char *turn_words(struct turn *t, const char *language, const char *key, json_t *values)
{
	const char *s = t->config->templates
				? words_fill(t->config->templates, t->arena, language, key, values)
				: "";

	return *s ? s : arena_strdup(t->arena, key);
}

/* ---- People ---- */

const char *turn_agent_language(struct turn *t, const struct agent *a)
{
	const struct organisation *o = config_organisation(t->config, a->organisation);

	if (*a->language)
		return a->language;
	return o && *o->language ? o->language : t->config->languages[0];
}

const char *turn_role_name(struct turn *t, const char *role, const char *language)
{
	const struct role *r = config_role(t->config, role);

	return r ? config_name(t->config, &r->name, language) : role;
}

const char *turn_organisation_name(struct turn *t, const char *id, const char *language)
{
	const struct organisation *o = config_organisation(t->config, id);

	return o ? config_name(t->config, &o->name, language) : "";
}

const char *turn_area_name(struct turn *t, const char *id, const char *language)
{
	const struct area *a = config_area(t->config, id);

	return a ? config_name(t->config, &a->name, language) : "";
}

const char *turn_system_name(struct turn *t, const char *id, const char *language)
{
	const struct system *s = config_system(t->config, id);

	return s ? config_name(t->config, &s->name, language) : "";
}

/* "superanvändare HSL" of the first duty that fits the case, else of the first there is. */
const char *turn_agent_name(struct turn *t, const struct agent *a, const char *language)
{
	const struct duty *best = NULL;

	if (*a->name)
		return a->name;
	for (size_t i = 0; i < t->people->n_duties; i++) {
		const struct duty *d = &t->people->duties[i];

		if (d->agent != a->id)
			continue;
		if (!best || (t->k && strcmp(d->area, t->k->area) == 0 &&
				     strcmp(best->area, d->area) != 0))
			best = d;
	}
	if (!best)
		return a->address;
	const char *role = turn_role_name(t, best->role, language);
	const char *area = turn_area_name(t, best->area, language);

	return *area ? arena_printf(t->arena, "%s %s", role, area) : role;
}

bool turn_is_ticket_system(struct turn *t, const char *role)
{
	const struct role *r = config_role(t->config, role);

	return r && r->ticket_system;
}

void turn_place(struct turn *t, struct chain_place *out)
{
	const struct organisation *o = config_organisation(t->config, t->k->organisation);
	const char *key = "";

	for (size_t i = 0; i < t->in->snapshot->n_contacts; i++) {
		if (t->k->requester && t->in->snapshot->contacts[i].id == t->k->requester)
			key = t->in->snapshot->contacts[i].key;
	}
	if (!*key) {
		const struct agent *a = people_by_contact(t->people, t->k->requester);

		key = a ? a->key : ascii_lower(t->arena, t->k->requester_address);
	}
	*out = (struct chain_place){
		.chain = config_chain(t->config, t->k->system, o ? o->kind : "unknown", t->k->kind),
		.system = t->k->system,
		.organisation = t->k->organisation,
		.area = t->k->area,
		.unit = t->k->unit,
		.requester_key = key,
		.day = t->today};
}

/* ---- Cases ---- */

void turn_focus(struct turn *t, struct turn_case *c)
{
	t->c = c;
	t->k = c ? c->k : NULL;
}

static struct turn_case *add_case(
	struct turn *t, const struct kase *k, const struct loaded_case *loaded)
{
	struct turn_case *c = arena_new_of(t->arena, struct turn_case);

	c->k = arena_new_of(t->arena, struct kase);
	*c->k = *k;
	c->loaded = loaded;
	c->data = json_loads(k->data, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(c->data)) {
		json_decref(c->data);
		c->data = json_object();
	}
	turn_keep(t, c->data);
	STAILQ_INSERT_TAIL(&t->cases, c, next);
	return c;
}

struct turn_case *turn_case_of(struct turn *t, const struct loaded_case *loaded)
{
	struct turn_case *c;

	STAILQ_FOREACH(c, &t->cases, next)
	{
		if (c->loaded == loaded)
			return c;
	}
	return add_case(t, &loaded->kase, loaded);
}

struct turn_case *turn_case_by_number(struct turn *t, int64_t number)
{
	struct turn_case *c;
	const struct snapshot *s = t->in->snapshot;

	STAILQ_FOREACH(c, &t->cases, next)
	{
		if (c->k->number == number)
			return c;
	}
	for (size_t i = 0; i < s->n_candidates; i++) {
		if (s->candidates[i].loaded->kase.number == number)
			return turn_case_of(t, s->candidates[i].loaded);
	}
	return NULL;
}

struct turn_case *turn_new_case(struct turn *t)
{
	struct kase k = {.number = t->next_number++,
		.kind = KIND_QUESTION,
		.state = STATE_NEW,
		.system = "",
		.organisation = "unknown",
		.area = "",
		.unit = "",
		.category = "",
		.link = "",
		.priority = PRIORITY_NORMAL,
		.subject = "",
		.requester_address = "",
		.requester_name = "",
		.language = t->config->languages[0],
		.mailbox = t->event->mailbox ? t->event->mailbox : "",
		.opened_ms = t->now_ms,
		.changed_ms = t->now_ms,
		.supplier_number = "",
		.data = "{}"};
	struct turn_case *c = add_case(t, &k, NULL);

	c->changed = true;
	turn_focus(t, c);
	return c;
}

void turn_changed(struct turn *t)
{
	t->c->changed = true;
}

void turn_log(struct turn *t, enum log_type type, const char *text, json_t *data)
{
	if (!t->c) { /* about no case: there is no log to write in */
		json_decref(data);
		return;
	}
	struct log_op *op = arena_new_of(t->arena, struct log_op);
	char *json = data ? json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

	op->entry = (struct log_entry){.kase = t->k,
		.type = type,
		.at_ms = t->now_ms,
		.actor = t->actor ? t->actor->id : 0,
		.who = t->who,
		.text = text ? text : "",
		.data = json ? arena_strdup(t->arena, json) : "{}",
		.inbox = t->event->type == EVENT_MAIL ? t->event->inbox : 0};
	free(json);
	json_decref(data);
	STAILQ_INSERT_TAIL(&t->fx->logs, op, next);
	/* A case that is not stored yet, or has changed, must be there before its log. */
	t->c->changed = true;
}

const struct log_entry *turn_last_log(const struct turn *t, enum log_type type)
{
	const struct loaded_case *l = t->c ? t->c->loaded : NULL;

	for (size_t i = l ? l->n_log : 0; i-- > 0;) {
		if (l->log[i].type == type)
			return &l->log[i];
	}
	return NULL;
}

void turn_set_state(struct turn *t, enum case_state s)
{
	enum case_state from = t->k->state;

	t->k->state = s;
	t->k->paused_until_ms = s == STATE_PAUSED ? t->k->paused_until_ms : 0;
	if (!turn_is_open(t->k))
		t->k->closed_ms = t->now_ms;
	else if (!(STATES_OPEN & STATE_BIT(from)))
		t->k->closed_ms = 0;
	turn_changed(t);
	clocks_enter_state(t, from, s);
}
