/* Maildir file names: NAME or NAME:2,FLAGS. Pure. */
#ifndef LOTS_WORKERS_MAILDIR_NAME_H
#define LOTS_WORKERS_MAILDIR_NAME_H

#include "base/prelude.h"

#include <limits.h>

#define MAILDIR_KEY_SIZE (3 * NAME_MAX + 1)

/* The key of a file: its base name, printable ASCII, every other byte and '%' as %XX. False if the
 * base is empty. */
bool maildir_key(const char *name, char key[MAILDIR_KEY_SIZE]);
/* The base name back from a key. False if it cannot be one. */
bool maildir_base(const char *key, char base[NAME_MAX + 1]);
/* The name with the flag S among its flags, in order. False if it would be too long. */
bool maildir_seen(const char *name, char out[NAME_MAX + 1]);

#endif
