/* Turn state: a turn under way, for core/turn*.c and the handlers. Everything here lives in the
 * turn's arena and ends with it; what shall last is an effect. Helper functions change the case in
 * hand and append effects together, so that log, clocks, row and mails always agree. */
#ifndef LOTS_CORE_TURN_STATE_H
#define LOTS_CORE_TURN_STATE_H

#include "core/feedback.h"
#include "core/chain.h"
#include "core/classify.h"
#include "core/command.h"
#include "core/effects.h"
#include "core/handler.h"
#include "core/match.h"
#include "core/turn.h"

#include <sys/queue.h>

/* A case in hand. */
struct turn_case {
	STAILQ_ENTRY(turn_case) next;
	struct kase *k;
	const struct loaded_case *loaded; /* NULL: opened in this turn */
	json_t *data;			  /* k->data, parsed; belongs to the turn */
	bool changed;			  /* its row is to be written */
	bool asked_anew;		  /* the list of who was asked was cleared in this turn */
	struct link_people asked_now;	  /* asked in this turn */
};

struct turn {
	const struct turn_input *in;
	struct arena *arena;
	int64_t now_ms;
	struct date today; /* local */
	const struct config *config;
	const struct people *people;
	const struct event *event;
	const struct mail *mail; /* NULL unless EVENT_MAIL */
	struct effects *fx;
	STAILQ_HEAD(, turn_case) cases;
	int64_t next_number;
	struct turn_case *c; /* in hand; NULL: the turn is about no case */
	struct kase *k;	     /* c->k */

	/* Who writes. */
	struct match match;
	const struct agent *actor; /* as whom he speaks; NULL: no duty */
	const char *who;	   /* From as written, "lots", "operator:NAME" */
	bool may_act;		   /* From proven and signed address good: commands are obeyed */
	const char *text;	   /* the sender's own words */

	/* How the chain's mail was understood. */
	bool force;	       /* SKICKA: what was held back is to go */
	bool for_managers;     /* what opens now is about the directory: theirs */
	int64_t held_inbox;    /* with it the files of that mail; 0 none */
	const char *text_sent; /* what went to the requester; NULL nothing */
	json_t *done;	       /* of the command receipt: one sentence each */
	json_t *not_understood;
	const char *hint;
	bool listed;			/* several cases in one mail: sentences name theirs */
	bool can_send, can_undo, quiet; /* quiet: no receipt is needed */
	const char *send_words;		/* the commands that SKICKA would do; NULL none */
	bool send_reaches;		/* and the requester would read the text */
	const char *receipt;  /* template of the receipt, "command-receipt" unless a handler
				    * has one of its own */
	json_t *receipt_view; /* more for it; NULL */
	json_t *bin;	      /* holds every JSON value of the turn until it ends */
};

/* ---- JSON and words ---- */
json_t *turn_object(struct turn *t); /* borrowed: let go of at the end */
json_t *turn_array(struct turn *t);
json_t *turn_keep(struct turn *t, json_t *v); /* takes over a new reference */
/* A text of words.txt; values borrowed, may be NULL. The key itself when no language has it. */
const char *turn_words(struct turn *t, const char *language, const char *key, json_t *values);

/* ---- People ---- */
const char *turn_agent_language(struct turn *t, const struct agent *a);
/* "Anna Berg", or the post's role and place, never "". */
const char *turn_agent_name(struct turn *t, const struct agent *a, const char *language);
const char *turn_role_name(struct turn *t, const char *role, const char *language);
const char *turn_organisation_name(struct turn *t, const char *id, const char *language);
const char *turn_area_name(struct turn *t, const char *id, const char *language);
const char *turn_system_name(struct turn *t, const char *id, const char *language);
void turn_place(struct turn *t, struct chain_place *out); /* of the case in hand */
bool turn_is_ticket_system(struct turn *t, const char *role);

