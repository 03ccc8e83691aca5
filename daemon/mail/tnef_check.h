/* TNEF check: are all lengths and counts in a winmail.dat inside its bytes? Before libytnef sees it. */
#ifndef LOTS_MAIL_TNEF_CHECK_H
#define LOTS_MAIL_TNEF_CHECK_H

#include "base/prelude.h"

bool tnef_check(struct bytes in) MUST_CHECK;
/* The length that compressed RTF claims to unpack to is at most max and its header is whole. */
bool tnef_rtf_size_ok(struct bytes in, size_t max) MUST_CHECK;

#endif
