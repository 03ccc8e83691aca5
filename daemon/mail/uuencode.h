/* Uuencode: files that stand in the text itself, as mail had them before MIME. */
#ifndef LOTS_MAIL_UUENCODE_H
#define LOTS_MAIL_UUENCODE_H

#include "base/prelude.h"

/* The next file at or behind `from`: its bytes from the line "begin 644 name" to the end of the line "end".
 * The text that merely speaks of one is none: each line between must be of its form. */
struct uu_file {
	size_t start, end; /* in the text */
	const char *name;  /* in the text, not NUL-ended */
	size_t name_len;
};
bool uu_find(struct bytes text, size_t from, struct uu_file *out);

#endif
