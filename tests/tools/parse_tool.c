/* parse-tool: what `lotsctl parse --json` prints, without the cage. For scoring, benches and for
 * looking at one mail. Each file is read in a forked child, as in the daemon; with --here=N in this
 * process, so often, to measure the reading alone; with --compare it tells where libetpan and our
 * own reader of MIME structure differ. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/limits.h"
#include "mail/charset.h"
#include "mail/mailjson.h"
#include "mail/mime.h"
#include "mail/parse.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int map_file(const char *path, struct bytes *out)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0)
		return -1;
	out->n = (size_t)st.st_size < MAX_MAIL_BYTES ? (size_t)st.st_size : MAX_MAIL_BYTES;
	out->p = out->n ? mmap(NULL, out->n, PROT_READ, MAP_PRIVATE, fd, 0) : (const void *)"";
	close(fd);
	return out->p == MAP_FAILED ? -1 : 0;
}

/* libytnef prints its troubles to standard output: the answers go out by another way. */
static FILE *answers;

static void answers_open(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	answers = fdopen(dup(STDOUT_FILENO), "w");
	if (!answers || null < 0 || dup2(null, STDOUT_FILENO) < 0)
		abort();
	close(null);
}

static void print_mail(struct arena *arena, struct bytes raw, struct charsets *cs)
{
	struct mail *m = mail_parse(arena, raw, &(struct mail_limits){0}, cs);
	json_t *o = mail_to_json(m);
	char *s = json_dumps(o, JSON_COMPACT);

	if (s)
		fprintf(answers, "%s\n", s);
	free(s);
	json_decref(o);
}

static void parse_here(struct bytes raw, struct charsets *cs, int times)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);

	for (int i = 0; i < times; i++) {
		(void)mail_parse(arena, raw, &(struct mail_limits){0}, cs);
		arena_reset(arena);
	}
	arena_free(&arena);
}

static void parse_forked(struct bytes raw, struct charsets *cs)
{
	int status = -1;
	pid_t pid;

	fflush(answers);
	pid = fork();
	if (pid == 0) {
		struct arena *arena = arena_new(MAX_ARENA_BYTES);

		print_mail(arena, raw, cs);
		fflush(answers);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		fputs("{\"defects\":[\"parser-died\"]}\n", answers);
}

/* Reads the mail once and prints what it cost: CPU ms, and KiB of memory at the most (the mapped mail
 * included). */
static void measure(struct bytes raw, struct charsets *cs)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	long kib = 0;
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	parse_here(raw, cs, 1);
	getrusage(RUSAGE_SELF, &after);
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (f)
		fclose(f);
	fprintf(answers, "%ld %ld\n",
		(long)((after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000 +
			(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1000 +
			(after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1000 +
			(after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1000),
		kib);
}

/* Where the two readers of MIME structure see different parts. */
static void compare(struct bytes raw, const char *path)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	struct mime_limits limits = {MAX_HEADER_BYTES, MAX_MIME_PARTS, MAX_MIME_DEPTH};
	struct header header;
	struct mime a, b;

	header_parse(arena, raw, MAX_HEADER_BYTES, &header);
	mime_walk(arena, raw, &header, &limits, &b);
	if (!mime_etpan(arena, raw, &header, &limits, &a)) {
		fprintf(answers, "own reader: %s\n", path);
	} else if (a.n != b.n) {
		fprintf(answers, "%zu parts by the library, %zu by our reader: %s\n", a.n, b.n,
			path);
	} else {
		for (size_t i = 0; i < a.n; i++)
			if (a.v[i].body.p != b.v[i].body.p || a.v[i].body.n != b.v[i].body.n ||
				a.v[i].parent != b.v[i].parent || a.v[i].end != b.v[i].end ||
				strcmp(a.v[i].type.value, b.v[i].type.value) != 0)
				fprintf(answers, "part %zu (%s %td+%zu) differs (%s %td+%zu): %s\n",
					i, a.v[i].type.value, a.v[i].body.p - raw.p, a.v[i].body.n,
					b.v[i].type.value, b.v[i].body.p - raw.p, b.v[i].body.n,
					path);
	}
	arena_free(&arena);
}

int main(int argc, char **argv)
{
	struct charsets *cs = charsets_open();
	int64_t here = 0;
	int i = 1;

	answers_open();
	if (i < argc && strncmp(argv[i], "--here=", 7) == 0)
		here = strtol(argv[i++] + 7, NULL, 10);
	if (i < argc && strcmp(argv[i], "--compare") == 0) {
		here = -1;
		i++;
	}
	if (i < argc && strcmp(argv[i], "--measure") == 0) {
		here = -2;
		i++;
	}
	for (; i < argc; i++) {
		struct bytes raw;

		if (map_file(argv[i], &raw) != 0)
			fputs("{\"defects\":[\"unreadable\"]}\n", answers);
		else if (here == -2)
			measure(raw, cs);
		else if (here < 0)
			compare(raw, argv[i]);
		else if (here > 0)
			parse_here(raw, cs, (int)here);
		else
			parse_forked(raw, cs);
	}
	charsets_close(&cs);
	return fclose(answers) != 0;
}
