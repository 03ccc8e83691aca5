/* Feedback: reads the short replies of requesters and the "ok" of the chain. Called by core/turn.
 * Must never close a case on doubt: what is not one of the known shapes is FEEDBACK_OTHER. */
#include "base/prelude.h"
#include "core/feedback.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

#define WORDS_MAX 60
#define TAKE_WORDS 8 /* the longest "Hej! Jag tar den efter lunch idag" */
#define NAME_BYTES 40

struct words {
	const char *v[WORDS_MAX];
	size_t n;
	bool more;     /* there were more than WORDS_MAX */
	bool question; /* a '?' stood in it */
	bool thumb;    /* an emoji of consent stood in it */
};

static const char *const yes_words[] = {"ja", "jaa", "joo", "jo", "juu", "japp", "jepp", "jajamen",
	"jajamensan", "jajaman", "jada", "joda", "yes", "yep", "yeah", "yup", "kylla", "jees",
	"funkar", "fungerar", "funka", "works", "toimii", "funkade", "fungerade", "hjalpte",
	"worked", "helped", NULL};
/* Of these the words that tell a success: with "inte" behind them they tell the contrary. */
static const char *const success_words[] = {"funkar", "fungerar", "funka", "works", "toimii",
	"funkade", "fungerade", "hjalpte", "worked", "helped", NULL};
/* "Det gick bra": only together. */
static const char *const went[] = {"gick", "gar", NULL}, *const well[] = {"bra", "fint", NULL};
static const char *const no_words[] = {
	"nej", "nejdu", "na", "nae", "nix", "nope", "no", "ei", "inte", "nepp", NULL};
static const char *const thanks_words[] = {"tack", "tackar", "tacksam", "thanks", "thank", "thx",
	"tnx", "kiitos", "kiitoksia", "kiitti", "takk", "giitu", "super", "toppen", "perfekt",
	"kanon", "jattebra", "superbra", "kanonbra", "suverant", "underbart", "harligt", "grymt",
	"topp", "bra", "fint", "great", "perfect", "excellent", "wonderful", "hienoa", "mahtavaa",
	NULL};
static const char *const ok_words[] = {"ok", "okej", "okay", "oki", NULL};
/* What may stand around thanks and a yes without saying anything more. */
static const char *const polite_words[] = {"tusen", "stort", "sa", "mycket", "for", "hjalpen",
	"svaret", "hjalp", "svar", "snabbt", "snabba", "snabb", "mvh", "ha", "en", "bra", "dag",
	"trevlig", "fin", "helg", "hej", "hejsan", "toppen", "super", "perfekt", "kanon", "you",
	"very", "much", "so", "your", "help", "the", "great", "a", "lot", "avun", "paljon", "det",
	"nu", "den", "igen", "dig", "er", "alla", "halsningar", "vanliga", "med", "och", "hej",
	"ok", "okej", "ni", "vi", "hors", NULL};
static const char *const doubt_words[] = {"men", "fast", "dock", "inte", "ej", "fortfarande",
	"daremot", "ocksa", "annan", "annat", "ytterligare", "but", "not", "still", "however",
	"mutta", "ei", "aven", "also", "another", "samtidigt", "prova", "provar", "testa", "testar",
	"forsoka", "forsoker", "kolla", "kollar", "aterkommer", "aterkomma", "imorgon", "morgon",
	"senare", "kanske", "hoppas", "tror", "undrar", "behover", "vill", "saknar", "saknas",
	"nasta", "forutom", "utom", "delvis", "nastan", "vantar", "ring", "ringa", "try", "later",
	"tomorrow", "maybe", "hope", "think", "except", "almost", "partly", NULL};
/* Between a word of success and its "inte". */
static const char *const still_words[] = {
	"fortfarande", "tyvarr", "dessvarre", "annu", "heller", "nu", "still", "alls", NULL};
