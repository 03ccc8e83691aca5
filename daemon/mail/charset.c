/* Charset: bytes in a named charset -> UTF-8, over an allow list.
 *
 * Called by everything in mail/ that has bytes with a charset. All that iconv knows of the charsets is read
 * into tables (charset_table.h) before the cage of the parser process closes; no descriptor is kept and none
 * opened later. What is not on the list, or not declared, is guessed (charset_guess.c); what cannot be
 * decoded becomes U+FFFD: reading a mail never fails for its charset. */
#include "base/prelude.h"

#include "mail/charset.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "mail/charset_guess.h"
#include "mail/charset_shift.h"
#include "mail/charset_table.h"

#include <iconv.h>

enum charset_kind {
	SINGLE,
	PAIRS,
	PAIRS_FOURS, /* GB18030 */
	ISO2022JP,
	EUCJP,
	ISO2022KR,
	HZ,
	UTF16,
	UTF16LE,
	UTF16BE,
	UTF7,
};

struct charset_name {
	const char *name;  /* canonical, what iconv is asked for */
	const char *label; /* other names in mail, separated by blanks, lower case */
	enum charset_kind kind;
};

/* iso-8859-1 and us-ascii are read as windows-1252, as all clients do: mail that says Latin-1 and
 * holds bytes 0x80..0x9f means the quotes and dashes of Windows. The same for the other pairs. */
static const struct charset_name charsets_allowed[] = {
	{"WINDOWS-1252",
		"iso-8859-1 iso8859-1 iso_8859-1 iso-8859-1-windows-3.1-latin-1 iso8859_1 latin1 "
		"latin-1 "
		"l1 ibm819 cp819 cp1252 cp-1252 windows1252 win-1252 ansi x-ansi iso-8859-1:1987",
		SINGLE},
	{"ISO-8859-2", "iso8859-2 iso_8859-2 latin2 latin-2 l2", SINGLE},
	{"ISO-8859-3", "iso8859-3 iso_8859-3 latin3", SINGLE},
	{"ISO-8859-4", "iso8859-4 iso_8859-4 latin4", SINGLE},
	{"ISO-8859-5", "iso8859-5 iso_8859-5 cyrillic", SINGLE},
	{"ISO-8859-6", "iso8859-6 iso_8859-6 arabic iso-8859-6-i iso-8859-6-e", SINGLE},
	{"ISO-8859-7", "iso8859-7 iso_8859-7 greek", SINGLE},
	{"ISO-8859-8", "iso8859-8 iso_8859-8 hebrew iso-8859-8-i iso-8859-8-e logical", SINGLE},
	{"ISO-8859-10", "iso8859-10 latin6", SINGLE},
	{"ISO-8859-13", "iso8859-13", SINGLE},
	{"ISO-8859-14", "iso8859-14 latin8", SINGLE},
	{"ISO-8859-15", "iso8859-15 iso_8859-15 latin9 latin-9 latin0", SINGLE},
	{"ISO-8859-16", "iso8859-16 latin10", SINGLE},
	{"WINDOWS-1250", "cp1250 cp-1250 windows1250", SINGLE},
	{"WINDOWS-1251", "cp1251 cp-1251 windows1251 win-1251", SINGLE},
	{"WINDOWS-1253", "cp1253 cp-1253", SINGLE},
	{"WINDOWS-1254", "cp1254 cp-1254 iso-8859-9 iso8859-9 iso_8859-9 latin5", SINGLE},
	{"WINDOWS-1255", "cp1255 cp-1255", SINGLE},
	{"WINDOWS-1256", "cp1256 cp-1256", SINGLE},
	{"WINDOWS-1257", "cp1257 cp-1257", SINGLE},
	{"WINDOWS-1258", "cp1258 cp-1258", SINGLE},
	{"CP874", "windows-874 tis-620 tis620 iso-8859-11 iso8859-11", SINGLE},
	{"KOI8-R", "koi8r koi8 cskoi8r", SINGLE},
	{"KOI8-U", "koi8u koi8-ru", SINGLE},
	{"MACINTOSH", "mac x-mac-roman macroman", SINGLE},
	{"MAC-CYRILLIC", "x-mac-cyrillic maccyrillic", SINGLE},
	{"MAC-CENTRALEUROPE", "x-mac-ce x-mac-centraleurroman mac-ce", SINGLE},
	{"IBM437", "cp437 437 ibm-437", SINGLE},
	{"IBM850", "cp850 850 ibm-850", SINGLE},
	{"IBM852", "cp852 852 ibm-852", SINGLE},
	{"IBM865", "cp865 865", SINGLE},
	{"IBM866", "cp866 866", SINGLE},
	{"CP932", "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j csshiftjis ms932 cp-932",
		PAIRS},
	{"EUC-JP", "euc-jp-ms x-euc-jp eucjp cseucpkdfmtjapanese", EUCJP},
	{"ISO-2022-JP", "iso-2022-jp-3 csiso2022jp iso-2022-jp-1 iso-2022-jp-2 jis", ISO2022JP},
	{"CP949",
		"euc-kr euckr ks_c_5601-1987 ks_c_5601 ks_c_5601-1989 ksc5601 ksc_5601 korean uhc "
		"windows-949 cseuckr",
		PAIRS},
	{"ISO-2022-KR", "csiso2022kr", ISO2022KR},
	{"GB18030",
		"gb2312 gbk gb_2312-80 csgb2312 x-gbk euc-cn cp936 cp-936 ms936 chinese gb-2312 "
		"gb2312-80 gb_2312",
		PAIRS_FOURS},
	{"HZ-GB-2312", "hz hzgb2312", HZ},
	{"CP950", "big5 big-5 cn-big5 x-x-big5 csbig5 big5hkscs big5-hkscs", PAIRS},
	{"UTF-16", "utf16 unicode ucs-2", UTF16},
	{"UTF-16LE", "utf16le unicodelittle", UTF16LE},
	{"UTF-16BE", "utf16be unicodebig", UTF16BE},
	/* Only where it is declared in these letters, never guessed; nothing reads the bytes again
	 * after decoding, so its old trick (markup hidden from filters) has no victim here. */
	{"UTF-7", "utf7", UTF7},
};

