/* Mailpack: any bytes as the answer of a parser's child that is in a stranger's hands. What the desk accepts can
 * be written again, and then is accepted again. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "mail/mailjson.h"
#include "mail/mailpack.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	const char *error;
	struct mail *m = mail_unpack(arena, (struct bytes){data, size}, &error);

	if ((m == NULL) != (error != NULL))
		abort();
	if (m) {
		struct buf out;
		json_t *o = mail_to_json(m);

		buf_init(&out, MAX_IPC_PAYLOAD);
		mail_pack(m, &out);
		if (!o || !mail_unpack(arena, (struct bytes){(unsigned char *)out.data, out.len},
				  &error))
			abort();
		buf_release(&out);
		json_decref(o);
	}
	arena_free(&arena);
	return 0;
}
