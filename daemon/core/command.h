/* Command: the grammar of a reply. `#` lines at the top of the sender's own text are commands;
 * Swedish first, English alias; å/ä/ö, case, a blank after `#` and a full stop at the end do not
 * matter. A sheet is what was read; nothing here decides who may, or does anything. Pure. */
#ifndef LOTS_CORE_COMMAND_H
#define LOTS_CORE_COMMAND_H

#include "base/limits.h"
#include "core/handler.h"

struct arena;

struct command {
	const struct handler *handler;
	const char *word;     /* as typed, without '#' */
	const char *argument; /* rest of its line when the handler takes an argument; "" */
	const char *text;     /* the text this command carries; "" */
};

enum sheet_fault {
	SHEET_OK,
	SHEET_UNKNOWN,	/* a '#' line at the top is no command */
	SHEET_LATE,	/* a known #word further down */
	SHEET_SUBJECT,	/* a known #word in the subject */
	SHEET_UNSIGNED, /* the whole mail looks like a command without its '#' */
	SHEET_CONFLICT, /* two commands whose text would go to the requester */
	SHEET_TOO_MANY
};

enum sheet_reply { REPLY_NONE, REPLY_YES, REPLY_NO, REPLY_SEND };

/* What a mail says about one case. */
struct sheet_part {
	int64_t number; /* 0: the case the mail belongs to */
	struct command commands[MAX_COMMANDS];
	size_t n;
	const char *text; /* the text below the commands (all of it when there are none) */
	enum sheet_fault fault;
	const char *seen; /* the word at fault, as typed with its '#'; "" */
};

struct sheet {
	struct sheet_part *parts; /* at least one */
	size_t n_parts;
	enum sheet_reply reply; /* first line is only JA, NEJ or SKICKA */
	int reply_choice;	/* first line is only a number 1..99; 0 none */
	bool bare;		/* the command came as a bare word or phrase */
};

#define SHEET_PARTS_MAX 30

/* `text` is the sender's own text (struct mail new_text). */
void command_read(struct arena *arena, const struct handler *const *table, const char *text,
	struct sheet *out);
/* A known #word in the subject, as typed, or NULL. */
const char *command_in_subject(
	struct arena *arena, const struct handler *const *table, const char *subject);
/* The handler of a command by its id, or NULL. */
const struct handler *handler_find(const struct handler *const *table, const char *id);
const struct handler *handler_of_kind(const struct handler *const *table, enum case_kind kind);

#endif
