/* Turn event: what of an arrived mail must be checked with the keys before the pure turn sees it.
 * Called by app. */
#include "base/prelude.h"
#include "core/turn.h"

#include "base/arena.h"
#include "base/limits.h"

static void add_id(
	const struct token_keys *keys, const char *domain, const char *id, struct event *e)
{
	int64_t number, serial;

	if (!token_read_message_id(keys, id, domain, &number, &serial))
		return;
	e->names_our_mail = true;
	for (size_t i = 0; i < e->n_referenced; i++) {
		if (e->referenced[i] == number)
			return;
	}
	if (number > 0)
		e->referenced[e->n_referenced++] = number;
}

void event_read_ids(
	struct arena *arena, const struct token_keys *keys, const char *domain, struct event *e)
{
	const struct mail *m = e->mail;
	size_t max = m->references.n + m->in_reply_to.n + 1;
	int64_t number, serial;

	e->referenced = arena_array(arena, max, sizeof(e->referenced[0]));
	e->n_referenced = 0;
	e->names_our_mail = false;
	e->is_own = token_read_message_id(keys, m->message_id, domain, &number, &serial);
	/* The mail that is answered first, then the thread from its newest end. */
	for (size_t i = 0; i < m->in_reply_to.n && i < MAX_REFERENCES; i++)
		add_id(keys, domain, m->in_reply_to.v[i], e);
	for (size_t i = m->references.n; i-- > 0 && m->references.n - i <= MAX_REFERENCES;)
		add_id(keys, domain, m->references.v[i], e);
	if (m->auto_class == MAIL_BOUNCE)
		add_id(keys, domain, m->bounce.original_id, e);
}
