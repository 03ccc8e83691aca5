/* Wal: what the engine writes to its write-ahead log reaches the file in one piece, before it is synced.
 *
 * A frame of the log is two writes, 24 bytes and a page, and a mail some 16 frames: one by one they are a
 * tenth of what the desk costs. Nobody may read the log before it is synced (synchronous = FULL, which the
 * store sets: a commit is published after it), so until then the writes may wait here. Files that are not a
 * log are the engine's own. See sqlite.org/vfs.html and section 4 of sqlite.org/fileformat2.html. */
#ifndef LOTS_STORE_WAL_H
#define LOTS_STORE_WAL_H

/* The name of the VFS for sqlite3_open_v2, registered at the first call. For one thread. */
const char *wal_vfs(void);

#endif
