/* The reader's side of the desk. Called by reader.c, reader_maildir.c and reader_imap.c. Must not do
 * anything to a mailbox. */
#include "base/prelude.h"

#include "workers/reader_desk.h"

#include "base/ipc.h"
#include "base/log.h"
#include "base/text.h"

#include <poll.h>
#include <unistd.h>

#define MAX_KEYS 1000000    /* told by the desk and not yet done */
#define MAX_KEY_BYTES 12000 /* in one packet, to stay under MAX_IPC_HEADER */

/* --- lists of keys --- */

void keys_add(struct keys *keys, const char *key)
{
	if (keys->n == MAX_KEYS)
		return; /* the desk tells it again after the next start */
	if (keys->n == keys->cap) {
		keys->cap = keys->cap ? 2 * keys->cap : 32;
		keys->v = realloc(keys->v, keys->cap * sizeof(*keys->v));
		if (!keys->v)
			abort();
	}
	if (!(keys->v[keys->n++] = strdup(key)))
		abort();
}

static size_t keys_find(const struct keys *keys, const char *key)
{
	size_t i = 0;
	while (i < keys->n && strcmp(keys->v[i], key) != 0)
		i++;
	return i;
}

bool keys_has(const struct keys *keys, const char *key)
{
	return keys_find(keys, key) < keys->n;
}

/* Removes it; false if it was not there. The order is kept. */
static bool keys_remove(struct keys *keys, const char *key)
{
	size_t i = keys_find(keys, key);
	if (i == keys->n)
		return false;
	free(keys->v[i]);
	memmove(keys->v + i, keys->v + i + 1, (keys->n - i - 1) * sizeof(*keys->v));
	keys->n--;
	return true;
}

/* Drops the first n. */
static void keys_drop(struct keys *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(keys->v[i]);
	memmove(keys->v, keys->v + n, (keys->n - n) * sizeof(*keys->v));
	keys->n -= n;
}

struct keys keys_take(struct keys *keys, size_t n)
{
	struct keys taken = {.v = calloc(n + 1, sizeof(*keys->v)), .n = n, .cap = n + 1};
	if (!taken.v)
		abort();
	memcpy(taken.v, keys->v, n * sizeof(*keys->v));
	memmove(keys->v, keys->v + n, (keys->n - n) * sizeof(*keys->v));
	keys->n -= n;
	return taken;
}

void keys_clear(struct keys *keys)
{
	if (keys->n > 0)
		keys_drop(keys, keys->n);
	free(keys->v);
	*keys = (struct keys){.v = NULL};
}

/* --- to the desk --- */

/* While the desk is not reading it may be waiting for us to read: hears what comes meanwhile. */
static void tell(struct reader *r, json_t *head, int fd)
{
	if (!head)
		abort();
	int rc = 1;
	while (!r->desk_gone && (rc = ipc_send(r->sock, head, &fd, fd >= 0 ? 1 : 0)) == 1) {
		struct pollfd p = {.fd = r->sock, .events = POLLIN | POLLOUT};
		(void)poll(&p, 1, -1);
		if (p.revents & POLLIN)
			reader_pump(r, 0);
	}
	if (rc < 0)
		r->desk_gone = true;
	json_decref(head);
}

void reader_begun(struct reader *r, int64_t after_uid)
{
	tell(r, json_pack("{s:s, s:I}", "op", "begun", "after", (json_int_t)after_uid), -1);
}

void reader_item(
	struct reader *r, const char *key, size_t size, int64_t internal_ms, bool old, int fd)
{
	tell(r,
		json_pack("{s:s, s:s, s:I, s:I, s:b}", "op", "item", "key", key, "size",
			(json_int_t)size, "internal_ms", (json_int_t)internal_ms, "old", old),
		fd);
	close(fd);
	keys_add(&r->out, key);
}

void reader_oversize(struct reader *r, const char *key, int64_t size)
{
	log_warn("oversize", "key=%s size=%" PRId64, key, size);
	tell(r,
		json_pack(
			"{s:s, s:s, s:I}", "op", "oversize", "key", key, "size", (json_int_t)size),
		-1);
}

