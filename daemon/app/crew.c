/* Crew: a table of workers. Called by supervise.c. Must not wait: everything that takes time is a
 * time stamp looked at in crew_step.
 *
 * A worker of the list goes: waiting (for start_at) -> running -> ended, told to the desk -> waiting.
 * One that is wanted no more, or with another job, is retired: the desk is told to close its socket,
 * which ends it; after RETIRE_MS it is killed.
 *
 * Diagnostics: worker-started, worker-ended, worker-refused (its secret), worker-killed. */
#include "base/prelude.h"

#include "app/crew.h"

#include "app/spawn.h"
#include "base/crypto.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAUSE_MIN_MS 10
#define PAUSE_MAX_MS 30000
#define LONG_LIFE_MS 10000
#define RETIRE_MS 10000
#define EXIT_CONFIG 78
#define MAX_PATH 4096

struct worker {
	char role[16], name[64], secret_path[MAX_PATH];
	json_t *job;
	bool used, wanted;
	unsigned char secret_sum[SHA256_BYTES]; /* of the secret it runs with */
	pid_t pid;				/* 0: not running */
	int64_t started_at, start_at, kill_at, pause_ms;
	int socket;	       /* the desk's end, not handed over yet; -1 */
	bool tell_retire;      /* owed to the desk, in this order */
	const char *tell_gone; /* reason; NULL: nothing owed */
};

struct crew {
	struct worker workers[MAX_CREW];
	bool rest;
};

struct crew *crew_new(void)
{
	struct crew *c = calloc(1, sizeof(*c));
	if (c == NULL)
		abort();
	for (size_t i = 0; i < MAX_CREW; i++)
		c->workers[i].socket = -1;
	return c;
}

static void forget(struct worker *w)
{
	if (w->socket >= 0)
		close(w->socket);
	json_decref(w->job);
	*w = (struct worker){.socket = -1};
}

