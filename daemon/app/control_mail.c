/* Control mail: inbox, outbox and quarantine for the operator. */
#include "base/prelude.h"

#include "app/control_answers.h"

#include "base/arena.h"
#include "base/ipc.h"
#include "base/text.h"
#include "core/doc.h"
#include "store/contacts.h"
#include "store/inbox.h"
#include "store/outbox.h"

#include <sysexits.h>

static int64_t limit_of(const struct control_call *c)
{
	int64_t n = 200;
	const char *text = json_str(c->args, "limit", "");
	if (*text != '\0' && !text_to_i64(text, 1, 1000000, &n))
		n = 200;
	return n;
}

/* ---- Outbox ---- */

static json_t *outbox_json(const struct outbox_row *r)
{
	json_t *o = json_pack("{s:I, s:s, s:s, s:I, s:s, s:s, s:I, s:I, s:s, s:s}", "id",
		(json_int_t)r->id, "state", outbox_state_id(r->state), "class",
		mail_class_id(r->class), "case", (json_int_t)r->number, "address", r->address,
		"message_id", r->message_id, "tries", (json_int_t)r->tries, "unknowns",
		(json_int_t)r->unknowns, "code", r->last_code, "text",
		r->state == OUTBOX_HELD ? r->held_because : r->last_text);
	json_object_set_new(o, "held_because", json_string(r->held_because));
	json_object_set_new(o, "created_ms", json_integer(r->created_ms));
	json_object_set_new(o, "next_try_ms", json_integer(r->next_try_ms));
	json_object_set_new(o, "accepted_ms", json_integer(r->accepted_ms));
	return o;
}

static const char *outbox_state_at(size_t i)
{
	return outbox_state_id((enum outbox_state)i);
}

json_t *control_outbox_list(struct control_call *c)
{
	struct outbox_row *rows;
	size_t n;
	struct outbox_filter filter = {.limit = limit_of(c)};
	const char *state = json_str(c->args, "state", "");
	if (*state != '\0') {
		enum outbox_state s;
		if (!outbox_state_from_id(state, &s))
			return control_no_state(c, OUTBOX_STATE_N, outbox_state_at);
		filter.states = 1u << s;
	}
	enum store_status st = store_outbox_list(c->desk->store, c->arena, &filter, &rows, &n);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, outbox_json(&rows[i]));
	return control_result(list);
}

json_t *control_outbox_show(struct control_call *c)
{
	struct outbox_row row;
	enum store_status st =
		store_outbox_get(c->desk->store, c->arena, json_int(c->args, "id", 0), &row);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	json_t *o = outbox_json(&row);
	if (row.body != NULL) {
		json_object_set_new(o, "subject", json_string(row.body->subject));
		json_object_set_new(o, "template", json_string(row.body->template_id));
		struct doc *doc = doc_from_stored(c->arena, row.body->doc);
		json_object_set_new(o, "body",
			json_string(
				doc != NULL ? doc_to_text(c->arena, doc, row.reply_address) : ""));
	}
	return control_result(o);
}

/* A mail to a dead address that an operator wants sent: its address is well. */
static enum store_status trust_address(struct control_call *c, int64_t id)
{
	struct outbox_row row;
	enum store_status st = store_outbox_get(c->desk->store, c->arena, id, &row);
	if (st == STORE_OK && strcmp(row.held_because, "dead-address") == 0)
		st = store_contact_well(c->desk->store, row.contact);
	return st;
}

json_t *control_outbox_retry(struct control_call *c)
{
	int64_t id = json_int(c->args, "id", 0);
	enum store_status st = trust_address(c, id);
	if (st == STORE_OK)
		st = store_outbox_retry(c->desk->store, id, c->now_ms);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	return control_result(json_pack("{s:I, s:s}", "id", (json_int_t)id, "state", "queued"));
}

/* ---- Inbox and quarantine ---- */

static json_t *inbox_json(const struct inbox_row *r)
{
	json_t *o = json_pack("{s:I, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:I}", "id",
		(json_int_t)r->id, "mailbox", r->mailbox, "key", r->key, "received_ms",
		(json_int_t)r->received_ms, "size", (json_int_t)r->size, "state",
		inbox_state_id(r->state), "outcome", turn_outcome_id(r->outcome), "reason",
		r->reason, "tries", (json_int_t)r->tries);
	json_object_set_new(o, "duplicate_of", json_integer(r->duplicate_of));
	json_object_set_new(o, "message_id", json_string(r->message_id));
	json_t *cases = json_array();
	for (size_t i = 0; i < r->n_cases; i++)
		json_array_append_new(cases, json_integer(r->cases[i]));
	json_object_set_new(o, "cases", cases);
	return o;
}

static json_t *inbox_rows(struct control_call *c, enum inbox_state state)
{
	struct inbox_row *rows;
	size_t n;
	enum store_status st =
		store_inbox_list(c->desk->store, c->arena, state, "", 0, limit_of(c), &rows, &n);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, inbox_json(&rows[i]));
	return control_result(list);
}

static const char *inbox_state_at(size_t i)
{
	return inbox_state_id((enum inbox_state)i);
}

json_t *control_inbox_list(struct control_call *c)
{
	const char *state = json_str(c->args, "state", "");
	enum inbox_state s = INBOX_STATE_N;
	if (*state != '\0' && !inbox_state_from_id(state, &s))
		return control_no_state(c, INBOX_STATE_N, inbox_state_at);
	return inbox_rows(c, s);
}

json_t *control_quarantine_list(struct control_call *c)
{
	return inbox_rows(c, INBOX_QUARANTINE);
}

static json_t *show_mail(struct control_call *c, bool in_quarantine)
{
	struct inbox_row row;
	struct bytes raw = {0};
	enum store_status st =
		store_inbox_get(c->desk->store, c->arena, json_int(c->args, "id", 0), &row);
	if (st == STORE_OK && in_quarantine && row.state != INBOX_QUARANTINE)
		st = STORE_NONE;
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	json_t *o = inbox_json(&row);
	if (store_raw(c->desk->store, row.raw, &raw) == STORE_OK) {
		/* For reading by people: invalid bytes are shown as U+FFFD. */
		const char *text = utf8_clean(c->arena, (const char *)raw.p, raw.n);
		json_object_set_new(o, "raw", json_string(text));
		free((void *)raw.p);
	}
	return control_result(o);
}

json_t *control_inbox_show(struct control_call *c)
{
	return show_mail(c, false);
}

json_t *control_quarantine_show(struct control_call *c)
{
	return show_mail(c, true);
}

json_t *control_inbox_retry(struct control_call *c)
{
	int64_t id = json_int(c->args, "id", 0);
	enum store_status st = store_quarantine_retry(c->desk->store, id);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	c->desk->read_again = c->desk->alarmed = true;
	return control_result(json_pack("{s:I, s:s}", "id", (json_int_t)id, "state", "new"));
}

json_t *control_quarantine_release(struct control_call *c)
{
	int64_t id = json_int(c->args, "id", 0);
	enum store_status st = store_quarantine_release(c->desk->store, id, c->now_ms);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	c->desk->alarmed = true;
	return control_result(json_pack("{s:I, s:s}", "id", (json_int_t)id, "state", "done"));
}
