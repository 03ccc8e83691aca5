/* Clocks: when a clock row is due. Also for app, which recomputes what is stored when hours or
 * chains change. Pure. */
#ifndef LOTS_CORE_CLOCKS_H
#define LOTS_CORE_CLOCKS_H

#include "core/config.h"
#include "core/effects.h"

/* A length from an instant on: whole days of feedback, waiting and supplier clocks are working days, all else
 * is working time; on calendar "" clock hours. */
int64_t clock_due(const struct config *config, enum clock_kind kind, const char *calendar,
	int64_t from_ms, int64_t length_ms);
/* The due_ms that a running row should have now; a row set as an instant keeps its own. */
int64_t clock_row_due(const struct config *config, const struct clock_row *row);
/* When the main representative of o is asked next whether its list of people is right: at the first working
 * hour of the next quarter of the year. */
int64_t clock_quarter_due(
	const struct config *config, const struct organisation *o, int64_t now_ms);

#endif
