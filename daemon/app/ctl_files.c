/* Ctl_files: see ctl_files.h. Called by lotsctl init and people. Must not be used by the daemon: it
 * speaks to a terminal. */
#include "base/prelude.h"
#include "app/ctl_files.h"

#include "base/arena.h"
#include "base/folder.h"
#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 5
#define MAX_FILES 1000

static int cannot(const char *what, const char *path)
{
	fprintf(stderr, "lotsctl: %s: cannot %s: %s\n", path, what, strerror(errno));
	return -1;
}

static int make_one_dir(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return folder_keep_name(path);
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return -1;
}

int ctl_make_dir(const char *path)
{
	char part[4096];

	if (strlen(path) >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return cannot("make the folder", path);
	}
	for (size_t i = 0; i <= strlen(path); i++) {
		part[i] = path[i];
		if (i == 0 || (path[i] != '/' && path[i] != '\0') || path[i - 1] == '/')
			continue;
		part[i] = '\0';
		if (make_one_dir(part) != 0)
			return cannot("make the folder", part);
		part[i] = path[i];
	}
	return 0;
}

int ctl_make_empty_dir(const char *path, const char *but)
{
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	if (ctl_make_dir(path) != 0)
		return -1;
	d = opendir(path);
	if (!d)
		return cannot("look into", path);
	while ((e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		     (but == NULL || strcmp(e->d_name, but) != 0);
	closedir(d);
	if (n == 0)
		return 0;
	fprintf(stderr, "lotsctl: %s: is not empty; name a new or an empty folder\n", path);
	return -1;
}

int ctl_make_maildir(struct arena *arena, const char *path)
{
	static const char *const parts[] = {"tmp", "new", "cur"};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (ctl_make_dir(arena_printf(arena, "%s/%s", path, parts[i])) != 0)
			return -1;
	}
	return 0;
}

int ctl_write_file(const char *path, const void *content, size_t n, unsigned mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	const char *p = content;

	if (fd < 0 && errno == EEXIST) {
		fprintf(stderr,
			"lotsctl: %s: there is such a file already, and it is left as it is: name"
			" another, or remove it first\n",
			path);
		return -1;
	}
	if (fd < 0)
		return cannot("make the file", path);
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0) {
			close(fd);
			return cannot("write", path);
		}
		p += w;
		n -= (size_t)w;
	}
	if (fsync(fd) != 0 || close(fd) != 0 || folder_keep_name(path) != 0)
		return cannot("write", path);
	return 0;
}

char *ctl_read_file(struct arena *arena, const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *content;

	if (fd < 0 || fstat(fd, &st) != 0 || (uint64_t)st.st_size > MAX_SETTINGS_BYTES) {
		if (fd >= 0) {
			errno = EFBIG;
			close(fd);
		}
		cannot("read", path);
		return NULL;
	}
	content = arena_alloc(arena, (size_t)st.st_size + 1);
	*n = 0;
	while (*n < (size_t)st.st_size) {
		ssize_t r = read(fd, content + *n, (size_t)st.st_size - *n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			break;
		*n += (size_t)r;
	}
	close(fd);
	if (*n == (size_t)st.st_size)
		return content;
	cannot("read", path);
	return NULL;
}

int ctl_copy_file(struct arena *arena, const char *from, const char *to)
{
	size_t n;
	char *content = ctl_read_file(arena, from, &n);

	return content ? ctl_write_file(to, content, n, 0600) : -1;
}

static int copy_folder(
	struct arena *arena, const char *from, const char *to, int depth, size_t *files);

static int copy_entry(
	struct arena *arena, const char *from, const char *to, int depth, size_t *files)
{
	struct stat st;

	if (stat(from, &st) != 0)
		return cannot("read", from);
	if (S_ISDIR(st.st_mode))
		return copy_folder(arena, from, to, depth + 1, files);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (++*files > MAX_FILES) {
		fprintf(stderr, "lotsctl: %s: too many files\n", from);
		return -1;
	}
	return ctl_copy_file(arena, from, to);
}

static int copy_folder(
	struct arena *arena, const char *from, const char *to, int depth, size_t *files)
{
	DIR *d = depth < MAX_DEPTH ? opendir(from) : NULL;
	struct dirent *e;
	int rc;

	if (!d)
		return cannot("look into", from);
	rc = ctl_make_dir(to);
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] != '.')
			rc = copy_entry(arena, arena_printf(arena, "%s/%s", from, e->d_name),
				arena_printf(arena, "%s/%s", to, e->d_name), depth, files);
	}
	closedir(d);
	return rc;
}

int ctl_copy_tree(struct arena *arena, const char *from, const char *to)
{
	size_t files = 0;

	return copy_folder(arena, from, to, 0, &files);
}