static const char *const not_words[] = {"inte", "ej", "not", NULL};
static const char *const take_words[] = {"ok", "okej", "okay", "oki", "kollar", "fixar", "tar",
	"jag", "den", "det", "den har", "pa", "detta", "denna", "har", "ska", "kolla", "ordnar",
	"hanterar", "i", "ill", "i'll", "will", "take", "taking", "it", "this", "on", "looking",
	"into", "checking", "check", "mig", "min", "titta", "tittar", "da", "direkt", "nu", "ja",
	"visst", "absolut", "upp", "imorgon", "morgon", "idag", "dag", "efter", "lunch",
	"eftermiddag", "eftermiddagen", "formiddag", "formiddagen", "senare", "snart", "strax",
	"genast", "under", "dagen", "aterkommer", "hej", "hejsan", "today", "tomorrow", "later",
	"after", "up", "check", "arendet", "case", NULL};
/* At least one of these must be there: "det" alone is no take. */
static const char *const take_cores[] = {"ok", "okej", "okay", "oki", "kollar", "fixar", "tar",
	"ordnar", "hanterar", "take", "taking", "looking", "checking", "tittar", NULL};

static bool among(const char *const *list, const char *word)
{
	for (; *list; list++) {
		if (strcmp(*list, word) == 0)
			return true;
	}
	return false;
}

/* Signs that mean consent or thanks; every other sign is a separator. */
static bool is_thumb(uint32_t c)
{
	return c == 0x1F44D || c == 0x1F44C || c == 0x2705 || c == 0x1F64F || c == 0x1F64C ||
	       c == 0x2764 || c == 0x1F44F || c == 0x1F60A || c == 0x1F642 || c == 0x263A;
}

static bool is_word_byte(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c >= 0x80;
}

/* Without the lines that quote somebody else. */
static char *without_quotes(struct arena *arena, const char *text)
{
	char *out = arena_alloc(arena, strlen(text) + 1);
	const char *cursor = text, *line;
	size_t len, n = 0;

	while (text_next_line(&cursor, &line, &len)) {
		if (len && line[0] == '>')
			continue;
		memcpy(out + n, line, len);
		n += len;
		out[n++] = '\n';
	}
	out[n ? n - 1 : 0] = '\0';
	return out;
}

/* The folded text as words; emoji are noted and removed. */
static void split_words(struct arena *arena, const char *text, struct words *w)
{
	char *folded = text_fold(arena, without_quotes(arena, text));
	size_t n = strlen(folded), step;
	char *clean = arena_alloc(arena, n + 1);

	memset(w, 0, sizeof(*w));
	for (size_t i = 0; i < n; i += step) {
		uint32_t c = 0;

		step = utf8_next(folded + i, n - i, &c);
		if (step == 0)
			step = 1;
		w->question |= c == '?';
		w->thumb |= is_thumb(c);
		bool blank = c >= 0x2000 || (c < 0x80 && !is_word_byte((unsigned char)c));
		for (size_t k = 0; k < step; k++)
			clean[i + k] = blank ? ' ' : folded[i + k];
	}
	for (char *p = clean; *p;) {
		while (*p == ' ')
			p++;
		char *start = p;
		while (*p && *p != ' ')
			p++;
		if (p == start)
			break;
		if (w->n == WORDS_MAX) {
			w->more = true;
			break;
		}
		w->v[w->n++] = arena_strndup(arena, start, (size_t)(p - start));
	}
}

static bool has_phrase(const struct words *w, size_t from, const char *const *phrase)
{
	for (size_t i = from; i < w->n; i++) {
		size_t k = 0;

		while (phrase[k] && i + k < w->n && strcmp(w->v[i + k], phrase[k]) == 0)
			k++;
		if (!phrase[k])
			return true;
	}
	return false;
}

static bool starts_phrase(const struct words *w, const char *const *phrase)
{
	size_t k = 0;

	while (phrase[k] && k < w->n && strcmp(w->v[k], phrase[k]) == 0)
		k++;
	return !phrase[k];
}

static size_t phrase_length(const char *const *phrase)
{
	size_t n = 0;

	while (phrase[n])
		n++;
	return n;
}

static bool has_any(const struct words *w, size_t from, const char *const *list)
{
	for (size_t i = from; i < w->n; i++) {
		if (among(list, w->v[i]))
			return true;
	}
	return false;
}