/* ---- Cases ---- */
void turn_focus(struct turn *t, struct turn_case *c);
/* The loaded case of that number (taken in hand copies are shared), or NULL. */
struct turn_case *turn_case_by_number(struct turn *t, int64_t number);
struct turn_case *turn_case_of(struct turn *t, const struct loaded_case *loaded);
/* A fresh case with the next number; it is in hand afterwards. */
struct turn_case *turn_new_case(struct turn *t);
void turn_changed(struct turn *t);
/* data (a new reference, may be NULL) is taken over. */
void turn_log(struct turn *t, enum log_type type, const char *text, json_t *data);
/* The newest log entry of that type, or NULL. */
const struct log_entry *turn_last_log(const struct turn *t, enum log_type type);
/* The one setter of state: stops and starts the clocks that go with it. */
void turn_set_state(struct turn *t, enum case_state s);
bool turn_is_open(const struct kase *k);

/* ---- Clocks ---- */
const struct clock_row *turn_clock(
	const struct turn *t, enum clock_kind kind); /* loaded; or NULL */
void turn_clock_stop(struct turn *t, enum clock_kind kind);
/* A length of working time on that calendar ("" clock hours) from now. */
void turn_clock_run(struct turn *t, enum clock_kind kind, int64_t length_ms, const char *calendar);
void turn_clock_at(struct turn *t, enum clock_kind kind, int64_t due_ms);
const struct clock_rule *turn_rule(const struct turn *t);
/* The calendar of the link or of the holder; round the clock ("") for priority 1 on call. */
const char *turn_calendar(struct turn *t, const struct link_people *asked);
int64_t turn_due(struct turn *t, const char *calendar, int64_t from_ms, int64_t length_ms);
/* A reminder that comes late (lotsd was down) leaves as much time before the closing as one in time: sets the
 * closing clock anew if it must. When the case is closed then; 0 if no such clock runs. */
int64_t clocks_leave_time(struct turn *t, enum clock_kind remind, enum clock_kind close);
void clocks_of_link(struct turn *t, const struct link_people *asked); /* take, next link */
void clocks_enter_state(struct turn *t, enum case_state from, enum case_state to);

/* ---- Mails ---- */
struct outgoing *turn_mail_requester(
	struct turn *t, enum mail_class class, const char *template_id);
struct outgoing *turn_mail_agent(struct turn *t, const struct agent *a, enum mail_class class,
	const char *template_id, const char *verbs);
struct outgoing *turn_mail_address(struct turn *t, const char *address, const char *name,
	const char *language, enum mail_class class, const char *template_id, const char *verbs);
/* "" takes the name away. */
void mail_text(struct outgoing *o, const char *name, const char *text);
void mail_flag(struct outgoing *o, const char *name);
void mail_json(
	struct outgoing *o, const char *name, json_t *value); /* takes over a new reference */
/* The text as that reader may see it: identity numbers masked. */
const char *turn_masked(struct turn *t, const char *text);
/* The same of a case's subject, and no longer than a mail program shows. */
const char *turn_subject(struct turn *t, const struct kase *k);
/* Entry i of the log was undone (#ångra) before the mail left. */
bool turn_never_left(const struct loaded_case *l, size_t i);
void view_render(struct turn *t);

/* What the requester wrote first, as he wrote it. */
const char *turn_opening_text(struct turn *t, struct turn_case *c);
bool turn_withheld(const struct turn *t, size_t attachment); /* of the loaded case */
/* Asked, and now not to be had: if nobody else was asked, his substitute is, else the next link. */
void turn_ask_others(struct turn *t, const struct agent *gone, const struct agent *substitute);
/* Who stands in for him today: himself when he is there; NULL nobody. */
const struct agent *turn_stand_in(struct turn *t, const struct agent *holder);
/* Who is written to for him: the one who stands in for him, who may then act as one who was asked. */
const struct agent *turn_in_his_place(struct turn *t, const struct agent *holder);
/* Somebody else than the actor has the case in hand and is there; NULL. */
const struct agent *turn_other_holder(struct turn *t);
/* He has it in hand, is away, and nobody stands in for him: the case goes to the others of its link, else
 * to the next. False: it stays where it is. */
