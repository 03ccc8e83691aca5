/* Ctl_init_ask: six questions -> the settings of a real installation, in shadow mode: only the
 * operator is written to until deliver_only is emptied. Called by ctl_init. */
#include "base/prelude.h"
#include "app/ctl_init.h"

#include "app/ctl_files.h"
#include "app/settings.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "mail/address.h"

#include <sys/stat.h>
#include <sysexits.h>

#define MAX_ANSWERS 5
#define SERVICE_DIR "/etc/lots"
#define SERVICE_STATE "/var/lib/lots"

struct answers {
	const char *installation, *domain;
	const char *imap_host, *imap_user, *smtp_host;
	const char *organisation, *organisation_domain, *organisation_id;
	const char *operator_address;
};

struct asking {
	struct arena *arena;
	FILE *in, *out;
	struct answers *a;
};

typedef bool accept_fn(struct asking *q, const char *answer);

static bool is_plain(const char *s)
{
	return *s && strlen(s) < 200 && !strpbrk(s, "\"\\'{}[]#\t");
}

static const char *domain_key(struct asking *q, const char *domain)
{
	return strchr(domain, '@')
		       ? NULL
		       : address_domain(q->arena, arena_printf(q->arena, "x@%s", domain));
}

/* The machine itself may be the server. */
static const char *server_key(struct asking *q, const char *host)
{
	return strcmp(host, "localhost") == 0 ? host : domain_key(q, host);
}

/* "first second": splits at the last blank or comma. */
static const char *split_last(struct asking *q, const char *answer, const char **last)
{
	char *copy = arena_strdup(q->arena, answer);
	char *cut = NULL;

	for (char *p = copy; *p; p++) {
		if (*p == ' ' || *p == ',')
			cut = p;
	}
	if (!cut)
		return NULL;
	*cut = '\0';
	*last = cut + 1;
	while (cut > copy && (cut[-1] == ' ' || cut[-1] == ','))
		*--cut = '\0';
	return copy;
}

static bool accept_installation(struct asking *q, const char *answer)
{
	q->a->installation = answer;
	return is_plain(answer);
}

static bool accept_domain(struct asking *q, const char *answer)
{
	q->a->domain = domain_key(q, answer);
	return q->a->domain != NULL;
}

static bool accept_imap(struct asking *q, const char *answer)
{
	q->a->imap_host = split_last(q, answer, &q->a->imap_user);
	return q->a->imap_host && server_key(q, q->a->imap_host) && is_plain(q->a->imap_user);
}

static bool accept_smtp(struct asking *q, const char *answer)
{
	q->a->smtp_host = server_key(q, answer);
	return q->a->smtp_host != NULL;
}

/* The id is the folded first word of the name. */
static bool accept_organisation(struct asking *q, const char *answer)
{
	const char *domain = NULL;
	char *id;

	q->a->organisation = split_last(q, answer, &domain);
	q->a->organisation_domain = domain ? domain_key(q, domain) : NULL;
	if (!q->a->organisation_domain || !is_plain(q->a->organisation))
		return false;
	id = text_fold(q->arena, q->a->organisation);
	id[strcspn(id, " ")] = '\0';
	q->a->organisation_id = id;
	if (strcmp(q->a->organisation_domain, q->a->domain) == 0) {
		fprintf(q->out, "Organisationens domän kan inte vara den som är Lots egen.\n");
		return false;
	}
	return settings_is_id(id) && strcmp(id, "unknown") != 0 && strcmp(id, "forvaltning") != 0;
}

static bool accept_operator(struct asking *q, const char *answer)
{
	const char *key = address_envelope_ok(answer) ? address_key(q->arena, answer, NULL) : NULL;

	q->a->operator_address = answer;
	if (key && strcmp(key, arena_printf(q->arena, "support@%s", q->a->domain)) == 0) {
		fprintf(q->out,
			"Den brevlådan läser Lots självt. Skriv en som en människa läser.\n");
		return false;
	}
	return key != NULL;
}

