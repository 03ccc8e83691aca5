/* Control cases: case list, show and log for the operator. Every look at one case is noted. */
#include "base/prelude.h"

#include "app/control_answers.h"

#include "base/arena.h"
#include "base/ipc.h"
#include "base/text.h"
#include "core/effects.h"
#include "store/cases.h"
#include "store/people.h"

#include <sysexits.h>

static const char *holder_address(struct control_call *c, int64_t agent)
{
	struct agent_label label;
	if (agent == 0 || store_agent_label(c->desk->store, c->arena, agent, &label) != STORE_OK)
		return "";
	return label.address;
}

static json_t *case_json(struct control_call *c, const struct kase *k)
{
	json_t *o = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s}", "number",
		(json_int_t)k->number, "kind", case_kind_id(k->kind), "state",
		case_state_id(k->state), "system", k->system, "organisation", k->organisation,
		"area", k->area, "link", k->link, "holder", holder_address(c, k->holder),
		"priority", k->priority, "subject", k->subject);
	const struct {
		const char *key;
		int64_t ms;
	} times[] = {{"changed_ms", k->changed_ms}, {"first_answer_ms", k->first_answer_ms},
		{"answered_ms", k->answered_ms}, {"closed_ms", k->closed_ms},
		{"paused_until_ms", k->paused_until_ms}};
	char opened[DATE_RFC3339_SIZE];
	date_format_rfc3339(opened, k->opened_ms);
	json_object_set_new(o, "requester", json_string(k->requester_address));
	json_object_set_new(o, "opened", json_string(opened));
	json_object_set_new(o, "parent", k->parent ? json_integer(k->parent) : json_null());
	json_object_set_new(o, "unit", json_string(k->unit));
	json_object_set_new(o, "category", json_string(k->category));
	json_object_set_new(o, "language", json_string(k->language));
	json_object_set_new(o, "mailbox", json_string(k->mailbox));
	json_object_set_new(o, "reopened", json_integer(k->reopened));
	json_object_set_new(o, "supplier_number", json_string(k->supplier_number));
	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		json_object_set_new(o, times[i].key, json_integer(times[i].ms));
	return o;
}

static int64_t limit_of(const struct control_call *c, int64_t otherwise)
{
	int64_t n = otherwise;
	const char *text = json_str(c->args, "limit", "");
	if (*text != '\0' && !text_to_i64(text, 1, 1000000, &n))
		n = otherwise;
	return n;
}

static const char *state_at(size_t i)
{
	return case_state_id((enum case_state)i);
}

json_t *control_case_list(struct control_call *c)
{
	struct kase *cases;
	size_t n;
	struct case_filter filter = {
		.organisation = json_str(c->args, "organisation", ""), .limit = limit_of(c, 1000)};
	const char *state = json_str(c->args, "state", "");
	if (*filter.organisation != '\0' &&
		config_organisation(c->desk->config, filter.organisation) == NULL)
		return control_error(EX_USAGE, "there is no organisation with that id");
	if (json_flag(c->args, "open", false))
		filter.states = STATES_OPEN;
	if (*state != '\0') {
		enum case_state s;
		if (!case_state_from_id(state, &s))
			return control_no_state(c, STATE_N, state_at);
		filter.states = STATE_BIT(s);
	}
	enum store_status st =
		store_case_list(c->desk->store, c->arena, &VIEWER_DESK, &filter, &cases, &n);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, case_json(c, &cases[i]));
	return control_result(list);
}

static json_t *clocks_json(const struct loaded_case *loaded)
{
	json_t *list = json_array();
	for (size_t i = 0; i < loaded->n_clocks; i++) {
		const struct clock_row *r = &loaded->clocks[i];
		json_array_append_new(
			list, json_pack("{s:s, s:b, s:I, s:s}", "kind", clock_kind_id(r->kind),
				      "running", r->running, "due_ms", (json_int_t)r->due_ms,
				      "calendar", r->calendar));
	}
	return list;
}

static json_t *asked_json(struct control_call *c, const struct loaded_case *loaded)
{
	json_t *list = json_array();
	for (size_t i = 0; i < loaded->n_asked; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "who",
						    holder_address(c, loaded->asked[i].agent),
						    "link", loaded->asked[i].link, "asked_ms",
						    (json_int_t)loaded->asked[i].asked_ms));
	return list;
}

/* Finds the case and notes who looked. */
static enum store_status look(struct control_call *c, const char *what, int64_t *id)
{
	enum store_status st = store_case_id(c->desk->store, json_int(c->args, "number", 0), id);
	if (st != STORE_OK)
		return st;
	return store_look(c->desk->store, arena_printf(c->arena, "operator:%s", c->operator_name),
		*id, what, c->now_ms);
}

json_t *control_case_show(struct control_call *c)
{
	int64_t id;
	struct loaded_case loaded;
	enum store_status st = look(c, "show", &id);
	if (st == STORE_OK)
		st = store_case_load(c->desk->store, c->arena, &VIEWER_DESK, id, &loaded);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	json_t *o = case_json(c, &loaded.kase);
	json_object_set_new(o, "clocks", clocks_json(&loaded));
	json_object_set_new(o, "asked", asked_json(c, &loaded));
	json_object_set_new(o, "unsent", json_integer(loaded.unsent));
	return control_result(o);
}

/* Who was asked stands in the log by id; an operator knows addresses. */
static const char *log_text(struct control_call *c, const struct log_entry *e, const json_t *data)
{
	const json_t *agents = json_object_get(data, "agents"), *id;
	const char *text = e->text;
	size_t i;
	if (*text != '\0')
		return text;
	json_array_foreach(agents, i, id) text = arena_printf(c->arena, "%s%s%s", text,
		i > 0 ? ", " : "", holder_address(c, json_integer_value(id)));
	return text;
}

json_t *control_case_log(struct control_call *c)
{
	int64_t id;
	struct log_entry *log;
	size_t n;
	enum store_status st = look(c, "log", &id);
	if (st == STORE_OK)
		st = store_case_log(c->desk->store, c->arena, &VIEWER_DESK, id, 0, 0, &log, &n);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *data = json_read(log[i].data, strlen(log[i].data));
		json_array_append_new(
			list, json_pack("{s:I, s:s, s:s, s:s, s:o, s:I}", "at_ms",
				      (json_int_t)log[i].at_ms, "type", log_type_id(log[i].type),
				      "who", log[i].who, "text", log_text(c, &log[i], data), "data",
				      data != NULL ? data : json_object(), "inbox",
				      (json_int_t)log[i].inbox));
	}
	return control_result(list);
}

json_t *control_case_note(struct control_call *c)
{
	if (*json_str(c->args, "text", "") == '\0')
		return control_error(EX_USAGE, "the text of the note is missing");
	return control_turn(c, json_int(c->args, "number", 0), "note", c->args);
}

json_t *control_case_close(struct control_call *c)
{
	return control_turn(c, json_int(c->args, "number", 0), "close", c->args);
}
