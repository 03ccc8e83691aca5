/* Maildir folders. Called by the role dispatch, before the cage. Must not read anything. */
#include "base/prelude.h"

#include "workers/maildir_folder.h"

#include "base/folder.h"
#include "base/ipc.h"
#include "base/log.h"

#include <errno.h>
#include <sys/stat.h>

/* Mail that is put there must not lose its folder with the power. */
static void make_one(const char *path)
{
	if (mkdir(path, 0700) == 0 && folder_keep_name(path) != 0)
		log_warn("folder-not-synced", "errno=%d", errno);
}

static void make(const char *path)
{
	static const char *const parts[] = {"", "tmp", "new", "cur"};
	char full[4096];
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		int n = snprintf(full, sizeof(full), "%s/%s", path, parts[i]);
		if (n > 0 && (size_t)n < sizeof(full))
			make_one(full);
	}
}

void maildir_make_folders(const char *role, const json_t *job)
{
	const char *path = json_str(job, strcmp(role, "sender") == 0 ? "path" : "folder", "");
	if (strcmp(json_str(job, "kind", ""), "maildir") == 0 && path[0] == '/')
		make(path);
}
