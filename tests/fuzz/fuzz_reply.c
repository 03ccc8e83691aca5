/* Fuzz: the sender's own words. Never empty where something was written, never longer than what can
 * be made of the text, and never a line that is not in it. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Each line of the new text stands in the text, perhaps behind a "> " that was put there. */
static void lines_are_from(struct arena *arena, const char *text, const char *new_text)
{
	const char *cursor = new_text, *line;
	size_t len;

	while (text_next_line(&cursor, &line, &len)) {
		char *s = text_trim(arena, arena_strndup(arena, line, len));

		must(strstr(text, s) ||
			(strncmp(s, "> ", 2) == 0 && strstr(text, text_trim(arena, s + 2))) ||
			strcmp(s, ">") == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(200 << 20);
	size_t cut = 0;
	const char *subject, *text;
	struct reply_text r;

	/* The first line is the subject. */
	while (cut < size && data[cut] != '\n')
		cut++;
	subject = utf8_clean_line(arena, (const char *)data, cut);
	text = utf8_clean(arena, (const char *)data + cut, size - cut);
	reply_split(arena, text, subject, &r);
	must(text_is_blank(text) || !text_is_blank(r.new_text));
	must(utf8_valid(r.new_text, strlen(r.new_text)) &&
		utf8_valid(r.forward.text, strlen(r.forward.text)));
	must(utf8_valid(r.forward.from.name, strlen(r.forward.from.name)));
	must(strlen(r.new_text) <= 4 * strlen(text) + 4);
	lines_are_from(arena, text, r.new_text);
	(void)subject_bare(arena, subject);
	(void)subject_is_forward(subject);
	(void)language_guess(arena, text);
	arena_free(&arena);
	return 0;
}
