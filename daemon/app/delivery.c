/* Delivery: see delivery.h. The one place that decides which headers a mail of a class carries. */
#include "base/prelude.h"

#include "app/delivery.h"

#include "base/arena.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "core/config.h"
#include "core/doc.h"
#include "mail/compose.h"
#include "mail/parse.h"
#include "store/inbox.h"
#include "store/cases.h"

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

/* One of the requester's files; false if it cannot be had any more (erased, withheld, too large). The
 * mail then says what it says: its list of files was made by the turn. */
static bool load_attachment(struct desk *d, struct arena *arena,
	const struct mail_attachment_ref *ref, size_t max, struct compose_attachment *out)
{
	struct inbox_attachment row;
	struct bytes raw;
	int64_t raw_id = 0;
	if (store_inbox_attachment(d->store, arena, ref->inbox, ref->index, &row, &raw_id) !=
			STORE_OK ||
		row.withheld || raw_id == 0 || store_raw(d->store, raw_id, &raw) != STORE_OK)
		return false;
	struct mail_attachment a = {.name = row.name,
		.type = row.type,
		.content_id = "",
		.encoding = row.encoding,
		.size = row.size,
		.raw_offset = row.raw_offset,
		.raw_length = row.raw_length};
	*out = (struct compose_attachment){
		.name = mail_file_name(arena, row.name), .type = row.type};
	bool ok = mail_attachment_bytes(arena, raw, &a, max, &out->content) == 0;
	if (ok) { /* undecoded content would point into raw */
		unsigned char *copy = arena_alloc(arena, out->content.n);
		memcpy(copy, out->content.p, out->content.n);
		out->content.p = copy;
	}
	free((void *)raw.p);
	return ok;
}

static size_t load_attachments(struct desk *d, struct arena *arena, const struct outbox_row *row,
	struct compose_attachment *out)
{
	size_t n = 0, left = (size_t)d->config->max_attachment_out;
	for (size_t i = 0; i < row->n_attachments; i++)
		if (load_attachment(d, arena, &row->attachments[i], left, &out[n]))
			left -= out[n++].content.n;
	return n;
}

int delivery_compose(struct desk *d, struct arena *arena, const struct outbox_row *row,
	struct buf *wire, const char **error)
{
	const struct config *cfg = d->config;
	const struct mailbox *box = config_mailbox(cfg, row->mailbox);
	if (box == NULL)
		box = &cfg->mailboxes[0];
	struct doc *doc = doc_from_stored(arena, row->body->doc);
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
	struct compose_attachment *files =
		arena_array(arena, row->n_attachments + 1, sizeof(*files));
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
		.attachments = files,
		.n_attachments = load_attachments(d, arena, row, files),
		.headers = headers,
		.n_headers = n,
	};
	return compose_mail(arena, &c, wire, error);
}

const char *delivery_return_path(const struct outbox_row *row)
{
	return class_rules[row->class].null_return_path ? "" : row->reply_address;
}

enum store_status delivery_tell_failed(struct store *store, int64_t case_id, int64_t now_ms)
{
	struct clock_op op = {.row = {.owner = CLOCK_OF_CASE,
				      .owner_id = case_id,
				      .owner_key = "",
				      .kind = CLOCK_UNDELIVERED,
				      .running = true,
				      .since_ms = now_ms,
				      .calendar = "",
				      .due_ms = now_ms}};
	return store_clock_apply(store, &op, NULL);
}
