/* Parser: the zygote. Waits on its socket for mails and forks one child for each, so that a child
 * taken over by a mail can lie only about that mail. Messages: workers/protocol.h.
 *
 * The child holds the raw mail and the reply socket and nothing else. It answers {op:"parsed"} +
 * [memfd of mail/mailpack.h] or dies; the zygote kills it after wall_ms. */
#ifndef LOTS_WORKERS_PARSER_H
#define LOTS_WORKERS_PARSER_H

#include "base/prelude.h"

#include <jansson.h>

/* The job, a JSON object: all members optional, lower than the maxima of workers/protocol.h:
 *   cpu_seconds wall_ms memory_bytes max_bytes; and filter_each: each child loads a filter of its own, as
 * where the zygote stays root. Runs until the socket is closed; exit code. */
int parser_main(int sock, json_t *job);

/* What a child does with its mail: bytes in, the answer's bytes (malloc'd, *n long) or NULL. */
struct parser_work {
	char *(*answer)(struct bytes raw, void *with, size_t *n);
	void *with;
};

/* n zeroed bytes as `make` leaves them, read only and for ever; NULL if it cannot be done. `make` runs in a
 * process of its own: what it allocates, and the libraries it loads, would be copied for each child. */
const void *parser_made(
	size_t n, bool (*make)(void *out, const void *with), const void *with) MUST_CHECK;

/* The zygote around any work; parser_main puts the mail parser in. Enters the cage. */
int parser_serve(int sock, json_t *job, const struct parser_work *work);

#endif
