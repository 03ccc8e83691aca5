/* Match supplier: a supplier writes from its own system, with its own number and none of ours. Called by
 * turn_wants, which names the numbers that stand in its mail, and by match.c. Must never guess: another
 * supplier's case, an unproven sender, a number that two cases bear match nothing. */
#include "base/prelude.h"
#include "core/match_supplier.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/chain.h"

#define LINES_MAX 40 /* of the mail's own words */
#define NUMBER_BYTES 40
#define DIGITS_MIN 4

/* One of its people is anybody of its domains, if these are known as a supplier's. */
static bool writes_for(
	const struct organisation *o, const struct agent *self, const struct agent *supplier)
{
	return supplier && (supplier == self || (o && strcmp(supplier->organisation, o->id) == 0));
}

/* As which supplier the sender speaks; k NULL: of any system. */
static const struct agent *supplier_of(const struct turn_input *in, const struct kase *k)
{
	const struct organisation *o =
		config_organisation_of_domain(in->config, in->event->from_domain);
	const struct agent *self = people_by_key(in->people, in->event->from_key);

	if (o && strcmp(o->kind, "supplier") != 0)
		o = NULL;
	for (size_t i = 0; (o || self) && i < in->people->n_duties; i++) {
		const struct duty *d = &in->people->duties[i];
		const struct agent *a = people_agent(in->people, d->agent);

		if (writes_for(o, self, a) && chain_is_supplier(in->config, d->role) &&
			(!k || people_has_duty(in->people, a->id, d->role, k->organisation,
				       k->system, "", "")))
			return a;
	}
	return NULL;
}

/* "INC0011223", "4711", "CS 4711" */
static void add_number(struct arena *arena, const char *word, const char *before, const char **out,
	size_t *n, size_t max)
{
	size_t digits = 0;

	for (const char *p = word; *p; p++)
		digits += ascii_is_digit(*p);
	size_t all = strlen(word);
	if (digits + (all > digits) < DIGITS_MIN || all > NUMBER_BYTES)
		return; /* "123" is none, "ABC-123" is */
	if (*n < max)
		out[(*n)++] = word;
	if (*n < max && *before && strlen(before) <= 8)
		out[(*n)++] = arena_printf(arena, "%s %s", before, word);
}

static void read_line(
	struct arena *arena, const char *line, const char **out, size_t *n, size_t max)
{
	static const char *const around = " \t,;:()[]<>\"'#*/|";
	const char *before = "";

	for (const char *p = line + strspn(line, around); *p && *n < max; p += strspn(p, around)) {
		size_t len = strcspn(p, around), own = len;

		while (own > 1 && strchr(".!?", p[own - 1]))
			own--;
		const char *word = arena_strndup(arena, p, own);
		add_number(arena, word, before, out, n, max);
		before = word;
		p += len;
	}
}

size_t match_supplier_numbers(const struct turn_input *in, const char **out, size_t max)
{
	const struct mail *m = in->event->mail;
	const char *cursor = m->new_text, *line;
	size_t len, n = 0;

	if (in->event->trust != TRUST_PROVEN || !supplier_of(in, NULL))
		return 0;
	read_line(in->arena, m->subject, out, &n, max);
	for (int i = 0; i < LINES_MAX && text_next_line(&cursor, &line, &len); i++)
		read_line(in->arena, arena_strndup(in->arena, line, len), out, &n, max);
	return n;
}

/* The one case of this supplier's whose number stands in the text. *several: there are more. */
static const struct loaded_case *named_in(
	const struct turn_input *in, const char *text, const struct agent **agent, bool *several)
{
	const struct snapshot *s = in->snapshot;
	const struct loaded_case *found = NULL;
	const char *folded = text_fold(in->arena, text);

	*several = false;
	for (size_t i = 0; i < s->n_candidates; i++) {
		const struct loaded_case *l = s->candidates[i].loaded;
		const struct agent *a;

		if (!(s->candidates[i].found & FOUND_SUPPLIER_NUMBER) ||
			!text_has_word(folded, text_fold(in->arena, l->kase.supplier_number)) ||
			(a = supplier_of(in, &l->kase)) == NULL)
			continue;
		*several = found != NULL;
		found = l;
		*agent = a;
	}
	return *several ? NULL : found;
}

const struct loaded_case *match_supplier_number(
	const struct turn_input *in, const struct agent **agent)
{
	const struct loaded_case *found;
	bool several;

	if (in->event->trust != TRUST_PROVEN)
		return NULL;
	/* What the subject says is what it is about; the text may name others. */
	found = named_in(in, in->event->mail->subject, agent, &several);
	return found || several ? found : named_in(in, in->event->mail->new_text, agent, &several);
}
