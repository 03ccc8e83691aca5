/* Address: the one key under which mail addresses are compared, and what may go into an envelope.
 *
 * Called by core (people, trust) and by whatever sends. A hand-written scan, no regular expression:
 * linear in the input, and whatever is longer than an address may be is refused, never cut
 * (RELIABILITY rows 12, 13, 44). Must not accept two spellings of one address, nor one spelling of
 * two. */
#include "base/prelude.h"

#include "mail/address.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"

#include <idn2.h>

#define MAX_DOMAIN_BYTES 253 /* RFC 1035 2.3.4 less the root */
#define MAX_LABEL_BYTES 63

/* Blanks, controls and format characters: they look like nothing and so could hide anything. */
static bool code_is_hidden(uint32_t c)
{
	if (c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x61c || c == 0x1680 ||
		c == 0x180e || c == 0x3000 || c == 0xfeff)
		return true;
	return (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
	       (c >= 0x205f && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) ||
	       (c >= 0xfff9 && c <= 0xffff) || c >= 0xe0000;
}

static bool is_special(uint32_t c) /* RFC 5322 specials, which would need quoting */
{
	return c < 0x80 && strchr("\"(),:;<>@[\\]", (int)c) != NULL;
}

/* Valid UTF-8 that needs no quotes, 1..64 bytes. */
static bool local_part_ok(const char *s, size_t n)
{
	if (n == 0 || n > MAX_LOCAL_PART_BYTES)
		return false;
	for (size_t i = 0; i < n;) {
		uint32_t c = 0;
		size_t len = utf8_next(s + i, n - i, &c);

		if (len == 0 || code_is_hidden(c) || is_special(c))
			return false;
		i += len;
	}
	return true;
}

static bool is_ldh(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* Letters (lower case), digits and inner hyphens, in labels of 1..63; at least two labels, as
 * no mail of ours goes to a bare host name or a top level domain. */
static bool domain_ldh_ok(const char *s)
{
	size_t label = 0, labels = 1, n = strlen(s);

	if (n == 0 || n > MAX_DOMAIN_BYTES)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '.') {
			if (label == 0 || s[i - 1] == '-')
				return false;
			label = 0;
			labels++;
			continue;
		}
		if (!is_ldh(s[i]) || (label == 0 && s[i] == '-') || ++label > MAX_LABEL_BYTES)
			return false;
	}
	return label > 0 && s[n - 1] != '-' && labels >= 2;
}

/* A-labels, lower case, or NULL. */
static char *domain_key(struct arena *arena, const char *domain)
{
	char *lower = ascii_lower(arena, domain);
	bool plain = strstr(lower, "xn--") == NULL;
	char *out = NULL, *kept = NULL;
	size_t n = strlen(lower), step;

	/* IDNA would quietly drop what cannot be seen. */
	for (size_t i = 0; i < n; i += step) {
		uint32_t c = 0;

		step = utf8_next(lower + i, n - i, &c);
		if (step == 0 || code_is_hidden(c))
			return NULL;
		plain = plain && c < 0x80;
	}
	if (plain)
		return domain_ldh_ok(lower) ? lower : NULL;
	/* A name that only IDNA's mapping makes plain (circled or full-width letters) is a disguise. */
	if (idn2_to_ascii_8z(lower, &out, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) == IDN2_OK &&
		domain_ldh_ok(out) && strstr(out, "xn--"))
		kept = arena_strdup(arena, out);
	idn2_free(out);
	return kept;
}

/* Splits at the only @ and checks both sides. false if it is no usable address. */
static bool address_split(struct arena *arena, const char *address, char **local, char **domain)
{
	size_t n = address ? strnlen(address, MAX_ADDRESS_BYTES + 1) : 0;
	const char *at = n && n <= MAX_ADDRESS_BYTES ? strchr(address, '@') : NULL;

	if (!at || strchr(at + 1, '@') || !utf8_valid(address, n) ||
		!local_part_ok(address, (size_t)(at - address)))
		return false;
	*domain = domain_key(arena, at + 1);
	if (!*domain)
		return false;
	*local = ascii_lower(arena, arena_strndup(arena, address, (size_t)(at - address)));
	return strlen(*local) + 1 + strlen(*domain) <= MAX_ADDRESS_BYTES;
}

const char *address_find(const char *text, size_t *length)
{
	const char *p = strchr(text, '@');

	if (!p)
		return NULL;
	while (p > text && !strchr(" \t\n<\"(,;:", p[-1]))
		p--;
	*length = strcspn(p, " \t\n>\"),;");
	return p;
}

char *address_key(struct arena *arena, const char *address, const char *const *own_domains)
{
	char *local, *domain;

	if (!address_split(arena, address, &local, &domain))
		return NULL;
	for (size_t i = 0; own_domains && own_domains[i]; i++) {
		char *plus = strchr(local, '+');

		if (!plus || plus == local || strcmp(own_domains[i], domain) != 0)
			continue;
		*plus = '\0';
		break;
	}
	return arena_printf(arena, "%s@%s", local, domain);
}

char *address_domain(struct arena *arena, const char *address)
{
	char *local, *domain;

	return address_split(arena, address, &local, &domain) ? domain : NULL;
}

bool address_envelope_ok(const char *address)
{
	size_t n = address ? strnlen(address, MAX_ADDRESS_BYTES + 1) : 0;
	const char *at = n && n <= MAX_ADDRESS_BYTES ? strchr(address, '@') : NULL;
	char domain[MAX_ADDRESS_BYTES + 1];
	size_t len;

	if (!at)
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)address[i];

		if (c < 0x21 || c >= 0x7f)
			return false;
		/* user%other@here and other!user@here are routes to old relays. */
		if ((c == '%' || c == '!') && address + i < at)
			return false;
	}
	if (!local_part_ok(address, (size_t)(at - address)))
		return false;
	len = n - (size_t)(at + 1 - address);
	for (size_t i = 0; i <= len; i++) {
		char c = at[1 + i];

		domain[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return domain_ldh_ok(domain);
}

const char *address_shown_name(const char *name)
{
	/* At signs: of ASCII, small, full width. */
	static const char *const at[] = {"@", "\xEF\xB9\xAB", "\xEF\xBC\xA0"};

	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		if (strstr(name, at[i]))
			return "";
	return name;
}
