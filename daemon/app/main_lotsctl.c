/* lotsctl: the operator's command. It speaks to the running desk over its control socket; with no desk
 * running it takes the same lock and runs the same code. Exit codes are those of sysexits.h. */
#include "base/prelude.h"

#include "app/ctl_ask.h"
#include "app/ctl_init.h"
#include "app/ctl_parse.h"
#include "app/ctl_people.h"
#include "app/ctl_preview.h"
#include "app/ctl_print.h"
#include "base/ipc.h"
#include "base/log.h"
#include "base/text.h"

#include <signal.h>
#include <sys/stat.h>
#include <sysexits.h>

#define DEFAULT_SETTINGS "/etc/lots/lots.yaml"

/* A request to the desk and how its answer is shown. */
struct verb {
	const char *cmd;	    /* "case list": the words as typed */
	const char *argument;	    /* key of the one argument, NULL none */
	const char *const *columns; /* a table of these; NULL = an object */
	const char *const *options; /* "--open" flags and "--organisation X" values allowed */
	const char *help;
};

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct verb verbs[] = {
	{.cmd = "case list",
		.columns = LIST("number", "state", "kind", "organisation", "system", "area", "link",
			"holder", "priority", "subject"),
		.options = LIST("open!", "organisation", "state", "limit"),
		.help = "the cases, newest first"},
	{.cmd = "case show",
		.argument = "number",
		.help = "one case: its row, clocks, who was asked"},
	{.cmd = "case log",
		.argument = "number",
		.columns = LIST("at_ms", "type", "who", "text"),
		.help = "what happened to it"},
	{.cmd = "case note",
		.argument = "number",
		.options = LIST("text"),
		.help = "a note only the chain sees: --text TEXT"},
	{.cmd = "case close", .argument = "number", .help = "close it, and tell the requester"},
	{.cmd = "people exercise",
		.options = LIST("address"),
		.help = "the exercise to all who have not done it"},
	{.cmd = "outbox list",
		.columns = LIST("id", "state", "class", "case", "address", "tries", "code", "text"),
		.options = LIST("state", "limit"),
		.help = "mails out"},
	{.cmd = "outbox show", .argument = "id", .help = "one mail out, as it was sent"},
	{.cmd = "outbox retry", .argument = "id", .help = "try it again now"},
	{.cmd = "inbox list",
		.columns =
			LIST("id", "mailbox", "received_ms", "state", "outcome", "reason", "cases"),
		.options = LIST("state", "limit"),
		.help = "mails in"},
	{.cmd = "inbox show", .argument = "id", .help = "one mail in, raw"},
	{.cmd = "inbox retry", .argument = "id", .help = "read it once more"},
	{.cmd = "quarantine list",
		.columns = LIST("id", "mailbox", "received_ms", "tries", "reason"),
		.options = LIST("limit"),
		.help = "mails that could not be handled"},
	{.cmd = "quarantine show", .argument = "id", .help = "one of them, raw"},
	{.cmd = "quarantine retry", .argument = "id", .help = "read it once more"},
	{.cmd = "quarantine release",
		.argument = "id",
		.help = "leave it: ignored, with that reason"},
	{.cmd = "status", .options = LIST("clear"), .help = "is all well; exit 0 or 1"},
};

static int usage(FILE *to)
{
	fprintf(to, "usage: lotsctl init DIR [--sample NAME]\n"
		    "       lotsctl parse [--json] FILE...\n"
		    "       lotsctl [-c FILE] COMMAND [ARGUMENT] [--json]\n\ncommands:\n");
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		char words[64];
		snprintf(words, sizeof(words), "%s%s%s", verbs[i].cmd, verbs[i].argument ? " " : "",
			verbs[i].argument ? "NR" : "");
		fprintf(to, "  %-24s %s\n", words, verbs[i].help);
	}
	fprintf(to, "  %-24s %s\n", "people import|export|check", "who is asked (FILE.csv)");
	fprintf(to, "  %-24s %s\n", "mailbox test", "does mail arrive?");
	fprintf(to, "  %-24s %s\n", "preview [DIR]", "every mail, with your own names");
	return EX_USAGE;
}

static int show(const struct verb *v, const json_t *answer, bool as_json)
{
	if (!json_flag(answer, "ok", false)) {
		fprintf(stderr, "lotsctl: %s\n", json_str(answer, "error", "failed"));
		return (int)json_int(answer, "code", EX_SOFTWARE);
	}
	const json_t *result = json_object_get(answer, "result");
	const json_t *raw = json_object_get(result, "raw");
	if (as_json)
		ctl_print_json(result);
	else if (json_is_string(raw))
		fwrite(json_string_value(raw), 1, json_string_length(raw), stdout);
	else if (v->columns != NULL)
		ctl_print_table(result, v->columns);
	else
		ctl_print_object(result, 0);
	return (int)json_int(answer, "code", 0);
}

