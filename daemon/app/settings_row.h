/* Settings_row: settings as tables. A section is a kind of map in the files ("mailbox"); each of its
 * keys is one row: type, default with its unit, least and most, where the value goes. Reading,
 * refusing, the manual's completeness test: all go by the rows. */
#ifndef LOTS_APP_SETTINGS_ROW_H
#define LOTS_APP_SETTINGS_ROW_H

#include "app/settings_error.h"
#include "app/yaml.h"
#include "core/config.h"

enum row_type {
	ROW_TEXT,     /* const char *: one line */
	ROW_ID,	      /* const char *: a-z 0-9 - _ */
	ROW_PATH,     /* const char *: made absolute from the folder of lots.yaml */
	ROW_ADDRESS,  /* const char *: as written, checked */
	ROW_DOMAIN,   /* const char *: domain key */
	ROW_DATE,     /* const char *: "2026-01-31" */
	ROW_CHOICE,   /* const char *: one of `words` */
	ROW_ENUM,     /* unsigned: index in `words` */
	ROW_FLAG,     /* bool */
	ROW_INT,      /* int64_t */
	ROW_DURATION, /* int64_t ms; min and max are ms */
	ROW_SIZE,     /* int64_t bytes */
	ROW_RATE,     /* double per second: "10/s", "300/m", "2000/h", "0" */
	ROW_NAMES,    /* struct text_by_language: a text, or a map by language */
	ROW_TEXTS,    /* const char ** + size_t, as the next three */
	ROW_IDS,
	ROW_WORDS,     /* folded (base/text.h) */
	ROW_ADDRESSES, /* address keys */
	ROW_DOMAINS,   /* domain keys */
	ROW_TREE,      /* const struct yaml *: read by the section's own code */
	ROW_TYPE_N
};

struct row {
	const char *key;
	enum row_type type;
	bool required;
	const char *otherwise; /* default, as it would be written; NULL: nothing ("" / 0 / false) */
	int64_t min, max; /* ROW_INT, _DURATION, _SIZE; of lists: number of entries (max 0: any) */
	const char *const *words; /* NULL-ended */
	size_t offset, offset_n;
};

struct section {
	const char *name; /* "mailbox" */
	const struct row *rows;
	size_t n;
};

/* What is being read. */
struct reading {
	struct arena *arena;
	struct settings_errors *errors;
	const char *file;
	int file_order;
	const char *dir; /* of lots.yaml, absolute */
	const char *const *own_domains;
	struct config *config;
};

void reading_error(struct reading *r, const struct yaml *at, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
void reading_error_line(struct reading *r, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Reads the map into target by the rows: unknown and missing keys, wrong types and values are told;
 * what is wrong keeps its default. False if anything was wrong. */
bool section_read(struct reading *r, const struct section *s, const struct yaml *map, void *target);
/* One value by one row (for values that stand alone). */
bool row_read(struct reading *r, const struct row *row, const struct yaml *value, void *target);
/* "a duration from 0s to 30d, as in 15m, 4h, 3d": for messages. */
const char *row_allowed(struct arena *arena, const struct row *row);
bool settings_is_id(const char *s);
/* "x" is no role; did you mean "y"? Allowed: ... */
void reading_unknown(struct reading *r, const struct yaml *at, const char *what,
	const char *written, const char *const *allowed, size_t n);

#endif
