/* Match: see match.h. Called by core/turn for every mail from a person, and by the automatic ones to
 * find what they answer. Must never let a stranger into a case: a number, a forged reference or a
 * forwarded address alone opens nothing. */
#include "base/prelude.h"
#include "core/match.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/chain.h"
#include "core/match_supplier.h"
#include "mail/address.h"
#include "mail/reply.h"

int64_t match_number_in_subject(const char *subject)
{
	for (const char *p = strchr(subject, '['); p; p = strchr(p + 1, '[')) {
		const char *q = p + 1;
		int64_t number = 0;

		while (*q && *q != ']' && !(*q >= '0' && *q <= '9'))
			q++;
		/* "[Support 1042]": a word, a blank, digits and nothing more. */
		if (q == p + 1 || q[-1] != ' ')
			continue;
		const char *digits = q;
		for (; *q >= '0' && *q <= '9' && q - digits < 10; q++)
			number = number * 10 + (*q - '0');
		if (q > digits && q - digits <= 9 && *q == ']')
			return number;
	}
	return 0;
}

const struct agent *people_by_contact(const struct people *p, int64_t contact)
{
	for (size_t i = 0; contact && i < p->n_agents; i++) {
		if (p->agents[i].contact == contact)
			return &p->agents[i];
	}
	return NULL;
}

static const struct contact *sender_contact(const struct turn_input *in)
{
	const struct snapshot *s = in->snapshot;

	for (size_t i = 0; s && i < s->n_contacts; i++) {
		if (strcmp(s->contacts[i].key, in->event->from_key) == 0)
			return &s->contacts[i];
	}
	return NULL;
}

/* The sender's own agent, or a post that he is a member of (only when From is proven), for which
 * `test` holds. */
typedef bool agent_test_fn(const struct turn_input *in, const struct kase *k,
	const struct loaded_case *loaded, const struct agent *a);

static const struct agent *speaks_as(const struct turn_input *in, const struct kase *k,
	const struct loaded_case *loaded, agent_test_fn *test)
{
	const struct people *p = in->people;
	const struct agent *self = people_by_key(p, in->event->from_key);

	if (!self)
		return NULL;
	if (test(in, k, loaded, self))
		return self;
	for (size_t i = 0; in->event->trust == TRUST_PROVEN && i < p->n_members; i++) {
		const struct agent *post = p->members[i].person == self->id
						   ? people_agent(p, p->members[i].post)
						   : NULL;

		if (post && test(in, k, loaded, post))
			return post;
	}
	return NULL;
}

static bool is_asked_or_holder(const struct turn_input *in, const struct kase *k,
	const struct loaded_case *loaded, const struct agent *a)
{
	(void)in;
	if (k->holder == a->id)
		return true;
	for (size_t i = 0; loaded && i < loaded->n_asked; i++) {
		if (loaded->asked[i].agent == a->id)
			return true;
	}
	return false;
}

static bool has_duty_in_chain(const struct turn_input *in, const struct kase *k,
	const struct loaded_case *loaded, const struct agent *a)
{
	const struct organisation *o = config_organisation(in->config, k->organisation);
	struct chain_place place = {
		.chain = config_chain(in->config, k->system, o ? o->kind : "unknown", k->kind),
		.system = k->system,
		.organisation = k->organisation,
		.area = k->area,
		.unit = k->unit,
		.requester_key = ""};

	(void)loaded;
	for (size_t i = 0; place.chain && i < place.chain->n_links; i++) {
		if (chain_is_in_link(in->people, &place, (int)i, a->id))
			return true;
	}
	return false;
}

/* A colleague of theirs for another area, who was sent the mail on: what he answers is asked about,
 * not taken for a question of his own. */
static bool has_duty_beside(const struct turn_input *in, const struct kase *k,
	const struct loaded_case *loaded, const struct agent *a)
{
	const struct organisation *o = config_organisation(in->config, k->organisation);
	const struct chain *chain =
		config_chain(in->config, k->system, o ? o->kind : "unknown", k->kind);

	(void)loaded;
	for (size_t i = 0; chain && i < chain->n_links; i++) {
		if (people_has_duty(
			    in->people, a->id, chain->links[i], k->organisation, k->system, "", ""))
			return true;
	}
	return false;
}

static bool has_our_mail(const struct turn_input *in, const struct kase *k)
{
	for (size_t i = 0; i < in->event->n_referenced; i++) {
		if (in->event->referenced[i] == k->number)
			return true;
	}
	return false;
}

static bool is_the_requester(const struct turn_input *in, const struct kase *k,
	const struct loaded_case *loaded, const struct agent *a)
{
	(void)in;
	(void)loaded;
	return a->contact && a->contact == k->requester;
}

static int64_t data_head(const struct kase *k)
{
	json_t *data = json_loads(k->data, 0, NULL);
	int64_t head = json_integer_value(json_object_get(data, "head"));

	json_decref(data);
	return head;
}

