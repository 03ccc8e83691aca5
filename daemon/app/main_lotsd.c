/* lotsd: the daemon. Checks its arguments and becomes the parent (app/supervise.h), one of its roles,
 * or a check of the settings. */
#include "base/prelude.h"

#include "app/desk_loop.h"
#include "app/roles.h"
#include "app/settings.h"
#include "app/supervise.h"
#include "base/date.h"
#include "base/log.h"
#include "workers/parser.h"
#include "workers/reader.h"
#include "workers/sender.h"

#include <getopt.h>
#include <signal.h>
#include <sys/stat.h>
#include <sysexits.h>

#define DEFAULT_SETTINGS "/etc/lots/lots.yaml"

static const struct role_mains mains = {
	.desk = desk_main, .parser = parser_main, .reader = reader_main, .sender = sender_main};

enum option_id { OPT_CHECK = 256, OPT_ONCE, OPT_NOW, OPT_ROLE, OPT_NAME, OPT_HELP };

struct options {
	const char *settings, *now, *role, *name;
	bool check, once;
};

static int usage(FILE *to, int code)
{
	fprintf(to,
		"usage: lotsd [-c FILE]                  run in the foreground\n"
		"       lotsd -c FILE --check            check settings, organisation, chains, "
		"templates\n"
		"       lotsd -c FILE --once [--now T]   fetch, handle, deliver until settled\n");
	return code;
}

static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {{"check", no_argument, NULL, OPT_CHECK},
		{"once", no_argument, NULL, OPT_ONCE}, {"now", required_argument, NULL, OPT_NOW},
		{"role", required_argument, NULL, OPT_ROLE},
		{"name", required_argument, NULL, OPT_NAME}, {"help", no_argument, NULL, OPT_HELP},
		{NULL, 0, NULL, 0}};
	int c;
	while ((c = getopt_long(argc, argv, "c:h", known, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->settings = optarg;
			break;
		case OPT_CHECK:
			o->check = true;
			break;
		case OPT_ONCE:
			o->once = true;
			break;
		case OPT_NOW:
			o->now = optarg;
			break;
		case OPT_ROLE:
			o->role = optarg;
			break;
		case OPT_NAME:
			o->name = optarg;
			break;
		case 'h':
		case OPT_HELP:
			return -1;
		default:
			return EX_USAGE;
		}
	}
	return optind == argc ? 0 : EX_USAGE;
}

static int run(const struct options *o)
{
	int64_t now;
	if (*o->now != '\0' && (!o->once || !date_parse_rfc3339(o->now, &now))) {
		fprintf(stderr, "lotsd: --now goes with --once and is written "
				"2026-11-23T08:00:00+01:00\n");
		return EX_USAGE;
	}
	json_t *job = json_pack(
		"{s:s, s:b, s:s}", "settings", o->settings, "once", o->once, "now", o->now);
	int code = supervise_run(job);
	json_decref(job);
	return code;
}

int main(int argc, char **argv)
{
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	struct options o = {.settings = DEFAULT_SETTINGS, .now = "", .role = "", .name = ""};
	int rc = read_options(argc, argv, &o);
	if (rc != 0)
		return rc < 0 ? usage(stdout, 0) : usage(stderr, rc);
	if (*o.role != '\0')
		return role_run(o.role, o.name, &mains);
	log_set_role("parent", "");
	return o.check ? settings_check(o.settings, stdout, stderr) : run(&o);
}
