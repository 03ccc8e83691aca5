/* Cage, the plan of a reader or sender: which files and which kind of calls its job needs. */
#include "base/prelude.h"

#include "workers/cage.h"

#include "base/ipc.h"

static void may_read(struct cage_plan *p, const char *path)
{
	if (path[0] == '\0')
		return;
	if (p->nreadable == CAGE_MAX_PATHS)
		abort();
	p->readable[p->nreadable++] = path;
}

static void may_write(struct cage_plan *p, const char *path)
{
	if (path[0] == '\0')
		return;
	if (p->nwritable == CAGE_MAX_PATHS)
		abort();
	p->writable[p->nwritable++] = path;
}

/* What name resolution, TLS and the C library read. A folder that is a symbolic link's target is
 * named too, since resolv.conf is often replaced in there. */
static void may_use_network(struct cage_plan *p)
{
	static const char *const paths[] = {"/usr/lib", "/usr/share", "/lib", "/lib64",
		"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf",
		"/etc/gai.conf", "/etc/services", "/etc/protocols", "/etc/ld.so.cache", "/etc/ssl",
		"/etc/ca-certificates", "/etc/gnutls", "/etc/localtime", "/run/systemd/resolve",
		"/run/resolvconf", "/run/NetworkManager", "/dev/null", "/dev/urandom"};
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		may_read(p, paths[i]);
}

void cage_plan_for_job(struct cage_plan *plan, json_t *job)
{
	*plan = (struct cage_plan){.calls = CAGE_CALLS_FILES, .open_files = 256};
	if (strcmp(json_str(job, "kind", ""), "maildir") == 0) {
		may_write(plan, json_str(job, "path", ""));
		may_write(plan, json_str(job, "folder", ""));
		return;
	}
	plan->calls = CAGE_CALLS_NETWORK;
	may_use_network(plan);
	may_read(plan, json_str(job, "ca_file", ""));
}
