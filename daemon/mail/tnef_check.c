/* TNEF check: walks the records and, inside them, the MAPI properties (MS-OXTNEF 2.1.3).
 *
 * Called by tnef.c. Copies nothing. */
#include "base/prelude.h"

#include "mail/tnef_check.h"

#define SIGNATURE 0x223e9f78u
#define ATTRIBUTES_MAX 4000
#define PROPERTIES_MAX 4000
#define VALUES_MAX 4000
#define ATT_MAPI_PROPS 0x9003u
#define ATT_ATTACHMENT 0x9005u

struct cursor {
	const unsigned char *p;
	size_t n;
	bool bad;
};

static uint32_t take(struct cursor *c, size_t bytes)
{
	uint32_t v = 0;

	if (c->n < bytes) {
		c->bad = true;
		c->n = 0;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		v |= (uint32_t)c->p[i] << (8 * i);
	c->p += bytes;
	c->n -= bytes;
	return v;
}

static void skip(struct cursor *c, size_t n)
{
	if (n > c->n) {
		c->bad = true;
		n = c->n;
	}
	c->p += n;
	c->n -= n;
}

static void skip_padded(struct cursor *c, uint32_t n)
{
	if (n > c->n) {
		c->bad = true;
		return;
	}
	skip(c, n);
	skip(c, (4 - n % 4) % 4 < c->n ? (4 - n % 4) % 4 : c->n);
}

static void skip_name(struct cursor *c)
{
	skip(c, 16); /* GUID */
	if (take(c, 4) == 0)
		skip(c, 4);
	else
		skip_padded(c, take(c, 4));
}

static void skip_values(struct cursor *c, uint32_t type)
{
	bool multi = type & 0x1000;
	uint32_t base = type & 0xfff, count = 1;
	bool counted = base == 0x1e || base == 0x1f || base == 0x0d || base == 0x102;

	if (multi || counted)
		count = take(c, 4);
	if (count > VALUES_MAX)
		c->bad = true;
	for (uint32_t i = 0; i < count && !c->bad; i++) {
		if (counted)
			skip_padded(c, take(c, 4));
		else if (base == 0x14 || base == 0x05 || base == 0x06 || base == 0x07 ||
			 base == 0x40)
			skip(c, 8);
		else if (base == 0x48)
			skip(c, 16);
		else if (base == 0x02 || base == 0x03 || base == 0x04 || base == 0x0a ||
			 base == 0x0b)
			skip(c, 4);
		else
			c->bad = true;
	}
}

static bool properties_ok(const unsigned char *p, size_t n)
{
	struct cursor c = {p, n, false};
	uint32_t count = take(&c, 4);

	if (count > PROPERTIES_MAX)
		return false;
	for (uint32_t i = 0; i < count && !c.bad; i++) {
		uint32_t type = take(&c, 2), id = take(&c, 2);

		if (id >= 0x8000)
			skip_name(&c);
		skip_values(&c, type);
	}
	return !c.bad;
}

/* One record at the cursor: whole, and its properties too. */
static bool record_ok(struct cursor *c)
{
	uint32_t level = take(c, 1), id = take(c, 4) & 0xffff, len = take(c, 4);

	if (c->bad || (level != 1 && level != 2) || len > c->n || len == 0)
		return false;
	if ((id == ATT_MAPI_PROPS || id == ATT_ATTACHMENT) && !properties_ok(c->p, len))
		return false;
	skip(c, len);
	skip(c, 2); /* checksum */
	return !c->bad;
}

size_t tnef_check(struct bytes in)
{
	struct cursor c = {in.p, in.n, false};
	size_t good = 0;

	if (take(&c, 4) != SIGNATURE)
		return 0;
	skip(&c, 2);
	for (size_t i = 0; i < ATTRIBUTES_MAX && c.n > 0 && record_ok(&c); i++)
		good = (size_t)(c.p - in.p);
	return good;
}

bool tnef_rtf_size_ok(struct bytes in, size_t max)
{
	struct cursor c = {in.p, in.n, false};
	uint32_t compressed = take(&c, 4), raw = take(&c, 4), magic = take(&c, 4);

	take(&c, 4);
	if (c.bad || raw == 0 || raw > max || compressed > in.n)
		return false;
	/* "MELA" is stored as it is, "LZFu" packed. */
	return (magic == 0x414c454du && raw <= c.n) || magic == 0x75465a4cu;
}