static bool says_solved(const struct words *w, size_t from)
{
	static const char *const phrases[][5] = {{"loste", "sig", NULL}, {"lost", "sig", NULL},
		{"problemet", "ar", "lost", NULL}, {"solved", "itself", NULL},
		{"it", "is", "solved", NULL}, {"it's", "solved", NULL}, {"lost", "det", NULL},
		{"it", "resolved", "itself", NULL}, {"ar", "lost", NULL},
		{"ar", "det", "lost", NULL}, {"stanga", "arendet", NULL},
		{"stang", "arendet", NULL}, {"avsluta", "arendet", NULL},
		{"close", "the", "case", NULL}};

	for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
		if (has_phrase(w, from, phrases[i]))
			return true;
	}
	return w->n == from + 1 &&
	       (strcmp(w->v[from], "lost") == 0 || strcmp(w->v[from], "solved") == 0);
}

/* Only politeness after word `from`; a name of one or two words at the end is let through. */
static bool only_polite(const struct words *w, size_t from)
{
	size_t strange = 0;

	for (size_t i = from; i < w->n; i++)
		strange += !among(thanks_words, w->v[i]) && !among(polite_words, w->v[i]) &&
			   !among(yes_words, w->v[i]);
	return !w->more && strange <= 2 && !w->question;
}

static bool all_thanks(const struct words *w)
{
	bool thanks = w->thumb && w->n == 0;

	for (size_t i = 0; i < w->n; i++) {
		if (among(thanks_words, w->v[i]))
			thanks = true;
		else if (!among(polite_words, w->v[i]))
			return false;
	}
	return thanks && !w->question && !w->more;
}

static const char *const greetings[] = {
	"hej", "hejsan", "hi", "hello", "tja", "tjena", "hallo", "god", "morgon", "moi", NULL};
/* What may follow "hur går det" and still be no more than that question. */
static const char *const status_words[] = {"mitt", "vart", "min", "mina", "var", "vara", "mig",
	"oss", "arende", "arendet", "arenden", "arendena", "supportarende", "supportarendet",
	"support", "fraga", "fragan", "felanmalan", "bestallning", "bestallningen", "behorigheten",
	"detta", "denna", "har", "i", "pa", "om", "da", "sa", "lange", "my", "our", "us", "me",
	"case", "ticket", "question", "order", "request", "on", "with", "about", "this", "that",
	"it", "yet", "please", "going", "am", "minun", "asia", NULL};
/* Behind these stands the sender's name. */
static const char *const farewells[] = {
	"mvh", "halsning", "halsningar", "regards", "vanligen", "vh", NULL};

static bool is_number(const char *word)
{
	return strspn(word, "0123456789") == strlen(word);
}

/* Nothing of its own from word `from` on: "hur går det till att delegera?" is a question of use. */
static bool only_about_status(const struct words *w, size_t from)
{
	for (size_t i = from; i < w->n; i++) {
		if (among(farewells, w->v[i]))
			return w->n - i <= 4;
		if (!among(status_words, w->v[i]) && !among(polite_words, w->v[i]) &&
			!among(thanks_words, w->v[i]) && !is_number(w->v[i]))
			return false;
	}
	return true;
}

static bool asks_status(const struct words *w)
{
	static const char *const
		a[] = {"hur", "gar", "det", NULL},
		*const b[] = {"hur", "har", "det", "gatt", NULL},
		*const c[] = {"nagon", "uppdatering", NULL}, *const d[] = {"any", "news", NULL},
		*const e[] = {"any", "update", NULL}, *const f[] = {"any", "updates", NULL},
		*const g[] = {"hur", "langt", "har", "ni", "kommit", NULL},
		*const h[] = {"nar", "far", "jag", "svar", NULL}, *const i[] = {"status", NULL},
		*const j[] = {"hur", "ar", "laget", NULL},
		*const k[] = {"what", "is", "the", "status", NULL},
		*const l[] = {"nagot", "nytt", NULL}, *const m[] = {"miten", "menee", NULL},
		*const n[] = {"how", "is", "it", "going", NULL},
		*const o[] = {"how's", "it", "going", NULL},
		*const p[] = {"what's", "the", "status", NULL},
		*const q[] = {"any", "progress", NULL},
		*const r[] = {"nar", "far", "vi", "svar", NULL},
		*const x[] = {"nar", "kan", "jag", "fa", "svar", NULL},
		*const y[] = {"when", "will", "i", "get", "an", "answer", NULL},
		*const z[] = {"hur", "gar", "arendet", NULL};
	static const char *const *const all[] = {
		a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, x, y, z};
	struct words rest = *w;
	size_t from = 0;

	if (w->n > 14)
		return false;
	while (from < w->n && from < 2 && among(greetings, w->v[from]))
		from++;
	rest.n = w->n - from;
	memmove(rest.v, w->v + from, rest.n * sizeof(rest.v[0]));
	for (size_t s = 0; rest.n && s < ARRAY_LEN(all); s++) {
		if (starts_phrase(&rest, all[s]))
			return only_about_status(&rest, phrase_length(all[s]));
	}
	return false;
}

