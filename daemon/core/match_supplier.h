/* Match supplier: the open case that bears a supplier's own number, by a mail of that supplier. Pure. */
#ifndef LOTS_CORE_MATCH_SUPPLIER_H
#define LOTS_CORE_MATCH_SUPPLIER_H

#include "core/turn.h"

/* What in the mail may be such a number, at most max; none if its sender is no proven supplier. */
size_t match_supplier_numbers(const struct turn_input *in, const char **out, size_t max);
/* The case, of those the snapshot holds, and as which supplier the sender speaks. NULL: none, or several. */
const struct loaded_case *match_supplier_number(
	const struct turn_input *in, const struct agent **agent);

#endif
