/* Settings_mail: mailboxes and sinks. Called by app/settings. How a mailbox is read and a sink is
 * sent to becomes the JSON job of a worker (workers/reader.h, workers/sender.h). */
#include "base/prelude.h"
#include "app/settings_part.h"

#include "base/arena.h"
#include "base/ipc.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/imap_name.h"

#include <jansson.h>
#include <sys/stat.h>

static const char *const source_types[] = {"maildir", "imap", NULL};
static const char *const sink_types[] = {"maildir", "submission", "local-mta", NULL};
static const char *const tls_words[] = {"implicit", "starttls", "plain-loopback", NULL};
static const char *const auth_words[] = {"login", "plain", NULL};

/* Both read their server alike. */
struct server_rows {
	const char *type, *path, *host, *tls, *user, *auth, *ca_file, *secret_file, *credential;
	int64_t port, timeout_ms;
};

struct mailbox_rows {
	struct mailbox mailbox;
	struct server_rows server;
	const char *kind, *trust, *folder, *after, *import_since;
	int64_t poll_ms, max_bytes;
};

struct sink_rows {
	struct sink sink;
	struct server_rows server;
	const char *hello;
	int64_t connections, burst;
};

/* clang-format off */
#define SERVER_ROWS(rows_struct, types, default_tls)                                               \
	{.key = "type", .type = ROW_CHOICE, .required = true, .words = types,                      \
		.offset = offsetof(struct rows_struct, server.type)},                              \
	{.key = "path", .type = ROW_PATH, .offset = offsetof(struct rows_struct, server.path)},    \
	{.key = "host", .type = ROW_TEXT, .offset = offsetof(struct rows_struct, server.host)},    \
	{.key = "port", .type = ROW_INT, .otherwise = "0", .min = 0, .max = 65535,                 \
		.offset = offsetof(struct rows_struct, server.port)},                              \
	{.key = "tls", .type = ROW_CHOICE, .words = tls_words, .otherwise = default_tls,           \
		.offset = offsetof(struct rows_struct, server.tls)},                               \
	{.key = "user", .type = ROW_TEXT, .offset = offsetof(struct rows_struct, server.user)},    \
	{.key = "ca_file", .type = ROW_PATH,                                                       \
		.offset = offsetof(struct rows_struct, server.ca_file)},                           \
	{.key = "secret_file", .type = ROW_PATH,                                                   \
		.offset = offsetof(struct rows_struct, server.secret_file)},                       \
	{.key = "credential", .type = ROW_TEXT,                                                    \
		.offset = offsetof(struct rows_struct, server.credential)},                        \
	{.key = "timeout", .type = ROW_DURATION, .otherwise = "0", .max = MS_HOUR,                 \
		.offset = offsetof(struct rows_struct, server.timeout_ms)}

#define AT(member) offsetof(struct mailbox_rows, member)
static const struct row mailbox_rows[] = {
	{.key = "name", .type = ROW_TEXT, .offset = AT(mailbox.name)},
	{.key = "address", .type = ROW_ADDRESS, .required = true, .offset = AT(mailbox.address)},
	{.key = "kind", .type = ROW_CHOICE, .words = case_kind_words, .otherwise = "any",
		.offset = AT(kind)},
	{.key = "system", .type = ROW_ID, .offset = AT(mailbox.system)},
	{.key = "trust", .type = ROW_TEXT, .offset = AT(trust)},
	SERVER_ROWS(mailbox_rows, source_types, "implicit"),
	{.key = "auth", .type = ROW_CHOICE, .words = auth_words, .otherwise = "login",
		.offset = AT(server.auth)},
	{.key = "folder", .type = ROW_TEXT, .otherwise = "INBOX", .offset = AT(folder)},
	{.key = "after", .type = ROW_TEXT, .otherwise = "seen", .offset = AT(after)},
	{.key = "poll", .type = ROW_DURATION, .otherwise = "0", .max = MS_DAY, .offset = AT(poll_ms)},
	{.key = "max_size", .type = ROW_SIZE, .otherwise = "35M", .min = 65536, .max = MAX_MAIL_BYTES,
		.offset = AT(max_bytes)},
	{.key = "import_since", .type = ROW_DATE, .offset = AT(import_since)},
};
#undef AT
const struct section section_mailbox = {"a mailbox", mailbox_rows, ARRAY_LEN(mailbox_rows)};

