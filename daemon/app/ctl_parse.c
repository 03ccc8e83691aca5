/* lotsctl parse: starts the zygote of workers/parser.h and hands it one file after the other.
 *
 * Called by lotsctl. Never looks into a mail itself; what the parser says is only printed. */
#include "base/prelude.h"

#include "app/ctl_parse.h"

#include "app/spawn.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"
#include "mail/mailjson.h"
#include "mail/mailpack.h"
#include "workers/parser.h"
#include "workers/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_USAGE 64
#define EXIT_NO_INPUT 66
#define EXIT_OS_ERROR 71
#define ANSWER_MS (PARSER_WALL_MS + 5000)

struct parser_process {
	pid_t pid;
	int sock;
};

/* The daemon's own program for it where that is, else the same code in a fork of this one. */
static int parser_start(struct parser_process *p)
{
	int s[2];
	json_t *job = json_object();

	if (ipc_pair(s) != 0)
		return -1;
	fflush(stdout);
	if (spawn_has_parser()) {
		p->pid = spawn_role(&(struct spawn){
			.role = "parser", .name = "", .job = job, .sock = s[1], .secret_fd = -1});
	} else if ((p->pid = fork()) == 0) {
		close(s[0]);
		log_set_level(LOG_LEVEL_ERROR);
		_exit(parser_main(s[1], job));
	}
	close(s[1]);
	json_decref(job);
	p->sock = s[0];
	return p->pid < 0 ? -1 : 0;
}

static void parser_stop(struct parser_process *p)
{
	close(p->sock);
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Room for any mail, of which only what is used is there. */
static char *mail_room;

/* At most MAX_MAIL_BYTES of the file; how many, or -1. */
static ssize_t read_file(int fd, bool *too_large)
{
	size_t n = 0;
	ssize_t got = 1;

	while (n <= MAX_MAIL_BYTES && got != 0) {
		got = read(fd, mail_room + n, MAX_MAIL_BYTES + 1 - n);
		if (got < 0 && errno != EINTR)
			return -1;
		n += got > 0 ? (size_t)got : 0;
	}
	*too_large = n > MAX_MAIL_BYTES;
	return (ssize_t)(*too_large ? MAX_MAIL_BYTES : n);
}

/* The file, or its first MAX_MAIL_BYTES, as a sealed memfd; -1 and why. */
static int seal_file(const char *path, bool *too_large, const char **why)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), memfd = -1;
	ssize_t n = -1;

	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		*why = "is not a file";
	else if (fd >= 0)
		n = read_file(fd, too_large);
	if (n >= 0)
		memfd = ipc_seal_bytes(mail_room, (size_t)n);
	if (memfd < 0 && !*why)
		*why = strerror(errno);
	if (fd >= 0)
		close(fd);
	return memfd;
}

static void print_object(const json_t *o, bool one_line)
{
	char *s = json_dumps(o, one_line ? JSON_COMPACT : JSON_INDENT(2));

	if (s)
		puts(s);
	free(s);
}

static void add_defect(struct arena *arena, struct mail_strings *s, const char *word)
{
	const char **v = arena_array(arena, s->n + 1, sizeof(*v));

	if (s->n > 0)
		memcpy(v, s->v, s->n * sizeof(*v));
	v[s->n] = word;
	*s = (struct mail_strings){v, s->n + 1};
}

static void print_line(const struct mail *m)
{
	struct buf line;

	buf_init(&line, MAX_IPC_PAYLOAD);
	mail_write_json(m, &line);
	buf_addch(&line, '\n');
	fwrite(line.data, 1, line.len, stdout);
	buf_release(&line);
}

/* Shows what the parser said. It may be in a stranger's hands: read as the desk reads it. */
static bool print_answer(struct bytes b, bool one_line, bool too_large)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	const char *error;
	struct mail *m = mail_unpack(arena, b, &error);

	if (m && too_large)
		add_defect(arena, &m->defects, "mail-too-large");
	if (m && one_line) {
		print_line(m);
	} else if (m) {
		json_t *o = mail_to_json(m);

		print_object(o, false);
		json_decref(o);
	}
	arena_free(&arena);
	return m != NULL;
}

/* False if the child died, took too long or answered rubbish. *lost: the zygote is gone. */
static bool ask(struct parser_process *p, int memfd, bool one_line, bool too_large, bool *lost)
{
	struct ipc_message m;
	struct bytes b;
	int reply[2];
	json_t *head = json_pack("{s:s, s:i}", "op", "parse", "job", 1);
	bool ok = false;

	if (ipc_pair(reply) != 0) {
		json_decref(head);
		return false;
	}
	*lost = ipc_send_wait(p->sock, head, (int[]){memfd, reply[1]}, 2) != 0;
	json_decref(head);
	close(reply[1]);
	if (!*lost && ipc_recv(reply[0], &m, ANSWER_MS) == 0) {
		if (m.nfds == 1 && ipc_map(m.fds[0], MAX_IPC_PAYLOAD, &b) == 0) {
			ok = print_answer(b, one_line, too_large);
			ipc_unmap(&b);
		}
		ipc_message_release(&m);
	}
	close(reply[0]);
	return ok;
}

static void print_failed(const char *defect, bool one_line)
{
	json_t *o = json_pack("{s:[s]}", "defects", defect);

	print_object(o, one_line);
	json_decref(o);
}

static void parse_file(struct parser_process *p, const char *path, bool one_line, int *code)
{
	bool too_large = false, lost = false;
	const char *why = NULL;
	int memfd = seal_file(path, &too_large, &why);

	if (memfd < 0) {
		*code = EXIT_NO_INPUT;
		fprintf(stderr, "lotsctl: %s: %s\n", path, why);
		print_failed("unreadable", one_line);
		return;
	}
	if (!ask(p, memfd, one_line, too_large, &lost))
		print_failed("parser-died", one_line);
	close(memfd);
	if (lost) {
		parser_stop(p);
		if (parser_start(p) != 0)
			*code = EXIT_OS_ERROR;
	}
}

int ctl_parse(int argc, char **argv)
{
	struct parser_process p;
	bool one_line = argc > 1 && strcmp(argv[1], "--json") == 0;
	int code = 0, first = one_line ? 2 : 1;

	if (first >= argc || argv[first][0] == '-') {
		fputs("usage: lotsctl parse [--json] FILE...\n", stderr);
		return EXIT_USAGE;
	}
	mail_room = malloc(MAX_MAIL_BYTES + 1);
	if (mail_room == NULL || parser_start(&p) != 0)
		return EXIT_OS_ERROR;
	for (int i = first; i < argc && code != EXIT_OS_ERROR; i++)
		parse_file(&p, argv[i], one_line, &code);
	parser_stop(&p);
	free(mail_room);
	return fflush(stdout) == 0 ? code : EXIT_OS_ERROR;
}
