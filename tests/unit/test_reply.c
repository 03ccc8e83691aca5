/* Reply: the sender's own words, and nobody else's. The second half is RELIABILITY row 9: commands
 * in quoted text under every introduction known. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/reply.h"
#include "tests/unit/cmocka_test.h"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct reply_text split(const char *text)
{
	struct reply_text r;

	reply_split(arena, text, "SV: [Support 1042]", &r);
	return r;
}

static void check(const char *text, const char *want)
{
	assert_string_equal(split(text).new_text, want);
}

TEST(nothing_is_nothing)
{
	check("", "");
	check(" \n\t\n", "");
	assert_false(split("").is_whole);
}

TEST(own_words_without_quotes_stay)
{
	check("Hej\n\nDet går inte.", "Hej\n\nDet går inte.");
	check("Den 3 maj skrev jag till er:\nDet gick inte.",
		"Den 3 maj skrev jag till er:\nDet gick inte.");
	check("Från: 1 augusti\nTill: 31 augusti\nEnhet: Norr",
		"Från: 1 augusti\nTill: 31 augusti\nEnhet: Norr");
	check("Gå till Meny > Inställningar.\nVälj > 10 rader.",
		"Gå till Meny > Inställningar.\nVälj > 10 rader.");
	check("Skriv så här:\n\n---\n\nFungerar det för er? Vi ser inget.",
		"Skriv så här:\n\n---\n\nFungerar det för er? Vi ser inget.");
	check("Tack!\nAnna", "Tack!\nAnna");
}

/* What looks like a signature, a footer or a disclaimer and is none. */
TEST(own_words_that_look_added_stay)
{
	static const char *const texts[] = {
		"Hej\n\nHälsningar från sjuksköterskan: hon kommer inte in.\nKan ni hjälpa henne?",
		"Hej!\n\nHemtjänst Norr\nTel 0921-123 45",
		"Det går inte att nå honom.\n\nRing Anna Ek\n070-123 45 67",
		"Mejlet kom aldrig fram.\nSkickat från Lifecare igår\nmen inget syns.",
		"Hej\n\nJag tror att bilagan kan innehålla sekretessuppgifter.",
		"Del ett är klar\n---\nDel två är inte påbörjad",
		"Hej\n\nAnvändare: Anna Ek\nTelefon: 070-123 45 67\nEnhet: Norr",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		check(texts[i], texts[i]);
}

TEST(signatures_go)
{
	check("Klart.\n\nMvh\nAnna", "Klart.");
	check("Klart.\nMVH/Anna Ek", "Klart.");
	check("Klart.\n\nMed vänliga hälsningar\n\nAnna Ek\nEnhetschef\nTel 0921-123 45", "Klart.");
	check("Klart.\n\n-- \nAnna Ek\nhttps://x.example", "Klart.");
	check("Klart.\n\nHämta Outlook för iOS<https://aka.ms/o0ukef>", "Klart.");
	check("Klart.\n\n/Anna", "Klart.");
	check("Klart.\n\nHälsningar från Hemtjänst Norr", "Klart.");
	check("Klart.\n\nmvh anna", "Klart.");
	check("Klart.\n\nMed vänliga hälsningar Anna Ek, superanvändare", "Klart.");
	check("Klart.\n\nTack på förhand!\nMvh\nAnna", "Klart.\n\nTack på förhand!");
	check("Klart.\n\nMvh\nAnna\n\nPS. Gäller alla.", "Klart.\n\nPS. Gäller alla.");
	check("Mvh\nAnna", "Mvh\nAnna"); /* never empty where something was written */
	check("Skickat från min iPhone", "Skickat från min iPhone");
}

TEST(whole_when_nothing_is_left)
{
	struct reply_text r = split("> bara citat\n> #stäng");

	assert_true(r.is_whole);
	assert_string_equal(r.new_text, "> bara citat\n> #stäng");
	r = split("Från: Bo <bo@x.example>\nSkickat: idag 10:22\nTill: Anna\nÄmne: Hej\n\n#stäng");
	assert_true(r.is_whole);
}

TEST(answers_between_quotes_stay_with_them)
{
	struct reply_text r = split(
		"Den 2026-01-05 10:22, Support skrev:\n> Enhet?\nNorr\n> Antal?\nFyra\n> Mvh");

	assert_true(r.answers_inline);
	assert_false(r.is_whole);
	assert_string_equal(r.new_text, "> Enhet?\nNorr\n> Antal?\nFyra");
	r = split("Se mina svar nedan.\n\nFrån: Bo <bo@x.example>\nSkickat: idag 10:22\nTill: "
		  "Anna\nÄmne: Hej\n\nEnhet? Norr");
	assert_true(r.answers_inline);
	assert_string_equal(r.new_text, "Se mina svar nedan.\n\n> Enhet? Norr");
}

TEST(forwards_are_read)
{
	struct reply_text r;

	reply_split(arena,
		"Till er.\n\nFrån: Bo Lind <bo@x.example>\nSkickat: idag 10:22\nTill: Anna\nÄmne: "
		"Larm\n\nLarmen är tysta.",
		"VB: Larm", &r);
	assert_true(r.forward.present);
	assert_string_equal(r.forward.from.name, "Bo Lind");
	assert_string_equal(r.forward.from.address, "bo@x.example");
	assert_string_equal(r.forward.subject, "Larm");
	assert_string_equal(r.forward.text, "Larmen är tysta.");
	assert_string_equal(r.new_text, "Till er.");
	reply_split(arena,
		"---------- Forwarded message ---------\nFrom: bo@x.example\nDate: idag\nSubject: "
		"Larm\nTo: a@x.example\n\nTyst.",
		"Fwd: Larm", &r);
	assert_true(r.forward.present && r.is_whole);
	assert_string_equal(r.new_text, "Tyst.");
}

TEST(subjects)
{
	assert_string_equal(
		subject_bare(arena, "SV: VB: Re[2]: [Support 1042] Hej"), "[Support 1042] Hej");
	assert_string_equal(subject_bare(arena, "[EXTERN] Sv: Hej"), "Hej");
	assert_string_equal(subject_bare(arena, "Re : Hej"), "Hej");
	assert_string_equal(subject_bare(arena, "Resultat: bra"), "Resultat: bra");
	assert_string_equal(subject_bare(arena, "Svar önskas: hur?"), "Svar önskas: hur?");
	assert_string_equal(subject_bare(arena, ""), "");
	assert_true(subject_is_reply("SV: x") && subject_is_reply("RE:x") &&
		    subject_is_reply("[EXTERN] VS: x"));
	assert_true(subject_is_forward("VB: x") && subject_is_forward("Fwd: x") &&
		    subject_is_forward("VL: x"));
	assert_false(subject_is_reply("VB: SV: x") || subject_is_forward("SV: VB: x") ||
		     subject_is_reply("Svea: x"));
}

TEST(languages)
{
	assert_string_equal(
		language_guess(arena, "Hej, jag kan inte logga in och behöver hjälp."), "sv");
	assert_string_equal(
		language_guess(arena, "Hello, I cannot log in and need help with the card."), "en");
	assert_string_equal(language_guess(arena, "It does not work"), "en");
	assert_string_equal(language_guess(arena, "How do I register a delegation?"), "en");
	assert_string_equal(language_guess(arena, "Det funkar inte"), "sv");
	assert_string_equal(
		language_guess(arena, "Hei, en pääse kirjautumaan sisään, mutta kortti on uusi."),
		"fi");
	assert_string_equal(
		language_guess(arena, "Guten Tag, ich kann mich nicht anmelden, bitte um Hilfe."),
		"de");
	assert_string_equal(language_guess(arena, "JA"), "");
	assert_string_equal(language_guess(arena, ""), "");
}

/* ---- row 9 -------------------------------------------------------------------------------- */

static const char *const intros[] = {
	"Den mån 5 jan. 2026 kl 10:22 skrev Support <s@x.example>:",
	"Den 2026-01-05 kl. 10:22, skrev Support:",
	"Den 2026-01-05 10:22, Support skrev:",
	"5 jan. 2026 kl. 10:22 skrev Support <s@x.example>:",
	"Den måndag 5 januari 2026 10:22:11 CET, Support <s@x.example> skrev:",
	"Support <s@x.example> skrev: (5 januari 2026 10:22:13 CET)",
	"Support <s@x.example> skrev den 2026-01-05 10:22:",
	"On Mon, Jan 5, 2026 at 10:22 AM Support <s@x.example> wrote:",
	"On Mon, Jan 5, 2026 at 10:22 AM Support <\ns@x.example> wrote:",
	"On Jan 5, 2026, at 10:22,\nSupport <s@x.example>\nwrote:",
	"On 05/01/2026 10:22, Support wrote:",
	"At 1/5/2026 10:22 AM, you wrote:",
	"ma 5. tammik. 2026 klo 10.22 Support (s@x.example) kirjoitti:",
	"5.1.2026 10.22, Support kirjoitti:",
	"Support <s@x.example> kirjoitti 5.1.2026 kello 10.22:",
	"man. 5. jan. 2026 kl. 10:22 skrev Support <s@x.example>:",
	"Den man. 5. jan. 2026 kl. 10.22 skrev Support <s@x.example>:",
	"På man. 5. jan. 2026 kl. 10.22 skrev Support <s@x.example>:",
	"Am Mo., 5. Jan. 2026 um 10:22 Uhr schrieb Support <s@x.example>:",
	"Am 05.01.2026 10:22, schrieb Support:",
	"Support <s@x.example> schrieb am Mo., 5. Jan. 2026 um 10:22 Uhr:",
	"Le lun. 5 janv. 2026 à 10:22, Support <s@x.example> a écrit :",
	"Le 05/01/2026 10:22, Support a écrit :",
	"El lun, 5 ene 2026 a las 10:22, Support (<s@x.example>) escribió:",
	"El lunes, 5 de enero de 2026, Support escribió:",
	"Il 05/01/2026 10:22, Support ha scritto:",
	"Em seg, 5 de jan de 2026 10:22, Support <s@x.example> escreveu:",
	"Op ma 5 jan. 2026 om 10:22 schreef Support <s@x.example>:",
	"Dnia 5 stycznia 2026 10:22 Support <s@x.example> napisał(a):",
	"2026-01-05 10:22 GMT+01:00 Support <s@x.example>:",
	"05.01.2026, 10:22, \"Support\" <s@x.example>:",
	"5 янв. 2026 г. 10:22 пользователь \"Support\" <s@x.example> написал:",
	"在 2026年1月5日，上午10:22，Support <s@x.example> 写道：",
	"---- On Mon, 05 Jan 2026 10:22:00 +0100 Support <s@x.example> wrote ----",
	"-----Ursprungligt meddelande-----",
	"-----Original Message-----",
	"-------- Originalmeddelande --------",
	"-----Ursprüngliche Nachricht-----",
	"-----Message d'origine-----",
	"-----Mensaje original-----",
	"-----Opprinnelig melding-----",
	"-----Oprindelig meddelelse-----",
	"-----Alkuperäinen viesti-----",
	"-----Support <s@x.example> skrev: -----",
	"________________________________\nFrån: Support <s@x.example>\nSkickat: den 5 januari "
	"2026 10:22\nTill: Anna Ek\nÄmne: Hej",
	"Från: Support <s@x.example>\nSkickat: den 5 januari 2026 10:22\nTill: Anna Ek\nÄmne: Hej",
	"Från: Support\nDatum: 2026-01-05\nTill: Anna Ek\nKopia: Bo\nÄmne: Hej",
	"From: Support [mailto:s@x.example]\nSent: Monday, January 5, 2026 10:22 AM\nTo: "
	"Anna\nSubject: Hej",
	"*From:* Support\n*Sent:* 2026-01-05\n*To:* Anna\n*Subject:* Hej",
	"Lähettäjä: Support\nLähetetty: maanantai 5. tammikuuta 2026 10.22\nVastaanottaja: "
	"Anna\nAihe: Hej",
	"Fra: Support\nSendt: 5. januar 2026 10:22\nTil: Anna\nEmne: Hej",
	"Von: Support\nGesendet: Montag, 5. Januar 2026 10:22\nAn: Anna\nBetreff: Hej",
	"De : Support\nEnvoyé : lundi 5 janvier 2026 10:22\nÀ : Anna\nObjet : Hej",
	"De: Support\nEnviado el: lunes, 5 de enero de 2026 10:22\nPara: Anna\nAsunto: Hej",
	"Från:\tSupport\nTill:\tAnna\nDatum:\t2026-01-05 10:22\nÄrende:\tHej",
	"Från: Support Skickat: den 5 januari 2026 10:22 Till: Anna Ämne: Hej",
	">>> Support <s@x.example> 2026-01-05 10:22 >>>",
	"##- Skriv ditt svar ovanför denna rad -##",
	"##- Please type your reply above this line -##",
	"--- Svara ovanför denna rad ---",
	"---------- Forwarded message ---------\nFrån: Support <s@x.example>\nDate: mån 5 jan. "
	"2026\nSubject: Hej\nTo: Anna",
	"Citerar Support <s@x.example>:",
};
static const char *const layouts[] = {"%s\n\nHej!\n#stäng\nMvh", "%s\n#stäng",
	"%s\n> Hej!\n> #stäng\n", "%s\n\n> #stäng\n>\n>> #ta\n"};
static const char *const own_words[] = {"JA", "# ta", "Det fungerar nu, tack!"};

TEST(commands_in_quotes_are_never_the_senders)
{
	size_t styles = 0;

	for (size_t i = 0; i < ARRAY_LEN(intros); i++) {
		for (size_t j = 0; j < ARRAY_LEN(layouts); j++) {
			const char *at = strstr(layouts[j], "%s");
			const char *quoted = arena_printf(arena, "%s%s", intros[i], at + 2);

			for (size_t k = 0; k < ARRAY_LEN(own_words); k++) {
				const char *text =
					arena_printf(arena, "%s\n\n%s", own_words[k], quoted);
				struct reply_text r = split(text);

				if (strcmp(r.new_text, own_words[k]) != 0)
					fail_msg("%s\n-- gave --\n%s", text, r.new_text);
				assert_false(r.is_whole);
				styles++;
			}
			/* Nothing of the sender's at all: said to be whole, so no command is read. */
			if (!split(quoted).is_whole)
				fail_msg("%s\n-- is not whole: --\n%s", quoted,
					split(quoted).new_text);
			styles++;
		}
	}
	assert_true(styles >= 200);
}

TEST(banners_do_not_hide_the_first_line)
{
	check("Detta meddelande kommer från en extern avsändare. Klicka inte på länkar.\n\n#ta",
		"#ta");
	check("VARNING: Extern avsändare utanför organisationen\n#ta", "#ta");
	check("CAUTION: This email originated from outside of the organization. Do not click "
	      "links.\n\n#ta",
		"#ta");
	check("Du får inte ofta e-post från a@x.example. Läs mer om varför detta är viktigt\nJA",
		"JA");
}

/* Time must be linear: RELIABILITY row 44. The test's own limit is generous; tests/run has one too. */
TEST(hostile_texts_end_soon)
{
	static const char *const units[] = {"> ", ">\n", "On Jan 5, 2026 <\n",
		"From: a@x.example\n", "To: b\n", "-----\n", "Mvh\n", "On 1 ", "a@b.c ",
		"Från: ", "\n", "##", "Den 1 jan 2026 skrev ", "[cid:x]\n", "Tel 070-1234567\n\n",
		">>>>\n<<<<\n", "-----BEGIN PGP\n\n"};

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		size_t n = strlen(units[i]), count = 300000 / n;
		char *text = arena_alloc(arena, n * count + 1);

		for (size_t k = 0; k < count; k++)
			memcpy(text + k * n, units[i], n);
		(void)split(text);
		arena_reset(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(own_words_without_quotes_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(own_words_that_look_added_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(signatures_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(whole_when_nothing_is_left, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			answers_between_quotes_stay_with_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(forwards_are_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(subjects, set_up, tear_down),
		cmocka_unit_test_setup_teardown(languages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			commands_in_quotes_are_never_the_senders, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			banners_do_not_hide_the_first_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hostile_texts_end_soon, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
