/* Settings: a sound file, and a table of wrong ones: each is told with its line and what is allowed. */
#include "base/prelude.h"

#include "app/settings.h"
#include "base/arena.h"
#include "base/limits.h"
#include "tests/unit/scratch.h"

#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static const char sound[] =
	"installation: Support\n" /* 1 */
	"domain: lots.example\n"
	"state_dir: state\n"
	"templates: @ROOT@/templates\n"
	"languages: [sv, en]\n" /* 5 */
	"zone: Europe/Stockholm\n"
	"strangers: manager\n"
	"undo_delay: 0s\n"
	"mailbox_dead: 15m\n"
	"alarm_address: drift@lots.example\n" /* 10 */
	"hours:\n"
	"  office:\n"
	"    open: {mon-fri: \"08:00-16:30\"}\n"
	"    closed: [2026-05-15]\n"
	"    half_days: {2026-04-30: \"12:00\"}\n" /* 15 */
	"roles:\n"
	"  superuser: {name: superanvändare, words: [SU], by: area}\n"
	"  manager: {name: förvaltningsledare, words: [FL], manages: true}\n"
	"systems:\n"
	"  ekosystem:\n" /* 20 */
	"    name: {sv: Ekosystem, en: Ecosystem}\n"
	"    words: [ekosystem]\n"
	"    default: true\n"
	"    areas:\n"
	"      hsl: {name: HSL, words: [hsl]}\n" /* 25 */
	"      ifo: {name: IFO, words: [ifo]}\n"
	"  sp:\n"
	"    name: Samordnad planering\n"
	"    words: [lifecare]\n"
	"organisations:\n" /* 30 */
	"  kalix:\n"
	"    name: Kalix kommun\n"
	"    kind: municipality\n"
	"    domains: [kalix.example]\n"
	"    units:\n" /* 35 */
	"      norr: {name: Norr, addresses: [norr@kalix.example]}\n"
	"  boden: {name: Bodens kommun, kind: municipality, domains: [boden.example]}\n"
	"chains:\n"
	"  - systems: [ekosystem, sp]\n"
	"    organisation_kinds: [municipality, unknown]\n" /* 40 */
	"    kinds: [question, access, disturbance, need, deviation]\n"
	"    links: [superuser?, manager]\n"
	"clocks:\n"
	"  - kinds: [question, access, disturbance, need, deviation]\n"
	"    remind: 4h\n" /* 45 */
	"    next_link: 8h\n"
	"mailboxes:\n"
	"  - address: support@lots.example\n"
	"    trust: local\n"
	"    type: maildir\n" /* 50 */
	"    path: in/support\n"
	"  - address: imap@lots.example\n"
	"    kind: access\n"
	"    type: imap\n"
	"    host: imap.example\n" /* 55 */
	"    user: someone\n"
	"    secret_file: good.secret\n"
	"    after: delete:30\n"
	"sinks:\n"
	"  - name: out\n" /* 60 */
	"    type: submission\n"
	"    host: smtp.example\n"
	"    user: someone\n"
	"    secret_file: good.secret\n"
	"    rate: 300/m\n"; /* 65 */

