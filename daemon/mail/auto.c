/* Auto: the kind of mail (mail/auto.h). Called by the parser last, pure.
 *
 * Order matters: a receipt and a report are told by their form, an automatic reply by what the
 * sending program says of itself, then by its subject. A person's words are the default: a mail
 * wrongly taken for a machine's opens no case and helps nobody. */
#include "base/prelude.h"

#include "mail/auto.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/auto_absence.h"
#include "mail/bounce.h"
#include "mail/bounce_scan.h"
#include "mail/reply.h"
#include "mail/words.h"

#define MAX_LOOK 3000 /* bytes of text in which phrases are looked for */

/* Subjects that programs write in front of, or in place of, the one they answer. */
static const char *const auto_subjects[] = {"autosvar", "auto-svar", "automatiskt svar",
	"automatiskt meddelande", "automatsvar", "auto:", "auto reply", "auto-reply", "autoreply",
	"auto response", "auto-response", "autoresponse", "automatic reply", "automatic response",
	"automated reply", "automated response", "automaattinen vastaus", "automaattivastaus",
	"automatisk svar", "autosvar:", "automatische antwort", "automatische beantwoording",
	"abwesenheitsnotiz", "abwesenheit", "reponse automatique", "respuesta automatica",
	"risposta automatica", "resposta automatica", "franvaro:", "franvaromeddelande",
	"franvaroavisering", "franvaro", "franvarande", "out of office", "out of office autoreply",
	"out of the office", "out-of-office", "ooo:", "vacation:", "vacation reply", "on vacation",
	"away from office", "poissaoloilmoitus", "poissa:", "poissa toimistolta", "poissaolo",
	"lomavastaus", "fravaer", "fravær", "fravaersbesked", "ferie:", "ej pa plats",
	"ej i tjanst", "semester:", "tjanstledig:", "foraldraledig:", "arpus biroja",
	"automatisch antwoord", "automatyczna odpowiedz", "automaticka odpoved", "自動応答",
	"自動返信", "自动回复", "自動回覆", "자동 회신", "Автоответ", "автоответ",
	"Автоматический ответ", "absence:", "absence du bureau", "absent du bureau",
	"afwezig:", "afwezigheidsbericht", "fuera de la oficina", "fuori sede", "fuori ufficio",
	"fravaerende:", "fraværende:", "odpowiedz automatyczna", "automatikus valasz",
	"raspuns automat", "otomatik yanit", "otomatik yanıt", "Автоматична відповідь",
	"Автоматичен отговор", "Αυτόματη απάντηση", "αυτοματη απαντηση", "自动答复", "自動回答",
	"رد تلقائي", "תשובה אוטומטית", "מענה אוטומטי", "samodejni odgovor", "automatski odgovor",
	"automatinis atsakymas", "automatiska atbilde", "automaatvastus", "sjalfvirkt svar",
	"trả lời tự dộng", "ตอบกลับอัตโนมัติ", "balasan otomatis", NULL};

/* Those among them that people write of as well: an order of access, a question of school absence. */
static const char *const topics[] = {"franvaro:", "franvaro", "franvarande", "abwesenheit",
	"poissaolo", "poissa:", "fravaer", "fravær", "semester:", "ferie:", "tjanstledig:",
	"foraldraledig:", "absence:", "vacation:", "ej pa plats", "ej i tjanst", NULL};

