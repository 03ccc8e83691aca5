/* Crypto against published vectors: FIPS 180-4, RFC 4231, RFC 4648; and what its time tells. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "tests/unit/cmocka_test.h"

#include <math.h>
#include <time.h>

static void expect_hex(const unsigned char d[SHA256_BYTES], const char *hex)
{
	char got[SHA256_HEX_SIZE];
	hex_encode(got, d, SHA256_BYTES);
	assert_string_equal(got, hex);
}

TEST(sha256_vectors)
{
	unsigned char d[SHA256_BYTES];
	sha256("", 0, d);
	expect_hex(d, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256("abc", 3, d);
	expect_hex(d, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(hmac_rfc4231)
{
	unsigned char key[131], data[50], d[SHA256_BYTES];
	memset(key, 0x0b, 20);
	hmac_sha256(key, 20, "Hi There", 8, d);
	expect_hex(d, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, d);
	expect_hex(d, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, 20);
	memset(data, 0xdd, 50);
	hmac_sha256(key, 20, data, 50, d);
	expect_hex(d, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	for (int i = 0; i < 25; i++)
		key[i] = (unsigned char)(i + 1);
	memset(data, 0xcd, 50);
	hmac_sha256(key, 25, data, 50, d);
	expect_hex(d, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
	memset(key, 0xaa, 131);
	static const char six[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	hmac_sha256(key, 131, six, sizeof(six) - 1, d);
	expect_hex(d, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	static const char seven[] = "This is a test using a larger than block-size key and a "
				    "larger than block-size data. The key needs to be hashed "
				    "before being used by the HMAC algorithm.";
	hmac_sha256(key, 131, seven, sizeof(seven) - 1, d);
	expect_hex(d, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(base32_rfc4648)
{
	static const struct {
		const char *plain, *code;
	} v[] = {{"", ""}, {"f", "my"}, {"fo", "mzxq"}, {"foo", "mzxw6"}, {"foob", "mzxw6yq"},
		{"fooba", "mzxw6ytb"}, {"foobar", "mzxw6ytboi"}};
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		size_t n = strlen(v[i].plain), len = strlen(v[i].code);
		char code[32];
		assert_int_equal(base32_encoded_len(n), len);
		base32_encode(code, v[i].plain, n);
		assert_string_equal(code, v[i].code);
	}
	assert_int_equal(base32_value('a'), 0);
	assert_int_equal(base32_value('Z'), 25);
	assert_int_equal(base32_value('7'), 31);
	assert_int_equal(base32_value('1'), -1); /* no digit of it */
}

TEST(base64_and_hex)
{
	struct arena *a = arena_new(1 << 20);
	assert_string_equal(base64_encode(a, "", 0), "");
	assert_string_equal(base64_encode(a, "f", 1), "Zg==");
	assert_string_equal(base64_encode(a, "foobar", 6), "Zm9vYmFy");
	assert_string_equal(base64_encode(a, "\xff\xfe\xfd", 3), "//79");
	arena_free(&a);
	unsigned char b[2];
	assert_true(hex_decode("0aFf", b, 2));
	assert_int_equal(b[0], 0x0a);
	assert_int_equal(b[1], 0xff);
	assert_false(hex_decode("0aF", b, 2));
	assert_false(hex_decode("0aFff", b, 2));
	assert_false(hex_decode("0ag0", b, 2));
}

TEST(random_and_equal)
{
	unsigned char a[32] = {0}, b[32] = {0};
	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	assert_false(equal_secret(a, b, sizeof(a)));
	assert_true(equal_secret(a, a, sizeof(a)));
	memcpy(b, a, sizeof(a));
	b[31] ^= 1;
	assert_false(equal_secret(a, b, sizeof(a)));
	assert_true(equal_secret(a, b, 31));
}

/* ---- Time (RELIABILITY row 11) ---- */

#define SAMPLES 20000
#define SECRET_BYTES 4096

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The mean without the slowest tenth: interrupts, not us. */
static double mean_of(double v[SAMPLES])
{
	const size_t n = SAMPLES * 9 / 10;
	double sum = 0;

	qsort(v, SAMPLES, sizeof(double), by_size);
	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum / (double)n;
}

/* By how much of itself the time is another when the first byte is wrong and when the last is. */
static double timed(bool (*equal)(const void *, const void *, size_t))
{
	static unsigned char own[SECRET_BYTES], seen[2][SECRET_BYTES], given[SECRET_BYTES];
	static double v[2][SAMPLES];
	size_t n[2] = {0, 0};
	uint32_t seed = 1;

	seen[0][0] = seen[1][SECRET_BYTES - 1] = 1;
	while (n[0] < SAMPLES || n[1] < SAMPLES) {
		struct timespec a, b;
		seed = seed * 1664525u + 1013904223u;
		int c = seed >> 31;
		if (n[c] == SAMPLES)
			c = 1 - c;
		memcpy(given, seen[c], sizeof(given));
		clock_gettime(CLOCK_MONOTONIC, &a);
		bool same = equal(own, given, SECRET_BYTES);
		clock_gettime(CLOCK_MONOTONIC, &b);
		assert_false(same);
		v[c][n[c]++] =
			(double)((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec);
	}
	double first = mean_of(v[0]), last = mean_of(v[1]);
	return fabs(first - last) / (first > last ? first : last);
}

static bool by_memcmp(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n) == 0;
}

/* A busy machine may look like a leak now and then, a leak never like none. */
static void time_does_not_tell_where_a_secret_differs(void **state)
{
	double by = 1;

	(void)state;
	for (int i = 0; i < 10 && by >= 0.05; i++)
		by = timed(equal_secret);
	assert_true(by < 0.05);
	assert_true(timed(by_memcmp) >= 0.2); /* and the measure sees a leak */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_vectors),
		cmocka_unit_test(hmac_rfc4231),
		cmocka_unit_test(base32_rfc4648),
		cmocka_unit_test(base64_and_hex),
		cmocka_unit_test(random_and_equal),
		cmocka_unit_test(time_does_not_tell_where_a_secret_differs),
	};
	return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
