/* Reply sign: the end of a writer's own text. Where it cannot be told whether a line is signature
 * or message, it is message: a lost answer is worse than a telephone number too many. Pure. */
#include "base/prelude.h"

#include "mail/reply_sign.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/reply_words.h"
#include "mail/words.h"

#define MAX_SIGNATURE_LINES 25
#define MAX_PARAGRAPH_BYTES 3000
#define MAX_ADDED_LINES 60 /* nobody's signature and disclaimer is longer */
#define MAX_RULES_TRIED 20 /* each looks at all that stands below it */

static bool is_text(const struct reply_line *l)
{
	return l->kind == REPLY_TEXT;
}

static size_t last_text(const struct reply_lines *ls, size_t from, size_t to)
{
	while (to > from && ls->v[to - 1].kind != REPLY_TEXT)
		to--;
	return to;
}

static void drop(struct reply_lines *ls, size_t from, size_t to, enum reply_kind kind)
{
	for (size_t i = from; i < to; i++)
		if (ls->v[i].kind != REPLY_EMPTY && ls->v[i].kind != REPLY_QUOTE)
			ls->v[i].kind = kind;
}

static const char *bare_start(const char *folded)
{
	return folded + strspn(folded, " -_*<>([{«»\"'~—–|");
}

/* Words that no sentence of a writer's goes on with behind "Skickat från". */
static const char *const devices[] = {"min ", "mitt ", "my ", "mein", "mon ", "mi ", "meu ",
	"iphone", "ipad", "ipod", "outlook", "android", "samsung", "huawei", "windows", "yahoo",
	"gmail", "proton", "mobil", "phone", "blackberry", "airmail", "mailbox", "handy",
	"smartphone", "telefon", "galaxy", "xperia", "laitteesta", "puhelime", NULL};

static bool is_boundary(const struct reply_lines *ls, size_t i, size_t from, size_t to)
{
	return i < from || i >= to || ls->v[i].kind != REPLY_TEXT;
}

/* A help desk's own mark: "{#HS:1234-5#}", "ref:_00D1.500a:ref". */
static bool is_desk_mark(const char *s)
{
	size_t n = strlen(s);

	if (n < 8 || strchr(s, ' '))
		return false;
	return (strncmp(s, "{#", 2) == 0 && strcmp(s + n - 2, "#}") == 0) ||
	       (strncmp(s, "ref:", 4) == 0 && strcmp(s + n - 4, ":ref") == 0);
}

/* "Från min iPhone går det inte att logga in": the writer's own words, unless they excuse the spelling. */
static bool is_sentence(const char *folded)
{
	static const char *const verbs[] = {" inte ", " gar ", " kan ", " kommer ", " kom ",
		" fungerar ", " funkar ", " har ", " ar ", " men ", " jag ", " far ", " fick ",
		" blir ", " not ", " never ", " can ", " cannot ", " can't ", " i can", " does ",
		" doesn't ", " are ", " works ", " but ", " ich ", " nicht ", " kann ", " geht ",
		" aber ", " ei ", " eivat ", " ikke ", " virker ", " jeg ", " je ", " ne ", " pas ",
		" puedo ", " niet ", " nie ", NULL};
	static const char *const excuses[] = {"ursakta", "stavfel", "feltryck", "skrivfel",
		"forlat", "kort svar", "fattig", "excuse", "typo", "brevity", "sorry", "apolog",
		"spelling", "entschuldig", "tippfehler", "pardon", "excus", "disculp", "undskyld",
		"beklager", "pahoittel", NULL};

	return words_find(folded, verbs) && !words_find(folded, excuses);
}

static bool is_like_footer(const char *s)
{
	size_t words = words_count(s);
	static const char *const k9[] = {"gesendet.", "gesendet", NULL};
	static const char *const gets[] = {"get", "hamta", "skaffa", "download", "ladda", "hent",
		"hanki", "obtener", "telecharger", "pobierz", "nabavite", "Отримати", "Получите",
		NULL};
	static const char *const ends[] = {
		"傳送", "から送信", "에서 보냄", "gonderildi", "kuldve", "from mobile", NULL};

	if (words > 14)
		return false;
	if (words_start(s, reply_footer_starts) && s[strlen(s) - 1] != '?')
		return true;
	if (words <= 6 && words_start(s, gets) && strstr(s, "outlook"))
		return true;
	if (words <= 6 && words_find(s, ends))
		return true;
	/* German puts the verb last. */
	return words_start(s, (const char *const[]){"von meinem", "diese nachricht wurde", NULL}) &&
	       words_end(s, k9);
}

