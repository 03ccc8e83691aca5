/* IPC: one packet of SOCK_SEQPACKET = a JSON object of at most MAX_IPC_HEADER bytes and up to
 * MAX_IPC_FDS descriptors. What grows with a mail travels in sealed memfds. The receiver trusts
 * nothing: size, descriptor count, seals and JSON depth are checked here, the meaning by the
 * caller. */
#ifndef LOTS_BASE_IPC_H
#define LOTS_BASE_IPC_H

#include "base/limits.h"
#include "base/prelude.h"

#include <jansson.h>

struct ipc_message {
	json_t *head; /* owned; a JSON object */
	int fds[MAX_IPC_FDS];
	size_t nfds;
};

/* socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK) with room for full packets. */
int ipc_pair(int fds[2]) MUST_CHECK;
/* Sends; head stays the caller's, the descriptors too. 0 sent; 1 would block; -1 peer gone or the
 * packet breaks a limit (errno set). */
int ipc_send(int sock, json_t *head, const int *fds, size_t nfds) MUST_CHECK;
/* As ipc_send but waits until it can be sent (for workers, which have nothing better to do). */
int ipc_send_wait(int sock, json_t *head, const int *fds, size_t nfds) MUST_CHECK;
/* As ipc_send_wait, but 1 when there was no room in that time. */
int ipc_send_within(
	int sock, json_t *head, const int *fds, size_t nfds, int64_t timeout_ms) MUST_CHECK;
/* 0 one message in *out; 1 nothing there now (or, with timeout_ms >= 0, in that time; -1 waits for
 * ever; 0 does not wait); -1 closed (errno ECONNRESET) or malformed (EBADMSG). A malformed packet's
 * descriptors are closed. */
int ipc_recv(int sock, struct ipc_message *out, int timeout_ms) MUST_CHECK;
/* Closes the descriptors still in it and drops the head. */
void ipc_message_release(struct ipc_message *m);
/* Hands descriptor i to the caller (it is then -1 in the message); -1 if there is none. */
int ipc_take_fd(struct ipc_message *m, size_t i);

/* A memfd holding the bytes, sealed against write, grow and shrink. -1 with errno. */
int ipc_seal_bytes(const void *p, size_t n) MUST_CHECK;
/* The same of several, one after the other. */
int ipc_seal_parts(const struct bytes *parts, size_t n) MUST_CHECK;
/* In two steps: a memfd of n zeroed bytes, writable at *p; and, when they are filled, sealed so and no more
 * at p. -1 with errno, from ipc_room_seal with the memfd closed. */
int ipc_room(size_t n, void **p) MUST_CHECK;
int ipc_room_seal(int fd, void *p, size_t n) MUST_CHECK;
/* The content of a sealed memfd of at most max bytes, mapped read only or, if it is small, copied. -1 if it is
 * no memfd, lacks a seal or is too large. An empty one gives a valid pointer with n = 0. Let go of it, as it
 * was given, with ipc_unmap. */
int ipc_map(int fd, size_t max, struct bytes *out) MUST_CHECK;
void ipc_unmap(struct bytes *b);

/* Strict reading of a JSON text: duplicates refused, depth at most MAX_JSON_DEPTH. NULL if bad. */
json_t *json_read(const char *s, size_t n) MUST_CHECK;
/* Members of an object, with a default when absent or of another type. Strings belong to the
 * object. */
const char *json_str(const json_t *o, const char *key, const char *otherwise);
int64_t json_int(const json_t *o, const char *key, int64_t otherwise);
bool json_flag(const json_t *o, const char *key, bool otherwise);

#endif
