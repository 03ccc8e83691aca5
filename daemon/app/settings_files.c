/* Settings_files: what the settings need from the disk: files and secrets, the zone's rule, the
 * templates, the folder they came with. Called by the other app/settings_*.c. Diagnostics: texts for
 * the one who wrote the settings. */
#include "base/prelude.h"
#include "app/settings_part.h"

#include "app/settings.h"
#include "base/arena.h"
#include "base/limits.h"
#include "core/template.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SECRET 65536
#define ZONEINFO "/usr/share/zoneinfo"
#ifndef LOTS_DATADIR
#define LOTS_DATADIR "/usr/share/lots"
#endif

static const char *why(struct arena *arena)
{
	return arena_strdup(arena, errno == ENOENT ? "there is no such file" : strerror(errno));
}

/* -1 with *error. */
static int open_regular(struct arena *arena, const char *path, struct stat *st, const char **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		*error = why(arena);
		return -1;
	}
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	*error = "is not a file";
	close(fd);
	return -1;
}

static bool read_all(int fd, char *out, size_t n)
{
	for (size_t got = 0; got < n;) {
		ssize_t r = read(fd, out + got, n - got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return false;
		got += (size_t)r;
	}
	return true;
}

char *part_read_file(
	struct arena *arena, const char *path, size_t max, size_t *n, const char **error)
{
	struct stat st;
	int fd = open_regular(arena, path, &st, error);
	char *content = NULL;

	if (fd < 0)
		return NULL;
	if ((uint64_t)st.st_size > max) {
		*error = arena_printf(arena, "is larger than %zu bytes", max);
	} else {
		*n = (size_t)st.st_size;
		content = arena_alloc(arena, *n + 1);
		if (!read_all(fd, content, *n)) {
			*error = "cannot be read to its end";
			content = NULL;
		}
	}
	close(fd);
	return content;
}

/* The plain or quoted scalar of a line, without a comment. */
static const char *scalar(struct arena *arena, const char *s)
{
	size_t n;

	s += strspn(s, " \t");
	if (*s == '"' || *s == '\'')
		return arena_strndup(arena, s + 1, strcspn(s + 1, *s == '"' ? "\"\r\n" : "'\r\n"));
	n = strcspn(s, "\r\n");
	for (size_t i = 1; i < n; i++)
		if (s[i] == '#' && (s[i - 1] == ' ' || s[i - 1] == '\t'))
			n = i;
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	return arena_strndup(arena, s, n);
}

const char *settings_state_dir(struct arena *arena, const char *path)
{
	static const char KEY[] = "state_dir:";
	const char *error, *dir = "state", *slash = strrchr(path, '/');
	size_t n;
	const char *line = part_read_file(arena, path, MAX_SETTINGS_BYTES, &n, &error);

	if (!line)
		return NULL;
	for (; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (strncmp(line, KEY, strlen(KEY)) == 0)
			dir = scalar(arena, line + strlen(KEY));
	if (*dir == '/' || !slash)
		return dir;
	n = (size_t)(slash - path);
	return strcmp(dir, ".") == 0 ? arena_strndup(arena, path, n > 0 ? n : 1)
				     : arena_printf(arena, "%.*s/%s", (int)n, path, dir);
}

bool part_secret_ok(struct arena *arena, const char *path, const char **error)
{
	struct stat st;
	int fd = open_regular(arena, path, &st, error);

	if (fd < 0)
		return false;
	close(fd);
	if (st.st_mode & 077)
		*error = arena_printf(arena,
			"others than its owner have rights to it (mode %04o); allowed: 0600 or "
			"0400",
			(unsigned)st.st_mode & 07777);
	else if (st.st_size == 0)
		*error = "is empty";
	else if (st.st_size > MAX_SECRET)
		*error = "is too large for a secret";
	else
		return true;
	return false;
}

/* ---- The zone ---- */

static bool is_zone_name(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");

	return n > 0 && n < 64 && s[n] == '\0' && *s != '/' && !strstr(s, "//");
}

/* The last line of a TZif file is the rule of all years to come (RFC 8536 section 3.3). */
static const char *footer(char *content, size_t n)
{
	char *end;

	if (n < 8 || memcmp(content, "TZif", 4) != 0 || content[n - 1] != '\n')
		return NULL;
	content[n - 1] = '\0';
	end = memrchr(content, '\n', n - 1);
	return end ? end + 1 : NULL;
}

void part_zone(struct reading *r, int line)
{
	struct config *c = r->config;
	const char *error = "is not a time zone file", *rule;
	char *content = NULL;
	size_t n = 0;

	if (!is_zone_name(c->zone_name)) {
		reading_error_line(r, line,
			"zone: \"%s\" is no time zone; allowed: a name as in "
			"Europe/Stockholm",
			c->zone_name);
		return;
	}
	content = part_read_file(r->arena, arena_printf(r->arena, "%s/%s", ZONEINFO, c->zone_name),
		1u << 20, &n, &error);
	rule = content ? footer(content, n) : NULL;
	if (!content)
		reading_error_line(r, line,
			"zone: \"%s\": %s in %s; allowed: a name as in "
			"Europe/Stockholm (is tzdata installed?)",
			c->zone_name, error, ZONEINFO);
	else if (!rule || zone_parse(rule, &c->zone) != 0)
		reading_error_line(
			r, line, "zone: the rule of \"%s\" is not understood", c->zone_name);
}

/* ---- Templates ---- */

static bool is_template_name(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && n < 100 && name[0] != '.' && strcmp(name + n - 4, ".txt") == 0;
}

static void add_template(
	struct reading *r, struct templates *t, const char *language, const char *name)
{
	const char *dir = r->config->template_dir, *error = NULL;
	const char *file = arena_printf(r->arena, "%s/%s/%s", dir, language, name);
	const char *id = arena_strndup(r->arena, name, strlen(name) - 4);
	size_t n;
	int line = 1;
	char *content = part_read_file(r->arena, file, MAX_TEMPLATE_BYTES, &n, &error);

	if (!content)
		settings_error_add(r->errors, r->file_order + 1, file, 1, "%s", error);
	else if (strlen(content) != n)
		settings_error_add(r->errors, r->file_order + 1, file, 1, "holds a NUL byte");
	else if (templates_add(t, language, id, content, &line, &error) != 0)
		settings_error_add(r->errors, r->file_order + 1, file, line, "%s", error);
}

static void add_language(struct reading *r, struct templates *t, const char *language, int line)
{
	const char *dir = arena_printf(r->arena, "%s/%s", r->config->template_dir, language);
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n = 0;

	if (!d) {
		reading_error_line(r, line, "languages: there are no templates for \"%s\": %s: %s",
			language, dir, why(r->arena));
		return;
	}
	while ((e = readdir(d)) != NULL && n < 1000) {
		if (is_template_name(e->d_name)) {
			add_template(r, t, language, e->d_name);
			n++;
		}
	}
	closedir(d);
	if (n == 0)
		reading_error_line(r, line, "languages: %s holds no templates (*.txt)", dir);
}

static void add_names(struct reading *r, struct templates *t)
{
	const char *file = arena_printf(r->arena, "%s/names.txt", r->config->template_dir);
	const char *error = NULL;
	size_t n;
	int line = 1;
	char *content = part_read_file(r->arena, file, MAX_SETTINGS_BYTES, &n, &error);

	if (!content || strlen(content) != n)
		settings_error_add(r->errors, r->file_order + 1, file, 1, "%s",
			content ? "holds a NUL byte" : error);
	else if (templates_add_names(t, content, &line, &error) != 0)
		settings_error_add(r->errors, r->file_order + 1, file, line, "%s", error);
}

void part_templates(struct reading *r, int line)
{
	struct config *c = r->config;
	struct templates *t = templates_new();
	const struct templates_fault *faults;
	size_t before = r->errors->n + r->errors->more, n = 0;

	for (size_t i = 0; i < c->n_languages; i++)
		add_language(r, t, c->languages[i], line);
	add_names(r, t);
	if (r->errors->n + r->errors->more == before)
		n = templates_check(t, r->arena, &faults);
	for (size_t i = 0; i < n; i++)
		settings_error_add(r->errors, r->file_order + 1,
			arena_printf(r->arena, "%s/%s", c->template_dir, faults[i].file),
			faults[i].line, "%s", faults[i].error);
	c->templates = t;
}

/* ---- The folder Lots came with ---- */

static bool has_templates(struct arena *arena, const char *dir)
{
	struct stat st;

	return stat(arena_printf(arena, "%s/templates/sv", dir), &st) == 0 && S_ISDIR(st.st_mode);
}

const char *settings_data_dir(struct arena *arena)
{
	const char *set = getenv("LOTS_DATADIR");
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (set && *set)
		return arena_strdup(arena, set);
	/* A program in the build folder finds the templates beside that folder. */
	if (n > 0 && (size_t)n < sizeof(exe) - 1) {
		exe[n] = '\0';
		for (int up = 0; up < 2 && strrchr(exe, '/'); up++)
			*strrchr(exe, '/') = '\0';
		if (has_templates(arena, exe))
			return arena_strdup(arena, exe);
	}
	return LOTS_DATADIR;
}