/* What somebody who is away writes, or a program that has received a mail; and what the subject says. */
static const char *const absence_statements[] = {"jag ar ", "jag har semester", "jag har ledigt",
	"jag har slutat", "jag jobbar inte", "jag arbetar inte", "ater i tjanst",
	"ater pa kontoret", "ater den", "ater mandag", "ater tisdag", "ater onsdag", "ater torsdag",
	"ater fredag", "ater v", "tillbaka mandag", "tillbaka v", "tillbaka den", "tillbaka pa",
	"tillbaka i tjanst", "pa semester", "inte pa plats", "inte pa kontoret", "ej i tjanst",
	"ej pa plats", "bradskande", "akuta arenden", "begransad tillgang till", "min anstallning",
	"i am out", "i am away", "i am on ", "i am currently", "i am not in", "i'm out", "i'm away",
	"i'm on ", "i'm currently", "i will be", "i'll be", "i will return", "i have left",
	"out of office", "out of the office", "away from", "on leave", "on vacation",
	"limited access", "no longer work", "urgent", "olen lomalla", "olen poissa",
	"en ole paikalla", "palaan", "kiireelli", "ich bin", "urlaub", "nicht im buro", "dringende",
	"jeg er", "pa ferie", "je suis", "absent", "estoy", "ausente", "fuera de", "sono assente",
	"in ferie", "estou", "de ferias", "ik ben", "afwezig", "vakantie", "jestem", "nieobecn",
	"urlop", "отпуск", "не в офис", "不在", "休暇", "外出", "休假", "thank you for your",
	"thanks for your", "we have received", "has been received", "tack for ditt", "tack for din",
	"har tagit emot", "har mottagit", "ar mottaget", "detta ar ett auto",
	"automatiskt meddelande", "automatiskt svar pa", "this is an auto", "vielen dank fur",
	"kiitos viestist", "merci pour votre", "gracias por", NULL};
static const char *const absence_dates[] = {" until ", "returning", " back on ", " t.o.m", " tom ",
	" till och med ", " ater ", " tillbaka ", NULL};

/* Words of absence in the text of a mail that is known to be automatic. */
static const char *const absence_words[] = {"semester", "franvar", "inte pa plats", "ej pa plats",
	"ledig", "out of office", "out of the office", "on leave", "vacation", "holiday",
	"away from", "i am away", "i'm away", "currently away", "poissa", "loma", "abwesen",
	"urlaub", "ater den", "ater i tjanst", "ater pa kontoret", "tillbaka den", "tillbaka pa",
	"tillbaka i tjanst", "i will be back", "returning", "sjukskriven", "vab", "pa kurs",
	"fravaer", "fravær", "ferie", "tillbaka mandag", "not in the office", "absent", "conge",
	"vacaciones", "slutat min anstallning", "har slutat", "no longer work", "upphort",
	"tillbaka v", "jobbar inte", "arbetar inte", "jobbar ej", "arbetar ej", "inte i tjanst",
	"ej i tjanst", "ater imorgon", "ater i morgon", "tillbaka imorgon", "tillbaka i morgon",
	"foraldraledig", "palaan", "en ole paikalla", "tjansteresa", "utbildning hela", "afwezig",
	"vakantie", "ferias", "in ferie", "不在", "休暇", "外出", "休假", "отпуск", "nicht im buro",
	"nicht im haus", "nicht erreichbar", "urlop", "nieobecn", "ausente", "fuera de la oficina",
	"assente", "en deplacement", "limited access to", "begransad tillgang till", NULL};

static const char *const receipt_subjects[] = {"last:", "olast:", "read:", "not read:", "luettu:",
	"lukematta:", "lest:", "ulest:", "laest:", "gelesen:", "ungelesen:", "nicht gelesen:",
	"lu:", "lu :", "non lu", "leido:", "no leido", "laskvitto", "return receipt",
	"read receipt", "visningskvitto", NULL};
static const char *const receipt_phrases[] = {"lastes den", "har lasts", "lastes",
	"togs bort utan att lasas", "raderades utan att lasas", "togs bort utan att ha lasts",
	"was read on", "was deleted without being read", "has been displayed",
	"your message was read", "luettiin", "poistettiin lukematta", "ble lest", "blev laest",
	"wurde gelesen", "a ete lu", "fue leido", "visades pa", "return receipt", NULL};

static const char *const machine_names[] = {"noreply", "no-reply", "no_reply", "donotreply",
	"do-not-reply", "do_not_reply", "notification", "notifications", "notify", "alerts",
	"accounts", "account-security", "accountprotection", "security-noreply", "verify",
	"verification", "svara-inte", "svarainte", "svaraej", "ejsvar", "info-noreply", "mailer",
	"robot", "automat", "feedback@slack", "support@slack", NULL};