static bool is_the_head(const struct turn_input *in, const struct kase *k,
	const struct loaded_case *loaded, const struct agent *a)
{
	(void)in;
	(void)loaded;
	return strstr(k->data, "\"head\"") && data_head(k) == a->id;
}

static bool is_copied(const struct turn_input *in, const struct kase *k)
{
	bool found = false;
	json_t *data, *one;
	size_t i;

	if (!strstr(k->data, "\"cc\"") || !*in->event->from_key)
		return false;
	data = json_loads(k->data, 0, NULL);
	json_array_foreach(json_object_get(data, "cc"), i, one)
	{
		const char *key = json_string_value(one);

		found |= key && strcmp(key, in->event->from_key) == 0;
	}
	json_decref(data);
	return found;
}

static bool from_is_requester(const struct turn_input *in, const struct kase *k)
{
	const struct contact *c = sender_contact(in);
	const char *key;

	if (c && k->requester)
		return c->id == k->requester;
	key = address_key(in->arena, k->requester_address, in->config->own_domains);
	return key && *in->event->from_key && strcmp(key, in->event->from_key) == 0;
}

static bool token_is(const struct turn_input *in, enum token_class class)
{
	return in->event->token_verdict == TOKEN_GOOD && in->event->token.class == class;
}

/* The signed address says in which capacity he was written to; without one, whoever asked is the
 * requester, then who was asked, then a colleague of the mailbox that asked. */
enum sender_as match_sender(const struct turn_input *in, const struct kase *k,
	const struct loaded_case *loaded, const struct agent **agent)
{
	*agent = NULL;
	if (token_is(in, TOKEN_HEAD) && (*agent = speaks_as(in, k, loaded, is_the_head)) != NULL)
		return AS_HEAD;
	if (token_is(in, TOKEN_CHAIN) &&
		((*agent = speaks_as(in, k, loaded, is_asked_or_holder)) != NULL ||
			(*agent = speaks_as(in, k, loaded, has_duty_in_chain)) != NULL))
		return AS_CHAIN;
	if (from_is_requester(in, k))
		return AS_REQUESTER;
	if (!token_is(in, TOKEN_REQUESTER) &&
		(*agent = speaks_as(in, k, loaded, is_asked_or_holder)) != NULL)
		return AS_CHAIN;
	if (speaks_as(in, k, loaded, is_the_requester))
		return AS_REQUESTER;
	if ((*agent = speaks_as(in, k, loaded, has_duty_in_chain)) != NULL)
		return AS_CHAIN;
	if ((*agent = speaks_as(in, k, loaded, is_the_head)) != NULL)
		return AS_HEAD;
	return is_copied(in, k) ? AS_COPIED : AS_STRANGER;
}

/* Was the signed address made for the sender, or for a post he is a proven member of? */
static bool token_is_his(const struct turn_input *in)
{
	const struct event *e = in->event;
	const struct contact *c = sender_contact(in);
	const struct agent *self = people_by_key(in->people, e->from_key);
	const struct agent *named = people_by_contact(in->people, e->token.contact);

	if (e->token_verdict != TOKEN_GOOD)
		return false;
	if ((c && c->id == e->token.contact) || (self && self->contact == e->token.contact))
		return true;
	return e->trust == TRUST_PROVEN && self && named &&
	       people_is_member(in->people, named->id, self->id);
}

static const struct candidate *by_number(const struct snapshot *s, int64_t number)
{
	for (size_t i = 0; s && number && i < s->n_candidates; i++) {
		if (s->candidates[i].loaded->kase.number == number)
			return &s->candidates[i];
	}
	return NULL;
}

/* The main case of a merged one, as far as it has been loaded. */
static const struct loaded_case *follow_merged(
	const struct snapshot *s, const struct loaded_case *c)
{
	for (int i = 0; i < 5 && c->kase.state == STATE_MERGED && c->kase.parent; i++) {
		const struct candidate *main = by_number(s, c->kase.parent);

		if (!main)
			break;
		c = main->loaded;
	}
	return c;
}

/* The subject without prefixes and our number, folded. */
static const char *plain_subject(struct arena *arena, const char *subject)
{
	char *s = text_fold(arena, subject_bare(arena, subject));
	char *close;

	while (*s == '[' && (close = strchr(s, ']')) != NULL)
		s = text_trim(arena, close + 1);
	return text_fold(arena, subject_bare(arena, s));
}

/* An old mail taken up again under a new subject is about something else. */
bool match_other_subject(const struct turn_input *in, const struct kase *k)
{
	const char *now = plain_subject(in->arena, in->event->mail->subject);
	const char *then = plain_subject(in->arena, k->subject);

	if (!*now || match_number_in_subject(in->event->mail->subject) == k->number)
		return false;
	return !strstr(now, then) && !(*then && strstr(then, now));
}

