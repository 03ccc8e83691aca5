/* Standing clocks: those that follow from the settings alone and belong to no case. For the desk, at its
 * start and when settings are read again, and for the scenario runner. */
#ifndef LOTS_APP_STANDING_H
#define LOTS_APP_STANDING_H

#include "app/desk.h"
#include "store/store.h"

/* Each organisation that is live and has a main representative has its quarterly clock; one that is so no
 * more has none. A clock that stands is left as it is. In the caller's transaction; *changed how many. */
enum store_status standing_clocks(struct desk *d, int64_t now_ms, size_t *changed) MUST_CHECK;

#endif
