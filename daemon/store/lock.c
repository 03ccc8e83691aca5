/* Lock: one Lots at a time. Called by open.c. The file holds the pid of the one that has it; it is
 * never removed, because removing it would let two in. */
#include "base/prelude.h"

#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void tell_holder(int fd, const char *dir, char *error, size_t error_size)
{
	char pid[24];
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	pid[n > 0 ? n : 0] = '\0';
	pid[strspn(pid, "0123456789")] = '\0';
	snprintf(error, error_size, "%s: already in use by the process with pid %s", dir,
		*pid ? pid : "(not known)");
}

static int write_pid(int fd, int64_t owner)
{
	char pid[24];
	int n = snprintf(pid, sizeof(pid), "%" PRId64 "\n", owner);

	if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n)
		return -1;
	return 0;
}

enum store_status lock_take(
	const char *dir, int64_t owner, int *out, char *error, size_t error_size)
{
	char path[4096];

	*out = -1;
	int n = snprintf(path, sizeof(path), "%s/lots.lock", dir);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		snprintf(error, error_size, "the name of the state folder is too long");
		return STORE_IO;
	}
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		return STORE_IO;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		bool held = errno == EWOULDBLOCK;
		if (held)
			tell_holder(fd, dir, error, error_size);
		else
			snprintf(error, error_size, "%s: %s", path, strerror(errno));
		close(fd);
		return held ? STORE_LOCKED : STORE_IO;
	}
	if (write_pid(fd, owner ? owner : getpid()) != 0) {
		/* A full disk: the lock holds all the same; only its text is missing. */
		(void)!ftruncate(fd, 0);
	}
	*out = fd;
	return STORE_OK;
}
