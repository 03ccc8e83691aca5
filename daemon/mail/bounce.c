/* Bounce: is it a delivery report, about whom, and is it final? Called by auto.c; pure.
 *
 * Three sources, best first: the machine-readable part (RFC 3464), fields such as
 * X-Failed-Recipients, and the prose (bounce_prose.c). A person who writes about a bounce, or
 * forwards one, must stay a person: prose alone never decides. */
#include "base/prelude.h"

#include "mail/bounce.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/bounce_scan.h"
#include "mail/reply.h"
#include "mail/words.h"

#define MAX_LOOK 6000	   /* bytes of prose in which phrases are looked for */
#define FIRST_WORDS 80	   /* bytes: about the first sentence */
#define MAX_RECIPIENTS 200 /* groups of a report that are looked at */
#define MAX_DIAGNOSTIC_BYTES 500

static const char *const daemons[] = {"mailer-daemon", "mailer daemon", "postmaster", "post_master",
	"mdaemon", "maildaemon", "mail-daemon", "mail delivery", "mail.delivery.system",
	"maildelivery", "mail deliver system", "internet mail delivery", "mail system",
	"mailsystem", "system administrator", "systemadministrator", "microsoftexchange",
	"microsoft outlook", "mail administrator", "mail router", "post office", "poostmaster",
	"mailerdaemon", "mail subsystem", "leveranssystem", "imss", "antivirus", "daemon",
	"mailgate", "mail gateway", "mailadmin", "mail-admin", "mailmaster", "mail master",
	"smtp gateway", "smtp-gateway", "delivery subsystem", "ndr admin", "scanmail", "interscan",
	"notes router", "mail server", "content-filter", NULL};

static const char *const subjects[] = {"failure notice", "undeliver", "undelivered mail",
	"delivery status notif", "returned mail", "mail delivery fail", "delivery fail",
	"mail delivery warning", "delivery notification", "message delivery has failed",
	"mail system error", "returned to sender", "returning message to sender", "non-delivery",
	"nondeliverable", "not delivered", "could not be delivered", "could not send message",
	"warning: message", "warning: could not", "warning--could not", "delayed mail",
	"delivery delayed", "mail delivery delay", "email delivery failure", "delivery has failed",
	"failed mail", "failure delivery", "delivery error", "processing error",
	"permanent delivery failure", "message status - undeliverable", "mail error",
	"can't deliver", "cannot deliver", "unable to deliver", "bounce", "email bounce",
	"rejected mail", "mail rejected", "blocked by our bulk", "kunde inte levereras",
	"kan inte levereras", "gick inte att leverera", "ej levererat", "oleverbar", "olevererbar",
	"olevererat", "leveransfel", "leveransstatus", "leveransen misslyckades",
	"leverans misslyckades", "fordrojd leverans", "leveransen har fordrojts",
	"leveransen ar forsenad", "meddelandet ar forsenat", "ei voitu toimittaa",
	"ei toimitettavissa", "toimittamaton", "toimitus epaonnistui", "unzustellbar",
	"nicht zustellbar", "zustellung", "non remis", "non delivre", "echec de la remise",
	"no se puede entregar", "no se pudo entregar", "kan ikke leveres", "ikke levert",
	"kunne ikke leveres", "uleverlig", "leveringsfeil", "не доставлено", "недоставлен",
	"сообщение не", "Сообщение не", "nameserver error report", "mail could not be",
	"email delivery error", "delivery problem", "notification d'etat", "mail delivery problem",
	"error sending message", "delivery report", "mail delivery status",
	"ndn:", "unsolicited bulk email from you", "gick inte fram", "kom inte fram",
	"non recapitabile", "mancato recapito", "mancata consegna", "recapito non riuscito",
	"nao e possivel entregar", "nao foi possivel entregar", "falha na entrega", "nao entregue",
	"no entregado", "error de entrega", "fallo en la entrega", "fallo de entrega",
	"non distribue", "echec de remise", "echec de distribution", "echec d'envoi",
	"onbestelbaar", "niet bezorgd", "nie dostarczono", "niedostarcz", "nedorucitel",
	"teslim edilemedi", "配信不能", "配信でき", "配送でき", "送信でき", "エラーメール", "退信",
	"退件", "无法投递", "投递失败", "無法傳遞", "반송", NULL};