#define AT(member) offsetof(struct sink_rows, member)
static const struct row sink_rows[] = {
	{.key = "name", .type = ROW_ID, .required = true, .offset = AT(sink.name)},
	SERVER_ROWS(sink_rows, sink_types, "starttls"),
	{.key = "hello", .type = ROW_DOMAIN, .offset = AT(hello)},
	{.key = "connections", .type = ROW_INT, .otherwise = "4", .min = 1, .max = 20,
		.offset = AT(connections)},
	{.key = "rate", .type = ROW_RATE, .otherwise = "0", .offset = AT(sink.rate_per_second)},
	{.key = "burst", .type = ROW_INT, .otherwise = "10", .min = 1, .max = 10000,
		.offset = AT(burst)},
};
#undef AT
/* clang-format on */
const struct section section_sink = {"a sink", sink_rows, ARRAY_LEN(sink_rows)};

static const struct yaml *at_key(const struct yaml *map, const char *key)
{
	const struct yaml *v = yaml_get(map, key);

	return v ? v : map;
}

static void need(struct reading *r, const struct yaml *map, const char *what, const char *key,
	const char *value)
{
	if (*value == '\0')
		reading_error(r, map, "%s lacks \"%s\"", what, key);
}

/* Keys that mean nothing for this type are errors: somebody thinks they do something. */
static void refuse(struct reading *r, const struct yaml *map, const char *type,
	const char *const *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct yaml *v = yaml_get(map, keys[i]);

		if (v)
			reading_error(r, v, "%s means nothing for type: %s", keys[i], type);
	}
}

static bool is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	       strncmp(host, "127.", 4) == 0;
}

static bool is_host(const char *s)
{
	return *s && strlen(s) <= 253 &&
	       s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789-.:")] == '\0';
}

static void check_server(struct reading *r, const struct yaml *map, const struct server_rows *s)
{
	const char *error = NULL, *ca;
	size_t n;

	if (!is_host(s->host) && *s->host)
		reading_error(r, at_key(map, "host"),
			"host: \"%s\" is no host name; allowed: a name as "
			"in imap.lots.example, or an address",
			s->host);
	if (strcmp(s->tls, "plain-loopback") == 0 && !is_loopback(s->host))
		reading_error(r, at_key(map, "tls"),
			"tls: plain-loopback is for 127.0.0.1, ::1 and "
			"localhost only; allowed here: implicit, starttls");
	if (!*s->ca_file)
		return;
	ca = part_read_file(r->arena, s->ca_file, MAX_SETTINGS_BYTES, &n, &error);
	if (ca && !strstr(ca, "-----BEGIN CERTIFICATE-----") &&
		!strstr(ca, "-----BEGIN X509 CERTIFICATE-----"))
		error = "holds no certificate; allowed: PEM, -----BEGIN CERTIFICATE-----";
	if (error)
		reading_error(r, at_key(map, "ca_file"), "ca_file: %s: %s", s->ca_file, error);
}

static void check_secret(
	struct reading *r, const struct yaml *map, const struct server_rows *s, bool needed)
{
	const char *error;

	if (*s->secret_file && *s->credential)
		reading_error(r, at_key(map, "credential"),
			"both secret_file and credential; allowed: one of them");
	if (needed && !*s->secret_file && !*s->credential)
		reading_error(r, map,
			"the password is missing: secret_file: FILE (mode 0600) or credential: "
			"NAME (of "
			"systemd's LoadCredential)");
	if (*s->secret_file && !part_secret_ok(r->arena, s->secret_file, &error))
		reading_error(r, at_key(map, "secret_file"), "secret_file: %s: %s", s->secret_file,
			error);
	if (*s->credential && strchr(s->credential, '/'))
		reading_error(
			r, at_key(map, "credential"), "credential: a name is wanted, not a path");
}

static const char *json_text(struct reading *r, json_t *job)
{
	char *text = json_dumps(job, JSON_COMPACT | JSON_SORT_KEYS);
	char *kept;

	if (!text)
		abort(); /* all members are checked UTF-8 */
	kept = arena_strdup(r->arena, text);
	free(text);
	json_decref(job);
	return kept;
}

static void put(json_t *job, const char *key, const char *value)
{
	if (*value)
		json_object_set_new(job, key, json_string(value));
}

static void put_number(json_t *job, const char *key, int64_t value)
{
	if (value)
		json_object_set_new(job, key, json_integer(value));
}

