/* Command: reads the commands of a reply. Called once per mail by core/turn. Must not guess: a line
 * that is not understood is a fault of the sheet, and the turn then does nothing at all. */
#include "base/prelude.h"
#include "core/command.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/command_near.h"

#define WORDS_OF_COMMAND 3 /* "tillbaka i tjänst" */

const struct handler *handler_find(const struct handler *const *table, const char *id)
{
	for (; table && *table; table++) {
		if ((*table)->sort == HANDLER_COMMAND && strcmp((*table)->id, id) == 0)
			return *table;
	}
	return NULL;
}

const struct handler *handler_of_kind(const struct handler *const *table, enum case_kind kind)
{
	for (; table && *table; table++) {
		if ((*table)->sort == HANDLER_KIND && (*table)->kind == kind)
			return *table;
	}
	return NULL;
}

static bool word_byte(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 0x80 || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') ||
	       (u >= '0' && u <= '9');
}

static bool blank_byte(char c)
{
	return c == ' ' || c == '\t';
}

/* Past blanks, NBSP included. */
static const char *skip_blank(const char *p)
{
	while (blank_byte(*p) || strncmp(p, "\xC2\xA0", 2) == 0)
		p += blank_byte(*p) ? 1 : 2;
	return p;
}

/* Past what may stand between a command and its text. */
static const char *skip_marks(const char *p)
{
	for (;;) {
		const char *q = skip_blank(p);

		if (*q == ':' || *q == ',' || *q == ';' || *q == '!' ||
			(*q == '.' && !word_byte(q[1])))
			q++;
		if (strncmp(q, "\xE2\x80\x93 ", 4) == 0)
			q += 3;
		if (q == p)
			return p;
		p = q;
	}
}

/* '#' or its full-width form; its length or 0. */
static size_t hash_sign(const char *p)
{
	if (*p == '#')
		return 1;
	return strncmp(p, "\xEF\xBC\x83", 3) == 0 ? 3 : 0;
}

static const char *word_end(const char *p)
{
	while (word_byte(*p) && strncmp(p, "\xC2\xA0", 2) != 0)
		p++;
	return p;
}

/* True if the folded text is one of the words. */
static bool among_words(struct arena *arena, const char *const *words, const char *folded)
{
	for (; words && *words; words++) {
		/* Most words differ in the first letter, and folding is not free. */
		if ((unsigned char)**words < 0x80 && (**words | 0x20) != folded[0])
			continue;
		if (strcmp(text_fold(arena, *words), folded) == 0)
			return true;
	}
	return false;
}

static const struct handler *find_words(
	struct arena *arena, const struct handler *const *table, const char *folded)
{
	for (; table && *table; table++) {
		if ((*table)->sort == HANDLER_COMMAND &&
			(among_words(arena, (*table)->words_sv, folded) ||
				among_words(arena, (*table)->words_en, folded)))
			return *table;
	}
	return NULL;
}

/* The command whose words (one to three, the longest wins) start at p; *after is set past them. */
static const struct handler *find_at(
	struct arena *arena, const struct handler *const *table, const char *p, const char **after)
{
	const char *ends[WORDS_OF_COMMAND];
	size_t n = 0;

	for (const char *q = p; n < WORDS_OF_COMMAND && word_byte(*q);) {
		q = word_end(q);
		ends[n++] = q;
		const char *gap = skip_blank(q);
		if (gap == q)
			break;
		q = gap;
	}
	for (; n > 0; n--) {
		const char *folded =
			text_fold(arena, arena_strndup(arena, p, (size_t)(ends[n - 1] - p)));
		const struct handler *h = find_words(arena, table, folded);

		if (h) {
			*after = ends[n - 1];
			return h;
		}
	}
	return NULL;
}

/* The first known #word inside running text; quoted lines are not the sender's. */
static const char *late_word(
	struct arena *arena, const struct handler *const *table, const char *text)
{
	bool line_start = true, quoted = false;

	for (const char *p = text; *p; p++) {
		if (*p == '\n') {
			line_start = true;
			quoted = false;
			continue;
		}
		size_t sign = hash_sign(p);
		if (line_start && *p == '>')
			quoted = true;
		if (sign && !quoted && (p == text || !word_byte(p[-1]))) {
			const char *after, *word = line_start ? skip_blank(p + sign) : p + sign;

			if (find_at(arena, table, word, &after))
				return arena_strndup(arena, p, (size_t)(after - p));
		}
		if (!blank_byte(*p))
			line_start = false;
	}
	return NULL;
}

