/* Once: the same scenario through the real programs: lotsctl init, Maildirs, lotsd --once --now. After
 * each run the database is looked at as it lies there. */
#include "base/prelude.h"

#include "runner.h"

#include "base/date.h"
#include "core/turn.h"
#include "mail/address.h"
#include "mail/parse.h"
#include "store/cases.h"
#include "store/inbox.h"
#include "store/outbox.h"
#include "tests/unit/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int run_program(struct world *w, const char *program, char *const argv[])
{
	const char *path = arena_printf(w->arena, "%s/%s", w->build, program);
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		if (!getenv("LOTS_SHOW_LOG"))
			dup2(null, 2);
		execv(path, argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *path_in(struct world *w, const char *name)
{
	return arena_printf(w->arena, "%s/%s", w->once_dir, name);
}

static void look_away(struct world *w)
{
	if (!w->store)
		return;
	desk_close(&w->desk);
	store_close(&w->store);
}

static void look(struct world *w)
{
	char error[512];
	struct store_options options = {.dir = path_in(w, "state")};

	if (store_open(&options, &w->store, error, sizeof(error)) != STORE_OK)
		fail_line(w, "%s", error);
	else if (desk_open_memory(&w->desk, w->config, w->store, "scenario") != 0)
		fail_line(w, "the directory cannot be read");
}

void once_open(struct world *w)
{
	char dir[SCRATCH_PATH];

	w->charsets = charsets_open();
	scratch_dir(dir, "lots-scenario");
	w->once_dir = arena_printf(w->arena, "%s/i", dir);
	char *argv[] = {"lotsctl", "init", (char *)w->once_dir, "--sample", "norrbotten", NULL};
	if (run_program(w, "lotsctl", argv) != 0)
		fail_line(w, "lotsctl init failed");
	else
		look(w);
}

static void remove_tree(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	char name[4096];

	if (!d) {
		unlink(path);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		struct stat st;
		if (lstat(name, &st) == 0 && S_ISDIR(st.st_mode))
			remove_tree(name);
		else
			unlink(name);
	}
	closedir(d);
	rmdir(path);
}

void once_close(struct world *w)
{
	look_away(w);
	charsets_close(&w->charsets);
	if (w->once_dir && strstr(w->once_dir, "/lots-scenario-")) {
		char *parent = arena_strdup(w->arena, w->once_dir);

		*strrchr(parent, '/') = '\0';
		remove_tree(parent);
	}
}

static bool seen_before(const struct world *w, const char *message_id)
{
	for (size_t i = 0; i < w->n_sent; i++) {
		if (strcmp(w->sent[i].m->message_id, message_id) == 0)
			return true;
	}
	return false;
}

/* Which template it was made of is not in the mail; the database knows. */
static void name_template(struct world *w, struct sent *s)
{
	struct outbox_row row;
	int64_t id;

	s->template_id = s->language = "";
	if (store_outbox_by_message_id(w->store, w->arena, s->m->message_id, &id) == STORE_OK &&
		store_outbox_get(w->store, w->arena, id, &row) == STORE_OK) {
		s->template_id = row.body->template_id;
		s->language = row.language;
	}
}

static void read_sent(struct world *w, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b;
	char part[8192];
	size_t got;
	struct sent *s = &w->sent[w->n_sent];

	if (!f || w->n_sent == SENT_MAX)
		return;
	buf_init(&b, 60 << 20);
	while ((got = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(&b, part, got);
	fclose(f);
	size_t n = b.len;
	memset(s, 0, sizeof(*s));
	s->wire = (struct bytes){(unsigned char *)buf_take(&b, w->arena), n};
	s->m = mail_parse(w->arena, s->wire, &(struct mail_limits){0}, w->charsets);
	if (seen_before(w, s->m->message_id))
		return;
	s->to = s->m->to.n ? address_key(w->arena, s->m->to.v[0].address, NULL) : "";
	s->at_ms = w->now_ms;
	s->event = w->event;
	name_template(w, s);
	w->n_sent++;
	world_show(w, s);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_out(struct world *w)
{
	struct dirent **names;
	const char *dir = path_in(w, "out/new");
	int n = scandir(dir, &names, NULL, by_name);

	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.' && !w->failed)
			read_sent(w, arena_printf(w->arena, "%s/%s", dir, names[i]->d_name));
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static void read_outcome(struct world *w)
{
	struct inbox_row *rows;
	size_t n;

	if (store_inbox_list(w->store, w->arena, INBOX_STATE_N, "", 0, 1, &rows, &n) == STORE_OK &&
		n) {
		w->last_outcome = turn_outcome_id(rows[0].outcome);
		w->last_reason = rows[0].reason;
	}
}

static void run_at(struct world *w, int64_t at_ms)
{
	char now[DATE_RFC3339_SIZE];
	char *argv[] = {"lotsd", "-c", path_in(w, "lots.yaml"), "--once", "--now", now, NULL};
	int code;

	look_away(w);
	date_format_rfc3339(now, at_ms);
	code = run_program(w, "lotsd", argv);
	if (code != 0)
		fail_line(w, "lotsd --once exits with %d", code);
	look(w);
	if (w->failed)
		return;
	read_out(w);
	read_outcome(w);
}

void once_run(struct world *w)
{
	int64_t due;

	/* What is due on the way runs at its own time, as with a daemon that never sleeps. */
	for (int i = 0; i < 200 && !w->failed; i++) {
		if (store_clock_next(w->store, 0, &due) != STORE_OK || due > w->now_ms)
			break;
		run_at(w, due > w->once_last_ms ? due : w->once_last_ms);
		w->once_last_ms = due > w->once_last_ms ? due : w->once_last_ms;
	}
	w->once_last_ms = w->now_ms;
}

void once_start(struct world *w)
{
	once_run(w);
	run_at(w, w->now_ms);
}

void once_deliver(struct world *w, const char *mailbox, const char *raw, size_t n)
{
	const char *name = arena_printf(w->arena, "%s/in/%s/new/%d.m%d.scenario", w->once_dir,
		mailbox, w->mails_in, w->mails_in);
	FILE *f = fopen(name, "wb");

	if (!f || fwrite(raw, 1, n, f) != n || fclose(f) != 0) {
		fail_line(w, "%s cannot be written", name);
		return;
	}
	once_run(w);
	run_at(w, w->now_ms);
}
