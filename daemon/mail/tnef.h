/* TNEF: what Outlook puts into winmail.dat (MS-OXTNEF). By libytnef, over bytes checked before. */
#ifndef LOTS_MAIL_TNEF_H
#define LOTS_MAIL_TNEF_H

#include "base/prelude.h"

struct arena;
struct charsets;

struct tnef_file {
	const char *name; /* UTF-8, not cleaned; "" if none */
	const char *type; /* "" if not told */
	struct bytes content;
	bool message; /* an embedded message: content is TNEF again */
};

struct tnef {
	const char *text; /* of the message: plain, from HTML or from RTF; "" */
	struct tnef_file *files;
	size_t n_files;
	bool cut; /* the end was not readable */
};

/* False if it is no TNEF or not one record fits into the bytes. Contents are copied into the arena. */
bool tnef_read(struct arena *arena, struct charsets *cs, struct bytes in, size_t text_max,
	struct tnef *out) MUST_CHECK;

#endif
