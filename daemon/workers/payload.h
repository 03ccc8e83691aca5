/* Payload: a mail on its way to the desk, written piece by piece into a memfd and sealed. A large mail
 * thus costs its size once. */
#ifndef LOTS_WORKERS_PAYLOAD_H
#define LOTS_WORKERS_PAYLOAD_H

#include "base/prelude.h"

struct payload {
	int fd; /* -1: failed */
	size_t size;
	size_t max;
};

void payload_init(struct payload *p, size_t max);
/* False (and failed for good) when memory is out or the mail would be over max. */
bool payload_add(struct payload *p, const void *bytes, size_t n);
/* The sealed descriptor, now the caller's, or -1. p is done with. */
int payload_take(struct payload *p);
void payload_release(struct payload *p);

#endif
