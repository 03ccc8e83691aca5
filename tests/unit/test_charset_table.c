/* Charset_table against iconv itself: for every allowed charset that becomes a table, each pair of bytes
 * decodes to the same; and which charsets may not become one. */
#include "base/prelude.h"

#include "base/buf.h"
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
		if (r == (size_t)-1 && errno != E2BIG) {
			buf_addstr(out, "\xEF\xBF\xBD");
			from++;
			left--;
		}
	}
}

TEST(tables_say_what_iconv_says)
{
	static unsigned char pairs[2 * 65536];
	for (size_t i = 0; i < 65536; i++) {
		pairs[2 * i] = (unsigned char)(i >> 8);
		pairs[2 * i + 1] = (unsigned char)i;
	}
	int tables = 0;
	for (const char *const *name = charset_names(); *name != NULL; name++) {
		struct charset_table table;
		iconv_t cd = iconv_open("UTF-8", *name);
		if (cd != (iconv_t)-1 && charset_table_read(cd, &table)) {
			struct buf a, b;
			struct bytes in = {.p = pairs, .n = sizeof(pairs)};
			buf_init(&a, 1 << 20);
			buf_init(&b, 1 << 20);
			decode_iconv(cd, in, &a);
			charset_table_decode(&table, in, &b);
			assert_true(buf_ok(&a));
			assert_int_equal(a.len, b.len);
			assert_memory_equal(a.data, b.data, a.len);
			buf_release(&a);
			buf_release(&b);
			tables++;
		}
		if (cd != (iconv_t)-1)
			iconv_close(cd);
	}
	assert_true(tables >= 20);
}

TEST(what_is_not_single_bytes_is_refused)
{
	static const char *const names[] = {"UTF-8", "UTF-7", "UTF-16", "CP932", "EUC-JP-MS",
		"ISO-2022-JP-3", "ISO-2022-KR", "CP949", "GB18030", "BIG5-HKSCS", "WINDOWS-1258"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct charset_table table;
		iconv_t cd = iconv_open("UTF-8", names[i]);
		assert_ptr_not_equal(cd, (iconv_t)-1);
		assert_false(charset_table_read(cd, &table));
		iconv_close(cd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_say_what_iconv_says),
		cmocka_unit_test(what_is_not_single_bytes_is_refused),
	};
	return cmocka_run_group_tests_name("charset_table", tests, NULL, NULL);
}
