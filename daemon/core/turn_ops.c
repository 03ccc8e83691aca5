/* Turn ops: what happens to a case, each as one whole: row, log, clocks, mails. Called by the mail
 * and clock turns and by handlers. Must not decide who may: core/policy.h has done that. */
#include "base/prelude.h"
#include "core/attachment.h"
#include "core/turn_list.h"

#include "base/arena.h"
#include "core/words.h"

#define ATTACH_BYTES_MAX (10 << 20)
#define FILES_MAX 20

const struct agent *turn_holder(const struct turn *t)
{
	return t->k && t->k->holder ? people_agent(t->people, t->k->holder) : NULL;
}

int64_t turn_sent_not_before(const struct turn *t)
{
	return t->now_ms + t->config->undo_delay_ms;
}

static void note_asked(struct turn *t, const struct agent *a, const char *link, bool forget)
{
	struct asked_op *op = arena_new_of(t->arena, struct asked_op);

	op->kase = t->k;
	op->agent = a ? a->id : 0;
	op->link = link;
	op->forget_all = forget;
	STAILQ_INSERT_TAIL(&t->fx->asked, op, next);
}

/* By its type, or by #rensa bilaga. */
bool turn_withheld(const struct turn *t, size_t i)
{
	const struct mail_attachment_ref_row *a = &t->c->loaded->attachments[i];
	json_t *one, *list = json_object_get(t->c->data, "withheld");
	char key[64];
	size_t k;

	snprintf(key, sizeof(key), "%" PRId64 "/%zu", a->inbox, a->index);
	json_array_foreach(list, k, one)
	{
		if (strcmp(json_string_value(one), key) == 0)
			return true;
	}
	return a->withheld;
}

static void add_file(struct turn *t, struct outgoing *o, int64_t inbox, size_t index, int64_t size,
	int64_t *room)
{
	struct mail_attachment_ref *refs;

	if (size > *room || o->n_attachments == FILES_MAX)
		return;
	*room -= size;
	refs = arena_array(t->arena, o->n_attachments + 1, sizeof(*refs));
	for (size_t i = 0; i < o->n_attachments; i++)
		refs[i] = o->attachments[i];
	refs[o->n_attachments].inbox = inbox;
	refs[o->n_attachments++].index = index;
	o->attachments = refs;
}

static int64_t room_for_files(const struct turn *t)
{
	return t->config->max_attachment_out < ATTACH_BYTES_MAX ? t->config->max_attachment_out
								: ATTACH_BYTES_MAX;
}

/* The names of what a mail brings, and of what somebody sent and it does not bring. */
struct files_said {
	const char *brought, *kept;
};

static void name_file(struct turn *t, const struct outgoing *o, int64_t inbox, size_t index,
	const char *name, struct files_said *said)
{
	const char **list = &said->kept;

	for (size_t i = 0; i < o->n_attachments; i++)
		if (o->attachments[i].inbox == inbox && o->attachments[i].index == index)
			list = &said->brought;
	if (*name)
		*list = arena_printf(t->arena, "%s%s%s", *list, **list ? ", " : "", name);
}

static void name_files_of_mail(struct turn *t, const struct outgoing *o, struct files_said *said)
{
	for (size_t i = 0; t->mail && i < t->mail->n_attachments; i++) {
		const struct mail_attachment *a = &t->mail->attachments[i];

		if (attachment_may_go(a) || !attachment_is_trimming(a->type, a->size))
			name_file(t, o, t->event->inbox, i, a->name, said);
	}
}

/* What was taken out of the case is named no more. */
static void name_files_of_case(
	struct turn *t, const struct outgoing *o, int64_t inbox, struct files_said *said)
{
	const struct loaded_case *l = t->c ? t->c->loaded : NULL;

	for (size_t i = 0; l && i < l->n_attachments; i++) {
		const struct mail_attachment_ref_row *a = &l->attachments[i];

		if ((inbox == 0 || a->inbox == inbox) &&
			(a->withheld ? !attachment_is_trimming(a->type, a->size)
				     : !turn_withheld(t, i)))
			name_file(t, o, a->inbox, a->index, a->name, said);
	}
}

static void say_files(struct turn *t, struct outgoing *o, const struct files_said *said)
{
	mail_text(o, "attachments", turn_masked(t, said->brought));
	mail_text(o, "attachments_kept", turn_masked(t, said->kept));
}