static bool is_footer(const struct reply_line *l)
{
	const char *s = bare_start(l->folded);

	return l->n <= 300 && is_like_footer(s) && !is_sentence(s);
}

/* "Skickat från Lifecare i går" is a sentence: without a device's name the line must stand alone. */
static bool is_footer_here(const struct reply_lines *ls, size_t i, size_t from, size_t to)
{
	const struct reply_line *l = &ls->v[i];

	if (is_desk_mark(l->folded))
		return true;
	if (!is_footer(l))
		return false;
	if (words_find(l->folded, devices))
		return true;
	return words_count(l->folded) <= 8 && (i == from || is_boundary(ls, i - 1, from, to)) &&
	       (is_boundary(ls, i + 1, from, to) || is_footer(&ls->v[i + 1]));
}

void reply_footer_mark(struct reply_lines *ls, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct reply_line *l = &ls->v[i];
		size_t next;

		if (!is_text(l) || !is_footer_here(ls, i, from, to))
			continue;
		/* A sentence that goes on in the next line is the writer's. */
		next = i + 1;
		if (next < to && is_text(&ls->v[next]) && !is_footer(&ls->v[next]) &&
			words_count(ls->v[next].folded) > 3 && words_count(l->folded) > 5)
			continue;
		l->kind = REPLY_FOOTER;
	}
}

static bool is_banner(const char *folded)
{
	const char *s = bare_start(folded);

	if (words_start(s, reply_banners))
		return true;
	return words_start(s, reply_banner_signs) && words_find(s, reply_banner_core) &&
	       (words_find(s, (const char *const[]){"avsandare", "sender", "originated", "organi",
				      "meddelande", "email", "e-post", "mejl", "lahett", "avsender",
				      "afsender", "absender", NULL}));
}

void reply_banner_mark(struct reply_lines *ls, size_t from, size_t to)
{
	for (size_t i = from, seen = 0; i < to && seen < 6; i++) {
		struct reply_line *l = &ls->v[i];
		bool inside = false;

		if (l->kind == REPLY_EMPTY)
			continue;
		seen++;
		if (l->kind == REPLY_RULE)
			continue;
		if (!is_text(l))
			return;
		if (!is_banner(l->folded)) {
			if (seen == 1 && !words_start(bare_start(l->folded), reply_banner_signs))
				return;
			if (seen > 2)
				return;
			continue;
		}
		if (words_count(l->folded) > 60)
			return;
		for (; i < to && is_text(&ls->v[i]); i++) {
			if (inside && !words_find(ls->v[i].folded, reply_banner_goes_on) &&
				!is_banner(ls->v[i].folded))
				break;
			ls->v[i].kind = REPLY_DROPPED;
			inside = true;
		}
		drop(ls, from, i, REPLY_DROPPED);
		i--;
	}
}

/* ---- signature ---------------------------------------------------------------------------- */

/* What stands behind the first n words of the line, as it is written. */
static const char *behind_words(struct reply_line const *l, size_t n, size_t *len)
{
	const char *p = l->s, *end = l->s + l->n;

	while (p < end && strchr(" -_*<>\t", *p))
		p++;
	for (; n > 0; n--) {
		while (p < end && !strchr(" ,/", *p))
			p++;
		while (p < end && strchr(" ,/!.", *p))
			p++;
	}
	*len = (size_t)(end - p);
	return p;
}

static bool begins_capital(const char *s, size_t n)
{
	return n > 0 && ((*s >= 'A' && *s <= 'Z') || (n > 1 && (unsigned char)s[0] == 0xc3 &&
							     (unsigned char)s[1] < 0x9f));
}

/* "Mvh", "Med vänlig hälsning, Anna", "MVH/Anna Ek", "Hälsningar från Hemtjänst Norr": a closing and
 * at most a name and a title, and not "Hälsningar från Anna: hon kommer inte in." */
