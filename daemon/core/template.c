/* Template store: all templates, words and help lines of all languages, parsed once. Filled by app
 * when the settings are read, then constant. Must not read files. */
#include "base/prelude.h"

#include "core/template.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/template_parts.h"

#define MAX_NAMES 200 /* of one template */

struct templates *templates_new(void)
{
	struct templates *t = calloc(1, sizeof(*t));
	if (!t)
		abort();
	t->arena = arena_new(MAX_ARENA_BYTES);
	t->all = arena_array(t->arena, MAX_TEMPLATE_FILES, sizeof(struct parsed *));
	t->words = arena_array(t->arena, MAX_TEMPLATE_FILES, sizeof(*t->words));
	t->help = arena_array(t->arena, MAX_TEMPLATE_FILES, sizeof(*t->help));
	t->known = arena_array(t->arena, MAX_TEMPLATE_FILES, sizeof(*t->known));
	return t;
}

void templates_free(struct templates **t)
{
	if (!*t)
		return;
	arena_free(&(*t)->arena);
	free(*t);
	*t = NULL;
}

/* "taken_by" and "taken-by" are the same template. */
static int compare_ids(const char *a, const char *b)
{
	for (;; a++, b++) {
		char x = *a == '_' ? '-' : *a, y = *b == '_' ? '-' : *b;
		if (x != y || x == '\0')
			return (unsigned char)x - (unsigned char)y;
	}
}

static int compare(const struct parsed *t, const char *language, const char *id)
{
	int c = strcmp(t->language, language);
	return c != 0 ? c : compare_ids(t->id, id);
}

