/* Intake: a batch of mails from a reader becomes durable. Called by app before anything is
 * acknowledged to a server. Two commits: the bytes first, then the rows that name them, which may be
 * part of the caller's. */
#include "base/prelude.h"

#include "store/db.h"
#include "store/inbox.h"
#include "store/raw.h"

#include "base/limits.h"

struct planned {
	unsigned char sha[SHA256_BYTES];
	bool known;  /* the key was read before */
	bool old;    /* its item is there, as older than first contact */
	int64_t raw; /* row, 0 none yet */
};

static enum store_status find_item(struct store *s, struct intake *in, struct planned *p)
{
	static const char SQL[] = "SELECT coalesce(inbox, 0) AS inbox FROM mailbox_item"
				  " WHERE mailbox = $mailbox AND source_key = $source_key";
	struct query *q = query(s, SQL);

	bind_text(q, "mailbox", in->mailbox);
	bind_text(q, "source_key", in->key);
	enum store_status st = query_one_i64(q, "inbox", &in->inbox);
	p->known = in->known = st == STORE_OK && in->inbox;
	p->old = st == STORE_OK && !in->inbox;
	return st == STORE_NONE ? STORE_OK : st;
}

/* The same bytes in two mailboxes are kept once. */
static enum store_status find_raw(struct store *s, struct planned *p)
{
	static const char SQL[] = "SELECT raw FROM inbox"
				  " WHERE raw_sha256 = $raw_sha256 AND raw IS NOT NULL LIMIT 1";
	struct query *q = query(s, SQL);

	bind_blob(q, "raw_sha256", p->sha, sizeof(p->sha));
	enum store_status st = query_one_i64(q, "raw", &p->raw);
	return st == STORE_NONE ? STORE_OK : st;
}

static enum store_status look_up(
	struct store *s, struct intake *batch, struct planned *plan, size_t n, size_t *fresh)
{
	*fresh = 0;
	for (size_t i = 0; i < n; i++) {
		TRY(find_item(s, &batch[i], &plan[i]));
		for (size_t j = 0; j < i && !plan[i].known; j++)
			if (strcmp(batch[j].key, batch[i].key) == 0 &&
				strcmp(batch[j].mailbox, batch[i].mailbox) == 0)
				plan[i].known = batch[i].known = true;
		if (plan[i].known)
			continue;
		++*fresh;
		if (batch[i].oversize)
			continue;
		sha256(batch[i].raw.p, batch[i].raw.n, plan[i].sha);
		TRY(find_raw(s, &plan[i]));
	}
	return STORE_OK;
}

static enum store_status put_raws(
	struct store *s, struct intake *batch, struct planned *plan, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (plan[i].known || batch[i].oversize || plan[i].raw)
			continue;
		for (size_t j = 0; j < i && !plan[i].raw; j++)
			if (batch[j].raw_written &&
				memcmp(plan[j].sha, plan[i].sha, SHA256_BYTES) == 0)
				plan[i].raw = plan[j].raw;
		if (plan[i].raw)
			continue;
		TRY(raw_put(s, batch[i].raw, plan[i].sha, &plan[i].raw));
		batch[i].raw_written = plan[i].raw;
	}
	return STORE_OK;
}

static enum store_status commit_raws(
	struct store *s, struct intake *batch, struct planned *plan, size_t n)
{
	TRY(raw_begin(s));
	enum store_status st = put_raws(s, batch, plan, n);
	if (st == STORE_OK)
		st = raw_commit(s);
	else
		raw_rollback(s);
	for (size_t i = 0; i < n && st != STORE_OK; i++)
		batch[i].raw_written = 0;
	return st;
}

void store_intake_undo(struct store *s, struct intake *batch, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (batch[i].raw_written && raw_drop(s, batch[i].raw_written) != STORE_OK)
			return;
		batch[i].raw_written = 0;
	}
}

static enum store_status put_inbox(
	struct store *s, struct intake *in, const struct planned *p, int64_t now_ms)
{
	static const char SQL[] = "INSERT INTO inbox(mailbox, source_key, raw, size, received_ms, "
				  "internal_ms, imported,"
				  " raw_sha256, state, tries, outcome, reason, done_ms)"
				  " VALUES ($mailbox, $source_key, $raw, $size, $received_ms, "
				  "$internal_ms, $imported,"
				  " $raw_sha256, $state, $tries, $outcome, $reason, $done_ms)";
	struct query *q = query(s, SQL);