void turn_attach_mail(struct turn *t, struct outgoing *o)
{
	int64_t room = room_for_files(t);
	struct files_said said = {"", ""};

	for (size_t i = 0; t->mail && i < t->mail->n_attachments; i++) {
		const struct mail_attachment *a = &t->mail->attachments[i];

		if (attachment_may_go(a))
			add_file(t, o, t->event->inbox, i, a->size, &room);
	}
	for (size_t i = 0; t->c && t->c->loaded && i < t->c->loaded->n_attachments; i++) {
		const struct mail_attachment_ref_row *a = &t->c->loaded->attachments[i];

		if (a->inbox == t->held_inbox && !turn_withheld(t, i))
			add_file(t, o, a->inbox, a->index, a->size, &room);
	}
	name_files_of_mail(t, o, &said);
	if (t->held_inbox)
		name_files_of_case(t, o, t->held_inbox, &said);
	say_files(t, o, &said);
}

bool turn_brings_files(const struct turn *t)
{
	const struct loaded_case *l = t->c ? t->c->loaded : NULL;

	for (size_t i = 0; t->mail && i < t->mail->n_attachments; i++) {
		if (attachment_may_go(&t->mail->attachments[i]))
			return true;
	}
	for (size_t i = 0; t->held_inbox && l && i < l->n_attachments; i++) {
		if (l->attachments[i].inbox == t->held_inbox && !turn_withheld(t, i))
			return true;
	}
	return false;
}

void turn_attach_files(struct turn *t, struct outgoing *o)
{
	const struct loaded_case *l = t->c->loaded;
	int64_t room = room_for_files(t);

	if (!l) {
		turn_attach_mail(t, o);
		return;
	}
	for (size_t i = 0; i < l->n_attachments; i++) {
		if (!turn_withheld(t, i))
			add_file(t, o, l->attachments[i].inbox, l->attachments[i].index,
				l->attachments[i].size, &room);
	}
}

/* Inside the requester's organisation they go along; to others only by #bifoga. */
static void attach_files(struct turn *t, const struct agent *a, struct outgoing *o)
{
	if (strcmp(a->organisation, t->k->organisation) == 0 ||
		json_is_true(json_object_get(t->c->data, "attach")))
		turn_attach_files(t, o);
}

static bool hands_over(const struct turn *t, const char *template_id)
{
	return t->event->type == EVENT_MAIL && t->match.as == AS_CHAIN && t->may_act &&
	       (strcmp(template_id, "escalation") == 0 || strcmp(template_id, "assigned") == 0 ||
		       strcmp(template_id, "sent-back") == 0);
}

static void notify(struct turn *t, const struct agent *a, const char *role, const char *template_id,
	const char *note)
{
	bool ticket = turn_is_ticket_system(t, role);
	struct outgoing *o = turn_mail_agent(
		t, a, ticket ? MAILING_HANDOVER : MAILING_NOTIFICATION, template_id, "chain");

	mail_text(o, "note", turn_masked(t, note));
	mail_text(o, "reason", turn_masked(t, note));
	if (t->actor && t->mail && t->mail->auto_class == MAIL_PERSON)
		mail_text(o, "by", turn_agent_name(t, t->actor, o->language));
	turn_offer(t, o, a);
	attach_files(t, a, o);
	struct files_said said = {"", ""};
	if (t->c->loaded)
		name_files_of_case(t, o, 0, &said);
	else
		name_files_of_mail(t, o, &said);
	say_files(t, o, &said);
	turn_want_morning_list(t, a);
	/* What a command hands over can be called back by #ångra until it leaves. */
	if (ticket || hands_over(t, template_id))
		o->not_before_ms = turn_sent_not_before(t);
}

static void remember_asked(struct turn *t, const struct link_people *people)
{
	struct link_people *now = &t->c->asked_now;
	const struct agent **v = arena_array(t->arena, now->n + people->n + 1, sizeof(*v));

	for (size_t i = 0; i < now->n; i++)
		v[i] = now->v[i];
	for (size_t i = 0; i < people->n; i++)
		v[now->n + i] = people->v[i];
	now->v = v;
	now->n += people->n;
}

