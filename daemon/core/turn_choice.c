/* Turn choice: questions we have asked the chain and their one-word answers: "Ska Anna ta över? JA",
 * "Vem menar du? 2". The question is a log entry whose data says what was asked. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/address.h"

/* The newest question put to this sender that is not settled; *data is borrowed. */
static const struct log_entry *open_question(struct turn *t, const char *what, json_t **data)
{
	const struct loaded_case *l = t->c ? t->c->loaded : NULL;

	for (size_t i = l ? l->n_log : 0; i-- > 0;) {
		const struct log_entry *e = &l->log[i];

		if (e->actor != t->actor->id)
			continue;
		if (strstr(e->data, "\"pending_done\""))
			return NULL;
		if (!strstr(e->data, "\"pending\""))
			continue;
		*data = turn_keep(t, json_loads(e->data, 0, NULL));
		const char *pending = json_string_value(json_object_get(*data, "pending"));
		return pending && strcmp(pending, what) == 0 ? e : NULL;
	}
	return NULL;
}

static void settle(struct turn *t, const char *event)
{
	turn_log(t, LOGGED_OTHER, "", json_pack("{s:s,s:b}", "event", event, "pending_done", 1));
}

void turn_assign(struct turn *t, const struct agent *a, const char *note)
{
	struct chain_place place;
	const char *role = t->k->link;

	turn_place(t, &place);
	for (size_t i = 0; place.chain && i < place.chain->n_links; i++) {
		if (chain_is_in_link(t->people, &place, (int)i, a->id)) {
			role = place.chain->links[i];
			break;
		}
	}
	turn_log(t, LOGGED_ASSIGNED, note,
		json_pack("{s:I,s:s,s:s}", "to", (json_int_t)a->id, "link", role, "from",
			t->k->link));
	turn_ask_one(t, a, role, "assigned", note);
}

/* Whom a forward went to, if it is one of ours in the directory. */
static const struct agent *forwarded_to(struct turn *t)
{
	const struct mail_addresses *lists[] = {&t->mail->to, &t->mail->cc};

	for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
		for (size_t i = 0; i < lists[l]->n; i++) {
			const char *key = address_key(
				t->arena, lists[l]->v[i].address, t->config->own_domains);
			const struct agent *a = key ? people_by_key(t->people, key) : NULL;

			if (a && a != t->actor && people_has_any_duty(t->people, a->id))
				return a;
		}
	}
	return NULL;
}

void turn_ask_take_over(struct turn *t)
{
	const struct agent *to = forwarded_to(t);
	json_t *v;

	t->quiet = false;
	if (!to) {
		turn_done(t, "note", NULL);
		return;
	}
	settle(t, "asked-again");
	turn_log(t, LOGGED_OTHER, "",
		json_pack("{s:s,s:s,s:I}", "event", "forwarded", "pending", "take_over", "agent",
			(json_int_t)to->id));
	t->receipt = "forward-question";
	v = t->receipt_view = turn_object(t);
	json_object_set_new(
		v, "name", json_string(turn_agent_name(t, to, turn_agent_language(t, t->actor))));
}

void turn_ask_choice(struct turn *t, const struct command *c, const struct agent **fit, size_t n)
{
	json_t *ids = json_array(), *list = json_array(), *v = turn_object(t);
	const char *language = turn_agent_language(t, t->actor);

	for (size_t i = 0; i < n && i < 20; i++) {
		const char *label = arena_printf(t->arena, "%s, %s, %s",
			turn_agent_name(t, fit[i], language),
			turn_organisation_name(t, fit[i]->organisation, language), fit[i]->address);

		json_array_append_new(ids, json_integer(fit[i]->id));
		json_array_append_new(
			list, json_pack("{s:s,s:s}", "n", arena_printf(t->arena, "%zu", i + 1),
				      "label", label));
	}
	settle(t, "asked-again");
	turn_log(t, LOGGED_OTHER, c->text,
		json_pack("{s:s,s:s,s:o}", "event", "choices", "pending", "choice", "agents", ids));
	json_object_set_new(v, "asked", json_string(turn_masked(t, c->argument)));
	json_object_set_new(v, "choices", list);
	t->receipt = "choices";
	t->receipt_view = v;
}

/* A short word that answers no question: kept, and asked about like any doubtful mail. */
static void no_question(struct turn *t, const struct sheet *sheet)
{
	turn_refuse(t, NULL, sheet->reply == REPLY_YES ? "no-question-yes" : "no-question",
		text_trim(t->arena, t->text));
	turn_log(t, LOGGED_REMARK, t->text,
		json_pack("{s:s,s:s,s:s}", "pending", "send", "why", "no-question", "subject", ""));
	t->can_send = t->k != NULL;
}

static void take_over(struct turn *t, json_t *data, bool yes)
{
	const struct agent *a =
		people_agent(t->people, json_integer_value(json_object_get(data, "agent")));

	settle(t, yes ? "take-over" : "take-over-declined");
	if (yes && a) {
		turn_assign(t, a, "");
		turn_done(t, "assign",
			turn_keep(t,
				json_pack("{s:s}", "name",
					turn_agent_name(t, a, turn_agent_language(t, t->actor)))));
	} else {
		turn_done(t, "nothing", NULL);
	}
}

void turn_of_choice(struct turn *t, const struct sheet *sheet)
{
	json_t *data = NULL;
	const struct log_entry *e;

	if (sheet->reply_choice && (e = open_question(t, "choice", &data)) != NULL) {
		int64_t id = json_integer_value(json_array_get(
			json_object_get(data, "agents"), (size_t)sheet->reply_choice - 1));
		const struct agent *a = people_agent(t->people, id);

		if (!a) {
			turn_refuse(t, NULL, "no-such-choice", text_trim(t->arena, t->text));
			return;
		}
		settle(t, "chosen");
		turn_assign(t, a, e->text);
		turn_done(t, "assign",
			turn_keep(t,
				json_pack("{s:s}", "name",
					turn_agent_name(t, a, turn_agent_language(t, t->actor)))));
	} else if (sheet->reply != REPLY_NONE && open_question(t, "take_over", &data)) {
		take_over(t, data, sheet->reply == REPLY_YES);
	} else {
		no_question(t, sheet);
	}
}
