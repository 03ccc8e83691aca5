/* Turnrun: see turnrun.h. Called by the desk loop, by lotsctl and by the scenario runner; the caller
 * owns the transaction. */
#include "base/prelude.h"

#include "app/turnrun.h"

#include "app/alarm.h"
#include "app/turn_apply.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/attachment.h"
#include "core/config.h"
#include "core/trust.h"
#include "core/turn.h"
#include "mail/address.h"
#include "store/cases.h"
#include "store/contacts.h"
#include "store/inbox.h"
#include "store/outbox.h"
#include "store/people.h"

/* A mail has the same content key in whichever mailbox, and by whichever route, it arrives. */
static void content_key(const struct desk *d, const struct mail *m, unsigned char out[SHA256_BYTES])
{
	struct buf b;
	buf_init(&b, MAX_TEXT_BYTES + MAX_HEADER_BYTES + MAX_MIME_PARTS * 80u);
	buf_addf(&b, "%s\n%s\n%" PRId64 "\n%s\n%zu\n", m->message_id, m->from.address, m->date_ms,
		m->subject, strlen(m->text));
	buf_addstr(&b, m->text);
	for (size_t i = 0; i < m->n_attachments; i++)
		buf_addf(&b, "\n%s", m->attachments[i].sha256);
	hmac_sha256(d->content_key, sizeof(d->content_key), b.data, b.len, out);
	buf_release(&b);
}

static enum store_status note_parsed(
	struct desk *d, struct arena *a, const struct turnrun_mail *in, const char *from_key)
{
	const struct mail *m = in->mail;
	struct inbox_attachment *list = arena_array(a, m->n_attachments + 1, sizeof(*list));
	for (size_t i = 0; i < m->n_attachments; i++)
		list[i] = (struct inbox_attachment){
			.index = i,
			.name = m->attachments[i].name,
			.type = m->attachments[i].type,
			.size = m->attachments[i].size,
			.withheld = !attachment_may_go(&m->attachments[i]),
			.encoding = m->attachments[i].encoding,
			.raw_offset = m->attachments[i].raw_offset,
			.raw_length = m->attachments[i].raw_length,
		};
	struct inbox_parsed parsed = {
		.message_id = m->message_id,
		.from_key = from_key,
		.attachments = list,
		.n_attachments = m->n_attachments,
	};
	content_key(d, m, parsed.content_key);
	return store_inbox_parsed(d->store, in->inbox, &parsed);
}

static void read_tokens(const struct desk *d, const struct mail *m, int64_t now_ms, struct event *e)
{
	const struct mail_addresses *lists[] = {&m->to, &m->cc};
	struct token token;
	for (size_t i = 0; i < m->delivered_to.n && e->token_verdict != TOKEN_GOOD; i++) {
		enum token_verdict v = token_read(&d->keys, m->delivered_to.v[i], now_ms, &token);
		if (v > e->token_verdict) {
			e->token_verdict = v;
			e->token = token;
		}
	}
	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t i = 0; i < lists[l]->n && e->token_verdict != TOKEN_GOOD; i++) {
			enum token_verdict v =
				token_read(&d->keys, lists[l]->v[i].address, now_ms, &token);
			if (v > e->token_verdict) {
				e->token_verdict = v;
				e->token = token;
			}
		}
}

/* To whom the mail went that a report is about, if its id is truly ours. */
static int64_t bounced_contact(const struct desk *d, struct arena *a, const struct mail *m)
{
	int64_t number, serial;
	struct outbox_row row;
	if (m->auto_class != MAIL_BOUNCE ||
		!token_read_message_id(
			&d->keys, m->bounce.original_id, d->config->domain, &number, &serial) ||
		store_outbox_get(d->store, a, serial, &row) != STORE_OK)
		return 0;
	return row.contact;
}

/* Who writes is alive, whatever came back from there before. Of the chain only who is proven: what stands
 * in his way is for others to see to. */
static enum store_status note_alive(struct desk *d, const struct event *e, int64_t contact)
{
	const struct agent *a = people_by_key(d->people, e->from_key);
	if (a != NULL && e->trust != TRUST_PROVEN)
		return STORE_OK;
	enum store_status st = store_contact_well(d->store, contact);
	if (st == STORE_OK && a != NULL && a->unreachable && desk_reload_people(d) != 0)
		st = STORE_IO;
	return st;
}

