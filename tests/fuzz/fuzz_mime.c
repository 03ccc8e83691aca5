/* MIME: any bytes as a mail, read whole. What the parser says must be what the desk accepts, attachments
 * must lie inside the mail, and both readers of structure must stay within the limits. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/charset.h"
#include "mail/mailjson.h"
#include "mail/mailpack.h"
#include "mail/mime.h"
#include "mail/parse.h"

/* libytnef loses memory over broken files. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libytnef\n";
}

static void must_be_accepted(struct arena *arena, const struct mail *m)
{
	const char *error = NULL;
	struct buf out;
	json_t *o = mail_to_json(m);

	buf_init(&out, MAX_IPC_PAYLOAD);
	mail_pack(m, &out);
	if (!o || !buf_ok(&out) ||
		!mail_unpack(arena, (struct bytes){(unsigned char *)out.data, out.len}, &error)) {
		fprintf(stderr, "%s\n", error ? error : "no JSON");
		abort();
	}
	buf_release(&out);
	json_decref(o);
}

static void must_fit(struct arena *arena, struct bytes raw, const struct mail *m)
{
	struct bytes content;

	for (size_t i = 0; i < m->n_attachments; i++) {
		const struct mail_attachment *a = &m->attachments[i];

		if (mail_attachment_bytes(arena, raw, a, MAX_MAIL_BYTES, &content) == 0 &&
			content.n != (size_t)a->size)
			abort();
	}
}

static void walk(struct arena *arena, struct bytes raw)
{
	static const struct mime_limits limits = {MAX_HEADER_BYTES, 20, 5};
	struct header header;
	struct mime m;

	header_parse(arena, raw, limits.header_bytes, &header);
	mime_walk(arena, raw, &header, &limits, &m);
	for (size_t i = 0; i < m.n; i++)
		if (m.v[i].depth >= limits.depth || m.v[i].end <= i || m.v[i].end > m.n ||
			m.v[i].parent > i)
			abort();
	if (m.n > limits.parts)
		abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct charsets *cs;
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	struct bytes raw = {data, size};
	struct mail *m;

	if (!cs)
		cs = charsets_open();
	m = mail_parse(arena, raw, &(struct mail_limits){0}, cs);
	must_be_accepted(arena, m);
	must_fit(arena, raw, m);
	walk(arena, raw);
	arena_free(&arena);
	return 0;
}
