/* The two kinds of mailbox a reader can have. Each runs until the desk is gone and returns NULL, or at
 * once the name of the member of the job that makes no sense. */
#ifndef LOTS_WORKERS_READER_KINDS_H
#define LOTS_WORKERS_READER_KINDS_H

#include "base/prelude.h"
#include "workers/reader_desk.h"

const char *reader_maildir_run(struct reader *r);
const char *reader_imap_run(struct reader *r);

#endif
