/* World: a desk in memory with the sample's settings and people. */
#include "base/prelude.h"

#include "runner.h"

#include "app/alarm.h"
#include "app/delivery.h"
#include "app/settings.h"
#include "app/standing.h"
#include "app/turnrun.h"
#include "base/limits.h"
#include "core/people_csv.h"
#include "mail/address.h"
#include "mail/parse.h"
#include "store/cases.h"
#include "store/inbox.h"
#include "store/outbox.h"
#include "store/people.h"

static char *read_file(struct arena *arena, const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	struct buf b;
	char part[4096];
	size_t got;

	if (!f)
		return NULL;
	buf_init(&b, 8 << 20);
	while ((got = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(&b, part, got);
	fclose(f);
	*n = b.len;
	return buf_take(&b, arena);
}

struct config *world_config(struct arena *arena, const char *root)
{
	struct settings_errors errors;
	struct config *c;

	settings_errors_init(&errors, arena);
	c = settings_load(arena, arena_printf(arena, "%s/config/lots.yaml", root), &errors);
	if (!c)
		settings_errors_print(&errors, stdout);
	return c;
}

static void import_people(struct world *w)
{
	struct people_csv *csv = arena_new_of(w->arena, struct people_csv);
	size_t n;
	char *content = read_file(w->arena, "config/norrbotten/people.csv", &n);

	if (!content || !people_csv_read(w->arena, w->config, content, n, csv) ||
		store_begin(w->store) != STORE_OK ||
		store_people_apply(w->store, w->arena, &csv->people, 1) != STORE_OK ||
		store_commit(w->store) != STORE_OK)
		fail_line(w, "the sample's people cannot be read");
}

void world_open(struct world *w)
{
	w->charsets = charsets_open();
	w->store = store_open_memory();
	import_people(w);
	if (desk_open_memory(&w->desk, w->config, w->store, "scenario") != 0)
		fail_line(w, "the desk does not open");
}

void world_close(struct world *w)
{
	desk_close(&w->desk);
	store_close(&w->store);
	charsets_close(&w->charsets);
}

void world_show(const struct world *w, const struct sent *s)
{
	if (w->show)
		printf("---- %s:%d: %s to %s (%s)\nSubject: %s\n\n%s\n", w->file,
			w->line ? w->line->number : 0, s->template_id, s->to, s->language,
			s->m->subject, s->m->text);
}

static void keep_sent(struct world *w, const struct outbox_row *row, const struct buf *wire)
{
	struct sent *s;
	unsigned char *copy = arena_alloc(w->arena, wire->len + 1);

	if (w->n_sent == SENT_MAX) {
		fail_line(w, "too many mails");
		return;
	}
	s = &w->sent[w->n_sent++];
	memcpy(copy, wire->data, wire->len);
	s->wire = (struct bytes){copy, wire->len};
	s->m = mail_parse(w->arena, s->wire, &(struct mail_limits){0}, w->charsets);
	s->to = address_key(w->arena, row->address, NULL);
	s->template_id = arena_strdup(w->arena, row->body->template_id);
	s->language = arena_strdup(w->arena, row->language);
	s->at_ms = w->now_ms;
	s->event = w->event;
	world_show(w, s);
}

/* As the running desk: what is to be told to the operator is. */
static void tell_alarms(struct world *w)
{
	struct alarm *due;
	size_t n;

	arena_reset(w->scratch);
	enum store_status st = alarm_quarantine(&w->desk, w->now_ms);
	if (st == STORE_OK)
		st = store_alarm_due(w->store, w->scratch, w->now_ms, &due, &n);
	for (size_t i = 0; st == STORE_OK && i < n; i++)
		st = alarm_tell(&w->desk, &due[i], w->now_ms);
	if (st != STORE_OK)
		fail_line(w, "alarms: %s", store_error(w->store));
}

void world_settle(struct world *w)
{
	const char *sink = w->config->sinks[0].name;
	struct outbox_row *rows;
	size_t n;

	tell_alarms(w);
	do {
		arena_reset(w->scratch);
		if (store_outbox_claim(w->store, w->scratch, sink, w->now_ms, w->now_ms + MS_MINUTE,
			    50, &rows, &n) != STORE_OK) {
			fail_line(w, "outbox: %s", store_error(w->store));
			return;
		}
		for (size_t i = 0; i < n; i++) {
			struct buf wire;
			const char *error = "";
			enum outbox_state state;

			buf_init(&wire, 40 << 20);
			if (delivery_compose(&w->desk, w->scratch, &rows[i], &wire, &error) != 0)
				fail_line(w, "mail to %s cannot be composed: %s", rows[i].address,
					error);
			else
				keep_sent(w, &rows[i], &wire);
			buf_release(&wire);
			if (store_outbox_dot(w->store, &rows[i].id, 1) != STORE_OK ||
				store_outbox_finish(w->store, rows[i].id, SEND_ACCEPTED, "250",
					"ok", NULL, w->now_ms, &state) != STORE_OK)
				fail_line(w, "outbox: %s", store_error(w->store));
		}
	} while (n > 0 && !w->failed);
}

void world_deliver(struct world *w, const char *mailbox, const char *raw, size_t n, bool imported)
{
	struct intake in = {.mailbox = mailbox,
		.key = arena_printf(w->arena, "k%d", w->mails_in),
		.raw = {(const unsigned char *)raw, n},
		.size = (int64_t)n,
		.imported = imported};
	struct arena *mail_arena = arena_new(MAX_ARENA_BYTES);
	struct turnrun_mail turn = {.mailbox = mailbox, .imported = imported};
	struct inbox_row row;

	world_advance(w, w->now_ms);
	if (store_intake(w->store, &in, 1, w->now_ms) != STORE_OK) {
		fail_line(w, "intake: %s", store_error(w->store));
		return;
	}
	turn.inbox = in.inbox;
	turn.mail = mail_parse(mail_arena, in.raw, &(struct mail_limits){0}, w->charsets);
	if (store_begin(w->store) != STORE_OK ||
		turnrun_mail(&w->desk, &turn, w->now_ms) != STORE_OK ||
		store_commit(w->store) != STORE_OK)
		fail_line(w, "turn: %s", store_error(w->store));
	if (store_inbox_get(w->store, w->arena, in.inbox, &row) == STORE_OK) {
		w->last_outcome = turn_outcome_id(row.outcome);
		w->last_reason = row.reason;
	}
	arena_free(&mail_arena);
	world_settle(w);
}

static void run_clocks(struct world *w)
{
	size_t ran;

	if (store_begin(w->store) != STORE_OK ||
		turnrun_clocks(&w->desk, w->now_ms, 1000, &ran) != STORE_OK ||
		store_commit(w->store) != STORE_OK)
		fail_line(w, "clocks: %s", store_error(w->store));
	if (ran == 1000)
		fail_line(w, "a clock fires for ever");
	world_settle(w);
}

void world_start(struct world *w, int64_t at_ms)
{
	size_t changed;

	w->now_ms = at_ms;
	if (w->once)
		once_start(w);
	else if (store_begin(w->store) != STORE_OK ||
		 standing_clocks(&w->desk, at_ms, &changed) != STORE_OK ||
		 store_commit(w->store) != STORE_OK)
		fail_line(w, "standing clocks: %s", store_error(w->store));
}

void world_advance(struct world *w, int64_t to_ms)
{
	int64_t due, leaves;

	if (w->once) {
		w->event += to_ms > w->now_ms;
		w->now_ms = to_ms;
		once_run(w);
		return;
	}
	if (to_ms > w->now_ms)
		w->event++;
	while (!w->failed) {
		enum store_status st = store_clock_next(w->store, 0, &due);
		bool waits =
			store_outbox_next(w->store, w->config->sinks[0].name, &leaves) == STORE_OK;

		if (st != STORE_OK || due > to_ms)
			due = INT64_MAX;
		if (waits && leaves <= to_ms && leaves < due) {
			w->now_ms = leaves > w->now_ms ? leaves : w->now_ms;
			size_t before = w->n_sent;
			world_settle(w);
			if (w->n_sent == before && due == INT64_MAX)
				break;
			continue;
		}
		if (due == INT64_MAX)
			break;
		w->now_ms = due > w->now_ms ? due : w->now_ms;
		run_clocks(w);
	}
	w->now_ms = to_ms;
	world_settle(w);
}

void world_operator(struct world *w, const struct line *l)
{
	const struct agent *a = l->n == 3 ? people_by_key(w->desk.people, l->v[2]) : NULL;
	json_t *args = json_pack("{s:I}", "agent", (json_int_t)(a ? a->id : 0));
	const char *text = "";

	w->event++;
	if (store_begin(w->store) != STORE_OK ||
		turnrun_operator(&w->desk, "test", 0, l->v[1], args, w->now_ms, &text) !=
			STORE_OK ||
		store_commit(w->store) != STORE_OK)
		fail_line(w, "operator: %s", store_error(w->store));
	json_decref(args);
	world_settle(w);
}

const struct sent *world_last_to(const struct world *w, const char *address)
{
	for (size_t i = w->n_sent; i-- > 0;) {
		if (strcmp(w->sent[i].to, address) == 0)
			return &w->sent[i];
	}
	return NULL;
}
