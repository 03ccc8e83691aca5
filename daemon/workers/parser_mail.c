/* Parser, the work: one mail's bytes to those of struct mail. Called by lots-parser, lotsd and lotsctl
 * parse; answer_mail runs in the caged child. The charsets are read before the cage closes, which is
 * why they are here. */
#include "base/prelude.h"

#include "workers/parser.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "mail/charset.h"
#include "mail/mailpack.h"
#include "mail/parse.h"
#include "workers/protocol.h"

#include <fcntl.h>
#include <unistd.h>

static char *answer_mail(struct bytes raw, void *with, size_t *n)
{
	struct charsets *charsets = with;
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	struct mail *m = mail_parse(arena, raw, &(struct mail_limits){0}, charsets);
	struct buf out;
	buf_init(&out, MAX_IPC_PAYLOAD);
	mail_pack(m, &out);
	*n = out.len;
	return buf_ok(&out) ? out.data : NULL;
}

static bool make_tables(void *out, const void *with)
{
	(void)with;
	charset_tables_read(out);
	return true;
}

/* lots-parser is given them: it is linked with nothing that iconv could load. */
static const void *tables_handed_over(void)
{
	struct bytes b;
	if (ipc_map(WORKER_SECRET_FD, charset_tables_size(), &b) != 0)
		return NULL;
	if (b.n == charset_tables_size())
		return b.p;
	ipc_unmap(&b);
	return NULL;
}

int parser_main(int sock, json_t *job)
{
	/* libytnef prints its troubles to standard output, where lotsctl's answers go. */
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
		return 71;
	close(null);
	const void *tables = tables_handed_over();
	if (tables == NULL)
		tables = parser_made(charset_tables_size(), make_tables, NULL);
	if (tables == NULL)
		return 71;
	struct charsets *charsets = charsets_use(tables);
	struct parser_work work = {.answer = answer_mail, .with = charsets};
	int r = parser_serve(sock, job, &work);
	charsets_close(&charsets);
	return r;
}
