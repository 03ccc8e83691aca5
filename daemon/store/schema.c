/* Schema: the list of steps. To change the schema add a file schema_lots_N.c and a line here; never
 * edit a step that has been released. */
#include "base/prelude.h"

#include "store/db.h"

extern const struct schema_step SCHEMA_LOTS_1;
extern const struct schema_step SCHEMA_RAW_1;

const struct schema_step *const SCHEMA_LOTS[] = {&SCHEMA_LOTS_1, NULL};
const struct schema_step *const SCHEMA_RAW[] = {&SCHEMA_RAW_1, NULL};