/* How many of the first words are the yes or the no itself ("det funkar", "nu fungerar det"). */
static size_t yes_at(const struct words *w)
{
	static const char *const lead[] = {"det", "nu", "allt", "hej", "it", "se", NULL};
	size_t i = 0;

	while (i < w->n && i < 2 && among(lead, w->v[i]))
		i++;
	if (i + 1 < w->n && among(went, w->v[i]) && among(well, w->v[i + 1]))
		return i + 2;
	if (i + 2 < w->n && among(went, w->v[i]) && strcmp(w->v[i + 1], "det") == 0 &&
		among(well, w->v[i + 2]))
		return i + 3;
	return i < w->n && among(yes_words, w->v[i]) ? i + 1 : 0;
}

/* "funkar inte", "fungerar fortfarande inte": `after` stands behind the word of success. */
static bool says_failure(const struct words *w, size_t after)
{
	size_t i = after;

	if (!among(success_words, w->v[after - 1]))
		return false;
	while (i < w->n && among(still_words, w->v[i]))
		i++;
	return i < w->n && among(not_words, w->v[i]);
}

static enum feedback read_yes(const struct words *w, size_t after)
{
	if (says_failure(w, after))
		return FEEDBACK_NO;
	/* "Ja, men ...", "ja, jag provar i morgon" are for a person. */
	if (has_any(w, after, doubt_words) || has_any(w, after, no_words))
		return FEEDBACK_YES_BUT;
	if (w->more || w->question || w->n > 30)
		return FEEDBACK_YES_BUT;
	return FEEDBACK_YES;
}

static enum feedback read_no(const struct words *w)
{
	static const char *const thanks[] = {"nej", "tack", NULL},
				 *const no_thanks[] = {"no", "thanks", NULL},
				 *const thank_you[] = {"no", "thank", NULL},
				 *const finnish[] = {"ei", "kiitos", NULL};

	if (starts_phrase(w, thanks) || starts_phrase(w, no_thanks) ||
		starts_phrase(w, thank_you) || starts_phrase(w, finnish) || says_solved(w, 1))
		return FEEDBACK_NO_THANKS;
	if (w->n > 1 && (strcmp(w->v[1], "inga") == 0 || strcmp(w->v[1], "ingen") == 0))
		return FEEDBACK_NO_THANKS;
	/* "Inte ..." as a first word begins a sentence; alone it is a no. */
	if (strcmp(w->v[0], "inte") == 0 && w->n > 1)
		return FEEDBACK_OTHER;
	return FEEDBACK_NO;
}

/* "Anna reagerade på ditt meddelande", "Anna reacted via Gmail". */
static bool is_reaction(const char *folded)
{
	static const char *const marks[] = {"reagerade via gmail", "reagerade pa ditt meddelande",
		"har reagerat pa", "reacted via gmail", "reacted to your message",
		"reagerade pa ditt mejl"};

	for (size_t i = 0; strlen(folded) < 400 && i < ARRAY_LEN(marks); i++) {
		if (strstr(folded, marks[i]))
			return true;
	}
	return false;
}

