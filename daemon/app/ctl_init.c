/* Ctl_init: makes an instance. Called by main_lotsctl. What it makes passes --check, or it says why
 * not; it never touches a folder that holds anything. Diagnostics: stderr, and a code of sysexits.h. */
#include "base/prelude.h"
#include "app/ctl_init.h"

#include "app/ctl_files.h"
#include "app/keys.h"
#include "app/settings.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "core/people_csv.h"
#include "store/people.h"
#include "store/store.h"

#include <errno.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define PEOPLE_FILE "people.csv"

struct init {
	struct arena *arena;
	const char *dir, *sample;
	const char *data; /* where templates/ and config/ are */
};

static int usage(void)
{
	fprintf(stderr, "usage: lotsctl init DIR [--sample norrbotten]\n");
	return EX_USAGE;
}

static bool read_arguments(struct init *in, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--sample") == 0 && i + 1 < argc && !in->sample)
			in->sample = argv[++i];
		else if (argv[i][0] != '-' && argv[i][0] && !in->dir)
			in->dir = argv[i];
		else
			return false;
	}
	return in->dir != NULL;
}

static const char *path(const struct init *in, const char *name)
{
	return arena_printf(in->arena, "%s/%s", in->dir, name);
}

static int copy_sample(struct init *in)
{
	const char *from = arena_printf(in->arena, "%s/config/%s", in->data, in->sample);
	const char *settings = arena_printf(in->arena, "%s/config/lots.yaml", in->data);
	struct stat st;

	if (!settings_is_id(in->sample) || stat(from, &st) != 0 || !S_ISDIR(st.st_mode)) {
		fprintf(stderr,
			"lotsctl: there is no sample \"%s\"; allowed: norrbotten (looked in %s)\n",
			in->sample, arena_printf(in->arena, "%s/config", in->data));
		return EX_USAGE;
	}
	if (ctl_make_empty_dir(in->dir, NULL) != 0 ||
		ctl_copy_file(in->arena, settings, path(in, "lots.yaml")) != 0 ||
		ctl_copy_tree(in->arena, from, path(in, in->sample)) != 0)
		return EX_CANTCREAT;
	return 0;
}

/* The folder of a Maildir source or sink; NULL for others. */
static const char *maildir_of(struct init *in, const char *job)
{
	json_t *j = json_read(job, strlen(job));
	const char *found = NULL;

	if (strcmp(json_str(j, "kind", ""), "maildir") == 0)
		found = arena_strdup(in->arena, json_str(j, "path", ""));
	json_decref(j);
	return found && *found ? found : NULL;
}

static int make_maildirs(struct init *in, const struct config *c)
{
	for (size_t i = 0; i < c->n_mailboxes + c->n_sinks; i++) {
		const char *job = i < c->n_mailboxes ? c->mailboxes[i].source
						     : c->sinks[i - c->n_mailboxes].settings;
		const char *dir = maildir_of(in, job);

		if (dir && ctl_make_maildir(in->arena, dir) != 0)
			return EX_CANTCREAT;
	}
	return 0;
}

static void tell_people_errors(const char *file, const struct people_csv *p)
{
	for (size_t i = 0; i < p->n_errors; i++)
		fprintf(stderr, "%s: rad %d: %s\n", file, p->errors[i].line, p->errors[i].text);
	if (p->more_errors)
		fprintf(stderr, "och %zu till\n", p->more_errors);
}

/* Gaps are no error here: the directory of a new installation grows. */
static int import_people(
	struct init *in, const struct config *c, struct store *store, const char *file)
{
	struct people_csv *p = arena_new_of(in->arena, struct people_csv);
	size_t n;
	char *content = ctl_read_file(in->arena, file, &n);

	if (!content)
		return EX_NOINPUT;
	if (!people_csv_read(in->arena, c, content, n, p)) {
		tell_people_errors(file, p);
		return EX_DATAERR;
	}
	if (store_people_apply(store, in->arena, &p->people, clock_now_ms()) != STORE_OK) {
		fprintf(stderr, "lotsctl: people: %s\n", store_error(store));
		return EX_IOERR;
	}
	return 0;
}

static int make_state(struct init *in, const struct config *c, const char *people)
{
	struct store_options options = {.dir = c->state_dir};
	struct store *store = NULL;
	char error[500] = "";
	int code;

	if (ctl_make_dir(c->state_dir) != 0)
		return EX_CANTCREAT;
	if (keys_create(c->state_dir) != 0) {
		fprintf(stderr, "lotsctl: %s/keys: cannot be made: %s\n", c->state_dir,
			strerror(errno));
		return EX_CANTCREAT;
	}
	if (store_open(&options, &store, error, sizeof(error)) != STORE_OK) {
		fprintf(stderr, "lotsctl: %s\n", error);
		return EX_CANTCREAT;
	}
	code = import_people(in, c, store, people);
	store_close(&store);
	return code;
}

static int finish(struct init *in, const char *people)
{
	struct settings_errors *errors = arena_new_of(in->arena, struct settings_errors);
	struct config *c;
	int code;

	settings_errors_init(errors, in->arena);
	c = settings_load(in->arena, path(in, "lots.yaml"), errors);
	if (!c) {
		settings_errors_print(errors, stderr);
		return EX_CONFIG;
	}
	code = make_maildirs(in, c);
	if (code == 0)
		code = make_state(in, c, people);
	settings_release(c);
	return code;
}

static void tell_next(const struct init *in)
{
	printf("%s is ready.\n", in->dir);
	printf("  settings   %s\n", path(in, "lots.yaml"));
	printf("  people     lotsctl -c %s people import FILE.csv\n", path(in, "lots.yaml"));
	printf("  check      lotsd -c %s --check\n", path(in, "lots.yaml"));
	if (ctl_init_is_service(in->dir))
		printf("  password   write it into %s and %s\n  start      systemctl enable --now "
		       "lotsd\n",
			path(in, SERVICE_SECRETS "/imap"), path(in, SERVICE_SECRETS "/smtp"));
	else if (in->sample)
		printf("  mail in    put a mail into %s, then: lotsd -c %s --once\n",
			path(in, "in/support/new"), path(in, "lots.yaml"));
	else
		printf("  password   write it into %s and %s\n  start      lotsd -c %s\n"
		       "  mail in    with lotsd running: lotsctl -c %s mailbox test\n",
			path(in, "imap.secret"), path(in, "smtp.secret"), path(in, "lots.yaml"),
			path(in, "lots.yaml"));
}

int ctl_init(int argc, char **argv)
{
	struct init in = {.arena = arena_new(MAX_ARENA_BYTES)};
	const char *people;
	int code;

	if (!read_arguments(&in, argc, argv)) {
		arena_free(&in.arena);
		return usage();
	}
	in.data = settings_data_dir(in.arena);
	if (in.sample)
		code = copy_sample(&in);
	else
		code = ctl_make_empty_dir(
			       in.dir, ctl_init_is_service(in.dir) ? SERVICE_SECRETS : NULL) != 0
			       ? EX_CANTCREAT
			       : ctl_init_ask(in.arena, in.dir, stdin, stdout);
	people = path(&in, arena_printf(in.arena, "%s/%s", in.sample ? in.sample : "organisation",
				   PEOPLE_FILE));
	if (code == 0)
		code = finish(&in, people);
	if (code == 0)
		tell_next(&in);
	arena_free(&in.arena);
	return code;
}