bool turn_holder_gone(struct turn *t);
/* The files of the mail in hand go along: what the chain sends the requester, or he sends more. */
void turn_attach_mail(struct turn *t, struct outgoing *o);
/* The commands that this agent may give now, as buttons of the mail to him. */
void turn_offer(struct turn *t, struct outgoing *o, const struct agent *a);
/* Are there any? */
bool turn_brings_files(const struct turn *t);
/* The requester's files, as far as they may go along; also to another organisation. */
void turn_attach_files(struct turn *t, struct outgoing *o);
/* Cases held by and asked of that agent: `held`, `asked`, `urgent`, `none`, `date`. False: none. */
bool view_lists(struct turn *t, json_t *view, const char *language, const struct agent *a);
void view_cases(
	struct turn *t, json_t *view, const char *language, const struct agent *a); /* `cases` */

/* ---- What happens to a case (core/turn_ops.c) ---- */
/* The people of the link the case stands at, as it is classified now. */
void turn_ask_again(struct turn *t, const char *template_id, const char *note);
void turn_set_area(struct turn *t, const char *area);
void turn_asked(struct turn *t, struct link_people *out); /* who is asked now, as loaded */
void turn_restart_clocks(struct turn *t); /* of the link, as for those who are asked now */
const char *turn_named_address(struct turn *t, const char *text, const char **name);
void turn_set_requester(struct turn *t, const char *key, const char *address, const char *name);
/* The case a command names by number, if the sender works on it too; NULL else. */
struct turn_case *turn_other_case(struct turn *t, const char *number);
/* A case of its own for the same requester, classified and routed by this text; it is in hand. */
struct turn_case *turn_open_beside(struct turn *t, const char *text);
void turn_clock_of_agent(
	struct turn *t, const struct agent *a, enum clock_kind kind, int64_t due_ms);
void turn_clock_of_organisation(
	struct turn *t, const char *organisation, enum clock_kind kind, int64_t due_ms);
/* Tells the people of link i; the list of who was asked begins anew unless `add`. */
void turn_ask(struct turn *t, int link, const struct link_people *people, const char *template_id,
	const char *note, bool add);
/* Nobody but him was asked, at the link where the case stands. */
void turn_asked_only(struct turn *t, const struct agent *a);
void turn_ask_one(struct turn *t, const struct agent *a, const char *role, const char *template_id,
	const char *note);
/* Starts at link `from`; a case that finds nobody goes to whoever manages, else an alarm. */
bool turn_start_chain(struct turn *t, int from, const char *template_id, const char *note);
/* The link by which he was asked; else the lowest he has a duty in. */
const char *turn_link_of(struct turn *t, const struct agent *a);
void turn_take(struct turn *t, const struct agent *a);
void turn_answer(struct turn *t, const char *text, const char *template_id);
/* The actor, who takes the case if nobody has it, writes to the requester: the text under that name of
 * the template, with his files, after the undo delay. */
struct outgoing *turn_write_requester(
	struct turn *t, const char *template_id, const char *name, const char *text);
/* The check of a command that is nothing without a text. */
int turn_needs_text(struct turn *t, const struct command *c);
void turn_close(struct turn *t, const char *how, const char *text);
void turn_reopen(struct turn *t, const char *text);
/* Tells who has the case (the holder, else those asked). */
void turn_tell_holder(struct turn *t, enum mail_class class, const char *template_id,
	const char *name, const char *text);
/* A mail to the requester did not arrive: whoever has the case is told. */
void turn_say_undelivered(
	struct turn *t, const char *address, const char *status, const char *diagnostic);
/* Sets a name of the view in every mail of that template which this turn sends. */
void turn_mails_say(struct turn *t, const char *template_id, const char *name, const char *text);
const struct agent *turn_holder(const struct turn *t);
int64_t turn_sent_not_before(const struct turn *t);

/* "Svar att vänta" and, when nobody is on duty, from when. */
void turn_expect(struct turn *t, struct outgoing *o);
/* The receipt of a new case, unless its sender has had too many. */
void turn_receipt_to_requester(struct turn *t, const char *template_id);
void turn_status_mail(struct turn *t); /* to the requester */
/* What only that mail tells, in the language of the mail. */
void turn_view_status(struct turn *t, struct outgoing *o, bool of_chain);

/* The main representative is asked each quarter who receives cases. */

/* ---- What a sender is given in a day: core/turn_quota.c ---- */
bool turn_sender_known(const struct turn *t);
bool turn_sender_trusted(const struct turn *t); /* known, and proven to have written */
/* May this sender be sent something automatic? Who may not be the writer, or is nobody we know, once a day,
 * and all of them together so many. */