	bind_text(q, "mailbox", in->mailbox);
	bind_text(q, "source_key", in->key);
	bind_ref(q, "raw", p->raw);
	bind_i64(q, "size", in->oversize ? in->size : (int64_t)in->raw.n);
	bind_i64(q, "received_ms", now_ms);
	bind_i64(q, "internal_ms", in->internal_ms);
	bind_flag(q, "imported", in->imported);
	if (in->oversize)
		bind_null(q, "raw_sha256");
	else
		bind_blob(q, "raw_sha256", p->sha, sizeof(p->sha));
	bind_text(q, "state", in->oversize ? "done" : "new");
	bind_flag(q, "tries", in->tried && !in->oversize);
	bind_text(q, "outcome", in->oversize ? "ignored" : "none");
	bind_text(q, "reason", in->oversize ? "oversize" : "");
	bind_i64(q, "done_ms", in->oversize ? now_ms : 0);
	return query_insert(q, &in->inbox);
}

static enum store_status put_item(
	struct store *s, const struct intake *in, const struct planned *p, int64_t now_ms)
{
	static const char INSERT[] =
		"INSERT INTO mailbox_item(mailbox, source_key, size, internal_ms, seen_ms, "
		"oversize,"
		" state, inbox) VALUES ($mailbox, $source_key, $size, $internal_ms, $seen_ms,"
		" $oversize, 1, $inbox)";
	static const char UPDATE[] = "UPDATE mailbox_item SET size = $size, internal_ms = "
				     "$internal_ms, seen_ms = $seen_ms,"
				     " oversize = $oversize, state = 1, inbox = $inbox"
				     " WHERE mailbox = $mailbox AND source_key = $source_key";
	struct query *q = query(s, p->old ? UPDATE : INSERT);

	bind_text(q, "mailbox", in->mailbox);
	bind_text(q, "source_key", in->key);
	bind_i64(q, "size", in->oversize ? in->size : (int64_t)in->raw.n);
	bind_i64(q, "internal_ms", in->internal_ms);
	bind_i64(q, "seen_ms", now_ms);
	bind_flag(q, "oversize", in->oversize);
	bind_i64(q, "inbox", in->inbox);
	return query_run(q);
}

static enum store_status put_rows(
	struct store *s, struct intake *batch, const struct planned *plan, size_t n, int64_t now_ms)
{
	for (size_t i = 0; i < n; i++) {
		if (plan[i].known)
			continue;
		TRY(put_inbox(s, &batch[i], &plan[i], now_ms));
		TRY(put_item(s, &batch[i], &plan[i], now_ms));
	}
	return STORE_OK;
}

static enum store_status commit_rows(
	struct store *s, struct intake *batch, const struct planned *plan, size_t n, int64_t now_ms)
{
	struct own_tx tx;

	TRY(own_begin(s, &tx));
	return own_end(s, &tx, put_rows(s, batch, plan, n, now_ms));
}

/* A key twice in one batch: the second gets the row of the first. */
static enum store_status join_twins(
	struct store *s, struct intake *batch, struct planned *plan, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (plan[i].known && !batch[i].inbox)
			TRY(find_item(s, &batch[i], &plan[i]));
	return STORE_OK;
}

enum store_status store_intake(struct store *s, struct intake *batch, size_t n, int64_t now_ms)
{
	struct planned plan[MAX_BATCH] = {0};
	size_t fresh;

	if (n > MAX_BATCH)
		abort();
	for (size_t i = 0; i < n; i++) {
		batch[i].inbox = batch[i].raw_written = 0;
		batch[i].known = false;
	}
	TRY(look_up(s, batch, plan, n, &fresh));
	if (fresh) {
		TRY(commit_raws(s, batch, plan, n));
		enum store_status st = commit_rows(s, batch, plan, n, now_ms);
		if (st != STORE_OK) {
			if (!s->in_tx)
				store_intake_undo(s, batch, n);
			return st;
		}
	}
	return join_twins(s, batch, plan, n);
}