static void clean_reason(const char *reason, char out[READER_REASON_SIZE])
{
	size_t used = 0;
	for (const char *p = reason; *p && used + 1 < READER_REASON_SIZE; p++)
		out[used++] = *p >= 0x20 && *p < 0x7f ? *p : '?';
	out[used] = '\0';
}

void reader_unreadable(struct reader *r, const char *key, const char *reason)
{
	char clean[READER_REASON_SIZE];
	clean_reason(reason, clean);
	log_warn("unreadable", "key=%s", key);
	tell(r, json_pack("{s:s, s:s, s:s}", "op", "unreadable", "key", key, "reason", clean), -1);
}

void reader_tell_keys(struct reader *r, const char *op, const struct keys *keys)
{
	size_t i = 0;
	while (i < keys->n) {
		json_t *list = json_array();
		size_t bytes = 0;
		while (i < keys->n && json_array_size(list) < READER_KEYS &&
			(bytes == 0 || bytes + strlen(keys->v[i]) + 8 < MAX_KEY_BYTES)) {
			bytes += strlen(keys->v[i]) + 8;
			json_array_append_new(list, json_string(keys->v[i++]));
		}
		tell(r, json_pack("{s:s, s:o}", "op", op, "keys", list), -1);
	}
}

void reader_swept(struct reader *r)
{
	r->sweep = false;
	tell(r, json_pack("{s:s}", "op", "swept"), -1);
}

void reader_state(struct reader *r, bool ok, const char *reason)
{
	char clean[READER_REASON_SIZE];
	clean_reason(reason, clean);
	if (r->told_state == ok && strcmp(clean, r->told_reason) == 0)
		return;
	if (ok)
		log_info("mailbox-ok", "%s", "");
	else
		log_warn("mailbox-down", "reason=\"%s\"", clean);
	r->told_state = ok;
	if (!ok)
		r->sweep = true; /* what comes meanwhile is told when it has been read */
	memcpy(r->told_reason, clean, sizeof(clean));
	tell(r,
		json_pack("{s:s, s:s, s:s}", "op", "status", "state", ok ? "ok" : "down", "reason",
			clean),
		-1);
}

/* --- from the desk --- */

static void take_keys(struct keys *into, const json_t *head)
{
	const json_t *list = json_object_get(head, "keys");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *key = json_string_value(json_array_get(list, i));
		if (key && *key)
			keys_add(into, key);
	}
}

static void take_acks(struct reader *r, const json_t *head)
{
	size_t from = r->acks.n;
	take_keys(&r->acks, head);
	for (size_t i = from; i < r->acks.n; i++)
		keys_remove(&r->out, r->acks.v[i]);
}

static void handle(struct reader *r, const json_t *head)
{
	const char *op = json_str(head, "op", "");
	if (strcmp(op, "start") == 0) {
		r->started = true;
		r->after_uid = json_int(head, "after", 0);
		r->first = json_flag(head, "first", false);
		r->since_ms = json_int(head, "since_ms", 0);
	} else if (strcmp(op, "ack") == 0) {
		take_acks(r, head);
	} else if (strcmp(op, "delete") == 0) {
		take_keys(&r->deletes, head);
	} else if (strcmp(op, "want") == 0) {
		take_keys(&r->wants, head);
		r->want_came = true;
	} else if (strcmp(op, "sweep") == 0) {
		r->sweep = true;
	} else {
		log_warn("packet-not-understood", "op=%.20s", op);
	}
}

void reader_pump(struct reader *r, int ms)
{
	struct ipc_message packet;
	while (!r->desk_gone) {
		int rc = ipc_recv(r->sock, &packet, ms);
		if (rc < 0)
			r->desk_gone = true;
		if (rc != 0)
			return;
		handle(r, packet.head);
		ipc_message_release(&packet);
		ms = 0;
	}
}

bool reader_has_room(const struct reader *r)
{
	return r->out.n < READER_WINDOW;
}

bool reader_hello(struct reader *r, const char *validity)
{
	r->started = false;
	tell(r, json_pack("{s:s, s:s}", "op", "hello", "validity", validity), -1);
	while (!r->started && !r->desk_gone)
		reader_pump(r, -1);
	return !r->desk_gone;
}