/* Options of this verb into args; false when one is not known. "open!" is a flag. */
static bool take_option(const struct verb *v, int argc, char **argv, int *i, json_t *args)
{
	for (size_t o = 0; v->options != NULL && v->options[o] != NULL; o++) {
		const char *name = v->options[o];
		size_t n = strcspn(name, "!");
		if (strncmp(argv[*i] + 2, name, n) != 0 || argv[*i][2 + n] != '\0')
			continue;
		char key[32];
		snprintf(key, sizeof(key), "%.*s", (int)n, name);
		if (name[n] == '!')
			return json_object_set_new(args, key, json_true()) == 0;
		if (*i + 1 >= argc || !utf8_valid(argv[*i + 1], strlen(argv[*i + 1])))
			return false;
		int64_t number;
		if (strcmp(key, "limit") == 0 && !text_to_i64(argv[*i + 1], 1, 1000000, &number))
			return false;
		return json_object_set_new(args, key, json_string(argv[++*i])) == 0;
	}
	return false;
}

/* What this verb takes, as the manual writes it. */
static int wrong_use(const struct verb *v)
{
	fprintf(stderr, "lotsctl: usage: lotsctl %s%s%s", v->cmd, v->argument ? " " : "",
		v->argument ? v->argument : "");
	for (size_t o = 0; v->options != NULL && v->options[o] != NULL; o++) {
		size_t n = strcspn(v->options[o], "!");
		fprintf(stderr, " [--%.*s%s]", (int)n, v->options[o],
			v->options[o][n] == '!' ? "" : " VALUE");
	}
	fprintf(stderr, " [--json]\n");
	return EX_USAGE;
}

static int run_verb(const struct verb *v, const char *settings, int argc, char **argv)
{
	json_t *args = json_object();
	bool as_json = false, bad = false;
	const char *argument = NULL;
	for (int i = 0; i < argc && !bad; i++) {
		if (strcmp(argv[i], "--json") == 0)
			as_json = true;
		else if (strncmp(argv[i], "--", 2) == 0)
			bad = !take_option(v, argc, argv, &i, args);
		else if (v->argument != NULL && argument == NULL)
			argument = argv[i];
		else
			bad = true;
	}
	int64_t number = 0;
	if (v->argument != NULL &&
		(argument == NULL || !text_to_i64(argument, 1, INT64_MAX, &number)))
		bad = true;
	if (v->argument != NULL)
		json_object_set_new(args, v->argument, json_integer(number));
	if (bad) {
		json_decref(args);
		return wrong_use(v);
	}
	json_t *request = json_pack("{s:s, s:o}", "cmd", v->cmd, "args", args);
	int code = EX_SOFTWARE;
	json_t *answer = ctl_ask(settings, request, false, &code);
	if (answer != NULL)
		code = show(v, answer, as_json);
	json_decref(request);
	json_decref(answer);
	return code;
}

/* "case frob" for "case" and "frob"; what may follow "case". */
static int unknown(int argc, char **argv)
{
	bool any = false;
	size_t n = strlen(argv[0]);
	fprintf(stderr, "lotsctl: there is no command \"%s%s%s\"; allowed: ", argv[0],
		argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (strncmp(verbs[i].cmd, argv[0], n) != 0 || verbs[i].cmd[n] != ' ')
			continue;
		fprintf(stderr, "%s%s", any ? ", " : "", verbs[i].cmd);
		any = true;
	}
	fprintf(stderr, "%s\n", any ? "" : "what lotsctl --help tells");
	return EX_USAGE;
}

static const struct verb *find_verb(int argc, char **argv, int *used)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		const char *blank = strchr(verbs[i].cmd, ' ');
		size_t n = blank != NULL ? (size_t)(blank - verbs[i].cmd) : strlen(verbs[i].cmd);
		if (strncmp(argv[0], verbs[i].cmd, n) != 0 || argv[0][n] != '\0')
			continue;
		if (blank == NULL) {
			*used = 1;
			return &verbs[i];
		}
		if (argc > 1 && strcmp(argv[1], blank + 1) == 0) {
			*used = 2;
			return &verbs[i];
		}
	}
	return NULL;
}

/* Takes "-c FILE" out of wherever it stands; what is left. The word after --text is text. */
static int take_settings(int argc, char **argv, const char **settings)
{
	int n = 1;
	for (int i = 1; i < argc; i++) {
		bool is_text = strcmp(argv[i - 1], "--text") == 0;
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc && !is_text)
			*settings = argv[++i];
		else
			argv[n++] = argv[i];
	}
	return n;
}

int main(int argc, char **argv)
{
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	log_set_role("lotsctl", "");
	log_set_level(LOG_LEVEL_WARN);
	const char *settings = DEFAULT_SETTINGS;
	argc = take_settings(argc, argv, &settings);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		usage(stdout);
		return 0;
	}
	if (argc < 2 || argv[1][0] == '-')
		return usage(stderr);
	argc--;
	argv++;
	if (strcmp(argv[0], "init") == 0)
		return ctl_init(argc - 1, argv + 1);
	if (strcmp(argv[0], "parse") == 0)
		return ctl_parse(argc, argv);
	if (strcmp(argv[0], "people") == 0 && (argc < 2 || strcmp(argv[1], "exercise") != 0))
		return ctl_people(settings, argc - 1, argv + 1);
	if (strcmp(argv[0], "mailbox") == 0)
		return ctl_mailbox(settings, argc - 1, argv + 1);
	if (strcmp(argv[0], "preview") == 0)
		return ctl_preview(settings, argc - 1, argv + 1);
	int used = 0;
	const struct verb *v = find_verb(argc, argv, &used);
	if (v == NULL)
		return unknown(argc, argv);
	return run_verb(v, settings, argc - used, argv + used);
}
