/* Short replies: what closes, what reopens, what does nothing, what a person must read. */
#include "cmocka_test.h"

#include "base/arena.h"
#include "core/feedback.h"

static struct arena *arena;

struct row {
	const char *text;
	enum feedback means;
};

static const struct row rows[] = {
	{"JA", FEEDBACK_YES},
	{"Ja!", FEEDBACK_YES},
	{"ja tack", FEEDBACK_YES},
	{"Joo", FEEDBACK_YES},
	{"japp", FEEDBACK_YES},
	{"Svara JA", FEEDBACK_YES},
	{"Jajamän, nu funkar det", FEEDBACK_YES},
	{"funkar", FEEDBACK_YES},
	{"Nu fungerar det. Tack för hjälpen!", FEEDBACK_YES},
	{"Det funkar nu, tack!", FEEDBACK_YES},
	{"Tack, nu fungerar det!", FEEDBACK_YES},
	{"Kyllä", FEEDBACK_YES},
	{"Tack, det fungerade!", FEEDBACK_YES},
	{"Det hjälpte!", FEEDBACK_YES},
	{"Det gick bra nu", FEEDBACK_YES},
	{"That worked, thanks", FEEDBACK_OTHER},
	{"It worked, thanks", FEEDBACK_YES},
	{"Ja, nu är allt som det ska vara", FEEDBACK_YES},
	{"Kyllä, kiitos!", FEEDBACK_YES},
	{"Yes, thanks", FEEDBACK_YES},
	{"Ja\n\nMvh\nAnna Lind", FEEDBACK_YES},
	{"NEJ", FEEDBACK_NO},
	{"nej.", FEEDBACK_NO},
	{"Nä", FEEDBACK_NO},
	{"ei", FEEDBACK_NO},
	{"No", FEEDBACK_NO},
	{"Nej, det är samma fel", FEEDBACK_NO},
	{"funkar inte", FEEDBACK_NO},
	{"Det fungerar ej", FEEDBACK_NO},
	{"Det funkar fortfarande inte", FEEDBACK_NO},
	{"Det hjälpte tyvärr inte", FEEDBACK_NO},
	{"It worked not", FEEDBACK_NO},
	{"Nej tack, det löste sig", FEEDBACK_NO_THANKS},
	{"Nej tack", FEEDBACK_NO_THANKS},
	{"No thanks", FEEDBACK_NO_THANKS},
	{"Nej, det löste sig", FEEDBACK_NO_THANKS},
	{"Nej inga fler frågor", FEEDBACK_NO_THANKS},
	{"Ja, men nu kan jag inte skriva ut", FEEDBACK_YES_BUT},
	{"Ja fast bara ibland", FEEDBACK_YES_BUT},
	{"Ja, jag ska prova i morgon", FEEDBACK_YES_BUT},
	{"Ja, jag återkommer", FEEDBACK_YES_BUT},
	{"Det fungerar, men inte utskriften", FEEDBACK_YES_BUT},
	{"Ja, kan jag göra så varje gång?", FEEDBACK_YES_BUT},
	{"JA/NEJ", FEEDBACK_YES_BUT},
	{"Ja eller nej, vet inte", FEEDBACK_YES_BUT},
	{"DET LÖSTE SIG", FEEDBACK_SOLVED},
	{"det loste sig", FEEDBACK_SOLVED},
	{"Hej! Det har löst sig nu.", FEEDBACK_SOLVED},
	{"It solved itself", FEEDBACK_SOLVED},
	{"Tack", FEEDBACK_THANKS},
	{"Tack!", FEEDBACK_THANKS},
	{"Tack så mycket för hjälpen!", FEEDBACK_THANKS},
	{"Tusen tack, ha en trevlig helg", FEEDBACK_THANKS},
	{"Thank you very much", FEEDBACK_THANKS},
	{"Kiitos", FEEDBACK_THANKS},
	{"Anna Lind reagerade på ditt meddelande: \xF0\x9F\x91\x8D", FEEDBACK_THANKS},
	{"\xF0\x9F\x91\x8D", FEEDBACK_THANKS},
	{"Hur går det?", FEEDBACK_STATUS},
	{"Hej, hur går det med mitt ärende?", FEEDBACK_STATUS},
	{"Någon uppdatering?", FEEDBACK_STATUS},
	{"Any news?", FEEDBACK_STATUS},
	{"Super!", FEEDBACK_THANKS},
	{"Jättebra", FEEDBACK_THANKS},
	{"Perfect, thanks", FEEDBACK_THANKS},
	{"Löst!", FEEDBACK_SOLVED},
	{"Är det löst", FEEDBACK_OTHER},
	{"Det är löst nu", FEEDBACK_SOLVED},
	{"Ni kan stänga ärendet", FEEDBACK_SOLVED},
	{"Det är inte löst", FEEDBACK_OTHER},
	{"Jag kan inte stänga ärendet i HSL", FEEDBACK_OTHER},
	{"Nu gick det bra, tack för hjälpen", FEEDBACK_YES},
	{"Bra fråga, jag återkommer", FEEDBACK_OTHER},
	{"Bra att veta, men var hittar jag listan?", FEEDBACK_OTHER},
	{"How is it going?", FEEDBACK_STATUS},
	{"God morgon! Hur går det med ärende 1001?", FEEDBACK_STATUS},
	{"Hej!\nHur går det?\n/Anna", FEEDBACK_STATUS},
	{"Hej!\nHur går det?\nMvh Åsa Lind", FEEDBACK_STATUS},
	{"Hur går det?\nÅsa Lind", FEEDBACK_STATUS},
	{"Status?", FEEDBACK_STATUS},
	/* Questions of their own, which must reach somebody. */
	{"Hur går det till att registrera en delegering?", FEEDBACK_OTHER},
	{"Status visas inte i listan", FEEDBACK_OTHER},
	{"Något nytt lösenord har jag inte fått", FEEDBACK_OTHER},
	{"Any updates to the medication list are lost", FEEDBACK_OTHER},
	{"Hur går det? Listan är fortfarande tom.", FEEDBACK_OTHER},
	{"Hur går det till när man registrerar en delegering i den nya modulen egentligen för "
	 "nattpersonal?",
		FEEDBACK_OTHER},
	{"Jag kan inte logga in", FEEDBACK_OTHER},
	{"Det gäller bara natten", FEEDBACK_OTHER},
	{"Tack, men det hjälpte inte", FEEDBACK_OTHER},
	{"Inte på måndag men kanske på tisdag", FEEDBACK_OTHER},
	{"Det löste sig inte", FEEDBACK_OTHER},
	{"", FEEDBACK_OTHER},
};