static const struct {
	const char *find, *put; /* the change that makes it wrong */
	int line;
	const char *told;
} wrong[] = {
	{"installation: Support", "instalation: Support", 1,
		"unknown key of lots.yaml \"instalation\"; did you mean \"installation\"? "
		"allowed: "},
	{"installation: Support", "installation: \"\"", 1, "is empty"},
	{"domain: lots.example\n", "domain: lots.example\ndeliver_only:\n", 3,
		"deliver_only is empty; allowed: a list of mail addresses, or []"},
	{"domain: lots.example", "domain: lots example", 2,
		"is no domain; allowed: a domain, as in"},
	{"domain: lots.example\n", "#\n", 1, "lacks \"domain\""},
	{"templates: @ROOT@/templates", "templates: /nowhere", 5,
		"there are no templates for \"sv\": /nowhere/sv"},
	{"[sv, en]", "[sv, xx]", 5, "there are no templates for \"xx\""},
	{"[sv, en]", "[]", 5, "allowed: 1 to 8"},
	{"Europe/Stockholm", "Europe/Luleå", 6, "is no time zone"},
	{"Europe/Stockholm", "../../etc/passwd", 6, "is no time zone"},
	{"Europe/Stockholm", "Europe/Kalix", 6, "there is no such file"},
	{"strangers: manager", "strangers: welcome", 7,
		"strangers: \"welcome\" is not allowed; allowed: manager, hold, answer"},
	{"undo_delay: 0s", "undo_delay: 2h", 8, "a duration from 0 to 1h"},
	{"mailbox_dead: 15m", "mailbox_dead: 15", 9,
		"allowed: a duration from 1m to 7d, as in 90s, 15m, 4h, 3d"},
	{"mailbox_dead: 15m", "mailbox_dead: [15m]", 9, "a list stands where a duration"},
	{"drift@lots.example", "drift", 10, "is no mail address"},
	{"mon-fri: \"08", "mån-fre: \"08", 13, "\"mån-fre\" is no weekday; allowed: mon"},
	{"08:00-16:30", "08:00-24:30", 13, "are no hours; allowed: 08:00-16:30"},
	{"08:00-16:30", "13:00-16:30, 08:00-12:00", 13, "in order"},
	{"08:00-16:30\"}", "08:00-16:30\", wed: \"09:00-10:00\"}", 13, "wed has its hours already"},
	{"[2026-05-15]", "[2026-02-30]", 14, "\"2026-02-30\" is no date"},
	{"\"12:00\"}", "\"noon\"}", 15, "half_days: \"2026-04-30: noon\" is not understood"},
	{"by: area}", "by: street}", 17, "allowed: area, organisation, unit, system"},
	{"words: [FL]", "words: [su]", 18, "\"su\" also means the role superuser"},
	{"manages: true", "manages: maybe", 18, "neither true nor false"},
	{", manages: true", "", 16, "one with manages: true"},
	{"name: {sv: Ekosystem, en: Ecosystem}", "name: {sv: Ekosystem, fi: Eko}", 21,
		"unknown language \"fi\"; allowed: sv, en"},
	{"    default: true\n", "    default: no\n", 19, "one must have default: true"},
	{"    words: [lifecare]\n", "    default: true\n", 29, "only one system can be it"},
	{"words: [lifecare]", "words: [Ekosystem]", 29, "also tells the system ekosystem"},
	{"      ifo: {name: IFO, words: [ifo]}", "      ifo: {name: IFO, words: [HSL]}", 26,
		"\"hsl\" also tells the area hsl"},
	{"      ifo: {", "      Ifo: {", 26, "\"Ifo\" is not an id"},
	{"kind: municipality\n", "kind: kommun\n", 33, "allowed: municipality, region, management"},
	{"    domains: [kalix.example]\n", "    phone: \"08\"\n", 31,
		"organisation kalix has no domains"},
	{"domains: [boden.example]", "domains: [kalix.example]", 37, "belongs to kalix already"},
	{"domains: [boden.example]", "domains: [lots.example]", 37, "is Lots' own domain"},
	{"domains: [boden.example]}", "domains: [boden.example], hours: night}", 37,
		"no such calendar \"night\"; allowed: office"},
	{"[norr@kalix.example]", "[norr@boden.example]", 36, "is not at a domain of kalix"},
	{"systems: [ekosystem, sp]", "systems: [ekosystm, sp]", 39,
		"no such system \"ekosystm\"; did you mean \"ekosystem\"?"},
	{"[municipality, unknown]", "[municipality]", 38,
		"no chain for system ekosystem, organisations of kind unknown, cases of kind "
		"question, "
		"access, disturbance, need, deviation"},
	{"need, deviation]\n    links", "need]\n    links", 38,
		"no chain for system sp, organisations of kind municipality, cases of kind "
		"deviation"},
	{"links: [superuser?, manager]", "links: [superuser?, boss]", 42,
		"no such role \"boss\"; allowed: superuser, manager"},
	{"links: [superuser?, manager]", "links: [manager, manager]", 42, "manager stands twice"},
	{"links: [superuser?, manager]", "links: []", 42, "allowed: 1 to 12"},
	{"need, deviation]\n    remind", "need]\n    remind", 43,
		"no clock rule for cases of kind deviation"},
	{"remind: 4h", "remind: 9h", 45, "remind must be shorter than next_link"},
	{"    next_link: 8h\n", "    next_link: 8h\n    link: boss\n", 47,
		"link: no such role \"boss\""},
	{"    next_link: 8h\n", "    next_link: 8h\n    priority: 9\n", 47, "a number from 0 to 4"},
	{"trust: local", "trust: everybody", 49,
		"allowed: local, rfc8601 AUTHSERV-ID, microsoft365 DOMAIN ..."},
	{"trust: local", "trust: microsoft365 a b@c", 49, "\"b@c\" is no domain"},
	{"    path: in/support\n", "", 48, "a mailbox of type: maildir lacks \"path\""},
	{"    path: in/support\n", "    path: in/support\n    host: x\n", 52,
		"host means nothing for type: maildir"},
	{"imap@lots.example", "SUPPORT@lots.example", 52, "is read already, as support"},
	{"    kind: access\n    type: imap\n    host: imap.example\n    user: someone\n"
	 "    secret_file: good.secret\n    after: delete:30\n",
		"    type: maildir\n    path: in/support\n", 54,
		"the mailbox support is read there"},
	{"    type: submission\n    host: smtp.example\n    user: someone\n"
	 "    secret_file: good.secret\n",
		"    type: maildir\n    path: in/support\n", 62,
		"the mailbox support is read there"},
	{"alarm_address: drift@lots.example", "alarm_address: Support+x@lots.example", 10,
		"is read by Lots itself"},
	{"imap@lots.example", "imap@kalix.example", 52, "is not at a domain of Lots"},
	{"kind: access", "kind: acess", 53, "allowed: question, access, disturbance, need"},
	{"type: imap", "type: pop3", 54, "allowed: maildir, imap"},
	{"host: imap.example", "host: imap.example/x", 55, "is no host name"},
	{"host: imap.example", "tls: plain-loopback\n    host: imap.example", 55,
		"plain-loopback is for 127.0.0.1"},
	{"    secret_file: good.secret\n    after", "    after", 52, "the password is missing"},
	{"secret_file: good.secret\n    after", "secret_file: open.secret\n    after", 57,
		"others than its owner have rights to it (mode 0640); allowed: 0600 or 0400"},
	{"secret_file: good.secret\n    after", "secret_file: none.secret\n    after", 57,
		"there is no such file"},
	{"after: delete:30", "after: move:inbox", 58, "mail is read in that folder"},
	{"    path: in/support\n", "    path: in/support\n    after: move:in/support\n", 52,
		"mail is read in that folder"},
	{"after: delete:30", "ca_file: good.secret", 58, "good.secret: holds no certificate"},
	{"host: smtp.example\n    user: someone\n", "host: smtp.example\n", 60,
		"a password without a user"},
	{"kinds: [question", "kinds: [fråga", 41,
		"no such kind of case \"fråga\"; allowed: question"},
	{"after: delete:30", "after: burn", 58, "allowed: seen, keep, move:FOLDER, delete:DAYS"},
	{"type: submission", "type: local-mta", 62, "the local MTA is at 127.0.0.1"},
	{"host: smtp.example", "path: out", 60, "a sink of type: submission lacks \"host\""},
	{"rate: 300/m", "rate: 300", 65, "is no rate; allowed: 0 (no limit) or a rate"},
	{"sinks:\n", "sinks: &x\n", 59, "anchors, aliases and tags"},
	{"rate: 300/m", "rate: 300/m\n    rate: 5/s", 66,
		"\"rate\" stands here twice (first in line 65)"},
	{"rate: 300/m\n", "rate: \"300/m\n", 65, "not YAML"},
	{"rate: 300/m\n", "rate: 300/m\n---\na: b\n", 66, "a second document"},
};

