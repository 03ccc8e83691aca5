/* The reader's side of the desk: mails go out, acknowledgements come in. Shared by Maildir and IMAP;
 * reader.c owns it. */
#ifndef LOTS_WORKERS_READER_DESK_H
#define LOTS_WORKERS_READER_DESK_H

#include "base/prelude.h"
#include "workers/protocol.h"

#include <jansson.h>

#define READER_REASON_SIZE 300

enum after_commit { AFTER_SEEN, AFTER_MOVE, AFTER_DELETE, AFTER_KEEP };

struct keys { /* strings it owns */
	char **v;
	size_t n, cap;
};

struct reader {
	int sock;
	json_t *job;
	int secret_fd;
	const char *name;
	enum after_commit after;
	const char *folder; /* AFTER_MOVE */
	int64_t delete_days;
	int64_t poll_ms, timeout_ms;
	size_t max_bytes;
	int64_t import_ms; /* 0: none; else take what is younger at first contact */

	bool desk_gone;
	bool started; /* the desk has said where to begin */
	bool first;
	int64_t after_uid, since_ms;
	bool sweep;			  /* the desk waits for "swept" */
	struct keys out;		  /* handed over, not acknowledged: the window */
	struct keys acks, deletes, wants; /* told by the desk, to be done */
	bool want_came;			  /* an answer to "have" is in */
	int told_state;			  /* -1 nothing yet, 0 down, 1 ok */
	char told_reason[READER_REASON_SIZE];
};

void keys_add(struct keys *keys, const char *key);
bool keys_has(const struct keys *keys, const char *key);
void keys_clear(struct keys *keys);
/* Hands the first n to the caller. */
struct keys keys_take(struct keys *keys, size_t n);

/* Receives what the desk has sent; waits up to ms (-1 for ever) for the first packet. */
void reader_pump(struct reader *r, int ms);
/* Room for one more mail. */
bool reader_has_room(const struct reader *r);

/* Telling may receive as well: the lists of what the desk has told can have grown after any of these.
 *
 * Says hello and waits until the desk has told where to begin. False when it is gone. */
bool reader_hello(struct reader *r, const char *validity);
void reader_begun(struct reader *r, int64_t after_uid);
/* Hands over one mail; fd (sealed) is closed. */
void reader_item(
	struct reader *r, const char *key, size_t size, int64_t internal_ms, bool old, int fd);
void reader_oversize(struct reader *r, const char *key, int64_t size);
void reader_unreadable(struct reader *r, const char *key, const char *reason);
/* op is "have", "flagged" or "deleted"; sent in packets that fit. */
void reader_tell_keys(struct reader *r, const char *op, const struct keys *keys);
void reader_swept(struct reader *r);
/* Told when it changes. reason is cleaned to one printable line. */
void reader_state(struct reader *r, bool ok, const char *reason);

#endif