/* A mail about this case was made for him as one of the chain, though he is no longer of it. */
static bool was_asked(const struct turn_input *in, const struct loaded_case *loaded)
{
	return token_is(in, TOKEN_CHAIN) && in->event->token.number == loaded->kase.number &&
	       token_is_his(in);
}

const struct log_entry *match_held_back(const struct loaded_case *l, int64_t agent)
{
	for (size_t i = l ? l->n_log : 0; i-- > 0;) {
		const struct log_entry *e = &l->log[i];

		if (e->actor != agent)
			continue;
		if (strstr(e->data, "\"pending_done\""))
			return NULL;
		if (e->type == LOGGED_REMARK && strstr(e->data, "\"pending\":\"send\""))
			return e;
	}
	return NULL;
}

static bool settle(
	const struct turn_input *in, const struct candidate *c, const char *by, struct match *out)
{
	const struct loaded_case *loaded = follow_merged(in->snapshot, c->loaded);
	enum sender_as as = match_sender(in, &loaded->kase, loaded, &out->agent);

	if (as == AS_STRANGER && loaded != c->loaded)
		as = match_sender(in, &c->loaded->kase, c->loaded, &out->agent);
	if (as == AS_STRANGER && has_our_mail(in, &loaded->kase) &&
		(out->agent = speaks_as(in, &loaded->kase, loaded, has_duty_beside)) != NULL &&
		(!was_asked(in, loaded) || match_held_back(loaded, out->agent->id))) {
		as = AS_CHAIN;
		out->passed_on = was_asked(in, loaded); /* but for SKICKA */
	}
	if (as == AS_STRANGER && was_asked(in, loaded)) {
		out->agent = people_by_contact(in->people, in->event->token.contact);
		as = out->agent != NULL ? AS_CHAIN : AS_STRANGER;
		out->passed_on = out->agent != NULL;
	}
	if (as == AS_STRANGER) {
		out->possible = c->loaded->kase.number;
		out->agent = NULL;
		return false;
	}
	out->loaded = loaded;
	out->as = as;
	out->by = by;
	out->subject_changed = match_other_subject(in, &c->loaded->kase);
	return true;
}

static bool find_by_token(const struct turn_input *in, struct match *out)
{
	const struct event *e = in->event;
	const struct candidate *c = by_number(in->snapshot, e->token.number);
	bool referred = false;

	if (e->token_verdict != TOKEN_GOOD || !c || !token_is_his(in))
		return false;
	for (size_t i = 0; i < e->n_referenced; i++)
		referred |= e->referenced[i] == e->token.number;
	referred |= match_number_in_subject(e->mail->subject) == e->token.number;
	if (!referred) {
		out->address_book = true;
		out->possible = e->token.number;
		return false;
	}
	if (!settle(in, c, "token", out))
		return false;
	out->token_good = true;
	return true;
}

static bool find_by_ids(const struct turn_input *in, struct match *out)
{
	const struct event *e = in->event;
	const struct candidate *c;

	for (size_t i = 0; i < e->n_referenced; i++) {
		c = by_number(in->snapshot, e->referenced[i]);
		if (c && settle(in, c, "reference", out))
			return true;
	}
	c = by_number(in->snapshot, match_number_in_subject(e->mail->subject));
	if (c && settle(in, c, "number", out))
		return true;
	for (size_t i = 0; i < in->snapshot->n_candidates; i++) {
		c = &in->snapshot->candidates[i];
		if ((c->found & FOUND_INBOUND_ID) && settle(in, c, "inbound-id", out))
			return true;
	}
	return false;
}

static bool find_by_supplier(const struct turn_input *in, struct match *out)
{
	const struct agent *agent;
	const struct loaded_case *loaded = out->possible ? NULL : match_supplier_number(in, &agent);

	if (!loaded)
		return false;
	out->loaded = loaded;
	out->as = AS_CHAIN;
	out->agent = agent;
	out->by = "supplier-number";
	return true;
}

void match_find(const struct turn_input *in, struct match *out)
{
	memset(out, 0, sizeof(*out));
	out->by = "";
	if (!in->event->mail || !*in->event->from_key)
		return;
	/* The address of a list is about no case, though the list hangs in the thread of one. */
	bool list = token_is_his(in) && in->event->token.number == 0 &&
		    !match_number_in_subject(in->event->mail->subject);
	if (!find_by_token(in, out) &&
		(out->address_book || list ||
			(!find_by_ids(in, out) && !find_by_supplier(in, out)))) {
		out->loaded = NULL;
		out->as = AS_STRANGER;
		out->token_good = token_is_his(in) && in->event->token.number == 0;
		if (!out->agent)
			out->agent = people_by_key(in->people, in->event->from_key);
	}
}