#define N_CHARSETS ARRAY_LEN(charsets_allowed)
#define N_PAIRS 4

struct charset_tables {
	bool there[N_CHARSETS]; /* SINGLE and PAIRS; false where this system lacks the charset */
	struct charset_table single[N_CHARSETS];
	struct charset_pairs pairs[N_PAIRS]; /* in the order of charsets_allowed */
	struct charset_fours fours;
};

struct charsets {
	const struct charset_tables *tables;
	struct charset_tables *own;
	int hint; /* index, -1 none */
};

static size_t pairs_index(size_t i)
{
	size_t n = 0;

	for (size_t j = 0; j < i; j++)
		n += charsets_allowed[j].kind == PAIRS || charsets_allowed[j].kind == PAIRS_FOURS;
	if (n >= N_PAIRS)
		abort();
	return n;
}

static void tables_read(struct charset_tables *t, size_t i)
{
	const struct charset_name *c = &charsets_allowed[i];
	iconv_t cd;

	if (c->kind > PAIRS_FOURS || (cd = iconv_open("UTF-8", c->name)) == (iconv_t)-1)
		return;
	charset_table_read(cd, &t->single[i]);
	if (c->kind != SINGLE)
		charset_pairs_read(cd, &t->pairs[pairs_index(i)]);
	if (c->kind == PAIRS_FOURS)
		charset_fours_read(cd, &t->fours);
	iconv_close(cd);
	t->there[i] = true;
}

size_t charset_tables_size(void)
{
	return sizeof(struct charset_tables);
}

void charset_tables_read(struct charset_tables *tables)
{
	for (size_t i = 0; i < N_CHARSETS; i++)
		tables_read(tables, i);
	if (!tables->there[0])
		abort();
}

struct charsets *charsets_use(const struct charset_tables *tables)
{
	struct charsets *cs = calloc(1, sizeof(*cs));

	if (!cs)
		abort();
	*cs = (struct charsets){.tables = tables, .hint = -1};
	return cs;
}

struct charsets *charsets_open(void)
{
	struct charset_tables *own = calloc(1, sizeof(*own));
	struct charsets *cs = charsets_use(own);

	if (!own)
		abort();
	charset_tables_read(own);
	cs->own = own;
	return cs;
}

void charsets_close(struct charsets **cs)
{
	if (*cs)
		free((*cs)->own);
	free(*cs);
	*cs = NULL;
}

