/* Alarm: see alarm.h. Called by the desk, by what a turn's effects raise, and by the scenario runner.
 * One mail tells of everything of a sort: however many mails lie in quarantine, their operator gets one
 * mail, repeated daily. */
#include "base/prelude.h"

#include "app/alarm.h"

#include "app/turn_apply.h"
#include "base/arena.h"
#include "base/log.h"
#include "core/template.h"
#include "core/words.h"
#include "store/inbox.h"

#define MAILS_NAMED 10 /* of those in quarantine, in the mail that tells of them */

enum store_status alarm_raise(struct desk *d, const char *key, const char *text, int64_t now_ms)
{
	bool fresh = false;
	enum store_status st = store_alarm_raise(d->store, key, text, "status", now_ms, &fresh);
	if (st == STORE_OK && fresh)
		log_error("alarm", "key=%s text=\"%s\"", key, text);
	d->alarmed = true;
	return st;
}

enum store_status alarm_over(struct desk *d, const char *key, int64_t now_ms)
{
	enum store_status st = store_alarm_clear(d->store, key, now_ms);
	if (st == STORE_NONE)
		return STORE_OK;
	if (st == STORE_OK) {
		log_info("alarm-over", "key=%s", key);
		d->alarmed = true;
	}
	return st;
}

enum store_status alarm_quarantine(struct desk *d, int64_t now_ms)
{
	struct quarantine_sum sum;
	enum store_status st = store_quarantine_sum(d->store, &sum);
	if (st == STORE_OK)
		st = sum.failed == 0 ? alarm_over(d, "quarantine", now_ms)
				     : alarm_raise(d, "quarantine",
					       "mail could not be handled: lotsctl quarantine list",
					       now_ms);
	if (st == STORE_OK)
		st = sum.aside == 0
			     ? alarm_over(d, "held", now_ms)
			     : alarm_raise(d, "held",
				       "mail of nobody we know waits: lotsctl quarantine list",
				       now_ms);
	return st;
}

/* ---- The mail ---- */

struct telling {
	struct desk *d;
	const char *language;
	int64_t now_ms;
};

/* "mailbox:support" is an alarm of the sort mailbox, about support. Its words are of words.txt. */
static const char *words_of(const struct telling *t, const struct alarm *a, const char *group)
{
	struct arena *arena = t->d->turn_arena;
	size_t n = strcspn(a->key, ":");
	json_t *values = json_pack("{s:s}", "name", a->key[n] != '\0' ? a->key + n + 1 : "");
	const char *key = arena_printf(arena, "%s.%.*s", group, (int)n, a->key);
	const char *s = words_fill(t->d->config->templates, arena, t->language, key, values);
	json_decref(values);
	return s;
}

static const char *moment(const struct telling *t, int64_t at_ms)
{
	const struct config *c = t->d->config;
	return words_moment(
		c->templates, t->d->turn_arena, t->language, &c->zone, at_ms, t->now_ms);
}

static json_t *view_of(const struct telling *t, const struct alarm *a)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "what", words_of(t, a, "alarm"), "text",
		words_of(t, a, "alarm_text"), "todo", words_of(t, a, "alarm_todo"), "key", a->key,
		"since", moment(t, a->since_ms), "until",
		a->cleared_ms != 0 ? moment(t, a->cleared_ms) : "");
}

static json_t *view_mail(const struct telling *t, const struct inbox_row *row)
{
	const char *reason = words_name(
		t->d->config->templates, t->d->turn_arena, t->language, "quarantine", row->reason);
	return json_pack("{s:I, s:s, s:s, s:s}", "inbox", (json_int_t)row->id, "mailbox",
		row->mailbox, "when", moment(t, row->received_ms), "reason",
		*reason != '\0' ? reason : row->reason);
}

/* Which mails lie there: the newest by name, the rest as a number. */
static enum store_status view_quarantine(const struct telling *t, bool aside, json_t **out)
{
	struct quarantine_sum sum;
	struct inbox_row *rows;
	size_t n;
	enum store_status st = store_quarantine_sum(t->d->store, &sum);
	if (st == STORE_OK)
		st = store_quarantine_newest(
			t->d->store, t->d->turn_arena, aside, MAILS_NAMED, &rows, &n);
	if (st != STORE_OK)
		return st;
	int64_t all = aside ? sum.aside : sum.failed;
	json_t *mails = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(mails, view_mail(t, &rows[i]));
	*out = json_pack("{s:o, s:I}", "mails", mails, "inbox", (json_int_t)(n ? rows[0].id : 0));
	if (all > 1)
		json_object_set_new(*out, "several", json_integer(all));
	if (all > (int64_t)n)
		json_object_set_new(*out, "more", json_integer(all - (int64_t)n));
	return STORE_OK;
}

/* Mails in quarantine have texts of their own, which name them. */
static enum store_status view(
	const struct telling *t, const struct alarm *a, const char **template_id, json_t **out)
{
	bool aside = strcmp(a->key, "held") == 0;
	*template_id = a->cleared_ms != 0 ? "alarm-over" : "alarm";
	if (a->cleared_ms == 0 && (aside || strcmp(a->key, "quarantine") == 0)) {
		*template_id = aside ? "held" : "quarantine";
		return view_quarantine(t, aside, out);
	}
	*out = view_of(t, a);
	return STORE_OK;
}

static enum store_status mail(const struct telling *t, const struct alarm *a)
{
	const struct config *c = t->d->config;
	json_t *values = NULL;
	struct outgoing out = {.class = MAILING_ALARM,
		.address = c->alarm_address,
		.name = "",
		.language = t->language,
		.verbs = "desk",
		.in_reply_to = ""};
	enum store_status st = view(t, a, &out.template_id, &values);
	if (st != STORE_OK)
		return st;
	int rc = templates_fill(c->templates, t->d->turn_arena, t->language, out.template_id,
		values, &out.subject, &out.doc);
	json_decref(values);
	return rc == 0 ? turn_apply_mail(t->d, &out, t->now_ms) : STORE_OK;
}

enum store_status alarm_tell(struct desk *d, const struct alarm *a, int64_t now_ms)
{
	struct telling t = {.d = d, .language = d->config->languages[0], .now_ms = now_ms};
	enum store_status st = STORE_OK;
	arena_reset(d->turn_arena);
	if (*d->config->alarm_address != '\0')
		st = mail(&t, a);
	return st == STORE_OK ? store_alarm_told(d->store, a->key, now_ms) : st;
}
