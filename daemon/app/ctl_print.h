/* Ctl print: answers of the desk as text for a terminal. Everything printed has passed
 * utf8_clean_line, so no mail can move the cursor. */
#ifndef LOTS_APP_CTL_PRINT_H
#define LOTS_APP_CTL_PRINT_H

#include <jansson.h>

/* Rows of the array as a table with these columns (NULL-ended keys). */
void ctl_print_table(const json_t *rows, const char *const *columns);
/* Members of an object, one a line; nested values indented. */
void ctl_print_object(const json_t *o, int indent);
void ctl_print_json(const json_t *v);

#endif
