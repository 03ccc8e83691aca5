/* Directory: finds people by what one types on a phone. Called by handlers. Must never find somebody
 * without a duty: a stranger gets nothing handed over. */
#include "base/prelude.h"
#include "core/directory.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/address.h"

#define NOTE_WORDS 3 /* a name has fewer */

struct query {
	const char *role, *organisation, *area;
	const char *name; /* folded words left over */
	bool anywhere;	  /* of whatever organisation */
	size_t words;	  /* read before the first that is left over */
};

/* Does folded `text` begin with folded `word`, as a whole word? Returns its length. */
static size_t begins(const char *text, const char *word)
{
	size_t n = strlen(word);

	if (n == 0 || strncmp(text, word, n) != 0)
		return 0;
	return text[n] == '\0' || text[n] == ' ' || text[n] == ',' ? n : 0;
}

static size_t longest_of(
	struct turn *t, const char *text, const char *const *words, size_t n, size_t best)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = begins(text, text_fold(t->arena, words[i]));

		best = k > best ? k : best;
	}
	return best;
}

static size_t longest_name(
	struct turn *t, const char *text, const struct text_by_language *names, size_t best)
{
	for (size_t i = 0; i < t->config->n_languages; i++) {
		const char *name = config_name(t->config, names, t->config->languages[i]);
		size_t k = begins(text, text_fold(t->arena, name));

		best = k > best ? k : best;
	}
	return best;
}

static size_t read_role(struct turn *t, const char *text, struct query *q)
{
	size_t best = 0;

	for (size_t i = 0; i < t->config->n_roles; i++) {
		const struct role *r = &t->config->roles[i];
		size_t k = longest_of(t, text, r->words, r->n_words, begins(text, r->id));

		k = longest_name(t, text, &r->name, k);
		if (k > best) {
			best = k;
			q->role = r->id;
		}
	}
	return best;
}

static size_t read_organisation(struct turn *t, const char *text, struct query *q)
{
	size_t best = 0;

	for (size_t i = 0; i < t->config->n_organisations; i++) {
		const struct organisation *o = &t->config->organisations[i];
		size_t k = longest_name(t, text, &o->name, begins(text, o->id));

		if (k > best) {
			best = k;
			q->organisation = o->id;
		}
	}
	return best;
}

static size_t read_area(struct turn *t, const char *text, struct query *q)
{
	size_t best = 0;

	for (size_t i = 0; i < t->config->n_areas; i++) {
		const struct area *a = &t->config->areas[i];
		size_t k = longest_of(t, text, a->words, a->n_words, begins(text, a->id));

		k = longest_name(t, text, &a->name, k);
		if (k > best) {
			best = k;
			q->area = a->id;
		}
	}
	return best;
}

static size_t count_words(const char *s, size_t n)
{
	size_t words = 0;

	for (size_t i = 0; i < n; i++)
		words += s[i] != ' ' && s[i] != ',' &&
			 (i == 0 || s[i - 1] == ' ' || s[i - 1] == ',');
	return words;
}

/* The text behind so many of its words. */
static const char *behind(const char *s, size_t words)
{
	s += strspn(s, " ,");
	for (; words > 0 && *s; words--) {
		s += strcspn(s, " ,");
		s += strspn(s, " ,");
	}
	return s;
}

static void read_query(struct turn *t, const char *words, struct query *q)
{
	char *p = text_fold(t->arena, words);

	for (char *c = p; *c; c++) {
		if (*c == '"')
			*c = ' ';
	}
	*q = (struct query){.role = "", .organisation = "", .area = "", .name = ""};
	while (*p) {
		size_t n = 0;

		while (*p == ' ' || *p == ',')
			p++;
		if (!*q->role)
			n = read_role(t, p, q);
		if (!n && !*q->organisation)
			n = read_organisation(t, p, q);
		if (!n && !*q->area)
			n = read_area(t, p, q);
		if (n) {
			if (!*q->name)
				q->words += count_words(p, n);
			p += n;
			continue;
		}
		n = strcspn(p, " ,");
		if (n)
			q->name = arena_printf(
				t->arena, "%s%s%.*s", q->name, *q->name ? " " : "", (int)n, p);
		p += n;
	}
}

/* Every word of the name must begin a word of the agent's. */
static bool name_fits(struct turn *t, const struct agent *a, const char *name)
{
	const char *folded = arena_printf(t->arena, " %s", text_fold(t->arena, a->name));
	const char *p = name;

	while (*p) {
		size_t n = strcspn(p, " ");
		const char *word = arena_printf(t->arena, " %.*s", (int)n, p);

		if (!strstr(folded, word))
			return false;
		p += n;
		while (*p == ' ')
			p++;
	}
	return true;
}

static bool duty_fits(struct turn *t, const struct duty *d, const struct query *q, const char *area)
{
	const char *organisation = *q->organisation ? q->organisation : t->k->organisation;
	bool everywhere = strcmp(d->organisation, "*") == 0;
	bool role = !*q->role || strcmp(d->role, q->role) == 0;
	bool place = everywhere || strcmp(d->organisation, organisation) == 0;
	bool fits_area = !*area || !*d->area || strcmp(d->area, area) == 0;
	const struct area *named = *q->area ? config_area(t->config, q->area) : NULL;
	const char *system = named ? named->system : t->k->system;
	bool fits_system = !*d->system || strcmp(d->system, system) == 0;

	return role && (place || q->anywhere) && fits_area && (fits_system || !(*q->role || named));
}

