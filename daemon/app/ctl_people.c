/* Ctl_people: the operator's side of the directory and of the first mail. Speaks Swedish: those who
 * keep the list do. Called by main_lotsctl; the work is control_people.c. */
#include "base/prelude.h"
#include "app/ctl_people.h"

#include "app/ctl_ask.h"
#include "app/ctl_files.h"
#include "app/settings.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/date.h"
#include "base/ipc.h"
#include "base/limits.h"

#include <jansson.h>
#include <poll.h>
#include <sysexits.h>
#include <unistd.h>

#define WAIT_MS (10 * MS_MINUTE)
#define EXIT_GAPS 1

static int usage(void)
{
	fprintf(stderr, "usage: lotsctl people import FILE.csv [--apply]\n"
			"       lotsctl people exercise [--address ADDRESS]\n"
			"       lotsctl people export [FILE.csv]\n"
			"       lotsctl people check [FILE.csv]\n");
	return EX_USAGE;
}

/* {cmd, args: {csv?, apply?}}; NULL when the file cannot be read (told). */
static json_t *request_for(struct arena *a, const char *cmd, const char *file, bool apply)
{
	json_t *args = json_object();
	size_t n;
	char *content;

	if (file) {
		content = ctl_read_file(a, file, &n);
		if (!content) {
			json_decref(args);
			return NULL;
		}
		json_object_set_new(args, "csv", json_string(base64_encode(a, content, n)));
	}
	json_object_set_new(args, "apply", json_boolean(apply));
	return json_pack("{s:s, s:o}", "cmd", cmd, "args", args);
}

/* The answer's result, borrowed from *answer; NULL with *code after telling why. */
static const json_t *ask(struct arena *a, const char *settings, const char *cmd, const char *file,
	bool apply, json_t **answer, int *code)
{
	json_t *request = request_for(a, cmd, file, apply);

	*answer = NULL;
	*code = EX_NOINPUT;
	if (!request)
		return NULL;
	*answer = ctl_ask(settings, request, false, code);
	json_decref(request);
	if (!*answer)
		return NULL;
	if (!json_flag(*answer, "ok", false)) {
		*code = ctl_refused(file ? file : "people", *answer);
		return NULL;
	}
	*code = 0;
	return json_object_get(*answer, "result");
}

/* Line by line, and in all: half a table by mistake is seen at its last line. */
/* "name, duties, +superuser kalix" in the words of the table. */
static void show_what(const char *what)
{
	static const char *const words[][2] = {{"name", "namn"}, {"kind", "typ"},
		{"organisation", "organisation"}, {"language", "språk"}, {"calendar", "arbetstid"},
		{"duties", "uppdrag"}, {"morning_list", "morgonlista"}, {"members", "medlem_av"}};

	for (const char *p = what; *p;) {
		size_t n = strcspn(p, ",");
		const char *swedish = NULL;

		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (strlen(words[i][0]) == n && strncmp(p, words[i][0], n) == 0)
				swedish = words[i][1];
		printf("%s%.*s", p == what ? ": " : ", ", swedish ? (int)strlen(swedish) : (int)n,
			swedish ? swedish : p);
		p += n;
		p += strspn(p, ", ");
	}
	printf("\n");
}

static void show_difference(const json_t *list)
{
	static const struct {
		const char *change, *sign, *word;
	} words[] = {{"added", "+", "ny"}, {"changed", "~", "ändrad"}, {"ended", "-", "avslutad"},
		{"returned", "+", "åter"}};
	size_t i, n[ARRAY_LEN(words)] = {0};
	const json_t *one;

	json_array_foreach(list, i, one)
	{
		const char *what = json_str(one, "what", "");

		for (size_t w = 0; w < ARRAY_LEN(words); w++) {
			if (strcmp(words[w].change, json_str(one, "change", "")) != 0)
				continue;
			n[w]++;
			printf("%s %-9s %s (%s)", words[w].sign, words[w].word,
				json_str(one, "address", ""), json_str(one, "name", ""));
			show_what(what);
		}
	}
	if (json_array_size(list) > 0)
		printf("Nya: %zu. Ändrade: %zu. Avslutade: %zu. Åter: %zu.\n", n[0], n[1], n[2],
			n[3]);
}

static int import(struct arena *a, const char *settings, const char *file, bool apply)
{
	json_t *answer;
	int code;
	const json_t *result = ask(a, settings, "people import", file, apply, &answer, &code);
	const json_t *list = json_object_get(result, "difference");

	if (result) {
		show_difference(list);
		if (json_array_size(list) == 0)
			printf("Ingen skillnad.\n");
		else if (apply)
			printf("Genomfört: %zu ändringar.\n", json_array_size(list));
		else
			printf("Inget är ändrat. Kör igen med --apply för att genomföra.\n");
	}
	json_decref(answer);
	return code;
}

