/* Charset: declared, declared wrongly, not declared; what is guessed and what is not allowed. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/charset.h"
#include "tests/unit/cmocka_test.h"

#include <iconv.h>

static struct arena *arena;
static struct charsets *charsets;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(MAX_ARENA_BYTES);
	charsets = charsets_open();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	charsets_close(&charsets);
	arena_free(&arena);
	return 0;
}

TEST(names_and_guesses)
{
	static const struct {
		const char *name, *in, *out;
		bool guessed;
	} cases[] = {
		{"utf-8", "h\303\245l", "h\303\245l", false},
		{"UTF8", "h\303\245l", "h\303\245l", false},
		{"iso-8859-1", "h\345l \223x\224", "h\303\245l \342\200\234x\342\200\235", false},
		{"\"ISO-8859-1\"", "h\345l", "h\303\245l", false},
		{"us-ascii", "hej", "hej", false},
		{"us-ascii", "h\345l", "h\303\245l", true},
		{"utf-8", "h\345l", "h\303\245l", true},			/* a wrong label */
		{"utf-8", "\303\245 h\345l", "\303\245 h\357\277\275l", false}, /* damaged */
		{"iso-8859-1", "h\303\245l", "h\303\245l", true},		/* is UTF-8 */
		{NULL, "h\345l", "h\303\245l", true},
		{"", "h\303\245l", "h\303\245l", true},
		{"no-such-charset", "h\345l", "h\303\245l", true},
		{"UTF-8//TRANSLIT", "h\345l", "h\303\245l", true},
		{"utf-7", "h+AOU-l +- x", "h\303\245l + x", false},
		{"unicode-1-1-utf-7", "h+AOU-l", "h+AOU-l", false},
		{"unicode", "h\303\245l", "h\303\245l", true},
		{"x-cp1251", "\357", "\320\277", false},
		{"koi8-r", "\320\317\315\317\335\330",
			"\320\277\320\276\320\274\320\276\321\211\321\214", false},
		{"iso-2022-jp", "\033$B=u$1\033(B!", "\345\212\251\343\201\221!", false},
		{NULL, "\033$B=u$1\033(B!", "\345\212\251\343\201\221!", true},
		{"iso-2022-jp", "\033(I1\033(B", "\357\275\261", false},
		{"euc-jp", "\275\365\244\261", "\345\212\251\343\201\221", false},
		{"shift_jis", "\217\225\202\257", "\345\212\251\343\201\221", false},
		{"gb2312", "\260\357\326\372", "\345\270\256\345\212\251", false},
		{"big5", "\300\260\247U", "\345\271\253\345\212\251", false},
		{"euc-kr", "\265\265\277\362", "\353\217\204\354\233\200", false},
		{"iso-2022-kr", "\033$)C\01655?r\017x", "\353\217\204\354\233\200x", false},
		{"hz-gb-2312", "~{0oVz~}~~x~\ny", "\345\270\256\345\212\251~xy", false},
		{"ibm852", "\210", "\305\202", false},
		{"x-mac-cyrillic", "\357", "\320\277", false},
		{"shift_jis", "\217\nx", "\357\277\275\nx", false}, /* the line end survives */
		{"windows-1258", "e\354", "e\314\201", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes in = {(const unsigned char *)cases[i].in, strlen(cases[i].in)};
		bool guessed;
		char *out = charset_decode(charsets, arena, cases[i].name, in, &guessed);

		if (strcmp(out, cases[i].out) != 0)
			fail_msg("case %zu: \"%s\"", i, out);
		if (guessed != cases[i].guessed)
			fail_msg("case %zu: guessed %d", i, guessed);
	}
}

/* Its bytes hold NUL, so it stands by itself. */
TEST(a_mark_tells_utf16)
{
	static const unsigned char little[] = {0xff, 0xfe, 'h', 0, 0xe5, 0};
	static const unsigned char big[] = {0xfe, 0xff, 0, 'h', 0, 0xe5};
	bool guessed;

	assert_string_equal(charset_decode(charsets, arena, "utf-8",
				    (struct bytes){little, sizeof(little)}, &guessed),
		"h\303\245");
	assert_true(guessed);
	assert_string_equal(charset_decode(charsets, arena, "utf-16",
				    (struct bytes){big, sizeof(big)}, &guessed),
		"h\303\245");
	assert_false(guessed);
}

TEST(long_undeclared_texts)
{
	/* "Добрый день, помогите", twice: bytes of windows-1251 */
	static const char russian[] =
		"\304\356\341\360\373\351 \344\345\355\374, \357\356\354\356\343\350\362\345 "
		"\354\355\345 "
		"\304\356\341\360\373\351 \344\345\355\374, \357\356\354\356\343\350\362\345";
	static const char swedish[] =
		"\305sa beh\366ver hj\344lp att \345tg\344rda \344rendet p\345 \366n";
	char *out;

	out = charset_decode(charsets, arena, NULL,
		(struct bytes){(const unsigned char *)russian, sizeof(russian) - 1}, NULL);
	assert_non_null(
		strstr(out, "\320\277\320\276\320\274\320\276\320\263\320\270\321\202\320\265"));
	out = charset_decode(charsets, arena, NULL,
		(struct bytes){(const unsigned char *)swedish, sizeof(swedish) - 1}, NULL);
	assert_non_null(strstr(out, "\303\244rendet p\303\245 \303\266n"));
}

struct undeclared {
	const char *name, *text; /* what iconv writes of it must be read as it was */
};

