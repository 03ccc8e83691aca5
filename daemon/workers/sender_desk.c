/* The sender's side of the desk. Called by sender.c and the kinds of sink. Must not open the gate
 * by itself: only the desk's "go" does. */
#include "base/prelude.h"

#include "workers/sender_desk.h"

#include "base/clock.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"
#include "workers/protocol.h"
#include "workers/wire.h"

#include <errno.h>

/* More than the desk is ever to hand out: it has lost count. */
#define MAX_OUTGOING (4 * SENDER_WINDOW)

static char *copy_of(const char *s)
{
	char *copy = strdup(s);
	if (!copy)
		abort();
	return copy;
}

static void parcel_leave(struct parcel *p)
{
	if (--p->users > 0)
		return;
	ipc_unmap(&p->wires);
	free(p);
}

/* m stands in the list of those begun. */
static void outgoing_free(struct sender *s, struct outgoing *m)
{
	TAILQ_REMOVE(&s->begun, m, link);
	parcel_leave(m->parcel);
	json_decref(m->id);
	free(m->from);
	free(m->to);
	free(m->message_id);
	free(m);
	s->count--;
}

/* A desk that is gone is noticed, not reported. */
void sender_say(struct sender *s)
{
	if (!s->unsaid)
		return;
	json_t *head = json_pack("{s:s, s:o}", "op", "said", "said", s->unsaid);
	s->unsaid = NULL;
	if (!s->desk_gone && (!head || ipc_send_wait(s->sock, head, NULL, 0) != 0))
		s->desk_gone = true;
	json_decref(head);
}

/* Takes what. */
static void tell(struct sender *s, json_t *what)
{
	if (!s->unsaid) {
		s->unsaid = json_array();
		s->unsaid_ms = clock_mono_ms();
	}
	if (!what || json_array_append_new(s->unsaid, what) != 0)
		abort();
	if (json_array_size(s->unsaid) == SENDER_SAID)
		sender_say(s);
}

void outgoing_text(struct outgoing *m, const char *text, size_t n)
{
	size_t used = 0;
	for (size_t i = 0; i < n && used + 1 < sizeof(m->text); i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '\r' || c == '\n')
			break;
		m->text[used++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	}
	m->text[used] = '\0';
}

void outgoing_reply(struct outgoing *m, const char *line, size_t n)
{
	int code = 0;
	if (n < 3)
		return;
	for (size_t i = 0; i < 3; i++) {
		if (line[i] < '0' || line[i] > '9')
			return;
		code = code * 10 + (line[i] - '0');
	}
	if (n > 3 && line[3] == '-')
		return;
	m->reply = code;
	outgoing_text(m, line, n);
}

void sender_state(struct sender *s, bool ok, const char *reason)
{
	if (s->told_state == ok && strcmp(s->told_reason, reason) == 0)
		return;
	s->told_state = ok;
	snprintf(s->told_reason, sizeof(s->told_reason), "%s", reason);
	if (ok)
		log_info("sink-ok", "%s", "");
	else
		log_warn("sink-down", "%s", "");
	tell(s, json_pack("{s:s, s:s, s:s}", "op", "status", "state", ok ? "ok" : "down", "reason",
			reason));
}

void sender_done_as(struct sender *s, struct outgoing *m, struct verdict v)
{
	sender_state(s, !v.sink_down, v.sink_down ? m->text : "");
	tell(s, json_pack("{s:s, s:O, s:s, s:i, s:s}", "op", "done", "id", m->id, "outcome",
			delivery_id(v.delivery), "code", m->reply, "text", m->text));
	outgoing_free(s, m);
}

void sender_done(struct sender *s, struct outgoing *m)
{
	sender_done_as(s, m, outcome_of(m->stage, m->reply));
}

void sender_ask(struct sender *s, struct outgoing *m)
{
	if (m->gate != GATE_CLOSED)
		return;
	m->gate = GATE_ASKED;
	tell(s, json_pack("{s:s, s:O}", "op", "dot", "id", m->id));
}

/* A mail that must not reach a library. NULL if it may. */
static const char *unfit(const struct outgoing *m)
{
	if (!m->wire.p)
		return "no message";
	if (*m->from && !wire_address_ok(m->from))
		return "return path not allowed in an envelope";
	if (!wire_address_ok(m->to))
		return "recipient not allowed in an envelope";
	return wire_fault(m->wire);
}

