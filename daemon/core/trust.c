/* Trust: reads the verdict that the mailbox's own border wrote into the mail (RFC 8601), or what
 * Exchange Online writes. Called by app before a turn. Strict on purpose: whatever is not exactly
 * understood is TRUST_UNPROVEN, and From alone is never enough. */
#include "base/prelude.h"
#include "core/trust.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "mail/address.h"

#define RESULTS_MAX 40
#define VALUE_MAX 16384

struct result {
	const char *method, *value;
	const char *header_from, *header_d; /* "" when not told */
};

/* The field without comments. NULL if a comment is not closed, or is glued to a word (that is how
 * `example.net(.example.com` is forged). */
static char *without_comments(struct arena *arena, const char *s)
{
	struct buf out;
	int depth = 0;

	if (strlen(s) > VALUE_MAX)
		return NULL;
	buf_init(&out, VALUE_MAX + 1);
	for (const char *p = s; *p; p++) {
		if (*p == '\\' && depth && p[1]) {
			p++;
		} else if (*p == '(') {
			if (depth == 0 && p > s && p[-1] != ' ' && p[-1] != '\t' && p[-1] != ';')
				goto bad;
			depth++;
		} else if (*p == ')') {
			if (depth-- == 0 || (depth == 0 && p[1] && !strchr(" \t;", p[1])))
				goto bad;
			buf_addch(&out, ' ');
		} else if (depth == 0) {
			if ((unsigned char)*p < 0x20 && *p != '\t')
				goto bad;
			buf_addch(&out, *p);
		}
	}
	if (depth == 0 && buf_ok(&out))
		return buf_take(&out, arena);
bad:
	buf_release(&out);
	return NULL;
}

/* The next piece up to `stop`, trimmed; moves on past it. Quoted strings hide a stop. */
static char *next_piece(struct arena *arena, const char **s, char stop)
{
	const char *p = *s;
	bool quoted = false;

	for (; *p && (quoted || *p != stop); p++) {
		if (*p == '"')
			quoted = !quoted;
	}
	char *piece = text_trim(arena, arena_strndup(arena, *s, (size_t)(p - *s)));
	*s = *p ? p + 1 : p;
	return piece;
}

static bool plain_word(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x80 || !(strchr("-._+/@:,*", c) || (c >= '0' && c <= '9') ||
					 ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')))
			return false;
	}
	return true;
}

/* "dmarc=pass header.from=example.com"; false if it is not of that form. */
static bool read_result(struct arena *arena, const char *text, struct result *out)
{
	const char *cursor = text;
	bool first = true;

	memset(out, 0, sizeof(*out));
	out->header_from = out->header_d = "";
	while (*cursor) {
		char *word = next_piece(arena, &cursor, ' ');
		char *equals = strchr(word, '=');

		if (!*word)
			continue;
		if (!equals || equals == word)
			return false;
		*equals = '\0';
		const char *value = equals + 1;
		if (first) {
			out->method = ascii_lower(arena, word);
			out->value = ascii_lower(arena, value);
			if (!plain_word(word) || !plain_word(value))
				return false;
			first = false;
		} else if (ascii_equal_nocase(word, "header.from")) {
			if (*out->header_from || !plain_word(value))
				return false;
			out->header_from = value;
		} else if (ascii_equal_nocase(word, "header.d")) {
			if (*out->header_d || !plain_word(value))
				return false;
			out->header_d = value;
		}
	}
	return !first;
}

/* All results of a field from `s` on; -1 if one of them is malformed. */
static int read_results(struct arena *arena, const char *s, struct result results[RESULTS_MAX])
{
	int n = 0;

	while (*s) {
		char *piece = next_piece(arena, &s, ';');

		if (!*piece || ascii_equal_nocase(piece, "none"))
			continue;
		for (char *p = piece; *p; p++)
			*p = *p == '\t' ? ' ' : *p;
		if (n == RESULTS_MAX || !read_result(arena, piece, &results[n]))
			return -1;
		n++;
	}
	return n;
}

