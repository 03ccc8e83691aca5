/* Turn apply: see turn_apply.h. */
#include "base/prelude.h"

#include "app/turn_apply.h"

#include "app/alarm.h"
#include "app/delivery.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/match.h"
#include "mail/address.h"
#include "store/cases.h"
#include "store/contacts.h"
#include "store/outbox.h"
#include "store/people.h"

#define CONTENT_CACHE 8 /* mails of one turn that say the same share their content */
#define THREAD_IDS 8	/* of ours in References; the first and the newest */

struct applying {
	struct desk *d;
	struct arena *arena;
	const struct event *event;
	int64_t now_ms;
	struct outbox_content recent[CONTENT_CACHE];
	size_t n_recent;
};

static enum store_status contact_of(struct applying *ap, const char *address, const char *name,
	const char *language, int64_t *id)
{
	struct desk *d = ap->d;
	const char *key = address_key(ap->arena, address, d->config->own_domains);
	const char *domain = address_domain(ap->arena, address);
	if (key == NULL || domain == NULL)
		return STORE_NONE;
	const struct organisation *o = config_organisation_of_domain(d->config, domain);
	return store_contact_learn(d->store, key, address, name != NULL ? name : "", language,
		o != NULL ? o->id : "", ap->now_ms, id);
}

/* A case whose requester is named by address only (on behalf of, a forward) gets its contact. */
static enum store_status name_requesters(struct applying *ap, struct effects *e)
{
	struct case_op *op;
	STAILQ_FOREACH(op, &e->cases, next)
	{
		struct kase *k = op->kase;
		if (k->requester != 0 || *k->requester_address == '\0')
			continue;
		enum store_status st = contact_of(
			ap, k->requester_address, k->requester_name, k->language, &k->requester);
		if (st != STORE_OK)
			return st;
	}
	return STORE_OK;
}

static enum token_class class_of_verbs(const char *verbs)
{
	static const struct {
		const char *verbs;
		enum token_class class;
	} table[] = {{"requester", TOKEN_REQUESTER}, {"holder", TOKEN_CHAIN},
		{"chain", TOKEN_CHAIN}, {"head", TOKEN_HEAD}, {"exercise", TOKEN_EXERCISE},
		{"desk", TOKEN_DESK}};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (strcmp(table[i].verbs, verbs) == 0)
			return table[i].class;
	return TOKEN_REQUESTER; /* the least that a reply may do */
}

/* Whose mail it is: of a case its requester's organisation, so that its whole chain is live with it. */
static bool is_live(const struct applying *ap, const struct outgoing *mail, const char *recipient)
{
	const struct organisation *o = config_organisation(
		ap->d->config, mail->kase != NULL ? mail->kase->organisation : recipient);
	return mail->class == MAILING_ALARM || o == NULL || o->live ||
	       strcmp(o->kind, "management") == 0 || strcmp(o->kind, "supplier") == 0;
}

/* Shadow mode: what may not leave yet is made and kept, so that it can be looked at. */
static const char *held_because(const struct applying *ap, const struct outgoing *mail,
	const char *key, const char *organisation)
{
	const struct config *c = ap->d->config;
	if (ap->event != NULL && ap->event->imported)
		return "imported";
	bool listed = c->n_deliver_only == 0;
	for (size_t i = 0; i < c->n_deliver_only && !listed; i++)
		listed = strcmp(c->deliver_only[i], key) == 0;
	if (!listed)
		return "not-in-deliver-only";
	return is_live(ap, mail, organisation) ? "" : "organisation-not-live";
}

/* Nothing is sent where two mails came back from, until it writes itself; alarms are tried all the same. */
static enum store_status hold_if_dead(struct applying *ap, struct outbox_row *row)
{
	struct contact_health health;
	if (row->class == MAILING_ALARM || *row->held_because != '\0')
		return STORE_OK;
	enum store_status st = store_contact_health(ap->d->store, ap->arena, row->contact, &health);
	if (st == STORE_OK && health.suspended_ms != 0) {
		row->held_because = "dead-address";
		row->state = OUTBOX_HELD;
		if (row->class == MAILING_ANSWER && row->case_id != 0 && row->agent == 0)
			st = delivery_tell_failed(ap->d->store, row->case_id, ap->now_ms);
	}
	return st == STORE_NONE ? STORE_OK : st;
}

