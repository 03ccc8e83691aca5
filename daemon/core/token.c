/* Token: signed reply addresses and signed Message-IDs. Used by app when a mail is composed and
 * when one arrives; reads no clock and holds no key. A token alone decides nothing (core/match.h).
 */
#include "base/prelude.h"
#include "core/token.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"

#define DIGITS_HEAD 18 /* key 1, case 7, contact 6, day 3, class 1 */
#define DIGITS_MAC 24
#define DIGITS_ALL (DIGITS_HEAD + DIGITS_MAC)
#define MAC_BYTES 15
#define EPOCH_DAYS 18262 /* 2020-01-01 */

static bool put_digits(char *out, size_t n, int64_t value)
{
	if (value < 0 || value >> (5 * n) != 0)
		return false;
	for (size_t i = n; i-- > 0; value >>= 5)
		out[i] = base32_digits[value & 31];
	return true;
}

static int64_t get_digits(const char *s, size_t n)
{
	int64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value * 32 + base32_value(s[i]);
	return value;
}

/* The MAC of `words` (already one text) by one key, as 24 digits. */
static void mac_digits(const unsigned char *key, const char *words, char out[DIGITS_MAC + 1])
{
	unsigned char mac[SHA256_BYTES];

	hmac_sha256(key, TOKEN_KEY_BYTES, words, strlen(words), mac);
	base32_encode(out, mac, MAC_BYTES);
}

static const unsigned char *key_of(const struct token_keys *keys, int64_t i)
{
	/* An absent key costs the same work as a present one. */
	static const unsigned char nobody[TOKEN_KEY_BYTES];

	return i >= 0 && i < 32 && keys->present[i] ? keys->key[i] : nobody;
}

static void token_mac(const struct token_keys *keys, const char *head, char out[DIGITS_MAC + 1])
{
	char words[64];

	snprintf(words, sizeof(words), "lots-token-1:%.*s", DIGITS_HEAD, head);
	mac_digits(key_of(keys, base32_value(head[0])), words, out);
}

char *token_address(struct arena *arena, const struct token_keys *keys, const struct token *t,
	const char *mailbox_address)
{
	const char *at = strrchr(mailbox_address, '@');
	char digits[DIGITS_ALL + 1];

	if (!at || at == mailbox_address ||
		at - mailbox_address + 1 + DIGITS_ALL > MAX_LOCAL_PART_BYTES)
		return NULL;
	if (!keys->present[keys->current] || !put_digits(digits, 1, keys->current) ||
		!put_digits(digits + 1, 7, t->number) || !put_digits(digits + 8, 6, t->contact) ||
		!put_digits(digits + 14, 3, t->day) || !put_digits(digits + 17, 1, t->class))
		return NULL;
	token_mac(keys, digits, digits + DIGITS_HEAD);
	return arena_printf(
		arena, "%.*s+%s%s", (int)(at - mailbox_address), mailbox_address, digits, at);
}

/* The digits of an address that looks like ours, lower-cased; false if it does not. */
static bool find_digits(const char *address, char out[DIGITS_ALL + 1])
{
	const char *at = strrchr(address, '@');
	const char *plus = at;

	if (!at)
		return false;
	while (plus > address && *plus != '+')
		plus--;
	if (*plus != '+' || at - plus - 1 != DIGITS_ALL)
		return false;
	for (size_t i = 0; i < DIGITS_ALL; i++) {
		int v = base32_value(plus[1 + i]);

		if (v < 0)
			return false;
		out[i] = base32_digits[v];
	}
	out[DIGITS_ALL] = '\0';
	return true;
}

enum token_verdict token_read(
	const struct token_keys *keys, const char *address, int64_t now_ms, struct token *out)
{
	char digits[DIGITS_ALL + 1], mac[DIGITS_MAC + 1];
	int64_t today = now_ms / MS_DAY - EPOCH_DAYS;

	memset(out, 0, sizeof(*out));
	if (!address || !find_digits(address, digits))
		return TOKEN_ABSENT;
	token_mac(keys, digits, mac);
	bool equal = equal_secret(mac, digits + DIGITS_HEAD, DIGITS_MAC);
	int64_t class = get_digits(digits + 17, 1);
	if (!equal || !keys->present[get_digits(digits, 1)] || class >= TOKEN_CLASS_N)
		return TOKEN_BAD;
	out->number = get_digits(digits + 1, 7);
	out->contact = get_digits(digits + 8, 6);
	out->day = get_digits(digits + 14, 3);
	out->class = (enum token_class) class;
	/* A day of grace forward: the clock of the one who issued it may have been ahead. */
	if (out->day > today + 1 || today - out->day > TOKEN_EXPIRES_DAYS)
		return TOKEN_EXPIRED;
	return TOKEN_GOOD;
}

static void id_mac(const struct token_keys *keys, int key, int64_t number, int64_t serial,
	const char *domain, char out[DIGITS_MAC + 1])
{
	char words[MAX_ADDRESS_BYTES + 64];

	snprintf(words, sizeof(words), "lots-id-1:%c.%" PRId64 ".%" PRId64 "@%s",
		base32_digits[key], number, serial, domain);
	mac_digits(key_of(keys, key), words, out);
}

char *token_message_id(struct arena *arena, const struct token_keys *keys, int64_t number,
	int64_t serial, const char *domain)
{
	char mac[DIGITS_MAC + 1];

	id_mac(keys, keys->current, number, serial, domain, mac);
	return arena_printf(arena, "%" PRId64 ".%" PRId64 ".%c%s@%s", number, serial,
		base32_digits[keys->current], mac, domain);
}

/* One number of a Message-ID, ended by '.'; moves on. */
static bool read_number(const char **s, int64_t *out)
{
	int64_t value = 0;
	const char *p = *s;

	for (; *p >= '0' && *p <= '9'; p++) {
		if (value > INT64_MAX / 10 - 10)
			return false;
		value = value * 10 + (*p - '0');
	}
	if (p == *s || *p != '.' || (**s == '0' && p != *s + 1))
		return false;
	*s = p + 1;
	*out = value;
	return true;
}

bool token_read_message_id(const struct token_keys *keys, const char *message_id,
	const char *domain, int64_t *number, int64_t *serial)
{
	char mac[DIGITS_MAC + 1], seen[DIGITS_MAC + 1];
	const char *p = message_id;

	*number = *serial = 0;
	if (!p || !read_number(&p, number) || !read_number(&p, serial))
		return false;
	if (strlen(p) < 1 + DIGITS_MAC + 1 || p[1 + DIGITS_MAC] != '@' ||
		!ascii_equal_nocase(p + 1 + DIGITS_MAC + 1, domain))
		return false;
	int key = base32_value(p[0]);
	if (key < 0)
		return false;
	for (size_t i = 0; i < DIGITS_MAC; i++) {
		int v = base32_value(p[1 + i]);

		if (v < 0)
			return false;
		seen[i] = base32_digits[v];
	}
	id_mac(keys, key, *number, *serial, domain, mac);
	return equal_secret(mac, seen, DIGITS_MAC) && keys->present[key];
}
