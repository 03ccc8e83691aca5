/* S/MIME: takes the content out of SignedData by walking its BER.
 *
 * Called by body_wrap.c. Only the path ContentInfo -> SignedData -> encapContentInfo -> eContent is
 * walked; nothing recurses, every length is checked against what is left. Indefinite lengths and
 * octet strings in pieces occur (OpenSSL writes them when it streams). */
#include "base/prelude.h"

#include "mail/smime.h"

#include "base/arena.h"
#include "base/buf.h"

#define PIECES_MAX 100000
#define SKIP_DEPTH_MAX 16

struct ber {
	const unsigned char *p, *end;
};

struct element {
	unsigned char tag;
	bool indefinite;
	struct ber inside; /* to the end of everything when indefinite */
};

static const unsigned char oid_pkcs7[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07};
static const unsigned char oid_auth_enveloped[] = {
	0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17};

/* Reads tag and length; b then stands at the content. False at the end or on rubbish. */
static bool ber_head(struct ber *b, struct element *e)
{
	size_t n, len = 0;

	if (b->end - b->p < 2)
		return false;
	e->tag = *b->p++;
	if ((e->tag & 0x1f) == 0x1f)
		return false; /* long tags do not occur here */
	n = *b->p++;
	e->indefinite = n == 0x80;
	if (e->indefinite) {
		e->inside = *b;
		return (e->tag & 0x20) != 0;
	}
	if (n < 0x80) {
		len = n;
	} else {
		n &= 0x7f;
		if (n > 4 || (size_t)(b->end - b->p) < n)
			return false;
		while (n-- > 0)
			len = len << 8 | *b->p++;
	}
	if (len > (size_t)(b->end - b->p))
		return false;
	e->inside = (struct ber){b->p, b->p + len};
	return true;
}

static bool is_end_of_contents(const struct ber *b)
{
	return b->end - b->p >= 2 && b->p[0] == 0 && b->p[1] == 0;
}

/* Passes over one element, whole. */
static bool ber_skip(struct ber *b)
{
	unsigned depth = 0;

	for (size_t i = 0; i < PIECES_MAX; i++) {
		struct element e;

		if (depth && is_end_of_contents(b)) {
			b->p += 2;
			if (--depth == 0)
				return true;
			continue;
		}
		if (!ber_head(b, &e))
			return false;
		if (e.indefinite) {
			if (++depth > SKIP_DEPTH_MAX)
				return false;
			continue;
		}
		b->p = e.inside.end;
		if (depth == 0)
			return true;
	}
	return false;
}

/* Enters the next element, which must have this tag. */
static bool ber_enter(struct ber *b, unsigned char tag, struct ber *inside)
{
	struct element e;

	if (!ber_head(b, &e) || e.tag != tag)
		return false;
	*inside = e.inside;
	return true;
}

/* A primitive octet string, or one in pieces. */
static bool octets(struct arena *arena, struct ber *b, struct bytes *out)
{
	struct element e;
	struct buf all;

	if (!ber_head(b, &e))
		return false;
	if (e.tag == 0x04 && !e.indefinite) {
		*out = (struct bytes){e.inside.p, (size_t)(e.inside.end - e.inside.p)};
		return true;
	}
	if (e.tag != 0x24)
		return false;
	buf_init(&all, (size_t)(e.inside.end - e.inside.p) + 1);
	for (size_t i = 0; i < PIECES_MAX && !is_end_of_contents(&e.inside); i++) {
		struct element piece;

		if (!ber_head(&e.inside, &piece) || piece.tag != 0x04)
			break;
		buf_add(&all, piece.inside.p, (size_t)(piece.inside.end - piece.inside.p));
		e.inside.p = piece.inside.end;
	}
	out->n = all.len;
	out->p = (const unsigned char *)buf_take(&all, arena);
	return true;
}

/* SignedData ::= SEQUENCE { version, digestAlgorithms, encapContentInfo, ... } */
static void read_signed(struct arena *arena, struct ber b, struct bytes *content)
{
	struct ber seq, info, wrapped;

	if (!ber_enter(&b, 0x30, &seq) || !ber_skip(&seq) || !ber_skip(&seq) ||
		!ber_enter(&seq, 0x30, &info) || !ber_skip(&info) ||
		!ber_enter(&info, 0xa0, &wrapped) || !octets(arena, &wrapped, content))
		*content = (struct bytes){(const unsigned char *)"", 0};
}

enum smime_kind smime_read(struct arena *arena, struct bytes der, struct bytes *content)
{
	struct ber b = {der.p, der.p + der.n}, seq, oid, inner;
	size_t n;

	*content = (struct bytes){(const unsigned char *)"", 0};
	if (!ber_enter(&b, 0x30, &seq) || !ber_enter(&seq, 0x06, &oid))
		return SMIME_UNKNOWN;
	n = (size_t)(oid.end - oid.p);
	seq.p = oid.end;
	if (n == sizeof(oid_auth_enveloped) && memcmp(oid.p, oid_auth_enveloped, n) == 0)
		return SMIME_ENCRYPTED;
	if (n != sizeof(oid_pkcs7) + 1 || memcmp(oid.p, oid_pkcs7, sizeof(oid_pkcs7)) != 0)
		return SMIME_OTHER;
	switch (oid.p[n - 1]) {
	case 2:
		if (!ber_enter(&seq, 0xa0, &inner))
			return SMIME_UNKNOWN;
		read_signed(arena, inner, content);
		return SMIME_SIGNED;
	case 3:
	case 4:
	case 6:
		return SMIME_ENCRYPTED;
	default:
		return SMIME_OTHER;
	}
}
