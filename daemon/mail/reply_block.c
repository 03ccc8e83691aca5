/* Reply block: the header block that Outlook, Exchange, Lotus and phones put above the mail that is
 * answered or forwarded, in the languages of its users (declared in mail/reply_marker.h).
 *
 * A block needs a sender and, beside it, a date or a subject: "Från: 1 augusti / Till: 30 augusti"
 * in an order of access is the writer's own text and must stay. */
#include "base/prelude.h"

#include "mail/reply_marker.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/words.h"

#define MAX_BLOCK_LINES 40 /* a To of a long list is folded over many lines */
#define MAX_VALUE_LINES 12 /* of one field */

enum label { LABEL_FROM = 1, LABEL_SENT = 2, LABEL_TO = 4, LABEL_SUBJECT = 8, LABEL_OTHER = 16 };

static const struct {
	enum label label;
	const char *const words[64]; /* NULL-ended */
} labels[] = {
	{LABEL_FROM, {"from", "fran", "von", "de", "da", "van", "fra", "lahettaja", "avsandare",
			     "od", "От", "Från", "Von", "kimden", "gonderen", "发件人", "寄件者",
			     "差出人", "보낸 사람", "보낸사람", "Отправитель", "felado", "de la",
			     "saatja", "expediteur", "nuo", "salje", "送信者", "送信元", "Від",
			     "Від кого", "Από", "expeditorul", "mittente", "nadawca", "remitente",
			     "no", "寄件人", "מאת", "من", "từ"}},
	{LABEL_SENT,
		{"sent", "date", "skickat", "skickad", "datum", "gesendet", "envoye", "envoye le",
			"enviado", "enviado el", "enviado em", "enviada em", "fecha", "data",
			"inviato", "inviato il", "sendt", "dato", "lahetetty", "paivays",
			"paivamaara", "pvm", "verzonden", "wyslano", "tid", "Дата", "Отправлено",
			"发送时间", "日期", "日時", "送信日時", "tarih", "mottaget", "elkuldve",
			"trimis", "saadetud", "issiusta", "nosutits", "wyslane", "date d'envoi",
			"날짜", "보낸 날짜", "odoslane", "odeslano", "kuupaev", "poslano",
			"gonderildi", "寄件日期", "Изпратено", "Надіслано", "Στάλθηκε", "נשלח",
			"תאריך", "تم الإرسال", "التاريخ", "ngay"}},
	{LABEL_TO, {"to", "till", "an", "a", "para", "til", "vastaanottaja", "aan", "do", "pour",
			   "kime", "Кому", "收件人", "宛先", "받는 사람", "받는사람", "mottagare",
			   "komu", "cimzett", "catre", "adressaat", "destinataire", "kam", "prima",
			   "Προς", "destinatarul", "destinatario", "adresat", "saaja", "До", "pre",
			   "za", "收件者", "אל", "إلى", "dến"}},
	{LABEL_SUBJECT, {"subject", "amne", "rubrik", "arende", "betreff", "objet", "asunto",
				"assunto", "oggetto", "emne", "aihe", "onderwerp", "temat", "konu",
				"Тема", "主题", "主題", "件名", "제목", "predmet", "targy", "sujet",
				"teema", "tema", "efni", "subiect", "Θέμα", "subiectul", "naslov",
				"zadeva", "Относно", "主旨", "נושא", "الموضوع", "chủ dề"}},
	{LABEL_OTHER,
		{"cc", "bcc", "kopia", "kopie", "copia", "kopi", "kopio", "copie", "dk",
			"hemlig kopia", "reply-to", "svar till", "svara till", "antwort an",
			"repondre a", "vikt", "prioritet", "importance", "priority", "prioritat",
			"bifogade filer", "bilagor", "attachments", "anlagen", "pieces jointes",
			"sensitivity", "sekretess", "kopia till", "Копия", "抄送", "liitteet",
			"organisation", "newsgroups", "mailed-by", "signed-by"}},
};

/* The label that the folded line begins with and the text after its colon, or 0. */
static enum label line_label(const char *folded, const char **value)
{
	const char *s = folded;

	while (*s == '*' || *s == '_' || *s == ' ')
		s++;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		for (const char *const *w = labels[i].words; *w; w++) {
			size_t n;
			const char *p;

			if (**w != *s)
				continue;
			n = strlen(*w);
			if (strncmp(s, *w, n) != 0)
				continue;
			p = s + n;
			while (*p == '*' || *p == ' ' || *p == '_')
				p++;
			if (*p == ':')
				p++;
			else if (strncmp(p, "：", strlen("：")) == 0)
				p += strlen("：");
			else
				continue;
			while (*p == '*' || *p == ' ' || *p == '_')
				p++;
			*value = p;
			return labels[i].label;
		}
	}
	return 0;
}

