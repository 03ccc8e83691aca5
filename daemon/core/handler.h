/* Handler: the port that kinds of case and commands plug into. One file in handlers/ holds one
 * const struct with named members and one line in handlers/handlers.def; core never names a
 * handler.
 *
 * A turn on a mail: parse the command lines -> find entries -> policy (roles, states) -> every
 * check
 * -> only if all pass every plan -> one receipt. check changes nothing; plan only appends effects.
 */
#ifndef LOTS_CORE_HANDLER_H
#define LOTS_CORE_HANDLER_H

#include "core/model.h"

struct turn;	/* core/turn_state.h */
struct command; /* core/command.h */

enum handler_sort { HANDLER_KIND, HANDLER_COMMAND };

/* Who reads the text that stands beside a command (DOMAIN.md section 5). */
enum text_reader {
	READ_BY_REQUESTER,
	READ_BY_LOG,
	READ_BY_NEXT_HOLDER, /* and the log */
	READ_BY_GROUP,
	READ_BY_SUPPLIER,
	READ_BY_SENDER
};

/* NONE: the rest of the command's line is text, read by `reader`. */
enum argument_need { ARGUMENT_NONE, ARGUMENT_OPTIONAL, ARGUMENT_REQUIRED };

struct handler {
	const char *id;
	enum handler_sort sort;
	/* Words as typed, without '#', any language, folded when compared; NULL-ended. First the
	 * word shown to users: words_sv[0], words_en[0]. */
	const char *const *words_sv;
	const char *const *words_en;
	/* Role ids that may; NULL = any link of the case's chain. "requester" is he who asked,
	 * "agent" anybody with a duty anywhere. */
	const char *const *roles;
	unsigned states; /* STATE_BIT()s in which it may be used */
	enum text_reader reader;
	enum argument_need argument;
	/* Words that also work without '#', alone on the first line (TA, LYFT); NULL-ended or NULL.
	 */
	const char *const *bare;
	bool is_answer;	  /* an answer: asked about when the case has been answered already */
	bool moves;	  /* puts the case somewhere else or to rest: one such command a mail */
	bool reports;	  /* speaks to the supplier: only who may do that */
	const char *help; /* id of its line in templates/<lang>/help.yaml: same as id */
	/* Commands. check: 0, or -1 and turn_refuse() has said why. */
	int (*check)(struct turn *t, const struct command *c);
	void (*plan)(struct turn *t, const struct command *c);
	/* Kinds. */
	enum case_kind kind;
	void (*open)(struct turn *t); /* a new case of this kind: first link, receipt */
	void (*due)(struct turn *t);  /* a clock of such a case ran out */
	/* The head has said yes or no, with these words besides. */
	void (*decide)(struct turn *t, bool yes, const char *text);
	void (*add)(
		struct turn *t); /* the requester wrote more; NULL: it goes to who has the case */
};

#endif
