/* People_csv: rows of the table -> struct people. Called by `lotsctl people import|check` and init.
 * Must not compare with what is there: that is the store's. Diagnostics: Swedish texts with lines,
 * all of them. */
#include "base/prelude.h"
#include "core/people_csv.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/people_csv_part.h"
#include "mail/address.h"

/* Folded; the first is the Swedish header as it is shown. */
static const char *const headers[COL_N][5] = {
	[COL_ADDRESS] = {"adress", "address", "e-post", "epost", "email"},
	[COL_NAME] = {"namn", "name"},
	[COL_TYPE] = {"typ", "type"},
	[COL_ROLE] = {"roll", "role"},
	[COL_ORGANISATION] = {"organisation", "kommun", "organization"},
	[COL_SYSTEM] = {"system"},
	[COL_AREA] = {"omrade", "area"},
	[COL_UNIT] = {"enhet", "unit"},
	[COL_LANGUAGE] = {"sprak", "language"},
	[COL_HOURS] = {"arbetstid", "hours"},
	[COL_ON_CALL] = {"jour", "on call"},
	[COL_SUPPLIER_RIGHTS] = {"leverantorsratt", "supplier rights"},
	[COL_MEMBER_OF] = {"medlem av", "member of"},
	[COL_MORNING_LIST] = {"morgonlista", "morning list"},
	[COL_HOME] = {"hemorganisation", "home organisation", "home"},
};

