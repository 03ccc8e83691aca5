/* Preview: see preview.h. Called by lotsctl preview and by the test of all templates.
 *
 * samples.json: one object of values a language, and `variants`: for a template a list of changes to
 * them (null takes away, "@name" takes another sample, "_least" leaves only what a view must have). */
#include "base/prelude.h"

#include "core/preview.h"

#include "base/ipc.h"
#include "core/template_parts.h"

static const json_t *variants_of(const json_t *samples, const char *id)
{
	return json_object_get(json_object_get(samples, "variants"), id);
}

size_t preview_count(const json_t *samples, const char *id)
{
	size_t n = json_array_size(variants_of(samples, id));
	return n > 0 ? n : 2;
}

/* Puts the sample of one name of names.txt ("subject", "requester.name") into the view. */
static void put_name(json_t *view, const json_t *values, const char *name)
{
	size_t n = strcspn(name, ".");
	char first[64];
	if (n >= sizeof(first))
		return;
	snprintf(first, sizeof(first), "%.*s", (int)n, name);
	json_t *value = json_object_get(values, first);
	if (!value)
		return;
	if (name[n] == '\0' && !json_is_object(value)) {
		json_object_set(view, first, value);
		return;
	}
	json_t *inside = json_object_get(view, first);
	if (!inside) {
		inside = json_object();
		json_object_set_new(view, first, inside);
	}
	if (name[n] == '.')
		json_object_set(inside, name + n + 1, json_object_get(value, name + n + 1));
}

static void change(json_t *view, const json_t *values, const json_t *changes)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)changes, key, value)
	{
		const char *s = json_string_value(value);
		if (key[0] == '_')
			continue;
		if (json_is_null(value))
			json_object_del(view, key);
		else if (s && s[0] == '@')
			json_object_set(view, key, json_object_get(values, s + 1));
		else
			json_object_set(view, key, value);
	}
}

json_t *preview_view(const struct templates *t, const json_t *samples, const char *language,
	const char *id, size_t n, const json_t *own)
{
	const json_t *changes = json_array_get(variants_of(samples, id), n);
	bool least = changes ? json_flag(changes, "_least", false) : n == 1;
	const struct known_names *known = templates_known(t, id);
	json_t *values = json_object(), *view = json_object();
	json_object_update(values, json_object_get(samples, language));
	if (own)
		json_object_update(values, (json_t *)own);
	for (size_t i = 0; known && i < known->n; i++)
		if (!least || !known->optional[i])
			put_name(view, values, known->names[i]);
	change(view, values, changes);
	json_decref(values);
	return view;
}