static const char *const phrases[] = {"not be delivered", "couldn't be delivered",
	"wasn't able to deliver", "unable to deliver", "not delivered", "was not delivered",
	"delivery to the following", "delivery has failed", "failed permanently", "undeliverable",
	"returning message", "kunde inte levereras", "gick inte att leverera", "inte levererats",
	"levererades inte", "leveransen misslyckades", "kunde inte leverera", "user unknown",
	"unknown user", "no such user", "mailbox is full", "mailbox unavailable", "mailbox full",
	"delivery errors", "permanent error", "fatal errors", "delivery failure", "did not reach",
	"mail system at", "has been delayed", "delayed", "still being retried",
	"could not send message", "toimitus epaonnistui", "ei voitu toimittaa",
	"konnte nicht zugestellt", "pas pu etre", "no se pudo entregar", "error delivering",
	"failed address", "failure reasons", "could not deliver", "not able to deliver",
	"address rejected", "mail delivery", "does not exist", "failed to deliver",
	"cannot be delivered", "returned mail", "returned to the sender", "delivery attempt",
	"account has been disabled", "rejected by", "could not be sent", "не может быть",
	"не доставлен", "could not be processed", "недоступен", "notificationtype", "over quota",
	"recipient unknown", "was rejected", "was blocked", "been blocked", "error sending message",
	"email was stopped", "non-delivery", "no valid recipients", "pas pu delivrer",
	"pas pu remettre", "n'est pas parvenu", "non remis", "recapito non riuscito",
	"impossibile recapitare", "impossibile consegnare", "falha na entrega",
	"nao pode ser entregue", "nao foi possivel entregar", "error de entrega",
	"no se ha podido entregar", "no ha podido ser entregado", "niet worden bezorgd",
	"nie mogla zostac dostarczona", "配信でき", "配送でき", "送信でき", "届けでき", "无法投递",
	"無法傳遞", NULL};

/* Reports of what went well, from systems that do not write RFC 3464. */
static const char *const successes[] = {"successfully delivered", "successfully relayed",
	"successfully received by", "delivery has been successful", "delivered successfully",
	"was successfully forwarded", "levererades utan problem", "erfolgreich zugestellt",
	"ete remis correctement", "(success)", "(relay)", NULL};

const char *auto_header(const struct mail_header *headers, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (ascii_equal_nocase(headers[i].name, name))
			return headers[i].value;
	return "";
}

/* ---- RFC 3464 ----------------------------------------------------------------------------- */

/* "rfc822; a@x.example" -> "a@x.example" */
static const char *typed_address(struct arena *arena, const char *value)
{
	const char *semi = strchr(value, ';');
	char *a = bounce_address_in(arena, semi ? semi + 1 : value, NULL);

	return a ? a : "";
}

struct group {
	const char *recipient, *action, *status, *diagnostic;
	int rank; /* failed 4, delayed 3, unknown 2, success 1 */
};

static int rank_of(const char *action, const char *status)
{
	if (ascii_starts_nocase(action, "fail") || ascii_starts_nocase(action, "expire"))
		return 4;
	if (ascii_starts_nocase(action, "delay"))
		return 3;
	if (ascii_starts_nocase(action, "deliver") || ascii_starts_nocase(action, "relay") ||
		ascii_starts_nocase(action, "expand"))
		return 1;
	return status[0] == '2' ? 1 : 2;
}

/* What the refusing server itself answered ("550 5.7.1 ...", the last such where several are
 * quoted) says more than what its client made of it in the Status field. */
static const char *best_status(struct arena *arena, const char *field, const char *diagnostic)
{
	const char *answered = bounce_answer_in(arena, diagnostic);
	const char *told = bounce_status_in(arena, diagnostic);

	if (answered[0])
		return answered;
	if (field[0] == '\0')
		return told;
	if (told[0] && told[0] != '2' && strlen(field) > 4 &&
		strcmp(field + strlen(field) - 4, ".0.0") == 0)
		return told;
	return field;
}

static struct group read_group(struct arena *arena, const char *block)
{
	struct group g = {"", "", "", "", 0};
	const char *final = bounce_field(arena, block, "Final-Recipient");
	const char *original = bounce_field(arena, block, "Original-Recipient");
	const char *actual = bounce_field(arena, block, "X-Actual-Recipient");

