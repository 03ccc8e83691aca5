/* People_csv_part: the two halves of people_csv_read; nobody else includes this. */
#ifndef LOTS_CORE_PEOPLE_CSV_PART_H
#define LOTS_CORE_PEOPLE_CSV_PART_H

#include "core/csv.h"
#include "core/people_csv.h"

#define PEOPLE_CSV_MAX_LIST 100 /* values in one cell */

enum column {
	COL_ADDRESS,
	COL_NAME,
	COL_TYPE,
	COL_ROLE,
	COL_ORGANISATION,
	COL_SYSTEM,
	COL_AREA,
	COL_UNIT,
	COL_LANGUAGE,
	COL_HOURS,
	COL_ON_CALL,
	COL_SUPPLIER_RIGHTS,
	COL_MEMBER_OF,
	COL_MORNING_LIST,
	COL_HOME,
	COL_N
};

struct import {
	struct arena *arena;
	const struct config *config;
	struct people_csv *out;
	int line;
	int columns[COL_N]; /* index in the row, -1 not there */
	const struct csv_row *row;
	int *agent_lines;	/* where each agent was first met */
	const char **member_of; /* per agent, as written; resolved at the end */
	int *member_lines;
	size_t most_duties;
};

/* Notes an error of that line. */
void import_wrong(struct import *im, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Of the row being read; "" when there is no such column. */
const char *import_cell(const struct import *im, enum column c);
/* "ja", "nej" and their like; header names the column in messages. */
bool import_yes_no(struct import *im, enum column c, const char *header);
/* "a, b | c": the parts, trimmed. */
size_t import_split(struct import *im, const char *text, const char **out, size_t max);
const struct organisation *import_organisation(const struct import *im, const char *text);
/* The duties of the row, for that agent. */
void import_duty(struct import *im, struct agent *agent);

#endif
