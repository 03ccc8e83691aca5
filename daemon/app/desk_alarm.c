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
}

/* Mail to the operator. Its words are a template; the fixed text of the alarm is its detail. */
static enum store_status tell(struct desk_loop *l, const struct alarm *a)
{
	const struct config *c = l->desk.config;
	struct outgoing mail = {.class = MAILING_ALARM,
		.address = c->alarm_address,
		.name = "",
		.language = c->languages[0],
		.template_id = "alarm",
		.verbs = "desk",
		.in_reply_to = ""};
	char since[DATE_RFC3339_SIZE];
	date_format_rfc3339(since, a->since_ms);
	json_t *view = json_pack("{s:s, s:s, s:s, s:b}", "key", a->key, "text", a->text, "since",
		since, "over", a->cleared_ms != 0);
	arena_reset(l->desk.turn_arena);
	int rc = templates_fill(c->templates, l->desk.turn_arena, mail.language, "alarm", view,
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
