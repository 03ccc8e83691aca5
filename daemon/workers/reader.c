/* Reader: reads the job and runs the kind of mailbox it names.
 *
 * Called by the role dispatch inside the cage. Must not touch the database, and must not change
 * anything in a mailbox before the desk has said that the mail is committed. */
#include "base/prelude.h"

#include "workers/reader.h"

#include "base/date.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"
#include "workers/reader_kinds.h"

#include <signal.h>

#define EXIT_BAD_JOB 78
#define POLL_IMAP_MS 60000
#define POLL_MAILDIR_MS 250
#define TIMEOUT_MS 60000

static bool after_from_id(const char *id, enum after_commit *out)
{
	static const char *const ids[] = {
		[AFTER_SEEN] = "seen",
		[AFTER_MOVE] = "move",
		[AFTER_DELETE] = "delete",
		[AFTER_KEEP] = "keep",
	};
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		if (strcmp(ids[i], id) == 0) {
			*out = (enum after_commit)i;
			return true;
		}
	}
	return false;
}

/* The members both kinds share. The one that is wrong, or NULL. */
static const char *read_job(struct reader *r, bool is_imap)
{
	struct date since;
	const char *import = json_str(r->job, "import_since", "");
	r->poll_ms = json_int(r->job, "poll_ms", is_imap ? POLL_IMAP_MS : POLL_MAILDIR_MS);
	r->timeout_ms = json_int(r->job, "timeout_ms", TIMEOUT_MS);
	r->delete_days = json_int(r->job, "delete_days", 0);
	r->folder = json_str(r->job, "folder", "");
	int64_t max = json_int(r->job, "max_bytes", MAX_MAIL_BYTES);
	if (max < 1 || max > MAX_MAIL_BYTES)
		return "max_bytes";
	r->max_bytes = (size_t)max;
	if (r->poll_ms < 10 || r->timeout_ms < 10)
		return "poll_ms";
	if (!after_from_id(json_str(r->job, "after", "seen"), &r->after))
		return "after";
	if (r->after == AFTER_MOVE && *r->folder == '\0')
		return "folder";
	if (*import && !date_parse(import, &since))
		return "import_since";
	r->import_ms = *import ? date_to_days(since) * MS_DAY : 0;
	return NULL;
}

int reader_main(int sock, json_t *job, int secret_fd)
{
	struct reader r = {
		.sock = sock,
		.job = job,
		.secret_fd = secret_fd,
		.name = json_str(job, "name", ""),
		.told_state = -1,
	};
	const char *kind = json_str(job, "kind", "");
	bool is_imap = strcmp(kind, "imap") == 0;
	log_set_role("reader", r.name);
	signal(SIGPIPE, SIG_IGN);
	const char *wrong =
		is_imap || strcmp(kind, "maildir") == 0 ? read_job(&r, is_imap) : "kind";
	if (!wrong)
		wrong = is_imap ? reader_imap_run(&r) : reader_maildir_run(&r);
	if (wrong)
		log_error("bad-job", "member=%s", wrong);
	keys_clear(&r.out);
	keys_clear(&r.acks);
	keys_clear(&r.deletes);
	keys_clear(&r.wants);
	return wrong ? EXIT_BAD_JOB : 0;
}
