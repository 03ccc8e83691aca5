/* Roles: the first steps of each child. Called by main_lotsd.c. Must not read anything foreign before
 * the cage is closed; the job is the desk's, the secret the operator's. */
#include "base/prelude.h"

#include "app/roles.h"

#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"
#include "workers/cage.h"
#include "workers/maildir_folder.h"
#include "workers/protocol.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_USAGE 64
#define EXIT_OSERR 71

static json_t *take_job(void)
{
	struct bytes b;
	if (ipc_map(WORKER_JOB_FD, MAX_SETTINGS_BYTES, &b) != 0)
		return NULL;
	json_t *job = json_read((const char *)b.p, b.n);
	ipc_unmap(&b);
	close(WORKER_JOB_FD);
	return job;
}

static int enter(const struct cage_plan *plan)
{
	const char *why = "";
	struct cage *cage = cage_prepare(plan, &why);
	int r = cage == NULL ? -1 : cage_enter(cage, &why);
	cage_free(&cage);
	if (r != 0)
		log_error("cage-failed", "why=%s", log_quote(why).text);
	return r;
}

/* A reader or sender behind the cage its job allows. */
static int run_worker(const char *role, json_t *job, int (*run)(int, json_t *, int))
{
	struct cage_plan plan;
	maildir_make_folders(role, job);
	int secret = fcntl(WORKER_SECRET_FD, F_GETFD) >= 0 ? WORKER_SECRET_FD : -1;
	cage_plan_for_job(&plan, job);
	plan.keep[plan.nkeep++] = WORKER_SOCKET_FD;
	if (secret >= 0)
		plan.keep[plan.nkeep++] = secret;
	if (!cage_has_landlock())
		log_warn("cage-without-landlock", "kernel=%s", "old");
	if (enter(&plan) != 0)
		return EXIT_OSERR;
	return run(WORKER_SOCKET_FD, job, secret);
}

static int run_desk(json_t *job, int (*run)(int, json_t *))
{
	struct cage_plan plan = {.calls = CAGE_CALLS_DESK, .keep = {WORKER_SOCKET_FD}, .nkeep = 1};
	if (enter(&plan) != 0)
		return EXIT_OSERR;
	return run(WORKER_SOCKET_FD, job);
}

int role_run(const char *role, const char *name, const struct role_mains *mains)
{
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	log_set_role(role, name);
	json_t *job = take_job();
	int code = EXIT_USAGE;
	if (job == NULL)
		log_error("cannot-start", "why=%s", "no_job");
	else if (strcmp(role, "desk") == 0)
		code = run_desk(job, mains->desk);
	else if (strcmp(role, "parser") == 0)
		code = mains->parser(WORKER_SOCKET_FD, job);
	else if (strcmp(role, "reader") == 0)
		code = run_worker(role, job, mains->reader);
	else if (strcmp(role, "sender") == 0)
		code = run_worker(role, job, mains->sender);
	else
		log_error("cannot-start", "why=%s", "no_such_role");
	json_decref(job);
	return code;
}