void turn_ask(struct turn *t, int link, const struct link_people *people, const char *template_id,
	const char *note, bool add)
{
	struct chain_place place;
	json_t *names = json_array();

	turn_place(t, &place);
	t->k->link = place.chain->links[link];
	if (!add) {
		t->k->holder = 0;
		if (t->c->loaded && !t->c->asked_anew)
			note_asked(t, NULL, "", true);
		t->c->asked_anew = true;
		if (t->k->state != STATE_NEW)
			turn_set_state(t, STATE_NEW);
	}
	for (size_t i = 0; i < people->n; i++) {
		note_asked(t, people->v[i], t->k->link, false);
		notify(t, people->v[i], t->k->link, template_id, note);
		json_array_append_new(names, json_integer(people->v[i]->id));
	}
	remember_asked(t, people);
	turn_changed(t);
	turn_log(t, LOGGED_ASKED, "",
		json_pack("{s:s,s:o,s:i}", "link", t->k->link, "agents", names, "absent",
			(int)people->n_absent));
	clocks_of_link(t, people);
}

void turn_ask_one(struct turn *t, const struct agent *a, const char *role, const char *template_id,
	const char *note)
{
	struct link_people one = {.v = &a, .n = 1};

	t->k->holder = 0;
	t->k->link = role;
	if (t->c->loaded && !t->c->asked_anew)
		note_asked(t, NULL, "", true);
	t->c->asked_anew = true;
	if (t->k->state != STATE_NEW)
		turn_set_state(t, STATE_NEW);
	note_asked(t, a, role, false);
	notify(t, a, role, template_id, note);
	remember_asked(t, &one);
	turn_changed(t);
	turn_log(t, LOGGED_ASKED, "",
		json_pack("{s:s,s:[I]}", "link", role, "agents", (json_int_t)a->id));
	clocks_of_link(t, &one);
}

const struct agent *turn_in_his_place(struct turn *t, const struct agent *holder)
{
	const struct agent *a = turn_stand_in(t, holder);

	if (!a || a == holder)
		return holder;
	note_asked(t, a, t->k->link, false);
	return a;
}

void turn_asked_only(struct turn *t, const struct agent *a)
{
	note_asked(t, NULL, "", true);
	note_asked(t, a, t->k->link, false);
	t->c->asked_anew = true;
	turn_changed(t);
}

/* Nobody in the chain: whoever manages for that organisation, in any system. */
static bool ask_manager(struct turn *t, const char *template_id, const char *note)
{
	struct chain_place place;

	turn_place(t, &place);
	for (size_t i = 0; i < t->people->n_duties; i++) {
		const struct duty *d = &t->people->duties[i];
		const struct role *r = config_role(t->config, d->role);
		const struct agent *a = people_agent(t->people, d->agent);
		bool theirs = strcmp(d->organisation, "*") == 0 ||
			      strcmp(d->organisation, t->k->organisation) == 0 ||
			      strcmp(t->k->organisation, "unknown") == 0;

		if (!r || !r->manages || r->ticket_system || !theirs || !a ||
			strcmp(a->key, place.requester_key) == 0)
			continue;
		turn_ask_one(t, a, d->role, template_id, note);
		return true;
	}
	return false;
}

bool turn_start_chain(struct turn *t, int from, const char *template_id, const char *note)
{
	struct chain_place place;
	struct link_people people;
	int link;

	if (t->for_managers && ask_manager(t, template_id, note))
		return true;
	turn_place(t, &place);
	link = chain_seek(t->arena, t->config, t->people, &place, from, 1, 0, false, &people);
	if (link < 0 && from > 0)
		link = chain_seek(t->arena, t->config, t->people, &place,
			(int)place.chain->n_links - 1, -1, 0, false, &people);
	if (link >= 0) {
		turn_ask(t, link, &people, template_id, note, false);
		return true;
	}
	return ask_manager(t, template_id, note);
}

/* Those who were asked too learn that they need not. */
static void tell_others(struct turn *t, const struct agent *taker)
{
	const struct loaded_case *l = t->c->loaded;

	for (size_t i = 0; l && !t->c->asked_anew && i < l->n_asked; i++) {
		const struct agent *a = people_agent(t->people, l->asked[i].agent);

		if (!a || a == taker || turn_is_ticket_system(t, l->asked[i].link))
			continue;
		turn_mail_agent(t, a, MAILING_COMMAND, "taken-by", "chain");
	}
}

bool turn_is_ticket_system_agent(struct turn *t, const struct agent *a)
{
	for (size_t i = 0; i < t->people->n_duties; i++) {
		if (t->people->duties[i].agent == a->id &&
			turn_is_ticket_system(t, t->people->duties[i].role))
			return true;
	}
	return false;
}