static const struct {
	const char *question, *example, *wanted;
	accept_fn *accept;
} questions[] = {
	{"1. Vad ska avsändaren heta?", "Support",
		"Skriv ett namn utan citattecken och parenteser.", accept_installation},
	{"2. Vilken domän har supportadressen?", "support.example.org",
		"Skriv bara domänen, det som står efter @.", accept_domain},
	{"3. Vilken brevlåda ska läsas? IMAP-server och användare",
		"imap.example.org support@support.example.org",
		"Skriv serverns namn, ett mellanslag och användaren.", accept_imap},
	{"4. Vilken server skickar mejl (SMTP, port 587)?", "smtp.example.org",
		"Skriv bara serverns namn, utan port.", accept_smtp},
	{"5. Vilken organisation börjar ni med? Namn och mejldomän", "Kalix kommun kalix.example",
		"Skriv namnet, ett mellanslag och mejldomänen.", accept_organisation},
	{"6. Vilken adress har den som sköter Lots?", "drift@example.org", "Skriv en mejladress.",
		accept_operator},
};

static bool ask(struct asking *q, size_t i)
{
	char line[1000];

	for (int tries = 0; tries < MAX_ANSWERS; tries++) {
		fprintf(q->out, "%s (t.ex. %s)\n> ", questions[i].question, questions[i].example);
		fflush(q->out);
		if (!fgets(line, sizeof(line), q->in))
			break;
		if (utf8_valid(line, strlen(line)) &&
			questions[i].accept(q, text_trim(q->arena, line)))
			return true;
		fprintf(q->out, "Det svaret går inte att använda. %s\n", questions[i].wanted);
	}
	fprintf(stderr, "lotsctl: no usable answer to question %zu\n", i + 1);
	return false;
}

static const char *const lots_yaml =
	"# Settings of Lots: see lots.yaml(5). `lotsd -c lots.yaml --check` tells what is wrong.\n"
	"installation: \"%s\"\n"
	"domain: %s\n"
	"state_dir: %s\n"
	"languages: [sv, en]\n"
	"zone: Europe/Stockholm\n"
	"strangers: hold\n"
	"# Shadow mode: nobody else is written to. Empty it ([]) when all looks right, and let "
	"one\n"
	"# organisation begin at a time with live: [id, ...].\n"
	"deliver_only: [\"%s\"]\n"
	"live: all\n"
	"alarm_address: \"%s\"\n"
	"hours: organisation/hours.yaml\n"
	"roles: organisation/roles.yaml\n"
	"systems: organisation/systems.yaml\n"
	"organisations: organisation/organisations.yaml\n"
	"chains: organisation/chains.yaml\n"
	"clocks: organisation/clocks.yaml\n"
	"mailboxes:\n"
	"  - address: \"support@%s\"\n"
	"    kind: any\n"
	"    # Until this is set no mail can command anything: which server's "
	"Authentication-Results\n"
	"    # is believed. See lots.yaml(5).\n"
	"    # trust: rfc8601 %s\n"
	"    type: imap\n"
	"    host: %s\n"
	"    tls: implicit\n"
	"    user: \"%s\"\n"
	"    %s\n"
	"    after: seen\n"
	"sinks:\n"
	"  - name: out\n"
	"    type: submission\n"
	"    host: %s\n"
	"    tls: starttls\n"
	"    user: \"%s\"\n"
	"    %s\n"
	"    rate: 300/m\n";

static const char *const organisations_yaml =
	"organisations:\n"
	"  %s:\n"
	"    name: \"%s\"\n"
	"    kind: municipality\n"
	"    domains: [%s]\n"
	"    # Telephone for what cannot wait.\n"
	"    phone: \"\"\n"
	"  forvaltning:\n"
	"    name: {sv: Förvaltningsgruppen, en: Management group}\n"
	"    kind: management\n"
	"  unknown:\n"
	"    name: {sv: okänd organisation, en: unknown organisation}\n"
	"    kind: unknown\n";

/* A new directory has gaps: every link but the last that must answer may be empty. */
static const char *const chains_yaml =
	"# Links with ? are passed over while nobody has that duty; take the ? away when all "
	"have.\n"
	"chains:\n"
	"  - systems: [ekosystem, sp]\n"
	"    organisation_kinds: [municipality, management, unknown]\n"
	"    kinds: [question, deviation, need]\n"
	"    links: [local_support?, superuser?, specialist?, manager, supplier?]\n"
	"  - systems: [ekosystem, sp]\n"
	"    organisation_kinds: [municipality, management, unknown]\n"
	"    kinds: [access, disturbance]\n"
	"    links: [it_admin?, manager, supplier?]\n";

