/* Sender: the role's loop around one kind of sink.
 *
 * Called by the role dispatch after the parent handed over socket, job and secret. Must not touch
 * the database, must not send the end of a mail before the desk said "go", and must give each
 * mail exactly one outcome. */
#include "base/prelude.h"

#include "workers/sender.h"

#include "base/ipc.h"
#include "base/log.h"
#include "workers/sender_desk.h"

#include <signal.h>

#define EXIT_BAD_JOB 78
#define RUN_MS 1000

static const struct sink_driver *kind_of(const char *kind)
{
	if (strcmp(kind, "maildir") == 0)
		return &sink_maildir;
	if (strcmp(kind, "smtp") == 0)
		return &sink_smtp;
	if (strcmp(kind, "local_mta") == 0)
		return &sink_local_mta;
	return NULL;
}

int sender_main(int sock, json_t *job, int secret_fd)
{
	struct sender s = {
		.sock = sock,
		.name = json_str(job, "name", ""),
		.job = job,
		.secret_fd = secret_fd,
		.told_state = -1,
		.kind = kind_of(json_str(job, "kind", "")),
	};
	TAILQ_INIT(&s.waiting);
	TAILQ_INIT(&s.begun);
	log_set_role("sender", s.name);
	if (!s.kind) {
		log_error("bad-job", "%s", "member=kind");
		return EXIT_BAD_JOB;
	}
	signal(SIGPIPE, SIG_IGN); /* libesmtp writes with write(2) */
	if (s.kind->open(&s) != 0) {
		/* Started again and again: what stands behind it is away, as if a server were. */
		sender_state(&s, false, "cannot be opened");
		sender_say(&s);
		free(s.driver);
		return EXIT_BAD_JOB;
	}
	while (!s.desk_gone)
		s.kind->run(&s, RUN_MS);
	s.kind->close(&s);
	sender_say(&s); /* to nobody: it lets go of what was held */
	return 0;
}
