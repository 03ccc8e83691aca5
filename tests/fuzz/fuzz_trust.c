/* Fuzz: Authentication-Results as strangers may write them. A verdict of "proven" must rest on the
 * border's id and the sender's domain in the field. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/token.h"
#include "core/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(64 << 20);
	char *value = utf8_clean(arena, (const char *)data, size < 20000 ? size : 20000);
	struct trust_rule rule = {.kind = TRUST_RFC8601, .authserv_id = "mx.lots.example"};
	struct mail_auth_results one = {.value = value};
	struct mail m = {.has_from = true,
		.from = {.name = "", .address = "anna@kalix.example"},
		.auth_results = &one,
		.n_auth_results = 1,
		.exchange_auth_as = ""};
	struct token_keys keys = {.present = {true}};
	struct token t;
	const char *why;
	int64_t a, b;

	if (trust_judge(arena, &rule, &m, &why) == TRUST_PROVEN) {
		const char *folded = ascii_lower(arena, value);

		if (!ascii_starts_nocase(text_trim(arena, value), "mx.lots.example") &&
			!strchr(value, '('))
			abort();
		if (!strstr(folded, "kalix.example") || !strstr(folded, "pass"))
			abort();
	}
	rule.kind = TRUST_MICROSOFT365;
	(void)trust_judge(arena, &rule, &m, &why);
	/* Nobody guesses a key of zeroes and 120 bits besides. */
	if (token_read(&keys, value, INT64_C(1795420800000), &t) == TOKEN_GOOD)
		abort();
	if (token_read_message_id(&keys, value, "lots.example", &a, &b))
		abort();
	arena_free(&arena);
	return 0;
}
