/* Fuzz: the grammar of a reply, times and short answers in any text that struct mail may hold. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/command.h"
#include "core/feedback.h"
#include "core/privacy.h"
#include "core/when.h"
#include "handlers/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sheet(const struct sheet *s)
{
	if (s->n_parts < 1 || s->n_parts > SHEET_PARTS_MAX)
		abort();
	for (size_t i = 0; i < s->n_parts; i++) {
		const struct sheet_part *p = &s->parts[i];

		if (p->n > MAX_COMMANDS || !p->text || !p->seen)
			abort();
		for (size_t k = 0; k < p->n; k++) {
			if (!p->commands[k].handler || !p->commands[k].text ||
				!p->commands[k].argument || !p->commands[k].word)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct zone zone = {.std_offset = 3600, .std_name = "CET"};
	struct arena *arena = arena_new(256 << 20);
	char *text = utf8_clean(arena, (const char *)data, size < 20000 ? size : 20000);
	struct sheet sheet;
	struct when w;

	command_read(arena, handler_table, text, &sheet);
	check_sheet(&sheet);
	(void)command_in_subject(arena, handler_table, text);
	(void)feedback_read(arena, text);
	(void)feedback_is_take(arena, text);
	if (when_find(arena, text, INT64_C(1795420800000), &zone, &w) &&
		(!date_valid(w.from) || !date_valid(w.until)))
		abort();
	/* What is masked holds no number any more. */
	if (privacy_has_number(privacy_mask(arena, text, NULL)))
		abort();
	arena_free(&arena);
	return 0;
}
