/* Desk: see desk.h. Opens and closes what the owner of the databases needs; reads no foreign byte. */
#include "base/prelude.h"

#include "app/desk.h"

#include "app/control_socket.h"
#include "app/keys.h"
#include "app/settings.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "handlers/table.h"
#include "store/people.h"
#include "store/store.h"

#include <errno.h>
#include <poll.h>
#include <sysexits.h>
#include <unistd.h>

#define LOCK_PATIENCE_MS 3000
#define LOCK_RETRY_MS 20

static int exit_code_of(enum store_status st)
{
	switch (st) {
	case STORE_NEWER:
	case STORE_DAMAGED:
		return EX_CONFIG;
	case STORE_LOCKED:
	case STORE_BUSY:
	case STORE_FULL:
		return EX_TEMPFAIL;
	default:
		return EX_IOERR;
	}
}

static struct config *load_settings(struct arena *arena, const char *path)
{
	struct settings_errors errors;
	settings_errors_init(&errors, arena);
	struct config *c = settings_load(arena, path, &errors);
	if (c == NULL)
		settings_errors_print(&errors, stderr);
	return c;
}

/* The lock is also taken for a moment by lotsctl when no daemon answers. A daemon that is starting,
 * perhaps after a crash, outwaits that; one that listens, or still has it then, is another lotsd. */
static enum store_status open_store(
	struct desk *d, const struct store_options *options, char *error, size_t n)
{
	int64_t until = clock_mono_ms() + LOCK_PATIENCE_MS;
	enum store_status st;
	while ((st = store_open(options, &d->store, error, n)) == STORE_LOCKED &&
		clock_mono_ms() < until && !control_listens(options->dir))
		(void)poll(NULL, 0, LOCK_RETRY_MS);
	return st;
}

static int open_databases(struct desk *d, enum desk_open how)
{
	const char *why = "";
	char error[512];
	/* An operator who looks for lotsd finds the parent. */
	struct store_options options = {.dir = d->config->state_dir,
		.owner = how == DESK_OPEN_DAEMON ? getppid() : getpid()};
	errno = 0;
	if (keys_load(d->config->state_dir, &d->keys, d->content_key, &why) != 0) {
		int code = errno == EACCES && how != DESK_OPEN_DAEMON ? EX_NOPERM : EX_CONFIG;
		fprintf(stderr, "%s: %s\n", d->config->state_dir, why);
		return code;
	}
	enum store_status st = open_store(d, &options, error, sizeof(error));
	if (st != STORE_OK) {
		/* To an operator a listening daemon is no trouble: he asks it instead. */
		if (how == DESK_OPEN_DAEMON || !control_listens(d->config->state_dir))
			fprintf(stderr, "%s: %s\n", how == DESK_OPEN_DAEMON ? "lotsd" : "lotsctl",
				error);
		return exit_code_of(st);
	}
	if (desk_reload_people(d) != 0) {
		fprintf(stderr, "%s: %s\n", d->config->state_dir, store_error(d->store));
		return EX_IOERR;
	}
	/* A rehearsed day stands still between its runs, or the next one would be in the past. */
	if (how == DESK_OPEN_OPERATOR && d->config->rehearsal)
		d->fixed_now_ms = store_newest_time(d->store);
	return 0;
}

int desk_open(struct desk *d, const char *settings_path, enum desk_open how)
{
	memset(d, 0, sizeof(*d));
	d->handlers = handler_table;
	d->turn_arena = arena_new(MAX_ARENA_BYTES);
	d->config_arena = arena_new(MAX_ARENA_BYTES);
	d->config = d->own_config = load_settings(d->config_arena, settings_path);
	int code = d->config == NULL ? EX_CONFIG : open_databases(d, how);
	if (code != 0)
		desk_close(d);
	return code;
}

int desk_open_memory(
	struct desk *d, const struct config *config, struct store *store, const char *seed)
{
	memset(d, 0, sizeof(*d));
	d->handlers = handler_table;
	d->turn_arena = arena_new(MAX_ARENA_BYTES);
	d->config = config;
	d->store = store;
	keys_from_seed(seed, &d->keys, d->content_key);
	return desk_reload_people(d);
}

int desk_reload_people(struct desk *d)
{
	struct arena *fresh = arena_new(MAX_ARENA_BYTES);
	struct people *people = arena_new_of(fresh, struct people);
	enum store_status st = store_people_load(d->store, fresh, people);
	if (st != STORE_OK) {
		log_error("people-not-read", "status=%s", store_status_id(st));
		arena_free(&fresh);
		return -1;
	}
	arena_free(&d->people_arena);
	d->people_arena = fresh;
	d->people = people;
	return 0;
}

int desk_reload_settings(struct desk *d)
{
	struct arena *fresh = arena_new(MAX_ARENA_BYTES);
	struct config *c = load_settings(fresh, d->config->path);
	if (c == NULL || strcmp(c->state_dir, d->config->state_dir) != 0) {
		log_error("settings-kept", "reason=%s", c == NULL ? "wrong" : "state-folder-moved");
		settings_release(c);
		arena_free(&fresh);
		return -1;
	}
	settings_release(d->own_config);
	arena_free(&d->config_arena);
	d->config_arena = fresh;
	d->config = d->own_config = c;
	return 0;
}

void desk_close(struct desk *d)
{
	if (d->config_arena != NULL) /* else store and settings are the caller's */
		store_close(&d->store);
	settings_release(d->own_config);
	arena_free(&d->people_arena);
	arena_free(&d->config_arena);
	arena_free(&d->turn_arena);
	explicit_bzero(d, sizeof(*d)); /* keys, and closing twice is harmless */
}

int64_t desk_now(const struct desk *d)
{
	return d->fixed_now_ms != 0 ? d->fixed_now_ms : clock_now_ms();
}
