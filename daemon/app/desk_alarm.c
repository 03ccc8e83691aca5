/* Desk alarm: trouble is a thing that is raised once, told by another path, repeated daily, and cleared
 * with a word. Paths: mail to the operator through the last sink, `lotsctl status`, and the log. */
#include "base/prelude.h"

#include "app/desk_state.h"

#include "app/alarm.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "store/inbox.h"

#define ALARM_ROUND_MS (10 * MS_SECOND)

void desk_alarm(struct desk_loop *l, const char *key, const char *text)
{
	if (alarm_raise(&l->desk, key, text, desk_now(&l->desk)) != STORE_OK)
		log_error("alarm-not-stored", "key=%s", key);
}

static void is_over(struct desk_loop *l, const char *key)
{
	if (alarm_over(&l->desk, key, desk_now(&l->desk)) != STORE_OK)
		log_error("alarm-not-stored", "key=%s", key);
}

/* How long a worker's server has been away. A run of --once is too short to tell: there it counts from
 * when the mailbox was last read, however long ago. */
static int64_t away_ms(struct desk_loop *l, const struct worker *w)
{
	struct store_mailbox box;
	if (w->down_since_mono == 0)
		return 0;
	if (l->once && w->role == WORKER_READER &&
		store_mailbox_get(l->desk.store, l->round, w->name, &box) == STORE_OK)
		return l->now_ms - box.swept_ms;
	return clock_mono_ms() - w->down_since_mono;
}

static bool is_in_settings(const struct config *c, bool is_mailbox, const char *name)
{
	for (size_t i = 0; !is_mailbox && i < c->n_sinks; i++)
		if (strcmp(c->sinks[i].name, name) == 0)
			return true;
	return is_mailbox && config_mailbox(c, name) != NULL;
}

/* What has been taken out of the settings needs nobody. */
static void drop_removed(struct desk_loop *l)
{
	struct alarm *alarms;
	size_t n;
	if (store_alarm_list(l->desk.store, l->round, &alarms, &n) != STORE_OK)
		return;
	for (size_t i = 0; i < n; i++) {
		const char *key = alarms[i].key;
		bool is_mailbox = strncmp(key, "mailbox:", 8) == 0;
		if ((is_mailbox || strncmp(key, "sink:", 5) == 0) &&
			!is_in_settings(l->desk.config, is_mailbox, strchr(key, ':') + 1))
			is_over(l, key);
	}
}

static void watch_sources(struct desk_loop *l)
{
	for (size_t i = 0; i < l->n_workers; i++) {
		const struct worker *w = &l->workers[i];
		char key[96];
		if (w->role == WORKER_PARSER ||
			!is_in_settings(l->desk.config, w->role == WORKER_READER, w->name))
			continue;
		snprintf(key, sizeof(key), "%s:%s", w->role == WORKER_READER ? "mailbox" : "sink",
			w->name);
		if (w->well) /* after a start only its word ends an alarm */
			is_over(l, key);
		else if (away_ms(l, w) >= l->desk.config->mailbox_dead_ms)
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
		is_over(l, "conservation");
}

void desk_alarms(struct desk_loop *l)
{
	struct alarm *due;
	size_t n;
	int64_t mono = clock_mono_ms();
	/* At once, but in a flood not for each mail of it. */
	int64_t soon = l->once ? 0 : l->alarms_at_mono - ALARM_ROUND_MS + MS_SECOND;
	if (l->trouble_until_mono != 0 || mono < (l->desk.alarmed ? soon : l->alarms_at_mono))
		return;
	watch_sources(l);
	drop_removed(l);
	watch_conservation(l);
	if (!desk_good(l, alarm_quarantine(&l->desk, l->now_ms), "alarms"))
		return;
	l->desk.alarmed = false;
	l->alarms_at_mono = mono + ALARM_ROUND_MS;
	if (!desk_good(
		    l, store_alarm_due(l->desk.store, l->round, l->now_ms, &due, &n), "alarms") ||
		n == 0 || !desk_good(l, store_begin(l->desk.store), "alarms"))
		return;
	enum store_status st = STORE_OK;
	for (size_t i = 0; i < n && st == STORE_OK; i++)
		st = alarm_tell(&l->desk, &due[i], l->now_ms);
	if (st == STORE_OK)
		st = store_commit(l->desk.store);
	else
		store_rollback(l->desk.store);
	l->look = true;
	(void)desk_good(l, st, "alarms");
}