static void put_server(json_t *job, const struct server_rows *s)
{
	put(job, "host", s->host);
	put_number(job, "port", s->port);
	put(job, "security",
		strcmp(s->tls, "implicit") == 0	  ? "tls"
		: strcmp(s->tls, "starttls") == 0 ? "starttls"
						  : "none");
	put(job, "user", s->user);
	put(job, "ca_file", s->ca_file);
}

static bool same_folder(const char *a, const char *b)
{
	struct stat x, y;

	return strcmp(a, b) == 0 || (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
					    x.st_ino == y.st_ino);
}

/* A mail that is moved to where it lies is a new one there: it would be read for ever. */
static void put_move(struct reading *r, const struct yaml *map, const struct mailbox_rows *m,
	const char *to, json_t *job)
{
	bool maildir = strcmp(m->server.type, "maildir") == 0;

	if (maildir && *to != '/')
		to = arena_printf(r->arena, "%s/%s", r->dir, to);
	if (maildir ? same_folder(to, m->server.path)
		    : strcmp(to, m->folder) == 0 ||
				(strcasecmp(to, "INBOX") == 0 && strcasecmp(m->folder, to) == 0))
		reading_error(r, at_key(map, "after"),
			"after: mail is read in that folder; allowed: move to another one");
	put(job, "after", "move");
	put(job, "folder", maildir ? to : imap_name_encode(r->arena, to));
}

/* "seen", "keep", "move:FOLDER", "delete:DAYS". */
static void put_after(
	struct reading *r, const struct yaml *map, const struct mailbox_rows *m, json_t *job)
{
	const char *after = m->after;
	int64_t days;

	if (strcmp(after, "seen") == 0 || strcmp(after, "keep") == 0) {
		put(job, "after", after);
	} else if (strncmp(after, "move:", 5) == 0 && after[5]) {
		put_move(r, map, m, after + 5, job);
	} else if (strncmp(after, "delete:", 7) == 0 && text_to_i64(after + 7, 0, 3650, &days)) {
		put(job, "after", "delete");
		json_object_set_new(job, "delete_days", json_integer(days));
	} else {
		reading_error(r, at_key(map, "after"),
			"after: \"%s\" is not allowed; allowed: seen, keep, move:FOLDER, "
			"delete:DAYS",
			after);
	}
}

static const char *source_job(
	struct reading *r, const struct yaml *map, const struct mailbox_rows *m)
{
	json_t *job = json_object();

	put(job, "kind", m->server.type);
	put(job, "name", m->mailbox.name);
	if (strcmp(m->server.type, "imap") == 0) {
		put_server(job, &m->server);
		put(job, "auth", m->server.auth);
		put(job, "mailbox", imap_name_encode(r->arena, m->folder));
	} else {
		put(job, "path", m->server.path);
	}
	put_after(r, map, m, job);
	put_number(job, "poll_ms", m->poll_ms);
	put_number(job, "max_bytes", m->max_bytes);
	put_number(job, "timeout_ms", m->server.timeout_ms);
	put(job, "import_since", m->import_since);
	return json_text(r, job);
}

/* "local", "rfc8601 AUTHSERV-ID", "microsoft365 DOMAIN ...", "" (unset: no commands). */
static void read_trust(
	struct reading *r, const struct yaml *at, const char *text, struct trust_rule *t)
{
	char *rest = arena_strdup(r->arena, text), *word = strsep(&rest, " ");

	t->authserv_id = "";
	t->domains = arena_array(r->arena, strlen(text) + 1, sizeof(*t->domains));
	if (strcmp(word, "rfc8601") == 0 && rest && !strchr(text_trim(r->arena, rest), ' ')) {
		t->kind = TRUST_RFC8601;
		t->authserv_id = text_trim(r->arena, rest);
	} else if (strcmp(word, "microsoft365") == 0 && rest) {
		struct row row = {.key = "trust", .type = ROW_DOMAIN, .required = true};

		t->kind = TRUST_MICROSOFT365;
		while ((word = strsep(&rest, " ,")) != NULL) {
			struct yaml one = {.line = at->line, .text = word};

			if (*word && row_read(r, &row, &one, &t->domains[t->n_domains]))
				t->n_domains++;
		}
	} else if (strcmp(text, "local") == 0) {
		t->kind = TRUST_LOCAL;
	} else if (*text) {
		reading_error(r, at,
			"trust: \"%s\" is not allowed; allowed: local, rfc8601 AUTHSERV-ID, "
			"microsoft365 DOMAIN ...",
			text);
	}
}

