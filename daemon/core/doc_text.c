/* Doc -> text/plain. Lines are not wrapped: clients do that, each at its own width. A table row is
 * "header: cell, cell", a button is the line that says what to answer. Called by app's delivery. */
#include "base/prelude.h"

#include "core/doc.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

#define MAX_DOC_TEXT (16u << 20)

static void put_quote(struct buf *out, const char *text)
{
	const char *cursor = text, *line;
	size_t n;
	while (text_next_line(&cursor, &line, &n)) {
		buf_addstr(out, n > 0 ? "> " : ">");
		buf_add(out, line, n);
		buf_addch(out, '\n');
	}
}

static void put_table(struct buf *out, const struct block *b)
{
	for (size_t i = 0; i < b->n_items; i++) {
		size_t column = i % b->columns;
		const char *between = column == 0 ? "" : column == 1 ? ": " : ", ";
		if (*b->items[i] && column > 0)
			buf_addstr(out, between);
		buf_addstr(out, b->items[i]);
		if (column + 1 == b->columns)
			buf_addch(out, '\n');
	}
}

static void put_block(struct buf *out, const struct block *b)
{
	switch (b->type) {
	case BLOCK_LIST:
		for (size_t i = 0; i < b->n_items; i++) {
			buf_addstr(out, "- ");
			buf_addstr(out, b->items[i]);
			buf_addch(out, '\n');
		}
		break;
	case BLOCK_QUOTE:
		put_quote(out, b->text);
		break;
	case BLOCK_TABLE:
		put_table(out, b);
		break;
	case BLOCK_RULE:
		break;
	default:
		buf_addstr(out, b->type == BLOCK_BUTTON ? b->hint : b->text);
		buf_addch(out, '\n');
	}
}

char *doc_to_text(struct arena *arena, const struct doc *d, const char *reply_address)
{
	struct buf out;
	buf_init(&out, MAX_DOC_TEXT);
	enum block_type last = BLOCK_RULE;
	for (size_t i = 0; i < d->n_blocks; i++) {
		const struct block *b = &d->blocks[i];
		bool button = b->type == BLOCK_BUTTON;
		if (b->type == BLOCK_RULE || (button && (!*reply_address || !*b->hint)))
			continue;
		if (out.len > 0 && (last != BLOCK_BUTTON || !button))
			buf_addch(&out, '\n');
		put_block(&out, b);
		last = b->type;
	}
	return buf_take(&out, arena);
}