static void fill_event(const struct desk *d, struct arena *a, const struct turnrun_mail *in,
	int64_t now_ms, struct event *e)
{
	const struct mail *m = in->mail;
	const struct mailbox *box = config_mailbox(d->config, in->mailbox);
	static const struct trust_rule none = {.kind = TRUST_NONE, .authserv_id = ""};
	*e = (struct event){.type = EVENT_MAIL,
		.mail = m,
		.inbox = in->inbox,
		.mailbox = in->mailbox,
		.imported = in->imported,
		.from_key = "",
		.from_domain = ""};
	e->trust = trust_judge(a, box != NULL ? &box->trust : &none, m, &e->trust_why);
	read_tokens(d, m, now_ms, e);
	event_read_ids(a, &d->keys, d->config->domain, e);
	e->bounced_contact = bounced_contact(d, a, m);
	if (!m->has_from)
		return;
	const char *key = address_key(a, m->from.address, d->config->own_domains);
	const char *domain = address_domain(a, m->from.address);
	if (key != NULL && domain != NULL) {
		e->from_key = key;
		e->from_domain = domain;
	}
}

/* Two rounds of naming and loading, then the pure turn. */
static enum store_status think(struct desk *d, struct event *e, int64_t now_ms, struct effects *out)
{
	struct snapshot snap = {0};
	struct turn_input in = {.arena = d->turn_arena,
		.now_ms = now_ms,
		.config = d->config,
		.people = d->people,
		.handlers = d->handlers,
		.event = e,
		.snapshot = &snap};
	for (int round = 1; round <= 2; round++) {
		struct wants w = {0};
		turn_wants(&in, round == 1 ? NULL : &snap, &w);
		enum store_status st =
			store_snapshot(d->store, d->turn_arena, &w, e->inbox, now_ms, &snap);
		if (st != STORE_OK)
			return st;
	}
	turn_run(&in, out);
	return STORE_OK;
}

static enum store_status finish_mail(struct desk *d, const struct turnrun_mail *in,
	const struct effects *effects, int64_t now_ms)
{
	enum turn_outcome outcome = effects->outcome;
	const char *reason = effects->reason != NULL ? effects->reason : "";
	if (outcome == OUTCOME_NONE) { /* a turn that forgot: never lose the mail */
		log_error("turn-without-outcome", "inbox=%" PRId64, in->inbox);
		outcome = OUTCOME_HELD;
		reason = "no-outcome";
	}
	d->alarmed |= outcome == OUTCOME_HELD;
	log_info("turn", "inbox=%" PRId64 " outcome=%s reason=%s mails=%zu", in->inbox,
		turn_outcome_id(outcome), *reason ? reason : "-", effects->n_mails);
	return store_inbox_finish(d->store, in->inbox, outcome, reason, 0, now_ms);
}

static enum store_status mail_turn(struct desk *d, const struct turnrun_mail *in, int64_t now_ms)
{
	struct arena *a = d->turn_arena;
	struct event e;
	fill_event(d, a, in, now_ms, &e);
	enum store_status st = note_parsed(d, a, in, e.from_key);
	if (st != STORE_OK)
		return st;
	int64_t first = 0;
	enum turn_outcome earlier;
	st = store_inbox_duplicate(d->store, in->inbox, &first, &earlier);
	if (st == STORE_OK) {
		log_info("duplicate", "inbox=%" PRId64 " of=%" PRId64, in->inbox, first);
		return store_inbox_finish(
			d->store, in->inbox, OUTCOME_DUPLICATE, "same-mail", first, now_ms);
	}
	if (st != STORE_NONE)
		return st;
	int64_t contact = 0;
	if (*e.from_key != '\0' && in->mail->auto_class == MAIL_PERSON) {
		const struct organisation *o =
			config_organisation_of_domain(d->config, e.from_domain);
		st = store_contact_learn(d->store, e.from_key, in->mail->from.address,
			address_shown_name(in->mail->from.name), in->mail->language,
			o != NULL ? o->id : "", now_ms, &contact);
		if (st == STORE_OK)
			st = note_alive(d, &e, contact);
		if (st != STORE_OK)
			return st;
	}
	struct effects effects;
	effects_init(&effects);
	st = think(d, &e, now_ms, &effects);
	if (st == STORE_OK)
		st = turn_apply(d, &effects, &e, now_ms);
	if (st == STORE_OK)
		st = finish_mail(d, in, &effects, now_ms);
	effects_release(&effects);
	return st;
}

enum store_status turnrun_mail(struct desk *d, const struct turnrun_mail *in, int64_t now_ms)
{
	arena_reset(d->turn_arena);
	enum store_status st = store_savepoint(d->store);
	if (st != STORE_OK)
		return st;
	st = mail_turn(d, in, now_ms);
	if (st == STORE_OK)
		return store_release(d->store);
	log_warn("turn-failed", "inbox=%" PRId64 " status=%s", in->inbox, store_status_id(st));
	enum store_status back = store_rollback_to(d->store);
	(void)back; /* the first trouble is the one to tell */
	return st;
}

