/* Message ids: Message-ID, In-Reply-To, References.
 *
 * Called by parse.c. Ids are kept without brackets and without the blanks that folding put in. */
#include "base/prelude.h"

#include "mail/header.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"

static char *clean_id(struct arena *arena, const char *s, size_t n)
{
	char *id = utf8_clean_line(arena, s, n);
	size_t len = 0;

	for (size_t i = 0; id[i]; i++)
		if (id[i] != ' ' && id[i] != '<' && id[i] != '>')
			id[len++] = id[i];
	id[len] = '\0';
	return id;
}

static void push_id(
	struct arena *arena, struct mail_strings *out, size_t max, const char *s, size_t n)
{
	char *id = clean_id(arena, s, n);

	/* An id that does not fit is no id that anybody could answer to. */
	if (!*id || strlen(id) > MAX_MESSAGE_ID_BYTES || max == 0)
		return;
	if (!out->v)
		out->v = arena_array(arena, max, sizeof(*out->v));
	if (out->n == max) { /* keep the thread's first and the latest */
		if (max < 2)
			return;
		memmove(out->v + 1, out->v + 2, (max - 2) * sizeof(*out->v));
		out->n--;
	}
	out->v[out->n++] = id;
}

static void bare_ids(struct arena *arena, const char *p, size_t max, struct mail_strings *out)
{
	while (*p) {
		size_t n;

		p += strspn(p, " \t,");
		n = strcspn(p, " \t,");
		if (memchr(p, '@', n))
			push_id(arena, out, max, p, n);
		p += n;
	}
}

void header_ids(struct arena *arena, const char *value, size_t max, struct mail_strings *out)
{
	const char *p = strchr(value, '<');

	if (!p)
		bare_ids(arena, value, max, out);
	while (p) {
		size_t n = strcspn(p + 1, "<>");

		if (p[1 + n] == '>' || (p[1 + n] == '\0' && !strchr(p + 1, ' ')))
			push_id(arena, out, max, p + 1, n);
		p = strchr(p + 1 + n, '<');
	}
}

char *header_id(struct arena *arena, const char *value)
{
	const char *open = strchr(value, '<');
	size_t n;
	char *id;

	if (open && open[1 + (n = strcspn(open + 1, "<>"))] == '>')
		id = clean_id(arena, open + 1, n);
	else
		id = clean_id(arena, value, strlen(value));
	return strlen(id) > MAX_MESSAGE_ID_BYTES ? arena_strdup(arena, "") : id;
}