/* One line of a command; rest of the line becomes argument or text. False when not known. */
static bool add_command(struct arena *arena, const struct handler *const *table,
	struct sheet_part *part, const char *line)
{
	const char *after;
	const struct handler *h = find_at(arena, table, line, &after);
	struct command *c;

	if (!h)
		return false;
	if (part->n == MAX_COMMANDS) {
		part->fault = SHEET_TOO_MANY;
		part->seen = arena_printf(arena, "#%s", line);
		return true;
	}
	c = &part->commands[part->n++];
	c->handler = h;
	c->word = arena_strndup(arena, line, (size_t)(after - line));
	char *rest = text_trim(arena, skip_marks(after));
	size_t len = strlen(rest);
	/* "#ta #prio hög": the second stands where no command is looked for. */
	const char *second = late_word(arena, table, rest);
	if (second && part->fault == SHEET_OK) {
		part->fault = SHEET_LATE;
		part->seen = second;
	}
	if (h->argument == ARGUMENT_NONE) {
		c->argument = "";
		c->text = rest;
		return true;
	}
	if (len > 0 && strchr(".!", rest[len - 1]))
		rest[len - 1] = '\0';
	c->argument = text_trim(arena, rest);
	c->text = "";
	return true;
}

const char *command_in_subject(
	struct arena *arena, const struct handler *const *table, const char *subject)
{
	return late_word(arena, table, subject);
}

/* Who of several commands carries the text below them: the one the requester reads, else the next
 * holder's, else the first. Two for the requester contradict each other. */
static void give_text(struct arena *arena, struct sheet_part *part)
{
	struct command *owner = NULL;
	size_t for_requester = 0;

	for (size_t i = 0; i < part->n; i++) {
		struct command *c = &part->commands[i];

		if (c->handler->reader == READ_BY_REQUESTER && ++for_requester == 1)
			owner = c;
		else if (!owner && (c->handler->reader == READ_BY_NEXT_HOLDER ||
					   c->handler->reader == READ_BY_SUPPLIER))
			owner = c;
	}
	if (for_requester > 1 && part->fault == SHEET_OK) {
		part->fault = SHEET_CONFLICT;
		part->seen = arena_printf(arena, "#%s", owner->word);
	}
	if (!owner && part->n)
		owner = &part->commands[0];
	if (!owner || !*part->text)
		return;
	owner->text =
		*owner->text ? arena_printf(arena, "%s\n%s", owner->text, part->text) : part->text;
}

static void finish_part(struct arena *arena, const struct handler *const *table,
	struct sheet_part *part, const char *rest)
{
	const char *late = late_word(arena, table, rest);

	part->text = text_trim(arena, rest);
	if (late && part->fault == SHEET_OK) {
		part->fault = SHEET_LATE;
		part->seen = late;
	}
	give_text(arena, part);
}

/* One sign that people and programs put around a word: *TA*, "TA", - TA; its length or 0. */
static size_t mark_at(const char *p)
{
	static const char *const marks[] = {"*", "_", "\"", "'", "- ", "\xE2\x80\x9C",
		"\xE2\x80\x9D", "\xE2\x80\xA2", "\xC2\xB7", "\xE2\x80\x93 "};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		if (strncmp(p, marks[i], strlen(marks[i])) == 0)
			return strlen(marks[i]);
	}
	return 0;
}

/* The line without such signs around it; of a list item the dash alone goes. */
static char *bare_line(struct arena *arena, const char *line)
{
	const char *p = skip_blank(line);
	size_t n, before = 0;

	while ((n = mark_at(p)) > 0) {
		p = skip_blank(p + n);
		before++;
	}
	char *own = text_trim(arena, arena_strdup(arena, p));
	size_t len = strlen(own);
	while (before > 0 && len > 0) {
		size_t end = len >= 3 && mark_at(own + len - 3) == 3 ? 3 : 1;

		if (end == 1 && !strchr("*_\"'", own[len - 1]))
			break;
		own[len -= end] = '\0';
	}
	return own;
}