	/* The original is the address that we wrote to; the final one may be an alias behind it. */
	g.recipient = typed_address(arena, strchr(original, '@') ? original : final);
	if (!strchr(g.recipient, '@') && strchr(actual, '@'))
		g.recipient = typed_address(arena, actual);
	g.action = bounce_field(arena, block, "Action");
	g.diagnostic = bounce_field(arena, block, "Diagnostic-Code");
	g.status = best_status(
		arena, bounce_status_in(arena, bounce_field(arena, block, "Status")), g.diagnostic);
	if (final[0] || original[0] || g.action[0])
		g.rank = rank_of(g.action, g.status);
	return g;
}

/* Some write Action among the fields of the whole report: it tells of the recipients that follow. */
static struct group with_action(struct group g, const struct group *before)
{
	if (g.action[0] == '\0' && before->action[0] && before->recipient[0] == '\0') {
		g.action = before->action;
		g.rank = rank_of(g.action, g.status);
	}
	return g;
}

/* The groups are divided by blank lines; the worst of them counts. */
static struct group read_status(struct arena *arena, const char *report)
{
	struct group best = {"", "", "", "", 0};
	const char *p = report;

	for (int i = 0; i < MAX_RECIPIENTS && *p; i++) {
		const char *end = p, *next;
		struct group g;

		while ((next = strchr(end, '\n')) != NULL) {
			const char *q = next + 1 + strspn(next + 1, " \t\r");

			end = next + 1;
			if (*q == '\n' || *q == '\0')
				break;
		}
		if (!next)
			end = p + strlen(p);
		g = with_action(
			read_group(arena, arena_strndup(arena, p, (size_t)(end - p))), &best);
		if (g.rank > best.rank ||
			(g.rank == best.rank && g.recipient[0] && !best.recipient[0]))
			best = g;
		p = end + strspn(end, " \t\r\n");
	}
	return best;
}

/* ---- is it one? ---------------------------------------------------------------------------- */

static bool from_daemon(
	struct arena *arena, const struct mail *m, const struct mail_header *headers, size_t n)
{
	const char *from = text_fold(arena, auto_header(headers, n, "From"));

	if (strcmp(from, "<>") == 0)
		return true;
	return words_find(from, daemons) || words_find(text_fold(arena, m->from.name), daemons) ||
	       words_find(text_fold(arena, m->from.address), daemons);
}

/* What mail programs of people leave in the header. */
static bool written_in_client(const struct mail_header *headers, size_t n)
{
	static const char *const names[] = {"X-Mailer", "User-Agent", "Thread-Index",
		"Thread-Topic", "X-Originating-IP", "X-MS-Has-Attach", NULL};

	for (const char *const *h = names; *h; h++)
		if (auto_header(headers, n, *h)[0])
			return true;
	return false;
}

static bool is_null_path(const struct mail *m, const struct mail_header *headers, size_t n)
{
	const char *path =
		m->return_path[0] ? m->return_path : auto_header(headers, n, "Return-Path");

	return strcmp(path, "<>") == 0 || ascii_starts_nocase(path, "<mailer-daemon") ||
	       ascii_starts_nocase(path, "mailer-daemon");
}

/* {"notificationType":"Bounce", also with its quotes escaped. */
static bool is_amazon_notification(const char *folded, const char *type)
{
	const char *at = strstr(folded, "notificationtype");

	if (!at)
		return false;
	at += strlen("notificationtype");
	at += strspn(at, "\\\": ");
	return strncmp(at, type, strlen(type)) == 0;
}

/* Its answer would come another day. */
static bool sounds_temporary(struct arena *arena, const char *diagnostic)
{
	static const char *const words[] = {"timed out", "timeout", "try again", "temporar",
		"connection refused", "later", NULL};

	return words_find(text_fold(arena, diagnostic), words) != NULL;
}

/* What a machine answered to a machine stands in the text beside the address that it was about. */
static bool quotes_refusal(const struct bounce_prose *prose, bool daemon)
{
	return prose->anchored && (prose->status[0] || (daemon && prose->diagnostic[0]));
}

/* A person begins with a greeting. */
static bool begins_as_report(struct arena *arena, const char *folded)
{
	const char *first = folded + strspn(folded, " *-=#_");

	return words_find(arena_strndup(arena, first, strnlen(first, FIRST_WORDS)), phrases);
}

