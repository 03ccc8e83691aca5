/* Control people: the directory as a table in and out, and waiting for a mail to arrive. The request
 * of an import is {csv: base64 of the file's bytes, apply: bool}, so that any charset comes through. */
#include "base/prelude.h"

#include "app/control_answers.h"

#include "app/settings.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/exercise.h"
#include "core/people_csv.h"
#include "mail/address.h"
#include "store/inbox.h"
#include "store/people.h"

#include <nettle/base64.h>
#include <sysexits.h>

static bool decode(struct control_call *c, struct bytes *out)
{
	const char *text = json_str(c->args, "csv", "");
	size_t n = strlen(text);
	struct base64_decode_ctx ctx;
	uint8_t *bytes = arena_alloc(c->arena, BASE64_DECODE_LENGTH(n) + 1);
	size_t len = 0;
	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, &len, bytes, n, text) || !base64_decode_final(&ctx))
		return false;
	*out = (struct bytes){bytes, len};
	return true;
}

static json_t *errors_json(const struct people_csv *csv)
{
	json_t *list = json_array();
	for (size_t i = 0; i < csv->n_errors; i++)
		json_array_append_new(list, json_pack("{s:i, s:s}", "line", csv->errors[i].line,
						    "text", csv->errors[i].text));
	return list;
}

static json_t *difference_json(const struct people_difference *d, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:s}", "change", people_change_id(d[i].change),
				"address", d[i].address, "name", d[i].name, "what", d[i].what));
	return list;
}

json_t *control_people_import(struct control_call *c)
{
	struct bytes content;
	if (!decode(c, &content))
		return control_error(EX_DATAERR, "the table did not come through");
	struct people_csv *csv = arena_new_of(c->arena, struct people_csv);
	if (!people_csv_read(c->arena, c->desk->config, (const char *)content.p, content.n, csv))
		return json_pack("{s:b, s:i, s:s, s:o, s:I}", "ok", 0, "code", EX_DATAERR, "error",
			"the table has errors; nothing was changed", "errors", errors_json(csv),
			"more", (json_int_t)csv->more_errors);
	struct people_difference *diff;
	size_t n;
	bool apply = json_flag(c->args, "apply", false);
	enum store_status st = store_people_diff(c->desk->store, c->arena, &csv->people, &diff, &n);
	if (st == STORE_OK && apply)
		st = store_people_apply(c->desk->store, c->arena, &csv->people, c->now_ms);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	if (apply && desk_reload_people(c->desk) != 0)
		return control_error(
			EX_IOERR, "applied, but the directory could not be read again");
	return control_result(
		json_pack("{s:b, s:o}", "applied", apply, "difference", difference_json(diff, n)));
}

struct gaps {
	struct control_call *c;
	const struct people *people;
	json_t *list;
};

static void add_line(struct gaps *g, const char *line)
{
	const json_t *one;
	size_t i;
	json_array_foreach(g->list, i, one) /* of each kind of case the same is said */
	{
		if (strcmp(json_string_value(one), line) == 0)
			return;
	}
	json_array_append_new(g->list, json_string(line));
}

/* lotsctl speaks Swedish about people: to who keeps the table, not to who wrote the settings. */
static void add_gap(void *context, const struct settings_gap *gap)
{
	struct gaps *g = context;
	const struct config *c = g->c->desk->config;
	struct arena *a = g->c->arena;
	const char *who = "";
	if (gap->duty != NULL) {
		static const char *const words[][2] = {{"role", "rollen"},
			{"organisation", "organisationen"}, {"system", "systemet"},
			{"area", "området"}, {"unit", "enheten"}};
		const struct agent *agent = people_agent(g->people, gap->duty->agent);
		const char *what = gap->what;
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			what = strcmp(words[i][0], gap->what) == 0 ? words[i][1] : what;
		add_line(g, arena_printf(a, "%s: %s \"%s\" finns inte i inställningarna",
				    agent != NULL ? agent->address : "?", what, gap->id));
		return;
	}
	const struct system *s = config_system(c, gap->chain->system);
	const struct role *r = config_role(c, gap->link);
	const char *system = s != NULL ? config_name(c, &s->name, "sv") : gap->chain->system;
	const char *role = r != NULL ? config_name(c, &r->name, "sv") : gap->link;
	const char *file = strrchr(gap->chain->file, '/');
	for (size_t i = 0; i < gap->n && i < ARRAY_LEN(gap->v); i++)
		who = arena_printf(a, "%s%s%s", who, i > 0 ? ", " : "", gap->v[i]->id);
	if (gap->n > ARRAY_LEN(gap->v))
		who = arena_printf(a, "%s och %zu till", who, gap->n - ARRAY_LEN(gap->v));
	add_line(g, arena_printf(a, "%s: %s saknas i %s (%s:%d)", system, role, who,
			    file != NULL ? file + 1 : gap->chain->file, gap->chain->line));
}