static bool is_closing(const struct reply_line *l, const char *const *table)
{
	const char *s = bare_start(l->folded), *hit = words_start(s, table), *rest, *raw;
	size_t n, len;

	if (!hit || strpbrk(l->folded, "?:;"))
		return false;
	rest = s + strlen(hit);
	if (strlen(hit) <= 2 && strpbrk(rest, "0123456789"))
		return false; /* "VG 12 saknas i listan" */
	n = words_count(rest);
	raw = behind_words(l, words_count(hit), &len);
	if (n > 7 || strlen(rest) > 70)
		return false;
	if (n <= 2 || begins_capital(raw, len))
		return true;
	rest += strspn(rest, " ,");
	return words_start(
		       rest, (const char *const[]){"fran", "fra", "from", "oss", "alla", NULL}) &&
	       n <= 5 && rest[strlen(rest) - 1] != '.';
}

/* "/Anna", "// Anna Ek" at the end. */
static bool is_slash_name(const struct reply_line *l)
{
	const char *s = l->folded;
	size_t slashes = strspn(s, "/");
	const char *name = s + slashes;

	name += *name == ' ';
	return slashes >= 1 && slashes <= 2 && name[0] && !strchr(name, '/') &&
	       words_count(name) <= 5 && !strpbrk(name, "0123456789.?");
}

/* Words to the reader behind a signature: "PS. ...", or a sentence of the writer's. */
static bool is_afterthought(const struct reply_line *l)
{
	static const char *const ps[] = {
		"ps", "p.s", "p.s.", "ps.", "obs", "edit", "tillagg", NULL};
	static const char *const persons[] = {"jag", "du", "ni", "mig", "dig", "er", "you", "me",
		"mina", "mitt", "min", "minulla", "sina", NULL};
	size_t n = strlen(l->folded);

	if (words_start(l->folded, ps))
		return true;
	if (words_count(l->folded) < 5 || words_find(l->folded, reply_disclaimers) ||
		strchr(l->folded, '@') || strstr(l->folded, "www.") || strstr(l->folded, "http"))
		return false;
	if (l->folded[n - 1] != '.' && l->folded[n - 1] != '?' && l->folded[n - 1] != '!')
		return false;
	for (const char *const *p = persons; *p; p++)
		if (text_has_word(l->folded, *p))
			return true;
	return false;
}

static bool is_disclaimer_text(const char *folded)
{
	static const char *const writers[] = {"jag", "mig", "mitt", "undrar", "hur ska", NULL};
	size_t n = strlen(folded);

	if (n < 30 || folded[n - 1] == '?' || !words_find(folded, reply_disclaimers))
		return false;
	for (const char *const *w = writers; *w; w++)
		if (text_has_word(folded, *w))
			return false;
	return true;
}

/* Everything after a closing or "-- " goes, but for what the writer added after it. */
static void drop_signature(struct reply_lines *ls, size_t from, size_t to)
{
	bool keep = false;

	for (size_t i = from; i < to; i++) {
		struct reply_line *l = &ls->v[i];

		if (l->kind == REPLY_EMPTY) {
			keep = false;
			continue;
		}
		if (l->kind == REPLY_QUOTE)
			continue;
		if (i > from && is_text(l) && (keep || is_afterthought(l))) {
			keep = true;
			continue;
		}
		l->kind = l->kind == REPLY_FOOTER ? REPLY_FOOTER : REPLY_DROPPED;
	}
}

/* "- Anna", "-Anna Ek" in a paragraph of its own at the very end, where no list came before. */
static bool is_dash_name(const struct reply_lines *ls, size_t i, size_t from)
{
	const struct reply_line *l = &ls->v[i];

	if (l->folded[0] != '-' || strchr("-+*", l->folded[1]) || words_count(l->folded) > 4 ||
		!reply_is_name_like(l) || i == from || ls->v[i - 1].kind != REPLY_EMPTY)
		return false;
	for (size_t j = from; j < i; j++) {
		const char *s = ls->v[j].folded;

		if (is_text(&ls->v[j]) && (strchr("-*+", s[0]) || s[strlen(s) - 1] == ':'))
			return false;
	}
	/* "Hej! / - Anna Ek" is the answer that was asked for. */
	return !reply_is_lead_in(ls, from, i);
}

/* The first closing in the last lines. A greeting word above much text ("Hälsningar från Boden! Vi
 * har ...") is none. */
