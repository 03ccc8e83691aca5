/* Reply marker: lines by which programs introduce another's words. A line of the writer's own that
 * merely looks like one ("Den 3 maj skrev jag till er:") must not count: see strong_evidence. */
#include "base/prelude.h"

#include "mail/reply_marker.h"

#include "base/text.h"
#include "mail/words.h"

#define MAX_INTRO_LINES 4
#define MAX_INTRO_BYTES 400
#define MAX_BANNER_BYTES 160

/* "X wrote:" where the verb ends the line. */
static const char *const verbs_last[] = {"wrote", "writes", "wrote the following", "said", "skrev",
	"skrev foljande", "skriver", "schrieb", "schrieb folgendes", "schrieben sie",
	"hat geschrieben", "geschrieben", "a ecrit", "nous a dit", "ecrivait", "escribio",
	"escreveu", "ha scritto", "scrisse", "kirjoitti", "kirjoitti seuraavaa",
	"het volgende geschreven", "schreef", "napisal", "napisal(a)", "napisala", "napsal(a)",
	"napsal", "написал", "написал(а)", "написала", "пишет", "пише", "писал", "писал(а)", "写道",
	"寫道", "のメール", "irta", "yazdi", "님이 작성", "님이 씀", "написав", "έγραψε",
	"kirjutas", "pisze", "작성", "ezt irta", "je napisao", "je napisala", "da viet", "da viết",
	"rase", "rakstija", "skrifaði", "skrifadi", "a scris", "geschreven", "napisao je",
	"napisala je", "написа", "menulis", NULL};
/* "Den ... skrev X:" where the name comes after it. */
static const char *const verbs_inside[] = {" skrev ", " schrieb ", " schreef ", " wrote on ",
	" skrifaði ", " skrifadi ", " kirjutas ", " wrote: ", " kirjoitti ", " wrote ",
	" napisana przez ", " a scris ", NULL};
static const char *const first_person[] = {" skrev jag", " skrev vi", " jag skrev", " vi skrev",
	" schrieb ich", " schrieb wir", " i wrote", " we wrote", " kirjoitin", " skrev jeg",
	"han skrev", "hon skrev", "de skrev", NULL};
/* Horde, Pine and others: "Citerar Anna Ek <a@x.example>:" */
static const char *const quoting[] = {"quoting", "citerar", "citando", "zitat von", "zitiere",
	"siterer", "citat fra", "citation de", "lainaus", NULL};
/* What a marker of several lines may begin with. */
static const char *const openers[] = {"on", "at", "den", "le", "am", "el", "em", "il", "op", "dnia",
	"w dniu", "dne", "in message", "in article", "kl", "kl.", "fra", "from", "pa", "ma", "ti",
	"ke", "to", "pe", "la", "su", "man", "tis", "ons", "tors", "fre", "lor", "son", "mon",
	"tue", "wed", "thu", "fri", "sat", "sun", "monday", "tuesday", "wednesday", "thursday",
	"friday", "saturday", "sunday", "vao", "þann", "dna", "在", "في", "пн", "вт", "ср", "чт",
	"пт", "сб", "вс", "нд", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота",
	"воскресенье", "mandag", "tisdag", "onsdag", "torsdag", "fredag", "lordag", "sondag",
	"tirsdag", "lun", "mar", "mer", "jeu", "ven", "sam", "dim", "jue", "vie", "sab", "dom",
	"do", "di", "mi", "fr", "sa", "so", "mo", NULL};
static const char *const time_words[] = {"jan", "feb", "mar", "apr", "maj", "may", "mai", "jun",
	"jul", "aug", "sep", "okt", "oct", "nov", "dec", "dez", "des", "ene", "abr", "ago", "dic",
	"fev", "avr", "juin", "juil", "tammik", "helmik", "maalisk", "huhtik", "toukok", "kesak",
	"heinak", "elok", "syysk", "lokak", "marrask", "jouluk", "mon", "tue", "wed", "thu", "fri",
	"sat", "sun", "lun", "mer", "jeu", "ven", "sam", "dim", "lut", "styczen", NULL};

