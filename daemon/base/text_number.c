/* Text, the ASCII part: comparing without case, and the one strict reader of numbers, durations and
 * sizes. Called by settings, headers and commands. */
#include "base/prelude.h"

#include "base/text.h"

#include "base/arena.h"

static char ascii_low(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool ascii_equal_nocase(const char *a, const char *b)
{
	while (*a != '\0' && ascii_low(*a) == ascii_low(*b)) {
		a++;
		b++;
	}
	return *a == *b;
}

bool ascii_starts_nocase(const char *s, const char *prefix)
{
	for (; *prefix != '\0'; s++, prefix++) {
		if (ascii_low(*s) != ascii_low(*prefix))
			return false;
	}
	return true;
}

char *ascii_lower(struct arena *arena, const char *s)
{
	char *out = arena_strdup(arena, s);
	for (char *p = out; *p != '\0'; p++)
		*p = ascii_low(*p);
	return out;
}

/* Digits at *s, at least one; *s is left behind them. */
static bool take_digits(const char **s, int64_t *out)
{
	int64_t v = 0;
	const char *p = *s;
	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *p - '0', &v))
			return false;
	}
	*s = p;
	*out = v;
	return true;
}

bool text_to_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	int64_t v;
	bool negative = *s == '-' && min < 0;
	if (negative)
		s++;
	if (!take_digits(&s, &v) || *s != '\0')
		return false;
	if (negative)
		v = -v;
	if (v < min || v > max)
		return false;
	*out = v;
	return true;
}

struct unit {
	const char *name;
	int64_t factor;
};

static bool with_unit(const char *s, const struct unit *units, size_t n, int64_t *out)
{
	int64_t v;
	if (!take_digits(&s, &v))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(s, units[i].name) == 0)
			return !__builtin_mul_overflow(v, units[i].factor, out);
	}
	return false;
}

bool text_to_duration(const char *s, int64_t min_ms, int64_t max_ms, int64_t *out_ms)
{
	static const struct unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000},
		{"d", 86400000}, {"w", 604800000}};
	int64_t v;
	if (!with_unit(s, units, ARRAY_LEN(units), &v) || v < min_ms || v > max_ms)
		return false;
	*out_ms = v;
	return true;
}

bool text_to_size(const char *s, int64_t min, int64_t max, int64_t *out)
{
	static const struct unit units[] = {
		{"", 1}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}};
	int64_t v;
	if (!with_unit(s, units, ARRAY_LEN(units), &v) || v < min || v > max)
		return false;
	*out = v;
	return true;
}