static char folder[SCRATCH_PATH];
static struct arena *arena;

static void write_file(const char *name, const char *content, unsigned mode)
{
	char *path = arena_printf(arena, "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	close(fd);
}

static char *replaced(const char *text, const char *find, const char *put)
{
	const char *at = strstr(text, find);

	if (!at)
		fail_msg("the sound file does not hold \"%s\"", find);
	return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, put, at + strlen(find));
}

static const char *root(void)
{
	const char *set = getenv("LOTS_ROOT");
	char here[4096];

	return set ? set : arena_strdup(arena, getcwd(here, sizeof(here)));
}

static struct config *load(const char *text, struct settings_errors *errors)
{
	if (strstr(text, "@ROOT@"))
		text = replaced(text, "@ROOT@", root());
	write_file("lots.yaml", text, 0600);
	settings_errors_init(errors, arena);
	return settings_load(arena, arena_printf(arena, "%s/lots.yaml", folder), errors);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(MAX_ARENA_BYTES);
	write_file("good.secret", "secret\n", 0600);
	write_file("open.secret", "secret\n", 0640);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void test_sound(void **state)
{
	struct settings_errors errors;
	struct config *c = load(sound, &errors);
	json_t *job;

	(void)state;
	if (!c)
		fail_msg("%d: %s", errors.v[0].line, errors.v[0].text);
	assert_int_equal(c->n_chains, 2 * 2 * KIND_N);
	assert_int_equal(c->n_organisations, 3);
	assert_string_equal(c->organisations[2].id, "unknown");
	assert_true(c->organisations[0].live);
	assert_string_equal(config_area(c, "hsl")->system, "ekosystem");
	assert_string_equal(c->roles[0].words[0], "su");
	assert_true(config_chain(c, "sp", "unknown", KIND_NEED)->optional[0]);
	assert_string_equal(config_chain(c, "sp", "unknown", KIND_NEED)->links[0], "superuser");
	assert_int_equal(config_clock(c, KIND_ACCESS, "manager", 1)->remind_ms, 4 * MS_HOUR);
	assert_int_equal(c->zone.std_offset, 3600);
	assert_string_equal(c->mailboxes[0].name, "support");
	assert_true(c->mailboxes[0].any_kind);
	assert_int_equal(c->mailboxes[0].trust.kind, TRUST_LOCAL);
	assert_int_equal(c->mailboxes[1].trust.kind, TRUST_NONE);
	assert_int_equal(c->mailboxes[1].kind, KIND_ACCESS);
	assert_true(c->sinks[0].rate_per_second == 5.0);
	job = json_loads(c->mailboxes[1].source, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(job, "security")), "tls");
	assert_string_equal(json_string_value(json_object_get(job, "after")), "delete");
	assert_int_equal(json_integer_value(json_object_get(job, "delete_days")), 30);
	json_decref(job);
	job = json_loads(c->mailboxes[0].source, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(job, "path")),
		arena_printf(arena, "%s/in/support", folder));
	json_decref(job);
	settings_release(c);
}

