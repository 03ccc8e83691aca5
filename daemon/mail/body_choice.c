/* Choice between two renderings of the same text. Called by body.c. Linear in the shorter text. */
#include "base/prelude.h"

#include "mail/body_choice.h"

#include "base/arena.h"
#include "base/text.h"

#define SAMPLES 16
#define SAMPLE_BYTES 18
#define COMPARED_MAX (64u << 10)
#define STUB_MAX 400

/* The text without white space. */
static char *squeezed(struct arena *arena, const char *s, size_t *len)
{
	size_t n = strnlen(s, COMPARED_MAX);
	char *out = arena_alloc(arena, n + 1);

	*len = 0;
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)s[i] <= ' ')
			continue;
		if ((unsigned char)s[i] == 0xc2 && (unsigned char)s[i + 1] == 0xa0) {
			i++;
			continue;
		}
		out[(*len)++] = s[i];
	}
	out[*len] = '\0';
	return out;
}

/* Samples spread over the plain text: how many occur in the HTML? */
static size_t samples_found(const char *plain, size_t n, const char *html, size_t m)
{
	size_t found = 0;

	for (size_t i = 0; i < SAMPLES; i++) {
		size_t at = (n - SAMPLE_BYTES) * i / (SAMPLES - 1);

		found += memmem(html, m, plain + at, SAMPLE_BYTES) != NULL;
	}
	return found;
}

static bool is_blank(char c)
{
	return (unsigned char)c <= ' ';
}

/* Line ends of the plain text that stand where the HTML has no blank: a client that wraps by columns
 * in a charset where it cannot see the words. */
static size_t breaks_inside_words(const char *plain, const char *html)
{
	const char *p = plain, *h = html;
	size_t broken = 0;

	while (*p && *h) {
		bool line_end = false, gap = is_blank(*h);

		for (; is_blank(*p) && *p; p++)
			line_end |= *p == '\n';
		for (; is_blank(*h) && *h; h++)
			;
		if (*p != *h)
			break;
		broken += line_end && !gap;
		if (*p) {
			p++;
			h++;
		}
	}
	return broken;
}

bool body_html_is_better(struct arena *arena, const char *plain, const char *html)
{
	size_t n, m;
	char *a, *b;

	if (text_is_blank(html))
		return false;
	if (text_is_blank(plain))
		return true;
	if (strlen(plain) < STUB_MAX && strstr(ascii_lower(arena, plain), "html"))
		return true;
	if (breaks_inside_words(plain, html) > 2)
		return true;
	a = squeezed(arena, plain, &n);
	b = squeezed(arena, html, &m);
	if (n < SAMPLES * SAMPLE_BYTES)
		return false;
	return samples_found(a, n, b, m) < SAMPLES / 4;
}
