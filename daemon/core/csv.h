/* Csv: tables as Excel writes them (RFC 4180 and what became of it): delimiter ; or , or TAB (told by
 * the first line, or by Excel's "sep=;"), quotes, line ends of any kind; UTF-8 with or without BOM,
 * UTF-16 with BOM, or Windows-1252. Pure. */
#ifndef LOTS_CORE_CSV_H
#define LOTS_CORE_CSV_H

#include "base/prelude.h"

struct arena;
struct buf;

#define CSV_MAX_ROWS 100000
#define CSV_MAX_CELLS 100
#define CSV_MAX_CELL 10000

struct csv_row {
	int line;	    /* where it begins, from 1 */
	const char **cells; /* trimmed, valid UTF-8, one line each */
	size_t n;
};

struct csv {
	char delimiter;
	struct csv_row *rows; /* without blank lines */
	size_t n;
};

enum csv_error { CSV_OK, CSV_TOO_LARGE, CSV_OPEN_QUOTE, CSV_AFTER_QUOTE, CSV_BINARY };
/* On an error *line says where. Everything is in the arena. */
enum csv_error csv_read(
	struct arena *arena, const char *content, size_t n, struct csv *out, int *line);
/* One cell, quoted when it must be. What a spreadsheet would take for a formula (= + - @ first) gets
 * an apostrophe before it, which csv_read takes away again. */
void csv_put(struct buf *out, const char *cell, char delimiter);

#endif