static const char *const original_words[] = {"original message", "original-message",
	"originalmeddelande", "original meddelande", "ursprungligt meddelande", "ursprungligt mejl",
	"ursprungligt e-postmeddelande", "ursprungliga meddelandet", "ursprunglig avtalad tid",
	"original appointment", "reply message", "alkuperainen viesti", "alkuperainen tapaaminen",
	"opprinnelig melding", "original melding", "oprindelig meddelelse", "original besked",
	"oprindelig besked", "ursprungliche nachricht", "originalnachricht", "original-nachricht",
	"urspr. nachricht", "message d'origine", "message d’origine", "message original",
	"message initial", "mensaje original", "messaggio originale", "mensagem original",
	"oorspronkelijk bericht", "wiadomosc oryginalna", "oryginalna wiadomosc",
	"исходное сообщение", "Исходное сообщение", "原始邮件", "原始郵件", "original email",
	"original mail", "puvodni e-mail", "puvodni zprava", "povodny e-mail", "eredeti uzenet",
	"mesaj original", "orijinal mesaj", "mail original", "courriel original",
	"ursprungligt mail", "opphavleg melding", "algne sonum", "sakotnejais zinojums",
	"povodna sprava", "izvirno sporocilo", "originalna poruka", "izvorna poruka",
	"Αρχικό μήνυμα", "Оригинално съобщение", "원본 메시지", "元のメッセージ", "הודעה מקורית",
	"الرسالة الأصلية", NULL};
static const char *const forward_words[] = {"forwarded message", "begin forwarded message",
	"vidarebefordrat meddelande", "vidarebefordrat brev", "vidarebefordrat mejl",
	"vidarebefordrat mail", "borja vidarebefordrat meddelande", "forwarded by",
	"vidarebefordrat av", "valitetty viesti", "valitetty viesti alkaa",
	"edelleenlahetetty viesti", "edelleen lahetetty viesti", "videresendt melding",
	"videresendt e-post", "videresendt meddelelse", "videresendt besked",
	"start pa videresendt besked", "weitergeleitete nachricht",
	"anfang der weitergeleiteten nachricht", "weitergeleitet von", "message transfere",
	"message reexpedie", "debut du message transfere", "debut du message reexpedie",
	"mensaje reenviado", "inicio del mensaje reenviado", "messaggio inoltrato",
	"inizio messaggio inoltrato", "mensagem encaminhada", "doorgestuurd bericht",
	"begin doorgestuurd bericht", "original message forwarded", "vidarebefordrad post",
	"message transmis", "mensagem reencaminhada", "inicio da mensagem reencaminhada",
	"inicio da mensagem encaminhada", "preposlana zprava", "zacatek preposilane zpravy",
	"preposlana sprava", "zaciatok preposlanej spravy", "tovabbitott uzenet",
	"tovabbitott level kezdete", "przekazana wiadomosc", "wiadomosc przekazana",
	"poczatek przekazywanej wiadomosci", "tresc przekazanej wiadomosci", "proslijedena poruka",
	"zapocni proslijedenu poruku", "mesaj redirectionat", "mesaj redirecționat",
	"incepe mesajul redirectionat", "incepe mesajul redirecționat", "iletilmis mesaj",
	"iletilen ileti", "ileti baslangici", "edasi saadetud kiri", "Пересылаемое сообщение",
	"Перенаправленное сообщение", "Пересланное сообщение", "Начало переадресованного сообщения",
	"Перенаправлене повідомлення", "Переслане повідомлення", "Початок листа, що пересилається",
	NULL};

static bool has_digit(const char *s)
{
	return strpbrk(s, "0123456789") != NULL;
}

/* hh:mm or hh.mm */
static bool has_time(const char *s)
{
	for (const char *p = strpbrk(s, ":."); p; p = strpbrk(p + 1, ":."))
		if (p > s && p[-1] >= '0' && p[-1] <= '9' && p[1] >= '0' && p[1] <= '5' &&
			p[2] >= '0' && p[2] <= '9')
			return true;
	return false;
}

