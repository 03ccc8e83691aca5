/* Control status: is all well? The answer for monitoring: exit 0, or 1 when an alarm stands, mail
 * waits too long, nobody reads the mailboxes, or the conservation law does not hold. */
#include "base/prelude.h"

#include "app/control_answers.h"

#include "base/arena.h"
#include "base/date.h"
#include "base/ipc.h"
#include "store/alarms.h"
#include "store/contacts.h"
#include "store/inbox.h"

#define WAITS_TOO_LONG_MS (30 * MS_MINUTE)

static json_t *alarms_json(struct control_call *c)
{
	struct alarm *alarms;
	size_t n;
	json_t *list = json_array();
	if (store_alarm_list(c->desk->store, c->arena, &alarms, &n) != STORE_OK)
		return list;
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:I}", "key", alarms[i].key, "text",
				      alarms[i].text, "since_ms", (json_int_t)alarms[i].since_ms));
	return list;
}

static json_t *law_json(const struct conservation *law)
{
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I}", "holds", law->holds, "seen",
		(json_int_t)law->seen, "pending", (json_int_t)law->pending, "case",
		(json_int_t)law->cases, "duplicate", (json_int_t)law->duplicate, "ignored",
		(json_int_t)law->ignored, "quarantine", (json_int_t)law->quarantine);
}

/* With no lotsd running nobody raises an alarm: the mailboxes that nobody has read for so long that one
 * would be due. A rehearsal is read when somebody says so. */
static json_t *unread_json(struct control_call *c)
{
	const struct config *config = c->desk->config;
	json_t *names = json_array();
	for (size_t i = 0; i < config->n_mailboxes; i++) {
		struct store_mailbox box;
		enum store_status st = store_mailbox_get(
			c->desk->store, c->arena, config->mailboxes[i].name, &box);
		if (c->live == NULL && !config->rehearsal && (st == STORE_OK || st == STORE_NONE) &&
			c->now_ms - box.swept_ms >= config->mailbox_dead_ms)
			json_array_append_new(names, json_string(config->mailboxes[i].name));
	}
	return names;
}

json_t *control_status(struct control_call *c)
{
	struct store_counts n;
	struct conservation law;
	const char *clear = json_str(c->args, "clear", "");
	enum store_status st = STORE_OK;
	if (*clear != '\0') /* what is still wrong is raised again */
		st = store_alarm_clear(c->desk->store, clear, c->now_ms);
	if (st == STORE_OK && strcmp(clear, "dead-address") == 0) { /* mended: written to again */
		st = store_contacts_well(c->desk->store);
		if (st == STORE_OK && desk_reload_people(c->desk) != 0)
			st = STORE_IO;
	}
	if (st == STORE_OK)
		st = store_count(c->desk->store, &n);
	if (st == STORE_OK)
		st = store_conservation(c->desk->store, true, &law);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	bool late = n.oldest_waiting_ms != 0 && c->now_ms - n.oldest_waiting_ms > WAITS_TOO_LONG_MS;
	json_t *unread = unread_json(c);
	/* What cannot store cannot raise an alarm either. */
	bool storing = c->live == NULL || json_is_true(json_object_get(c->live, "storing"));
	bool well = law.holds && n.alarms == 0 && !late && json_array_size(unread) == 0 && storing;
	json_t *o = json_pack("{s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "well", well,
		"running", c->live != NULL, "cases", (json_int_t)n.cases, "cases_open",
		(json_int_t)n.cases_open, "inbox_pending", (json_int_t)n.inbox_pending,
		"outbox_waiting", (json_int_t)n.outbox_waiting, "outbox_held",
		(json_int_t)n.outbox_held, "outbox_failed", (json_int_t)n.outbox_failed,
		"outbox_unknown_ever", (json_int_t)n.outbox_unknown_ever);
	json_object_set_new(o, "mailboxes_unread", unread);
	json_object_set_new(o, "quarantine", json_integer(n.quarantine));
	json_object_set_new(o, "conservation", law_json(&law));
	json_object_set_new(o, "alarms", alarms_json(c));
	if (c->live != NULL)
		json_object_update(o, c->live);
	json_t *answer = control_result(o);
	json_object_set_new(answer, "code", json_integer(well ? 0 : 1));
	return answer;
}
