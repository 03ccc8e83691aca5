/* Secret: called by the IMAP client and the SMTP sender at each log-in. Must not keep or print it.
 */
#include "base/prelude.h"

#include "workers/secret.h"

#include <unistd.h>

void secret_wipe(struct secret *s)
{
	explicit_bzero(s, sizeof(*s));
}

static ssize_t read_whole(int fd, char *out, size_t size)
{
	size_t used = 0;
	while (used < size) {
		ssize_t got = pread(fd, out + used, size - used, (off_t)used);
		if (got < 0)
			return -1;
		if (got == 0)
			return (ssize_t)used;
		used += (size_t)got;
	}
	return -1; /* as long as the buffer: one too long */
}

int secret_read(int fd, struct secret *out)
{
	ssize_t len = fd < 0 ? -1 : read_whole(fd, out->text, sizeof(out->text));
	if (len > 0 && out->text[len - 1] == '\n')
		len--;
	if (len > 0 && out->text[len - 1] == '\r')
		len--;
	if (len <= 0 || memchr(out->text, '\0', (size_t)len)) {
		secret_wipe(out);
		return -1;
	}
	out->text[len] = '\0';
	return 0;
}