static size_t find_closing(const struct reply_lines *ls, size_t from, size_t to)
{
	size_t start = last_text(ls, from, to), lines = 0, found = to;

	for (size_t i = start; i-- > from && lines <= MAX_SIGNATURE_LINES;) {
		const struct reply_line *l = &ls->v[i];

		if (!is_text(l))
			continue;
		lines++;
		if (is_closing(l, reply_closings))
			found = i;
		else if (is_slash_name(l) && lines <= 3)
			found = i;
		else if (lines == 1 && is_dash_name(ls, i, from))
			found = i;
	}
	return found;
}

static bool is_dash_line(const struct reply_line *l)
{
	return l->kind == REPLY_RULE &&
	       (strcmp(l->folded, "--") == 0 || strcmp(l->folded, "---") == 0);
}

/* What stands below a rule goes if it is short, or no message; a rule between two parts of the
 * writer's text stays. */
static bool rule_ends_text(struct arena *arena, const struct reply_lines *ls, size_t i, size_t to)
{
	size_t text = 0, sentences = 0;

	for (size_t j = i + 1; j < to; j++) {
		const struct reply_line *l = &ls->v[j];

		if (!is_text(l))
			continue;
		text++;
		sentences += strchr(l->folded, '?') != NULL || l->folded[0] == '#';
	}
	if (text == 0 || reply_looks_added(arena, ls, i + 1, to))
		return true;
	if (is_dash_line(&ls->v[i]) && ls->v[i].n == 3 && ls->v[i].s[2] == ' ')
		return true; /* RFC 3676 4.3 */
	if (sentences > 0)
		return false;
	if (strcmp(ls->v[i].folded, "--") == 0)
		return text <= 12;
	return (ls->v[i].folded[0] == '_' || strncmp(ls->v[i].folded, "——", 6) == 0) &&
	       text <= 6; /* Outlook's line, and of lists */
}

static bool underlines_title(const struct reply_lines *ls, size_t from, size_t i)
{
	return i > from && is_text(&ls->v[i - 1]) && words_count(ls->v[i - 1].folded) <= 6 &&
	       (i < from + 2 || ls->v[i - 2].kind == REPLY_EMPTY) && !is_dash_line(&ls->v[i]);
}

static size_t find_rule(struct arena *arena, const struct reply_lines *ls, size_t from, size_t to)
{
	size_t text = 0, tried = 0;

	for (size_t i = from; i < to && tried < MAX_RULES_TRIED; i++) {
		text += is_text(&ls->v[i]);
		if (ls->v[i].kind != REPLY_RULE || text == 0)
			continue;
		tried++;
		if (underlines_title(ls, from, i) && reply_lines_count(ls, i, to, REPLY_TEXT) > 0 &&
			!reply_looks_added(arena, ls, i + 1, to))
			continue;
		if (rule_ends_text(arena, ls, i, to))
			return i;
	}
	return to;
}

/* ---- disclaimers --------------------------------------------------------------------------- */

/* The last paragraph's folded words, joined. */
static const char *paragraph(
	struct arena *arena, const struct reply_lines *ls, size_t from, size_t to)
{
	const char *joined = "";

	for (size_t i = from; i < to && strlen(joined) < MAX_PARAGRAPH_BYTES; i++)
		if (is_text(&ls->v[i]))
			joined = arena_printf(
				arena, "%s%s%s", joined, joined[0] ? " " : "", ls->v[i].folded);
	return joined;
}

static bool drop_last_disclaimer(
	struct arena *arena, struct reply_lines *ls, size_t from, size_t to)
{
	size_t end = last_text(ls, from, to), begin = end;

	while (begin > from && is_text(&ls->v[begin - 1]) && end - begin < MAX_SIGNATURE_LINES)
		begin--;
	if (end == begin || reply_lines_count(ls, from, begin, REPLY_TEXT) == 0 ||
		!is_disclaimer_text(paragraph(arena, ls, begin, end)))
		return false;
	drop(ls, begin, end, REPLY_DROPPED);
	return true;
}

