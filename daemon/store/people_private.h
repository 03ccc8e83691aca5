/* People: what other files of the store floor need of it. */
#ifndef LOTS_STORE_PEOPLE_PRIVATE_H
#define LOTS_STORE_PEOPLE_PRIVATE_H

#include "store/store.h"

/* The directory is another one than before: whoever holds it loads it again. */
enum store_status people_changed(struct store *s) MUST_CHECK;

#endif