/* Its wire bytes are the next of the parcel; without them it is not fit to be sent. */
static void receive_mail(struct sender *s, const json_t *o, struct parcel *parcel, size_t *at)
{
	struct outgoing *m = calloc(1, sizeof(*m));
	json_t *id = json_object_get(o, "id");
	int64_t size = json_int(o, "size", -1);
	if (!m)
		abort();
	m->id = id ? json_incref(id) : json_null();
	m->from = copy_of(json_str(o, "from", ""));
	m->to = copy_of(json_str(o, "to", ""));
	m->message_id = copy_of(json_str(o, "message_id", ""));
	m->dsn = json_flag(o, "dsn", false);
	m->retry = json_flag(o, "retry", false);
	if (size > 0 && (uint64_t)size <= parcel->wires.n - *at) {
		m->wire = (struct bytes){parcel->wires.p + *at, (size_t)size};
		*at += (size_t)size;
	}
	m->parcel = parcel;
	parcel->users++;
	s->count++;
	TAILQ_INSERT_TAIL(&s->waiting, m, link);
}

static void receive_mails(struct sender *s, struct ipc_message *packet)
{
	const json_t *mails = json_object_get(packet->head, "mails");
	struct parcel *parcel = calloc(1, sizeof(*parcel));
	size_t i, at = 0;
	json_t *o;
	if (!parcel)
		abort();
	if (packet->nfds != 1 || ipc_map(packet->fds[0], MAX_IPC_PAYLOAD, &parcel->wires) != 0)
		parcel->wires = (struct bytes){.p = NULL};
	parcel->users = 1;
	json_array_foreach(mails, i, o)
	{
		if (s->count < MAX_OUTGOING)
			receive_mail(s, o, parcel, &at);
		else
			log_warn("too-many-mails", "%s", "");
	}
	parcel_leave(parcel);
}

static struct outgoing *find_mail(struct outgoing_list *list, const json_t *id)
{
	struct outgoing *m;
	TAILQ_FOREACH(m, list, link)
	{
		if (json_equal(m->id, id))
			return m;
	}
	return NULL;
}

static struct outgoing *begin_first(struct sender *s, struct outgoing *m)
{
	TAILQ_REMOVE(&s->waiting, m, link);
	TAILQ_INSERT_TAIL(&s->begun, m, link);
	return m;
}

static void refuse(struct sender *s, struct outgoing *m, enum delivery delivery, const char *why)
{
	outgoing_text(m, why, strlen(why));
	sender_done_as(s, m, (struct verdict){.delivery = delivery, .sink_down = false});
}

/* "go" or "drop". Either may come when the mail is already done: then it is late, not wrong. */
static void answer_gate(struct sender *s, const json_t *id, enum gate answer)
{
	struct outgoing *m = find_mail(&s->waiting, id);
	if (m && answer == GATE_DROPPED) {
		refuse(s, begin_first(s, m), DELIVERY_DEFERRED, "dropped by the desk");
		return;
	}
	m = find_mail(&s->begun, id);
	if (!m || m->gate != (answer == GATE_OPEN ? GATE_ASKED : m->gate) || m->gate == GATE_OPEN)
		return;
	m->gate = answer;
	if (s->kind->gate)
		s->kind->gate(s, m);
}

static void answer_gates(struct sender *s, const json_t *ids, enum gate answer)
{
	size_t i;
	json_t *id;
	json_array_foreach(ids, i, id) answer_gate(s, id, answer);
}

static void handle(struct sender *s, struct ipc_message *packet)
{
	const char *op = json_str(packet->head, "op", "");
	const json_t *ids = json_object_get(packet->head, "ids");
	if (strcmp(op, "send") == 0)
		receive_mails(s, packet);
	else if (strcmp(op, "go") == 0)
		answer_gates(s, ids, GATE_OPEN);
	else if (strcmp(op, "drop") == 0)
		answer_gates(s, ids, GATE_DROPPED);
	else
		log_warn("packet-not-understood", "op=%.20s", op);
}

void sender_pump(struct sender *s, int ms)
{
	struct ipc_message packet;
	if (ms != 0)
		sender_say(s);
	while (!s->desk_gone) {
		int rc = ipc_recv(s->sock, &packet, ms);
		if (rc < 0)
			s->desk_gone = true;
		if (rc != 0)
			return;
		handle(s, &packet);
		ipc_message_release(&packet);
		ms = 0;
	}
}

struct outgoing *sender_next(struct sender *s)
{
	struct outgoing *m;
	while ((m = TAILQ_FIRST(&s->waiting))) {
		const char *fault = unfit(begin_first(s, m));
		if (!fault)
			return m;
		char why[REPLY_TEXT_SIZE];
		snprintf(why, sizeof(why), "not fit to be sent: %s", fault);
		refuse(s, m, DELIVERY_FAILED, why);
	}
	return NULL;
}