static const char *const code_subjects[] = {"verification code", "verify your", "verify email",
	"confirm your email", "confirm your account", "confirm your address",
	"confirm your registration", "one-time code", "one-time password", "one time password",
	"one-time pass", "otp", "security code", "sign-in code", "login code", "log in code",
	"your code", "access code", "activate your account", "activation code",
	"account activation", "magic link", "password reset", "reset your password",
	"confirmation code", "complete your registration", "complete your sign", "verifieringskod",
	"verifiera din", "bekrafta din e-post", "bekrafta din epost", "bekrafta din registrering",
	"bekrafta ditt konto", "engangskod", "sakerhetskod", "inloggningskod",
	"aktivera ditt konto", "aktiveringskod", "aterstall ditt losenord", "bekraftelsekod",
	"vahvistuskoodi", "vahvista sahkoposti", "kertakayttoinen", "bestatigungscode",
	"bekreftelseskode", "engangskode", "code de verification", "confirm you", "sign in to",
	"join the workspace", "invited you to join", "bjudit in dig", NULL};
static const char *const code_phrases[] = {"verification code is", "security code is",
	"your code is", "one-time code is", "one-time password is", "use this code", "use the code",
	"enter this code", "enter the code", "following code", "confirmation code",
	"verification code", "verifieringskod", "din kod ar", "engangskod", "ange koden",
	"anvand koden", "skriv in koden", "sakerhetskod", "click the link below to verify",
	"verify your email", "confirm your email", "klicka pa lanken nedan for att bekrafta",
	"klicka pa lanken for att bekrafta", "bekrafta din e-postadress",
	"bekrafta din epostadress", "aktivera ditt konto", "vahvistuskoodi",
	"klicka har for att bekrafta", "code to sign in", "bestatigungscode", "single-use code",
	"kod for engangsbruk", "kod for enstaka anvandning", NULL};

/* What a service says of the code it sends, and nobody says of a code that does not come. */
static const char *const code_statements[] = {"verification code is", "security code is",
	"your code is", "one-time code is", "one-time password is", "use this code",
	"enter this code", "din kod ar", "ange koden", "anvand koden", "skriv in koden",
	"kod for engangsbruk", "single-use code", "confirmation code is", "your confirmation code",
	"your verification code", NULL};

static const char *const reactions[] = {"reagerade pa ditt meddelande",
	"har reagerat pa ditt meddelande", "reagerade pa ditt mejl", "reacted to your message",
	"reacted to your email", "reagoi viestiisi", "reagerte pa meldingen din",
	"reagerede pa din meddelelse", "hat auf ihre nachricht reagiert",
	"hat auf deine nachricht reagiert", "a reagi a votre message", "reacciono a tu mensaje",
	"reacted via gmail", "reagerade via gmail", "gillade ditt meddelande", "liked your message",
	NULL};

struct look {
	struct arena *arena;
	struct mail *m;
	const struct mail_header *headers;
	size_t n;
	const char *subject; /* folded */
	const char *text;    /* start of the text, folded */
};

static const char *field(const struct look *l, const char *name)
{
	return auto_header(l->headers, l->n, name);
}

static bool has_field(const struct look *l, const char *name)
{
	return field(l, name)[0] != '\0';
}

static const char *fold_start(struct arena *arena, const char *s)
{
	return text_fold(arena, arena_strndup(arena, s, strnlen(s, MAX_LOOK)));
}

static bool set(struct look *l, enum mail_auto a, const char *reason)
{
	l->m->auto_class = a;
	l->m->auto_reason = reason;
	return true;
}

/* The folded subject without the prefixes of replies. */
static const char *bare_subject(const struct look *l)
{
	return text_fold(l->arena, subject_bare(l->arena, l->m->subject));
}