/* Index of the first template that is not before (language, id). */
static size_t place(const struct templates *t, const char *language, const char *id)
{
	size_t low = 0, high = t->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (compare(t->all[mid], language, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct parsed *templates_get(
	const struct templates *t, const char *language, const char *id)
{
	size_t i = place(t, language, id);
	return i < t->n && compare(t->all[i], language, id) == 0 ? t->all[i] : NULL;
}

const struct parsed *templates_best(const struct templates *t, const char *language, const char *id)
{
	const struct parsed *found = templates_get(t, language, id);
	for (size_t i = 0; !found && i < t->n_languages; i++)
		found = templates_get(t, t->languages[i], id);
	return found;
}

bool templates_has(const struct templates *t, const char *language, const char *id)
{
	return templates_get(t, language, id) != NULL;
}

static size_t place_text(const struct named_text *v, size_t n, const char *key)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (strcmp(v[mid].key, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const char *find_text(
	const struct named_text *v, size_t n, const char *language, const char *key)
{
	char whole[128];
	int len = snprintf(whole, sizeof(whole), "%s/%s", language, key);
	if (len < 0 || (size_t)len >= sizeof(whole))
		return NULL;
	size_t i = place_text(v, n, whole);
	return i < n && strcmp(v[i].key, whole) == 0 ? v[i].text : NULL;
}

static const char *best_text(const struct templates *t, const struct named_text *v, size_t n,
	const char *language, const char *key)
{
	const char *found = find_text(v, n, language, key);
	for (size_t i = 0; !found && i < t->n_languages; i++)
		found = find_text(v, n, t->languages[i], key);
	return found ? found : "";
}

const char *templates_word(const struct templates *t, const char *language, const char *key)
{
	return best_text(t, t->words, t->n_words, language, key);
}

const char *templates_help(const struct templates *t, const char *language, const char *id)
{
	return best_text(t, t->help, t->n_help, language, id);
}

/* Lines "key: text"; blank lines and lines that begin with ';' are skipped. */
static int add_texts(struct templates *t, struct named_text *v, size_t *n, const char *language,
	const char *content, int *line, const char **error)
{
	const char *cursor = content, *start;
	size_t len;
	for (*line = 1; text_next_line(&cursor, &start, &len); (*line)++) {
		const char *one = text_trim(t->arena, arena_strndup(t->arena, start, len));
		size_t colon = strcspn(one, ":");
		if (!*one || *one == ';')
			continue;
		if (one[colon] == '\0' || colon == 0 || colon > 60 ||
			text_is_blank(one + colon + 1)) {
			*error = "a line is written \"key: text\"";
			return -1;
		}
		const char *key = arena_printf(t->arena, "%s/%.*s", language, (int)colon, one);
		size_t at = place_text(v, *n, key);
		if (*n == MAX_TEMPLATE_FILES || (at < *n && strcmp(v[at].key, key) == 0)) {
			*error = *n == MAX_TEMPLATE_FILES ? "too many lines"
							  : "the key is there already";
			return -1;
		}
		memmove(v + at + 1, v + at, (*n - at) * sizeof(*v));
		v[at] = (struct named_text){key, text_trim(t->arena, one + colon + 1)};
		(*n)++;
	}
	return 0;
}

static int add_language(struct templates *t, const char *language, const char **error)
{
	for (size_t i = 0; i < t->n_languages; i++)
		if (strcmp(t->languages[i], language) == 0)
			return 0;
	if (t->n_languages == TEMPLATES_LANGUAGES_MAX) {
		*error = "too many languages";
		return -1;
	}
	t->languages[t->n_languages++] = arena_strdup(t->arena, language);
	return 0;
}

static int add_template(struct templates *t, const char *language, const char *id,
	const char *content, int *line, const char **error)
{
	size_t at = place(t, language, id);
	if (t->n == MAX_TEMPLATE_FILES || (at < t->n && compare(t->all[at], language, id) == 0)) {
		*error = t->n == MAX_TEMPLATE_FILES ? "too many templates"
						    : "the template is there already";
		return -1;
	}
	struct parsed *new = arena_new_of(t->arena, struct parsed);
	new->language = arena_strdup(t->arena, language);
	new->id = arena_strdup(t->arena, id);
	if (template_parse(t->arena, content, new, line, error) != 0)
		return -1;
	memmove(t->all + at + 1, t->all + at, (t->n - at) * sizeof(struct parsed *));
	t->all[at] = new;
	t->n++;
	return 0;
}

int templates_add(struct templates *t, const char *language, const char *id, const char *content,
	int *line, const char **error)
{
	*line = 1;
	size_t n = strlen(content);
	if (n > MAX_TEMPLATE_BYTES || !utf8_valid(content, n)) {
		*error = n > MAX_TEMPLATE_BYTES ? "the file is too large" : "the file is not UTF-8";
		return -1;
	}
	if (strncmp(content, "\xEF\xBB\xBF", 3) == 0)
		content += 3;
	if (add_language(t, language, error) != 0)
		return -1;
	if (strcmp(id, "words") == 0)
		return add_texts(t, t->words, &t->n_words, language, content, line, error);
	if (strcmp(id, "help") == 0)
		return add_texts(t, t->help, &t->n_help, language, content, line, error);
	return add_template(t, language, id, content, line, error);
}

const struct known_names *templates_known(const struct templates *t, const char *id)
{
	for (size_t i = 0; i < t->n_known; i++)
		if (compare_ids(t->known[i].id, id) == 0)
			return &t->known[i];
	return NULL;
}

static bool add_name(struct known_names *k, const char *name, bool optional)
{
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->names[i], name) == 0)
			return true;
	if (k->n == MAX_NAMES)
		return false;
	k->names[k->n] = name;
	k->optional[k->n++] = optional;
	return true;
}

/* "number subject? @case": '?' a view may lack it, '@' all names of that group. */
static const char *add_names(struct templates *t, struct known_names *k, const char *list)
{
	while (*list) {
		size_t n = strcspn(list, " \t");
		const char *word = arena_strndup(t->arena, list, n);
		bool fits = true;
		if (*word == '@') {
			const struct known_names *group = templates_known(t, word);
			if (!group)
				return "no such group of names above this line";
			for (size_t i = 0; i < group->n && fits; i++)
				fits = add_name(k, group->names[i], group->optional[i]);
		} else {
			bool optional = n > 0 && word[n - 1] == '?';
			fits = add_name(k, arena_strndup(t->arena, word, n - optional), optional);
		}
		if (!fits)
			return "too many names";
		list += n;
		list += strspn(list, " \t");
	}
	return NULL;
}

int templates_add_names(struct templates *t, const char *content, int *line, const char **error)
{
	const char *cursor = content, *start;
	size_t len;
	for (*line = 1; text_next_line(&cursor, &start, &len); (*line)++) {
		const char *one = text_trim(t->arena, arena_strndup(t->arena, start, len));
		size_t colon = strcspn(one, ":");
		if (!*one || *one == ';')
			continue;
		const char *id = arena_strndup(t->arena, one, colon);
		*error = one[colon] == '\0'	  ? "a line is written \"template: names\""
			 : templates_known(t, id) ? "the template is there already"
						  : NULL;
		if (t->n_known == MAX_TEMPLATE_FILES)
			*error = "too many lines";
		if (*error)
			return -1;
		struct known_names *k = &t->known[t->n_known];
		*k = (struct known_names){.id = id, .line = *line};
		k->names = arena_array(t->arena, MAX_NAMES, sizeof(*k->names));
		k->optional = arena_array(t->arena, MAX_NAMES, sizeof(*k->optional));
		*error = add_names(t, k, text_trim(t->arena, one + colon + 1));
		if (*error)
			return -1;
		t->n_known++;
	}
	return 0;
}

size_t templates_ids(const struct templates *t, struct arena *arena, const char ***ids)
{
	const char **v = arena_array(arena, t->n, sizeof(*v));
	size_t n = 0;
	for (size_t i = 0; i < t->n; i++) {
		size_t k = 0;
		while (k < n && compare_ids(v[k], t->all[i]->id) != 0)
			k++;
		if (k == n && t->all[i]->id[0] != '_')
			v[n++] = t->all[i]->id;
	}
	for (size_t i = 1; i < n; i++) {
		for (size_t j = i; j > 0 && compare_ids(v[j - 1], v[j]) > 0; j--) {
			const char *swap = v[j];
			v[j] = v[j - 1];
			v[j - 1] = swap;
		}
	}
	*ids = v;
	return n;
}
