/* Compose, with any strings: what it makes always passes the lint, and has the fields it should. */
#include "base/prelude.h"

#include "mail/compose.h"

#include "base/arena.h"
#include "base/limits.h"

#define STRINGS 10

static void must_be_right(struct arena *arena, const struct compose *c)
{
	struct buf out;
	const char *error;
	buf_init(&out, MAX_MAIL_BYTES);
	if (compose_mail(arena, c, &out, &error) == 0) {
		struct bytes wire = {(const unsigned char *)out.data, out.len};
		const char *fault = compose_lint(wire);
		if (fault) {
			fprintf(stderr, "%s in:\n%s\n", fault, out.data);
			abort();
		}
	}
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const char *s[STRINGS];
	size_t n = 0;
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	/* Strings end at NUL; what is missing is "". The lint also reads the bytes as they are. */
	for (const unsigned char *p = data, *end = data + size; n < STRINGS; n++) {
		size_t len = strnlen((const char *)p, (size_t)(end - p));
		s[n] = arena_strndup(arena, (const char *)p, len);
		p += len + (p + len < end ? 1 : 0);
	}
	const struct compose_attachment a = {s[5], s[6], {data, size}};
	const struct compose_header h = {"X-Test", s[7]};
	struct compose c = {
		.from = {s[0], "support@lots.example"},
		.to = {s[1], "eva@kalix.example"},
		.subject = s[2],
		.text = s[3],
		.html = s[4],
		.message_id = "1@lots.example",
		.in_reply_to = s[8],
		.references = {s + 8, 2},
		.language = s[9],
		.headers = &h,
		.n_headers = 1,
		.date_ms = (int64_t)size * 1000000,
	};
	must_be_right(arena, &c);
	c.attachments = &a;
	c.n_attachments = 1;
	c.to.address = s[8];
	must_be_right(arena, &c);
	c.to.address = "eva@kalix.example";
	must_be_right(arena, &c);
	(void)compose_lint((struct bytes){data, size});
	arena_free(&arena);
	return 0;
}
