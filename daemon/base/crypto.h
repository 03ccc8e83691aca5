/* Crypto: digests, MACs, randomness and the encodings around them, by nettle and GnuTLS. */
#ifndef LOTS_BASE_CRYPTO_H
#define LOTS_BASE_CRYPTO_H

#include "base/prelude.h"

struct arena;

#define SHA256_BYTES 32
#define SHA256_HEX_SIZE 65

void sha256(const void *p, size_t n, unsigned char out[SHA256_BYTES]);
/* The same for bytes that come in pieces: start, more ..., end. */
struct sha256_stream {
	uint64_t state[16];
};
void sha256_start(struct sha256_stream *s);
void sha256_more(struct sha256_stream *s, const void *p, size_t n);
void sha256_end(struct sha256_stream *s, unsigned char out[SHA256_BYTES]);
void hmac_sha256(const void *key, size_t key_len, const void *p, size_t n,
	unsigned char out[SHA256_BYTES]); /* RFC 2104, RFC 4231 */
void random_bytes(void *out, size_t n);	  /* the kernel's generator; aborts if it cannot */
bool equal_secret(const void *a, const void *b, size_t n); /* time does not depend on content */
void hex_encode(char *out, const void *p, size_t n);	   /* writes 2n + NUL */
bool hex_decode(const char *s, unsigned char *out, size_t n) MUST_CHECK; /* exactly 2n digits */
/* RFC 4648 base32 in lower case without padding; decoding ignores case. */
extern const char base32_digits[33];
int base32_value(char c); /* 0 to 31, or -1 */
size_t base32_encoded_len(size_t n);
void base32_encode(char *out, const void *p, size_t n);		   /* base32_encoded_len(n) + NUL */
char *base64_encode(struct arena *arena, const void *p, size_t n); /* one line */

#endif
