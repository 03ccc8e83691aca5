/* Uuencode: finding files in a text. The bytes are decoded by mime_decode.c.
 *
 * Called by body_attach.c, to list them, and by reply.c, whose own words they are not. One pass: the lines
 * that are looked at for one "begin" hold no other. */
#include "base/prelude.h"

#include "mail/uuencode.h"

#include "base/text.h"

/* The line at `at`: its length without its end, and where the next begins. */
static size_t line_at(struct bytes text, size_t at, size_t *next)
{
	const unsigned char *lf = memchr(text.p + at, '\n', text.n - at);
	size_t n = lf ? (size_t)(lf - text.p) - at : text.n - at;

	*next = at + n + (lf ? 1 : 0);
	while (n > 0 && text.p[at + n - 1] == '\r')
		n--;
	return n;
}

/* "begin 644 name" */
static bool begins(const unsigned char *p, size_t n, struct uu_file *out)
{
	size_t i = 6, digits = 0;

	if (n < 11 || memcmp(p, "begin ", 6) != 0)
		return false;
	for (; i < n && p[i] >= '0' && p[i] <= '7'; i++)
		digits++;
	if (digits < 3 || digits > 4 || i + 1 >= n || p[i] != ' ')
		return false;
	out->name = (const char *)p + i + 1;
	out->name_len = n - i - 1;
	return true;
}

/* The first sign tells how many bytes the rest stands for; blanks at the end may be lost, and some add a
 * checksum. */
static bool is_data(const unsigned char *p, size_t n)
{
	size_t signs = n ? (((size_t)p[0] - 32) & 63) * 4 / 3 : 0;

	for (size_t i = 0; i < n; i++)
		if (p[i] < 32 || p[i] > 96)
			return false;
	return n > 0 && n <= signs + 5;
}

static bool ends(const unsigned char *p, size_t n)
{
	return n >= 3 && n <= 5 && memcmp(p, "end", 3) == 0;
}

bool uu_find(struct bytes text, size_t from, struct uu_file *out)
{
	size_t at = from, next, n;
	bool inside = false, data = false;

	for (; at < text.n; at = next) {
		const unsigned char *p = text.p + at;

		n = line_at(text, at, &next);
		if (begins(p, n, out)) {
			inside = true;
			data = false;
			out->start = at;
		} else if (inside && data && ends(p, n)) {
			out->end = next;
			return true;
		} else if (inside && is_data(p, n)) {
			data = true;
		} else if (n > 0) {
			inside = false;
		}
	}
	return false;
}
