/* Cage, the system calls: lists of what each kind may call. Everything else fails with EPERM, so
 * that a library that only tries (a locale, a cache) goes on; what no honest role tries kills. */
#include "base/prelude.h"

#include "workers/cage_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The sanitizers call much; in their builds only exec is taken. */
#ifdef __SANITIZE_ADDRESS__
#define WIDE true
#else
#define WIDE false
#endif

/* Memory, time, one answer. mmap, mprotect and prctl have rules of their own below. */
static const char *const calls_parse[] = {"read", "readv", "write", "writev", "munmap", "mremap",
	"madvise", "brk", "exit", "exit_group", "futex", "memfd_create", "sendmsg", "close",
	"clock_gettime", "gettimeofday", "clock_getres", "getrandom", "rt_sigreturn",
	"rt_sigprocmask", "getpid", "gettid", "poll", "ppoll", "restart_syscall", NULL};

/* Its children inherit these: so none that names a path or another process. pidfd_send_signal reaches
 * only whom one has a descriptor of, and no child has one. clone and prlimit64 have rules below. */
static const char *const calls_zygote[] = {"wait4", "recvmsg", "fstat", "pread64", "close_range",
	"getppid", "dup2", "dup3", "pidfd_send_signal", NULL};
static const char *const calls_later[] = {"seccomp", NULL};

static const char *const calls_files[] = {"open", "openat", "pread64", "pwrite64", "fsync",
	"fdatasync", "sync_file_range", "rename", "renameat", "renameat2", "link", "linkat",
	"unlink", "unlinkat", "fstat", "stat", "lstat", "newfstatat", "statx", "lseek",
	"getdents64", "mkdir", "mkdirat", "access", "faccessat", "faccessat2", "ftruncate",
	"fallocate", "utimensat", "readlink", "readlinkat", "statfs", "fstatfs", "getcwd", "umask",
	"fchmod", "copy_file_range", "fcntl", "inotify_init1", "inotify_add_watch",
	"inotify_rm_watch", "recvmsg", "rt_sigaction", "sigaltstack", "getuid", "geteuid", "getgid",
	"getegid", "uname", "sysinfo", "dup", "dup2", "dup3", "pipe", "pipe2", "epoll_create1",
	"epoll_ctl", "epoll_wait", "epoll_pwait", "eventfd2", "signalfd4", "timerfd_create",
	"timerfd_settime", "select", "pselect6", "clock_nanosleep", "nanosleep", "getppid",
	"sched_yield", "sched_getaffinity", "prlimit64", "getrlimit", "set_robust_list", "rseq",
	"rt_sigtimedwait", "rt_sigpending", "membarrier", "ioctl", NULL};

/* Threads are for curl's resolver. No listen, no accept. */
static const char *const calls_network[] = {"connect", "bind", "getsockname", "getpeername",
	"setsockopt", "getsockopt", "sendto", "recvfrom", "sendmmsg", "recvmmsg", "shutdown",
	"socketpair", "set_tid_address", "times", "getrusage", "rt_sigsuspend", "alarm",
	"setitimer", "getitimer", NULL};

/* What no honest role ever tries. */
static const char *const calls_exec[] = {"execve", "execveat", NULL};
static const char *const calls_deadly[] = {"ptrace", "process_vm_readv", "process_vm_writev",
	"init_module", "finit_module", "kexec_load", "mount", "umount2", "pivot_root", "chroot",
	"bpf", "perf_event_open", "setns", "unshare", "add_key", "keyctl", "userfaultfd", NULL};

/* A name this architecture has not is passed over: it cannot be called either. */
static int add_all(scmp_filter_ctx f, uint32_t action, const char *const *names)
{
	for (; *names != NULL; names++) {
		int nr = seccomp_syscall_resolve_name(*names);
		if (nr != __NR_SCMP_ERROR && seccomp_rule_add(f, action, nr, 0) != 0)
			return -1;
	}
	return 0;
}

/* Memory may be writable or executable, but not made executable after the start. */
static int add_memory(scmp_filter_ctx f, bool libraries)
{
	struct scmp_arg_cmp plain = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	if (seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, plain) != 0)
		return -1;
	/* Name resolution and libesmtp load libraries: mapped from a file, never written. */
	struct scmp_arg_cmp map =
		libraries ? SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_EXEC) : plain;
	if (seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, map) != 0)
		return -1;
	return libraries ? seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, plain) : 0;
}

static int add_prctl(scmp_filter_ctx f, const int *options, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)options[i])) != 0)
			return -1;
	}
	return 0;
}