static bool is_told(const struct settings_errors *e, int line, const char *text)
{
	for (size_t i = 0; i < e->n; i++) {
		if (e->v[i].line == line && strstr(e->v[i].text, text))
			return true;
	}
	return false;
}

static void test_each_wrong_setting(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct settings_errors errors;
		struct config *c = load(replaced(sound, wrong[i].find, wrong[i].put), &errors);

		if (c)
			fail_msg("row %zu (\"%s\"): nothing was told", i, wrong[i].put);
		if (!is_told(&errors, wrong[i].line, wrong[i].told))
			fail_msg("row %zu (\"%s\"): wanted %d: %s; told %d: %s", i, wrong[i].put,
				wrong[i].line, wrong[i].told, errors.v[0].line, errors.v[0].text);
		assert_non_null(strstr(errors.v[0].file, "lots.yaml"));
	}
	assert_true(ARRAY_LEN(wrong) >= 40);
}

static void test_many_at_once_in_order(void **state)
{
	struct settings_errors errors;
	const char *text = replaced(sound, "strangers: manager", "strangers: x");

	(void)state;
	text = replaced(text, "mailbox_dead: 15m", "mailbox_dead: x");
	text = replaced(text, "by: area", "by: x");
	text = replaced(text, "rate: 300/m", "rate: x");
	assert_null(load(text, &errors));
	assert_int_equal(errors.n, 4);
	assert_int_equal(errors.v[0].line, 7);
	assert_int_equal(errors.v[1].line, 9);
	assert_int_equal(errors.v[2].line, 17);
	assert_int_equal(errors.v[3].line, 65);
}

static void test_other_files(void **state)
{
	struct settings_errors errors;
	const char *at = strstr(sound, "clocks:\n"), *end = strstr(sound, "mailboxes:\n");
	char *text =
		arena_printf(arena, "%.*sclocks: clocks.yaml\n%s", (int)(at - sound), sound, end);
	char *clocks = arena_strndup(arena, at, (size_t)(end - at));

	(void)state;
	write_file("clocks.yaml", clocks, 0600);
	settings_release(load(text, &errors));
	assert_int_equal(errors.n, 0);
	write_file("clocks.yaml", replaced(clocks, "4h", "4"), 0600);
	assert_null(load(text, &errors));
	assert_string_equal(errors.v[0].file, arena_printf(arena, "%s/clocks.yaml", folder));
	assert_int_equal(errors.v[0].line, 3);
	write_file("clocks.yaml", "watches: []\n", 0600);
	assert_null(load(text, &errors));
	assert_true(is_told(&errors, 1, "unknown key \"watches\"; this file holds clocks: only"));
	unlink(arena_printf(arena, "%s/clocks.yaml", folder));
	assert_null(load(text, &errors));
	assert_string_equal(errors.v[0].file, arena_printf(arena, "%s/lots.yaml", folder));
	assert_true(errors.v[0].line > 1);
	assert_non_null(
		strstr(errors.v[0].text, "clocks.yaml: there is no such file; allowed: the name"));
}

