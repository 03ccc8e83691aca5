/* Command near: a whole mail of few words that looks like a command whose sign was forgotten ("Stäng",
 * "Lyft till FL") or that was misspelt ("LFYT"). It is asked about, never done and never sent. Pure. */
#ifndef LOTS_CORE_COMMAND_NEAR_H
#define LOTS_CORE_COMMAND_NEAR_H

#include "core/handler.h"

struct arena;

/* What was seen, as typed, or NULL when the text is no such thing. */
const char *command_near(struct arena *arena, const struct handler *const *table, const char *text);
/* "Ta ärendet", "Lyft den", "ta ärende 1042!": the folded words before it, and the number (0 none);
 * NULL when the line ends in none of these. */
const char *command_before_case(struct arena *arena, const char *line, int64_t *number);

/* The command that a misspelt word was meant as: the word of the table ("lyft"); NULL when none or
 * several are as near. */
const char *command_meant(
	struct arena *arena, const struct handler *const *table, const char *word);

#endif
