/* Doc <-> JSON: how a mail's content is stored once per language (table `content`) and read back
 * when it is made into bytes. Called by app through core/render and delivery. What is read back is
 * checked: a row that is not one of ours gives NULL, never half a mail. */
#include "base/prelude.h"

#include "core/doc.h"

#include "base/arena.h"
#include "base/ipc.h"
#include "base/limits.h"

static const char *const type_ids[] = {
	[BLOCK_HEADING] = "heading",
	[BLOCK_PARAGRAPH] = "paragraph",
	[BLOCK_LIST] = "list",
	[BLOCK_QUOTE] = "quote",
	[BLOCK_TABLE] = "table",
	[BLOCK_BUTTON] = "button",
	[BLOCK_RULE] = "rule",
};
_Static_assert(ARRAY_LEN(type_ids) == BLOCK_N, "one id a type");

static void set_text(json_t *o, const char *key, const char *value)
{
	if (value && *value)
		json_object_set_new(o, key, json_string(value));
}

static json_t *block_to_json(const struct block *b)
{
	json_t *o = json_pack("{s:s}", "type", type_ids[b->type]);
	set_text(o, "text", b->text);
	set_text(o, "reply", b->reply);
	set_text(o, "subject", b->subject);
	set_text(o, "hint", b->hint);
	if (b->n_items > 0) {
		json_t *items = json_array();
		for (size_t i = 0; i < b->n_items; i++)
			json_array_append_new(items, json_string(b->items[i]));
		json_object_set_new(o, "items", items);
	}
	if (b->columns > 0)
		json_object_set_new(o, "columns", json_integer((json_int_t)b->columns));
	return o;
}

json_t *doc_to_json(const struct doc *d)
{
	json_t *blocks = json_array();
	for (size_t i = 0; i < d->n_blocks; i++)
		json_array_append_new(blocks, block_to_json(&d->blocks[i]));
	return json_pack("{s:s,s:o}", "language", d->language, "blocks", blocks);
}

static const char *get_text(struct arena *arena, const json_t *o, const char *key, size_t *total)
{
	const char *s = json_str(o, key, "");
	*total += strlen(s);
	return arena_strdup(arena, s);
}

static bool type_from_id(const char *id, enum block_type *out)
{
	for (size_t i = 0; i < BLOCK_N; i++) {
		if (strcmp(type_ids[i], id) == 0) {
			*out = (enum block_type)i;
			return true;
		}
	}
	return false;
}

static bool items_from_json(struct arena *arena, const json_t *o, struct block *b, size_t *total)
{
	const json_t *items = json_object_get(o, "items");
	b->n_items = json_array_size(items);
	b->items = arena_array(arena, b->n_items, sizeof(*b->items));
	for (size_t i = 0; i < b->n_items; i++) {
		const char *s = json_string_value(json_array_get(items, i));
		if (!s)
			return false;
		*total += strlen(s);
		b->items[i] = arena_strdup(arena, s);
	}
	int64_t columns = json_int(o, "columns", 0);
	if (b->type != BLOCK_TABLE)
		return columns == 0;
	if (columns < 1 || (uint64_t)columns > b->n_items || b->n_items % (size_t)columns != 0)
		return false;
	b->columns = (size_t)columns;
	return true;
}

static bool block_from_json(struct arena *arena, const json_t *o, struct block *b, size_t *total)
{
	if (!type_from_id(json_str(o, "type", ""), &b->type))
		return false;
	b->text = get_text(arena, o, "text", total);
	b->reply = get_text(arena, o, "reply", total);
	b->subject = get_text(arena, o, "subject", total);
	b->hint = get_text(arena, o, "hint", total);
	return items_from_json(arena, o, b, total);
}

struct doc *doc_from_json(struct arena *arena, const json_t *o)
{
	const json_t *blocks = json_object_get(o, "blocks");
	const char *language = json_str(o, "language", NULL);
	if (!language || !json_is_array(blocks) || json_array_size(blocks) > MAX_DOC_BLOCKS)
		return NULL;
	struct doc *d = arena_new_of(arena, struct doc);
	d->language = arena_strdup(arena, language);
	d->n_blocks = json_array_size(blocks);
	d->blocks = arena_array(arena, d->n_blocks, sizeof(*d->blocks));
	size_t total = 0;
	for (size_t i = 0; i < d->n_blocks; i++)
		if (!block_from_json(arena, json_array_get(blocks, i), &d->blocks[i], &total))
			return NULL;
	return total <= 2 * MAX_TEMPLATE_OUTPUT ? d : NULL;
}