TEST(undeclared_scripts)
{
	static const char russian[] = "Добрый день! Подскажите, когда будет готов наш заказ.";
	static const struct undeclared cases[] = {
		{"WINDOWS-1251", russian},
		{"WINDOWS-1251", "Добрый день, как дела сегодня у вас дома"},
		{"KOI8-R", russian},
		{"ISO-8859-5", russian},
		{"IBM866", russian},
		{"KOI8-U", "Підкажіть, будь ласка, коли буде готове наше замовлення."},
		{"WINDOWS-1255", "שלום, מתי תהיה מוכנה ההזמנה שלנו? אנחנו מחכים כבר שבועיים."},
		{"WINDOWS-1253", "Καλημέρα σας, πότε θα είναι έτοιμη η παραγγελία μας;"},
		{"ISO-8859-6", "مرحبا، متى سيكون طلبنا جاهزا؟ نحن ننتظر منذ أسبوعين."},
		{"CP874", "สวัสดีครับ คำสั่งซื้อของเราจะพร้อมเมื่อไร เรารอมาสองสัปดาห์แล้ว"},
		{"BIG5", "您好，請問我們的訂單什麼時候可以出貨？我們已經等了兩個星期了。"},
		{"IBM850", "Hej! När blir vår beställning klar? Vi har väntat i två veckor."},
		{"MACINTOSH", "Hej! När blir vår beställning klar? Vi har väntat i två veckor."},
		{"WINDOWS-1252", "Hej! När blir vår beställning klar? Vi har väntat i två veckor."},
		{"WINDOWS-1252", "Hyvää päivää! Täällä tämä ei pääse sisään – äähh, näääin käy."},
		{"WINDOWS-1252", "Ça a été créé à Noël, déjà réglé, très fâché: éé èè àà ééé ççç."},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		iconv_t cd = iconv_open(cases[i].name, "UTF-8");
		char bytes[512], *out = bytes, *in = (char *)(uintptr_t)cases[i].text, *text;
		size_t left = strlen(in), room = sizeof(bytes);

		assert_ptr_not_equal(cd, (iconv_t)-1);
		assert_int_equal(iconv(cd, &in, &left, &out, &room), 0);
		iconv_close(cd);
		text = charset_decode(charsets, arena, NULL,
			(struct bytes){(unsigned char *)bytes, sizeof(bytes) - room}, NULL);
		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s: \"%s\"", cases[i].name, text);
	}
}

TEST(the_hint_of_the_same_mail)
{
	struct bytes in = {(const unsigned char *)"alt\375n", 5};

	charset_hint(charsets, "iso-8859-9");
	assert_string_equal(charset_decode(charsets, arena, NULL, in, NULL), "alt\304\261n");
	charset_hint(charsets, "utf-7"); /* never for what is not declared */
	assert_string_equal(charset_decode(charsets, arena, NULL, in, NULL), "alt\303\275n");
	charset_hint(charsets, NULL);
	assert_string_equal(charset_decode(charsets, arena, NULL, in, NULL), "alt\303\275n");
}

TEST(undeclared_latin_of_others)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		/* Polish, as Windows and as ISO write it */
		{"has\263o wygas\263o, prosz\352 o nowe, dzi\352kuj\352",
			"hasło wygasło, proszę o nowe, dziękuję"},
		{"wype\263niam w\261tek, si\352 nie da, \266wi\352ta",
			"wypełniam wątek, się nie da, święta"},
		{"p\370ihl\341\232en\355 nefunguje, \236\341d\341m o zm\354nu",
			"přihlášení nefunguje, žádám o změnu"},
		{"korisni\350ko ime, lozinka isti\350e, vi\232e ne mo\236emo",
			"korisničko ime, lozinka ističe, više ne možemo"},
		{"az id\365pont el\365tt k\351rem a m\373k\366d\351st, \341t\355rni",
			"az időpont előtt kérem a működést, átírni"},
		{"par\343s\343, r\343spunde\272ti, a\272tept\343m",
			"parăsă, răspundeşti, aşteptăm"},
		{"giri\376 yap\375lam\375yor, de\360i\376iklik", "giriş yapılamıyor, değişiklik"},
		/* not these: the west, and too little to tell */
		{"\365petaja t\366\366 k\374simus", "õpetaja töö küsimus"},
		{"a\360gangur, l\375sing, \376a\360 \341 a\360 virka",
			"aðgangur, lýsing, það á að virka"},
		{"ao\373t, s\373r, M. M\374ller, r\351union", "août, sûr, M. Müller, réunion"},
		{"f\345r inte upp sk\344rmen p\345 v\345rdrum 3, 40 m\263",
			"får inte upp skärmen på vårdrum 3, 40 m³"},
		{"has\263o", "has³o"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(charset_decode(charsets, arena, NULL,
					    (struct bytes){(const unsigned char *)cases[i].in,
						    strlen(cases[i].in)},
					    NULL),
			cases[i].out);
}

TEST(utf8_called_something_else)
{
	static const char *const names[] = {"big5", "shift_jis", "windows-1250", "iso-8859-15"};
	const char *text = "Är dörren låst? 门锁了吗";

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		bool guessed;

		assert_string_equal(
			charset_decode(charsets, arena, names[i],
				(struct bytes){(const unsigned char *)text, strlen(text)},
				&guessed),
			text);
		assert_true(guessed);
	}
	/* Two characters of GBK that are two of UTF-8 as well. */
	assert_string_equal(
		charset_decode(charsets, arena, "gbk",
			(struct bytes){(const unsigned char *)"\301\252\315\250", 4}, NULL),
		"联通");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_guesses),
		cmocka_unit_test(a_mark_tells_utf16),
		cmocka_unit_test(long_undeclared_texts),
		cmocka_unit_test(undeclared_scripts),
		cmocka_unit_test(the_hint_of_the_same_mail),
		cmocka_unit_test(undeclared_latin_of_others),
		cmocka_unit_test(utf8_called_something_else),
	};
	return cmocka_run_group_tests_name("charset", tests, set_up, tear_down);
}