/* Without "/Karin" at the end. */
static const char *without_name(struct arena *arena, const char *text)
{
	char *own = text_trim(arena, arena_strdup(arena, text));
	char *slash = strrchr(own, '/');

	if (slash && slash > own && (slash[-1] == ' ' || slash[-1] == '\n') && slash[1] &&
		strlen(slash) <= NAME_BYTES && !strpbrk(slash, " \n"))
		*slash = '\0';
	return own;
}

static bool is_capital(const char *p)
{
	return (*p >= 'A' && *p <= 'Z') ||
	       ((unsigned char)p[0] == 0xC3 && (unsigned char)p[1] >= 0x80 &&
		       (unsigned char)p[1] <= 0x9E);
}

/* The same without a last line that is but a name ("Anna Lind", "//Anna"). */
static const char *without_name_below(struct arena *arena, const char *text)
{
	char *own = arena_strdup(arena, without_name(arena, text)), *last = strrchr(own, '\n');
	const char *p = last ? last + 1 : "";
	size_t words = 0;

	p += strspn(p, " /-");
	for (; *p; p += strspn(p, " "), words++) {
		if (!is_capital(p))
			return own;
		p += strcspn(p, " ");
	}
	if (words > 0 && words <= 3)
		*last = '\0';
	return own;
}

enum feedback feedback_read(struct arena *arena, const char *text)
{
	struct words w;
	size_t yes;

	/* A thumb that a program tells about closes and opens nothing. */
	if (is_reaction(text_fold(arena, text)))
		return FEEDBACK_THANKS;
	split_words(arena, text, &w);
	if (w.n == 0)
		return w.thumb ? FEEDBACK_THANKS : FEEDBACK_OTHER;
	/* "Svara JA", as the mail says it. */
	if (w.n == 2 && (strcmp(w.v[0], "svara") == 0 || strcmp(w.v[0], "svar") == 0 ||
				strcmp(w.v[0], "reply") == 0))
		w.v[0] = w.v[--w.n];
	if (among(no_words, w.v[0]))
		return read_no(&w);
	if (all_thanks(&w))
		return FEEDBACK_THANKS;
	struct words unsigned_words;
	split_words(arena, without_name_below(arena, text), &unsigned_words);
	if (asks_status(&unsigned_words))
		return FEEDBACK_STATUS;
	yes = yes_at(&w);
	if (yes)
		return read_yes(&w, yes);
	if (w.n <= 12 && strcmp(w.v[0], "ar") != 0 && says_solved(&w, 0) &&
		!has_any(&w, 0, doubt_words) && !w.question)
		return FEEDBACK_SOLVED;
	/* "Tack, nu fungerar det": thanks and a yes; only politeness besides. */
	if (among(thanks_words, w.v[0]) && has_any(&w, 1, yes_words) && only_polite(&w, 1) &&
		!has_any(&w, 0, doubt_words))
		return FEEDBACK_YES;
	return FEEDBACK_OTHER;
}

bool feedback_is_take(struct arena *arena, const char *text)
{
	struct words w;

	if (is_reaction(text_fold(arena, text)))
		return true;
	split_words(arena, without_name(arena, text), &w);
	if (w.n == 0)
		return w.thumb;
	if (w.n > TAKE_WORDS || w.question)
		return false;
	for (size_t i = 0; i < w.n; i++) {
		if (!among(take_words, w.v[i]) && !among(thanks_words, w.v[i]))
			return false;
	}
	return has_any(&w, 0, take_cores);
}

bool feedback_is_thanks(struct arena *arena, const char *text)
{
	struct words w;

	split_words(arena, text, &w);
	return all_thanks(&w);
}

bool feedback_is_ok(struct arena *arena, const char *text)
{
	struct words w;

	split_words(arena, text, &w);
	for (size_t i = 0; i < w.n; i++) {
		if (!among(ok_words, w.v[i]) && !among(thanks_words, w.v[i]) &&
			!among(polite_words, w.v[i]))
			return false;
	}
	return !w.question && !w.more && (w.thumb || has_any(&w, 0, ok_words));
}

bool feedback_is_plain(struct arena *arena, const char *text)
{
	struct words w;

	split_words(arena, without_name_below(arena, text), &w);
	return only_polite(&w, 0);
}