static void check_own_address(struct reading *r, const struct yaml *v, const struct mailbox *m)
{
	const char *domain = *m->address ? address_domain(r->arena, m->address) : NULL;
	bool own = !domain;

	for (size_t i = 0; domain && r->own_domains[i]; i++)
		own |= strcmp(r->own_domains[i], domain) == 0;
	if (!own)
		reading_error(r, at_key(v, "address"),
			"address: %s is not at a domain of Lots; allowed: the domain, or one of "
			"own_domains",
			m->address);
}

static void check_mailbox(struct reading *r, const struct yaml *v, const struct mailbox *m)
{
	const struct config *c = r->config;
	const char *key = address_key(r->arena, m->address, r->own_domains);

	for (size_t i = 0; i < c->n_mailboxes; i++) {
		const char *other = address_key(r->arena, c->mailboxes[i].address, r->own_domains);

		if (strcmp(c->mailboxes[i].name, m->name) == 0)
			reading_error(r, at_key(v, "name"),
				"name: there is a mailbox \"%s\" already", m->name);
		if (key && other && strcmp(key, other) == 0)
			reading_error(r, at_key(v, "address"), "address: %s is read already, as %s",
				m->address, c->mailboxes[i].name);
	}
	if (*m->system)
		part_known(r, at_key(v, "system"), "system: no such system", m->system,
			part_ids_of_systems(r), c->n_systems);
	check_own_address(r, v, m);
}

static void name_mailbox(struct reading *r, const struct yaml *v, struct mailbox *m)
{
	const char *at = strchr(m->address, '@');

	if (*m->name == '\0' && at)
		m->name = ascii_lower(
			r->arena, arena_strndup(r->arena, m->address, (size_t)(at - m->address)));
	if (*m->name && (m->name[0] == '.' || strchr(m->name, '/')))
		reading_error(r, at_key(v, "name"),
			"name: \"%s\" is not allowed; allowed: a word "
			"without / that does not begin with .",
			m->name);
}

static void check_source(struct reading *r, const struct yaml *v, const struct mailbox_rows *m)
{
	static const char *const imap_only[] = {"host", "port", "tls", "user", "auth", "ca_file",
		"folder", "secret_file", "credential", "timeout"};
	static const char *const maildir_only[] = {"path"};

	if (strcmp(m->server.type, "maildir") == 0) {
		need(r, v, "a mailbox of type: maildir", "path", m->server.path);
		refuse(r, v, "maildir", imap_only, ARRAY_LEN(imap_only));
	} else if (strcmp(m->server.type, "imap") == 0) {
		need(r, v, "a mailbox of type: imap", "host", m->server.host);
		need(r, v, "a mailbox of type: imap", "user", m->server.user);
		refuse(r, v, "imap", maildir_only, ARRAY_LEN(maildir_only));
		check_server(r, v, &m->server);
		check_secret(r, v, &m->server, true);
	}
}

/* Two readers of one folder would take each other's mail, and what a sink puts there is never sent. */
static void check_folder(struct reading *r, const struct yaml *v, const char *path)
{
	const struct config *c = r->config;

	for (size_t i = 0; *path && i < c->n_mailboxes; i++) {
		json_t *job = json_loads(c->mailboxes[i].source, 0, NULL);

		if (same_folder(json_str(job, "path", ""), path))
			reading_error(r, at_key(v, "path"),
				"path: the mailbox %s is read there; allowed: a folder of its own",
				c->mailboxes[i].name);
		json_decref(job);
	}
}

static void read_mailbox(struct reading *r, const struct yaml *v)
{
	struct config *c = r->config;
	struct mailbox_rows m = {0};

	section_read(r, &section_mailbox, v, &m);
	if (v->type != YAML_MAP)
		return;
	name_mailbox(r, v, &m.mailbox);
	m.mailbox.any_kind = !case_kind_from_id(m.kind, &m.mailbox.kind);
	read_trust(r, at_key(v, "trust"), m.trust, &m.mailbox.trust);
	check_mailbox(r, v, &m.mailbox);
	check_source(r, v, &m);
	check_folder(r, v, m.server.path);
	m.mailbox.source = source_job(r, v, &m);
	m.mailbox.secret_file = m.server.secret_file;
	m.mailbox.credential = m.server.credential;
	c->mailboxes[c->n_mailboxes++] = m.mailbox;
}