const char *const *charset_names(void)
{
	static const char *const names[] = {"UTF-8", "WINDOWS-1252", "ISO-8859-2", "ISO-8859-3",
		"ISO-8859-4", "ISO-8859-5", "ISO-8859-6", "ISO-8859-7", "ISO-8859-8", "ISO-8859-10",
		"ISO-8859-13", "ISO-8859-14", "ISO-8859-15", "ISO-8859-16", "WINDOWS-1250",
		"WINDOWS-1251", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256",
		"WINDOWS-1257", "WINDOWS-1258", "CP874", "KOI8-R", "KOI8-U", "MACINTOSH",
		"MAC-CYRILLIC", "MAC-CENTRALEUROPE", "IBM437", "IBM850", "IBM852", "IBM865",
		"IBM866", "CP932", "EUC-JP", "ISO-2022-JP", "CP949", "ISO-2022-KR", "GB18030",
		"HZ-GB-2312", "CP950", "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-7", NULL};

	_Static_assert(
		ARRAY_LEN(names) == N_CHARSETS + 2, "every allowed charset and UTF-8 is named");
	return names;
}

/* True if `word` is one of the blank-separated words of `list`. */
static bool label_among(const char *list, const char *word, size_t len)
{
	while (*list) {
		size_t n = strcspn(list, " ");

		if (n == len && strncasecmp(list, word, n) == 0)
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

static int charset_index(const char *name, size_t len)
{
	for (size_t i = 0; i < N_CHARSETS; i++) {
		const struct charset_name *c = &charsets_allowed[i];

		if (strlen(c->name) == len && strncasecmp(c->name, name, len) == 0)
			return (int)i;
		if (label_among(c->label, name, len))
			return (int)i;
	}
	return -1;
}

static void decode_tables(const struct charset_tables *t, int i, struct bytes in, struct buf *out)
{
	enum charset_kind kind = charsets_allowed[i].kind;

	if (!t->there[i]) /* this system's iconv lacks it: what is ASCII in it can be read */
		buf_add(out, in.p, in.n);
	else if (kind == SINGLE)
		charset_table_decode(&t->single[i], in, out);
	else
		charset_pairs_decode(&t->single[i], &t->pairs[pairs_index((size_t)i)],
			kind == PAIRS_FOURS ? &t->fours : NULL, in, out);
}

static void decode_named(
	const struct charset_tables *t, const char *name, struct bytes in, struct buf *out)
{
	decode_tables(t, charset_index(name, strlen(name)), in, out);
}

static char *decode_index(const struct charsets *cs, int i, struct arena *arena, struct bytes in)
{
	struct buf out;
	char *text;

	buf_init(&out, in.n * 4 + 64);
	switch (charsets_allowed[i].kind) {
	case ISO2022JP:
		decode_named(cs->tables, "CP932", charset_from_iso2022jp(arena, in), &out);
		break;
	case EUCJP:
		decode_named(cs->tables, "CP932", charset_from_eucjp(arena, in), &out);
		break;
	case ISO2022KR:
		decode_named(cs->tables, "CP949", charset_from_iso2022kr(arena, in), &out);
		break;
	case HZ:
		decode_named(cs->tables, "GB18030", charset_from_hz(arena, in), &out);
		break;
	case UTF16:
	case UTF16LE:
	case UTF16BE:
		charset_utf16(in, charsets_allowed[i].kind != UTF16LE, &out);
		break;
	case UTF7:
		charset_utf7(in, &out);
		break;
	default:
		decode_tables(cs->tables, i, in, &out);
		break;
	}
	text = utf8_clean(arena, out.data, out.len);
	buf_release(&out);
	return text;
}

static char *decode_utf8(struct charsets *cs, struct arena *arena, struct bytes in, bool *guessed)
{
	const char *s = (const char *)in.p;

	/* "utf-8" on a mail that has not one correct sequence is a wrong label, not damaged UTF-8. */
	if (!utf8_valid(s, in.n) && !charset_has_utf8_sequence(in)) {
		*guessed = true;
		return decode_index(cs, 0, arena, in);
	}
	return utf8_clean(arena, s, in.n);
}

/* Cuts quotes, blanks and an RFC 2231 language from a charset label. */
static const char *label_trim(const char *name, size_t *len)
{
	name += strspn(name, " \t\"'");
	*len = strcspn(name, " \t\"'*;,");
	return name;
}

void charset_hint(struct charsets *cs, const char *name)
{
	size_t len = 0;

	name = label_trim(name ? name : "", &len);
	cs->hint = len ? charset_index(name, len) : -1;
	/* Latin-1 is what is guessed anyway, and said by many that mean something else. */
	if (cs->hint == 0 ||
		(cs->hint >= 0 && strncmp(charsets_allowed[cs->hint].name, "UTF", 3) == 0))
		cs->hint = -1;
}

static char *decode_guess(struct charsets *cs, struct arena *arena, struct bytes in, bool *guessed)
{
	const char *name = charset_guess(in);
	int i = name ? charset_index(name, strlen(name)) : -1;

	*guessed = true;
	if (i >= 0 && cs->hint >= 0)
		i = cs->hint;
	if (i >= 0)
		return decode_index(cs, i, arena, in);
	return utf8_clean(arena, (const char *)in.p, in.n);
}

/* A byte order mark that is correct in no other charset, with the zero bytes of ASCII behind it. */
static bool is_marked_utf16(struct bytes in)
{
	if (in.n < 4 || in.n % 2)
		return false;
	return (in.p[0] == 0xff && in.p[1] == 0xfe && in.p[3] == 0) ||
	       (in.p[0] == 0xfe && in.p[1] == 0xff && in.p[2] == 0);
}

/* Valid UTF-8 with a multibyte character in it is practically never of a charset of one byte a character;
 * in the double-byte ones it may be a word or two, so it must be wrong there besides. */
static bool is_utf8_instead(const struct charsets *cs, int i, struct arena *arena, struct bytes in)
{
	enum charset_kind kind = charsets_allowed[i].kind;

	if ((kind > EUCJP || kind == ISO2022JP) || !utf8_valid((const char *)in.p, in.n) ||
		!charset_has_utf8_sequence(in))
		return false;
	return kind == SINGLE || strstr(decode_index(cs, i, arena, in), "\xef\xbf\xbd");
}

static bool ascii_only(struct bytes in)
{
	unsigned char seen = 0;

	for (size_t i = 0; i < in.n; i++)
		seen |= in.p[i];
	return (seen & 0x80) == 0 && memchr(in.p, 0x1b, in.n) == NULL;
}

char *charset_decode(
	struct charsets *cs, struct arena *arena, const char *name, struct bytes in, bool *guessed)
{
	bool dummy, *g = guessed ? guessed : &dummy;
	size_t len = 0;
	int i;

	*g = false;
	if (in.n == 0)
		return arena_strdup(arena, "");
	name = label_trim(name ? name : "", &len);
	if (is_marked_utf16(in)) {
		*g = len < 6 || strncasecmp(name, "utf-16", 6) != 0;
		return decode_index(cs, charset_index("UTF-16", 6), arena, in);
	}
	if ((len == 5 && strncasecmp(name, "utf-8", 5) == 0) ||
		(len == 4 && strncasecmp(name, "utf8", 4) == 0))
		return decode_utf8(cs, arena, in, g);
	i = len ? charset_index(name, len) : -1;
	if (i < 0 && len > 2 && strncasecmp(name, "x-", 2) == 0)
		i = charset_index(name + 2, len - 2);
	/* "unicode" was meant as UTF-8 where no byte is zero. */
	if (i >= 0 && charsets_allowed[i].kind >= UTF16 && charsets_allowed[i].kind <= UTF16BE &&
		!memchr(in.p, '\0', in.n) && utf8_valid((const char *)in.p, in.n)) {
		*g = true;
		return utf8_clean(arena, (const char *)in.p, in.n);
	}
	if (i == 0 || i < 0) {
		/* Single-byte Latin, us-ascii, unknown: plain ASCII needs no iconv. */
		if (ascii_only(in))
			return utf8_clean(arena, (const char *)in.p, in.n);
	}
	if (i < 0)
		return decode_guess(cs, arena, in, g);
	if (is_utf8_instead(cs, i, arena, in)) {
		*g = true;
		return utf8_clean(arena, (const char *)in.p, in.n);
	}
	return decode_index(cs, i, arena, in);
}