static bool same_domain(struct arena *arena, const char *said, const char *from_domain)
{
	const char *at = strrchr(said, '@');
	char *key = address_domain(arena, arena_printf(arena, "x@%s", at ? at + 1 : said));

	return key && strcmp(key, from_domain) == 0;
}

/* dmarc=pass for the domain of From; dkim=pass of exactly that domain when DMARC was not judged. */
static bool results_prove(struct arena *arena, const struct result *r, int n,
	const char *from_domain, bool dkim_counts)
{
	bool dmarc = false, dkim = false, judged = false;

	for (int i = 0; i < n; i++) {
		bool pass = strcmp(r[i].value, "pass") == 0;

		if (strcmp(r[i].method, "dmarc") == 0) {
			if (judged) /* two verdicts are one too many */
				return false;
			judged = true;
			dmarc = pass && *r[i].header_from &&
				same_domain(arena, r[i].header_from, from_domain);
			if (!dmarc && strcmp(r[i].value, "none") != 0)
				return false;
		} else if (strcmp(r[i].method, "dkim") == 0 && pass && *r[i].header_d) {
			dkim |= same_domain(arena, r[i].header_d, from_domain);
		}
	}
	return dmarc || (dkim_counts && dkim);
}

/* "by HOST" of a Received field, lower case; "" if there is none. */
static const char *received_by(struct arena *arena, const char *received)
{
	for (const char *p = received; (p = strstr(p, "by ")) != NULL; p++) {
		size_t n;

		if (p > received && p[-1] != ' ' && p[-1] != '\t')
			continue;
		p += 3;
		n = strcspn(p, " \t;(");
		return ascii_lower(arena, arena_strndup(arena, p, n));
	}
	return "";
}

/* The first word of the field is the authserv-id; a version may follow it. */
static bool names_authserv(struct arena *arena, const char *head, const char *wanted)
{
	const char *cursor = head;
	char *id = next_piece(arena, &cursor, ' ');
	char *version = text_trim(arena, cursor);

	return *wanted && ascii_equal_nocase(id, wanted) &&
	       (!*version || strcmp(version, "1") == 0);
}

/* Does it say "by HOST" anywhere? The name a sender gives himself may say "by", too. */
static bool says_by(struct arena *arena, const char *received, const char *host)
{
	for (const char *p = received; (p = strstr(p, "by ")) != NULL; p += 3) {
		if (p > received && p[-1] != ' ' && p[-1] != '\t' && p[-1] != ')')
			continue;
		const char *name = p + 3 + strspn(p + 3, " \t");
		size_t n = strcspn(name, " \t;(");
		if (ascii_equal_nocase(arena_strndup(arena, name, n), host))
			return true;
	}
	return false;
}

/* The border hands it to its own mailboxes: "from HOST by HOST with LMTP". Nothing comes in by LMTP, and
 * whoever only calls himself HOST comes in with another protocol. */
static bool is_inside(struct arena *arena, const char *received, const char *host)
{
	const char *const wanted[] = {"from", host, "by", host, "with"};
	const char *s = without_comments(arena, received);

	for (size_t i = 0; s && i < ARRAY_LEN(wanted); i++) {
		s += strspn(s, " \t");
		size_t n = strcspn(s, " \t;");
		if (!ascii_equal_nocase(arena_strndup(arena, s, n), wanted[i]))
			return false;
		s += n;
	}
	return s && strncmp(ascii_lower(arena, s + strspn(s, " \t")), "lmtp", 4) == 0;
}

/* Above the border: no Received of the border itself may stand above the field, but for its own way to its
 * mailboxes. */
static bool above_border(
	struct arena *arena, const struct mail *m, size_t received_above, const char *border)
{
	for (size_t i = 0; i < m->received.n && i < received_above; i++) {
		if (says_by(arena, m->received.v[i], border) &&
			!is_inside(arena, m->received.v[i], border))
			return false;
	}
	return true;
}