static bool has_year(const char *s)
{
	size_t run = 0;

	for (;; s++) {
		if (*s >= '0' && *s <= '9') {
			run++;
			continue;
		}
		if (run == 4 && (s[-4] == '1' || s[-4] == '2'))
			return true;
		run = 0;
		if (*s == '\0')
			return false;
	}
}

/* A month or a day of the week, at the beginning of a word. */
static bool has_time_word(const char *s)
{
	for (const char *at = s; *at; at++) {
		if (*at < 'a' || *at > 't' || (at > s && !strchr(" ,.-/(", at[-1])))
			continue;
		for (const char *const *w = time_words; *w; w++)
			if (**w == *at && strncmp(at, *w, strlen(*w)) == 0)
				return true;
	}
	return false;
}

/* 3/5, 3.5., 3 maj, 2026-05-03 */
static bool has_day(const char *s)
{
	if (!has_digit(s))
		return false;
	for (const char *p = strpbrk(s, "/.-"); p; p = strpbrk(p + 1, "/.-"))
		if (p > s && ascii_is_digit(p[-1]) &&
			(ascii_is_digit(p[1]) || (p[1] == ' ' && *p != '-')))
			return true;
	return has_time_word(s);
}

/* A day, or a year alone. */
static bool has_date(const char *s)
{
	return has_digit(s) && (has_day(s) || has_year(s));
}

/* A name after the verb: the rest of the line up to the colon is short. */
static bool verb_inside(const char *folded)
{
	size_t n = strlen(folded);

	if (n == 0 || folded[n - 1] != ':')
		return false;
	for (const char *const *v = verbs_inside; *v; v++) {
		const char *at = strstr(folded, *v);

		if (at && words_count(at + strlen(*v)) <= 12)
			return true;
	}
	return false;
}

/* "30.09.2017, 18.30, "John" <j@x.example>:", "2016-10-24 15:36 GMT+02:00 Foo <info@foo.example>:"
 */
static bool is_dated_sender(const char *folded)
{
	size_t n = strlen(folded);
	bool colon = n > 1 && folded[n - 1] == ':';
	char last = colon ? folded[n - 2] : n ? folded[n - 1] : 0;
	bool opens = ascii_is_digit(folded[0]) || (unsigned char)folded[0] >= 0xd0 ||
		     words_start(folded, openers) != NULL;

	if (!opens || !(last == '>' || last == ')' || last == '"') || !words_has_address(folded))
		return false;
	return has_date(folded) && (has_time(folded) || has_year(folded)) &&
	       (colon || has_year(folded));
}

/* Other forms: "2016-03-03 17:21 GMT+01:00 Some One", "Message du 05/01/16 19:03", "Posted by bo on
 * 01/21/2016", ">>> Bo <b@x.example> 2016-01-05 10:11 >>>", "Bo <b@x.example> skrev: (5 januari ...)". */
static bool is_odd_intro(const char *s)
{
	static const char *const with_date[] = {"message du", "posted by", NULL};
	static const char *const verb_date[] = {" skrev: (", " wrote: (", " schrieb: (",
		" a ecrit : (", " kirjoitti: (", " ezt irta (", NULL};
	size_t n = strlen(s);

	if (n > 200 || !has_digit(s))
		return false;
	if (ascii_is_digit(s[0]) && has_year(s) && has_time(s) && strstr(s, " gmt") &&
		words_count(s) <= 8)
		return has_date(s);
	if (words_start(s, with_date) && words_count(s) <= 10)
		return has_date(s);
	if (strncmp(s, ">>> ", 4) == 0 && n > 8 && strcmp(s + n - 3, ">>>") == 0)
		return has_time(s) && has_date(s);
	n -= s[n - 1] == ':';
	return n > 0 && s[n - 1] == ')' && words_find(s, verb_date) && words_has_address(s) &&
	       has_date(s);
}