static bool is_null_path(const struct look *l)
{
	return strcmp(l->m->return_path, "<>") == 0 || strcmp(field(l, "Return-Path"), "<>") == 0;
}

/* ---- receipts, feedback ------------------------------------------------------------------- */

static bool read_receipt(struct look *l, const struct mail_report *report)
{
	if (report->disposition[0] || strcmp(report->report_type, "disposition-notification") == 0)
		return set(l, MAIL_READ_RECEIPT, "disposition-notification");
	for (const char *const *s = receipt_subjects; *s; s++)
		if (strncmp(l->subject, *s, strlen(*s)) == 0 &&
			words_find(l->text, receipt_phrases) && strlen(l->m->text) < 1500)
			return set(l, MAIL_READ_RECEIPT, "receipt-words");
	return false;
}

static bool feedback(struct look *l, const struct mail_report *report)
{
	if (strcmp(report->report_type, "feedback-report") == 0 ||
		bounce_field(l->arena, report->delivery_status, "Feedback-Type")[0])
		return set(l, MAIL_FEEDBACK, "feedback-report");
	if (strncmp(l->subject, "complaint about message from ", 29) == 0 ||
		strstr(l->text, "\"notificationtype\":\"complaint\""))
		return set(l, MAIL_FEEDBACK, "complaint");
	return false;
}

/* ---- reactions ---------------------------------------------------------------------------- */

static void add_defect(struct look *l, const char *word)
{
	struct mail_strings *d = &l->m->defects;
	const char **v = arena_array(l->arena, d->n + 1, sizeof(*v));

	for (size_t i = 0; i < d->n; i++)
		v[i] = d->v[i];
	v[d->n++] = word;
	d->v = v;
}

/* A thumb is a person's "I have seen it": the first line tells, the rest is our own mail. */
static bool reaction(struct look *l)
{
	const char *cursor = l->m->text, *line;
	size_t len, seen = 0;
	bool thumb = false; /* the first line is but an emoji, as Gmail writes it */

	if (!words_find(l->subject, reactions) && !words_find(l->text, reactions))
		return false;
	while (seen < 6 && text_next_line(&cursor, &line, &len)) {
		char *s = text_trim(l->arena, arena_strndup(l->arena, line, len));

		seen += s[0] != '\0';
		thumb |= seen == 1 && s[0] && strlen(s) <= 12 && (unsigned char)s[0] >= 0xe2;
		if (!words_find(text_fold(l->arena, s), reactions))
			continue;
		if (strlen(s) > 200 ||
			(seen > (thumb ? 2u : 1u) && !words_find(l->subject, reactions)))
			return false;
		l->m->new_text = s;
		l->m->new_text_is_whole = false;
		add_defect(l, "reaction");
		return set(l, MAIL_PERSON, "reaction");
	}
	if (!words_find(l->subject, reactions))
		return false;
	add_defect(l, "reaction");
	return set(l, MAIL_PERSON, "reaction");
}

/* ---- automatic replies --------------------------------------------------------------------- */

static bool set_auto_reply(struct look *l, const char *reason)
{
	const char *start = fold_start(l->arena, l->m->new_text);
	bool absent = words_find(l->subject, absence_words) || words_find(start, absence_words) ||
		      words_find(l->text, absence_words);

	if (!absent)
		return set(l, MAIL_AUTO_REPLY, reason);
	auto_absence(l->arena, l->m->subject, l->m->new_text, l->m->date_ms, &l->m->absent_from_ms,
		&l->m->absent_until_ms);
	return set(l, MAIL_OUT_OF_OFFICE, reason);
}

/* Exchange writes it on what must not be answered. Some systems write it on a person's own reply as
 * well, so on a reply in a thread it does not decide. */
static bool suppresses_all(const struct look *l)
{
	const char *v = text_fold(l->arena, field(l, "X-Auto-Response-Suppress"));

	if (!strstr(v, "all") && !(strstr(v, "oof") && strstr(v, "autoreply")))
		return false;
	return !(l->m->in_reply_to.n && subject_is_reply(l->m->subject));
}

