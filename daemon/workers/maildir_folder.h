/* Maildir folders that a job names: made before the cage closes, because afterwards nothing beside them
 * can be seen, not even to make them. */
#ifndef LOTS_WORKERS_MAILDIR_FOLDER_H
#define LOTS_WORKERS_MAILDIR_FOLDER_H

#include "base/prelude.h"

#include <jansson.h>

/* For a Maildir job of role "reader" the folder mail is moved to, of role "sender" its path. What
 * cannot be made is told by the role when it opens it. */
void maildir_make_folders(const char *role, const json_t *job);

#endif
