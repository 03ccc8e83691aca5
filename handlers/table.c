/* Table: made of handlers.def. Knows nothing of what a handler does. */
#include "base/prelude.h"
#include "handlers/table.h"

#define HANDLER(name) extern const struct handler handler_##name;
#include "handlers/handlers.def"
#undef HANDLER

const struct handler *const handler_table[] = {
#define HANDLER(name) &handler_##name,
#include "handlers/handlers.def"
#undef HANDLER
	NULL};
