/* Reader of a Maildir. The key of a mail is its base name (what stands before ':'), written so that it
 * is plain ASCII. new/ is read whenever it changes; cur/ (mail that somebody else's program has looked
 * at before us) once at the start and then now and then, asking the desk which names it lacks.
 *
 * Must not rename, move or delete anything that the desk has not acknowledged. */
#include "base/prelude.h"

#include "workers/reader_kinds.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/ipc.h"
#include "base/log.h"
#include "workers/maildir_name.h"
#include "workers/payload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FOUND 10000 /* names taken from new/ at a time; the rest is found the next time */
#define CUR_EVERY_MS 60000
#define SETTLED_MS 2000 /* a folder changed less than this ago may change again unseen */
#define RETRY_MS 5000
#define MAX_ASK_BYTES 9000 /* of keys in one question */

enum part { PART_NEW, PART_CUR };

struct found { /* a file to hand over */
	char *name;
	enum part part;
};

struct maildir {
	struct reader *r;
	int fresh, cur;	     /* directories */
	int folder_cur;	     /* of AFTER_MOVE, else -1 */
	struct found *found; /* oldest name first; from `next` on still to do */
	size_t n_found, next;
	struct keys left;	    /* stay where they are: too large, kept; not to be told twice */
	struct timespec fresh_seen; /* mtime of new/ when it was last read */
	bool fresh_settled;
	int64_t cur_due_ms;  /* monotonic */
	int64_t cur_from_ms; /* look at files of cur/ changed since then */
	int64_t retry_ms;    /* monotonic; nothing is done with acks before */
	bool handed_all;
};

/* --- folders --- */

static int open_part(const char *path, const char *part)
{
	char full[4096];
	int n = snprintf(full, sizeof(full), "%s/%s", path, part);
	if (n < 0 || (size_t)n >= sizeof(full))
		return -1;
	return open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Opens what is not open. False, and the desk told, while the folder is not there. */
static bool is_open(struct maildir *d)
{
	const char *path = json_str(d->r->job, "path", "");
	errno = 0; /* of the last that cannot be opened */
	if (d->fresh < 0)
		d->fresh = open_part(path, "new");
	if (d->cur < 0)
		d->cur = open_part(path, "cur");
	if (d->r->after == AFTER_MOVE && d->folder_cur < 0)
		d->folder_cur = open_part(d->r->folder, "cur");
	bool open =
		d->fresh >= 0 && d->cur >= 0 && (d->r->after != AFTER_MOVE || d->folder_cur >= 0);
	char why[128];
	snprintf(why, sizeof(why), "no Maildir folder: %s", strerror(errno));
	if (!open)
		reader_state(d->r, false, why);
	return open;
}

static DIR *list_dir(int fd)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir && again >= 0)
		close(again);
	return dir;
}

