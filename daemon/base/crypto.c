/* Crypto: thin over nettle; base32 is ours because nettle has none. Called by app (tokens), mail
 * (digests) and store. Must not keep a key. */
#include "base/prelude.h"

#include "base/crypto.h"

#include "base/arena.h"

#include <errno.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <sys/random.h>

void sha256(const void *p, size_t n, unsigned char out[SHA256_BYTES])
{
	struct sha256_ctx c;
	sha256_init(&c);
	sha256_update(&c, n, p);
	sha256_digest(&c, SHA256_BYTES, out);
}

_Static_assert(
	sizeof(struct sha256_ctx) <= sizeof(struct sha256_stream), "room for nettle's state");

void sha256_start(struct sha256_stream *s)
{
	sha256_init((struct sha256_ctx *)s->state);
}

void sha256_more(struct sha256_stream *s, const void *p, size_t n)
{
	sha256_update((struct sha256_ctx *)s->state, n, p);
}

void sha256_end(struct sha256_stream *s, unsigned char out[SHA256_BYTES])
{
	sha256_digest((struct sha256_ctx *)s->state, SHA256_BYTES, out);
}

void hmac_sha256(
	const void *key, size_t key_len, const void *p, size_t n, unsigned char out[SHA256_BYTES])
{
	struct hmac_sha256_ctx c;
	hmac_sha256_set_key(&c, key_len, key);
	hmac_sha256_update(&c, n, p);
	hmac_sha256_digest(&c, SHA256_BYTES, out);
	explicit_bzero(&c, sizeof(c));
}

void random_bytes(void *out, size_t n)
{
	unsigned char *p = out;
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		p += got;
		n -= (size_t)got;
	}
}

bool equal_secret(const void *a, const void *b, size_t n)
{
	return memeql_sec(a, b, n) != 0;
}

void hex_encode(char *out, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *u = p;
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[u[i] >> 4];
		out[2 * i + 1] = digits[u[i] & 15];
	}
	out[2 * n] = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_decode(const char *s, unsigned char *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int hi = hex_value(s[2 * i]);
		int lo = hi < 0 ? -1 : hex_value(s[2 * i + 1]);
		if (lo < 0)
			return false;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
	return s[2 * n] == '\0';
}

const char base32_digits[] = "abcdefghijklmnopqrstuvwxyz234567";

size_t base32_encoded_len(size_t n)
{
	return (n * 8 + 4) / 5;
}

void base32_encode(char *out, const void *p, size_t n)
{
	const unsigned char *u = p;
	size_t len = base32_encoded_len(n);
	for (size_t i = 0; i < len; i++) {
		size_t bit = i * 5;
		unsigned two = (unsigned)u[bit / 8] << 8;
		if (bit / 8 + 1 < n)
			two |= u[bit / 8 + 1];
		out[i] = base32_digits[two >> (11 - bit % 8) & 31];
	}
	out[len] = '\0';
}

int base32_value(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
}

char *base64_encode(struct arena *arena, const void *p, size_t n)
{
	if (n > SIZE_MAX / 2)
		abort();
	char *s = arena_alloc(arena, BASE64_ENCODE_RAW_LENGTH(n) + 1);
	base64_encode_raw(s, n, p);
	return s;
}