static json_t *gaps_json(struct control_call *c, const struct people *people)
{
	struct gaps g = {c, people, json_array()};
	settings_each_gap(c->desk->config, people, add_gap, &g);
	return g.list;
}

/* Who is asked and has not answered the first mail. */
static json_t *exercise_json(struct control_call *c, const struct people *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->n_agents; i++)
		if (!p->agents[i].exercise_done &&
			exercise_is_for(c->desk->config, p, &p->agents[i]))
			json_array_append_new(list, json_string(p->agents[i].address));
	return list;
}

/* Sends the exercise ("Svara TA på det här mejlet") to everybody who has not answered it, or to
 * {address} alone. */
json_t *control_people_exercise(struct control_call *c)
{
	const char *only = json_str(c->args, "address", "");
	json_t *wanted = exercise_json(c, c->desk->people), *address;
	int64_t sent = 0;
	size_t i;
	json_array_foreach(wanted, i, address)
	{
		const char *key = address_key(
			c->arena, json_string_value(address), c->desk->config->own_domains);
		const struct agent *a = key != NULL ? people_by_key(c->desk->people, key) : NULL;
		if (a == NULL ||
			(*only != '\0' && !ascii_equal_nocase(only, json_string_value(address))))
			continue;
		json_t *args = json_pack("{s:I}", "agent", (json_int_t)a->id);
		json_t *answer = control_turn(c, 0, "exercise", args);
		json_decref(args);
		if (!json_flag(answer, "ok", false)) {
			json_decref(wanted);
			return answer;
		}
		json_decref(answer);
		if (store_agent_exercise_sent(c->desk->store, a->id) == STORE_OK)
			sent++;
	}
	json_decref(wanted);
	if (sent > 0 && desk_reload_people(c->desk) != 0)
		return control_error(EX_IOERR, "sent, but the directory could not be read again");
	return control_result(json_pack("{s:I}", "sent", (json_int_t)sent));
}

/* {csv} checks that table; without it the directory as it is. Changes nothing. */
json_t *control_people_check(struct control_call *c)
{
	const struct people *p = c->desk->people;
	bool own = json_object_get(c->args, "csv") == NULL;
	struct bytes content;
	struct people_csv *csv = arena_new_of(c->arena, struct people_csv);
	if (!own && !decode(c, &content))
		return control_error(EX_DATAERR, "the table did not come through");
	if (!own && !people_csv_read(
			    c->arena, c->desk->config, (const char *)content.p, content.n, csv))
		return json_pack("{s:b, s:i, s:s, s:o, s:I}", "ok", 0, "code", EX_DATAERR, "error",
			"the table has errors", "errors", errors_json(csv), "more",
			(json_int_t)csv->more_errors);
	if (!own)
		p = &csv->people;
	return control_result(json_pack("{s:I, s:I, s:o, s:o}", "agents", (json_int_t)p->n_agents,
		"duties", (json_int_t)p->n_duties, "gaps", gaps_json(c, p), "exercise",
		own ? exercise_json(c, p) : json_array()));
}

json_t *control_people_export(struct control_call *c)
{
	struct buf out;
	buf_init(&out, MAX_SETTINGS_BYTES);
	people_csv_write(c->arena, c->desk->people, &out);
	bool ok = buf_ok(&out);
	json_t *result = ok ? json_pack("{s:s}", "csv", out.data) : NULL;
	buf_release(&out);
	return ok ? control_result(result)
		  : control_error(EX_SOFTWARE, "the table is larger than Lots reads");
}

/* Newest mail that came after {since: inbox id}: for `lotsctl mailbox test`, which asks again. */
json_t *control_mailbox_wait(struct control_call *c)
{
	struct inbox_row *rows;
	size_t n;
	enum store_status st = store_inbox_list(c->desk->store, c->arena, INBOX_STATE_N,
		json_str(c->args, "mailbox", ""), 0, 1, &rows, &n);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	int64_t id = n > 0 ? rows[0].id : 0;
	return control_result(json_pack("{s:I, s:b, s:I}", "newest", (json_int_t)id, "arrived",
		id > json_int(c->args, "since", 0), "received_ms",
		(json_int_t)(n > 0 ? rows[0].received_ms : 0)));
}
