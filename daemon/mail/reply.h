/* Reply: which words of a mail are the sender's own. Works on decoded text/plain, or on text made
 * from HTML by mail/html.h. Sets new_text, new_text_is_whole, answers_inline and forward.
 *
 * is_whole means that nothing of the sender's own was found, and new_text is the text without the
 * lines that programs wrote (of a forward: the forwarded text). Nothing in it may be obeyed.
 * answers_inline means that new_text holds quoted lines, each beginning with ">". */
#ifndef LOTS_MAIL_REPLY_H
#define LOTS_MAIL_REPLY_H

#include "mail/mail.h"

struct arena;

struct reply_text {
	const char *new_text;
	bool is_whole;
	bool answers_inline;
	struct mail_forward forward;
};

/* `subject` helps to tell a forward ("VB:", "Fwd:"). */
void reply_split(
	struct arena *arena, const char *text, const char *subject, struct reply_text *out);
/* Is all of it a mail gateway's note ("Detta meddelande kommer från en extern avsändare")? */
bool reply_is_banner(struct arena *arena, const char *text);
/* Is all of it a signature, as of a reply that was sent too early? */
bool reply_is_signature(struct arena *arena, const char *new_text);
/* The subject without Re:, SV:, VS:, AW:, Fwd:, VB: ..., [Support 1042] kept. */
const char *subject_bare(struct arena *arena, const char *subject);
bool subject_is_forward(const char *subject);
bool subject_is_reply(const char *subject);
/* A guess among sv en fi no da de fr es from common words; "" when unsure. */
const char *language_guess(struct arena *arena, const char *text);

#endif
