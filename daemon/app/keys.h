/* Keys: the file state_dir/keys (mode 0600, the desk's alone): the MAC keys of reply addresses and
 * Message-IDs, and the key of the content hash. One line each: "token <digit> <64 hex>" (the last
 * one is the current), "content <64 hex>". */
#ifndef LOTS_APP_KEYS_H
#define LOTS_APP_KEYS_H

#include "core/token.h"

/* Makes the file with fresh random keys; -1 with errno if it exists or cannot be made. */
int keys_create(const char *state_dir) MUST_CHECK;
/* 0, or -1 and *error (a fixed text): missing, readable by others, malformed. */
int keys_load(const char *state_dir, struct token_keys *tokens,
	unsigned char content[TOKEN_KEY_BYTES], const char **error) MUST_CHECK;
/* Keys derived from a word, for tests: the same word, the same keys. */
void keys_from_seed(
	const char *seed, struct token_keys *tokens, unsigned char content[TOKEN_KEY_BYTES]);

#endif
