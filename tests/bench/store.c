/* store DIR N [MAILS]: what the database costs a mail, with N full cases already there. Each mail is
 * all that the desk asks of the store for a new case: intake, try, look-ups, case, log, clocks, two
 * mails out, their claim, freezing, dot and end. Batches of 32, every commit durable. DIR must be
 * empty and is left as it is afterwards. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "store/cases.h"
#include "store/contacts.h"
#include "store/inbox.h"
#include "store/outbox.h"

#include <sys/resource.h>

static const char *const TOWNS[] = {"kalix", "boden", "pitea", "lulea", "kiruna"};

static void must(struct store *s, enum store_status st, const char *what)
{
	if (st == STORE_OK || st == STORE_NONE)
		return;
	fprintf(stderr, "%s: %s: %s\n", what, store_status_id(st), store_error(s));
	exit(1);
}

static int64_t cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec +
	       u.ru_stime.tv_usec;
}

struct run {
	struct store *s;
	struct arena *a;
	int64_t serial, now;
};

static void take_batch(struct run *r, struct intake *in, size_t n)
{
	static const char BODY[] = "Jag kan inte signera insatsen sedan i morse.\r\n";

	for (size_t i = 0; i < n; i++) {
		char *raw = arena_alloc(r->a, 3000);
		memset(raw, 'x', 3000);
		int head = snprintf(raw, 100, "Subject: %" PRId64 "\r\n\r\n%s", ++r->serial, BODY);
		raw[head] = ' ';
		in[i] = (struct intake){.mailbox = "support",
			.key = arena_printf(r->a, "b/%" PRId64, r->serial),
			.raw = {(unsigned char *)raw, 3000}};
	}
	must(r->s, store_intake(r->s, in, n, r->now), "intake");
}

static void add_mail(struct run *r, struct kase *k, enum mail_class class)
{
	struct outbox_content c = {.doc = "language sv\n",
		.subject = k->subject,
		.language = "sv",
		.template_id = "receipt",
		.class = class};
	struct outbox_row row = {.case_id = k->id,
		.contact = k->requester,
		.address = k->requester_address,
		.name = "Anna Ek",
		.language = "sv",
		.organisation = k->organisation,
		.mailbox = "support",
		.verbs = "requester",
		.class = class,
		.created_ms = r->now};

	must(r->s, store_content_add(r->s, &c), "content");
	must(r->s, store_outbox_reserve(r->s, 1, &row.id), "reserve");
	row.content = c.id;
	row.message_id =
		arena_printf(r->a, "%" PRId64 ".%" PRId64 ".mac@lots.example", k->number, row.id);
	must(r->s, store_outbox_add(r->s, &row), "outbox");
}

static void set_clock(struct run *r, struct kase *k, enum clock_kind kind)
{
	struct clock_op op = {.kase = k,
		.row = {.kind = kind,
			.running = true,
			.since_ms = r->now,
			.length_ms = 4 * MS_HOUR,
			.calendar = "office",
			.due_ms = r->now + 4 * MS_HOUR}};

	must(r->s, store_clock_apply(r->s, &op, NULL), "clock");
}

static void add_log(struct run *r, struct kase *k, enum log_type type, int64_t inbox)
{
	struct log_entry e = {.kase = k,
		.type = type,
		.at_ms = r->now,
		.who = k->requester_address,
		.text = "Jag kan inte signera insatsen sedan i morse. Knappen är grå.",
		.inbox = inbox};

	must(r->s, store_log_append(r->s, &e), "log");
}

static void turn(struct run *r, int64_t inbox)
{
	const char *town = TOWNS[inbox % (int64_t)ARRAY_LEN(TOWNS)];
	const char *key = arena_printf(r->a, "user%" PRId64 "@%s.example", inbox % 500, town);
	const char *reference = arena_printf(r->a, "m%" PRId64 "@%s.example", inbox - 7, town);
	struct inbox_parsed p = {.from_key = key,
		.message_id = arena_printf(r->a, "m%" PRId64 "@%s.example", inbox, town)};
	int64_t number = 1001 + inbox * 7919 % (r->serial + 1), first;
	unsigned found = FOUND_NUMBER;
	struct wants w = {.numbers = &number,
		.numbers_found = &found,
		.n_numbers = 1,
		.inbound_ids = &reference,
		.n_inbound_ids = 1,
		.address_keys = &key,
		.n_address_keys = 1,
		.requester_key = key,
		.recent_key = key};
	struct snapshot snap = {0};
	enum turn_outcome was;
	struct kase k = {.state = STATE_NEW,
		.system = "ekosystem",
		.organisation = town,
		.area = "hsl",
		.link = "superuser",
		.priority = 3,
		.subject = "Kan inte signera",
		.requester_address = key,
		.language = "sv",
		.mailbox = "support",
		.opened_ms = r->now,
		.changed_ms = r->now};

	memcpy(p.content_key, &inbox, sizeof(inbox));
	must(r->s, store_inbox_parsed(r->s, inbox, &p), "parsed");
	must(r->s, store_inbox_duplicate(r->s, inbox, &first, &was), "duplicate");
	must(r->s, store_snapshot(r->s, r->a, &w, inbox, r->now, &snap), "snapshot");
	must(r->s, store_contact_learn(r->s, key, key, "", "sv", town, r->now, &k.requester),
		"contact");
	k.number = snap.next_number;
	must(r->s, store_case_save(r->s, &k), "case");
	add_log(r, &k, LOGGED_OPENED, inbox);
	add_log(r, &k, LOGGED_ASKED, 0);
	set_clock(r, &k, CLOCK_TAKE);
	set_clock(r, &k, CLOCK_NEXT);
	add_mail(r, &k, MAILING_RECEIPT);
	add_mail(r, &k, MAILING_NOTIFICATION);
	must(r->s, store_inbox_finish(r->s, inbox, OUTCOME_CASE, "", 0, r->now), "finish");
}

static void send_all(struct run *r)
{
	struct outbox_row *rows;
	int64_t ids[32];
	size_t n;
	unsigned char *wire = arena_alloc(r->a, 4000);

	for (;;) {
		must(r->s, store_begin(r->s), "begin");
		must(r->s,
			store_outbox_claim(
				r->s, r->a, "out", r->now, r->now + MS_MINUTE, 32, &rows, &n),
			"claim");
		for (size_t i = 0; i < n; i++) {
			ids[i] = rows[i].id;
			must(r->s, store_outbox_freeze(r->s, ids[i], (struct bytes){wire, 4000}),
				"freeze");
		}
		must(r->s, store_commit(r->s), "commit");
		if (!n)
			return;
		must(r->s, store_outbox_dot(r->s, ids, n), "dot");
		must(r->s, store_begin(r->s), "begin");
		for (size_t i = 0; i < n; i++)
			must(r->s,
				store_outbox_finish(r->s, ids[i], SEND_ACCEPTED, "250", "ok", NULL,
					r->now, NULL),
				"end");
		must(r->s, store_commit(r->s), "commit");
	}
}

static void one_batch(struct run *r)
{
	struct intake in[MAX_BATCH];
	int64_t ids[MAX_BATCH];

	arena_reset(r->a);
	take_batch(r, in, MAX_BATCH);
	for (size_t i = 0; i < MAX_BATCH; i++)
		ids[i] = in[i].inbox;
	must(r->s, store_inbox_try(r->s, ids, MAX_BATCH, NULL), "try");
	store_note_time(r->s, ++r->now);
	must(r->s, store_begin(r->s), "begin");
	for (size_t i = 0; i < MAX_BATCH; i++) {
		must(r->s, store_savepoint(r->s), "savepoint");
		turn(r, ids[i]);
		must(r->s, store_release(r->s), "release");
	}
	must(r->s, store_commit(r->s), "commit");
	send_all(r);
}

/* Resident now: the preload was in this process too, so its peak would tell nothing. */
static long resident_kib(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f && fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * 4;
}