static enum trust_verdict judge_rfc8601(struct arena *arena, const struct trust_rule *rule,
	const struct mail *m, const char *from_domain, const char **why)
{
	struct result results[RESULTS_MAX];
	const char *s;
	int n;

	if (m->n_auth_results == 0) {
		*why = "no-auth-results";
		return TRUST_UNPROVEN;
	}
	s = without_comments(arena, m->auth_results[0].value);
	if (!s) {
		*why = "auth-results-malformed";
		return TRUST_UNPROVEN;
	}
	if (!names_authserv(arena, next_piece(arena, &s, ';'), rule->authserv_id)) {
		*why = "auth-results-of-another";
		return TRUST_UNPROVEN;
	}
	if (!above_border(arena, m, m->auth_results[0].received_above, rule->authserv_id)) {
		*why = "auth-results-below-border";
		return TRUST_UNPROVEN;
	}
	n = read_results(arena, s, results);
	if (n < 0) {
		*why = "auth-results-malformed";
		return TRUST_UNPROVEN;
	}
	bool proven = results_prove(arena, results, n, from_domain, true);
	*why = proven ? "dmarc" : "not-authenticated";
	return proven ? TRUST_PROVEN : TRUST_UNPROVEN;
}

static bool is_outlook(const char *host)
{
	static const char *const ends[] = {".outlook.com", ".office365.com"};
	size_t n = strlen(host);

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		size_t k = strlen(ends[i]);

		if (n > k && strcmp(host + n - k, ends[i]) == 0)
			return true;
	}
	return false;
}

static bool in_domains(const struct trust_rule *rule, const char *domain)
{
	for (size_t i = 0; i < rule->n_domains; i++) {
		if (strcmp(rule->domains[i], domain) == 0)
			return true;
	}
	return false;
}

/* All Received fields down to and including the one under the verdict are Exchange Online's own. */
static bool under_outlook(struct arena *arena, const struct mail *m, size_t received_above)
{
	if (received_above >= m->received.n)
		return false;
	for (size_t i = 0; i <= received_above; i++) {
		if (!is_outlook(received_by(arena, m->received.v[i])))
			return false;
	}
	return true;
}

static enum trust_verdict judge_microsoft(struct arena *arena, const struct trust_rule *rule,
	const struct mail *m, const char *from_domain, const char **why)
{
	struct result results[RESULTS_MAX];
	const char *s;
	int n;

	if (ascii_equal_nocase(m->exchange_auth_as, "Internal") && in_domains(rule, from_domain)) {
		*why = "same-tenant";
		return TRUST_PROVEN;
	}
	*why = "not-authenticated";
	if (m->n_auth_results == 0)
		return TRUST_UNPROVEN;
	if (!under_outlook(arena, m, m->auth_results[0].received_above)) {
		*why = "auth-results-below-border";
		return TRUST_UNPROVEN;
	}
	s = without_comments(arena, m->auth_results[0].value);
	n = s ? read_results(arena, s, results) : -1;
	if (n < 0) {
		*why = "auth-results-malformed";
		return TRUST_UNPROVEN;
	}
	if (!results_prove(arena, results, n, from_domain, false))
		return TRUST_UNPROVEN;
	*why = "dmarc";
	return TRUST_PROVEN;
}

enum trust_verdict trust_judge(
	struct arena *arena, const struct trust_rule *rule, const struct mail *m, const char **why)
{
	const char *from_domain = m->has_from ? address_domain(arena, m->from.address) : NULL;

	*why = "no-from";
	if (!from_domain)
		return TRUST_UNPROVEN;
	/* The border may have judged another address than the one that was read from it. */
	*why = "from-unclear";
	if (m->from_unclear)
		return TRUST_UNPROVEN;
	switch (rule->kind) {
	case TRUST_LOCAL:
		*why = "local";
		return TRUST_PROVEN;
	case TRUST_RFC8601:
		return judge_rfc8601(arena, rule, m, from_domain, why);
	case TRUST_MICROSOFT365:
		return judge_microsoft(arena, rule, m, from_domain, why);
	case TRUST_NONE:
		break;
	}
	*why = "no-trust-set";
	return TRUST_UNPROVEN;
}
