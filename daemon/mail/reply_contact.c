/* Reply contact: signatures that begin without a closing, told by their lines: name, title, telephone
 * (declared in mail/reply_sign.h). Pure. */
#include "base/prelude.h"

#include "mail/reply_sign.h"

#include "mail/words.h"

#define MAX_SIGNATURE_LINES 25

bool reply_is_contact(const char *folded)
{
	static const char *const labels[] = {"tel", "tfn", "telefon", "mobil", "vaxel", "direkt",
		"phone", "mobile", "cell", "fax", "puh", "gsm", "tlf", "e-post", "epost", "e-mail",
		"email", "mail", "mejl", "webb", "webbplats", "hemsida", "besoksadress",
		"postadress", "besok", "adress", "www", "sahkoposti", "t", "m", "direktnr",
		"telefonnummer", "box", "teams", NULL};
	const char *hit = words_start(folded, labels);
	size_t digits = 0, letters = 0;

	for (const char *p = folded; *p; p++) {
		digits += *p >= '0' && *p <= '9';
		letters += (*p >= 'a' && *p <= 'z') || (unsigned char)*p >= 0x80;
	}
	if (hit && (digits >= 5 || strchr(folded, '@') || strstr(folded, ".se") ||
			   strstr(folded, "www")))
		return true;
	if (strncmp(folded, "www.", 4) == 0 || strncmp(folded, "http", 4) == 0 || folded[0] == '<')
		return words_count(folded) == 1;
	if (words_count(folded) == 1 && words_has_address(folded))
		return true;
	if (digits >= 7 && letters <= 4)
		return true;
	/* "971 28 Kommun" */
	return digits == 5 && letters > 2 && words_count(folded) <= 4 && folded[0] >= '1' &&
	       folded[0] <= '9';
}

bool reply_is_title(const char *folded)
{
	static const char *const titles[] = {"superanvandare", "objektspecialist", "enhetschef",
		"sjukskoterska", "handlaggare", "socialsekreterare", "kommun", "region",
		"forvaltning", "hemtjanst", "avdelning", "systemforvaltare", "samordnare",
		"assistent", "chef", "gruppledare", "underskoterska", "administrator", "utredare",
		"forvaltningsledare", "objektledare", "verksamhetsutvecklare", "it-tekniker",
		"fysioterapeut", "arbetsterapeut", "aldreboende", "sarskilt boende", "socialtjanst",
		"manager", "developer", "ceo", "director", "engineer", "specialist", "consultant",
		"support", "servicedesk", "kundtjanst", "sektion", "enheten", "utvecklare",
		"registrator", "receptionist", "[cid:", "[image", "[logotyp", "[bild", "logotyp",
		"kunta", "kaupunki", "paakayttaja", "asiantuntija", NULL};

	return words_find(folded, titles) && words_count(folded) <= 8 && !strpbrk(folded, "?!:");
}

/* All longer words begin with a capital: "Anna Ek", "Hemtjänst Norr". */
bool reply_is_name_like(const struct reply_line *l)
{
	static const char *const asks[] = {"ring", "kontakta", "mejla", "maila", "call", "contact",
		"prata", "fraga", "nummer", "numret", "soita", "anvandare", "patient", "klient",
		"brukare", "hej", NULL};
	size_t words = 0;

	if (words_start(l->folded, asks))
		return false;
	if (l->n > 60 || strpbrk(l->folded, "?!:#;0123456789"))
		return false;
	for (size_t i = 0; i < l->n;) {
		size_t start;
		bool capital;

		while (i < l->n && strchr(" ,/&-*", l->s[i]))
			i++;
		start = i;
		while (i < l->n && !strchr(" ,/&-*", l->s[i]))
			i++;
		if (i == start)
			break;
		capital = (l->s[start] >= 'A' && l->s[start] <= 'Z') ||
			  ((unsigned char)l->s[start] == 0xc3 &&
				  (unsigned char)l->s[start + 1] < 0x9f);
		if (!capital && i - start > 3)
			return false;
		if (!capital && words == 0)
			return false;
		words++;
	}
	return words >= 1 && words <= 5;
}

static bool ends_sentence(const char *folded)
{
	size_t n = strlen(folded);

	return words_count(folded) >= 3 && n > 0 && strchr(".!?", folded[n - 1]) != NULL;
}

size_t reply_contact_block(const struct reply_lines *ls, size_t from, size_t to)
{
	size_t i = to, lines = 0, contacts = 0, begin = to;

	while (i > from && lines <= MAX_SIGNATURE_LINES) {
		const struct reply_line *l = &ls->v[i - 1];

		if (l->kind == REPLY_EMPTY || l->kind == REPLY_DROPPED || l->kind == REPLY_FOOTER ||
			l->kind == REPLY_RULE) {
			if (contacts && lines >= 2)
				begin = i;
			i--;
			continue;
		}
		if (l->kind != REPLY_TEXT || l->folded[0] == '#')
			break;
		if (reply_is_contact(l->folded)) {
			contacts++;
		} else if (!reply_is_title(l->folded) && !reply_is_name_like(l)) {
			/* Straight below a whole sentence three such lines are a signature too. */
			if (contacts && lines >= 3 && ends_sentence(l->folded))
				begin = i;
			break;
		}
		lines++;
		i--;
	}
	return begin;
}
