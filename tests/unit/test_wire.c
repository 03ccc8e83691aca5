/* What may reach a mail library: addresses and messages. */
#include "base/prelude.h"

#include "cmocka_test.h"
#include "workers/wire.h"

static const char *fault(const char *message)
{
	return wire_fault((struct bytes){(const unsigned char *)message, strlen(message)});
}

static void good_messages(void **state)
{
	(void)state;
	assert_null(fault("Subject: x\r\n\r\n"));
	assert_null(fault("Subject: x\r\n\r\nbody\r\n"));
	assert_null(fault("Subject: x\r\n y\r\n\r\n.\r\n..\r\n\r\n"));
}

static void bad_messages(void **state)
{
	static const char *const bad[] = {
		"",
		"\r\n",
		"\nSubject: x\r\n\r\n",
		"Subject: x\r\n",
		"Subject: x\r\n\r\nno end",
		"Subject: x\r\n\r\nlf\n",
		"Subject: x\r\n\r\nlf\n.\r\n",
		"Subject: x\r\n\r\na\r.\r\n",
		"Subject: x\r\n\r\na\r\r\n",
		"Subject: x\n\nbody\n",
		"Subject: x\r\n\r\n\xc3\xa5\r\n",
		"Subject: x\r\n\r\n\r",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (!fault(bad[i]))
			fail_msg("message %zu was let through", i);
	}
	static const unsigned char nul[] = "Subject: x\r\n\r\na\0b\r\n";
	assert_non_null(wire_fault((struct bytes){nul, sizeof(nul) - 1}));
}

static void line_length(void **state)
{
	char message[1100] = "S: x\r\n\r\n";
	(void)state;
	memset(message + 8, 'a', 998);
	memcpy(message + 8 + 998, "\r\n", 3);
	assert_null(fault(message));
	memset(message + 8, 'a', 999);
	memcpy(message + 8 + 999, "\r\n", 3);
	assert_non_null(fault(message));
}

static void addresses(void **state)
{
	static const char *const good[] = {"a@b", "support+0abc@lots.example",
		"o'neil_x.y-z@b.example", "a=b/c@d.example", "%7e!#$&*?^`{|}~@x.example",
		"postmaster@xn--bde-qla.example"};
	static const char *const bad[] = {"", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c",
		"a@.b", "<a@b", "a@b>", "a@b\r\nRCPT TO:<c@d", "a@b\n", "a\tb@c", "\"a\"@b",
		"a,b@c", "a@b,c", "a@[127.0.0.1]", "å@b.example", "a@\xe5.example", "a\\b@c",
		"a@b\x7f", "a:b@c", "a;b@c", "(x)a@b"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		if (!wire_address_ok(good[i]))
			fail_msg("refused: %s", good[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (wire_address_ok(bad[i]))
			fail_msg("let through: %s", bad[i]);
	}
}

static void address_lengths(void **state)
{
	char address[400];
	(void)state;
	memset(address, 'a', sizeof(address));
	memcpy(address + 64, "@b.example", 11);
	assert_true(wire_address_ok(address));
	memset(address, 'a', sizeof(address));
	memcpy(address + 65, "@b.example", 11);
	assert_false(wire_address_ok(address));
	memset(address, 'a', sizeof(address));
	address[1] = '@';
	address[254] = '\0';
	assert_true(wire_address_ok(address));
	address[254] = 'a';
	address[255] = '\0';
	assert_false(wire_address_ok(address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_messages),
		cmocka_unit_test(bad_messages),
		cmocka_unit_test(line_length),
		cmocka_unit_test(addresses),
		cmocka_unit_test(address_lengths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
