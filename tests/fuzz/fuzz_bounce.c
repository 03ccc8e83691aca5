/* Fuzz: the kind of mail. Parts of the input, divided by 0x1e: sender, subject, text, a header, its
 * value, report type, delivery status, disposition, original header. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PARTS 9

static void must(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(200 << 20);
	const char *part[PARTS];
	struct mail m = {.return_path = "", .message_id = ""};
	struct mail_address to = {"", "support@stod.example"};

	for (size_t i = 0, at = 0; i < PARTS; i++) {
		size_t end = at;

		while (end < size && data[end] != 0x1e)
			end++;
		part[i] = i == 2 || i >= 6
				  ? utf8_clean(arena, (const char *)data + at, end - at)
				  : utf8_clean_line(arena, (const char *)data + at, end - at);
		at = end < size ? end + 1 : size;
	}
	m.from = (struct mail_address){"", part[0]};
	m.to.v = &to;
	m.to.n = 1;
	m.subject = part[1];
	m.text = m.new_text = part[2];
	m.date_ms = INT64_C(1783324800000);
	auto_classify(arena, &m, (struct mail_header[]){{"From", part[0]}, {part[3], part[4]}}, 2,
		&(struct mail_report){part[5], part[6], part[7], part[8]});
	must(m.auto_class < MAIL_AUTO_N && m.auto_reason);
	must(m.bounce.recipient && m.bounce.status && m.bounce.diagnostic && m.bounce.original_id);
	must(strlen(m.bounce.recipient) <= MAX_ADDRESS_BYTES && strlen(m.bounce.status) <= 10);
	must(strlen(m.bounce.original_id) <= MAX_MESSAGE_ID_BYTES);
	must(utf8_valid(m.bounce.diagnostic, strlen(m.bounce.diagnostic)));
	must(utf8_valid(m.bounce.recipient, strlen(m.bounce.recipient)));
	must(m.absent_until_ms >= 0 && m.absent_from_ms >= 0);
	arena_free(&arena);
	return 0;
}
