/* Table: all handlers, as handlers.def lists them. app hands it to the turn. */
#ifndef LOTS_HANDLERS_TABLE_H
#define LOTS_HANDLERS_TABLE_H

#include "core/handler.h"

/* NULL-ended. */
extern const struct handler *const handler_table[];

#endif