/* A sender's field holds a name or an address, not only a date, a time or nothing. */
static bool could_be_sender(const char *value)
{
	static const char *const months[] = {"jan", "feb", "mar", "apr", "maj", "may", "jun", "jul",
		"aug", "sep", "okt", "oct", "nov", "dec", "kl", "idag", "imorgon", "nu", "och med",
		NULL};
	size_t letters = 0, digits = 0;

	if (strchr(value, '@'))
		return true;
	for (const char *p = value; *p; p++) {
		letters += (*p >= 'a' && *p <= 'z') || (unsigned char)*p >= 0x80;
		digits += *p >= '0' && *p <= '9';
	}
	return letters >= 2 && digits <= letters && !(digits && words_find(value, months));
}

/* A folded line goes on with the field before: an address, or text set in. */
static bool continues_field(const struct reply_line *l)
{
	return l->n > l->mark &&
	       (l->s[l->mark] == ' ' || l->s[l->mark] == '\t' || l->folded[0] == '<' ||
		       strchr(l->folded, '@') != NULL || strchr(l->folded, ';') != NULL);
}

static bool has_more(const struct reply_lines *ls, size_t i)
{
	const char *value;
	size_t end = i + 4 < ls->n ? i + 4 : ls->n;

	for (; i < end; i++)
		if (ls->v[i].kind != REPLY_EMPTY)
			return line_label(ls->v[i].folded, &value) != 0;
	return false;
}

static bool enough(unsigned seen, unsigned fields)
{
	return (seen & LABEL_FROM) && (seen & (LABEL_SENT | LABEL_SUBJECT)) && fields >= 3;
}

/* "Från: A Skickat: B Till: C Ämne: D" in one line, as some HTML becomes. */
static bool one_line_block(const char *folded)
{
	static const char *const sent[] = {
		" sent: ", " skickat: ", " date: ", " datum: ", " gesendet: ", " sendt: ",
		" lahetetty: ", " envoye : ", " envoye: ", " enviado: ", " enviado el: ", NULL};
	static const char *const to[] = {" to: ", " till: ", " an: ", " til: ", " vastaanottaja: ",
		" a : ", " a: ", " para: ", NULL};
	static const char *const subject[] = {" subject: ", " amne: ", " betreff: ", " emne: ",
		" aihe: ", " objet : ", " objet: ", " asunto: ", " rubrik: ", NULL};
	const char *value;

	return line_label(folded, &value) == LABEL_FROM && words_find(folded, sent) &&
	       words_find(folded, to) && words_find(folded, subject);
}

size_t reply_block_end(const struct reply_lines *ls, size_t i)
{
	unsigned seen = 0, fields = 0, run = 0;
	size_t end = i, limit = i + MAX_BLOCK_LINES < ls->n ? i + MAX_BLOCK_LINES : ls->n;
	const char *value;

	if (i >= ls->n || line_label(ls->v[i].folded, &value) == 0)
		return i;
	if (one_line_block(ls->v[i].folded))
		return i + 1;
	for (size_t j = i; j < limit; j++) {
		const struct reply_line *l = &ls->v[j];
		enum label label = line_label(l->folded, &value);

		if (label) {
			if (label == LABEL_FROM && !could_be_sender(value) && !has_more(ls, j + 1))
				break;
			if (label == LABEL_FROM && value[0] && !could_be_sender(value))
				break;
			fields += !(seen & label) || label == LABEL_OTHER;
			seen |= label;
			run = 0;
			end = j + 1;
		} else if (l->kind == REPLY_EMPTY) {
			if (!has_more(ls, j))
				break;
		} else if (++run > MAX_VALUE_LINES ||
			   (!continues_field(l) && !has_more(ls, j + 1))) {
			break;
		} else if (continues_field(l)) {
			end = j + 1;
		}
	}
	return enough(seen, fields) ? end : i;
}

static const char *value_text(
	struct arena *arena, const struct reply_lines *ls, size_t from, size_t to)
{
	char *first = reply_line_words(arena, &ls->v[from]);
	const char *colon = strchr(first, ':'), *wide = strstr(first, "：");
	const char *value = colon ? colon + 1 : first;

	if (wide && (!colon || wide < colon))
		value = wide + strlen("：");
	for (size_t i = from + 1; i < to; i++) {
		if (ls->v[i].kind == REPLY_EMPTY)
			break;
		value = arena_printf(arena, "%s %s", value, reply_line_words(arena, &ls->v[i]));
	}
	return words_strip(arena, utf8_clean_line(arena, value, strlen(value)), "* \t");
}

struct reply_block reply_block_read(
	struct arena *arena, const struct reply_lines *ls, size_t from, size_t to)
{
	struct reply_block block = {"", ""};
	const char *value;

	for (size_t i = from; i < to;) {
		enum label label = line_label(ls->v[i].folded, &value);
		size_t end = i + 1;

		while (end < to && line_label(ls->v[end].folded, &value) == 0)
			end++;
		if (label == LABEL_FROM && block.from[0] == '\0')
			block.from = value_text(arena, ls, i, end);
		if (label == LABEL_SUBJECT && block.subject[0] == '\0')
			block.subject = value_text(arena, ls, i, end);
		i = end;
	}
	return block;
}
