/* Privacy: finds and masks personal identity numbers. Called for every text that leaves in a mail.
 * Must not guess: a number with a wrong date or check digit is left as it stands. */
#include "base/prelude.h"
#include "core/privacy.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

static bool luhn_ok(const char d[10])
{
	int sum = 0;

	for (int i = 0; i < 10; i++) {
		int v = (d[i] - '0') * (i % 2 == 0 ? 2 : 1);

		sum += v > 9 ? v - 9 : v;
	}
	return sum % 10 == 0;
}

static bool date_ok(const char d[10])
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = (d[0] - '0') * 10 + d[1] - '0';
	int month = (d[2] - '0') * 10 + d[3] - '0';
	int day = (d[4] - '0') * 10 + d[5] - '0';

	if (day > 60)
		day -= 60; /* coordination number */
	if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	return !(month == 2 && day == 29 && year % 4 != 0);
}

/* The length of what separates the date from the last four: "-", "+", a blank, a dash, NBSP. */
static size_t separator(const char *p)
{
	static const char *const marks[] = {"-", "+", " ", "\xC2\xA0", "\xE2\x80\x90",
		"\xE2\x80\x91", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x88\x92"};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		if (strncmp(p, marks[i], strlen(marks[i])) == 0)
			return strlen(marks[i]);
	}
	return 0;
}

/* Reads n digits at p into out; NULL if there are fewer, else the place after them. */
static const char *take_digits(const char *p, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		if (!ascii_is_digit(p[i]))
			return NULL;
		out[i] = p[i];
	}
	return p + n;
}

/* The length of a personal identity number that starts at p with `century` digits of century. */
static size_t number_at(const char *p, size_t century)
{
	char d[10], c[2];
	const char *q = p;
	size_t gap;

	if (century && (!(q = take_digits(q, 2, c)) || !(c[0] == '1' ? c[1] == '8' || c[1] == '9'
								     : c[0] == '2' && c[1] == '0')))
		return 0;
	q = take_digits(q, 6, d);
	if (!q)
		return 0;
	/* A blank on either side of the dash is common in handwriting-like text. */
	gap = separator(q);
	if (gap && *q == ' ' && separator(q + 1) && q[1] != ' ')
		gap += separator(q + 1) + (separator(q + 1 + separator(q + 1)) ? 1 : 0);
	q = take_digits(q + gap, 4, d + 6);
	if (!q || ascii_is_digit(*q) || !date_ok(d) || !luhn_ok(d))
		return 0;
	return (size_t)(q - p);
}

static size_t number_length(const char *text, const char *p)
{
	if (!ascii_is_digit(*p) || (p > text && ascii_is_digit(p[-1])))
		return 0;
	size_t n = number_at(p, 2);
	return n ? n : number_at(p, 0);
}

char *privacy_mask(struct arena *arena, const char *text, size_t *found)
{
	struct buf out;
	size_t count = 0, n;

	buf_init(&out, strlen(text) * 2 + 16);
	for (const char *p = text; *p;) {
		n = number_length(text, p);
		if (n) {
			buf_addstr(&out, PRIVACY_MASK);
			count++;
			p += n;
		} else {
			buf_addch(&out, *p++);
		}
	}
	if (found)
		*found = count;
	return buf_take(&out, arena);
}

bool privacy_has_number(const char *text)
{
	for (const char *p = text; *p; p++) {
		if (number_length(text, p))
			return true;
	}
	return false;
}
