/* Turn wants: names what a turn needs before it runs. Called twice by app: from the event alone, then
 * with the cases it matched. Cheap on purpose: each name is one indexed look-up. */
#include "base/prelude.h"
#include "core/turn.h"

#include "base/arena.h"
#include "base/ipc.h"
#include "base/text.h"
#include "core/match.h"
#include "core/match_supplier.h"
#include "mail/address.h"

#define NUMBERS_MAX 64
#define IDS_MAX 40
#define KEYS_MAX 24
#define SUPPLIER_NUMBERS_MAX 24
#define MAILBOXES_MAX 8 /* of units, that one person reads */

struct gather {
	struct arena *arena;
	struct wants *w;
	int64_t *numbers;
	unsigned *found;
	const char **ids, **keys;
};

static void add_number(struct gather *g, int64_t number, unsigned found)
{
	if (number <= 0)
		return;
	for (size_t i = 0; i < g->w->n_numbers; i++) {
		if (g->numbers[i] == number) {
			g->found[i] |= found;
			return;
		}
	}
	if (g->w->n_numbers == NUMBERS_MAX)
		return;
	g->numbers[g->w->n_numbers] = number;
	g->found[g->w->n_numbers++] = found;
}

static void add_id(struct gather *g, const char *id)
{
	for (size_t i = 0; i < g->w->n_inbound_ids; i++) {
		if (strcmp(g->ids[i], id) == 0)
			return;
	}
	if (*id && g->w->n_inbound_ids < IDS_MAX)
		g->ids[g->w->n_inbound_ids++] = id;
}

static void add_key(struct gather *g, const char *key)
{
	for (size_t i = 0; key && i < g->w->n_address_keys; i++) {
		if (strcmp(g->keys[i], key) == 0)
			return;
	}
	if (key && *key && g->w->n_address_keys < KEYS_MAX)
		g->keys[g->w->n_address_keys++] = key;
}

/* Numbers and addresses that stand in command lines ("#slå ihop 1043", "1042 löst", "#till x@y"). */
static void read_line(struct gather *g, const struct config *c, const char *line)
{
	for (const char *p = line; *p;) {
		size_t n = strcspn(p, " \t:,;<>()[]");
		size_t own = n;
		int64_t number;

		while (own > 1 && strchr(".!?", p[own - 1]))
			own--;
		char *word = arena_strndup(g->arena, p, own);

		if (text_to_i64(word[0] == '#' ? word + 1 : word, 1, 999999999, &number) &&
			strlen(word) >= 3)
			add_number(g, number, FOUND_COMMAND);
		else if (strchr(word, '@'))
			add_key(g, address_key(g->arena, word, c->own_domains));
		p += n;
		p += strspn(p, " \t:,;<>()[]");
	}
}

static void read_text(struct gather *g, const struct config *c, const char *text, bool reply)
{
	const char *cursor = text, *line;
	size_t len;
	int lines = 0;

	while (lines++ < 60 && text_next_line(&cursor, &line, &len)) {
		char *own = text_trim(g->arena, arena_strndup(g->arena, line, len));

		if (len < 400 &&
			(strchr(own, '#') || (*own >= '0' && *own <= '9') || (reply && len < 80)))
			read_line(g, c, own);
	}
}

/* A member of a unit's mailbox may ask about what it has asked. */
static void add_mailboxes(struct gather *g, const struct turn_input *in)
{
	const struct people *p = in->people;
	const struct agent *self = people_by_key(p, in->event->from_key);

	for (size_t i = 0; self && i < p->n_members && g->w->n_mailbox_keys < MAILBOXES_MAX; i++) {
		const struct agent *post = p->members[i].person == self->id
						   ? people_agent(p, p->members[i].post)
						   : NULL;

		if (post)
			g->w->mailbox_keys[g->w->n_mailbox_keys++] = post->key;
	}
}

