/* format=flowed. Called by body.c for text/plain parts that say so. One pass. */
#include "base/prelude.h"

#include "mail/flowed.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

#define QUOTE_DEPTH_MAX 64

/* The quote marks at the start: ">", ">>", and "> >" of clients that count wrongly. */
static size_t quote_depth(const char **line, size_t *len)
{
	size_t depth = 0;

	while (*len > 0 && **line == '>') {
		depth++;
		(*line)++;
		(*len)--;
	}
	if (*len > 0 && **line == ' ') { /* space-stuffed */
		(*line)++;
		(*len)--;
	}
	return depth < QUOTE_DEPTH_MAX ? depth : QUOTE_DEPTH_MAX;
}

static void start_line(struct buf *out, size_t depth)
{
	for (size_t i = 0; i < depth; i++)
		buf_addch(out, '>');
	if (depth)
		buf_addch(out, ' ');
}

char *flowed_join(struct arena *arena, const char *text, bool delsp)
{
	struct buf out;
	const char *cursor = text, *line;
	size_t len, open_depth = 0;
	bool open = false; /* the line before ended softly */

	buf_init(&out, strlen(text) * 2 + 2 * QUOTE_DEPTH_MAX + 16);
	while (text_next_line(&cursor, &line, &len)) {
		size_t depth = quote_depth(&line, &len);
		bool signature = len == 3 && memcmp(line, "-- ", 3) == 0;
		bool soft = len > 0 && line[len - 1] == ' ' && !signature;

		if (open && (depth != open_depth || signature)) {
			buf_addch(&out, '\n');
			open = false;
		}
		if (!open)
			start_line(&out, depth);
		buf_add(&out, line, soft && delsp ? len - 1 : len);
		if (!soft)
			buf_addch(&out, '\n');
		open = soft;
		open_depth = depth;
	}
	if (!buf_ok(&out)) {
		buf_release(&out);
		return arena_strdup(arena, text);
	}
	return buf_take(&out, arena);
}