static char *copy_line(struct arena *arena, const char *line, size_t len)
{
	return text_trim(arena, arena_strndup(arena, line, len));
}

/* "1042 löst ...", "#1042: till hsl": the number and where its words start; 0 if not of that form.
 */
static int64_t list_line(const char *line, const char **words)
{
	int64_t number = 0;
	const char *p = skip_blank(line);

	p = skip_blank(p + hash_sign(p));
	const char *digits = p;
	for (; *p >= '0' && *p <= '9' && p - digits < 10; p++)
		number = number * 10 + (*p - '0');
	if (p - digits < 3 || p - digits > 9)
		return 0;
	const char *gap = skip_marks(p);
	if (gap == p)
		return 0;
	*words = gap + hash_sign(gap);
	return number;
}

static struct sheet_part *new_part(struct sheet *out, int64_t number)
{
	struct sheet_part *part = &out->parts[out->n_parts++];

	part->number = number;
	part->text = part->seen = "";
	return part;
}

/* "ta 1001 och 1002" is turned round into "1001 ta", "1002 ta". False when the line is not that. */
static bool turn_round(
	struct arena *arena, const struct handler *const *table, const char *line, struct buf *out)
{
	const char *p = skip_blank(line), *after, *word;
	const struct handler *h;
	bool any = false;

	word = p = skip_blank(p + hash_sign(p));
	h = find_at(arena, table, word, &after);
	if (!h || !h->bare)
		return false;
	for (p = after; *(p = skip_marks(p));) {
		size_t n = strspn(p, "0123456789");

		if (n >= 3 && n <= 9 && !word_byte(p[n])) {
			buf_addf(out, "%.*s %.*s\n", (int)n, p, (int)(after - word), word);
			any = true;
			p += n;
		} else if (strncmp(p, "och ", 4) == 0 || strncmp(p, "and ", 4) == 0) {
			p += 4;
		} else {
			return false;
		}
	}
	return any;
}

static const char *number_first(
	struct arena *arena, const struct handler *const *table, const char *text)
{
	const char *cursor = text, *line;
	struct buf all, one;
	bool turned = false;
	size_t len;

	/* Most mails hold no number at all. */
	if (!strpbrk(text, "0123456789"))
		return text;
	buf_init(&all, 4 * MAX_TEXT_BYTES);
	while (text_next_line(&cursor, &line, &len)) {
		char *own = len < 80 ? copy_line(arena, line, len) : "";

		if (!strpbrk(own, "0123456789"))
			own = "";
		buf_init(&one, 4096);
		if (*own && turn_round(arena, table, own, &one)) {
			buf_add(&all, one.data, one.len);
			turned = true;
		} else {
			buf_add(&all, line, len);
			buf_addch(&all, '\n');
		}
		buf_release(&one);
	}
	if (!turned || !buf_ok(&all)) {
		buf_release(&all);
		return text;
	}
	return buf_take(&all, arena);
}

/* Several cases in one mail. False when the first line is not of that form. */
static bool read_list(struct arena *arena, const struct handler *const *table, const char *text,
	struct sheet *out)
{
	const char *cursor = text, *line, *words, *after, *rest = NULL;
	struct sheet_part *part = NULL;
	size_t len;

	while (text_next_line(&cursor, &line, &len)) {
		char *own = copy_line(arena, line, len);
		int64_t number = list_line(own, &words);

		if (!part && !*own)
			continue;
		if (!part && (!number || !find_at(arena, table, words, &after)))
			return false;
		if (!number || out->n_parts == SHEET_PARTS_MAX)
			continue;
		if (part)
			finish_part(arena, table, part,
				arena_strndup(arena, rest, (size_t)(line - rest)));
		part = new_part(out, number);
		if (!add_command(arena, table, part, words)) {
			part->fault = SHEET_UNKNOWN;
			part->seen = arena_strdup(arena, own);
		}
		rest = cursor;
	}
	if (!part)
		return false;
	finish_part(arena, table, part, rest);
	return true;
}

/* A line that is only one word (and marks): folded, else NULL. */
static const char *only_word(struct arena *arena, const char *line)
{
	const char *p = skip_blank(line), *end = word_end(p);

	if (end == p || *skip_marks(skip_blank(end)) != '\0')
		return NULL;
	return text_fold(arena, arena_strndup(arena, p, (size_t)(end - p)));
}