static enum store_status content_of(struct applying *ap, const struct outgoing *mail, int64_t *id)
{
	struct outbox_content c = {.doc = doc_to_stored(ap->arena, mail->doc),
		.subject = mail->subject,
		.language = mail->language,
		.template_id = mail->template_id,
		.class = mail->class};
	if (c.doc == NULL)
		return STORE_REFUSED;
	for (size_t i = 0; i < ap->n_recent; i++) {
		const struct outbox_content *r = &ap->recent[i];
		if (r->class == c.class && strcmp(r->doc, c.doc) == 0 &&
			strcmp(r->subject, c.subject) == 0 &&
			strcmp(r->template_id, c.template_id) == 0) {
			*id = r->id;
			return STORE_OK;
		}
	}
	enum store_status st = store_content_add(ap->d->store, &c);
	if (st == STORE_OK) {
		*id = c.id;
		if (ap->n_recent == CONTENT_CACHE)
			ap->n_recent = 0;
		ap->recent[ap->n_recent++] = c;
	}
	return st;
}

static void add_ref(struct buf *b, const char *id)
{
	if (*id == '\0' || (b->len > 0 && strstr(b->data, id) != NULL))
		return;
	if (b->len > 0)
		buf_addch(b, ' ');
	buf_addstr(b, id);
}

/* In-Reply-To and References: the mail that is answered, and our earlier ones to the same person. */
static enum store_status thread_of(
	struct applying *ap, const struct outgoing *mail, struct outbox_row *row)
{
	const char **ids = NULL;
	size_t n = 0;
	if (row->case_id != 0) {
		enum store_status st = store_outbox_thread(
			ap->d->store, ap->arena, row->case_id, row->contact, &ids, &n);
		if (st != STORE_OK)
			return st;
	}
	const char *answered = mail->in_reply_to != NULL ? mail->in_reply_to : "";
	struct buf refs;
	buf_init(&refs, (THREAD_IDS + 2) * MAX_MESSAGE_ID_BYTES);
	if (n > 0)
		add_ref(&refs, ids[0]);
	for (size_t i = n > THREAD_IDS ? n - THREAD_IDS : 1; i < n; i++)
		add_ref(&refs, ids[i]);
	add_ref(&refs, answered);
	row->in_reply_to = *answered != '\0' ? answered : n > 0 ? ids[n - 1] : "";
	row->refs = buf_take(&refs, ap->arena);
	return STORE_OK;
}

static const struct mailbox *speaking_mailbox(const struct applying *ap, const struct kase *k)
{
	const struct config *c = ap->d->config;
	const struct mailbox *box = k != NULL ? config_mailbox(c, k->mailbox) : NULL;
	if (box == NULL && ap->event != NULL)
		box = config_mailbox(c, ap->event->mailbox);
	return box != NULL ? box : &c->mailboxes[0];
}

static void sign(struct applying *ap, const struct outgoing *mail, const struct mailbox *box,
	struct outbox_row *row)
{
	struct desk *d = ap->d;
	static const struct date epoch = {2020, 1, 1};
	struct token token = {.number = mail->kase != NULL ? mail->kase->number : 0,
		.contact = row->contact,
		.day = ap->now_ms / MS_DAY - date_to_days(epoch),
		.class = class_of_verbs(mail->verbs != NULL ? mail->verbs : "")};
	row->message_id =
		token_message_id(ap->arena, &d->keys, token.number, row->id, d->config->domain);
	const char *address = token_address(ap->arena, &d->keys, &token, box->address);
	row->reply_address = address != NULL ? address : "";
}

static enum store_status send_one(struct applying *ap, struct outgoing *mail)
{
	struct desk *d = ap->d;
	const struct agent *agent = mail->agent != 0 ? people_agent(d->people, mail->agent) : NULL;
	const char *address = agent != NULL ? agent->address : mail->address;
	const char *name = agent != NULL ? agent->name : mail->name;
	const struct mailbox *box = speaking_mailbox(ap, mail->kase);
	struct outbox_row row = {.case_id = mail->kase != NULL ? mail->kase->id : 0,
		.agent = agent != NULL ? agent->id : 0,
		.contact = agent != NULL ? agent->contact : 0,
		.address = address != NULL ? address : "",
		.name = name != NULL ? name : "",
		.language = mail->language,
		.mailbox = box->name,
		.verbs = mail->verbs != NULL ? mail->verbs : "",
		.class = mail->class,
		.not_before_ms = mail->not_before_ms,
		.run = "",
		.sink = "",
		.created_ms = ap->now_ms,
		.inbox = ap->event != NULL ? ap->event->inbox : 0,
		.attachments = mail->attachments,
		.n_attachments = mail->n_attachments};
	const char *key = address_key(ap->arena, row.address, d->config->own_domains);
	const char *domain = address_domain(ap->arena, row.address);
	if (key == NULL || domain == NULL || !address_envelope_ok(row.address)) {
		log_warn("address-refused", "template=%s", mail->template_id);
		return STORE_OK; /* nobody to send to: the log entry of the turn stands */
	}
	const struct organisation *o = config_organisation_of_domain(d->config, domain);
	row.organisation = o != NULL ? o->id : "unknown";
	row.held_because = held_because(ap, mail, key, row.organisation);
	row.state = *row.held_because != '\0' ? OUTBOX_HELD : OUTBOX_QUEUED;
	enum store_status st = STORE_OK;
	if (row.contact == 0)
		st = contact_of(ap, row.address, row.name, row.language, &row.contact);
	if (st == STORE_OK)
		st = hold_if_dead(ap, &row);
	if (st == STORE_OK)
		st = store_outbox_reserve(d->store, 1, &row.id);
	if (st == STORE_OK)
		st = content_of(ap, mail, &row.content);
	if (st == STORE_OK)
		st = thread_of(ap, mail, &row);
	if (st != STORE_OK)
		return st;
	sign(ap, mail, box, &row);
	return store_outbox_add(d->store, &row);
}

