/* Language: a guess from common words (declared in mail/reply.h), used to choose the language of
 * the answer when the directory does not know it. "" when unsure: a wrong guess is worse than none.
 */
#include "base/prelude.h"

#include "mail/reply.h"

#include "base/arena.h"
#include "base/text.h"

#define MAX_LOOK 3000 /* bytes that are looked at: some 400 words tell enough */
#define MAX_WORD 24

struct language {
	const char *id;
	const char *words;  /* blank-separated, lower case; each counts one */
	const char *strong; /* words of this language alone; each counts three */
};

static const struct language languages[] = {
	{"sv",
		"och att det som en på är av för med till den har de inte om ett men var sig så "
		"från vi jag "
		"kan när nu du ni hur hej vad min mitt ska skulle eller finns får måste här där "
		"vara mvh hos",
		"och är för inte jag från hälsningar vänliga tack också något någon behöver går "
		"får måste "
		"varför åtgärda användare ärende inloggning hittar behörighet kommer"},
	{"en",
		"the and to of a in is it you that for on with this have be are not we can i my "
		"please from "
		"your was at or but hi hello if there has do does did work works working help how "
		"need why where who get new her his she they them been any",
		"the and you this that with please have thanks would cannot hello regards what "
		"when your "
		"from could does work works working how why where need help she they them their "
		"been"},
	{"fi",
		"ja on ei että se en tai kun niin mutta hei olen ole minä me he voi ovat joka myös "
		"kuin jos "
		"mitä miten nyt oli tämä sen hyvää päivää kiitos",
		"että hei kiitos terveisin mutta tämä minulla meillä voisitko pääse kirjautua "
		"ystävällisin "
		"miten myös olen päivää ei ja onko"},
	{"no",
		"og det som på er av for med til den har ikke om et men var seg så fra vi jeg kan "
		"når nå du hei "
		"hva skal eller kom må her der være",
		"ikke jeg hva vennlig hei noen også etter gjøre nå må fra meg bruker innlogging "
		"takk"},
	{"da",
		"og at det som på er af for med til den har ikke om et men var sig så fra vi jeg "
		"kan når nu du "
		"hej hvad skal eller må her der være",
		"af hvad venlig hilsen ikke jeg noget nogen også efter gøre mig bruger hvordan "
		"tak"},
	{"de",
		"und der die das ist nicht ich es ein zu in den mit auf für von wir sie dem des im "
		"eine bei kann "
		"hallo bitte danke auch wie aber",
		"und nicht ich ist bitte danke grüße für wir sie kann mit freundlichen werden "
		"können"},
	{"fr",
		"le la les de des et est un une que qui dans pour pas je vous nous il sur avec ne "
		"au ce bonjour "
		"merci plus mais mon votre",
		"bonjour merci vous nous est pas pour avec cordialement votre une dans je"},
	{"es",
		"el la los las de y que en un una es no por para con se lo su al me hola gracias "
		"pero más como "
		"mi está",
		"hola gracias está por para saludos puedo usted cuando también pero los las"},
};

#define LANGUAGES ARRAY_LEN(languages)

/* Which letters words of a list begin with, two by two: most words of a text are in no list, and this
 * tells so for nearly all of them without a search. */
struct begins {
	uint64_t bits[16];
};

static unsigned begin_of(const char *word)
{
	return ((unsigned char)word[0] * 31u + (word[1] == ' ' ? 0 : (unsigned char)word[1])) %
	       (16 * 64);
}

static void begins_add(struct begins *b, const char *list)
{
	for (const char *p = list; p; p = strchr(p, ' ')) {
		p += *p == ' ';
		b->bits[begin_of(p) / 64] |= UINT64_C(1) << begin_of(p) % 64;
	}
}

static bool begins_like(const struct begins *b, const char *word)
{
	return (b->bits[begin_of(word) / 64] >> begin_of(word) % 64 & 1) != 0;
}

static bool has_word(const char *list, const char *word, size_t n)
{
	for (const char *p = strstr(list, word); p; p = strstr(p + 1, word))
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static void count_word(
	const struct begins begins[LANGUAGES], const char *s, size_t n, int score[LANGUAGES])
{
	char word[MAX_WORD];

	if (n >= sizeof(word))
		return;
	memcpy(word, s, n);
	word[n] = '\0';
	for (size_t i = 0; i < LANGUAGES; i++)
		if (begins_like(&begins[i], word))
			score[i] += has_word(languages[i].words, word, n) +
				    2 * has_word(languages[i].strong, word, n);
}

const char *language_guess(struct arena *arena, const char *text)
{
	const char *lower = text_lower(arena, arena_strndup(arena, text, strnlen(text, MAX_LOOK)));
	int score[LANGUAGES] = {0};
	size_t best = 0, second = 1, words = 0;
	struct begins begins[LANGUAGES] = {0};

	for (size_t i = 0; i < LANGUAGES; i++) {
		begins_add(&begins[i], languages[i].words);
		begins_add(&begins[i], languages[i].strong);
	}
	for (const char *p = lower; *p;) {
		const char *start = p;

		while (is_letter(*p))
			p++;
		if (p > start && ++words)
			count_word(begins, start, (size_t)(p - start), score);
		else
			p++;
	}
	for (size_t i = 1; i < LANGUAGES; i++)
		if (score[i] > score[best])
			best = i;
	second = best == 0 ? 1 : 0;
	for (size_t i = 0; i < LANGUAGES; i++)
		if (i != best && score[i] > score[second])
			second = i;
	if (words < 3 || score[best] < 3 || score[best] * 4 <= score[second] * 5)
		return "";
	return languages[best].id;
}
