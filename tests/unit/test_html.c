/* HTML and its kin as text: HTML, RTF, flowed text, invitations. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/limits.h"
#include "mail/body_choice.h"
#include "mail/charset.h"
#include "mail/enriched.h"
#include "mail/flowed.h"
#include "mail/html.h"
#include "mail/ics.h"
#include "mail/rtf.h"
#include "tests/unit/cmocka_test.h"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(MAX_ARENA_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

TEST(html)
{
	static const char *const cases[][2] = {
		{"<p>Hej</p><p>d&aring;</p>", "Hej\n\nd\303\245\n"},
		{"<p class=MsoNormal>Hej</p><p class=MsoNormal>d\303\245</p>", "Hej\nd\303\245\n"},
		{"<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>",
			"a\n\nb\n"},
		{"a<br>b<br><br>c", "a\nb\n\nc\n"},
		{"  a \n b\t<b>c</b>d ", "a b cd\n"},
		{"<ul><li>ett<li>tv\303\245</ul>x", "- ett\n- tv\303\245\n\nx\n"},
		{"<ol><li>ett</li><li>tv\303\245<ul><li>inre</ul></ol>",
			"1. ett\n2. tv\303\245\n  - inre\n"},
		{"<table><tr><th>a<th>b<tr><td>1<td>2</table>", "a | b\n1 | 2\n"},
		{"<a href='https://kalix.example/x'>h\303\244r</a>",
			"h\303\244r <https://kalix.example/x>\n"},
		{"<a href='https://kalix.example/'>kalix.example</a>", "kalix.example\n"},
		{"<a href='mailto:a@b.example'>a@b.example</a>", "a@b.example\n"},
		{"<a href='javascript:x'>y</a><a href='#a'>z</a>", "yz\n"},
		{"<blockquote type=cite>a<br>b</blockquote>c", "> a\n> b\nc\n"},
		{"x<blockquote type=cite><p>a</p><p>b</p></blockquote><p>c</p>",
			"x\n\n> a\n>\n> b\n\nc\n"},
		{"<blockquote style='border: none'>a</blockquote>", "a\n"},
		{"<div style='display: none'>dold <b>x</b></div>syns", "syns\n"},
		{"<span style=\"font-size:0px\">dold</span>syns<span "
		 "style='font-size:0.9em'>!</span>",
			"syns!\n"},
		{"<p hidden>dold</p>syns", "syns\n"},
		{"<style>p{}</style><script>if (a</b) x</script><title>t</title>syns", "syns\n"},
		{"<!-- <b>x</b> -->a<![if !mso]>b<![endif]>", "ab\n"},
		{"<pre>a\n  b</pre>", "a\n  b\n"},
		{"a<hr>b", "a\n________________________________\nb\n"},
		{"<img alt='Bild &amp; text' src=x><img alt='' src=y>", "[Bild & text]\n"},
		{"&lt;b&gt; &#229;&#xE4;&#150; &bogus; &amp",
			"<b> \303\245\303\244\342\200\223 &bogus; &\n"},
		{"a < b <c", "a < b\n"},
		{"<p a=\"b>c\">d", "d\n"},
		{"fak\302\255tu\342\200\213ra", "faktura\n"},
		{"</p></div>x", "x\n"},
		{"", ""},
	};
	bool large;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_string_equal(html_to_text(arena, cases[i][0], 1000, &large), cases[i][1]);
		assert_false(large);
	}
	assert_true(strlen(html_to_text(arena, "abc def ghi jkl", 8, &large)) <= 8);
	assert_true(large);
}

TEST(rtf)
{
	static const char *const cases[][2] = {
		{"{\\rtf1\\ansi\\ansicpg1252 Hej p\\'e5 dig\\par x}", "Hej p\303\245 dig\nx"},
		{"{\\rtf1{\\fonttbl{\\f0 Arial;}}\\uc1 \\u229?\\tab\\{b\\}}", "\303\245\t{b}"},
		{"{\\rtf1\\fromhtml1{\\*\\htmltag84 <b>}\\htmlrtf {\\b \\htmlrtf0 "
		 "hej{\\*\\htmltag92 </b>}}",
			"hej"},
		{"{\\rtf1 a{\\*\\okand b}c", "ac"},
		{"", ""},
	};
	struct charsets *charsets = charsets_open();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes in = {(const unsigned char *)cases[i][0], strlen(cases[i][0])};

		assert_string_equal(rtf_to_text(arena, charsets, in, 1000), cases[i][1]);
	}
	charsets_close(&charsets);
}

TEST(flowed)
{
	static const char *const cases[][2] = {
		{"en \nrad\nny\n", "en rad\nny\n"},
		{"> ett \n> tv\303\245\n>> djupt \nyta\n", "> ett tv\303\245\n>> djupt \nyta\n"},
		{"text \n-- \nBo\n", "text \n-- \nBo\n"},
		{" >ej citat\n", ">ej citat\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(flowed_join(arena, cases[i][0], false), cases[i][1]);
	assert_string_equal(flowed_join(arena, "sam \nman\n", true), "samman\n");
}

TEST(enriched)
{
	static const char *const cases[][2] = {
		{"<bold>Hej</bold>\nd\303\245", "Hej d\303\245"},
		{"a\n\nb\n\n\nc", "a\nb\n\nc"},
		{"1 << 2 < 3 <>", "1 < 2 < 3 <>"},
		{"<color><param>red</param>r\303\266d</color>", "r\303\266d"},
		{"<nofill>a\nb</nofill>\nc", "a\nb c"},
		{"<param>a<param>b</param></param></param>c", "c"},
		{"<bold", "<bold"},
		{"</>", "</>"},
		{"", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(enriched_to_text(arena, cases[i][0], false), cases[i][1]);
	assert_string_equal(
		enriched_to_text(arena, "a\nb<nl><lt>c<comment>d</comment>", true), "a b\n<c");
	assert_string_equal(enriched_to_text(arena, "a<<b", true), "a<<b");
}

TEST(invitations)
{
	static const char *const cases[][2] = {
		{"BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Drift\\, "
		 "m\303\266te\nDTSTART;TZID="
		 "\"Europe/Stockholm\":20260304T100000\nDTEND;TZID=Europe/"
		 "Stockholm:20260304T110000\nLOCATION:Rum "
		 "1\nORGANIZER;CN=\"Bo Ek\":mailto:bo@kalix.example\nEND:VEVENT\n",
			"[REQUEST] Drift, m\303\266te · 2026-03-04 10:00–11:00 Europe/Stockholm · "
			"Rum 1 · Bo Ek"},
		{"BEGIN:VEVENT\nSUMMARY:l\303\245n\n "
		 "gt\nDTSTART:20260304T100000Z\nDTEND:20260305T110000Z\nRRULE:F"
		 "\nEND:VEVENT\n",
			"l\303\245ngt · 2026-03-04 10:00–2026-03-05 11:00 UTC ↻"},
		{"BEGIN:VEVENT\nSTATUS:CANCELLED\nSUMMARY:x\nDTSTART;VALUE=DATE:20260304\nBEGIN:"
		 "VALARM\nSUMMARY:y\n"
		 "END:VALARM\n",
			"[CANCEL] x · 2026-03-04"},
		{"BEGIN:VTODO\nSUMMARY:x\n", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(ics_line(arena, cases[i][0]), cases[i][1]);
}

TEST(which_alternative)
{
	char plain[2000] = "", html[2000] = "";

	assert_false(body_html_is_better(arena, "hej", "hej"));
	assert_true(body_html_is_better(arena, " \n", "hej"));
	assert_false(body_html_is_better(arena, "hej", ""));
	assert_true(body_html_is_better(arena, "Your client cannot show HTML.", "hej"));
	assert_true(
		body_html_is_better(arena, "sam\nman sam\nman sam\nman", "samman samman samman"));
	for (int i = 0; i < 60; i++) {
		snprintf(plain + strlen(plain), 30, "rad nummer %d ", i);
		snprintf(html + strlen(html), 30, "helt annat %d ", i * 7);
	}
	assert_false(body_html_is_better(arena, plain, plain));
	assert_true(body_html_is_better(arena, plain, html));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html),
		cmocka_unit_test(rtf),
		cmocka_unit_test(flowed),
		cmocka_unit_test(enriched),
		cmocka_unit_test(invitations),
		cmocka_unit_test(which_alternative),
	};
	return cmocka_run_group_tests_name("html", tests, set_up, tear_down);
}
