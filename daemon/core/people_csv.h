/* People_csv: the directory as a table: one row a duty, several rows a person. Pure; store compares
 * and keeps what is read here.
 *
 * Columns (Swedish or English header, any order; only adress is needed):
 *   adress name@domain          namn              typ funktion (a role or unit mailbox) or person
 *   roll                        organisation (several with commas, * = every)
 *   system  område (several)    enhet             språk   arbetstid (a calendar)
 *   jour ja/nej                 leverantörsrätt ja/nej
 *   medlem_av addresses of the mailboxes this person speaks for
 *   morgonlista ja/nej          hemorganisation (else told by the domain)
 * Ids or names are understood. What the rows of one address say of it must agree. */
#ifndef LOTS_CORE_PEOPLE_CSV_H
#define LOTS_CORE_PEOPLE_CSV_H

#include "core/config.h"
#include "core/people.h"

struct arena;
struct buf;

#define PEOPLE_CSV_MAX_ERRORS 100

struct people_csv_error {
	int line;
	const char *text; /* Swedish, for the operator: "rollen \"x\" finns inte; ..." */
};

struct people_csv {
	struct people people; /* ids 1..n in file order */
	struct people_csv_error errors[PEOPLE_CSV_MAX_ERRORS];
	size_t n_errors;
	size_t more_errors;
};

/* True if there was no error. All errors of the file are collected. */
bool people_csv_read(struct arena *arena, const struct config *config, const char *content,
	size_t n, struct people_csv *out) MUST_CHECK;
/* The same table, with BOM, ; and CRLF, as a Swedish Excel opens it. */
void people_csv_write(struct arena *arena, const struct people *people, struct buf *out);

#endif
