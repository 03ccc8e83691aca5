/* Turn ticket: links that are ticket systems of their own (a service desk, a supplier). Their number
 * is learnt, their "we have it" stops the take clock, their "done" comes back to us. What a supplier
 * writes goes to the one who holds the case, never to the requester. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"

/* "INC0012345", "CS 4711": letters of a known series and at least four digits. */
static const char *series_at(struct arena *arena, const char *p)
{
	static const char *const series[] = {
		"INC", "CS", "RITM", "REQ", "SR", "PRB", "CHG", "SCTASK", "TASK", "IM", "SD"};

	for (size_t i = 0; i < ARRAY_LEN(series); i++) {
		size_t n = strlen(series[i]), k;

		if (strncmp(p, series[i], n) != 0)
			continue;
		k = n + (p[n] == '-' || p[n] == ' ' || p[n] == '#');
		size_t digits = 0;
		while (ascii_is_digit(p[k + digits]))
			digits++;
		if (digits >= 4 && digits <= 12)
			return arena_strndup(arena, p, k + digits);
	}
	return NULL;
}

/* "ärendenummer: 12345", "ticket #12345", "case 12345". */
static const char *worded_number(struct arena *arena, const char *text)
{
	static const char *const words[] = {"arendenummer", "arende", "referensnummer", "ticket",
		"case", "incident", "reference", "nummer"};
	const char *folded = text_fold(arena, text);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *p = strstr(folded, words[i]);

		for (; p; p = strstr(p + 1, words[i])) {
			const char *q = p + strlen(words[i]);
			size_t n = 0;

			q += strspn(q, " :#nr.");
			while (ascii_is_digit(q[n]))
				n++;
			if (n >= 4 && n <= 12)
				return arena_strndup(arena, q, n);
		}
	}
	return NULL;
}

/* Our own "[Support 1042]" is not theirs. */
static const char *without_ours(struct arena *arena, const char *s)
{
	const char *open = match_number_in_subject(s) ? strchr(s, '[') : NULL;
	const char *close = open ? strchr(open, ']') : NULL;

	return close ? arena_printf(arena, "%.*s%s", (int)(open - s), s, close + 1) : s;
}

static const char *ticket_number(struct arena *arena, const char *subject, const char *text)
{
	const char *sources[] = {without_ours(arena, subject), without_ours(arena, text)};

	for (size_t s = 0; s < 2; s++) {
		for (const char *p = sources[s]; *p && p - sources[s] < 20000; p++) {
			bool start = p == sources[s] ||
				     !((p[-1] | 0x20) >= 'a' && (p[-1] | 0x20) <= 'z');
			const char *found = start ? series_at(arena, p) : NULL;

			if (found)
				return found;
		}
		const char *found = worded_number(
			arena, arena_strndup(arena, sources[s], strnlen(sources[s], 20000)));
		if (found)
			return found;
	}
	return "";
}

static void learn_number(struct turn *t, const struct agent *desk)
{
	const char *number = ticket_number(t->arena, t->mail->subject, t->text);

	json_object_set_new(t->c->data, "desk", json_integer(desk->id));
	if (*number && !*t->k->supplier_number) {
		t->k->supplier_number = number;
		turn_log(t, LOGGED_SUPPLIER, "",
			json_pack("{s:s,s:I}", "number", number, "agent", (json_int_t)desk->id));
	}
	turn_changed(t);
}

static bool says_registered(struct turn *t)
{
	static const char *const words[] = {"registrerat", "registrerats", "mottaget", "tagit emot",
		"har skapats", "has been created", "received", "registered", "opened"};
	const char *folded = text_fold(t->arena, t->text);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (text_has_word(folded, words[i]))
			return true;
	}
	return false;
}

static bool says_done(struct turn *t)
{
	static const char *const words[] = {"ar lost", "har losts", "ar stangt", "har stangts",
		"ar avslutat", "har avslutats", "ar atgardat", "har atgardats", "ar klart",
		"has been resolved", "is resolved", "has been closed", "is closed"};
	const char *folded =
		text_fold(t->arena, arena_printf(t->arena, "%s\n%s", t->mail->subject, t->text));

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (text_has_word(folded, words[i]))
			return true;
	}
	return false;
}

/* Closed in their system: that is their answer, and ours to ask whether it helped. */
static bool of_desk_done(struct turn *t)
{
	bool theirs = *t->k->supplier_number && strstr(t->text, t->k->supplier_number);

	theirs |= *t->k->supplier_number && strstr(t->mail->subject, t->k->supplier_number);
	if (!theirs || !says_done(t) || !turn_is_open(t->k) || t->k->state == STATE_ANSWERED)
		return false;
	turn_answer(t, t->text, "solved");
	return true;
}

/* From the supplier: to the holder, as it is; the requester hears from the holder. */
static void of_supplier(struct turn *t)
{
	learn_number(t, t->actor);
	turn_log(t, LOGGED_SUPPLIER, t->text, NULL);
	turn_tell_holder(t, MAILING_NOTIFICATION, "addition", "text", t->text);
	turn_mails_say(t, "addition", "of_supplier", "1");
	if (turn_holder(t))
		turn_mails_say(t, "addition", "by",
			turn_agent_name(t, t->actor, turn_agent_language(t, turn_holder(t))));
}

static bool is_supplier(struct turn *t)
{
	for (size_t i = 0; i < t->people->n_duties; i++) {
		if (t->people->duties[i].agent == t->actor->id &&
			chain_is_supplier(t->config, t->people->duties[i].role))
			return true;
	}
	return false;
}

void turn_of_ticket_receipt(struct turn *t)
{
	if (is_supplier(t)) {
		of_supplier(t);
		return;
	}
	if (of_desk_done(t))
		return;
	learn_number(t, t->actor);
	if (t->k->holder == 0 && t->k->state == STATE_NEW)
		turn_take(t, t->actor);
}

bool turn_of_ticket_system(struct turn *t, const struct sheet *sheet)
{
	bool commands = sheet->parts[0].n > 0 || sheet->reply != REPLY_NONE;

	if (commands)
		return false;
	if (is_supplier(t)) {
		of_supplier(t);
		return true;
	}
	if (of_desk_done(t))
		return true;
	if (says_registered(t) && *ticket_number(t->arena, t->mail->subject, t->text)) {
		turn_of_ticket_receipt(t);
		return true;
	}
	return false;
}