static bool is_filled_list(struct reading *r, const struct yaml *tree, const char *what)
{
	if (tree->type == YAML_LIST && tree->n > 0)
		return true;
	reading_error(r, tree, "%s: a list with at least one entry is wanted", what);
	return false;
}

void part_mailboxes(struct reading *r, const struct yaml *tree)
{
	if (!is_filled_list(r, tree, "mailboxes"))
		return;
	r->config->mailboxes = arena_array(r->arena, tree->n, sizeof(*r->config->mailboxes));
	for (const struct yaml *v = tree->first; v; v = v->next)
		read_mailbox(r, v);
}

static const char *sink_job(struct reading *r, const struct sink_rows *s)
{
	json_t *job = json_object();
	const char *type = s->server.type;

	put(job, "kind",
		strcmp(type, "submission") == 0	 ? "smtp"
		: strcmp(type, "local-mta") == 0 ? "local_mta"
						 : "maildir");
	put(job, "name", s->sink.name);
	if (strcmp(type, "submission") == 0) {
		put_server(job, &s->server);
		put_number(job, "connections", s->connections);
	} else if (strcmp(type, "local-mta") == 0) {
		put(job, "host", s->server.host);
		put_number(job, "port", s->server.port);
	} else {
		put(job, "path", s->server.path);
	}
	put(job, "hello", s->hello);
	put_number(job, "timeout_ms", s->server.timeout_ms);
	return json_text(r, job);
}

static void check_sink_submission(
	struct reading *r, const struct yaml *v, const struct sink_rows *s)
{
	need(r, v, "a sink of type: submission", "host", s->server.host);
	check_server(r, v, &s->server);
	check_secret(r, v, &s->server, *s->server.user != '\0');
	if (!*s->server.user && (*s->server.secret_file || *s->server.credential))
		reading_error(r, v, "a password without a user; allowed: both, or none of them");
	if (*s->server.user && strcmp(s->server.tls, "plain-loopback") == 0)
		reading_error(r, at_key(v, "user"),
			"user: not with tls: plain-loopback; a password "
			"never goes in the clear");
}

static void check_sink(struct reading *r, const struct yaml *v, const struct sink_rows *s)
{
	static const char *const maildir_no[] = {"host", "port", "tls", "user", "ca_file",
		"secret_file", "credential", "hello", "timeout"};
	static const char *const mta_no[] = {
		"path", "tls", "user", "ca_file", "secret_file", "credential"};
	static const char *const path_only[] = {"path"};

	for (size_t i = 0; i < r->config->n_sinks; i++) {
		if (strcmp(r->config->sinks[i].name, s->sink.name) == 0)
			reading_error(r, at_key(v, "name"), "name: there is a sink \"%s\" already",
				s->sink.name);
	}
	if (strcmp(s->server.type, "maildir") == 0) {
		need(r, v, "a sink of type: maildir", "path", s->server.path);
		refuse(r, v, "maildir", maildir_no, ARRAY_LEN(maildir_no));
	} else if (strcmp(s->server.type, "submission") == 0) {
		refuse(r, v, "submission", path_only, ARRAY_LEN(path_only));
		check_sink_submission(r, v, s);
	} else if (strcmp(s->server.type, "local-mta") == 0) {
		refuse(r, v, "local-mta", mta_no, ARRAY_LEN(mta_no));
		if (*s->server.host && !is_loopback(s->server.host))
			reading_error(r, at_key(v, "host"),
				"host: the local MTA is at 127.0.0.1, ::1 or "
				"localhost; for others: type: submission");
	}
}

void part_sinks(struct reading *r, const struct yaml *tree)
{
	struct config *c = r->config;

	if (!is_filled_list(r, tree, "sinks"))
		return;
	c->sinks = arena_array(r->arena, tree->n, sizeof(*c->sinks));
	for (const struct yaml *v = tree->first; v; v = v->next) {
		struct sink_rows s = {0};

		section_read(r, &section_sink, v, &s);
		if (v->type != YAML_MAP)
			continue;
		check_sink(r, v, &s);
		check_folder(r, v, s.server.path);
		s.sink.settings = sink_job(r, &s);
		s.sink.secret_file = s.server.secret_file;
		s.sink.credential = s.server.credential;
		s.sink.burst = (int)s.burst;
		c->sinks[c->n_sinks++] = s.sink;
	}
}
