/* Control: see control.h. The table of what may be asked; each answer is made by control_*.c. */
#include "base/prelude.h"

#include "app/control.h"

#include "app/control_answers.h"
#include "app/turnrun.h"
#include "base/arena.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"

#include <errno.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#define REQUEST_WAIT_MS 2000

static const struct control_verb {
	const char *cmd;
	control_fn *answer;
} verbs[] = {
	{"case list", control_case_list},
	{"case show", control_case_show},
	{"case log", control_case_log},
	{"case note", control_case_note},
	{"case close", control_case_close},
	{"outbox list", control_outbox_list},
	{"outbox show", control_outbox_show},
	{"outbox retry", control_outbox_retry},
	{"inbox list", control_inbox_list},
	{"inbox show", control_inbox_show},
	{"inbox retry", control_inbox_retry},
	{"quarantine list", control_quarantine_list},
	{"quarantine show", control_quarantine_show},
	{"quarantine retry", control_inbox_retry},
	{"quarantine release", control_quarantine_release},
	{"people import", control_people_import},
	{"people exercise", control_people_exercise},
	{"people export", control_people_export},
	{"people check", control_people_check},
	{"mailbox wait", control_mailbox_wait},
	{"status", control_status},
};

json_t *control_error(int code, const char *text)
{
	return json_pack("{s:b, s:i, s:s}", "ok", 0, "code", code, "error", text);
}

json_t *control_no_state(struct control_call *c, size_t n, const char *(*id_of)(size_t i))
{
	const char *all = "";
	for (size_t i = 0; i < n; i++)
		all = arena_printf(c->arena, "%s%s%s", all, i > 0 ? ", " : "", id_of(i));
	return control_error(
		EX_USAGE, arena_printf(c->arena, "there is no such state; allowed: %s", all));
}

json_t *control_result(json_t *result)
{
	return json_pack("{s:b, s:o}", "ok", 1, "result", result);
}

json_t *control_store_error(struct desk *d, enum store_status st)
{
	if (st == STORE_NONE)
		return control_error(
			EX_DATAERR, "there is none such, or its state does not allow it");
	return control_error(
		store_status_passes(st) ? EX_TEMPFAIL : EX_IOERR, store_error(d->store));
}

json_t *control_turn(struct control_call *c, int64_t number, const char *verb, const json_t *args)
{
	const char *text = "";
	enum store_status st = store_begin(c->desk->store);
	if (st == STORE_OK)
		st = turnrun_operator(
			c->desk, c->operator_name, number, verb, args, c->now_ms, &text);
	if (st == STORE_OK)
		st = store_commit(c->desk->store);
	else
		store_rollback(c->desk->store);
	if (st != STORE_OK)
		return control_store_error(c->desk, st);
	if (strcmp(text, "not-possible") == 0)
		return control_error(EX_DATAERR, "the case is closed already");
	if (strcmp(text, "no-such-agent") == 0)
		return control_error(EX_DATAERR, "nobody who is asked has that address");
	return control_result(json_pack("{s:I, s:s}", "number", (json_int_t)number, "done", text));
}

json_t *control_answer(
	struct desk *d, const json_t *request, const char *operator_name, json_t *live)
{
	const char *cmd = json_str(request, "cmd", "");
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (strcmp(verbs[i].cmd, cmd) != 0)
			continue;
		struct control_call call = {.desk = d,
			.args = json_object_get(request, "args"),
			.operator_name = operator_name,
			.live = live,
			.arena = arena_new(MAX_ARENA_BYTES),
			.now_ms = desk_now(d)};
		json_t *answer = verbs[i].answer(&call);
		arena_free(&call.arena);
		log_info("control", "cmd=\"%s\" operator=%s", cmd, operator_name);
		return answer;
	}
	return control_error(EX_USAGE, "unknown command");
}

/* ---- A connection ---- */

/* The kernel's word on who is at the other end, for the log. */
static void peer_name(int conn, char *out, size_t size)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	if (getsockopt(conn, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0) {
		snprintf(out, size, "unknown");
		return;
	}
	struct passwd *pw = getpwuid(cred.uid);
	if (pw != NULL)
		snprintf(out, size, "%s", pw->pw_name);
	else
		snprintf(out, size, "uid-%u", (unsigned)cred.uid);
}

static void send_answer(int conn, json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT);
	int fd = text != NULL ? ipc_seal_bytes(text, strlen(text)) : -1;
	free(text);
	json_t *head = json_pack("{s:s}", "op", "answer");
	if (fd < 0 || ipc_send_wait(conn, head, &fd, 1) != 0)
		log_warn("control-unanswered", "errno=%d", errno);
	json_decref(head);
	if (fd >= 0)
		close(fd);
}

/* A request that does not fit a packet (an import) comes as a sealed memfd. */
static json_t *request_of(struct ipc_message *m)
{
	struct bytes map;
	int fd = ipc_take_fd(m, 0);
	if (fd < 0)
		return json_incref(m->head);
	json_t *request = NULL;
	if (ipc_map(fd, MAX_SETTINGS_BYTES * 2, &map) == 0) {
		request = json_read((const char *)map.p, map.n);
		ipc_unmap(&map);
	}
	close(fd);
	return request;
}

void control_serve(struct desk *d, int conn, json_t *live)
{
	struct ipc_message m;
	char who[64];
	if (ipc_recv(conn, &m, REQUEST_WAIT_MS) == 0) {
		peer_name(conn, who, sizeof(who));
		json_t *request = request_of(&m);
		json_t *answer = request != NULL
					 ? control_answer(d, request, who, live)
					 : control_error(EX_DATAERR, "request not understood");
		send_answer(conn, answer);
		json_decref(answer);
		json_decref(request);
		ipc_message_release(&m);
	}
	close(conn);
}