/* The sum of hints; prose counts only together with a machine's mark. */
static bool looks_like_bounce(struct arena *arena, const struct mail *m,
	const struct mail_header *headers, size_t n, const struct bounce_prose *prose,
	const char **reason)
{
	const char *subject = text_fold(arena, m->subject);
	const char *start =
		text_fold(arena, arena_strndup(arena, m->text, strnlen(m->text, MAX_LOOK)));
	bool daemon = from_daemon(arena, m, headers, n), null_path = is_null_path(m, headers, n);
	bool by_subject = words_find(subject, subjects) != NULL;
	bool by_text = words_find(start, phrases) != NULL;
	bool prefixed = subject_is_forward(m->subject) || subject_is_reply(m->subject);

	if (auto_header(headers, n, "X-Failed-Recipients")[0]) {
		*reason = "x-failed-recipients";
		return true;
	}
	if (is_amazon_notification(start, "bounce") || is_amazon_notification(start, "delivery")) {
		*reason = "amazon-notification";
		return true;
	}
	*reason = "bounce-text";
	/* Some put our own subject in front of theirs: "Re: ... : non remis". */
	if (prefixed && !daemon &&
		(subject_is_forward(m->subject) || !begins_as_report(arena, start)))
		return false;
	if (daemon || null_path)
		return (daemon && (by_subject || by_text)) ||
		       (null_path && by_subject && by_text) || quotes_refusal(prose, daemon);
	/* Nobody asks a question in a report. */
	return by_subject && by_text && prose->alone && !strchr(start, '?') &&
	       !written_in_client(headers, n) &&
	       words_find(subject,
		       (const char *const[]){"deliver", "lever", "zustell", "remis", NULL}) &&
	       !auto_header(headers, n, "In-Reply-To")[0];
}

/* Cheap, for every mail: only what passes has its prose read. */
static bool could_be_report(
	struct arena *arena, const struct mail *m, const struct mail_header *headers, size_t n)
{
	return auto_header(headers, n, "X-Failed-Recipients")[0] || is_null_path(m, headers, n) ||
	       from_daemon(arena, m, headers, n) ||
	       words_find(text_fold(arena, m->subject), subjects) ||
	       strstr(m->text, "otificationType");
}

/* A report that some program copied into text, instead of sending it as a part. */
static struct group read_status_in_text(struct arena *arena, const char *text)
{
	const char *start = strstr(text, "Final-Recipient:");
	struct group none = {"", "", "", "", 0}, g;

	if (!start || (start > text && start[-1] != '\n'))
		return none;
	g = read_status(arena, arena_strndup(arena, start, strnlen(start, MAX_LOOK)));
	return g.action[0] ? g : none;
}

static bool tells_success(
	struct arena *arena, const struct mail *m, const struct bounce_prose *prose)
{
	const char *start =
		text_fold(arena, arena_strndup(arena, m->text, strnlen(m->text, MAX_LOOK)));

	return !prose->status[0] && !prose->delayed &&
	       (words_find(start, successes) || is_amazon_notification(start, "delivery") ||
		       words_find(text_fold(arena, m->subject), successes));
}

/* ---- all together -------------------------------------------------------------------------- */

static bool went_to(const struct mail *m, const char *address)
{
	for (size_t i = 0; i < m->to.n; i++)
		if (ascii_equal_nocase(m->to.v[i].address, address))
			return true;
	return false;
}

/* DragonFly writes whom it did not reach into X-Original-To of its report, where Postfix writes whom the
 * report is for. */
static bool is_failed_original(struct arena *arena, const struct mail *m,
	const struct mail_header *headers, size_t n, const char *address)
{
	const char *delivered = words_strip(arena, auto_header(headers, n, "Delivered-To"), "<> ");

	if (!m->to.n || went_to(m, address) || ascii_equal_nocase(address, delivered))
		return false;
	for (size_t i = 0; i < n; i++)
		if (ascii_equal_nocase(headers[i].name, "X-Original-To") &&
			ascii_equal_nocase(words_strip(arena, headers[i].value, "<> "), address))
			return true;
	return false;
}

