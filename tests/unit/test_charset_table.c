/* Charset_table against iconv itself: for every charset that becomes a table, each pair of bytes decodes to
 * the same. */
#include "base/prelude.h"

#include "base/buf.h"
#include "base/text.h"
#include "mail/charset.h"
#include "mail/charset_table.h"
#include "tests/unit/cmocka_test.h"

#include <errno.h>

/* By iconv, one U+FFFD for each refused byte. */
static void decode_iconv(iconv_t cd, struct bytes in, struct buf *out)
{
	char *from = (char *)(uintptr_t)in.p;
	size_t left = in.n;
	iconv(cd, NULL, NULL, NULL, NULL);
	while (left > 0) {
		char text[64], *to = text;
		size_t room = sizeof(text);
		size_t r = iconv(cd, &from, &left, &to, &room);
		buf_add(out, text, (size_t)(to - text));
		if (r == (size_t)-1 && errno != E2BIG && left > 0) {
			buf_addstr(out, "\xEF\xBF\xBD");
			from++;
			left--;
		}
	}
}

TEST(single_bytes_say_what_iconv_says)
{
	static const char *const names[] = {"WINDOWS-1252", "ISO-8859-2", "ISO-8859-5",
		"ISO-8859-15", "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1254", "KOI8-R",
		"MACINTOSH", "IBM850", "IBM865", "CP874"};
	static unsigned char pairs[2 * 65536];
	for (size_t i = 0; i < 65536; i++) {
		pairs[2 * i] = (unsigned char)(i >> 8);
		pairs[2 * i + 1] = (unsigned char)i;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct charset_table table;
		struct bytes in = {.p = pairs, .n = sizeof(pairs)};
		struct buf a, b;
		iconv_t cd = iconv_open("UTF-8", names[i]);
		assert_ptr_not_equal(cd, (iconv_t)-1);
		charset_table_read(cd, &table);
		buf_init(&a, 1 << 20);
		buf_init(&b, 1 << 20);
		decode_iconv(cd, in, &a);
		charset_table_decode(&table, in, &b);
		assert_true(buf_ok(&a));
		assert_int_equal(a.len, b.len);
		assert_memory_equal(a.data, b.data, a.len);
		buf_release(&a);
		buf_release(&b);
		iconv_close(cd);
	}
}

/* Each double-byte character on a line of its own; those of more than one code point, or beyond the BMP,
 * are not in the tables. */
TEST(pairs_say_what_iconv_says)
{
	static const char *const names[] = {"CP932", "CP949", "CP950", "GB18030"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct charset_table table;
		iconv_t cd = iconv_open("UTF-8", names[i]);
		assert_ptr_not_equal(cd, (iconv_t)-1);
		charset_table_read(cd, &table);
		static struct charset_pairs pairs;
		charset_pairs_read(cd, &pairs);
		size_t known = 0;
		for (unsigned c = 0x8140; c <= 0xfefe; c++) {
			unsigned char two[] = {(unsigned char)(c >> 8), (unsigned char)c};
			struct buf a, b;
			if (two[1] < 0x40 || two[1] == 0xff)
				continue;
			buf_init(&a, 64);
			buf_init(&b, 64);
			decode_iconv(cd, (struct bytes){two, 2}, &a);
			charset_pairs_decode(&table, &pairs, NULL, (struct bytes){two, 2}, &b);
			if (utf8_columns(a.data) == 1 && (unsigned char)a.data[0] < 0xf0) {
				assert_string_equal(a.data, b.data);
				known++;
			}
			buf_release(&a);
			buf_release(&b);
		}
		assert_true(known > 6000);
		iconv_close(cd);
	}
}

TEST(four_bytes_of_gb18030)
{
	struct charset_table table;
	struct buf out;
	iconv_t cd = iconv_open("UTF-8", "GB18030");
	charset_table_read(cd, &table);
	static struct charset_pairs pairs;
	static struct charset_fours fours;
	charset_pairs_read(cd, &pairs);
	charset_fours_read(cd, &fours);
	buf_init(&out, 64);
	/* U+00E5, U+1F600, and a broken one before a letter */
	charset_pairs_decode(&table, &pairs, &fours,
		(struct bytes){
			(const unsigned char *)"\x81\x30\x84\x37\x94\x39\xfc\x36\x81\x30x", 11},
		&out);
	assert_true(strstr(out.data, "\xf0\x9f\x98\x80") != NULL);
	assert_int_equal(out.data[out.len - 1], 'x');
	buf_release(&out);
	iconv_close(cd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_bytes_say_what_iconv_says),
		cmocka_unit_test(pairs_say_what_iconv_says),
		cmocka_unit_test(four_bytes_of_gb18030),
	};
	return cmocka_run_group_tests_name("charset_table", tests, NULL, NULL);
}
