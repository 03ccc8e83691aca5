/* Mail inside wrappers: winmail.dat and opaque S/MIME.
 *
 * Called by body.c for leaves. What is inside is read as if it stood there itself; nesting is
 * bounded. Its attachments are no stretch of the raw mail, so they have no offset. */
#include "base/prelude.h"

#include "mail/body.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/smime.h"
#include "mail/tnef.h"

#define NESTING_MAX 4
#define WRAPPED_MAX (24u << 20)

static bool name_ends(const char *name, const char *ending)
{
	size_t n = strlen(name), e = strlen(ending);

	return n >= e && ascii_equal_nocase(name + n - e, ending);
}

static bool is_tnef(struct body *b, const struct mime_part *p)
{
	if (mime_is(p, "application/ms-tnef") || mime_is(p, "application/vnd.ms-tnef"))
		return true;
	return mime_is(p, "application/octet-stream") &&
	       ascii_equal_nocase(body_part_name(b, p), "winmail.dat");
}

static bool unwrap_tnef(struct body *b, struct bytes in)
{
	struct tnef t;

	if (b->nesting >= NESTING_MAX || !tnef_read(b->arena, b->charsets, in, b->text_max, &t))
		return false;
	if (t.cut)
		mail_defect(b->arena, b->mail, "tnef");
	b->nesting++;
	/* The text of a mail usually stands beside winmail.dat too. */
	if (text_is_blank(b->text.data))
		body_add_text(b, t.text);
	for (size_t i = 0; i < t.n_files; i++) {
		const struct tnef_file *f = &t.files[i];

		body_attach_bytes(
			b, f->name, *f->type ? f->type : "application/octet-stream", f->content);
		if (f->message)
			(void)unwrap_tnef(b, f->content);
	}
	b->nesting--;
	return true;
}

bool body_unwrap_tnef(struct body *b, const struct mime_part *p)
{
	if (!is_tnef(b, p))
		return false;
	if (unwrap_tnef(b, body_decoded(b, p, WRAPPED_MAX)))
		return true;
	mail_defect(b->arena, b->mail, "tnef");
	return false;
}

static bool is_smime(struct body *b, const struct mime_part *p)
{
	if (mime_is(p, "application/pkcs7-mime") || mime_is(p, "application/x-pkcs7-mime"))
		return true;
	return mime_is(p, "application/octet-stream") && name_ends(body_part_name(b, p), ".p7m");
}

bool body_unwrap_smime(struct body *b, const struct mime_part *p)
{
	struct bytes content;
	const char *type = header_param_raw(&p->type, "smime-type");

	if (!is_smime(b, p))
		return false;
	switch (smime_read(b->arena, body_decoded(b, p, WRAPPED_MAX), &content)) {
	case SMIME_SIGNED:
		b->mail->signed_smime = true;
		if (content.n == 0 || b->nesting >= NESTING_MAX)
			return false;
		b->nesting++;
		body_read_nested(b, content);
		b->nesting--;
		return true;
	case SMIME_ENCRYPTED:
		b->mail->encrypted = true;
		return false;
	default:
		if (type && ascii_equal_nocase(type, "enveloped-data"))
			b->mail->encrypted = true;
		else
			mail_defect(b->arena, b->mail, "smime");
		return false;
	}
}
