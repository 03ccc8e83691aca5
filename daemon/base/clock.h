/* Clock: the one place that reads a clock. Everything else is handed `now_ms`. */
#ifndef LOTS_BASE_CLOCK_H
#define LOTS_BASE_CLOCK_H

#include "base/prelude.h"

int64_t clock_now_ms(void);  /* CLOCK_REALTIME, UTC */
int64_t clock_mono_ms(void); /* CLOCK_MONOTONIC: timeouts, supervision */

#endif
