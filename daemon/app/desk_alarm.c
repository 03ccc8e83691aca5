/* Desk alarm: trouble is a thing that is raised once, told by another path, repeated daily, and cleared
 * with a word. Paths: mail to the operator through the last sink, `lotsctl status`, and the log. */
#include "base/prelude.h"

#include "app/desk_state.h"

#include "app/turn_apply.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "core/template.h"
#include "core/words.h"
#include "store/alarms.h"
#include "store/inbox.h"

#define ALARM_ROUND_MS (10 * MS_SECOND)

void desk_alarm(struct desk_loop *l, const char *key, const char *text)
{
	bool fresh = false;
	enum store_status st =
		store_alarm_raise(l->desk.store, key, text, "status", desk_now(&l->desk), &fresh);
	if (st != STORE_OK)
		log_error("alarm-not-stored", "key=%s", key);
	if (fresh)
		log_error("alarm", "key=%s text=\"%s\"", key, text);
	l->alarms_at_mono = 0;
}

void desk_alarm_over(struct desk_loop *l, const char *key)
{
	if (store_alarm_clear(l->desk.store, key, desk_now(&l->desk)) == STORE_OK) {
		log_info("alarm-over", "key=%s", key);
		l->alarms_at_mono = 0;
	}
}

static void watch_sources(struct desk_loop *l)
{
	int64_t mono = clock_mono_ms();
	for (size_t i = 0; i < l->n_workers; i++) {
		const struct worker *w = &l->workers[i];
		char key[96];
		if (w->role == WORKER_PARSER)
			continue;
		snprintf(key, sizeof(key), "%s:%s", w->role == WORKER_READER ? "mailbox" : "sink",
			w->name);
		if (w->down_since_mono == 0)
			desk_alarm_over(l, key);
		else if (mono - w->down_since_mono >= l->desk.config->mailbox_dead_ms)
			desk_alarm(l, key,
				w->role == WORKER_READER ? "a mailbox cannot be read"
							 : "mail cannot be sent");
	}
}

/* Counted from two sides that know nothing of each other; all rows once a day, their sums each time. */
static void watch_conservation(struct desk_loop *l)
{
	struct conservation law;
	int64_t mono = clock_mono_ms();
	bool whole = mono >= l->counted_at_mono;
	if (store_conservation(l->desk.store, !whole, &law) != STORE_OK)
		return;
	if (whole)
		l->counted_at_mono = mono + MS_DAY;
	if (!law.holds)
		desk_alarm(l, "conservation",
			"mails seen are not the sum of what became of them: lotsctl status");
	else if (whole)
		desk_alarm_over(l, "conservation");
	if (law.quarantine == 0)
		desk_alarm_over(l, "quarantine");
}

/* "mailbox:support" is an alarm of the kind mailbox, about support. Its words are of words.txt. */
static const char *words_of(
	struct desk_loop *l, const struct alarm *a, const char *language, const char *group)
{
	struct arena *arena = l->desk.turn_arena;
	size_t n = strcspn(a->key, ":");
	json_t *values = json_pack("{s:s}", "name", a->key[n] != '\0' ? a->key + n + 1 : "");
	const char *key = arena_printf(arena, "%s.%.*s", group, (int)n, a->key);
	const char *s = words_fill(l->desk.config->templates, arena, language, key, values);
	json_decref(values);
	return s;
}

static const char *moment(struct desk_loop *l, const char *language, int64_t at_ms)
{
	const struct config *c = l->desk.config;
	return words_moment(c->templates, l->desk.turn_arena, language, &c->zone, at_ms, l->now_ms);
}

/* Mail to the operator: when it begins, daily, and when it is over. */
static enum store_status tell(struct desk_loop *l, const struct alarm *a)
{
	const struct config *c = l->desk.config;
	const char *language = c->languages[0];
	bool over = a->cleared_ms != 0;
	struct outgoing mail = {.class = MAILING_ALARM,
		.address = c->alarm_address,
		.name = "",
		.language = language,
		.template_id = over ? "alarm-over" : "alarm",
		.verbs = "desk",
		.in_reply_to = ""};
	arena_reset(l->desk.turn_arena);
	json_t *view = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "what",
		words_of(l, a, language, "alarm"), "text", words_of(l, a, language, "alarm_text"),
		"todo", words_of(l, a, language, "alarm_todo"), "key", a->key, "since",
		moment(l, language, a->since_ms), "until",
		over ? moment(l, language, a->cleared_ms) : "");
	int rc = templates_fill(c->templates, l->desk.turn_arena, language, mail.template_id, view,
		&mail.subject, &mail.doc);
	json_decref(view);
	return rc == 0 ? turn_apply_mail(&l->desk, &mail, l->now_ms) : STORE_OK;
}

void desk_alarms(struct desk_loop *l)
{
	struct alarm *due;
	size_t n;
	int64_t mono = clock_mono_ms();
	if (l->trouble_until_mono != 0 || (l->alarms_at_mono > mono))
		return;
	l->alarms_at_mono = mono + ALARM_ROUND_MS;
	watch_sources(l);
	watch_conservation(l);
	l->alarms_at_mono = mono + ALARM_ROUND_MS;
	if (!desk_good(
		    l, store_alarm_due(l->desk.store, l->round, l->now_ms, &due, &n), "alarms") ||
		n == 0 || !desk_good(l, store_begin(l->desk.store), "alarms"))
		return;
	enum store_status st = STORE_OK;
	for (size_t i = 0; i < n && st == STORE_OK; i++) {
		if (*l->desk.config->alarm_address != '\0')
			st = tell(l, &due[i]);
		if (st == STORE_OK)
			st = store_alarm_told(l->desk.store, due[i].key, l->now_ms);
	}
	if (st == STORE_OK)
		st = store_commit(l->desk.store);
	else
		store_rollback(l->desk.store);
	(void)desk_good(l, st, "alarms");
}
