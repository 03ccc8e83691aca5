/* Ctl_ask: see ctl_ask.h. Called by the commands of lotsctl. */
#include "base/prelude.h"
#include "app/ctl_ask.h"

#include "app/control.h"
#include "app/control_socket.h"
#include "app/settings.h"
#include "base/arena.h"
#include "base/ipc.h"
#include "base/limits.h"

#include <pwd.h>
#include <sysexits.h>
#include <unistd.h>

static const char *operator_name(struct arena *a)
{
	struct passwd *pw = getpwuid(getuid());

	return pw ? arena_strdup(a, pw->pw_name) : arena_printf(a, "uid-%u", (unsigned)getuid());
}

static json_t *ask_own_desk(struct arena *a, const char *settings, const json_t *request, int *code)
{
	struct desk d;
	json_t *answer;

	*code = desk_open(&d, settings, DESK_OPEN_OPERATOR);
	if (*code != 0)
		return NULL;
	answer = control_answer(&d, request, operator_name(a), NULL);
	desk_close(&d);
	return answer;
}

/* A running lotsd is asked whatever the settings say meanwhile: only where it listens is read of them. */
json_t *ctl_ask(const char *settings, const json_t *request, bool only_running, int *code)
{
	struct arena *a = arena_new(MAX_ARENA_BYTES);
	const char *state_dir = settings_state_dir(a, settings);
	json_t *answer = NULL;
	bool running = false;

	if (state_dir)
		answer = control_ask(state_dir, request, &running);
	if (!answer && running) {
		fprintf(stderr, "lotsctl: lotsd does not answer\n");
		*code = EX_TEMPFAIL;
	} else if (!answer && state_dir && only_running) {
		fprintf(stderr, "lotsctl: lotsd does not run; start it first\n");
		*code = EX_UNAVAILABLE;
	} else if (!answer) {
		answer = ask_own_desk(a, settings, request, code);
		/* A daemon may have started between the question and the lock. */
		if (!answer && *code == EX_TEMPFAIL)
			answer = control_ask(state_dir, request, &running);
	}
	arena_free(&a);
	return answer;
}

int ctl_refused(const char *file, const json_t *answer)
{
	const json_t *errors = json_object_get(answer, "errors"), *one;
	size_t i;

	json_array_foreach(errors, i, one)
	{
		fprintf(stderr, "%s: rad %" PRId64 ": %s\n", file, json_int(one, "line", 0),
			json_str(one, "text", ""));
	}
	if (json_int(answer, "more", 0) > 0)
		fprintf(stderr, "%s: och %" PRId64 " fel till\n", file,
			json_int(answer, "more", 0));
	fprintf(stderr, "lotsctl: %s\n", json_str(answer, "error", "failed"));
	return (int)json_int(answer, "code", EX_SOFTWARE);
}
