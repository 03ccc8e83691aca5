/* Charset guess: statistics over high bytes, for mail that declares no charset, or one that is not
 * allowed.
 *
 * Called by charset.c. Must never decide for anything exotic on thin evidence: a Swedish mail has a
 * few single high bytes among letters, so every multibyte candidate must explain them all. */
#include "base/prelude.h"

#include "mail/charset_guess.h"

#include "base/text.h"
#include "mail/charset_latin.h"

#define GUESS_WINDOW (64u << 10)

bool charset_has_utf8_sequence(struct bytes in)
{
	uint32_t code;

	for (size_t i = 0; i < in.n;) {
		size_t step;

		if (in.p[i] < 0x80) {
			i++;
			continue;
		}
		step = utf8_next((const char *)in.p + i, in.n - i, &code);
		if (step > 1)
			return true;
		i++;
	}
	return false;
}

/* What the high bytes look like, one by one and pair by pair. */
struct guess_counts {
	size_t of[256];	  /* each byte, but for those inside HTML tags */
	size_t high;	  /* bytes >= 0x80 */
	size_t run;	  /* of them directly behind another: words are made of them */
	size_t c1;	  /* 0x80..0x9f */
	size_t lone;	  /* high bytes with no high neighbour after them in a pair */
	size_t pairs;	  /* two high bytes */
	size_t pairs_bad; /* pairs outside 0xa1..0xfe twice */
	size_t hangul;	  /* first byte 0xb0..0xc8: KS X 1001 syllables, also GB 2312 level 1 */
	size_t kana;	  /* first byte 0xa4 or 0xa5: EUC-JP kana */
	size_t gb_only;	  /* first byte 0xc9..0xf7: GB 2312 level 1 and 2, hanja in KS X 1001 */
};

static void count_pairs(struct bytes in, struct guess_counts *c)
{
	for (size_t i = 0; i < in.n; i++) {
		unsigned char a = in.p[i];
		unsigned char b = i + 1 < in.n ? in.p[i + 1] : 0;

		if (a < 0x80)
			continue;
		if (b < 0x80) {
			c->lone++;
			continue;
		}
		c->pairs++;
		if (a < 0xa1 || a == 0xff || b < 0xa1 || b == 0xff)
			c->pairs_bad++;
		else if (a >= 0xb0 && a <= 0xc8)
			c->hangul++;
		else if (a == 0xa4 || a == 0xa5)
			c->kana++;
		else if (a >= 0xc9 && a <= 0xf7)
			c->gb_only++;
		i++;
	}
}

static void count_bytes(struct bytes in, struct guess_counts *c)
{
	bool tag = false;

	for (size_t i = 0; i < in.n; i++) {
		unsigned char a = in.p[i];

		if (a == '<' && i + 1 < in.n && ((in.p[i + 1] | 0x20) >= 'a' || in.p[i + 1] == '/'))
			tag = true;
		else if (a == '>')
			tag = false;
		if (tag)
			continue;
		c->of[a]++;
		c->high += a >= 0x80;
		c->run += a >= 0x80 && i > 0 && in.p[i - 1] >= 0x80;
		c->c1 += a >= 0x80 && a < 0xa0;
	}
}

/* The letters that a script uses most, in each of its charsets: of the high bytes of a text they are at
 * least so many of a hundred. A text of pairs (Chinese) has no such favourites. */
static const struct {
	const char *name;
	unsigned char letters[8];
	unsigned least;
} scripts[] = {
	{"WINDOWS-1251", {0xee, 0xe5, 0xe0, 0xe8, 0xed, 0xf2, 0xf1, 0xf0}, 42},
	{"KOI8-R", {0xcf, 0xc5, 0xc1, 0xc9, 0xce, 0xd4, 0xd3, 0xd2}, 42},
	{"ISO-8859-5", {0xde, 0xd5, 0xd0, 0xd8, 0xdd, 0xe2, 0xe1, 0xe0}, 42},
	{"IBM866", {0xae, 0xa5, 0xa0, 0xa8, 0xad, 0xe2, 0xe1, 0xe0}, 42},
	{"WINDOWS-1255", {0xe9, 0xe5, 0xe4, 0xec, 0xe0, 0xf8, 0xfa, 0xee}, 46},
	{"WINDOWS-1253", {0xe1, 0xef, 0xe9, 0xf4, 0xe5, 0xf3, 0xed, 0xe7}, 42},
	{"WINDOWS-1256", {0xc7, 0xe1, 0xe3, 0xe4, 0xed, 0xe6, 0xd1, 0xca}, 46},
	{"ISO-8859-6", {0xc7, 0xe4, 0xe5, 0xe6, 0xea, 0xe8, 0xd1, 0xca}, 46},
	{"CP874", {0xd2, 0xb9, 0xc3, 0xcd, 0xa1, 0xe0, 0xa7, 0xd1}, 34},
};

static size_t sum_of(const struct guess_counts *c, unsigned from, unsigned to)
{
	size_t n = 0;

	for (unsigned i = from; i <= to; i++)
		n += c->of[i];
	return n;
}

/* Hebrew has no capitals, and ends where Russian has five more letters. */
static bool is_not_hebrew(const struct guess_counts *c)
{
	return (sum_of(c, 0xc0, 0xdf) + sum_of(c, 0xfb, 0xfc) + c->of[0xff]) * 50 > c->high;
}

