/* Delivery: see delivery.h. The one place that decides which headers a mail of a class carries. */
#include "base/prelude.h"

#include "app/delivery.h"

#include "base/arena.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "core/config.h"
#include "core/doc.h"
#include "mail/compose.h"
#include "store/inbox.h"

/* DESIGN.md section 5, "What others must know of our mail". */
struct class_rule {
	bool auto_submitted; /* and suppress All */
	bool chain_suppress; /* suppress all but out-of-office: absence is to be learnt */
	bool null_return_path;
};

static const struct class_rule class_rules[MAILING_N] = {
	[MAILING_ALARM] = {.auto_submitted = true, .null_return_path = true},
	[MAILING_ANSWER] = {.chain_suppress = true},
	[MAILING_NOTIFICATION] = {.chain_suppress = true},
	[MAILING_HANDOVER] = {.auto_submitted = false},
	[MAILING_RECEIPT] = {.auto_submitted = true, .null_return_path = true},
	[MAILING_COMMAND] = {.auto_submitted = true, .null_return_path = true},
	[MAILING_DIGEST] = {.chain_suppress = true},
	[MAILING_BROADCAST] = {.auto_submitted = true, .null_return_path = true},
};

static struct mail_strings split_refs(struct arena *arena, const char *refs)
{
	struct mail_strings out = {.v = arena_array(arena, strlen(refs) / 2 + 1, sizeof(char *))};
	for (const char *p = refs; *p != '\0';) {
		size_t n = strcspn(p, " ");
		if (n > 0)
			out.v[out.n++] = arena_strndup(arena, p, n);
		p += n + strspn(p + n, " ");
	}
	return out;
}

int delivery_compose(struct desk *d, struct arena *arena, const struct outbox_row *row,
	struct buf *wire, const char **error)
{
	const struct config *cfg = d->config;
	const struct mailbox *box = config_mailbox(cfg, row->mailbox);
	if (box == NULL)
		box = &cfg->mailboxes[0];
	json_t *json = json_read(row->body->doc, strlen(row->body->doc));
	struct doc *doc = json != NULL ? doc_from_json(arena, json) : NULL;
	json_decref(json);
	if (doc == NULL) {
		*error = "the stored text is not understood";
		return -1;
	}
	const struct class_rule *rule = &class_rules[row->class];
	struct compose_header headers[4];
	size_t n = 0;
	if (rule->auto_submitted) {
		headers[n++] = (struct compose_header){"Auto-Submitted",
			*row->in_reply_to != '\0' ? "auto-replied" : "auto-generated"};
		headers[n++] = (struct compose_header){"X-Auto-Response-Suppress", "All"};
	} else if (rule->chain_suppress) {
		headers[n++] = (struct compose_header){
			"X-Auto-Response-Suppress", "DR, RN, NRN, AutoReply"};
	}
	struct compose c = {
		.from = {.name = cfg->installation, .address = box->address},
		.to = {.name = row->name, .address = row->address},
		.reply_to = row->reply_address,
		.subject = row->body->subject,
		.message_id = row->message_id,
		.in_reply_to = row->in_reply_to,
		.references = split_refs(arena, row->refs),
		.date_ms = row->created_ms,
		.zone = &cfg->zone,
		.language = row->language,
		.text = doc_to_text(arena, doc, row->reply_address),
		.html = doc_to_html(arena, doc, row->body->subject, row->reply_address),
		.headers = headers,
		.n_headers = n,
	};
	return compose_mail(arena, &c, wire, error);
}

const char *delivery_return_path(const struct outbox_row *row)
{
	return class_rules[row->class].null_return_path ? "" : row->reply_address;
}
