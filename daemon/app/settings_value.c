/* Settings_value: the types of settings, one reader each, in one table. Called by settings_row.c. */
#include "base/prelude.h"
#include "app/settings_value.h"

#include "base/arena.h"
#include "base/date.h"
#include "base/text.h"
#include "mail/address.h"

#define LONGEST_TEXT 2000
#define LONGEST_ID 40

typedef bool read_fn(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why);

static void put(void *out, const char *s)
{
	memcpy(out, &s, sizeof(s));
}

static bool read_text(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	if (strpbrk(text, "\n\t") || strlen(text) > LONGEST_TEXT) {
		*why = "is not one line";
		return false;
	}
	/* A required text, or one with min 1, may not be empty. */
	if (text_is_blank(text) && (row->required || row->min > 0)) {
		*why = "is empty";
		return false;
	}
	put(out, text_trim(r->arena, text));
	return true;
}

bool settings_is_id(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return n > 0 && n <= LONGEST_ID && s[n] == '\0' && s[0] != '-';
}

static bool read_id(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	if (*text == '\0' && !row->required) {
		put(out, "");
		return true;
	}
	*why = "is not an id";
	if (!settings_is_id(text))
		return false;
	put(out, arena_strdup(r->arena, text));
	return true;
}

static bool read_path(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	(void)why;
	(void)row;
	if (*text == '\0' || *text == '/' || !r->dir)
		put(out, arena_strdup(r->arena, text));
	else if (strcmp(text, ".") == 0)
		put(out, arena_strdup(r->arena, r->dir));
	else
		put(out, arena_printf(r->arena, "%s/%s", r->dir, text));
	return true;
}

static bool read_address(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	const char *key;

	if (*text == '\0' && !row->required) {
		put(out, "");
		return true;
	}
	*why = "is no mail address that can be written to";
	key = address_key(r->arena, text, NULL);
	if (!key || !address_envelope_ok(key))
		return false;
	put(out, arena_strdup(r->arena, text));
	return true;
}

static bool read_address_key(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	char *key = address_key(r->arena, text, r->own_domains);

	(void)row;
	*why = "is no mail address";
	if (!key)
		return false;
	put(out, key);
	return true;
}

static bool read_domain(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	char *key;

	if (*text == '\0' && !row->required) {
		put(out, "");
		return true;
	}
	*why = "is no domain";
	if (strchr(text, '@'))
		return false;
	key = address_domain(r->arena, arena_printf(r->arena, "x@%s", text));
	if (!key)
		return false;
	put(out, key);
	return true;
}

static bool read_date(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	struct date d;

	(void)row;
	*why = "is no date";
	if (*text && !date_parse(text, &d))
		return false;
	put(out, arena_strdup(r->arena, text));
	return true;
}

static bool read_choice(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	(void)r;
	(void)why;
	for (size_t i = 0; row->words[i]; i++) {
		if (strcmp(row->words[i], text) == 0) {
			put(out, row->words[i]);
			return true;
		}
	}
	return false;
}

static bool read_enum(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	(void)r;
	(void)why;
	for (unsigned i = 0; row->words[i]; i++) {
		if (strcmp(row->words[i], text) == 0) {
			memcpy(out, &i, sizeof(i));
			return true;
		}
	}
	return false;
}

static bool read_flag(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	bool yes = strcmp(text, "true") == 0 || strcmp(text, "yes") == 0;

	(void)r;
	(void)row;
	*why = "is neither true nor false";
	if (!yes && strcmp(text, "false") != 0 && strcmp(text, "no") != 0)
		return false;
	memcpy(out, &yes, sizeof(yes));
	return true;
}

static bool read_number(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	int64_t v;
	bool good;

	(void)r;
	*why = "is no such value, or too small or too large";
	if (strcmp(text, "0") == 0 && row->min <= 0) {
		v = 0;
		good = true;
	} else if (row->type == ROW_DURATION) {
		good = text_to_duration(text, row->min, row->max, &v);
	} else if (row->type == ROW_SIZE) {
		good = text_to_size(text, row->min, row->max, &v);
	} else {
		good = text_to_i64(text, row->min, row->max, &v);
	}
	if (good)
		memcpy(out, &v, sizeof(v));
	return good;
}

static bool read_rate(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	const char *slash = strchr(text, '/');
	int64_t n;
	double rate = 0;

	(void)row;
	*why = "is no rate";
	if (strcmp(text, "0") != 0) {
		if (!slash || strlen(slash) != 2 || !strchr("smh", slash[1]))
			return false;
		if (!text_to_i64(
			    arena_strndup(r->arena, text, (size_t)(slash - text)), 1, 1000000, &n))
			return false;
		rate = (double)n / (slash[1] == 's' ? 1 : slash[1] == 'm' ? 60 : 3600);
	}
	memcpy(out, &rate, sizeof(rate));
	return true;
}

