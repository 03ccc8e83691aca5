/* Doc <-> the text it is stored as, once per language (table `content`), and read back from when it is
 * made into bytes. Called by app. What is read back is checked: a row that is not one of ours gives
 * NULL, never half a mail. */
#include "base/prelude.h"

#include "core/doc.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

#define MAX_STORED (8 * MAX_TEMPLATE_OUTPUT) /* a word for each line and its escapes */

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

/* --- to text --- */

static void put_line(struct buf *out, const char *word, const char *text)
{
	buf_addstr(out, word);
	buf_addch(out, ' ');
	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, "\\\n");
		buf_add(out, p, n);
		p += n;
		if (*p != '\0')
			buf_addstr(out, *p++ == '\n' ? "\\n" : "\\\\");
	}
	buf_addch(out, '\n');
}

static void put_some(struct buf *out, const char *word, const char *text)
{
	if (text != NULL && *text != '\0')
		put_line(out, word, text);
}

static void put_block(struct buf *out, const struct block *b)
{
	put_line(out, type_ids[b->type], b->text != NULL ? b->text : "");
	put_some(out, "reply", b->reply);
	put_some(out, "subject", b->subject);
	put_some(out, "hint", b->hint);
	if (b->columns > 0)
		buf_addf(out, "columns %zu\n", b->columns);
	for (size_t i = 0; i < b->n_items; i++)
		put_line(out, "item", b->items[i]);
}

char *doc_to_stored(struct arena *arena, const struct doc *d)
{
	struct buf out;
	buf_init(&out, MAX_STORED);
	put_line(&out, "language", d->language);
	for (size_t i = 0; i < d->n_blocks; i++)
		put_block(&out, &d->blocks[i]);
	if (!buf_ok(&out)) {
		buf_release(&out);
		return NULL;
	}
	return buf_take(&out, arena);
}

/* --- and back --- */

/* Takes the escapes out in place. False: not one of ours. */
static bool unescape(char *s)
{
	char *out = strchr(s, '\\');
	for (const char *p = out; p != NULL && *p != '\0'; p++) {
		if (*p != '\\') {
			*out++ = *p;
			continue;
		}
		p++;
		if (*p != 'n' && *p != '\\')
			return false;
		*out++ = *p == 'n' ? '\n' : '\\';
	}
	if (out != NULL)
		*out = '\0';
	return true;
}

/* The next line as its word and its text, both ended in place. False: none that is whole. */
static bool next_line(char **at, char **word, char **text)
{
	char *end = strchr(*at, '\n');
	if (end == NULL)
		return false;
	*end = '\0';
	*word = *at;
	*at = end + 1;
	*text = strchr(*word, ' ');
	if (*text == NULL)
		return false;
	*(*text)++ = '\0';
	return unescape(*text);
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

static bool set_member(struct block *b, const char *word, const char *text)
{
	int64_t n;
	if (strcmp(word, "item") == 0)
		b->items[b->n_items++] = text;
	else if (strcmp(word, "reply") == 0)
		b->reply = text;
	else if (strcmp(word, "subject") == 0)
		b->subject = text;
	else if (strcmp(word, "hint") == 0)
		b->hint = text;
	else if (strcmp(word, "columns") == 0 && text_to_i64(text, 1, MAX_DOC_BLOCKS, &n))
		b->columns = (size_t)n;
	else
		return false;
	return true;
}

static bool is_whole(const struct block *b)
{
	if (b->type != BLOCK_TABLE)
		return b->columns == 0;
	return b->columns > 0 && b->n_items >= b->columns && b->n_items % b->columns == 0;
}

static size_t count_lines(const char *s)
{
	size_t n = 0;
	for (s = strchr(s, '\n'); s != NULL; s = strchr(s + 1, '\n'))
		n++;
	return n;
}

struct doc *doc_from_stored(struct arena *arena, const char *stored)
{
	if (strlen(stored) > MAX_STORED)
		return NULL;
	struct doc *d = arena_new_of(arena, struct doc);
	char *at = arena_strdup(arena, stored), *word, *text;
	if (!next_line(&at, &word, &text) || strcmp(word, "language") != 0)
		return NULL;
	size_t lines = count_lines(at);
	const char **items = arena_array(arena, lines, sizeof(*items));
	d->language = text;
	d->blocks = arena_array(
		arena, lines < MAX_DOC_BLOCKS ? lines : MAX_DOC_BLOCKS, sizeof(*d->blocks));
	struct block *b = NULL;
	while (*at != '\0') {
		enum block_type type;
		if (!next_line(&at, &word, &text))
			return NULL;
		if (!type_from_id(word, &type)) {
			if (b == NULL || !set_member(b, word, text))
				return NULL;
			continue;
		}
		if ((b != NULL && !is_whole(b)) || d->n_blocks == MAX_DOC_BLOCKS)
			return NULL;
		items += b != NULL ? b->n_items : 0;
		b = &d->blocks[d->n_blocks++];
		*b = (struct block){.type = type,
			.text = text,
			.reply = "",
			.subject = "",
			.hint = "",
			.items = items};
	}
	return b == NULL || is_whole(b) ? d : NULL;
}
