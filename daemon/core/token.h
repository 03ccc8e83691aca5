/* Token: the signed reply address of one mail to one recipient, and our signed Message-IDs.
 *
 * Local part: "support+" key(1) case(7) contact(6) day(3) class(1) mac(24), base32 lower, 8 + 42 = 50
 * octets, case-insensitive. key: which MAC key; case: number; contact: of the recipient; day: days
 * since 2020-01-01 of issue (expires after 400); class: what a reply may do; mac: the first 120 bits
 * of HMAC-SHA256 over everything before it and the version word.
 * A token alone decides nothing: DESIGN.md section 3 "Reply token". */
#ifndef LOTS_CORE_TOKEN_H
#define LOTS_CORE_TOKEN_H

#include "base/prelude.h"

struct arena;

#define TOKEN_KEY_BYTES 32
#define TOKEN_EXPIRES_DAYS 400

struct token_keys { /* key i is named by base32 digit i; an empty one is unused */
	unsigned char key[32][TOKEN_KEY_BYTES];
	bool present[32];
	int current;
};

enum token_class {
	TOKEN_REQUESTER, /* may confirm, deny, add */
	TOKEN_CHAIN,	 /* may answer and command, as far as its rights go at use */
	TOKEN_HEAD,	 /* may approve */
	TOKEN_EXERCISE,	 /* practice */
	TOKEN_DESK,	 /* about no case: lists, quarterly question */
	TOKEN_CLASS_N
};

struct token {
	int64_t number; /* case, 0 none */
	int64_t contact;
	int64_t day;
	enum token_class class;
};

/* "support+…@lots.example" from the mailbox's own address; NULL if it would not fit. */
char *token_address(struct arena *arena, const struct token_keys *keys, const struct token *t,
	const char *mailbox_address);
enum token_verdict { TOKEN_ABSENT, TOKEN_BAD, TOKEN_EXPIRED, TOKEN_GOOD };
/* Reads one address. Same work for every bad one. */
enum token_verdict token_read(
	const struct token_keys *keys, const char *address, int64_t now_ms, struct token *out);
/* "<number>.<serial>.<mac>@domain" without brackets; number 0 for mail about no case. */
char *token_message_id(struct arena *arena, const struct token_keys *keys, int64_t number,
	int64_t serial, const char *domain);
/* True if it is one of ours; *number and *serial are set. */
bool token_read_message_id(const struct token_keys *keys, const char *message_id,
	const char *domain, int64_t *number, int64_t *serial);

#endif