/* Whom the report went to cannot be who was not reached. */
static const char *const *own_addresses(struct arena *arena, const struct mail *m,
	const struct mail_header *headers, size_t n_headers)
{
	size_t n = 0, max = m->to.n + m->delivered_to.n + 2;
	const char **own = arena_array(arena, max, sizeof(*own));

	for (size_t i = 0; i < m->to.n; i++)
		own[n++] = m->to.v[i].address;
	for (size_t i = 0; i < m->delivered_to.n; i++) {
		const char *address = words_strip(arena, m->delivered_to.v[i], "<> ");

		if (!is_failed_original(arena, m, headers, n_headers, address))
			own[n++] = address;
	}
	if (m->from.address[0])
		own[n++] = m->from.address;
	own[n] = NULL;
	return own;
}

static void fill(struct arena *arena, const struct mail *m, const struct mail_header *headers,
	size_t n, const struct mail_report *report, const struct group *g,
	const struct bounce_prose *prose, struct mail_bounce *out)
{
	const char *failed = auto_header(headers, n, "X-Failed-Recipients");
	const char *id = bounce_field(arena, report->original_header, "Message-ID");

	out->recipient = strchr(g->recipient, '@') ? g->recipient : "";
	if (!out->recipient[0] && failed[0])
		out->recipient = bounce_address_in(arena, failed, NULL);
	if (!out->recipient || !out->recipient[0])
		out->recipient = prose->recipient;
	if (!out->recipient[0]) {
		char *to = bounce_address_in(
			arena, bounce_field(arena, report->original_header, "To"), NULL);

		out->recipient = to ? to : "";
	}
	out->status = g->status[0] ? best_status(arena, g->status,
					     g->diagnostic[0] ? g->diagnostic : prose->status)
				   : prose->status;
	out->diagnostic = utf8_shorten(
		arena, g->diagnostic[0] ? g->diagnostic : prose->diagnostic, MAX_DIAGNOSTIC_BYTES);
	out->delivered = g->rank == 1 || (g->rank == 0 && tells_success(arena, m, prose));
	if (out->delivered && !out->status[0]) {
		const char *told = bounce_status_in(arena, m->text);

		out->status = told[0] == '2' ? told : "";
	}
	out->temporary = !out->delivered &&
			 (g->rank == 3 || out->status[0] == '4' ||
				 (out->status[0] == '\0' &&
					 ((g->rank == 0 && prose->delayed) ||
						 sounds_temporary(arena, out->diagnostic))));
	out->original_id = id[0] ? words_strip(arena, id, "<> ") : prose->original_id;
	if (!out->original_id[0] && m->in_reply_to.n)
		out->original_id = m->in_reply_to.v[0];
	if (strlen(out->original_id) > MAX_MESSAGE_ID_BYTES)
		out->original_id = "";
}

static const char *clean_lines(struct arena *arena, const char *s)
{
	return utf8_clean(arena, s, strlen(s));
}

bool bounce_read(struct arena *arena, const struct mail *m, const struct mail_header *headers,
	size_t n, const struct mail_report *report, struct mail_bounce *out, const char **reason)
{
	/* Some reports end their lines with CR alone. */
	struct mail_report clean = {report->report_type,
		clean_lines(arena, report->delivery_status), "",
		clean_lines(arena, report->original_header)};
	struct group g = read_status(arena, clean.delivery_status);
	struct bounce_prose prose;
	bool told;

	*out = (struct mail_bounce){
		.recipient = "", .status = "", .diagnostic = "", .original_id = ""};
	told = g.rank > 0 || strcmp(report->report_type, "delivery-status") == 0;
	/* Somebody forwards a report as an attachment, to ask about it. */
	if (told && subject_is_forward(m->subject) && !is_null_path(m, headers, n) &&
		!from_daemon(arena, m, headers, n))
		return false;
	if (!told && !could_be_report(arena, m, headers, n))
		return false;
	bounce_prose_read(arena, m->text, m->subject, own_addresses(arena, m, headers, n), &prose);
	if (told)
		*reason = "delivery-status";
	else if (!looks_like_bounce(arena, m, headers, n, &prose, reason))
		return false;
	if (g.rank == 0)
		g = read_status_in_text(arena, m->text);
	fill(arena, m, headers, n, &clean, &g, &prose, out);
	return true;
}
