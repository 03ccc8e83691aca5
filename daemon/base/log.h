/* Log: one line an event on stderr, key=value; the level is the prefix the journal reads ("<6>") where
 * stderr leads to it, else the key level. Lines are
 * made printable (utf8_clean_line) at one point. Never message content, addresses or names: ids
 * only. */
#ifndef LOTS_BASE_LOG_H
#define LOTS_BASE_LOG_H

#include "base/prelude.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_set_role(const char *role, const char *name); /* stands in each line: role=reader name=x */
void log_set_level(enum log_level least);
/* event is a fixed word; fmt gives "key=value key=value". errno is preserved. A value that may hold
 * a blank is written with log_quote. */
void log_line(enum log_level level, const char *event, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A value in quotes, for the same call only: log_warn("x", "why=%s", log_quote(why).text). Longer
 * than the room, it ends in an ellipsis. */
#define LOG_QUOTE_SIZE 256
struct log_quoted {
	char text[LOG_QUOTE_SIZE];
};
struct log_quoted log_quote(const char *s);
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)

#endif