/* Is the role a link of the chain that the case climbs? */
static bool in_chain(struct turn *t, const char *role)
{
	struct chain_place place;

	turn_place(t, &place);
	return place.chain && chain_index(place.chain, role) >= 0;
}

static void add(struct directory_hit *out, const struct agent *a)
{
	for (size_t i = 0; i < out->n; i++) {
		if (out->v[i] == a)
			return;
	}
	out->v[out->n++] = a;
}

static void collect(
	struct turn *t, const struct query *q, const char *area, struct directory_hit *out)
{
	for (size_t i = 0; i < t->people->n_duties; i++) {
		const struct duty *d = &t->people->duties[i];
		const struct agent *a = people_agent(t->people, d->agent);

		/* Where nobody is named, those who answer cases are meant. */
		bool answers = *q->role || *q->name || in_chain(t, d->role);

		if (a && a != t->actor && strcmp(d->role, "user") != 0 && answers &&
			duty_fits(t, d, q, area) && (!*q->name || name_fits(t, a, q->name)))
			add(out, a);
	}
}

static void find_address(struct turn *t, const char *words, struct directory_hit *out)
{
	size_t n;
	const char *p = address_find(words, &n); /* "Karin Ek <karin@kalix.example> ifo" */
	const char *key =
		address_key(t->arena, arena_strndup(t->arena, p, n), t->config->own_domains);
	const struct agent *a = key ? people_by_key(t->people, key) : NULL;
	struct query q = {.role = "", .organisation = "", .area = "", .name = ""};

	out->is_address = true;
	const char *rest = p + n + strspn(p + n, " >,\"");
	if (*rest)
		read_query(t, rest, &q);
	out->area = q.area;
	out->note = *q.name ? behind(rest, q.words) : "";
	if (a && people_has_any_duty(t->people, a->id))
		add(out, a);
	out->unknown = out->n == 0;
}

void directory_find(struct turn *t, const char *words, struct directory_hit *out)
{
	struct query q;

	memset(out, 0, sizeof(*out));
	out->area = out->note = "";
	out->v = arena_array(t->arena, t->people->n_duties + 1, sizeof(out->v[0]));
	if (strchr(words, '@')) {
		find_address(t, words, out);
		return;
	}
	read_query(t, words, &q);
	out->area = q.area;
	out->only_area = *q.area && !*q.role && !*q.name && !*q.organisation;
	if (out->only_area)
		return;
	/* "#till boden": those who stand there where the case stands here. */
	if (*q.organisation && !*q.role && !*q.name && in_chain(t, t->k->link)) {
		q.role = t->k->link;
		collect(t, &q, *q.area ? q.area : t->k->area, out);
		q.role = "";
	}
	if (out->n)
		return;
	/* The area of the case narrows a role unless another is named; a name alone is searched
	 * in the organisation first, then everywhere. */
	collect(t, &q, *q.area ? q.area : *q.role ? t->k->area : "", out);
	if (out->n == 0 && *q.role && !*q.name)
		collect(t, &q, q.area, out);
	/* "#till FLIT": one for all organisations, though he sits in one. */
	q.anywhere = out->n == 0 && *q.role && !*q.name && !*q.organisation;
	if (q.anywhere)
		collect(t, &q, q.area, out);
	for (size_t i = 0; out->n == 0 && *q.name && !*q.organisation && i < t->people->n_duties;
		i++) {
		const struct agent *a = people_agent(t->people, t->people->duties[i].agent);

		if (a && a != t->actor && name_fits(t, a, q.name) &&
			(!*q.role || strcmp(t->people->duties[i].role, q.role) == 0))
			add(out, a);
	}
	/* "#till FL det här är en principfråga": so many words are no name. */
	if (out->n == 0 && (*q.role || *q.organisation) &&
		count_words(q.name, strlen(q.name)) >= NOTE_WORDS && q.words > 0) {
		const char *note = behind(words, q.words);
		const char *named = arena_strndup(t->arena, words, (size_t)(note - words));

		directory_find(t, named, out);
		out->note = note;
		return;
	}
	out->unknown = out->n == 0;
}

const struct agent *directory_one(struct turn *t, const char *words, const struct agent *near)
{
	const struct agent *found = NULL;
	const char *folded = text_fold(t->arena, words);

	if (strchr(words, '@')) {
		struct directory_hit hit = {.area = "", .note = ""};

		hit.v = arena_array(t->arena, 2, sizeof(hit.v[0]));
		find_address(t, words, &hit);
		return hit.n ? hit.v[0] : NULL;
	}
	for (size_t i = 0; *folded && i < t->people->n_agents; i++) {
		const struct agent *a = &t->people->agents[i];

		if (a == near || strcmp(a->organisation, near->organisation) != 0 ||
			!people_has_any_duty(t->people, a->id) || !name_fits(t, a, folded))
			continue;
		if (found)
			return NULL;
		found = a;
	}
	return found;
}
