/* Wire: the last check before a library sees a mail or an address. What the libraries do not guard
 * (they put CR, LF and ">" of an address on the wire, and let "LF . LF" through as it is) is
 * refused here, whoever made it. Pure. */
#ifndef LOTS_WORKERS_WIRE_H
#define LOTS_WORKERS_WIRE_H

#include "base/prelude.h"

/* May stand between < and > of MAIL and RCPT: printable ASCII without blank, quotes, brackets,
 * backslash or comma; one @ with something on both sides; lengths of RFC 5321 4.5.3.1. The empty
 * string is not an address (the null return path is the caller's affair). */
bool wire_address_ok(const char *address);
/* NULL if the message can go as it is: not empty, within MAX_IPC_PAYLOAD, every CR with its LF and
 * every LF with its CR, ends in CRLF, no NUL, no 8-bit byte, no line over 998 octets, a header.
 * Else the fault as a fixed text. Such a message is dot-stuffed rightly by both libraries. */
const char *wire_fault(struct bytes message);

#endif