static int64_t ms_of(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- finding --- */

static void forget_found(struct maildir *d)
{
	for (size_t i = 0; i < d->n_found; i++)
		free(d->found[i].name);
	d->n_found = d->next = 0;
}

static void add_found(struct maildir *d, const char *name, enum part part)
{
	if (d->n_found == MAX_FOUND)
		return;
	if (!d->found && !(d->found = calloc(MAX_FOUND, sizeof(*d->found))))
		abort();
	char *copy = strdup(name);
	if (!copy)
		abort();
	d->found[d->n_found++] = (struct found){.name = copy, .part = part};
}

static int by_name(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	return strcmp(x->name, y->name);
}

/* True when new/ may hold something that has not been seen. */
static bool fresh_changed(const struct maildir *d, struct stat *st)
{
	if (fstat(d->fresh, st) != 0)
		return false;
	return !d->fresh_settled || st->st_mtim.tv_sec != d->fresh_seen.tv_sec ||
	       st->st_mtim.tv_nsec != d->fresh_seen.tv_nsec;
}

static bool is_ours_already(struct maildir *d, const char *name)
{
	char key[MAILDIR_KEY_SIZE];
	if (!maildir_key(name, key))
		return true; /* nothing that can be named; it stays */
	return keys_has(&d->r->out, key) || keys_has(&d->r->acks, key) || keys_has(&d->left, key);
}

static void read_fresh(struct maildir *d, const struct stat *st)
{
	DIR *dir = list_dir(d->fresh);
	const struct dirent *e;
	if (!dir)
		return;
	d->fresh_seen = st->st_mtim;
	d->fresh_settled = clock_now_ms() - ms_of(st->st_mtim) > SETTLED_MS;
	while ((e = readdir(dir))) {
		if (e->d_name[0] != '.' && !is_ours_already(d, e->d_name))
			add_found(d, e->d_name, PART_NEW);
	}
	closedir(dir);
	if (d->n_found == MAX_FOUND)
		d->fresh_settled = false;
	if (d->n_found > 0)
		qsort(d->found, d->n_found, sizeof(*d->found), by_name);
}

/* A file of cur/ that may be new to us: changed (arrived, renamed) since we last looked, and, at the
 * first look, not older than what we are to begin with. */
static bool cur_may_be_new(const struct maildir *d, const char *name)
{
	struct stat st;
	if (fstatat(d->cur, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return false;
	int64_t oldest = d->r->import_ms > 0 ? d->r->import_ms : d->r->since_ms;
	return ms_of(st.st_ctim) >= d->cur_from_ms && ms_of(st.st_mtim) >= oldest;
}

static void ask_about(struct maildir *d, struct keys *names, struct keys *asked)
{
	struct reader *r = d->r;
	char key[MAILDIR_KEY_SIZE];
	r->want_came = false;
	keys_clear(&r->wants);
	reader_tell_keys(r, "have", asked);
	while (!r->want_came && !r->desk_gone)
		reader_pump(r, -1);
	for (size_t i = 0; i < names->n; i++) {
		if (maildir_key(names->v[i], key) && keys_has(&r->wants, key))
			add_found(d, names->v[i], PART_CUR);
	}
	keys_clear(names);
	keys_clear(asked);
}

static void read_cur(struct maildir *d)
{
	struct keys names = {.v = NULL}, asked = {.v = NULL};
	char key[MAILDIR_KEY_SIZE];
	size_t bytes = 0;
	int64_t begun_ms = clock_now_ms();
	DIR *dir = list_dir(d->cur);
	const struct dirent *e;
	while (dir && (e = readdir(dir)) && !d->r->desk_gone) {
		if (e->d_name[0] == '.' || is_ours_already(d, e->d_name) ||
			!cur_may_be_new(d, e->d_name) || !maildir_key(e->d_name, key))
			continue;
		keys_add(&names, e->d_name);
		keys_add(&asked, key);
		bytes += strlen(key);
		if (asked.n == READER_KEYS || bytes > MAX_ASK_BYTES) { /* one packet, one answer */
			ask_about(d, &names, &asked);
			bytes = 0;
		}
	}
	if (asked.n > 0)
		ask_about(d, &names, &asked);
	if (dir)
		closedir(dir);
	d->cur_from_ms = d->n_found < MAX_FOUND ? begun_ms - SETTLED_MS : d->cur_from_ms;
	d->cur_due_ms = clock_mono_ms() + CUR_EVERY_MS;
}

/* --- handing over --- */

static int read_file(int fd, struct payload *out)
{
	char chunk[65536];
	for (;;) {
		ssize_t got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			return payload_take(out);
		if (!payload_add(out, chunk, (size_t)got))
			return -1;
	}
}

static void hand_over_open(struct maildir *d, int fd, const struct found *f, const char *key)
{
	struct reader *r = d->r;
	struct payload body;
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		keys_add(&d->left, key); /* a pipe, a folder: no mail */
		return;
	}
	if ((uint64_t)st.st_size > r->max_bytes) {
		reader_oversize(r, key, st.st_size);
		keys_add(&d->left, key);
		return;
	}
	payload_init(&body, r->max_bytes);
	int mail = read_file(fd, &body);
	size_t size = body.size;
	payload_release(&body);
	if (mail < 0) {
		reader_state(r, false, "a mail cannot be read");
		d->fresh_settled = false; /* it is tried again */
		return;
	}
	int64_t at_ms = ms_of(st.st_mtim);
	reader_item(r, key, size, at_ms, f->part == PART_CUR && at_ms < r->since_ms, mail);
}

/* It cannot be opened. Gone: somebody has moved it, and it is found again in cur/. A link is no mail.
 * Anything else is told once, and the file stays. */
static void leave_unopened(struct maildir *d, const char *key, int problem)
{
	if (problem == ENOENT)
		return;
	keys_add(&d->left, key);
	if (problem != ELOOP)
		reader_unreadable(d->r, key, strerror(problem));
}

static void hand_over(struct maildir *d, const struct found *f)
{
	char key[MAILDIR_KEY_SIZE];
	int dir = f->part == PART_NEW ? d->fresh : d->cur;
	if (!maildir_key(f->name, key))
		return;
	int fd = openat(dir, f->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		leave_unopened(d, key, errno);
		return;
	}
	hand_over_open(d, fd, f, key);
	close(fd);
}

/* As many as the window has room for. */
static void hand_over_found(struct maildir *d)
{
	while (d->next < d->n_found && reader_has_room(d->r) && !d->r->desk_gone) {
		struct found *f = &d->found[d->next++];
		hand_over(d, f);
		free(f->name);
		f->name = NULL;
	}
	if (d->next == d->n_found)
		forget_found(d);
}

/* --- after the commit --- */

/* Looks through a folder for the file of a key. */
static bool search_dir(int dir, const char *key, char name[NAME_MAX + 1])
{
	char other[MAILDIR_KEY_SIZE];
	bool found = false;
	const struct dirent *e;
	DIR *list = list_dir(dir);
	while (list && !found && (e = readdir(list))) {
		found = maildir_key(e->d_name, other) && strcmp(other, key) == 0;
		if (found)
			snprintf(name, NAME_MAX + 1, "%s", e->d_name);
	}
	if (list)
		closedir(list);
	return found;
}

/* Where a key's file is now: its directory and name. False when it is gone. */
static bool find_file(const struct maildir *d, const char *key, int *dir, char name[NAME_MAX + 1])
{
	static const char *const flags[] = {"", ":2,S", ":2,"};
	char base[NAME_MAX + 1];
	struct stat st;
	if (!maildir_base(key, base))
		return false;
	int places[] = {d->fresh, d->cur};
	for (size_t i = 0; i < 2 * ARRAY_LEN(flags); i++) { /* where it is nearly always */
		*dir = places[i % 2];
		int n = snprintf(name, NAME_MAX + 1, "%s%s", base, flags[i / 2]);
		if (n <= NAME_MAX && fstatat(*dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		*dir = places[i];
		if (search_dir(*dir, key, name))
			return true;
	}
	return false;
}

static int rename_seen(int from, const char *name, int to)
{
	char seen[NAME_MAX + 1];
	if (!maildir_seen(name, seen)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (from == to && strcmp(name, seen) == 0)
		return 0;
	return renameat(from, name, to, seen);
}

/* 0, or -1 when it must be tried again. A file that is gone needs nothing more. */
static int finish_one(struct maildir *d, const char *key, bool delete)
{
	char name[NAME_MAX + 1];
	int dir, rc;
	if (d->r->after == AFTER_KEEP && !delete) {
		keys_add(&d->left, key);
		return 0;
	}
	if (!find_file(d, key, &dir, name))
		return 0;
	if (delete || (d->r->after == AFTER_DELETE && d->r->delete_days == 0))
		rc = unlinkat(dir, name, 0);
	else
		rc = rename_seen(dir, name, d->r->after == AFTER_MOVE ? d->folder_cur : d->cur);
	return rc == 0 || errno == ENOENT ? 0 : -1;
}

/* Does what it can of a list and tells the desk what is done. */
static void finish_list(struct maildir *d, struct keys *todo, const char *told, bool delete)
{
	size_t n = 0;
	int problem = 0;
	while (n < todo->n && problem == 0) {
		if (finish_one(d, todo->v[n], delete) == 0)
			n++;
		else
			problem = errno;
	}
	struct keys done = keys_take(todo, n);
	reader_tell_keys(d->r, told, &done);
	keys_clear(&done);
	if (problem == 0)
		return;
	char why[READER_REASON_SIZE];
	snprintf(why, sizeof(why), "a committed mail cannot be flagged: %s", strerror(problem));
	reader_state(d->r, false, why);
	d->retry_ms = clock_mono_ms() + RETRY_MS;
}

static void finish_committed(struct maildir *d)
{
	if (clock_mono_ms() < d->retry_ms)
		return;
	if (d->r->acks.n > 0)
		finish_list(d, &d->r->acks, "flagged", false);
	if (d->r->deletes.n > 0)
		finish_list(d, &d->r->deletes, "deleted", true);
}

/* --- the loop --- */

static void look(struct maildir *d)
{
	struct stat st;
	if (d->n_found > 0)
		return;
	if (d->r->sweep)
		d->fresh_settled = false;
	if (fresh_changed(d, &st))
		read_fresh(d, &st);
	if (d->n_found == 0 && clock_mono_ms() >= d->cur_due_ms)
		read_cur(d);
	d->handed_all = d->n_found == 0;
	if (clock_mono_ms() >= d->retry_ms)
		reader_state(d->r, true, "");
}

/* How long only the desk can change anything: not at all while there is work of our own. */
static int wait_ms(const struct maildir *d)
{
	const struct reader *r = d->r;
	int64_t ms = r->poll_ms < RETRY_MS ? r->poll_ms : RETRY_MS;
	int64_t to_retry = d->retry_ms - clock_mono_ms();
	if (d->n_found > 0 && reader_has_room(r))
		return 0;
	if (r->acks.n + r->deletes.n > 0 && to_retry < ms)
		ms = to_retry > 0 ? to_retry : 0;
	return (int)ms;
}

static void round_of(struct maildir *d)
{
	struct reader *r = d->r;
	if (!is_open(d)) {
		reader_pump(r, RETRY_MS);
		return;
	}
	d->handed_all = false;
	finish_committed(d);
	if (reader_has_room(r))
		look(d);
	hand_over_found(d);
	if (d->handed_all && r->sweep && d->n_found == 0)
		reader_swept(r);
	reader_pump(r, wait_ms(d));
}

const char *reader_maildir_run(struct reader *r)
{
	struct maildir d = {.r = r, .fresh = -1, .cur = -1, .folder_cur = -1};
	if (*json_str(r->job, "path", "") == '\0')
		return "path";
	r->sweep = true; /* the first reading is told when it is over */
	if (reader_hello(r, "") && r->first)
		reader_begun(r, 0);
	while (!r->desk_gone)
		round_of(&d);
	forget_found(&d);
	free(d.found);
	keys_clear(&d.left);
	int fds[] = {d.fresh, d.cur, d.folder_cur};
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	return NULL;
}
