/* Raw: writing raw mail; private to the store floor. Between raw_begin and raw_commit of db.h. */
#ifndef LOTS_STORE_RAW_H
#define LOTS_STORE_RAW_H

#include "base/crypto.h"
#include "store/store.h"

enum store_status raw_put(struct store *s, struct bytes raw,
	const unsigned char sha256[SHA256_BYTES], int64_t *id) MUST_CHECK;
enum store_status raw_drop(struct store *s, int64_t id) MUST_CHECK;

#endif
