/* Charset guess: statistics over high bytes, for mail that declares no charset, or one that is not
 * allowed.
 *
 * Called by charset.c. Must never decide for anything exotic on thin evidence: a Swedish mail has a
 * few single high bytes among letters, so every multibyte candidate must explain them all. */
#include "base/prelude.h"

#include "mail/charset_guess.h"

#include "base/text.h"

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

/* What the high bytes look like, pair by pair. */
struct guess_counts {
	size_t high;	    /* bytes >= 0x80 */
	size_t lone;	    /* high bytes with no high neighbour after them in a pair */
	size_t pairs;	    /* two high bytes */
	size_t pairs_bad;   /* pairs outside 0xa1..0xfe twice */
	size_t hangul;	    /* first byte 0xb0..0xc8: KS X 1001 syllables, also GB 2312 level 1 */
	size_t kana;	    /* first byte 0xa4 or 0xa5: EUC-JP kana */
	size_t gb_only;	    /* first byte 0xc9..0xf7: GB 2312 level 1 and 2, hanja in KS X 1001 */
	size_t cyr_1251;    /* 0xe0..0xff small letters of windows-1251 */
	size_t cyr_koi;	    /* 0xc0..0xdf small letters of KOI8-R */
	size_t words_high;  /* high byte that follows a high byte or stands at a word's start */
	size_t ascii_alpha; /* ASCII letters */
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
	for (size_t i = 0; i < in.n; i++) {
		unsigned char a = in.p[i];

		if (a < 0x80) {
			c->ascii_alpha += (a | 0x20) >= 'a' && (a | 0x20) <= 'z';
			continue;
		}
		c->high++;
		c->cyr_1251 += a >= 0xe0;
		c->cyr_koi += a >= 0xc0 && a <= 0xdf;
	}
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
	/* Cyrillic: words are made of high bytes altogether, small letters rule. */
	if (c.high > 12 && c.high > c.ascii_alpha) {
		if (c.cyr_1251 * 100 > c.high * 70)
			return "WINDOWS-1251";
		if (c.cyr_koi * 100 > c.high * 70)
			return "KOI8-R";
	}
	name = guess_double_byte(in, &c);
	return name ? name : "WINDOWS-1252";
}
