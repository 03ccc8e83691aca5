/* Cage: closes descriptors, sets limits, and loads the Landlock rules and the seccomp filter.
 * Called by app/roles.c and by the parser's zygote. Must not allocate in cage_enter: it runs in
 * every parser child. */
#include "base/prelude.h"

#include "workers/cage.h"

#include "base/limits.h"
#include "workers/cage_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

#define READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define READ_TREE (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* ABI 1 is bits 0 to 12. */
#define ABI_1 ((1ULL << 13) - 1)
/* On a file, only these make sense. */
#define FILE_RIGHTS (READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
/* What a Maildir needs; no devices, no sockets, no links to other names. */
#define WRITE_TREE                                                                                 \
	(READ_TREE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                 \
		LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |                     \
		LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE)

struct cage {
	struct cage_plan plan;
	struct cage_filter filter;
};

static int landlock_abi(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool cage_has_landlock(void)
{
	return landlock_abi() >= 1;
}

static uint64_t handled_rights(void)
{
	int abi = landlock_abi();
	return ABI_1 | (abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) |
	       (abi >= 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0);
}

static int allow_below(int rules, const char *path, uint64_t rights)
{
	struct stat st;
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -1;
	int r = fstat(fd, &st);
	struct landlock_path_beneath_attr below = {
		.parent_fd = fd, .allowed_access = rights & handled_rights()};
	if (r == 0 && !S_ISDIR(st.st_mode))
		below.allowed_access &= FILE_RIGHTS;
	if (r == 0)
		r = (int)syscall(
			SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	close(fd);
	return r;
}

static int restrict_files(const struct cage_plan *plan)
{
	if (!cage_has_landlock())
		return 0;
	struct landlock_ruleset_attr attr = {.handled_access_fs = handled_rights()};
	int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0), r = 0;
	if (rules < 0)
		return -1;
	for (size_t i = 0; i < plan->nreadable && r == 0; i++)
		r = allow_below(rules, plan->readable[i], READ_TREE);
	for (size_t i = 0; i < plan->nwritable && r == 0; i++)
		r = allow_below(rules, plan->writable[i], WRITE_TREE);
#ifdef __SANITIZE_ADDRESS__
	static const char *const needed[] = {"/proc", "/usr", "/lib", "/lib64"};
	for (size_t i = 0; i < ARRAY_LEN(needed) && r == 0; i++)
		r = allow_below(rules, needed[i], READ_TREE);
#endif
	if (r == 0)
		r = (int)syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
	return r;
}

static int set_limit(int what, rlim_t soft, rlim_t hard)
{
	struct rlimit l = {.rlim_cur = soft, .rlim_max = hard}, old;
	if (getrlimit(what, &old) == 0 && old.rlim_max < hard) {
		l.rlim_max = old.rlim_max;
		l.rlim_cur = soft < old.rlim_max ? soft : old.rlim_max;
	}
	return setrlimit(what, &l);
}

/* What a heir sets anew; all else it has from its zygote. Each mail pays for each call here. */
static int set_limits_of_heir(const struct cage_plan *plan)
{
	struct rlimit cpu = {plan->cpu_seconds, plan->cpu_seconds + 1}, none = {0, 0};
	if (plan->cpu_seconds > 0 && setrlimit(RLIMIT_CPU, &cpu) != 0)
		return -1;
	return setrlimit(RLIMIT_NPROC, &none);
}

static int set_limits(const struct cage_plan *plan)
{
	int r = set_limit(RLIMIT_CORE, 0, 0);
	/* Workers write single mails. The desk's databases grow as they must. */
	if (plan->calls != CAGE_CALLS_DESK)
		r = r || set_limit(RLIMIT_FSIZE, MAX_IPC_PAYLOAD, MAX_IPC_PAYLOAD);
	if (plan->open_files > 0)
		r = r || set_limit(RLIMIT_NOFILE, plan->open_files, plan->open_files);
	/* The soft limit ends it with SIGXCPU; one second later the hard one kills. */
	if (plan->cpu_seconds > 0)
		r = r || set_limit(RLIMIT_CPU, plan->cpu_seconds, plan->cpu_seconds + 1);
#ifndef __SANITIZE_ADDRESS__
	if (plan->memory_bytes > 0)
		r = r || set_limit(RLIMIT_AS, plan->memory_bytes, plan->memory_bytes);
#endif
	return r ? -1 : 0;
}

/* Closes all but 0, 1, 2 and the kept ones: the gaps between them, in order. */
static int close_others(const struct cage_plan *plan)
{
	int keep[CAGE_MAX_KEEP];
	size_t n = plan->nkeep;
	memcpy(keep, plan->keep, sizeof(keep));
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i; j > 0 && keep[j] < keep[j - 1]; j--) {
			int t = keep[j];
			keep[j] = keep[j - 1];
			keep[j - 1] = t;
		}
	}
	unsigned from = 3;
	for (size_t i = 0; i < n; i++) {
		unsigned k = (unsigned)keep[i];
		if (keep[i] < (int)from)
			continue;
		if (k > from && close_range(from, k - 1, 0) != 0)
			return -1;
		from = k + 1;
	}
	return close_range(from, UINT_MAX, 0);
}

size_t cage_size(void)
{
	return sizeof(struct cage);
}

int cage_make(const struct cage_plan *plan, struct cage *out, const char **why)
{
	*why = "cannot build the system call filter";
	out->plan = *plan;
	return cage_calls_build(plan, &out->filter);
}

struct cage *cage_prepare(const struct cage_plan *plan, const char **why)
{
	struct cage *cage = calloc(1, sizeof(*cage));
	*why = "out of memory";
	if (cage == NULL || cage_make(plan, cage, why) == 0)
		return cage;
	free(cage);
	return NULL;
}

int cage_enter(const struct cage *cage, const char **why)
{
	const struct cage_plan *plan = &cage->plan;
	*why = "cannot close the other descriptors";
	if (close_others(plan) != 0)
		return -1;
	*why = "cannot set limits";
	if (plan->calls == CAGE_CALLS_HEIR)
		return set_limits_of_heir(plan);
	if (set_limits(plan) != 0)
		return -1;
	*why = "cannot give up new privileges";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
#ifndef __SANITIZE_ADDRESS__
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return -1;
#endif
	*why = "Landlock refused";
	/* The desk keeps its files; a parser's child inherits the zygote's empty list. */
	if (plan->calls != CAGE_CALLS_DESK && plan->calls != CAGE_CALLS_PARSE &&
		restrict_files(plan) != 0)
		return -1;
	*why = "seccomp refused";
	struct sock_fprog filter = {
		.len = cage->filter.n, .filter = (struct sock_filter *)(uintptr_t)cage->filter.v};
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0)
		return -1;
	*why = "";
	return 0;
}

void cage_leave_root(void)
{
	static const uid_t nobody = 65534;
	int signal = 0;
	pid_t parent = getppid();
	if (getuid() != 0)
		return;
	prctl(PR_GET_PDEATHSIG, &signal);
	if (setgroups(0, NULL) != 0 || setresgid(nobody, nobody, nobody) != 0 ||
		setresuid(nobody, nobody, nobody) != 0)
		return;
#ifdef __SANITIZE_ADDRESS__
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
#endif
	/* Lost with the user. */
	prctl(PR_SET_PDEATHSIG, signal);
	if (signal != 0 && getppid() != parent)
		_exit(71);
}

void cage_free(struct cage **cage)
{
	free(*cage);
	*cage = NULL;
}