static int add_fcntl_seals(scmp_filter_ctx f)
{
	static const int ops[] = {F_ADD_SEALS, F_GET_SEALS, F_GETFD, F_GETFL};
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		if (seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
			    SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)ops[i])) != 0)
			return -1;
	}
	return 0;
}

/* fork() and threads, but no namespaces. clone3 hides its flags in memory: told to be absent, so
 * that glibc takes clone. */
static int add_clone(scmp_filter_ctx f)
{
	const scmp_datum_t spaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
				    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	if (seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, spaces, 0)) != 0)
		return -1;
	return seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

/* One form of each: limits of oneself, a child as the zygote makes it, a death with its parent. */
static int add_zygote(scmp_filter_ctx f, bool load_later)
{
	static const int later_prctl[] = {PR_SET_NO_NEW_PRIVS, PR_SET_DUMPABLE};
	if (seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0)) !=
			0 ||
		seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_EQ, CLONE_PIDFD | SIGCHLD)) != 0 ||
		seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 2,
			SCMP_A0(SCMP_CMP_EQ, PR_SET_PDEATHSIG), SCMP_A1(SCMP_CMP_EQ, SIGKILL)) != 0)
		return -1;
	return load_later ? add_all(f, SCMP_ACT_ALLOW, calls_later) ||
				    add_prctl(f, later_prctl, ARRAY_LEN(later_prctl))
			  : 0;
}

/* abort() signals its own process; kept from it, it falls on an instruction that looks like SIGSEGV. (A parser's
 * child does: it inherits its filter, which cannot know its pid.) */
static int add_abort(scmp_filter_ctx f)
{
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
		SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
}

static int add_sockets(scmp_filter_ctx f)
{
	static const int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		if (seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
			    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i])) != 0)
			return -1;
	}
	return 0;
}

static int add_parse(scmp_filter_ctx f)
{
	return add_all(f, SCMP_ACT_ALLOW, calls_parse);
}

static int add_kind(scmp_filter_ctx f, const struct cage_plan *plan)
{
	static const int worker_prctl[] = {PR_SET_NAME};
	switch (plan->calls) {
	case CAGE_CALLS_HEIR:
		break;
	case CAGE_CALLS_PARSE:
		return add_parse(f) || add_memory(f, false) || add_fcntl_seals(f);
	case CAGE_CALLS_ZYGOTE:
		return add_parse(f) || add_memory(f, false) || add_fcntl_seals(f) ||
		       add_all(f, SCMP_ACT_ALLOW, calls_zygote) || add_zygote(f, plan->load_later);
	case CAGE_CALLS_FILES:
		return add_parse(f) || add_memory(f, true) || add_abort(f) ||
		       add_all(f, SCMP_ACT_ALLOW, calls_files);
	case CAGE_CALLS_NETWORK:
		return add_parse(f) || add_memory(f, true) || add_abort(f) ||
		       add_all(f, SCMP_ACT_ALLOW, calls_files) ||
		       add_all(f, SCMP_ACT_ALLOW, calls_network) || add_clone(f) ||
		       add_sockets(f) || add_prctl(f, worker_prctl, ARRAY_LEN(worker_prctl));
	case CAGE_CALLS_DESK:
		/* Its libraries are many and its input is checked: it loses the network and exec.
		 */
		return seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
			SCMP_A0(SCMP_CMP_NE, AF_UNIX));
	}
	return -1;
}

/* libseccomp gives the program through a descriptor only. */
static int export_program(scmp_filter_ctx f, struct cage_filter *out)
{
	static const size_t one = sizeof(struct sock_filter);
	int fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	off_t n = seccomp_export_bpf(f, fd) == 0 ? lseek(fd, 0, SEEK_END) : -1;
	bool ok = n > 0 && n <= (off_t)sizeof(out->v) &&
		  pread(fd, out->v, (size_t)n, 0) == (ssize_t)n;
	out->n = ok ? (unsigned short)((size_t)n / one) : 0;
	close(fd);
	return ok ? 0 : -1;
}

int cage_calls_build(const struct cage_plan *plan, struct cage_filter *out)
{
	bool desk = plan->calls == CAGE_CALLS_DESK, allow_rest = WIDE || desk;
	out->n = 0;
	if (plan->calls == CAGE_CALLS_HEIR)
		return 0;
	scmp_filter_ctx f = seccomp_init(allow_rest ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM));
	if (f == NULL)
		return -1;
	int r = seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	r = r || add_all(f, SCMP_ACT_KILL_PROCESS, calls_exec);
	if (!WIDE)
		r = r || add_all(f, SCMP_ACT_KILL_PROCESS, calls_deadly);
	if (!WIDE || desk)
		r = r || add_kind(f, plan);
	r = r || export_program(f, out);
	seccomp_release(f);
	return r ? -1 : 0;
}
