/* TNEF and CMS: any bytes as winmail.dat and as smime.p7m. What is refused before libytnef keeps it from
 * reading outside. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/charset.h"
#include "mail/smime.h"
#include "mail/tnef.h"

#include <fcntl.h>
#include <unistd.h>

/* libytnef loses memory over broken files, and prints its troubles to standard output. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libytnef\n";
}

static struct charsets *start(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
		abort();
	close(null);
	return charsets_open();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct charsets *cs;
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	struct bytes content;
	struct tnef t;

	if (!cs)
		cs = start();
	if (tnef_read(arena, cs, (struct bytes){data, size}, 4000, &t)) {
		for (size_t i = 0; i < t.n_files; i++)
			if (t.files[i].content.n > size ||
				!utf8_valid(t.files[i].name, strlen(t.files[i].name)))
				abort();
	}
	(void)smime_read(arena, (struct bytes){data, size}, &content);
	if (content.n > size)
		abort();
	arena_free(&arena);
	return 0;
}