static int64_t number(const char *s)
{
	int64_t n;

	if (!text_to_i64(s, 0, 10000000, &n)) {
		fprintf(stderr, "not a number: %s\n", s);
		exit(64);
	}
	return n;
}

int main(int argc, char **argv)
{
	char error[256];
	struct run r = {.a = arena_new(MAX_ARENA_BYTES), .now = clock_now_ms()};
	struct store_options o = {.dir = argv[1]};

	if (argc < 3) {
		fprintf(stderr, "usage: store DIR N [MAILS]\n");
		return 64;
	}
	int64_t n = number(argv[2]), mails = argc > 3 ? number(argv[3]) : 3200;
	struct preload what = {.n = n,
		.organisations = TOWNS,
		.n_organisations = ARRAY_LEN(TOWNS),
		.system = "ekosystem",
		.area = "hsl",
		.mailbox = "support",
		.domain = "lots.example",
		.now_ms = r.now - MS_DAY * 30,
		.open_percent = 1};
	for (int part = 0; part < 2; part++) { /* opened anew after the preload: cold caches */
		if (store_open(&o, &r.s, error, sizeof(error)) != STORE_OK) {
			fprintf(stderr, "%s\n", error);
			return 1;
		}
		if (part == 0 && n)
			must(r.s, store_preload(r.s, &what), "preload");
		if (part == 0)
			store_close(&r.s);
	}
	r.serial = n;
	one_batch(&r);
	long before = resident_kib();
	int64_t cpu = cpu_us(), wall = clock_mono_ms();
	for (int64_t i = 0; i < mails; i += MAX_BATCH)
		one_batch(&r);
	cpu = cpu_us() - cpu;
	wall = clock_mono_ms() - wall;
	printf("%8" PRId64 " cases: %.3f ms CPU, %.3f ms in all a mail; grew by %ld KiB\n", n,
		(double)cpu / 1000 / (double)mails, (double)wall / (double)mails,
		resident_kib() - before);
	store_close(&r.s);
	arena_free(&r.a);
	return 0;
}
