/* Folder: what a sync of a file does not keep is its name; that stands in the folder. */
#ifndef LOTS_BASE_FOLDER_H
#define LOTS_BASE_FOLDER_H

#include "base/prelude.h"

/* Syncs the names in a folder. 0, or -1 with errno. */
int folder_sync(const char *path) MUST_CHECK;
/* Syncs the folder in which the file or folder `path` has just been made, so that it is found there after
 * the power has failed. 0, or -1 with errno. */
int folder_keep_name(const char *path) MUST_CHECK;

#endif