static bool read_bare_word(struct arena *arena, const struct handler *const *table,
	const char *word, int64_t number, struct sheet *out)
{
	for (const struct handler *const *h = table; h && *h; h++) {
		if (!(*h)->bare || !among_words(arena, (*h)->bare, word))
			continue;
		out->bare = true;
		out->parts[0].number = number;
		return add_command(arena, table, &out->parts[0], word);
	}
	return false;
}

static bool read_bare(struct arena *arena, const struct handler *const *table, const char *line,
	struct sheet *out)
{
	static const char *const yes[] = {"ja", "yes", NULL}, *const no[] = {"nej", "no", NULL},
				 *const send[] = {"skicka", "send", NULL};
	static const char *const reply[] = {"svara ", "svar ", "reply "};
	int64_t choice, number = 0;

	/* "Svara TA", as the mail says it. */
	line = bare_line(arena, line);
	for (size_t i = 0; i < ARRAY_LEN(reply); i++) {
		if (ascii_starts_nocase(line, reply[i]))
			line = bare_line(arena, line + strlen(reply[i]));
	}
	const char *word = only_word(arena, line);

	/* "Ta ärendet", "Lyft ärende 1042" */
	if (!word)
		word = command_before_case(arena, line, &number);
	if (!word)
		return false;
	if (!only_word(arena, line))
		return read_bare_word(arena, table, word, number, out);
	if (among_words(arena, yes, word))
		out->reply = REPLY_YES;
	else if (among_words(arena, no, word))
		out->reply = REPLY_NO;
	else if (among_words(arena, send, word))
		out->reply = REPLY_SEND;
	else if (text_to_i64(word, 1, 99, &choice))
		out->reply_choice = (int)choice;
	return read_bare_word(arena, table, word, 0, out) || out->reply != REPLY_NONE ||
	       out->reply_choice > 0;
}

/* The letter after '#', past a blank; NULL when the line is no command line ("# 1. Start"). */
static const char *command_line(const char *line)
{
	const char *p = skip_blank(line);
	size_t sign = hash_sign(p);

	if (!sign)
		return NULL;
	p = skip_blank(p + sign);
	return word_byte(*p) && !(*p >= '0' && *p <= '9') ? p : NULL;
}

/* *#ta* as a program writes what was set in bold. Other marks may say that it is not the sender who speaks:
 * a quotation, or a list of what one can write. */
static bool is_emphasised(const char *line)
{
	const char *p = skip_blank(line);
	size_t n = strspn(p, "*_");

	return n > 0 && hash_sign(p + n) > 0;
}

void command_read(struct arena *arena, const struct handler *const *table, const char *text,
	struct sheet *out)
{
	const char *cursor, *rest, *line, *words;
	size_t len;

	memset(out, 0, sizeof(*out));
	out->parts = arena_array(arena, SHEET_PARTS_MAX, sizeof(out->parts[0]));
	text = number_first(arena, table, text);
	if (read_list(arena, table, text, out))
		return;
	cursor = rest = text;
	out->n_parts = 0;
	memset(out->parts, 0, sizeof(out->parts[0]));
	struct sheet_part *part = new_part(out, 0);
	while (text_next_line(&cursor, &line, &len)) {
		char *own = copy_line(arena, line, len);

		if (!*own) {
			continue;
		} else if ((words = command_line(
				    is_emphasised(own) ? bare_line(arena, own) : own)) != NULL) {
			if (!add_command(arena, table, part, words) && part->fault == SHEET_OK) {
				const char *end = word_end(words);

				part->fault = SHEET_UNKNOWN;
				part->seen = end > words ? arena_printf(arena, "#%.*s",
								   (int)(end - words), words)
							 : arena_strdup(arena, own);
			}
		} else {
			if (part->n == 0 && part->fault == SHEET_OK &&
				read_bare(arena, table, own, out))
				rest = cursor;
			break;
		}
		rest = cursor;
	}
	finish_part(arena, table, part, rest);
	const char *near = part->n == 0 && part->fault == SHEET_OK && out->reply == REPLY_NONE &&
					   !out->reply_choice
				   ? command_near(arena, table, text)
				   : NULL;
	if (near) {
		part->fault = SHEET_UNSIGNED;
		part->seen = near;
	}
}
