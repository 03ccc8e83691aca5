/* Payload: called by the readers. Must not hand out a memfd that can still change. */
#include "base/prelude.h"

#include "workers/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

void payload_init(struct payload *p, size_t max)
{
	p->fd = memfd_create("mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	p->size = 0;
	p->max = max;
}

void payload_release(struct payload *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

bool payload_add(struct payload *p, const void *bytes, size_t n)
{
	const char *from = bytes;
	if (p->fd < 0 || n > p->max - p->size) {
		payload_release(p);
		return false;
	}
	p->size += n;
	while (n > 0) {
		ssize_t put = write(p->fd, from, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			payload_release(p);
			return false;
		}
		from += put;
		n -= (size_t)put;
	}
	return true;
}

int payload_take(struct payload *p)
{
	int fd = p->fd;
	p->fd = -1;
	if (fd >= 0 && fcntl(fd, F_ADD_SEALS,
			       F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}
