/* Charset latin: Polish, Czech, Slovak, Croatian, Hungarian, Romanian and Turkish that declare no charset.
 *
 * Called by charset_guess.c, where it would say windows-1252. Most mail is Swedish, Finnish, Norwegian,
 * German or French in windows-1252: none of it may be read as anything else. So a language counts only
 * where it explains every letter, and some of its marks (bytes that are a sign, or a letter seldom seen
 * there, in windows-1252) stand between two letters of a word. */
#include "base/prelude.h"

#include "mail/charset_latin.h"

struct latin {
	const char *charset;
	const char *letters; /* all high bytes that its text has, but for quotes and dashes */
	const char *marks;   /* of them, those that tell it from windows-1252 */
	unsigned marks_least, kinds; /* so many inside words, and so many different ones */
	const char *also[3];	     /* one of each must be there, "" none */
};

static const struct latin latins[] = {
	/* Polish */
	{"WINDOWS-1250", "\xa5\xb9\xc6\xe6\xca\xea\xa3\xb3\xd1\xf1\xd3\xf3\x8c\x9c\x8f\x9f\xaf\xbf",
		"\xa5\xb9\xa3\xb3\x8c\x9c\x8f\x9f\xaf\xbf\xea\xe6", 3, 2,
		{"\xb9\xb3\x9c\xbf", "", ""}},
	{"ISO-8859-2", "\xa1\xb1\xc6\xe6\xca\xea\xa3\xb3\xd1\xf1\xd3\xf3\xa6\xb6\xac\xbc\xaf\xbf",
		"\xa1\xb1\xa3\xb3\xa6\xb6\xac\xbc\xaf\xbf\xea\xe6", 3, 2,
		{"\xb1\xb3\xb6\xbf", "", ""}},
	/* Czech, Slovak */
	{"WINDOWS-1250",
		"\xc1\xe1\xc9\xe9\xcd\xed\xd3\xf3\xda\xfa\xdd\xfd\xc8\xe8\xcf\xef\xcc\xec\xd2\xf2"
		"\xd8\xf8\x8a\x9a\x8d\x9d\xd9\xf9\x8e\x9e\xbc\xbe\xe4\xf4",
		"\xe8\xef\xec\xf2\xf8\x9a\x9d\xf9\x9e\xbe", 3, 3, {"\x9a\x9e\xf8", "", ""}},
	{"ISO-8859-2",
		"\xc1\xe1\xc9\xe9\xcd\xed\xd3\xf3\xda\xfa\xdd\xfd\xc8\xe8\xcf\xef\xcc\xec\xd2\xf2"
		"\xd8\xf8\xa9\xb9\xab\xbb\xd9\xf9\xae\xbe\xa5\xb5\xe4\xf4",
		"\xe8\xef\xec\xf2\xf8\xb9\xbb\xf9\xbe\xb5", 3, 3, {"\xb9\xbe\xf8", "", ""}},
	/* Croatian, Slovene */
	{"WINDOWS-1250", "\xc8\xe8\xc6\xe6\xd0\xf0\x8a\x9a\x8e\x9e", "\xe8\xe6\xf0\x9a\x9e", 3, 3,
		{"\x9a", "\x9e", ""}},
	{"ISO-8859-2", "\xc8\xe8\xc6\xe6\xd0\xf0\xa9\xb9\xae\xbe", "\xe8\xe6\xf0\xb9\xbe", 3, 3,
		{"\xb9", "\xbe", ""}},
	/* Hungarian: Estonian has no acute accents, Portuguese no umlauts, French no tilde */
	{"WINDOWS-1250", "\xc1\xe1\xc9\xe9\xcd\xed\xd3\xf3\xd6\xf6\xda\xfa\xdc\xfc\xd5\xf5\xdb\xfb",
		"\xf5\xfb", 1, 1, {"\xf5", "\xe1\xed\xf3\xfa", "\xf6\xfc"}},
	/* Romanian */
	{"WINDOWS-1250", "\xc3\xe3\xc2\xe2\xce\xee\xaa\xba\xde\xfe", "\xe3\xee\xba\xfe", 3, 2,
		{"\xba\xfe", "", ""}},
	/* Turkish: Icelandic has acute accents */
	{"WINDOWS-1254", "\xd0\xf0\xdd\xfd\xde\xfe\xdc\xfc\xd6\xf6\xc7\xe7\xc2\xe2\xce\xee\xdb\xfb",
		"\xf0\xfd\xfe", 3, 2, {"\xfd\xfe", "", ""}},
};

/* Quotes, dashes, the euro and blanks of Windows, paragraph, degree and the quotes of the continent. */
static bool is_neutral(unsigned char c)
{
	return memchr("\x80\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\xa0\xa7\xb0\xab\xbb", c, 16) !=
	       NULL;
}

static bool is_letter(unsigned char c)
{
	return c >= 0x80 || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool has_one(const size_t *of, const char *set)
{
	for (const char *p = set; *p; p++)
		if (of[(unsigned char)*p])
			return true;
	return *set == '\0';
}

/* Each byte of the text, and those of them between two letters. */
struct latin_counts {
	size_t all[256], inside[256];
};

static bool explains(const struct latin *l, const struct latin_counts *c)
{
	size_t marks = 0, kinds = 0;

	for (unsigned i = 0x80; i < 0x100; i++)
		if (c->all[i] && !strchr(l->letters, (int)i) && !is_neutral((unsigned char)i))
			return false;
	for (const char *p = l->marks; *p; p++) {
		marks += c->inside[(unsigned char)*p];
		kinds += c->inside[(unsigned char)*p] > 0;
	}
	return marks >= l->marks_least && kinds >= l->kinds && has_one(c->all, l->also[0]) &&
	       has_one(c->all, l->also[1]) && has_one(c->all, l->also[2]);
}

const char *charset_guess_latin(struct bytes in)
{
	struct latin_counts c = {0};

	for (size_t i = 0; i < in.n; i++) {
		c.all[in.p[i]]++;
		if (in.p[i] >= 0x80 && i > 0 && i + 1 < in.n && is_letter(in.p[i - 1]) &&
			is_letter(in.p[i + 1]))
			c.inside[in.p[i]]++;
	}
	for (size_t i = 0; i < ARRAY_LEN(latins); i++)
		if (explains(&latins[i], &c))
			return latins[i].charset;
	return NULL;
}
