/* TNEF: text and files of winmail.dat.
 *
 * Called by body_wrap.c. libytnef believes the lengths in the data, so the chain of records is walked
 * once before it and nothing from the first that does not fit is shown to it; its properties are walked
 * too, because it allocates by their counts. */
#include "base/prelude.h"

#include "mail/tnef.h"

#include "base/arena.h"
#include "base/text.h"
#include "mail/charset.h"
#include "mail/html.h"
#include "mail/rtf.h"
#include "mail/tnef_check.h"

#include <ytnef.h>

#define FILES_MAX 100
#define RTF_FACTOR 8 /* RTF is mostly markup */

struct tnef_reader {
	struct arena *arena;
	struct charsets *cs;
	size_t text_max;
	char codepage[24];
	struct tnef *out;
};

static variableLength *property(MAPIProps *props, unsigned type, unsigned id)
{
	variableLength *v = MAPIFindProperty(props, PROP_TAG(type, id));

	return v && v != MAPI_UNDEFINED && v->data && v->size > 0 ? v : NULL;
}

static struct bytes bytes_of(const variableLength *v)
{
	return (struct bytes){v->data, (size_t)v->size};
}

/* 8-bit strings are in the code page of the sender, "Unicode" ones the library makes UTF-8. */
static char *string_of(struct tnef_reader *r, struct bytes in, bool unicode)
{
	const unsigned char *nul = memchr(in.p, '\0', in.n);

	if (nul)
		in.n = (size_t)(nul - in.p);
	return charset_decode(r->cs, r->arena, unicode ? "utf-8" : r->codepage, in, NULL);
}

static char *string_property(struct tnef_reader *r, MAPIProps *props, unsigned id)
{
	variableLength *v = property(props, PT_UNICODE, id);

	if (v)
		return string_of(r, bytes_of(v), true);
	v = property(props, PT_STRING8, id);
	return v ? string_of(r, bytes_of(v), false) : arena_strdup(r->arena, "");
}

static void read_codepage(struct tnef_reader *r, const TNEFStruct *t)
{
	const unsigned char *p = t->CodePage.data;
	unsigned cp = 1252;

	if (p && t->CodePage.size >= 4)
		cp = p[0] | (unsigned)p[1] << 8;
	snprintf(r->codepage, sizeof(r->codepage), cp == 65001 ? "utf-8" : "windows-%u", cp);
}

static char *rtf_text(struct tnef_reader *r, variableLength *v)
{
	size_t max = r->text_max * RTF_FACTOR;
	int size = 0;
	BYTE *rtf;
	char *text;

	if (!tnef_rtf_size_ok(bytes_of(v), max))
		return arena_strdup(r->arena, "");
	rtf = DecompressRTF(v, &size);
	if (!rtf || size <= 0)
		return arena_strdup(r->arena, "");
	text = rtf_to_text(r->arena, r->cs, (struct bytes){rtf, (size_t)size}, r->text_max);
	free(rtf);
	return text;
}

static char *html_text(struct tnef_reader *r, struct bytes in)
{
	bool large;

	if (in.n > 4 * r->text_max)
		in.n = 4 * r->text_max;
	return html_to_text(
		r->arena, charset_decode(r->cs, r->arena, NULL, in, NULL), r->text_max, &large);
}

static char *message_text(struct tnef_reader *r, TNEFStruct *t)
{
	variableLength *v;
	char *text = "";

	if (t->body.data && t->body.size > 0)
		text = string_of(r, bytes_of(&t->body), false);
	if (text_is_blank(text))
		text = string_property(r, &t->MapiProperties, 0x1000); /* PR_BODY */
	v = property(&t->MapiProperties, PT_BINARY, 0x1013);	       /* PR_BODY_HTML */
	if (text_is_blank(text) && v)
		text = html_text(r, bytes_of(v));
	v = property(&t->MapiProperties, PT_BINARY, 0x1009); /* PR_RTF_COMPRESSED */
	if (text_is_blank(text) && v)
		text = rtf_text(r, v);
	return text;
}

static char *file_name(struct tnef_reader *r, Attachment *a)
{
	char *name = string_property(r, &a->MAPI, 0x3707); /* PR_ATTACH_LONG_FILENAME */

	if (!*name)
		name = string_property(r, &a->MAPI, 0x3704); /* PR_ATTACH_FILENAME */
	if (!*name && a->Title.data && a->Title.size > 0)
		name = string_of(r, bytes_of(&a->Title), false);
	if (!*name)
		name = string_property(r, &a->MAPI, 0x3001); /* PR_DISPLAY_NAME */
	return name;
}

/* PR_ATTACH_DATA_OBJ begins with the 16 bytes of an interface id; an embedded message follows. */
static struct bytes file_content(Attachment *a, bool *message)
{
	variableLength *v = property(&a->MAPI, PT_OBJECT, 0x3701);
	struct bytes in = {(const unsigned char *)"", 0};

	if (!v)
		v = property(&a->MAPI, PT_BINARY, 0x3701);
	if (v && v->size > 16) {
		in = (struct bytes){v->data + 16, (size_t)v->size - 16};
		*message = in.n > 4 && memcmp(in.p, "\x78\x9f\x3e\x22", 4) == 0;
		if (!*message)
			in = bytes_of(v);
	} else if (a->FileData.data && a->FileData.size > 0) {
		in = bytes_of(&a->FileData);
	}
	return in;
}

static void read_file(struct tnef_reader *r, Attachment *a)
{
	struct tnef_file *f = &r->out->files[r->out->n_files];
	struct bytes in;
	unsigned char *copy;

	f->message = false;
	in = file_content(a, &f->message);
	f->name = file_name(r, a);
	if (in.n == 0 && !*f->name)
		return;
	f->type = string_property(r, &a->MAPI, 0x370e); /* PR_ATTACH_MIME_TAG */
	copy = arena_alloc(r->arena, in.n + 1);
	memcpy(copy, in.p, in.n);
	f->content = (struct bytes){copy, in.n};
	r->out->n_files++;
}

bool tnef_read(struct arena *arena, struct charsets *cs, struct bytes in, size_t text_max,
	struct tnef *out)
{
	struct tnef_reader r = {.arena = arena, .cs = cs, .text_max = text_max, .out = out};
	TNEFStruct t = {.Debug = 0}; /* which TNEFInitialize leaves as it was */
	size_t whole = tnef_check(in);
	bool ok;

	*out = (struct tnef){.text = "", .cut = whole < in.n};
	if (whole == 0)
		return false;
	in.n = whole;
	TNEFInitialize(&t);
	ok = TNEFParseMemory((BYTE *)(uintptr_t)in.p, (long)in.n, &t) != -1;
	if (ok) {
		read_codepage(&r, &t);
		out->files = arena_array(arena, FILES_MAX, sizeof(*out->files));
		out->text = message_text(&r, &t);
		for (Attachment *a = t.starting_attach.next; a && out->n_files < FILES_MAX;
			a = a->next)
			read_file(&r, a);
	}
	TNEFFree(&t);
	return ok;
}
