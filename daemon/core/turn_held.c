/* Turn held: mails of the chain that were not understood, or come too late, are kept until their
 * sender says SKICKA. Called by turn_chain and turn_choice. Must never send by itself. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/command_near.h"

#include <strings.h>

/* The newest mail of this sender that is held back; NULL if it has been settled. */
const struct log_entry *turn_held_back(const struct turn *t)
{
	return match_held_back(t->c ? t->c->loaded : NULL, t->actor->id);
}

/* "#löts ..." as "#löst ...", when it is clear which word was meant; else the line as it is. */
static const char *mend_word(struct turn *t, const char *line)
{
	const char *word = line + 1 + strspn(line + 1, " ");
	size_t n = strcspn(word, " .,:;!?");
	const char *meant =
		command_meant(t->arena, t->in->handlers, arena_strndup(t->arena, word, n));

	return meant ? arena_printf(t->arena, "#%s%s", meant, word + n) : line;
}

/* SKICKA: the lines that hold a command, wherever they stand, are commands; the rest is text. */
static void read_forced(struct turn *t, const char *text, const char *subject, struct sheet *out)
{
	const char *cursor = text, *line, *commands = "", *rest = "";
	const char *in_subject = command_in_subject(t->arena, t->in->handlers, subject);
	size_t len;

	while (text_next_line(&cursor, &line, &len)) {
		char *own = arena_strndup(t->arena, line, len);
		char *trimmed = text_trim(t->arena, own);
		struct sheet one;

		command_read(t->arena, t->in->handlers, trimmed, &one);
		if (*trimmed == '#' && one.parts[0].fault == SHEET_UNKNOWN) {
			const char *mended = mend_word(t, trimmed);

			command_read(t->arena, t->in->handlers, mended, &one);
			if (one.parts[0].fault == SHEET_OK)
				trimmed = arena_strdup(t->arena, mended);
		}
		if (*trimmed == '#' && one.parts[0].n == 1 &&
			(one.parts[0].fault == SHEET_OK || one.parts[0].fault == SHEET_LATE))
			commands = arena_printf(t->arena, "%s%s\n", commands, trimmed);
		else
			rest = arena_printf(t->arena, "%s%s\n", rest, own);
	}
	if (in_subject &&
		!strstr(text_fold(t->arena, t->k->subject), text_fold(t->arena, in_subject)))
		commands = arena_printf(t->arena, "%s%s\n", commands, in_subject);
	command_read(t->arena, t->in->handlers, commands, out);
	out->parts[0].text = text_trim(t->arena, rest);
	out->parts[0].fault = SHEET_OK;
	/* The commands were read without the text below them: give it to the one who carries it. */
	for (size_t i = 0; i < out->parts[0].n; i++) {
		struct command *c = &out->parts[0].commands[i];

		if (i + 1 == out->parts[0].n || c->handler->reader == READ_BY_REQUESTER) {
			c->text = *c->text ? arena_printf(t->arena, "%s\n%s", c->text,
						     out->parts[0].text)
					   : out->parts[0].text;
			break;
		}
	}
}

/* Nothing but words with a sign that are none: the requester has no use for them. */
static bool only_signs(const char *text)
{
	const char *line;
	size_t len;

	if (text_is_blank(text))
		return false;
	while (text_next_line(&text, &line, &len)) {
		if (len && (*line != '#' || memchr(line, ' ', len)))
			return false;
	}
	return true;
}

/* What SKICKA would do: the words of the commands, and whether the requester reads the text. False if
 * there is nothing that it could do. */
static bool note_words(struct turn *t)
{
	struct sheet sheet;
	const char *words = "";

	read_forced(t, t->text, t->mail ? t->mail->subject : "", &sheet);
	if (sheet.parts[0].n == 0 && only_signs(sheet.parts[0].text) && !turn_brings_files(t))
		return false;
	for (size_t i = 0; i < sheet.parts[0].n; i++) {
		const struct command *c = &sheet.parts[0].commands[i];

		words = arena_printf(t->arena, "%s%s#%s", words, *words ? ", " : "", c->word);
		t->send_reaches |= c->handler->reader == READ_BY_REQUESTER;
	}
	t->send_words = *words ? words : NULL;
	return true;
}

void turn_hold_back(struct turn *t, const char *why)
{
	if (t->k && !note_words(t)) {
		turn_log(t, LOGGED_REMARK, t->text, json_pack("{s:s}", "why", why));
		return;
	}
	turn_log(t, LOGGED_REMARK, t->text,
		json_pack("{s:s,s:s,s:s}", "pending", "send", "why", why, "subject",
			t->mail ? t->mail->subject : ""));
	t->can_send = t->k != NULL;
}

void turn_send_held(struct turn *t)
{
	const struct log_entry *e = turn_held_back(t);
	struct sheet sheet;
	json_t *data;

	if (!e) {
		turn_say_fault(t, "nothing-held", "");
		turn_log(t, LOGGED_REMARK, t->text, json_pack("{s:s}", "why", "nothing-held"));
		return;
	}
	data = json_loads(e->data, 0, NULL);
	t->force = true;
	t->held_inbox = e->inbox;
	t->text = e->text;
	read_forced(t, e->text,
		json_string_value(json_object_get(data, "subject"))
			? json_string_value(json_object_get(data, "subject"))
			: "",
		&sheet);
	json_decref(data);
	turn_log(t, LOGGED_OTHER, "",
		json_pack("{s:s,s:b}", "event", "sent-held", "pending_done", 1));
	if (sheet.parts[0].n)
		turn_run_part(t, &sheet.parts[0]);
	else
		turn_run_handler(t, "answer", sheet.parts[0].text);
}

/* Our own words, as a reply quotes them. */
static bool quotes_us(const struct turn *t)
{
	const char *all = t->mail->text;

	for (size_t i = 0; i < t->config->n_mailboxes; i++) {
		const char *address = t->config->mailboxes[i].address;
		size_t n = strcspn(address, "@");

		for (const char *p = all; (p = strchr(p, '@')) != NULL; p++) {
			const char *start = p;

			while (start > all && !strchr(" <[(:\"'\n\t", start[-1]))
				start--;
			if (ascii_starts_nocase(p, address + n) &&
				strncasecmp(start, address, n) == 0 &&
				(start[n] == '+' || start[n] == '@'))
				return true;
		}
	}
	return false;
}

/* Lines with the sign of a quote, below at most the line that introduces them. */
static bool is_all_quoted(const char *text)
{
	const char *line;
	size_t len, quoted = 0, other = 0;

	while (text_next_line(&text, &line, &len)) {
		while (len > 0 && (*line == ' ' || *line == '\t' || *line == '\r'))
			line++, len--;
		quoted += len > 0 && *line == '>';
		other += len > 0 && *line != '>';
	}
	return quoted > 0 && other <= 1;
}

/* Nothing of his own could be told from the quote. Files alone, or a text that is not ours, may be
 * what he wants to send: asked, never sent by itself. What quotes our mail to him stays here: notes
 * stand in it that the requester must not read. */
void turn_say_empty(struct turn *t)
{
	bool files = turn_brings_files(t);
	bool quote = text_is_blank(t->text) ||
		     (t->mail->new_text_is_whole && (quotes_us(t) || is_all_quoted(t->mail->text)));

	turn_say_fault(t, files ? "only-files" : "empty", "");
	if (quote)
		t->text = "";
	if (files || !quote)
		turn_hold_back(t, "empty");
	else
		turn_log(t, LOGGED_REMARK, "", json_pack("{s:s}", "why", "empty"));
}