bool turn_may_answer(const struct turn *t);
void turn_count_answer(struct turn *t); /* it was given */
/* More than a day can bring is put aside, and the operator told: true if this mail is. */
bool turn_put_aside(struct turn *t);

/* ---- Mail turns ---- */
void turn_open_from_mail(struct turn *t); /* core/turn_new.c */
/* core/turn_overtaken.c: the case in hand was opened by a mail that answers one we have not seen */
void turn_note_answered(struct turn *t);
/* This mail is the one that such a case waits for: it goes there. */
bool turn_join_reply(struct turn *t, const char *text);
void turn_of_requester(struct turn *t);	     /* core/turn_requester.c */
void turn_of_chain(struct turn *t);	     /* core/turn_chain.c */
void turn_of_head(struct turn *t);	     /* core/turn_head.c */
void turn_of_desk(struct turn *t);	     /* core/turn_desk.c: a signed address about no case */
void turn_of_automatic(struct turn *t);	     /* core/turn_auto.c */
void turn_of_clock(struct turn *t);	     /* core/turn_clock.c */
void turn_of_operator(struct turn *t);	     /* core/turn_operator.c */
void turn_of_standing_clock(struct turn *t); /* core/turn_desk.c: of people and organisations */
/* JA, NEJ or a number from the chain: the answer to a question of ours. */
void turn_of_choice(struct turn *t, const struct sheet *sheet); /* core/turn_choice.c */
void turn_ask_take_over(struct turn *t); /* after a forward: "Ska Anna ta över?" */
/* "Vem menar du?": the command is kept with those who fit until a number comes. */
void turn_ask_choice(struct turn *t, const struct command *c, const struct agent **fit, size_t n);
void turn_assign(struct turn *t, const struct agent *a, const char *note);
/* A reply from a desk or supplier whose system has the case; false: it is handled as any other. */
bool turn_of_ticket_system(struct turn *t, const struct sheet *sheet); /* core/turn_ticket.c */
/* The automatic mail of such a system: its number, that it has the case, or that it is done. */
void turn_of_ticket_receipt(struct turn *t);
/* `this` is merged into `other`: its requester follows that one; false if he asked both. */
bool turn_follow(struct turn *t, struct turn_case *this, struct turn_case *other);
/* Does the mail in hand come from such a one? What he writes, then. */
bool turn_is_follower(const struct turn *t);
void turn_of_follower(struct turn *t, enum feedback f);
void turn_copy_to_followers(struct turn *t);	   /* last, before the mails are rendered */
void turn_remark(struct turn *t, const char *why); /* kept, nothing done */
void turn_addition(struct turn *t, const char *text);
bool turn_is_our_address(const struct turn *t, const char *key); /* one of our mailboxes */
void turn_outcome(struct turn *t, enum turn_outcome o, const char *reason);

/* ---- For handlers ---- */
const struct log_entry *turn_held_back(const struct turn *t); /* mail waiting for SKICKA; or NULL */
void turn_send_held(struct turn *t);
/* Words about himself (absence, his cases), or lines that name their cases. */
bool turn_needs_no_case(const struct sheet *sheet);
/* Keeps the mail in hand for SKICKA. */
void turn_hold_back(struct turn *t, const char *why);
void turn_say_empty(struct turn *t); /* it holds no words of his own */
/* A sentence of the receipt, refuse.<code> of the words; seen fills it. */
void turn_say_fault(struct turn *t, const char *code, const char *seen);
struct sheet_part;
void turn_run_part(struct turn *t, const struct sheet_part *part); /* checks all, then does all */
void turn_run_handler(struct turn *t, const char *id, const char *text);
/* Reads and does what a mail from the chain says: commands, answer, choices. */
void turn_understand(struct turn *t, struct sheet *sheet);
/* Why a command cannot be done: the word "refuse.<code>" of words.txt. Returns -1. */
int turn_refuse(struct turn *t, const struct command *c, const char *code, const char *detail);
/* One sentence of the receipt: the word "done.<id>". values borrowed, may be NULL. */
void turn_done(struct turn *t, const char *id, json_t *values);
void turn_receipt(struct turn *t); /* sends it */

#endif