static const char *guess_script(const struct guess_counts *c)
{
	size_t best = 0;
	const char *name = NULL;

	/* In Latin text high bytes stand alone between others. */
	if (c->high <= 12 || c->run * 2 < c->high)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		size_t n = 0, kinds = 0;

		for (size_t k = 0; k < sizeof(scripts[i].letters); k++) {
			n += c->of[scripts[i].letters[k]];
			kinds += c->of[scripts[i].letters[k]] > 0;
		}
		if (strcmp(scripts[i].name, "WINDOWS-1255") == 0 && is_not_hebrew(c))
			continue;
		/* "hyvää päivää" is but one letter. */
		if (kinds >= 6 && n > best && n * 100 >= c->high * scripts[i].least) {
			best = n;
			name = scripts[i].name;
		}
	}
	if (!name)
		return NULL;
	/* Old Macs have the same small letters and other capitals. */
	if (strcmp(name, "WINDOWS-1251") == 0 && c->c1 && c->c1 * 5 < c->high &&
		sum_of(c, 0xc0, 0xdd) == 0)
		return "MAC-CYRILLIC";
	if (strcmp(name, "KOI8-R") == 0 && c->of[0xa4] + c->of[0xa6] + c->of[0xa7] > 0)
		return "KOI8-U";
	return name;
}

/* Swedish from before Windows: in its letters where Windows has signs that stand in no word. */
static const char *guess_old_swedish(struct bytes in, const struct guess_counts *c)
{
	size_t dos = c->of[0x84] + c->of[0x86] + c->of[0x94];
	size_t mac = c->of[0x8a] + c->of[0x8c] + c->of[0x9a];
	size_t inside = 0;

	if (c->c1 < 3 || (c->high - c->c1) * 10 > c->high || c->run * 4 > c->high ||
		(dos > mac ? dos : mac) * 10 < c->c1 * 7)
		return NULL;
	for (size_t i = 1; i + 1 < in.n; i++)
		inside += in.p[i] >= 0x80 && (in.p[i - 1] | 0x20) >= 'a' &&
			  (in.p[i - 1] | 0x20) <= 'z' && (in.p[i + 1] | 0x20) >= 'a' &&
			  (in.p[i + 1] | 0x20) <= 'z';
	if (inside * 2 < c->high)
		return NULL;
	return dos > mac ? "IBM850" : "MACINTOSH";
}

/* Big5: the second byte may be ASCII; three of four first bytes are of the common characters. */
static bool fits_big5(struct bytes in)
{
	size_t pairs = 0, common = 0, low = 0;

	for (size_t i = 0; i < in.n; i++) {
		unsigned char a = in.p[i], b = i + 1 < in.n ? in.p[i + 1] : 0;

		if (a < 0x80)
			continue;
		if (i + 1 >= in.n)
			break;
		if (a < 0xa1 || a > 0xf9 || b < 0x40 || (b > 0x7e && b < 0xa1) || b == 0xff)
			return false;
		pairs++;
		common += a >= 0xa4 && a <= 0xc6;
		low += b < 0x80;
		i++;
	}
	return pairs >= 8 && common * 4 >= pairs * 3 && low * 6 >= pairs;
}

/* Shift_JIS: lead 0x81..0x9f or 0xe0..0xef, trail 0x40..0xfc; half-width kana stand alone. */
static bool fits_shift_jis(struct bytes in)
{
	size_t kana_rows = 0, pairs = 0;

	for (size_t i = 0; i < in.n; i++) {
		unsigned char a = in.p[i];
		unsigned char b = i + 1 < in.n ? in.p[i + 1] : 0;

		if (a < 0x80)
			continue;
		if (a >= 0xa1 && a <= 0xdf)
			return false;
		if (a == 0x80 || a == 0xa0 || a > 0xef || b < 0x40 || b == 0x7f || b > 0xfc)
			return i + 1 >= in.n && pairs > 4 && kana_rows > 0;
		pairs++;
		kana_rows += a == 0x82 || a == 0x83;
		i++;
	}
	return pairs > 4 && kana_rows * 4 > pairs;
}

static const char *guess_double_byte(struct bytes in, const struct guess_counts *c)
{
	if (fits_shift_jis(in))
		return "CP932";
	if (fits_big5(in))
		return "CP950";
	/* Nearly everything in pairs, and more pairs than a name with umlauts could give. */
	if (c->pairs < 8 || c->lone * 20 > c->pairs || c->pairs_bad * 20 > c->pairs)
		return NULL;
	if (c->kana * 4 > c->pairs)
		return "EUC-JP";
	if (c->hangul * 10 >= c->pairs * 8)
		return "CP949";
	if ((c->hangul + c->gb_only) * 10 >= c->pairs * 7)
		return "GB18030";
	return NULL;
}

const char *charset_guess(struct bytes in)
{
	struct guess_counts c = {0};
	const char *name;

	if (utf8_valid((const char *)in.p, in.n)) {
		if (memmem(in.p, in.n, "\x1b$B", 3) || memmem(in.p, in.n, "\x1b$@", 3))
			return "ISO-2022-JP";
		return NULL;
	}
	if (in.n > GUESS_WINDOW)
		in.n = GUESS_WINDOW;
	if (charset_has_utf8_sequence(in)) {
		/* Damaged UTF-8 only if the correct sequences are the rule. */
		size_t good = 0, bad = 0;
		uint32_t code;

		for (size_t i = 0; i < in.n;) {
			size_t step = in.p[i] < 0x80
					      ? 1
					      : utf8_next((const char *)in.p + i, in.n - i, &code);

			good += step > 1;
			bad += step == 0;
			i += step ? step : 1;
		}
		if (good > 4 * bad)
			return NULL;
	}
	count_bytes(in, &c);
	count_pairs(in, &c);
	name = guess_script(&c);
	if (!name)
		name = guess_old_swedish(in, &c);
	if (name)
		return name;
	name = guess_double_byte(in, &c);
	if (!name)
		name = charset_guess_latin(in);
	return name ? name : "WINDOWS-1252";
}
