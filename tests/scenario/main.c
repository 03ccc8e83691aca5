/* Main: scenario [-v] [--mails] [--once|--no-once] FILE...: ok or FAIL for each file; exit 1 if one
 * failed. --mails prints the text of each mail that leaves, under the line it follows.
 * Every tenth file that changes no setting is also played through lotsd --once (--once: each of them;
 * --no-once: none), with the programs that lie beside this one. */
#include "base/prelude.h"

#include "runner.h"

#include "app/settings.h"
#include "base/limits.h"
#include "base/log.h"

#include <unistd.h>

static char *read_all(struct arena *arena, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b;
	char part[4096];
	size_t got;

	if (!f)
		return NULL;
	buf_init(&b, 4 << 20);
	while ((got = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(&b, part, got);
	fclose(f);
	return buf_take(&b, arena);
}

static bool show_mails;

static bool run_file(struct config *config, const char *path, bool once, const char *build)
{
	struct world *w = calloc(1, sizeof(*w));
	struct config before = *config;
	struct mailbox *boxes = calloc(config->n_mailboxes, sizeof(*boxes));
	char *text;

	if (!w || !boxes)
		abort();
	memcpy(boxes, config->mailboxes, config->n_mailboxes * sizeof(*boxes));
	w->file = path;
	w->config = config;
	w->arena = arena_new(MAX_ARENA_BYTES);
	w->scratch = arena_new(MAX_ARENA_BYTES);
	w->last_outcome = w->last_reason = "";
	w->once = once;
	w->show = show_mails;
	w->build = build;
	text = read_all(w->arena, path);
	if (!text)
		fail_line(w, "cannot be read");
	if (once)
		once_open(w);
	else
		world_open(w);
	if (!w->failed)
		(void)script_run(w, text);
	bool ok = !w->failed;
	if (once)
		once_close(w);
	else
		world_close(w);
	memcpy(config->mailboxes, boxes, config->n_mailboxes * sizeof(*boxes));
	*config = before;
	free(boxes);
	arena_free(&w->arena);
	arena_free(&w->scratch);
	free(w);
	return ok;
}

/* The folder of this program. */
static const char *build_of(struct arena *arena, const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	return slash ? arena_strndup(arena, argv0, (size_t)(slash - argv0)) : ".";
}

static bool may_run_once(struct arena *arena, const char *path, const char *build)
{
	char *text = read_all(arena, path);

	return text && !strstr(text, "\nset ") && strncmp(text, "set ", 4) != 0 &&
	       !strstr(text, "\noperator ") &&
	       access(arena_printf(arena, "%s/lotsd", build), X_OK) == 0;
}

static bool play(struct config *config, const char *path, bool once, const char *build)
{
	bool ok = run_file(config, path, once, build);

	if (ok)
		printf("ok   %s%s\n", path, once ? " (--once)" : "");
	fflush(stdout);
	return ok;
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	const char *build = build_of(arena, argv[0]);
	struct config *config;
	bool all_once = false, no_once = false;
	int failed = 0, files = 0, through = 0, i = 1;

	log_set_level(LOG_LEVEL_ERROR);
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--once") == 0)
			all_once = true;
		else if (strcmp(argv[i], "--no-once") == 0)
			no_once = true;
		else if (strcmp(argv[i], "--mails") == 0)
			show_mails = true;
		else if (strcmp(argv[i], "-v") == 0)
			log_set_level(LOG_LEVEL_INFO);
		else
			return fprintf(stderr, "usage: scenario [-v] [--mails] [--once|--no-once] "
					       "FILE...\n")
				       ? 2
				       : 2;
	}
	setenv("LOTS_DATADIR", ".", 0);
	config = world_config(arena, ".");
	if (!config)
		return 1;
	for (; i < argc; i++) {
		bool tenth = files++ % 10 == 0;

		failed += !play(config, argv[i], false, build);
		if (no_once || !(all_once || tenth) || !may_run_once(arena, argv[i], build))
			continue;
		through++;
		failed += !play(config, argv[i], true, build);
	}
	printf("%d scenarios, %d of them through lotsd --once too, %d failed\n", files, through,
		failed);
	settings_release(config);
	arena_free(&arena);
	return failed > 0;
}