static bool read_word(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	char *folded = text_fold(r->arena, text);

	(void)row;
	*why = "is empty or not one line";
	if (text_is_blank(folded) || strchr(text, '\n') || strlen(text) > 200)
		return false;
	put(out, folded);
	return true;
}

static const struct {
	read_fn *read;
	size_t size;
	const char *allowed;
} types[] = {
	[ROW_TEXT] = {read_text, sizeof(char *), "one line of text"},
	[ROW_ID] = {read_id, sizeof(char *), "an id of a-z, 0-9, - and _, at most 40"},
	[ROW_PATH] = {read_path, sizeof(char *), "a path, relative to the folder of lots.yaml"},
	[ROW_ADDRESS] = {read_address, sizeof(char *), "a mail address, name@domain"},
	[ROW_DOMAIN] = {read_domain, sizeof(char *), "a domain, as in kalix.example"},
	[ROW_DATE] = {read_date, sizeof(char *), "a date, as in 2026-01-31"},
	[ROW_CHOICE] = {read_choice, sizeof(char *), NULL},
	[ROW_ENUM] = {read_enum, sizeof(unsigned), NULL},
	[ROW_FLAG] = {read_flag, sizeof(bool), "true, false"},
	[ROW_INT] = {read_number, sizeof(int64_t), NULL},
	[ROW_DURATION] = {read_number, sizeof(int64_t), NULL},
	[ROW_SIZE] = {read_number, sizeof(int64_t), NULL},
	[ROW_RATE] = {read_rate, sizeof(double),
		"0 (no limit) or a rate, as in 5/s, 300/m, 2000/h"},
	[ROW_NAMES] = {NULL, sizeof(struct text_by_language),
		"a text, or a map with one for each language"},
	[ROW_TEXTS] = {read_text, 0, "a list of texts"},
	[ROW_IDS] = {read_id, 0, "a list of ids"},
	[ROW_WORDS] = {read_word, 0, "a list of words"},
	[ROW_ADDRESSES] = {read_address_key, 0, "a list of mail addresses"},
	[ROW_DOMAINS] = {read_domain, 0, "a list of domains"},
	[ROW_TREE] = {NULL, sizeof(void *), "a map or a list"},
};
_Static_assert(ARRAY_LEN(types) == ROW_TYPE_N, "a type of row is not in the table");

bool value_read(
	struct reading *r, const struct row *row, const char *text, void *out, const char **why)
{
	return types[row->type].read(r, row, text, out, why);
}

void value_clear(const struct row *row, void *target)
{
	char *base = target;
	struct text_by_language names;
	const char *empty = "";

	switch (row->type) {
	case ROW_TEXT:
	case ROW_ID:
	case ROW_PATH:
	case ROW_ADDRESS:
	case ROW_DOMAIN:
	case ROW_DATE:
	case ROW_CHOICE:
		memcpy(base + row->offset, &empty, sizeof(empty));
		break;
	case ROW_NAMES:
		for (size_t i = 0; i < LANGUAGES_MAX; i++)
			names.v[i] = "";
		memcpy(base + row->offset, &names, sizeof(names));
		break;
	case ROW_TEXTS:
	case ROW_IDS:
	case ROW_WORDS:
	case ROW_ADDRESSES:
	case ROW_DOMAINS:
		memset(base + row->offset, 0, sizeof(char **));
		memset(base + row->offset_n, 0, sizeof(size_t));
		break;
	default:
		memset(base + row->offset, 0, types[row->type].size);
	}
}

/* The largest unit that divides it. */
static const char *duration_text(struct arena *arena, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = {{MS_DAY, "d"}, {MS_HOUR, "h"}, {MS_MINUTE, "m"}, {MS_SECOND, "s"}};

	for (size_t i = 0; ms && i < ARRAY_LEN(units); i++) {
		if (ms % units[i].ms == 0)
			return arena_printf(
				arena, "%" PRId64 "%s", ms / units[i].ms, units[i].unit);
	}
	return ms ? arena_printf(arena, "%" PRId64 "ms", ms) : "0";
}

const char *value_allowed(struct arena *arena, const struct row *row)
{
	switch (row->type) {
	case ROW_INT:
		return arena_printf(
			arena, "a number from %" PRId64 " to %" PRId64, row->min, row->max);
	case ROW_DURATION:
		return arena_printf(arena, "a duration from %s to %s, as in 90s, 15m, 4h, 3d",
			duration_text(arena, row->min), duration_text(arena, row->max));
	case ROW_SIZE:
		return arena_printf(arena,
			"a size from %" PRId64 " to %" PRId64 " bytes, as in 256K, 10M", row->min,
			row->max);
	default:
		return types[row->type].allowed;
	}
}
