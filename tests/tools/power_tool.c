/* power-tool: the store without its daemon, for tests/e2e/test_power.
 *
 *	power-tool check DIR...     opens the state folder DIR as the desk does, has both databases checked and the
 *	                            mails counted: a line "DIR ok", or "DIR" and what is wrong
 *	power-tool run DIR ROUNDS   takes mails in and sends some, with checkpoints in between, and says each time
 *	                            what the world is told: "ack KEY", "go ID", "accepted ID" */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/text.h"
#include "store/contacts.h"
#include "store/inbox.h"
#include "store/outbox.h"

#define T0 INT64_C(1795420800000)
#define MOST_BYTES 30000
#define CHECKPOINT_EVERY 5

static void must(struct store *s, enum store_status st)
{
	if (st == STORE_OK)
		return;
	fprintf(stderr, "%s: %s\n", store_status_id(st), store_error(s));
	exit(74);
}

static const char *check(struct store *s)
{
	struct conservation c;
	if (store_verify(s) != STORE_OK || store_conservation(s, false, &c) != STORE_OK)
		return store_error(s);
	return c.holds ? "ok" : "the conservation law does not hold";
}

static void check_dir(const char *dir)
{
	char error[512];
	struct store *s;
	struct store_options o = {.dir = dir};
	enum store_status st = store_open(&o, &s, error, sizeof(error));
	printf("%s %s\n", dir, st == STORE_OK ? check(s) : error);
	store_close(&s);
}

/* ---- Running ---- */

static void take_in(struct store *s, int64_t round, size_t n)
{
	static unsigned char raw[MOST_BYTES];
	struct intake batch[8];
	char keys[8][40];
	for (size_t i = 0; i < n; i++) {
		size_t size = 500 + (size_t)(round * 7919 + (int64_t)i * 4801) % (MOST_BYTES - 500);
		snprintf(keys[i], sizeof(keys[i]), "%" PRId64 ".%zu", round, i);
		snprintf((char *)raw, sizeof(raw), "Message-ID: <%s@kalix.example>\r\n\r\n",
			keys[i]);
		for (size_t at = strlen((char *)raw); at < size; at++)
			raw[at] = (unsigned char)('a' + (round + (int64_t)at) % 26);
		batch[i] =
			(struct intake){.mailbox = "support", .key = keys[i], .raw = {raw, size}};
		must(s, store_intake(s, &batch[i], 1, T0 + round));
	}
	for (size_t i = 0; i < n; i++)
		printf("ack %s\n", keys[i]);
	fflush(stdout);
	must(s, store_inbox_finish(s, batch[0].inbox, OUTCOME_IGNORED, "reaction", 0, T0 + round));
}

static void queue(struct store *s, struct arena *arena, int64_t round, int64_t contact)
{
	struct outbox_content c = {.doc = "{}",
		.subject = "[Support 1001] Kan inte signera",
		.language = "sv",
		.template_id = "receipt",
		.class = MAILING_RECEIPT};
	struct outbox_row r = {.contact = contact,
		.address = "anna@kalix.example",
		.name = "Anna Ek",
		.language = "sv",
		.organisation = "kalix",
		.mailbox = "support",
		.reply_address = "support+x@lots.example",
		.verbs = "requester",
		.class = MAILING_RECEIPT,
		.state = OUTBOX_QUEUED,
		.created_ms = T0 + round};
	must(s, store_outbox_reserve(s, 1, &r.id));
	must(s, store_content_add(s, &c));
	r.content = c.id;
	r.message_id = arena_printf(arena, "%" PRId64 ".mac@lots.example", r.id);
	must(s, store_outbox_add(s, &r));
}

static void send_all(struct store *s, struct arena *arena, int64_t now_ms)
{
	struct outbox_row *rows;
	int64_t ids[10];
	size_t n;
	must(s, store_begin(s));
	must(s, store_outbox_claim(s, arena, "out", now_ms, now_ms + 1000, 10, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		ids[i] = rows[i].id;
		must(s, store_outbox_freeze(s, ids[i],
				(struct bytes){(const unsigned char *)"From: x\r\n\r\n", 11}));
	}
	must(s, store_commit(s));
	must(s, store_outbox_dot(s, ids, n));
	for (size_t i = 0; i < n; i++)
		printf("go %" PRId64 "\n", ids[i]);
	fflush(stdout);
	for (size_t i = 0; i < n; i++) {
		must(s, store_outbox_finish(
				s, ids[i], SEND_ACCEPTED, "250", "ok", NULL, now_ms, NULL));
		printf("accepted %" PRId64 "\n", ids[i]);
	}
	fflush(stdout);
}

static void run(const char *dir, int64_t rounds)
{
	char error[512];
	struct store *s;
	struct store_options o = {.dir = dir};
	int64_t contact;
	if (store_open(&o, &s, error, sizeof(error)) != STORE_OK) {
		fprintf(stderr, "%s\n", error);
		exit(74);
	}
	must(s, store_contact_learn(s, "anna@kalix.example", "anna@kalix.example", "Anna Ek", "sv",
			"kalix", T0, &contact));
	for (int64_t round = 0; round < rounds; round++) {
		struct arena *arena = arena_new(1 << 20);
		take_in(s, round, 1 + (size_t)round % 3);
		must(s, store_begin(s));
		queue(s, arena, round, contact);
		queue(s, arena, round, contact);
		must(s, store_commit(s));
		send_all(s, arena, T0 + round);
		if (round % CHECKPOINT_EVERY == CHECKPOINT_EVERY - 1)
			must(s, store_checkpoint(s));
		arena_free(&arena);
	}
	store_close(&s);
}

int main(int argc, char **argv)
{
	int64_t rounds;
	if (argc > 2 && strcmp(argv[1], "check") == 0) {
		for (int i = 2; i < argc; i++)
			check_dir(argv[i]);
		return 0;
	}
	if (argc != 4 || strcmp(argv[1], "run") != 0 || !text_to_i64(argv[3], 1, 10000, &rounds)) {
		fprintf(stderr, "usage: power-tool check DIR... | run DIR ROUNDS\n");
		return 64;
	}
	run(argv[2], rounds);
	return 0;
}