/* "Anna, 5 January 10:22. The log wrote:" is the writer's own: a sentence ends in it. */
static bool holds_sentence(const char *s)
{
	size_t letters = 0;

	for (; *s; s++) {
		if (*s == '.' && s[1] == ' ' && letters >= 5)
			return true;
		letters = *s >= 'a' && *s <= 'z' ? letters + 1 : 0;
	}
	return false;
}

/* Yahoo on Android begins the quote in the same line: "On ..., Bo<bo@x.example> wrote: Hello". */
static bool begins_quote_too(const char *s)
{
	static const char *const verbs[] = {"> wrote: ", "> skrev: ", "> schrieb: ", "> a ecrit : ",
		"> a ecrit: ", "> escribio: ", "> kirjoitti: ", "> ha scritto: ", "> escreveu: ",
		"> schreef: ", NULL};
	const char *verb = words_find(s, verbs);

	return verb && words_start(s, openers) && has_time(s) &&
	       words_count(s) - words_count(strstr(s, verb)) <= 16;
}

/* "..., 5.1.2026 10:22 ... <bo@x.example> ...:" in whatever language: weak, for the writer's own log
 * lines and sentences can look so too. */
static bool is_addressed_and_dated(const char *s)
{
	const char *open = strpbrk(s, "<(");

	return open && words_has_address(open) && has_date(s) && has_time(s) &&
	       words_count(s) <= 20 && !holds_sentence(s);
}

/* When it was written or by which address: what a sentence with such a verb seldom tells. */
static bool has_proof(const char *s, bool last)
{
	return (has_date(s) && (has_time(s) || has_year(s)) && !holds_sentence(s)) ||
	       (words_has_address(s) && (has_digit(s) || last));
}

/* How surely is this (possibly joined) folded line an introduction? */
static enum reply_marker_kind wrote_kind(const char *joined)
{
	char s[MAX_INTRO_BYTES + 1], core[MAX_INTRO_BYTES + 1];
	bool colon, last, inside, proof;

	if (!words_strip_into(s, sizeof(s), joined, " -_*>.~") || s[0] == '\0' ||
		words_count(s) > 40)
		return MARKER_NONE;
	(void)words_strip_into(core, sizeof(core), s, " :：-");
	colon = s[strlen(s) - 1] == ':';
	last = words_end(core, verbs_last);
	inside = verb_inside(s);
	if (is_dated_sender(joined + strspn(joined, " -_*>")) || is_odd_intro(joined))
		return MARKER_WROTE;
	if (colon && words_start(s, quoting))
		return words_has_address(s) ? MARKER_WROTE : MARKER_WROTE_WEAK;
	if (colon && last && strstr(s, " via "))
		return MARKER_WROTE;
	if (strstr(s, "写道") || strstr(s, "寫道") || strstr(s, "تمت كتابة ما يلي") ||
		strstr(s, "كتب/كتبت"))
		return MARKER_WROTE;
	if (words_find(s, first_person))
		return MARKER_NONE;
	if (!last && !inside)
		return colon && is_addressed_and_dated(s) ? MARKER_WROTE_WEAK : MARKER_NONE;
	proof = has_proof(s, last);
	if (!colon && strstr(core, "wrote") == NULL && !(last && proof))
		return MARKER_NONE;
	if (!colon && !(proof && words_has_address(s)) && joined[0] != '-')
		return MARKER_NONE;
	if (strstr(core, "http://") || strstr(core, "https://"))
		return words_has_address(s) && proof ? MARKER_WROTE : MARKER_NONE;
	return proof ? MARKER_WROTE : MARKER_WROTE_WEAK;
}

static bool opens_intro(const char *folded)
{
	const char *s = folded;

	while (*s == '-' || *s == '*' || *s == ' ' || *s == '>')
		s++;
	return (*s >= '0' && *s <= '9') || (words_start(s, openers) && has_digit(s)) ||
	       strchr(s, '<') || strchr(s, '@');
}