/* Was this the first mail of a thread of ours at all? A bare new mail needs few look-ups. */
static void wants_of_mail(struct gather *g, const struct turn_input *in)
{
	const struct event *e = in->event;
	const struct mail *m = e->mail;

	if (e->token_verdict == TOKEN_GOOD)
		add_number(g, e->token.number, FOUND_TOKEN);
	for (size_t i = 0; i < e->n_referenced; i++)
		add_number(g, e->referenced[i], FOUND_REFERENCE);
	add_number(g, match_number_in_subject(m->subject), FOUND_NUMBER);
	for (size_t i = 0; i < m->in_reply_to.n; i++)
		add_id(g, m->in_reply_to.v[i]);
	for (size_t i = m->references.n; i-- > 0;)
		add_id(g, m->references.v[i]);
	add_key(g, e->from_key);
	if (m->auto_class == MAIL_BOUNCE)
		add_key(g, address_key(g->arena, m->bounce.recipient, in->config->own_domains));
	if (m->forward.present)
		add_key(g, address_key(g->arena, m->forward.from.address, in->config->own_domains));
	if (m->auto_class != MAIL_BOUNCE && g->w->n_numbers == 0 && *e->from_key) {
		g->w->supplier_numbers = arena_array(
			g->arena, SUPPLIER_NUMBERS_MAX, sizeof(*g->w->supplier_numbers));
		g->w->n_supplier_numbers =
			match_supplier_numbers(in, g->w->supplier_numbers, SUPPLIER_NUMBERS_MAX);
	}
	if (m->auto_class != MAIL_PERSON)
		return;
	/* "ta 1001 och 1002", to the morning list */
	read_text(g, in->config, m->new_text, e->token_verdict == TOKEN_GOOD);
	if (*e->from_key && g->w->n_numbers == 0) {
		g->w->requester_key = e->from_key;
		if (e->trust == TRUST_PROVEN)
			add_mailboxes(g, in);
	}
	if (*e->from_key)
		g->w->recent_key = e->from_key;
	g->w->quotas = e->trust != TRUST_PROVEN ||
		       !config_organisation_of_domain(in->config, e->from_domain);
}

static bool loaded_already(const struct snapshot *s, int64_t number)
{
	for (size_t i = 0; i < s->n_candidates; i++) {
		if (s->candidates[i].loaded->kase.number == number)
			return true;
	}
	return false;
}

/* Round 2: main cases of merged ones, and the list of an agent who wants it or whose mail was about
 * no case. */
static void wants_of_found(struct gather *g, const struct turn_input *in, const struct snapshot *s)
{
	const struct event *e = in->event;

	for (size_t i = 0; i < s->n_candidates; i++) {
		const struct kase *k = &s->candidates[i].loaded->kase;

		if (k->state == STATE_MERGED && k->parent && !loaded_already(s, k->parent))
			add_number(g, k->parent, s->candidates[i].found);
		/* "Hör det ihop med 1001? JA" needs that one. */
		json_t *data = json_read(k->data, strlen(k->data));
		int64_t possible = json_int(data, "possible", 0);
		json_decref(data);
		if (possible > 0)
			add_number(g, possible, FOUND_COMMAND);
	}
	/* Reminders of a moment: the cases they are about. */
	for (size_t i = 0; e->type == EVENT_CLOCK && e->clock.kind == CLOCK_REMIND && i < s->n_held;
		i++) {
		if (strstr(s->held[i].data, "\"remind\""))
			add_number(g, s->held[i].number, FOUND_CLOCK);
	}
	if (e->type == EVENT_MAIL && e->token_verdict == TOKEN_GOOD) {
		const struct agent *a = people_by_contact(in->people, e->token.contact);

		if (a && (e->token.number == 0 || strstr(e->mail->new_text, "#")))
			g->w->holder = a->id;
	}
}

void turn_wants(const struct turn_input *in, const struct snapshot *earlier, struct wants *out)
{
	struct gather g = {.arena = in->arena, .w = out};

	memset(out, 0, sizeof(*out));
	g.numbers = arena_array(in->arena, NUMBERS_MAX, sizeof(*g.numbers));
	g.found = arena_array(in->arena, NUMBERS_MAX, sizeof(*g.found));
	g.ids = arena_array(in->arena, IDS_MAX, sizeof(*g.ids));
	g.keys = arena_array(in->arena, KEYS_MAX, sizeof(*g.keys));
	out->mailbox_keys = arena_array(in->arena, MAILBOXES_MAX, sizeof(*out->mailbox_keys));
	out->numbers = g.numbers;
	out->numbers_found = g.found;
	out->inbound_ids = g.ids;
	out->address_keys = g.keys;
	if (earlier) {
		wants_of_found(&g, in, earlier);
		return;
	}
	if (in->event->type == EVENT_MAIL) {
		wants_of_mail(&g, in);
	} else if (in->event->clock.owner == CLOCK_OF_CASE) {
		out->case_id = in->event->clock.owner_id;
	} else if (in->event->clock.owner == CLOCK_OF_AGENT) {
		out->holder = in->event->clock.owner_id;
	}
}