static void test_live_one_at_a_time(void **state)
{
	struct settings_errors errors;
	struct config *c =
		load(replaced(sound, "strangers:", "live: [boden]\nstrangers:"), &errors);

	(void)state;
	assert_non_null(c);
	assert_false(config_organisation(c, "kalix")->live);
	assert_true(config_organisation(c, "boden")->live);
	settings_release(c);
	assert_null(load(replaced(sound, "strangers:", "live: [bodn]\nstrangers:"), &errors));
	assert_true(is_told(&errors, 7, "did you mean \"boden\"?"));
}

static void test_chains_need_people(void **state)
{
	struct settings_errors errors;
	struct config *c = load(sound, &errors);
	struct duty duties[] = {{.agent = 1,
		.role = "manager",
		.organisation = "kalix",
		.system = "",
		.area = "",
		.unit = ""}};
	struct people people = {.duties = duties, .n_duties = 1};

	(void)state;
	assert_non_null(c);
	settings_check_people(c, &people, &errors);
	assert_true(is_told(
		&errors, 39, "leads to nobody at the link manager: no such duty for boden"));
	errors.n = 0;
	duties[0].organisation = "*";
	settings_check_people(c, &people, &errors);
	assert_int_equal(errors.n, 0);
	settings_release(c);
}

/* The sample is what everybody tries first. */
static void test_the_sample(void **state)
{
	struct settings_errors errors;
	char *path = arena_printf(arena, "%s/config/lots.yaml", root());
	struct config *c;

	(void)state;
	setenv("LOTS_DATADIR", root(), 1);
	settings_errors_init(&errors, arena);
	c = settings_load(arena, path, &errors);
	if (!c)
		fail_msg("%s:%d: %s", errors.v[0].file, errors.v[0].line, errors.v[0].text);
	assert_int_equal(c->n_organisations, 19);
	assert_int_equal(c->n_mailboxes, 4);
	settings_release(c);
}

/* lots.yaml(5) explains every key there is. */
static void test_the_manual_is_complete(void **state)
{
	char *path = arena_printf(arena, "%s/docs/lots.yaml.5", root());
	FILE *f = fopen(path, "re");
	char *page = arena_alloc(arena, MAX_SETTINGS_BYTES);
	size_t n;

	(void)state;
	assert_non_null(f);
	n = fread(page, 1, MAX_SETTINGS_BYTES - 1, f);
	fclose(f);
	page[n] = '\0';
	for (size_t s = 0; s < settings_sections_n; s++) {
		const struct section *section = settings_sections[s];
		char *from =
			strstr(page, arena_printf(arena, ".\\\" section: %s\n", section->name));

		if (!from)
			fail_msg("no section for %s", section->name);
		for (size_t i = 0; i < section->n; i++) {
			const char *key = section->rows[i].key;
			char *entry = strstr(from, arena_printf(arena, ".It Cm %s\n", key));
			char *next = strstr(from + 1, ".\\\" section: ");

			if (!entry)
				entry = strstr(from, arena_printf(arena, ".It Cm %s ", key));
			if (!entry || (next && entry > next))
				fail_msg("%s: key %s is not explained", section->name, key);
		}
	}
}

static int make_folder(void **state)
{
	(void)state;
	scratch_dir(folder, "lots-settings");
	return 0;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {
		"lots.yaml", "good.secret", "open.secret", "clocks.yaml"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[SCRATCH_PATH + 20];

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

/* A folder is named as people read it, and goes to the server as IMAP has it. */
static void test_folders_of_imap(void **state)
{
	struct settings_errors errors;
	struct config *c = load(
		replaced(sound, "after: delete:30", "folder: Ärenden\n    after: move:Åtgärdat"),
		&errors);

	(void)state;
	assert_non_null(c);
	assert_non_null(strstr(c->mailboxes[1].source, "\"mailbox\":\"&AMQ-renden\""));
	assert_non_null(strstr(c->mailboxes[1].source, "\"folder\":\"&AMU-tg&AOQ-rdat\""));
	settings_release(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sound, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_each_wrong_setting, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_folders_of_imap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many_at_once_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_live_one_at_a_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_chains_need_people, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_sample, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_manual_is_complete, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