static enum store_status clock_turn(struct desk *d, const struct clock_row *row, int64_t now_ms)
{
	struct event e = {.type = EVENT_CLOCK,
		.clock = *row,
		.from_key = "",
		.from_domain = "",
		.mailbox = "",
		.trust_why = ""};
	struct effects effects;
	effects_init(&effects);
	enum store_status st = think(d, &e, now_ms, &effects);
	if (st == STORE_OK)
		st = turn_apply(d, &effects, &e, now_ms);
	if (st == STORE_OK) {
		log_info("clock", "kind=%s owner=%" PRId64 " mails=%zu", clock_kind_id(row->kind),
			row->owner_id, effects.n_mails);
		/* A turn that left its clock as it was would be asked again for ever. */
		st = store_clock_current(d->store, row);
		if (st == STORE_OK) {
			struct clock_op stop = {.row = *row, .remove = true};
			st = store_clock_apply(d->store, &stop, NULL);
		} else if (st == STORE_NONE) {
			st = STORE_OK;
		}
	}
	effects_release(&effects);
	return st;
}

static enum store_status put_off(
	struct desk *d, const struct clock_row *row, int64_t until_ms, const char *event)
{
	struct loaded_case about = {.kase = {.number = 0}};
	if (row->owner == CLOCK_OF_CASE && store_case_load(d->store, d->turn_arena, &VIEWER_DESK,
						   row->owner_id, &about) != STORE_OK)
		about.kase.number = 0;
	log_error(event, "kind=%s number=%" PRId64 " owner=%" PRId64, clock_kind_id(row->kind),
		about.kase.number, row->owner_id);
	return store_clock_due(d->store, row, until_ms);
}

/* A clock whose turn cannot be stored must not keep the others from firing: again in an hour. */
static enum store_status put_off_unstored(
	struct desk *d, const struct clock_row *row, int64_t now_ms)
{
	enum store_status st = put_off(d, row, now_ms + MS_HOUR, "clock-failed");
	return st == STORE_OK
		       ? alarm_raise(d, "clock",
				 "a reminder could not be stored: the log says of which case",
				 now_ms)
		       : st;
}

/* Not for ever: a mended Lots takes it up again by itself. */
enum store_status turnrun_clock_stop(struct desk *d, const struct clock_row *row, int64_t now_ms)
{
	arena_reset(d->turn_arena);
	enum store_status st = put_off(d, row, now_ms + 7 * MS_DAY, "clock-stopped");
	return st == STORE_OK
		       ? alarm_raise(d, "clock-crash",
				 "a reminder ended lotsd three times: the log says of which case",
				 now_ms)
		       : st;
}

static enum store_status run_clock(struct desk *d, const struct clock_row *row, int64_t now_ms)
{
	enum store_status st = store_savepoint(d->store);
	if (st != STORE_OK)
		return st;
	st = clock_turn(d, row, now_ms);
	if (st == STORE_OK)
		return store_release(d->store);
	enum store_status back = store_rollback_to(d->store);
	if (store_status_passes(st) || back != STORE_OK)
		return st;
	return put_off_unstored(d, row, now_ms);
}

enum store_status turnrun_clocks(struct desk *d, int64_t now_ms, size_t max, size_t *ran)
{
	*ran = 0;
	while (*ran < max) {
		struct clock_row *rows;
		size_t n;
		arena_reset(d->turn_arena);
		enum store_status st =
			store_clocks_due(d->store, d->turn_arena, now_ms, 0, 1, &rows, &n);
		if (st != STORE_OK || n == 0)
			return st;
		st = run_clock(d, &rows[0], now_ms);
		if (st != STORE_OK)
			return st;
		++*ran;
	}
	return STORE_OK;
}

enum store_status turnrun_operator(struct desk *d, const char *operator_name, int64_t number,
	const char *verb, const json_t *args, int64_t now_ms, const char **text)
{
	arena_reset(d->turn_arena);
	*text = "";
	int64_t case_id = 0;
	enum store_status st = number != 0 ? store_case_id(d->store, number, &case_id) : STORE_OK;
	if (st != STORE_OK)
		return st;
	struct event e = {.type = EVENT_OPERATOR,
		.operator_name = operator_name,
		.operator_verb = verb,
		.operator_args = args,
		.clock = {.owner_id = case_id},
		.from_key = "",
		.from_domain = "",
		.mailbox = "",
		.trust_why = ""};
	struct effects effects;
	effects_init(&effects);
	st = store_savepoint(d->store);
	if (st == STORE_OK)
		st = think(d, &e, now_ms, &effects);
	if (st == STORE_OK)
		st = turn_apply(d, &effects, &e, now_ms);
	if (st == STORE_OK)
		st = store_release(d->store);
	else if (store_rollback_to(d->store) != STORE_OK)
		log_warn("rollback-failed", "number=%" PRId64, number);
	if (st == STORE_OK && effects.reason != NULL)
		*text = effects.reason;
	effects_release(&effects);
	return st;
}
