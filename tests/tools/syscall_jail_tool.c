/* syscall-jail-tool: runs a command under a system call filter as systemd would make it from
 * SystemCallFilter=, where no systemd runs: syscall-jail-tool FILE COMMAND... FILE holds the names that
 * are allowed, one a line; every other call fails with EPERM. */
#include "base/prelude.h"

#include <errno.h>
#include <seccomp.h>
#include <unistd.h>

static int allow(scmp_filter_ctx f, char *name)
{
	name[strcspn(name, "\n")] = '\0';
	int nr = seccomp_syscall_resolve_name(name);
	/* Names this architecture or libseccomp does not know cannot be called either. */
	if (name[0] == '\0' || nr == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, nr, 0);
}

int main(int argc, char **argv)
{
	char line[128];
	FILE *in = argc > 2 ? fopen(argv[1], "re") : NULL;
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (in == NULL || f == NULL) {
		fprintf(stderr, "usage: syscall-jail-tool FILE COMMAND...\n");
		return 64;
	}
	while (fgets(line, sizeof(line), in) != NULL) {
		if (allow(f, line) != 0) {
			fprintf(stderr, "syscall-jail-tool: %s\n", line);
			return 70;
		}
	}
	fclose(in);
	if (seccomp_load(f) != 0) {
		perror("seccomp_load");
		return 71;
	}
	execv(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