static const char *const people_csv =
	"\xef\xbb\xbf"
	"adress;namn;typ;roll;organisation;system;område;enhet;språk;arbetstid;jour;"
	"leverantörsrätt;medlem_av;morgonlista;hemorganisation\r\n"
	"%s;Förvaltningsledare;person;manager;*;;;;;;;;;ja;forvaltning\r\n";

bool ctl_init_is_service(const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	return n == strlen(SERVICE_DIR) && memcmp(dir, SERVICE_DIR, n) == 0;
}

static int write_text(struct asking *q, const char *dir, const char *name, const char *text)
{
	return ctl_write_file(arena_printf(q->arena, "%s/%s", dir, name), text, strlen(text), 0600);
}

/* What the unit's made-up user must read: settings, but neither people nor passwords. */
static int open_to_service(struct asking *q, const char *dir)
{
	static const struct {
		const char *name;
		mode_t mode;
	} files[] = {{"lots.yaml", 0644}, {"organisation", 0755},
		{"organisation/organisations.yaml", 0644}, {"organisation/chains.yaml", 0644},
		{"organisation/hours.yaml", 0644}, {"organisation/roles.yaml", 0644},
		{"organisation/systems.yaml", 0644}, {"organisation/clocks.yaml", 0644}};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const char *path = arena_printf(q->arena, "%s/%s", dir, files[i].name);

		if (chmod(path, files[i].mode) != 0) {
			fprintf(stderr, "lotsctl: %s: its mode cannot be changed\n", path);
			return -1;
		}
	}
	return chmod(dir, 0755);
}

static int write_secrets(struct asking *q, const char *dir, bool service)
{
	const char *in = service ? SERVICE_SECRETS "/imap" : "imap.secret";
	const char *out = service ? SERVICE_SECRETS "/smtp" : "smtp.secret";

	if (service && ctl_make_dir(arena_printf(q->arena, "%s/" SERVICE_SECRETS, dir)) != 0)
		return -1;
	return write_text(q, dir, in, "change-me\n") != 0 ||
			       write_text(q, dir, out, "change-me\n") != 0
		       ? -1
		       : 0;
}

static int copy_common(struct asking *q, const char *dir)
{
	static const char *const names[] = {"hours", "roles", "systems", "clocks"};
	const char *data = settings_data_dir(q->arena);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (ctl_copy_file(q->arena,
			    arena_printf(q->arena, "%s/config/norrbotten/%s.yaml", data, names[i]),
			    arena_printf(q->arena, "%s/organisation/%s.yaml", dir, names[i])) != 0)
			return -1;
	}
	return 0;
}

static int write_all(struct asking *q, const char *dir)
{
	const struct answers *a = q->a;
	bool service = ctl_init_is_service(dir);
	const char *lots = arena_printf(q->arena, lots_yaml, a->installation, a->domain,
		service ? SERVICE_STATE : "state", a->operator_address, a->operator_address,
		a->domain, a->imap_host, a->imap_host, a->imap_user,
		service ? "credential: imap" : "secret_file: imap.secret", a->smtp_host,
		a->imap_user, service ? "credential: smtp" : "secret_file: smtp.secret");
	const char *organisations = arena_printf(q->arena, organisations_yaml, a->organisation_id,
		a->organisation, a->organisation_domain);

	if (ctl_make_dir(arena_printf(q->arena, "%s/organisation", dir)) != 0 ||
		copy_common(q, dir) != 0 || write_text(q, dir, "lots.yaml", lots) != 0 ||
		write_text(q, dir, "organisation/organisations.yaml", organisations) != 0 ||
		write_text(q, dir, "organisation/chains.yaml", chains_yaml) != 0 ||
		write_text(q, dir, "organisation/people.csv",
			arena_printf(q->arena, people_csv, a->operator_address)) != 0 ||
		write_secrets(q, dir, service) != 0 || (service && open_to_service(q, dir) != 0))
		return EX_CANTCREAT;
	return 0;
}

int ctl_init_ask(struct arena *arena, const char *dir, FILE *in, FILE *out)
{
	struct answers answers = {0};
	struct asking q = {.arena = arena, .in = in, .out = out, .a = &answers};

	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		if (!ask(&q, i))
			return EX_DATAERR;
	}
	return write_all(&q, dir);
}