/* Another organisation may see the case, without what concerns a person. */
static enum store_status party(struct store *s, const struct other_op *op)
{
	json_t *data = json_loads(op->data, 0, NULL);
	const char *organisation = json_string_value(json_object_get(data, "organisation"));
	enum store_status st = STORE_OK;
	if (organisation != NULL)
		st = store_case_party(s, op->kase->id, organisation, VIEW_MASKED);
	json_decref(data);
	return st;
}

static enum store_status contact_failed(struct applying *ap, const struct other_op *op)
{
	struct store *s = ap->d->store;
	struct contact_health health;
	enum store_status st = store_contact_health(s, ap->arena, op->agent, &health);
	if (st == STORE_NONE)
		return STORE_OK;
	bool last = health.failures + 1 >= FAILURES_UNTIL_SUSPENDED;
	if (st == STORE_OK)
		st = store_contact_failed(s, op->agent, op->data, last, ap->now_ms);
	if (st == STORE_OK && last && people_by_contact(ap->d->people, op->agent) != NULL)
		st = alarm_raise(ap->d, "dead-address",
			"mail to somebody in a chain comes back: nothing more is sent there until"
			" that address writes (lotsctl case log tells which)",
			ap->now_ms);
	return st;
}

/* The rarer effects, by name. An unknown one is a bug of the turn. */
static enum store_status other(struct applying *ap, const struct other_op *op)
{
	struct store *s = ap->d->store;
	if (strcmp(op->what, "exercise_done") == 0)
		return store_agent_exercise_done(s, op->agent);
	if (strcmp(op->what, "morning_list_on") == 0)
		return store_agent_morning_list(s, op->agent, true);
	if (strcmp(op->what, "morning_list_off") == 0)
		return store_agent_morning_list(s, op->agent, false);
	if (strcmp(op->what, "asked_reminded") == 0)
		return store_asked_reminded(s, op->kase->id, op->agent, ap->now_ms);
	enum quota quota;
	if (strcmp(op->what, "contact_failed") == 0)
		return contact_failed(ap, op);
	if (strcmp(op->what, "count") == 0 && store_quota_by_name(op->data, &quota))
		return store_quota_add(s, quota, ap->now_ms);
	if (strcmp(op->what, "flood") == 0)
		return alarm_raise(ap->d, "flood",
			"more mail from unknown or unproven senders than a day can bring: the rest"
			" is put aside (lotsctl quarantine list)",
			ap->now_ms);
	if (strcmp(op->what, "cancel_outgoing") == 0)
		return store_outbox_cancel_case(s, op->kase->id, MAILING_N, ap->now_ms, NULL);
	if (strcmp(op->what, "party") == 0)
		return party(s, op);
	log_error("unknown-effect", "what=%s", op->what);
	abort();
}

static bool changes_people(const struct effects *e)
{
	const struct other_op *op;
	STAILQ_FOREACH(op, &e->others, next)
	if (op->agent != 0)
		return true;
	return !STAILQ_EMPTY(&e->absences);
}

enum store_status turn_apply(
	struct desk *d, struct effects *e, const struct event *event, int64_t now_ms)
{
	struct applying ap = {.d = d, .arena = d->turn_arena, .event = event, .now_ms = now_ms};
	int64_t ms_of_day;
	struct date today = zone_local(&d->config->zone, now_ms, &ms_of_day);
	store_note_time(d->store, now_ms);
	enum store_status st = name_requesters(&ap, e);
	if (st == STORE_OK)
		st = store_effects(d->store, e, today, now_ms);
	struct other_op *op;
	STAILQ_FOREACH(op, &e->others, next)
	if (st == STORE_OK)
		st = other(&ap, op);
	struct outgoing *mail;
	STAILQ_FOREACH(mail, &e->mails, next)
	if (st == STORE_OK)
		st = send_one(&ap, mail);
	if (st == STORE_OK && changes_people(e) && desk_reload_people(d) != 0)
		st = STORE_IO;
	return st;
}

enum store_status turn_apply_mail(struct desk *d, struct outgoing *mail, int64_t now_ms)
{
	struct applying ap = {.d = d, .arena = d->turn_arena, .now_ms = now_ms};
	return send_one(&ap, mail);
}
