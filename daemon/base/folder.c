/* Folder: see folder.h. Called by whoever makes files or folders that must last. Must not make any. */
#include "base/prelude.h"

#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int folder_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int rc = fsync(fd), kept = errno;
	close(fd);
	errno = kept;
	return rc;
}

int folder_keep_name(const char *path)
{
	char parent[4096];
	size_t n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n >= sizeof(parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(parent, sizeof(parent), "%.*s", (int)n, path);
	return folder_sync(n == 0 ? "." : parent);
}
