/* Imap_name: names of folders against RFC 3501's example and what Dovecot makes of Swedish ones. */
#include "base/prelude.h"

#include "mail/imap_name.h"

#include "base/arena.h"
#include "base/limits.h"
#include "tests/unit/cmocka_test.h"

TEST(names_are_modified_utf_7)
{
	static const char *const pairs[][2] = {
		{"INBOX", "INBOX"},
		{"Processed/2026 och äldre", "Processed/2026 och &AOQ-ldre"},
		{"Åtgärdat", "&AMU-tg&AOQ-rdat"},
		{"Ärenden", "&AMQ-renden"},
		{"ÅÄÖ", "&AMUAxADW-"},
		{"Vård & omsorg", "V&AOU-rd &- omsorg"},
		{"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
		{"\xf0\x9f\x93\xac", "&2D3c7A-"},
		{"", ""},
	};
	struct arena *arena = arena_new(MAX_ARENA_BYTES);

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		assert_string_equal(imap_name_encode(arena, pairs[i][0]), pairs[i][1]);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_modified_utf_7),
	};
	return cmocka_run_group_tests_name("imap_name", tests, NULL, NULL);
}