static struct reply_marker wrote_at(const struct reply_lines *ls, size_t i)
{
	struct reply_marker m = {MARKER_NONE, i, i + 1};
	char joined[MAX_INTRO_BYTES + 1];
	size_t n = strlen(ls->v[i].folded);

	m.kind = wrote_kind(ls->v[i].folded);
	if (m.kind != MARKER_NONE || n >= sizeof(joined) || !opens_intro(ls->v[i].folded))
		return m;
	memcpy(joined, ls->v[i].folded, n + 1);
	for (size_t j = i + 1; j < i + MAX_INTRO_LINES && j < ls->n; j++) {
		enum reply_marker_kind kind;
		size_t more = strlen(ls->v[j].folded);

		if (n + more + 2 > sizeof(joined) || ls->v[j].kind == REPLY_EMPTY ||
			ls->v[j].kind != ls->v[i].kind)
			break;
		if (wrote_kind(ls->v[j].folded) == MARKER_WROTE && has_day(ls->v[j].folded))
			break; /* the marker begins there, not here */
		joined[n] = ' ';
		memcpy(joined + n + 1, ls->v[j].folded, more + 1);
		n += more + 1;
		kind = wrote_kind(joined);
		if (kind == MARKER_WROTE) {
			m.kind = kind;
			m.to = j + 1;
			return m;
		}
	}
	return m;
}

/* "-----Ursprungligt meddelande-----", "Begin forwarded message:", "*----- Original Message
 * -----*", and Lotus: "----- Forwarded by Anna Ek/SOC on 2026-01-05 -----", "-----Anna Ek skrev:
 * -----". */
static enum reply_marker_kind banner_kind(const struct reply_line *l)
{
	const char *s = l->folded + (strncmp(l->folded, "<div>", 5) == 0 ? 5 : 0);
	char text[MAX_BANNER_BYTES + 1], core[MAX_BANNER_BYTES + 1];
	size_t lead = strspn(s, " -_*>=#~");
	bool dashes =
		lead >= 2 || strncmp(s, "—", strlen("—")) == 0 || strncmp(s, "–", strlen("–")) == 0;
	size_t n = strlen(s);

	if (n > MAX_BANNER_BYTES || n == 0)
		return MARKER_NONE;
	if (!dashes && s[n - 1] != ':')
		return MARKER_NONE;
	memcpy(text, s, n + 1);
	text[strcspn(text, "<")] = '\0';
	(void)words_strip_into(core, sizeof(core), text, " -_*>=:#~—–\"");
	if (words_equal(core, forward_words) && (dashes || words_count(core) >= 2))
		return MARKER_FORWARD;
	if (dashes && words_start(core, forward_words))
		return MARKER_FORWARD;
	if (dashes && words_equal(core, original_words) && (lead >= 2 || strlen(core) > 8))
		return MARKER_ORIGINAL;
	if (lead >= 3 && n >= 3 && strcmp(s + n - 3, "---") == 0 && words_end(core, verbs_last))
		return MARKER_ORIGINAL;
	/* GroupWise: ">>> Anna Ek <a@x.example> 2026-01-05 10:22 >>>" is a quote by its first sign.
	 */
	return MARKER_NONE;
}

/* "##- Please type your reply above this line -##", "Skriv ditt svar ovanför denna rad". */
static bool is_above_line(const char *folded)
{
	static const char *const verb[] = {"reply", "respond", "type", "write", "answer", "skriv",
		"svar", "vasta", "kirjoita", "antwort", "schreib", "repond", "reponse", "ecri",
		"respond", "escrib", "skriv", "respuesta", NULL};
	static const char *const above[] = {"above", "ovanfor", "ovan ", "ovenfor", "over denne",
		"ylapuolel", "oberhalb", "uber dieser", "au-dessus", "por encima",
		"below this line to", NULL};
	static const char *const line[] = {"line", "rad", "linje", "rivi", "zeile", "linie",
		"ligne", "linea", "marker", "streck", NULL};
	static const char *const begins[] = {"reply", "please", "respond", "type", "write",
		"answer", "skriv", "svara", "vanligen", "var vanlig", "vastaa", "kirjoita", "bitte",
		"antworten", "veuillez", "repondez", "por favor", "responda", "do not",
		"skriv inte", NULL};
	size_t words = words_count(folded);

	if (!strchr("#-=*_<[~+", folded[0]) && !words_start(folded, begins))
		return false;
	return words >= 3 && words <= 24 && strlen(folded) <= 200 && words_find(folded, verb) &&
	       words_find(folded, above) && words_find(folded, line);
}