void crew_kill_all(struct crew *c)
{
	for (size_t i = 0; i < MAX_CREW; i++) {
		if (c->workers[i].used && c->workers[i].pid > 0)
			kill(c->workers[i].pid, SIGKILL);
	}
	for (size_t i = 0; i < MAX_CREW; i++) {
		struct worker *w = &c->workers[i];
		if (!w->used)
			continue;
		while (w->pid > 0 && waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
		forget(w);
	}
}

void crew_free(struct crew **crew)
{
	if (*crew == NULL)
		return;
	crew_kill_all(*crew);
	free(*crew);
	*crew = NULL;
}

static bool valid_name(const char *s, size_t size)
{
	size_t n = strlen(s);
	return n > 0 && n < size &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789._@+-") == n;
}

/* The file an entry's secret is in, "" for none. False if it has no good name. A credential is one of
 * systemd's LoadCredential=, by itself or out of the folder that was given the name "secrets". */
static bool secret_path(const json_t *e, char *out, size_t size)
{
	const char *name = json_str(e, "credential", ""), *folder = getenv("CREDENTIALS_DIRECTORY");
	if (name[0] == '\0')
		return (size_t)snprintf(out, size, "%s", json_str(e, "secret", "")) < size;
	if (strchr(name, '/') != NULL || folder == NULL)
		folder = "/nonexistent"; /* told as a secret that cannot be opened */
	if ((size_t)snprintf(out, size, "%s/%s", folder, name) >= size)
		return false;
	if (access(out, F_OK) == 0)
		return true;
	return (size_t)snprintf(out, size, "%s/secrets_%s", folder, name) < size;
}

static bool valid_entry(const json_t *e)
{
	const char *role = json_str(e, "role", "");
	char path[MAX_PATH];
	bool known = strcmp(role, "reader") == 0 || strcmp(role, "parser") == 0 ||
		     strcmp(role, "sender") == 0;
	return known && valid_name(json_str(e, "name", ""), sizeof(((struct worker *)0)->name)) &&
	       json_is_object(json_object_get(e, "job")) && secret_path(e, path, sizeof(path));
}

static bool is_for(const struct worker *w, const json_t *e)
{
	return w->used && strcmp(w->role, json_str(e, "role", "")) == 0 &&
	       strcmp(w->name, json_str(e, "name", "")) == 0;
}

/* The digest of the secret as it is now; zeros if there is none or it cannot be read. */
static void secret_sum(const char *path, unsigned char out[SHA256_BYTES])
{
	const char *why;
	struct bytes b;
	memset(out, 0, SHA256_BYTES);
	int fd = path[0] == '\0' ? -1 : spawn_read_secret(path, &why);
	if (fd < 0)
		return;
	if (ipc_map(fd, MAX_IPC_HEADER * 8, &b) == 0) {
		sha256(b.p, b.n, out);
		ipc_unmap(&b);
	}
	close(fd);
}

static bool unchanged(const struct worker *w, const json_t *e)
{
	unsigned char sum[SHA256_BYTES];
	char secret[MAX_PATH];
	if (!secret_path(e, secret, sizeof(secret)))
		return false;
	if (!json_equal(w->job, json_object_get(e, "job")) || strcmp(w->secret_path, secret) != 0)
		return false;
	secret_sum(secret, sum);
	return w->pid == 0 || memcmp(sum, w->secret_sum, sizeof(sum)) == 0;
}

static void take_entry(struct worker *w, const json_t *e)
{
	forget(w);
	snprintf(w->role, sizeof(w->role), "%s", json_str(e, "role", ""));
	snprintf(w->name, sizeof(w->name), "%s", json_str(e, "name", ""));
	if (!secret_path(e, w->secret_path, sizeof(w->secret_path)))
		abort(); /* valid_entry has looked */
	w->job = json_deep_copy(json_object_get(e, "job"));
	w->used = w->wanted = true;
	w->pause_ms = PAUSE_MIN_MS;
}

static bool has_entry(const json_t *list, const struct worker *w)
{
	size_t i;
	json_t *e;
	json_array_foreach(list, i, e)
	{
		if (is_for(w, e) && unchanged(w, e))
			return true;
	}
	return false;
}

/* Room for the entries that no running worker stands for already. */
static int place(struct crew *c, const json_t *e)
{
	struct worker *room = NULL;
	for (size_t i = 0; i < MAX_CREW; i++) {
		if (is_for(&c->workers[i], e) && c->workers[i].wanted)
			return 0;
		if (room == NULL && !c->workers[i].used)
			room = &c->workers[i];
	}
	if (room == NULL)
		return -1;
	take_entry(room, e);
	return 0;
}

int crew_want(struct crew *c, const json_t *list, const char **why)
{
	size_t i;
	json_t *e;
	*why = "not a list of workers, or a bad entry in it";
	if (!json_is_array(list))
		return -1;
	json_array_foreach(list, i, e)
	{
		if (!valid_entry(e))
			return -1;
	}
	*why = "too many workers";
	/* Half the table, so that each can be replaced while the old one ends. */
	if (json_array_size(list) > MAX_CREW / 2)
		return -1;
	for (i = 0; i < MAX_CREW; i++) {
		struct worker *w = &c->workers[i];
		if (!w->used || !w->wanted || has_entry(list, w))
			continue;
		w->wanted = false;
		w->tell_retire = w->pid > 0;
	}
	json_array_foreach(list, i, e)
	{
		if (place(c, e) != 0)
			return -1;
	}
	*why = "";
	return 0;
}

static const char *how_ended(int status)
{
	return WIFSIGNALED(status) ? "killed" : WEXITSTATUS(status) == 0 ? "ended" : "failed";
}

bool crew_ended(struct crew *c, pid_t pid, int status, int64_t now)
{
	for (size_t i = 0; i < MAX_CREW; i++) {
		struct worker *w = &c->workers[i];
		if (!w->used || w->pid != pid)
			continue;
		bool config = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CONFIG;
		if (config)
			w->pause_ms = PAUSE_MAX_MS;
		else if (now - w->started_at >= LONG_LIFE_MS)
			w->pause_ms = PAUSE_MIN_MS;
		w->pid = 0;
		w->start_at = now + w->pause_ms;
		w->pause_ms = w->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : w->pause_ms * 2;
		w->tell_retire = false;
		w->tell_gone = how_ended(status);
		bool again = w->wanted && !c->rest;
		log_line(again ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "worker-ended",
			"worker=%s/%s pid=%d signal=%d status=%d again_in_ms=%" PRId64, w->role,
			w->name, (int)pid, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
			WIFEXITED(status) ? WEXITSTATUS(status) : 0,
			again ? w->start_at - now : -1);
		return true;
	}
	return false;
}

/* False if the desk's socket is full: it is tried again. Anything worse is seen by supervise.c. */
static bool tell(int desk, const struct worker *w, const char *op, const char *reason, int fd)
{
	json_t *head = json_pack(
		"{s:s,s:s,s:s,s:s*}", "op", op, "role", w->role, "name", w->name, "reason", reason);
	if (head == NULL)
		abort();
	int r = ipc_send(desk, head, &fd, fd >= 0 ? 1 : 0);
	json_decref(head);
	return r != 1;
}

static void tell_desk(struct worker *w, int desk)
{
	if (w->tell_retire && tell(desk, w, "retire", NULL, -1))
		w->tell_retire = false;
	if (w->tell_retire)
		return;
	if (w->tell_gone != NULL && tell(desk, w, "gone", w->tell_gone, -1))
		w->tell_gone = NULL;
	if (w->tell_gone != NULL || w->socket < 0)
		return;
	if (tell(desk, w, "worker", NULL, w->socket)) {
		close(w->socket);
		w->socket = -1;
	}
}

static void start_failed(struct worker *w, const char *why, int64_t now)
{
	log_error("worker-refused", "worker=%s/%s why=%s", w->role, w->name, log_quote(why).text);
	w->tell_gone = why;
	w->start_at = now + PAUSE_MAX_MS;
}

static void start(struct worker *w, int64_t now)
{
	const char *why = "";
	int pair[2], secret = -1;
	if (w->secret_path[0] != '\0' && (secret = spawn_read_secret(w->secret_path, &why)) < 0) {
		start_failed(w, why, now);
		return;
	}
	secret_sum(w->secret_path, w->secret_sum);
	if (ipc_pair(pair) != 0) {
		start_failed(w, "no socket", now);
	} else {
		struct spawn s = {.role = w->role,
			.name = w->name,
			.job = w->job,
			.sock = pair[1],
			.secret_fd = secret};
		w->pid = spawn_role(&s);
		close(pair[1]);
		if (w->pid < 0) {
			close(pair[0]);
			w->pid = 0;
			start_failed(w, "no process", now);
		} else {
			if (w->socket >= 0)
				close(w->socket);
			w->socket = pair[0];
			w->started_at = now;
			w->kill_at = 0;
			log_info("worker-started", "worker=%s/%s pid=%d", w->role, w->name,
				(int)w->pid);
		}
	}
	if (secret >= 0)
		close(secret);
}

/* Another, retired worker of that name still runs: two must never serve one mailbox at a time. */
static bool predecessor_runs(const struct crew *c, const struct worker *w)
{
	for (size_t i = 0; i < MAX_CREW; i++) {
		const struct worker *o = &c->workers[i];
		if (o != w && o->used && strcmp(o->role, w->role) == 0 &&
			strcmp(o->name, w->name) == 0)
			return true;
	}
	return false;
}

/* When this worker needs the next step; -1 never. */
static int64_t step_one(struct crew *c, struct worker *w, int desk, int64_t now)
{
	if (desk >= 0)
		tell_desk(w, desk);
	if (!w->wanted && w->pid == 0 && w->tell_gone == NULL) {
		forget(w);
		return -1;
	}
	if (!w->wanted && w->pid > 0) {
		if (w->kill_at == 0)
			w->kill_at = now + RETIRE_MS;
		if (now >= w->kill_at) {
			log_warn("worker-killed", "worker=%s/%s", w->role, w->name);
			kill(w->pid, SIGKILL);
			w->kill_at = now + RETIRE_MS;
		}
		return w->kill_at;
	}
	if (w->wanted && w->pid == 0 && !c->rest && !predecessor_runs(c, w)) {
		if (now >= w->start_at)
			start(w, now);
		if (desk >= 0)
			tell_desk(w, desk);
		if (w->pid == 0)
			return w->start_at;
	}
	/* Owed to a desk whose socket is full: look again soon. */
	return w->socket >= 0 || w->tell_gone != NULL ? now + 50 : -1;
}

void crew_rest(struct crew *c)
{
	c->rest = true;
}

int64_t crew_step(struct crew *c, int desk_sock, int64_t now)
{
	int64_t next = -1;
	for (size_t i = 0; i < MAX_CREW; i++) {
		if (!c->workers[i].used)
			continue;
		int64_t at = step_one(c, &c->workers[i], desk_sock, now);
		if (at >= 0 && (next < 0 || at < next))
			next = at;
	}
	return next;
}
