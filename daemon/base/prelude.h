/* Prelude: the first include of every file. Ground types, a few macros, and the calls that must not
 * compile. The full ban list (time, localtime, system ...) is held by tests/check with nm, because
 * a macro named `time` would break the headers of others. */
#ifndef LOTS_BASE_PRELUDE_H
#define LOTS_BASE_PRELUDE_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define MUST_CHECK __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))

/* Length-counted bytes that belong to somebody else. May hold NUL. */
struct bytes {
	const unsigned char *p;
	size_t n;
};

#define LOTS_BANNED(f) lots_banned_call_##f##_see_prelude_h
#undef strcpy
#define strcpy(d, s) LOTS_BANNED(strcpy)
#undef strcat
#define strcat(d, s) LOTS_BANNED(strcat)
#undef strncpy
#define strncpy(d, s, n) LOTS_BANNED(strncpy)
#undef strncat
#define strncat(d, s, n) LOTS_BANNED(strncat)
#undef strtok
#define strtok(s, d) LOTS_BANNED(strtok)
#undef sprintf
#define sprintf(...) LOTS_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) LOTS_BANNED(vsprintf)
#undef atoi
#define atoi(s) LOTS_BANNED(atoi)
#undef atol
#define atol(s) LOTS_BANNED(atol)

#endif
