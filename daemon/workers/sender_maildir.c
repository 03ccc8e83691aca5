/* Sender to a Maildir: a file named after the Message-ID, so that a mail can be there once only; no
 * window between "sent" and "known to be sent", hence no gate.
 *
 * Up to a batch of mails share the wait for the disk: all are written and their writing begun, then
 * each is synced, then all are put into new/, then the directory is synced, then they are done. */
#include "base/prelude.h"

#include "base/crypto.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"
#include "workers/sender_desk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_SIZE 256
#define MAX_PLAIN_NAME 200 /* longer ids are named by their digest */

struct maildir_sink {
	int tmp, fresh, cur; /* directories */
};

/* One mail of the batch. */
struct placing {
	struct outgoing *mail;
	char name[NAME_SIZE];
	int fd;	     /* of tmp/name; -1 when not written */
	int problem; /* errno; 0 none */
};

static int open_dir(const char *path, const char *part)
{
	char full[4096];
	int n = snprintf(full, sizeof(full), "%s/%s", path, part);
	if (n < 0 || (size_t)n >= sizeof(full))
		return -1;
	if (mkdir(full, 0700) != 0 && errno != EEXIST)
		return -1;
	return open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int maildir_open(struct sender *s)
{
	const char *path = json_str(s->job, "path", "");
	struct maildir_sink *sink = calloc(1, sizeof(*sink));
	if (!sink)
		abort();
	s->driver = sink;
	if (*path == '\0') {
		log_error("bad-job", "%s", "member=path");
		return -1;
	}
	(void)mkdir(path, 0700);
	sink->tmp = open_dir(path, "tmp");
	sink->fresh = open_dir(path, "new");
	sink->cur = open_dir(path, "cur");
	if (sink->tmp < 0 || sink->fresh < 0 || sink->cur < 0) {
		log_error("no-maildir", "errno=%d", errno);
		return -1;
	}
	sender_state(s, true, "");
	return 0;
}

static void maildir_close(struct sender *s)
{
	struct maildir_sink *sink = s->driver;
	close(sink->tmp);
	close(sink->fresh);
	close(sink->cur);
	free(sink);
}

/* The file name of a Message-ID: what is safe in a name as it is, the rest as %XX; no leading dot,
 * no ':' (it begins the flags). Different ids never meet. */
static void name_of(const char *message_id, char name[NAME_SIZE])
{
	static const char safe[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._+=-";
	size_t used = 0;
	for (const char *p = message_id; *p && used + 4 < MAX_PLAIN_NAME; p++) {
		if (strchr(safe, *p) && !(used == 0 && *p == '.'))
			name[used++] = *p;
		else
			used += (size_t)snprintf(name + used, 4, "%%%02X", (unsigned char)*p);
	}
	name[used] = '\0';
	if (strlen(message_id) + 4 >= MAX_PLAIN_NAME || used + 4 >= MAX_PLAIN_NAME) {
		unsigned char digest[SHA256_BYTES];
		sha256(message_id, strlen(message_id), digest);
		hex_encode(name, digest, sizeof(digest));
	}
}

/* Somebody may have read it already and moved it to cur/ with flags: looked for on a retry only,
 * because it means going through the folder. */
static bool is_in_cur(const struct maildir_sink *sink, const char *name)
{
	size_t len = strlen(name);
	bool found = false;
	int fd = openat(sink->cur, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	const struct dirent *e;
	while (!found && (e = readdir(dir)))
		found = strncmp(e->d_name, name, len) == 0 &&
			(e->d_name[len] == ':' || e->d_name[len] == '\0');
	closedir(dir);
	return found;
}

static bool is_there(const struct maildir_sink *sink, const struct placing *p)
{
	struct stat st;
	if (fstatat(sink->fresh, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	return p->mail->retry && is_in_cur(sink, p->name);
}

static int write_all(int fd, struct bytes wire)
{
	size_t done = 0;
	while (done < wire.n) {
		ssize_t put = write(fd, wire.p + done, wire.n - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -1;
		done += (size_t)put;
	}
	return 0;
}

static void write_tmp(const struct maildir_sink *sink, struct placing *p)
{
	p->fd = openat(
		sink->tmp, p->name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (p->fd < 0 || write_all(p->fd, p->mail->wire) != 0)
		p->problem = errno ? errno : EIO;
	else
		(void)sync_file_range(p->fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* only begins it */
}

static void finish_tmp(struct placing *p)
{
	if (p->fd < 0)
		return;
	if (p->problem == 0 && fsync(p->fd) != 0)
		p->problem = errno;
	if (close(p->fd) != 0 && p->problem == 0)
		p->problem = errno;
	p->fd = -1;
}

/* tmp/name -> new/name. An equal name that is there already is the same mail. */
static void place(const struct maildir_sink *sink, struct placing *p)
{
	if (p->problem == 0 && linkat(sink->tmp, p->name, sink->fresh, p->name, 0) != 0 &&
		errno != EEXIST)
		p->problem = errno;
	(void)unlinkat(sink->tmp, p->name, 0);
}

static void report(struct sender *s, struct placing *p)
{
	struct outgoing *m = p->mail;
	if (p->problem == 0) {
		sender_done_as(s, m, (struct verdict){.delivery = DELIVERY_ACCEPTED});
		return;
	}
	const char *why = strerror(p->problem);
	outgoing_text(m, why, strlen(why));
	sender_done_as(s, m, (struct verdict){.delivery = DELIVERY_DEFERRED, .sink_down = true});
}

/* The batch that waits now; false if none does. */
static size_t take_batch(struct sender *s, struct placing batch[MAX_BATCH])
{
	size_t n = 0;
	struct outgoing *m;
	while (n < MAX_BATCH && (m = sender_next(s))) {
		struct placing *p = &batch[n];
		*p = (struct placing){.mail = m, .fd = -1};
		name_of(m->message_id, p->name);
		if (p->name[0] != '\0') {
			n++;
			continue;
		}
		outgoing_text(m, "no Message-ID", 13);
		sender_done_as(s, m, (struct verdict){.delivery = DELIVERY_FAILED});
	}
	return n;
}

static void maildir_run(struct sender *s, int ms)
{
	const struct maildir_sink *sink = s->driver;
	struct placing batch[MAX_BATCH];
	bool there[MAX_BATCH];
	if (TAILQ_EMPTY(&s->waiting))
		sender_pump(s, ms);
	size_t n = take_batch(s, batch);
	for (size_t i = 0; i < n; i++) {
		there[i] = is_there(sink, &batch[i]);
		if (!there[i])
			write_tmp(sink, &batch[i]);
	}
	for (size_t i = 0; i < n; i++)
		finish_tmp(&batch[i]);
	for (size_t i = 0; i < n; i++) {
		if (!there[i])
			place(sink, &batch[i]);
	}
	int problem = n > 0 && fsync(sink->fresh) != 0 ? errno : 0;
	for (size_t i = 0; i < n; i++) {
		if (problem != 0)
			batch[i].problem = problem;
		report(s, &batch[i]);
	}
	sender_say(s);
	sender_pump(s, 0);
}

const struct sink_driver sink_maildir = {
	.open = maildir_open,
	.run = maildir_run,
	.close = maildir_close,
};
