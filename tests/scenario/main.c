/* Main: scenario [--once BUILD] [-v] FILE... : ok or FAIL for each file; exit 1 if one failed. */
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

int main(int argc, char **argv)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	struct config *config;
	const char *build = "build";
	bool once = false, verbose = false;
	int failed = 0, files = 0, i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--once") == 0 && i + 1 < argc) {
			once = true;
			build = argv[++i];
		} else if (strcmp(argv[i], "-v") == 0) {
			verbose = true;
		} else {
			fprintf(stderr, "usage: scenario [-v] [--once BUILD] FILE...\n");
			return 2;
		}
	}
	log_set_level(verbose ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR);
	setenv("LOTS_DATADIR", ".", 0);
	config = world_config(arena, ".");
	if (!config)
		return 1;
	for (; i < argc; i++) {
		bool ok = run_file(config, argv[i], once, build);

		files++;
		failed += !ok;
		if (ok)
			printf("ok   %s%s\n", argv[i], once ? " (--once)" : "");
		fflush(stdout);
	}
	printf("%d scenarios, %d failed\n", files, failed);
	settings_release(config);
	arena_free(&arena);
	return failed > 0;
}
