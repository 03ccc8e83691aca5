/* Once: the same scenario through the real programs: lotsctl init, Maildirs, lotsd --once --now. */
#include "base/prelude.h"

#include "runner.h"

void once_open(struct world *w)
{
	fail_line(w, "not yet");
}

void once_close(struct world *w)
{
	(void)w;
}

void once_deliver(struct world *w, const char *mailbox, const char *raw, size_t n)
{
	(void)w;
	(void)mailbox;
	(void)raw;
	(void)n;
}

void once_run(struct world *w)
{
	(void)w;
}
