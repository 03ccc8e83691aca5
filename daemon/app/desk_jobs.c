/* Desk jobs: see desk_jobs.h. */
#include "base/prelude.h"

#include "app/desk_jobs.h"

#include "app/desk_state.h"
#include "base/ipc.h"
#include "base/log.h"

#include <unistd.h>

static void add(json_t *list, const char *role, const char *name, const char *settings,
	const char *secret, const char *credential)
{
	json_t *job = json_read(settings, strlen(settings));
	if (job == NULL)
		abort(); /* made by our own settings */
	json_object_set_new(job, "name", json_string(name));
	json_t *w = json_pack("{s:s, s:s, s:o}", "role", role, "name", name, "job", job);
	if (secret != NULL && *secret != '\0')
		json_object_set_new(w, "secret", json_string(secret));
	if (credential != NULL && *credential != '\0')
		json_object_set_new(w, "credential", json_string(credential));
	json_array_append_new(list, w);
}

void desk_send_jobs(struct desk_loop *l)
{
	const struct config *c = l->desk.config;
	json_t *list = json_array();
	add(list, "parser", "parser", "{}", NULL, NULL);
	for (size_t i = 0; i < c->n_mailboxes; i++)
		add(list, "reader", c->mailboxes[i].name, c->mailboxes[i].source,
			c->mailboxes[i].secret_file, c->mailboxes[i].credential);
	for (size_t i = 0; i < c->n_sinks; i++)
		add(list, "sender", c->sinks[i].name, c->sinks[i].settings, c->sinks[i].secret_file,
			c->sinks[i].credential);
	char *text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	int fd = text != NULL ? ipc_seal_bytes(text, strlen(text)) : -1;
	free(text);
	json_t *head = json_pack("{s:s}", "op", "jobs");
	if (fd < 0 || ipc_send_wait(l->parent, head, &fd, 1) != 0)
		log_error("jobs-not-sent", "mailboxes=%zu", c->n_mailboxes);
	json_decref(head);
	if (fd >= 0)
		close(fd);
}