/* A label alone on its line; below a sender's name also in the first cell of a row or before a colon. */
static bool is_table_label(const char *folded, const char *const *list, bool has_sender)
{
	for (; *list; list++) {
		size_t n = strlen(*list);

		if (strncmp(folded, *list, n) == 0 &&
			(folded[n] == '\0' ||
				(has_sender &&
					(folded[n] == ':' || strncmp(folded + n, " |", 2) == 0))))
			return true;
	}
	return false;
}

/* Notes prints its block as a table: the labels stand alone on their lines, the sender above the date. */
static bool is_lotus_table(const struct reply_lines *ls, size_t i)
{
	static const char *const to[] = {"to", "till", "an", "a", "til", "vastaanottaja", NULL};
	static const char *const subject[] = {
		"subject", "amne", "arende", "thema", "betreff", "objet", "emne", "aihe", NULL};
	const char *first = ls->v[i].folded;
	bool has_to = false;
	bool has_sender =
		(words_has_address(first) || (strchr(first, '/') && strchr(first, '@'))) &&
		words_count(first) <= 6 && !has_date(first);
	size_t end = i + 14 < ls->n ? i + 14 : ls->n;

	if (has_sender)
		i = reply_lines_skip_empty(ls, i + 1, ls->n);
	if (i >= ls->n || !has_date(ls->v[i].folded) || !has_time(ls->v[i].folded) ||
		words_count(ls->v[i].folded) > 12)
		return false;
	for (size_t j = i + 1; j < end; j++) {
		has_to = has_to || is_table_label(ls->v[j].folded, to, has_sender);
		if (has_to && is_table_label(ls->v[j].folded, subject, has_sender))
			return true;
	}
	return false;
}

/* "----- <words of a language not known here> -----" straight above a header block. */
static bool is_dashed_title(const char *s)
{
	size_t n = strlen(s);

	return strncmp(s, "---", 3) == 0 && n > 8 && strcmp(s + n - 3, "---") == 0 &&
	       n <= MAX_BANNER_BYTES && words_count(s) <= 8;
}

struct reply_marker reply_marker_at(const struct reply_lines *ls, size_t i)
{
	struct reply_marker m = {MARKER_NONE, i, i + 1};
	const struct reply_line *l = &ls->v[i];

	if (l->kind == REPLY_EMPTY)
		return m;
	if (is_above_line(l->folded)) {
		m.kind = MARKER_ABOVE;
		return m;
	}
	m.kind = banner_kind(l);
	if (m.kind != MARKER_NONE) {
		size_t next = reply_lines_skip_empty(ls, i + 1, ls->n);
		size_t end = next < ls->n ? reply_block_end(ls, next) : next;

		m.to = end > next ? end : i + 1;
		return m;
	}
	/* BlackBerry draws no line around it. */
	if (words_equal(l->folded, original_words) || is_dashed_title(l->folded)) {
		size_t next = reply_lines_skip_empty(ls, i + 1, ls->n);

		m.to = reply_block_end(ls, next);
		if (m.to > next) {
			m.kind = MARKER_ORIGINAL;
			return m;
		}
	}
	m.to = reply_block_end(ls, i);
	if (m.to > i) {
		m.kind = MARKER_HEADERS;
		return m;
	}
	if (is_lotus_table(ls, i)) {
		m.kind = MARKER_HEADERS;
		m.to = i + 1;
		return m;
	}
	if (begins_quote_too(l->folded)) {
		m.kind = MARKER_ORIGINAL;
		m.to = i + 1;
		return m;
	}
	return wrote_at(ls, i);
}