static int export(struct arena *a, const char *settings, const char *file)
{
	json_t *answer;
	int code;
	const json_t *result = ask(a, settings, "people export", NULL, false, &answer, &code);
	const char *csv = json_str(result, "csv", "");

	if (result && file)
		code = ctl_write_file(file, csv, strlen(csv), 0600) == 0 ? 0 : EX_CANTCREAT;
	else if (result && fwrite(csv, 1, strlen(csv), stdout) != strlen(csv))
		code = EX_IOERR;
	json_decref(answer);
	return code;
}

static size_t show_list(const json_t *list, const char *heading)
{
	const json_t *one;
	size_t i;

	if (json_array_size(list))
		printf("%s\n", heading);
	json_array_foreach(list, i, one)
	{
		printf("  %s\n", json_string_value(one));
	}
	return json_array_size(list);
}

static int check(struct arena *a, const char *settings, const char *file)
{
	json_t *answer;
	int code;
	const json_t *result = ask(a, settings, "people check", file, false, &answer, &code);

	if (result) {
		size_t gaps = show_list(json_object_get(result, "gaps"), "Leder till ingen:");

		show_list(json_object_get(result, "exercise"), "Har inte svarat på övningsmejlet:");
		printf("%" PRId64 " adresser, %" PRId64 " uppdrag. %s\n",
			json_int(result, "agents", 0), json_int(result, "duties", 0),
			gaps ? "Det finns luckor." : "ok");
		code = gaps ? EXIT_GAPS : 0;
	}
	json_decref(answer);
	return code;
}

int ctl_people(const char *settings, int argc, char **argv)
{
	const char *file = NULL;
	struct arena *a;
	bool apply = false;
	int code = EX_USAGE;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--apply") == 0)
			apply = true;
		else if (argv[i][0] != '-' && !file)
			file = argv[i];
		else
			return usage();
	}
	if (argc < 1)
		return usage();
	a = arena_new(MAX_ARENA_BYTES);
	if (strcmp(argv[0], "import") == 0 && file)
		code = import(a, settings, file, apply);
	else if (strcmp(argv[0], "export") == 0 && !apply)
		code = export(a, settings, file);
	else if (strcmp(argv[0], "check") == 0 && !apply)
		code = check(a, settings, file);
	else
		usage();
	arena_free(&a);
	return code;
}

/* ---- mailbox test ---- */

/* Newest inbox id of the mailbox after since, 0 none; -1 with *code. */
static int64_t newest(
	const char *settings, const char *name, int64_t since, bool *arrived, int *code)
{
	json_t *request = json_pack("{s:s, s:{s:s, s:I}}", "cmd", "mailbox wait", "args", "mailbox",
		name, "since", (json_int_t)since);
	json_t *answer = ctl_ask(settings, request, true, code);
	int64_t id = -1;

	json_decref(request);
	if (answer && json_flag(answer, "ok", false)) {
		const json_t *result = json_object_get(answer, "result");

		id = json_int(result, "newest", 0);
		*arrived = json_flag(result, "arrived", false);
	} else if (answer) {
		*code = ctl_refused("mailbox", answer);
	}
	json_decref(answer);
	return id;
}

static int wait_for_mail(const char *settings, const char *name, const char *address)
{
	int64_t start = clock_mono_ms(), first;
	bool arrived = false;
	int code = 0;

	first = newest(settings, name, 0, &arrived, &code);
	if (first < 0)
		return code;
	printf("Skicka ett mejl till %s nu, jag väntar …\n", address);
	fflush(stdout);
	while (clock_mono_ms() - start < WAIT_MS) {
		poll(NULL, 0, 500);
		if (newest(settings, name, first, &arrived, &code) < 0)
			return code;
		if (arrived) {
			printf("Kom fram på %" PRId64 " s.\n",
				(clock_mono_ms() - start + MS_SECOND / 2) / MS_SECOND);
			return 0;
		}
	}
	printf("Inget mejl kom på %" PRId64 " minuter. Se `lotsctl status` och loggen.\n",
		WAIT_MS / MS_MINUTE);
	return EX_TEMPFAIL;
}

int ctl_mailbox(const char *settings, int argc, char **argv)
{
	struct arena *a = arena_new(MAX_ARENA_BYTES);
	struct settings_errors *errors = arena_new_of(a, struct settings_errors);
	const struct mailbox *m = NULL;
	struct config *c = NULL;
	int code = EX_USAGE;

	if (argc < 1 || argc > 2 || strcmp(argv[0], "test") != 0) {
		fprintf(stderr, "usage: lotsctl mailbox test [NAME]\n");
		arena_free(&a);
		return code;
	}
	settings_errors_init(errors, a);
	c = settings_load(a, settings, errors);
	if (c)
		m = argc == 2 ? config_mailbox(c, argv[1]) : &c->mailboxes[0];
	if (m)
		code = wait_for_mail(settings, m->name, m->address);
	else if (c)
		fprintf(stderr, "lotsctl: there is no mailbox \"%s\"\n", argv[1]);
	else
		settings_errors_print(errors, stderr);
	code = c ? code : EX_CONFIG;
	settings_release(c);
	arena_free(&a);
	return code;
}