const char *turn_link_of(struct turn *t, const struct agent *a)
{
	const struct loaded_case *l = t->c->loaded;
	struct chain_place place;

	for (size_t i = 0; l && i < l->n_asked; i++) {
		if (l->asked[i].agent == a->id)
			return l->asked[i].link;
	}
	turn_place(t, &place);
	for (size_t i = 0; place.chain && i < place.chain->n_links; i++) {
		if (chain_is_in_link(t->people, &place, (int)i, a->id))
			return place.chain->links[i];
	}
	return t->k->link;
}

void turn_take(struct turn *t, const struct agent *a)
{
	bool was_free = t->k->holder == 0;

	t->k->link = turn_link_of(t, a);
	t->k->holder = a->id;
	turn_set_state(t, STATE_TAKEN);
	turn_log(t, LOGGED_TAKEN, "",
		json_pack("{s:I,s:s}", "agent", (json_int_t)a->id, "link", t->k->link));
	if (was_free)
		tell_others(t, a);
}

/* Whoever approved an order learns that it is done. */
static void tell_head(struct turn *t, const char *text, const char *template_id)
{
	const struct agent *head =
		people_agent(t->people, json_integer_value(json_object_get(t->c->data, "head")));
	struct outgoing *o;

	if (!head || strcmp(template_id, "access-done") != 0 || head->contact == t->k->requester)
		return;
	o = turn_mail_agent(t, head, MAILING_NOTIFICATION, "access-done", "head");
	mail_text(o, "answer", turn_masked(t, text));
	mail_flag(o, "for_head");
}

struct outgoing *turn_write_requester(
	struct turn *t, const char *template_id, const char *name, const char *text)
{
	struct outgoing *o;

	if (t->k->holder == 0 && t->actor)
		turn_take(t, t->actor);
	o = turn_mail_requester(t, MAILING_ANSWER, template_id);
	mail_text(o, name, turn_masked(t, text));
	if (t->actor)
		mail_text(o, "holder_name", turn_agent_name(t, t->actor, o->language));
	o->not_before_ms = turn_sent_not_before(t);
	if (t->actor)
		turn_attach_mail(t, o);
	if (!t->k->first_answer_ms)
		t->k->first_answer_ms = t->now_ms;
	t->text_sent = turn_masked(t, text);
	return o;
}

int turn_needs_text(struct turn *t, const struct command *c)
{
	return *c->text ? 0 : turn_refuse(t, c, "no-text", "");
}

void turn_answer(struct turn *t, const char *text, const char *template_id)
{
	if (t->k->kind == KIND_ACCESS && json_object_get(t->c->data, "approved_ms"))
		template_id = "access-done";
	turn_write_requester(t, template_id, "answer", text);
	tell_head(t, text, template_id);
	t->k->answered_ms = t->now_ms;
	turn_log(t, LOGGED_ANSWERED, text,
		json_pack(
			"{s:s,s:s}", "from", case_state_id(t->k->state), "template", template_id));
	turn_set_state(t, STATE_ANSWERED);
}

/* Until when a NEJ opens it again, as a date in words. */
static void say_reopen_until(struct turn *t, struct outgoing *o)
{
	if (t->config->templates)
		mail_text(o, "reopen_until",
			words_date(t->config->templates, t->arena, o->language,
				date_add(t->today, 30), t->today));
}

/* A ticket system that has the case learns that it is closed. */
static void tell_ticket_system(struct turn *t)
{
	int64_t desk = json_integer_value(json_object_get(t->c->data, "desk"));
	const struct agent *a = desk ? people_agent(t->people, desk) : NULL;

	if (a && a != t->actor)
		turn_mail_agent(t, a, MAILING_HANDOVER, "closed-holder", "chain");
}

