/* Ctl_files: making folders and files for lotsctl. Each returns 0, or -1 after saying on stderr what
 * could not be done. Nothing that exists is overwritten. */
#ifndef LOTS_APP_CTL_FILES_H
#define LOTS_APP_CTL_FILES_H

#include "base/prelude.h"

struct arena;

int ctl_make_dir(const char *path) MUST_CHECK; /* and those above it; existing ones are fine */
/* Makes it, or finds it there and empty, except for a folder of the name `but` (NULL: none). */
int ctl_make_empty_dir(const char *path, const char *but) MUST_CHECK;
int ctl_make_maildir(struct arena *arena, const char *path) MUST_CHECK; /* cur, new, tmp */
int ctl_write_file(const char *path, const void *content, size_t n, unsigned mode) MUST_CHECK;
/* Files and folders below from, names that begin with a dot left out; at most 1000 files of 4 MiB. */
int ctl_copy_tree(struct arena *arena, const char *from, const char *to) MUST_CHECK;
int ctl_copy_file(struct arena *arena, const char *from, const char *to) MUST_CHECK;
/* The whole file, NUL-ended, in the arena; NULL after saying why. */
char *ctl_read_file(struct arena *arena, const char *path, size_t *n);

#endif