bool reply_looks_added(struct arena *arena, const struct reply_lines *ls, size_t from, size_t to)
{
	size_t text = 0, added = 0;

	if (reply_lines_count(ls, from, to, REPLY_TEXT) > MAX_ADDED_LINES)
		return false;
	for (size_t i = from; i < to; i++) {
		const struct reply_line *l = &ls->v[i];

		if (!is_text(l))
			continue;
		text++;
		added += reply_is_contact(l->folded) || reply_is_title(l->folded) ||
			 reply_is_name_like(l) || is_footer(l) || is_closing(l, reply_closings);
	}
	return text == 0 || added * 4 >= text * 3 ||
	       is_disclaimer_text(paragraph(arena, ls, from, to));
}

/* ---- all together -------------------------------------------------------------------------- */

static void sign_pass(struct arena *arena, struct reply_lines *ls, size_t from, size_t to)
{
	size_t at;

	for (int i = 0; i < 4 && drop_last_disclaimer(arena, ls, from, to); i++)
		;
	at = find_rule(arena, ls, from, to);
	if (at < to && reply_lines_count(ls, from, at, REPLY_TEXT) > 0)
		drop_signature(ls, at, to);
	at = find_closing(ls, from, to);
	if (at < to && reply_lines_count(ls, from, at, REPLY_TEXT) > 0)
		drop_signature(ls, at, to);
	at = reply_contact_block(ls, from, to);
	if (at < to) {
		size_t above = last_text(ls, from, at);

		if (above > from && is_closing(&ls->v[above - 1], reply_soft_closings) &&
			above - 1 > from && words_count(ls->v[above - 1].folded) == 1)
			at = above; /* the thanks stay */
		/* "Hej! / Hemtjänst Norr / 0921-123 45" is the answer that was asked for. */
		if (!reply_is_lead_in(ls, from, at))
			drop(ls, at, to, REPLY_DROPPED);
	}
	for (int i = 0; i < 4 && drop_last_disclaimer(arena, ls, from, to); i++)
		;
}

void reply_sign_mark(struct arena *arena, struct reply_lines *ls, size_t from, size_t to)
{
	size_t end;

	reply_footer_mark(ls, from, to);
	sign_pass(arena, ls, from, to);
	/* Rules that now end the text were drawn for what is gone. */
	end = last_text(ls, from, to);
	for (size_t i = end; i < to; i++)
		if (ls->v[i].kind == REPLY_RULE)
			ls->v[i].kind = REPLY_DROPPED;
}

bool reply_is_bare_signature(const struct reply_lines *ls, size_t from, size_t to)
{
	size_t afterthoughts = 0;

	while (from < to && ls->v[from].kind != REPLY_TEXT)
		from++;
	for (size_t i = from; i < to; i++)
		afterthoughts += ls->v[i].kind == REPLY_TEXT && is_afterthought(&ls->v[i]);
	return from < to && is_closing(&ls->v[from], reply_closings) && afterthoughts == 0;
}

bool reply_points_below(const struct reply_lines *ls, size_t from, size_t to)
{
	static const char *const hints[] = {"se nedan", "svar nedan", "svar i texten",
		"svar inne i", "svar under", "svarar nedan", "svarat nedan", "mina svar",
		"kommentarer nedan", "nedan i rott", "i rott nedan", "nedan i fargtext",
		"i rod text", "med rott", "se mina kommentarer", "svarar under", "svarar i texten",
		"svaren nedan", "se min kommentar", "see below", "see my answers", "answers below",
		"comments below", "inline", "in line below", "my comments", "in red",
		"vastaukset alla", "kommentit alla", "alla vastaukset", "ks. alla", "katso alla",
		"siehe unten", "voir ci-dessous", "se nedenfor", "svar nedenfor", "se under", NULL};

	for (size_t i = from; i < to; i++)
		if (is_text(&ls->v[i]) && words_find(ls->v[i].folded, hints))
			return true;
	return false;
}

bool reply_is_lead_in(const struct reply_lines *ls, size_t from, size_t to)
{
	static const char *const greetings[] = {"hej", "hejsan", "hello", "hi", "hei", "moi",
		"god morgon", "godmorgon", "god dag", "tjena", "tja", "hallo", "bonjour", "hola",
		"dear", "hey", "terve", NULL};

	for (size_t i = from; i < to; i++) {
		const char *s = ls->v[i].folded;

		if (is_text(&ls->v[i]) && !(words_start(s, greetings) && words_count(s) <= 4))
			return reply_points_below(ls, from, to);
	}
	return true;
}