/* how: "confirmed" "solved_itself" "answer" "silent" "question" "by_desk". */
void turn_close(struct turn *t, const char *how, const char *text)
{
	bool silent = strcmp(how, "silent") == 0 || strcmp(how, "question") == 0;
	const struct agent *holder = turn_holder(t);
	struct outgoing *o =
		turn_mail_requester(t, MAILING_RECEIPT, silent ? "closed-silent" : "closed");

	if (strcmp(how, "answer") == 0) {
		mail_text(o, "answer", turn_masked(t, text));
		o->not_before_ms = turn_sent_not_before(t);
		t->text_sent = turn_masked(t, text);
	} else {
		mail_flag(o, how);
	}
	say_reopen_until(t, o);
	turn_set_state(t, STATE_CLOSED);
	turn_log(t, LOGGED_CLOSED, text, json_pack("{s:s}", "how", how));
	if (holder && holder != t->actor && strcmp(how, "question") != 0) {
		o = turn_mail_agent(t, holder, MAILING_COMMAND, "closed-holder", "chain");
		mail_flag(o, how);
		json_object_del(o->view, "text");
		if (t->mail && t->match.as == AS_REQUESTER)
			mail_text(o, "text", turn_masked(t, text));
	} else if (!holder && t->c->loaded) {
		/* Nobody had taken it: those who were asked need not look any more. */
		for (size_t i = 0; i < t->c->loaded->n_asked; i++) {
			const struct agent *a =
				people_agent(t->people, t->c->loaded->asked[i].agent);

			if (!a || a == t->actor)
				continue;
			o = turn_mail_agent(t, a, MAILING_COMMAND, "closed-holder", "chain");
			mail_flag(o, how);
			json_object_del(o->view, "text");
		}
	}
	tell_ticket_system(t);
}

void turn_tell_holder(struct turn *t, enum mail_class class, const char *template_id,
	const char *name, const char *text)
{
	bool news = strcmp(template_id, "addition") == 0;
	const struct loaded_case *l = t->c->loaded;
	const struct agent *holder;
	struct outgoing *o;

	if ((news || strcmp(template_id, "pause-over") == 0) && turn_holder_gone(t)) {
		if (news)
			turn_mails_say(t, "escalation", "text",
				turn_masked(t, arena_printf(t->arena, "%s\n\n%s",
						       turn_opening_text(t, t->c), text)));
		return;
	}
	holder = turn_holder(t);
	holder = holder ? turn_in_his_place(t, holder) : NULL;
	if (holder) {
		/* Another ticket system drops what is marked automatic or unlike a letter. */
		if (turn_is_ticket_system_agent(t, holder))
			class = MAILING_HANDOVER;
		o = turn_mail_agent(t, holder, class, template_id, "chain");
		mail_text(o, name, turn_masked(t, text));
		turn_offer(t, o, holder);
		return;
	}
	for (size_t i = 0; l && i < l->n_asked; i++) {
		const struct agent *a = people_agent(t->people, l->asked[i].agent);

		if (!a)
			continue;
		o = turn_mail_agent(t, a, class, template_id, "chain");
		mail_text(o, name, turn_masked(t, text));
		turn_offer(t, o, a);
	}
}

void turn_mails_say(struct turn *t, const char *template_id, const char *name, const char *text)
{
	struct outgoing *o;

	STAILQ_FOREACH(o, &t->fx->mails, next)
	{
		if (strcmp(o->template_id, template_id) == 0)
			mail_text(o, name, text);
	}
}

void turn_reopen(struct turn *t, const char *text)
{
	const struct agent *holder = turn_holder(t);
	const struct handler *kind = handler_of_kind(t->in->handlers, t->k->kind);
	struct outgoing *o;

	t->k->reopened++;
	turn_log(t, LOGGED_REOPENED, "", json_pack("{s:i}", "times", t->k->reopened));
	/* What its head has refused goes to the head once more, not past him. */
	if (!holder && kind && kind->add && strcmp(t->k->link, "head") == 0) {
		turn_set_state(t, STATE_NEW);
		kind->add(t);
		return;
	}
	o = turn_mail_requester(t, MAILING_RECEIPT, "reopened");
	if (holder && !agent_is_absent(holder, t->today, NULL)) {
		turn_set_state(t, STATE_TAKEN);
		turn_tell_holder(t, MAILING_NOTIFICATION, "reopened-holder", "text", text);
		turn_expect(t, o);
		return;
	}
	/* Whoever had it is away: the link is asked again. */
	json_object_del(o->view, "holder_name");
	struct chain_place place;
	turn_place(t, &place);
	int link = chain_index(place.chain, t->k->link);
	t->k->holder = 0;
	turn_set_state(t, STATE_NEW);
	(void)turn_start_chain(t, link < 0 ? 0 : link, "notification", text);
	turn_expect(t, o);
}