TEST(replies)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (feedback_read(arena, rows[i].text) != rows[i].means)
			fail_msg("%s: %d, not %d", rows[i].text, feedback_read(arena, rows[i].text),
				rows[i].means);
	}
}

TEST(takes)
{
	static const char *const takes[] = {"ok", "OK!", "Tar den", "jag tar den", "Kollar",
		"kollar på det", "Jag kollar", "Okej, kollar direkt", "ok tack", "On it, looking",
		"\xF0\x9F\x91\x8D", "I'll take it", "Jag fixar det", "Tar den /Karin",
		"Tar den\n/Karin", "Jag tar den efter lunch", "Kollar imorgon", "Ok, återkommer",
		"Hej! Jag tar den.", "Jag tar det här ärendet.",
		"Anna reagerade på ditt meddelande: \xF0\x9F\x91\x8D"};
	static const char *const answers[] = {"Ok, så här gör du: öppna personakten", "Tack",
		"Kollar du inställningarna?", "Det", "Ok\nÖppna personakten",
		"Ok /Starta om datorn", "Ta bort användaren och lägg till den igen",
		"Kolla i handboken på sidan 3 under rubriken delegering", ""};

	for (size_t i = 0; i < ARRAY_LEN(takes); i++) {
		if (!feedback_is_take(arena, takes[i]))
			fail_msg("no take: %s", takes[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		if (feedback_is_take(arena, answers[i]))
			fail_msg("take: %s", answers[i]);
	}
}

TEST(ok_is_no_more_than_that)
{
	static const char *const oks[] = {
		"ok", "Okej!", "Ok tack", "Ok, tack för hjälpen", "\xF0\x9F\x91\x8D"};
	static const char *const others[] = {
		"Tack", "Ok, jag provar", "Ok?", "", "Nej", "Ok men hur"};

	for (size_t i = 0; i < ARRAY_LEN(oks); i++)
		if (!feedback_is_ok(arena, oks[i]))
			fail_msg("no ok: %s", oks[i]);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (feedback_is_ok(arena, others[i]))
			fail_msg("ok: %s", others[i]);
}

static int start(void **state)
{
	(void)state;
	arena = arena_new(1 << 24);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(replies), cmocka_unit_test(takes),
		cmocka_unit_test(ok_is_no_more_than_that)};

	return cmocka_run_group_tests(tests, start, stop);
}