/* The text says that its writer is away, or that a program thanks for a mail. */
static bool states_absence(const struct look *l)
{
	const char *text = fold_start(l->arena, l->m->new_text);

	if (words_find(l->subject, absence_dates))
		return true;
	return words_find(text, absence_statements) && !strchr(text, '?');
}

/* "Frånvaro" or "Out of office går inte att slå på" from a person is a person's matter, and is lost if it is
 * taken for a program's: only "Automatiskt svar: " in front of the subject that is answered needs no proof. */
static bool by_subject(const struct look *l)
{
	static const char *const goes_on[] = {"to", "from", "fran", "till", "re", "for",
		"autoreply", "auto-reply", "reply", "message", "avseende", "angaende", NULL};
	const char *bare = bare_subject(l), *start = bare + strspn(bare, "[(");
	const char *hit = words_start(start, auto_subjects), *rest;
	bool before_colon;

	if (subject_is_forward(l->m->subject) || !hit)
		return false;
	rest = start + strlen(hit);
	before_colon = hit[strlen(hit) - 1] == ':' || rest[strspn(rest, " ")] == ':';
	if (is_null_path(l))
		return true;
	/* "SV: Automatiskt svar: ...": somebody answers what a program wrote. */
	if (subject_is_reply(l->m->subject))
		return false;
	if ((before_colon || start > bare) && !words_equal(hit, topics))
		return true;
	if (!before_colon && *rest && !strchr("-!(.])", *rest)) {
		rest += strspn(rest, " ");
		if (!strchr("-–:(", *rest) && !words_start(rest, goes_on) && !strstr(hit, "office"))
			return false;
	}
	return l->m->in_reply_to.n || states_absence(l);
}

static bool auto_reply(struct look *l)
{
	static const struct {
		const char *name, *value, *reason;
	} says[] = {
		{"Precedence", "auto_reply", "precedence"},
		{"Precedence", "auto-reply", "precedence"},
		{"X-Precedence", "auto_reply", "precedence"},
		{"Preference", "auto_reply", "precedence"},
		{"X-POST-MessageClass", "autoresponder", "x-autoreply"},
		{"Delivered-To", "autoresponder", "x-autoreply"},
		{"X-FC-MachineGenerated", "true", "x-autoreply"},
	};
	const char *submitted = text_fold(l->arena, field(l, "Auto-Submitted"));

	if (submitted[0] && strncmp(submitted, "no", 2) != 0)
		return set_auto_reply(l, "auto-submitted");
	/* "Accepterat: Möte": a calendar answers for a person who wrote nothing. */
	if (strncmp(l->m->new_text, "[REPLY] ", 8) == 0)
		return set(l, MAIL_AUTO_REPLY, "calendar-reply");
	if (by_subject(l))
		return set_auto_reply(l, "subject");
	if (has_field(l, "X-Autoreply") || has_field(l, "X-Autorespond") ||
		has_field(l, "X-Auto-Reply-From") || has_field(l, "X-Autogenerated") ||
		has_field(l, "X-Autoresponder") || has_field(l, "X-AutoReply-From") ||
		has_field(l, "X-Mail-Autoreply") || has_field(l, "X-Vacation") ||
		has_field(l, "X-MS-Exchange-Inbox-Rules-Loop"))
		return set_auto_reply(l, "x-autoreply");
	for (size_t i = 0; i < ARRAY_LEN(says); i++)
		if (strstr(text_fold(l->arena, field(l, says[i].name)), says[i].value))
			return set_auto_reply(l, says[i].reason);
	if (suppresses_all(l))
		return set_auto_reply(l, "auto-response-suppress");
	if (is_null_path(l))
		return set_auto_reply(l, "null-return-path");
	return false;
}

/* ---- lists --------------------------------------------------------------------------------- */

