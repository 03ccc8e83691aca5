/* Control answers: one function a command (control_cases.c, control_mail.c, control_status.c,
 * control_people.c). Private to control. */
#ifndef LOTS_APP_CONTROL_ANSWERS_H
#define LOTS_APP_CONTROL_ANSWERS_H

#include "app/desk.h"
#include "store/store.h"

#include <jansson.h>

struct control_call {
	struct desk *desk;
	const json_t *args;
	const char *operator_name;
	json_t *live; /* NULL without a daemon */
	struct arena *arena;
	int64_t now_ms;
};

/* New reference, never NULL. */
typedef json_t *control_fn(struct control_call *c);

json_t *control_error(int code, const char *text);
/* There is no such state; the n that there are, by id. */
json_t *control_no_state(struct control_call *c, size_t n, const char *(*id_of)(size_t i));
json_t *control_result(json_t *result); /* takes the reference */
/* One operator's turn (app/turnrun.h) in a transaction of its own. */
json_t *control_turn(struct control_call *c, int64_t number, const char *verb, const json_t *args);
json_t *control_store_error(struct desk *d, enum store_status st);

control_fn control_case_list, control_case_show, control_case_log;
control_fn control_outbox_list, control_outbox_show, control_outbox_retry;
control_fn control_inbox_list, control_inbox_show, control_inbox_retry, control_quarantine_show;
control_fn control_quarantine_list, control_quarantine_release;
control_fn control_case_note, control_case_close, control_people_exercise;
control_fn control_people_import, control_people_check, control_people_export;
control_fn control_mailbox_wait;
control_fn control_status;

#endif
