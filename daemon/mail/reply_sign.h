/* Reply sign: what the writer's program or employer adds to the writer's words: signature,
 * disclaimer, "sent from my phone", and the gateway's banner above. Used by reply.c only. */
#ifndef LOTS_MAIL_REPLY_SIGN_H
#define LOTS_MAIL_REPLY_SIGN_H

#include "mail/reply_lines.h"

/* Marks as REPLY_DROPPED or REPLY_FOOTER what is signature, footer, disclaimer or rule at the end
 * of the text lines [from, to), so that at least one line of text stays. */
void reply_sign_mark(struct arena *arena, struct reply_lines *ls, size_t from, size_t to);
/* Marks a gateway's banner ("Detta meddelande kommer från en extern avsändare") at the top. */
void reply_banner_mark(struct reply_lines *ls, size_t from, size_t to);
/* Marks mobile footers, anywhere. */
void reply_footer_mark(struct reply_lines *ls, size_t from, size_t to);
/* True if nothing in [from, to) is more than greeting, "see below" or the like. */
bool reply_is_lead_in(const struct reply_lines *ls, size_t from, size_t to);
/* True if the text begins with a closing: a signature and nothing else. */
bool reply_is_bare_signature(const struct reply_lines *ls, size_t from, size_t to);
/* "Se mina svar nedan": the answers stand inside the quoted text. */
bool reply_points_below(const struct reply_lines *ls, size_t from, size_t to);
/* True if the lines look like what a program adds, not like words to the reader. */
bool reply_looks_added(struct arena *arena, const struct reply_lines *ls, size_t from, size_t to);

/* One line of a signature: telephone, address, place on the web; a title or an organisation; a
 * name, that is, words that all begin with a capital. */
bool reply_is_contact(const char *folded);
bool reply_is_title(const char *folded);
bool reply_is_name_like(const struct reply_line *l);
/* Where the signature without a closing at the end of [from, to) begins: its lines are all of the
 * three kinds, at least one of them contact, and begin a paragraph. `to` if there is none. */
size_t reply_contact_block(const struct reply_lines *ls, size_t from, size_t to);

#endif