static bool list(struct look *l)
{
	const char *precedence = text_fold(l->arena, field(l, "Precedence"));
	bool bulk = strncmp(precedence, "bulk", 4) == 0 || strncmp(precedence, "junk", 4) == 0;

	if (bulk || strncmp(precedence, "list", 4) == 0)
		return set(l, MAIL_LIST, "precedence");
	if (has_field(l, "List-Id") || has_field(l, "List-Unsubscribe") ||
		has_field(l, "List-Post") || has_field(l, "Mailing-List") ||
		has_field(l, "X-Mailing-List") || has_field(l, "Feedback-ID") ||
		has_field(l, "X-Campaign") || has_field(l, "X-CampaignID") ||
		has_field(l, "X-Mailer-LID")) {
		/* A colleague's answer that went through a group address is no bulk mail. */
		if (l->m->in_reply_to.n && subject_is_reply(l->m->subject) &&
			!has_field(l, "List-Unsubscribe-Post") && !has_field(l, "Feedback-ID")) {
			l->m->auto_reason = "reply-through-list";
			return false;
		}
		return set(l, MAIL_LIST, "list-header");
	}
	return false;
}

/* ---- verification -------------------------------------------------------------------------- */

/* A run of 4 to 8 digits, or 123 456, 123-456. */
static bool has_code(const char *s)
{
	size_t run = 0;

	for (;; s++) {
		if ((*s >= '0' && *s <= '9') || (run == 3 && (*s == ' ' || *s == '-'))) {
			run++;
			continue;
		}
		if (run >= 4 && run <= 8)
			return true;
		run = 0;
		if (*s == '\0')
			return false;
	}
}

static bool verification(struct look *l)
{
	const char *from = text_fold(l->arena, l->m->from.address);
	bool machine = words_find(from, machine_names) || has_field(l, "Auto-Submitted") ||
		       has_field(l, "Feedback-ID") || has_field(l, "X-SES-Outgoing") ||
		       has_field(l, "X-SG-EID") || has_field(l, "X-Mailgun-Sid");
	bool subject = words_find(l->subject, code_subjects) != NULL;
	bool phrase = words_find(l->text, code_phrases) != NULL;
	bool link = strstr(l->text, "http") != NULL;

	if (subject_is_reply(l->m->subject) || subject_is_forward(l->m->subject) ||
		l->m->in_reply_to.n)
		return false;
	if (machine && subject && (phrase || link || has_code(l->text)))
		return set(l, MAIL_VERIFICATION, "verification-words");
	if (machine && phrase && (has_code(l->text) || link))
		return set(l, MAIL_VERIFICATION, "verification-words");
	/* Short, with a code standing alone and the service's own phrase for it. */
	if (subject && words_find(l->text, code_statements) && has_code(l->text) &&
		strlen(l->m->text) < 2500)
		return set(l, MAIL_VERIFICATION, "verification-code");
	return false;
}

/* ---- all together -------------------------------------------------------------------------- */

static bool bounce(struct look *l, const struct mail_report *report)
{
	const char *reason = "";

	if (!bounce_read(l->arena, l->m, l->headers, l->n, report, &l->m->bounce, &reason))
		return false;
	/* A report of success is no failure: an automatic reply that tells so. */
	return set(l, l->m->bounce.delivered ? MAIL_AUTO_REPLY : MAIL_BOUNCE, reason);
}

void auto_classify(struct arena *arena, struct mail *m, const struct mail_header *headers, size_t n,
	const struct mail_report *report)
{
	struct look l = {.arena = arena, .m = m, .headers = headers, .n = n};

	m->auto_class = MAIL_PERSON;
	m->auto_reason = "";
	m->bounce = (struct mail_bounce){
		.recipient = "", .status = "", .diagnostic = "", .original_id = ""};
	m->absent_from_ms = m->absent_until_ms = 0;
	l.subject = text_fold(arena, m->subject);
	l.text = fold_start(arena, m->text);
	if (read_receipt(&l, report) || feedback(&l, report) || bounce(&l, report) ||
		reaction(&l) || verification(&l) || auto_reply(&l) || list(&l))
		return;
}