void import_wrong(struct import *im, int line, const char *fmt, ...)
{
	struct people_csv *out = im->out;
	char text[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (out->n_errors >= PEOPLE_CSV_MAX_ERRORS) {
		out->more_errors++;
		return;
	}
	out->errors[out->n_errors++] =
		(struct people_csv_error){line, utf8_clean_line(im->arena, text, strlen(text))};
}

const char *import_cell(const struct import *im, enum column c)
{
	int i = im->columns[c];

	return i >= 0 && (size_t)i < im->row->n ? im->row->cells[i] : "";
}

/* "leverantörsrätt", "medlem_av" and "Medlem av" alike. */
static const char *fold_header(struct arena *arena, const char *s)
{
	char *folded = text_fold(arena, s);

	for (char *p = folded; *p; p++) {
		if (*p == '_')
			*p = ' ';
	}
	return folded;
}

static int column_named(const char *folded)
{
	for (int c = 0; c < COL_N; c++) {
		for (size_t i = 0; i < ARRAY_LEN(headers[c]) && headers[c][i]; i++) {
			if (strcmp(headers[c][i], folded) == 0)
				return c;
		}
	}
	return -1;
}

static bool read_header(struct import *im, const struct csv_row *row)
{
	for (int c = 0; c < COL_N; c++)
		im->columns[c] = -1;
	for (size_t i = 0; i < row->n; i++) {
		int c = column_named(fold_header(im->arena, row->cells[i]));

		if (*row->cells[i] == '\0')
			continue;
		if (c < 0)
			import_wrong(im, row->line,
				"kolumnen \"%s\" är okänd; tillåtna: adress, namn, typ, roll, "
				"organisation, "
				"system, område, enhet, språk, arbetstid, jour, leverantörsrätt, "
				"medlem_av, "
				"morgonlista, hemorganisation",
				row->cells[i]);
		else if (im->columns[c] >= 0)
			import_wrong(
				im, row->line, "kolumnen \"%s\" finns två gånger", row->cells[i]);
		else
			im->columns[c] = (int)i;
	}
	if (im->columns[COL_ADDRESS] < 0)
		import_wrong(im, row->line, "kolumnen \"adress\" saknas i första raden");
	return im->columns[COL_ADDRESS] >= 0;
}

/* ---- Agents ---- */

/* What several rows say of one address must agree; an empty cell says nothing. */
static void merge(
	struct import *im, size_t i, const char **kept, const char *said, const char *header)
{
	if (*said == '\0')
		return;
	if (**kept && strcmp(*kept, said) != 0)
		import_wrong(im, im->line, "%s: \"%s\" här, men \"%s\" för samma adress på rad %d",
			header, said, *kept, im->agent_lines[i]);
	else
		*kept = said;
}

static const char *known_calendar(struct import *im)
{
	const char *id = import_cell(im, COL_HOURS);

	for (size_t i = 0; *id && i < im->config->n_calendars; i++) {
		if (strcmp(im->config->calendars[i].id, id) == 0)
			return id;
	}
	if (*id)
		import_wrong(im, im->line,
			"arbetstid: kalendern \"%s\" finns inte i inställningarna", id);
	return "";
}

static const char *known_language(struct import *im)
{
	const char *id = import_cell(im, COL_LANGUAGE);

	for (size_t i = 0; *id && i < im->config->n_languages; i++) {
		if (strcmp(im->config->languages[i], id) == 0)
			return id;
	}
	if (*id)
		import_wrong(im, im->line, "språk: \"%s\" är inget av installationens språk", id);
	return "";
}

/* 1 a mailbox, 0 a person, -1 not said. */
static int read_type(struct import *im)
{
	static const char *const posts[] = {
		"funktion", "funktionsbrevlada", "brevlada", "post", "mailbox"};
	const char *folded = text_fold(im->arena, import_cell(im, COL_TYPE));

	for (size_t i = 0; i < ARRAY_LEN(posts); i++) {
		if (strcmp(posts[i], folded) == 0)
			return 1;
	}
	if (*folded && strcmp(folded, "person") != 0)
		import_wrong(im, im->line, "typ: \"%s\" är okänd; tillåtna: funktion, person",
			import_cell(im, COL_TYPE));
	return *folded ? 0 : -1;
}

static const char *home_of(struct import *im, const char *address)
{
	const char *home = import_cell(im, COL_HOME);
	const char *domain = address_domain(im->arena, address);
	const struct organisation *o =
		*home ? import_organisation(im, home)
		      : (domain ? config_organisation_of_domain(im->config, domain) : NULL);

	if (*home && !o)
		import_wrong(im, im->line, "hemorganisation: \"%s\" finns inte", home);
	return o ? o->id : "";
}

static size_t new_agent(struct import *im, const char *address, const char *key)
{
	struct people *p = &im->out->people;
	size_t i = p->n_agents++;

	p->agents[i] = (struct agent){.id = (int64_t)i + 1,
		.name = "",
		.address = address,
		.key = key,
		.organisation = "",
		.language = "",
		.calendar = ""};
	im->agent_lines[i] = im->line;
	im->member_of[i] = "";
	return i;
}

static size_t agent_of(struct import *im, const char *key)
{
	const struct agent *a = people_by_key(&im->out->people, key);

	return a ? (size_t)(a - im->out->people.agents) : SIZE_MAX;
}

/* The agent of the row, made at its first; SIZE_MAX when there is no usable address. */
static size_t read_agent(struct import *im)
{
	const char *address = import_cell(im, COL_ADDRESS);
	const char *key = address_key(im->arena, address, im->config->own_domains);
	struct people *p = &im->out->people;
	int type = read_type(im);
	bool first;
	size_t i;

	if (!key) {
		import_wrong(im, im->line,
			*address ? "adress: \"%s\" är ingen e-postadress" : "adress saknas%s",
			address);
		return SIZE_MAX;
	}
	if (!address_envelope_ok(key))
		import_wrong(im, im->line,
			"adress: till \"%s\" går det inte att skicka; före @ får bara a-z, siffror "
			"och "
			"enkla tecken stå",
			address);
	i = agent_of(im, key);
	first = i == SIZE_MAX;
	if (first)
		i = new_agent(im, address, key);
	if (!first && type >= 0 && p->agents[i].is_post != (type == 1))
		import_wrong(im, im->line, "typ: skiljer sig från rad %d för samma adress",
			im->agent_lines[i]);
	if (first)
		p->agents[i].is_post = type == 1;
	merge(im, i, &p->agents[i].name, import_cell(im, COL_NAME), "namn");
	merge(im, i, &p->agents[i].organisation, home_of(im, address), "hemorganisation");
	merge(im, i, &p->agents[i].language, known_language(im), "språk");
	merge(im, i, &p->agents[i].calendar, known_calendar(im), "arbetstid");
	/* A table without that column says nothing against it. */
	if (im->columns[COL_MORNING_LIST] < 0 || import_yes_no(im, COL_MORNING_LIST, "morgonlista"))
		p->agents[i].morning_list = true;
	if (*import_cell(im, COL_MEMBER_OF)) {
		im->member_lines[i] = im->line;
		merge(im, i, &im->member_of[i], import_cell(im, COL_MEMBER_OF), "medlem_av");
	}
	return i;
}

static void refuse_duty_cells(struct import *im)
{
	static const enum column of_duties[] = {
		COL_ORGANISATION, COL_SYSTEM, COL_AREA, COL_UNIT, COL_ON_CALL, COL_SUPPLIER_RIGHTS};

	for (size_t i = 0; i < ARRAY_LEN(of_duties); i++) {
		const char *text = import_cell(im, of_duties[i]);

		if (*text && strcmp(text_fold(im->arena, text), "nej") != 0)
			import_wrong(im, im->line, "%s: \"%s\", men ingen roll",
				headers[of_duties[i]][0], text);
	}
}

static void read_row(struct import *im, const struct csv_row *row)
{
	size_t i, n = row->n;

	im->row = row;
	im->line = row->line;
	for (i = 0; i < n; i++) {
		bool known = false;

		for (int c = 0; c < COL_N; c++)
			known |= im->columns[c] == (int)i;
		if (!known && *row->cells[i])
			import_wrong(
				im, im->line, "\"%s\" står i en kolumn utan rubrik", row->cells[i]);
	}
	i = read_agent(im);
	if (i == SIZE_MAX)
		return;
	if (*import_cell(im, COL_ROLE))
		import_duty(im, &im->out->people.agents[i]);
	else
		refuse_duty_cells(im);
}

/* ---- At the end ---- */

static void add_member(struct import *im, size_t i, const char *address)
{
	struct people *p = &im->out->people;
	const char *key = address_key(im->arena, address, im->config->own_domains);
	size_t post = key ? agent_of(im, key) : SIZE_MAX;
	int line = im->member_lines[i];

	if (post == SIZE_MAX)
		import_wrong(im, line, "medlem_av: %s finns inte i filen", address);
	else if (!p->agents[post].is_post)
		import_wrong(im, line, "medlem_av: %s är ingen funktionsbrevlåda (typ funktion)",
			address);
	else if (p->agents[i].is_post)
		import_wrong(im, line,
			"medlem_av: bara en person kan vara medlem, inte en funktionsbrevlåda");
	else
		p->members[p->n_members++] = (struct member){p->agents[post].id, p->agents[i].id};
}

static void finish(struct import *im)
{
	struct people *p = &im->out->people;
	const char *posts[PEOPLE_CSV_MAX_LIST];

	p->members =
		arena_array(im->arena, p->n_agents * 4 + PEOPLE_CSV_MAX_LIST, sizeof(*p->members));
	for (size_t i = 0; i < p->n_agents; i++) {
		size_t n = import_split(im, im->member_of[i], posts, PEOPLE_CSV_MAX_LIST);

		if (*p->agents[i].organisation == '\0')
			import_wrong(im, im->agent_lines[i],
				"%s: domänen hör inte till någon organisation; ange "
				"hemorganisation",
				p->agents[i].address);
		if (p->n_members + n > p->n_agents * 4 + PEOPLE_CSV_MAX_LIST) {
			import_wrong(im, im->member_lines[i], "för många medlemskap i filen");
			return;
		}
		for (size_t k = 0; k < n; k++)
			add_member(im, i, posts[k]);
	}
}

static bool told(struct people_csv *out)
{
	/* By line: memberships are looked at last. */
	for (size_t i = 1; i < out->n_errors; i++) {
		struct people_csv_error e = out->errors[i];
		size_t k = i;

		for (; k > 0 && out->errors[k - 1].line > e.line; k--)
			out->errors[k] = out->errors[k - 1];
		out->errors[k] = e;
	}
	return out->n_errors == 0;
}

static const char *const csv_errors[] = {
	[CSV_TOO_LARGE] = "för stor (fil, rad eller cell)",
	[CSV_OPEN_QUOTE] = "ett citattecken avslutas aldrig",
	[CSV_AFTER_QUOTE] = "text direkt efter ett avslutande citattecken",
	[CSV_BINARY] = "filen är ingen CSV-fil (spara som CSV i Excel)",
};

bool people_csv_read(struct arena *arena, const struct config *config, const char *content,
	size_t n, struct people_csv *out)
{
	struct import im = {.arena = arena, .config = config, .out = out};
	struct csv csv;
	int line;
	enum csv_error error = csv_read(arena, content, n, &csv, &line);

	memset(out, 0, sizeof(*out));
	if (error != CSV_OK) {
		import_wrong(&im, line, "%s", csv_errors[error]);
		return false;
	}
	if (csv.n == 0) {
		import_wrong(&im, 1, "filen är tom");
		return false;
	}
	im.most_duties = csv.n + 1;
	out->people.agents = arena_array(arena, csv.n, sizeof(struct agent));
	out->people.duties = arena_array(arena, im.most_duties, sizeof(struct duty));
	im.agent_lines = arena_array(arena, csv.n, sizeof(int));
	im.member_lines = arena_array(arena, csv.n, sizeof(int));
	im.member_of = arena_array(arena, csv.n, sizeof(char *));
	if (!read_header(&im, &csv.rows[0]))
		return told(out);
	for (size_t i = 1; i < csv.n; i++)
		read_row(&im, &csv.rows[i]);
	finish(&im);
	return told(out);
}
