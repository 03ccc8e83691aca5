/* TNEF check: which lengths and counts in a winmail.dat lie inside its bytes? Before libytnef sees it. */
#ifndef LOTS_MAIL_TNEF_CHECK_H
#define LOTS_MAIL_TNEF_CHECK_H

#include "base/prelude.h"

/* The bytes from the start up to the end of the last record of an unbroken chain: what is cut off or followed
 * by rubbish can be read so far. 0 if there is not one. */
size_t tnef_check(struct bytes in) MUST_CHECK;
/* The length that compressed RTF claims to unpack to is at most max and its header is whole. */
bool tnef_rtf_size_ok(struct bytes in, size_t max) MUST_CHECK;

#endif
