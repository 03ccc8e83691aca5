/* Kase: the case row, who may see it, and its lists. Called by the turn, lotsctl and the outbox. */
#include "base/prelude.h"

#include "store/kase.h"

const struct viewer VIEWER_DESK = {.desk = true, .organisation = "", .may_restricted = true};

static const char *const VIEW_IDS[] = {[VIEW_NONE] = "none",
	[VIEW_REFERENCE] = "reference",
	[VIEW_MASKED] = "masked",
	[VIEW_FULL] = "full"};

const char *case_view_id(enum case_view v)
{
	return VIEW_IDS[v];
}

enum case_view view_from_id(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(VIEW_IDS); i++)
		if (strcmp(id, VIEW_IDS[i]) == 0)
			return (enum case_view)i;
	return VIEW_NONE;
}

static NORETURN void unknown_id(const char *what, const char *id)
{
	/* Every word in the table was written by us: a wrong one is damage or a bug. */
	fprintf(stderr, "<2>bug: unknown %s in the database: %s\n", what, id);
	abort();
}

static void read_who(struct query *q, struct arena *arena, struct kase *k)
{
	k->system = col_text(q, "system", arena);
	k->organisation = col_text(q, "organisation", arena);
	k->area = col_text(q, "area", arena);
	k->unit = col_text(q, "unit", arena);
	k->category = col_text(q, "category", arena);
	k->link = col_text(q, "link", arena);
	k->holder = col_i64(q, "holder");
	k->priority = (int)col_i64(q, "priority");
	k->subject = col_text(q, "subject", arena);
	k->requester = col_i64(q, "requester");
	k->requester_address = col_text(q, "requester_address", arena);
	k->requester_name = col_text(q, "requester_name", arena);
	k->language = col_text(q, "language", arena);
	k->mailbox = col_text(q, "mailbox", arena);
}

static void read_when(struct query *q, struct arena *arena, struct kase *k)
{
	k->opened_ms = col_i64(q, "opened_ms");
	k->changed_ms = col_i64(q, "changed_ms");
	k->first_answer_ms = col_i64(q, "first_answer_ms");
	k->answered_ms = col_i64(q, "answered_ms");
	k->closed_ms = col_i64(q, "closed_ms");
	k->paused_until_ms = col_i64(q, "paused_until_ms");
	k->parent = col_i64(q, "parent");
	k->restricted = col_flag(q, "restricted");
	k->reopened = (int)col_i64(q, "reopened");
	k->supplier_number = col_text(q, "supplier_number", arena);
	k->data = col_text(q, "data", arena);
}

void read_kase(struct query *q, struct arena *arena, struct kase *k)
{
	*k = (struct kase){.id = col_i64(q, "id")};
	k->number = col_i64(q, "number");
	const char *kind = col_peek(q, "kind");
	if (!case_kind_from_id(kind, &k->kind))
		unknown_id("kind", kind);
	const char *state = col_peek(q, "state");
	if (!case_state_from_id(state, &k->state))
		unknown_id("state", state);
	read_who(q, arena, k);
	read_when(q, arena, k);
}

/* ---- Who may see what ---- */

static void mask_kase(struct kase *k, enum case_view view)
{
	if (view == VIEW_FULL)
		return;
	k->subject = k->requester_address = k->requester_name = k->supplier_number = "";
	k->requester = 0;
	k->data = "{}";
	if (view == VIEW_MASKED)
		return;
	k->area = k->unit = k->category = k->link = k->mailbox = k->language = "";
	k->holder = k->parent = 0;
	k->priority = 0;
	k->reopened = 0;
	k->paused_until_ms = 0;
}

static enum store_status party_view(
	struct store *s, int64_t case_id, const char *organisation, enum case_view *view)
{
	static const char SQL[] = "SELECT view FROM case_party"
				  " WHERE case_id = $case_id AND organisation = $organisation";
	struct query *q = query(s, SQL);

	bind_i64(q, "case_id", case_id);
	bind_text(q, "organisation", organisation);
	*view = query_row(q) ? view_from_id(col_peek(q, "view")) : VIEW_NONE;
	return query_end(q);
}

enum store_status view_kase(
	struct store *s, const struct viewer *viewer, struct kase *k, enum case_view *view)
{
	*view = VIEW_NONE;
	if (k->restricted && !viewer->may_restricted)
		return STORE_NONE;
	if (viewer->desk)
		*view = VIEW_FULL;
	else
		TRY(party_view(s, k->id, viewer->organisation, view));
	if (*view == VIEW_NONE)
		return STORE_NONE;
	mask_kase(k, *view);
	return STORE_OK;
}

/* ---- One case ---- */

static enum store_status read_one(struct query *q, struct arena *arena, struct kase *out)
{
	bool found = query_row(q);

	if (found)
		read_kase(q, arena, out);
	enum store_status st = query_end(q);
	return st != STORE_OK ? st : found ? STORE_OK : STORE_NONE;
}

enum store_status kase_by_id(struct store *s, struct arena *arena, int64_t id, struct kase *out)
{
	static const char SQL[] = "SELECT " KASE_COLUMNS " FROM kase AS k WHERE k.id = $id";
	struct query *q = query(s, SQL);

	bind_i64(q, "id", id);
	return read_one(q, arena, out);
}

enum store_status store_case_by_number(struct store *s, struct arena *arena,
	const struct viewer *viewer, int64_t number, struct kase *out, enum case_view *view)
{
	static const char SQL[] = "SELECT " KASE_COLUMNS " FROM kase AS k WHERE k.number = $number";
	enum case_view unused;
	struct query *q = query(s, SQL);

	bind_i64(q, "number", number);
	TRY(read_one(q, arena, out));
	return view_kase(s, viewer, out, view ? view : &unused);
}

enum store_status store_case_load(struct store *s, struct arena *arena, const struct viewer *viewer,
	int64_t case_id, struct loaded_case *out)
{
	enum case_view view;

	*out = (struct loaded_case){0};
	TRY(kase_by_id(s, arena, case_id, &out->kase));
	TRY(view_kase(s, viewer, &out->kase, &view));
	return load_rest(s, arena, view, out);
}

enum store_status store_case_id(struct store *s, int64_t number, int64_t *case_id)
{
	static const char SQL[] = "SELECT id FROM kase WHERE number = $number";
	struct query *q = query(s, SQL);

	bind_i64(q, "number", number);
	return query_one_i64(q, "id", case_id);
}

/* ---- Lists ---- */

/* One text a way to walk: open cases have an index of their own, an organisation's cases too. */
#define LIST(more, order)                                                                          \
	"SELECT " KASE_COLUMNS " FROM kase AS k WHERE k.number < $before AND k.number > $after"    \
	" AND ($kind = '' OR k.kind = $kind) AND ($system = '' OR k.system = $system)"             \
	" AND ($organisation = '' OR k.organisation = $organisation)"                              \
	" AND ($area = '' OR k.area = $area) AND ($link = '' OR k.link = $link)"                   \
	" AND ($holder = 0 OR k.holder = $holder)"                                                 \
	" AND ($requester = 0 OR k.requester = $requester)"                                        \
	" AND ($parent = 0 OR k.parent = $parent)" more " ORDER BY k.number " order

#define PARTY " AND k.id IN (SELECT case_id FROM case_party WHERE organisation = $viewer)"

/* The cases of an organisation: what it has no part in is not even read. */
static struct query *list_part(struct store *s, const struct case_filter *f)
{
	static const char DOWN[] = LIST(PARTY, "DESC");
	static const char UP[] = LIST(PARTY, "ASC");

	return query(s, f->oldest_first ? UP : DOWN);
}

static struct query *list_query(struct store *s, const struct case_filter *f)
{
	static const char ALL_DOWN[] = LIST("", "DESC");
	static const char ALL_UP[] = LIST("", "ASC");
	static const char OPEN_DOWN[] = LIST(" AND k.is_open = 1", "DESC");
	static const char OPEN_UP[] = LIST(" AND k.is_open = 1", "ASC");
	bool open = f->states && !(f->states & ~STATES_OPEN);

	if (open)
		return query(s, f->oldest_first ? OPEN_UP : OPEN_DOWN);
	return query(s, f->oldest_first ? ALL_UP : ALL_DOWN);
}

static void bind_filter(struct query *q, const struct case_filter *f)
{
	bind_i64(q, "before", f->before && !f->oldest_first ? f->before : INT64_MAX);
	bind_i64(q, "after", f->oldest_first ? f->before : 0);
	bind_text(q, "kind", f->kind);
	bind_text(q, "system", f->system);
	bind_text(q, "organisation", f->organisation);
	bind_text(q, "area", f->area);
	bind_text(q, "link", f->link);
	bind_i64(q, "holder", f->holder);
	bind_i64(q, "requester", f->requester);
	bind_i64(q, "parent", f->parent);
}

/* A filter on what the view hides would tell it: such a case is left out. */
static bool tells_hidden(const struct case_filter *f, enum case_view view)
{
	if (view == VIEW_FULL)
		return false;
	if (f->requester)
		return true;
	return view == VIEW_REFERENCE &&
	       ((f->area && *f->area) || (f->link && *f->link) || f->holder || f->parent);
}

enum store_status store_case_list(struct store *s, struct arena *arena, const struct viewer *viewer,
	const struct case_filter *f, struct kase **out, size_t *n)
{
	struct query *q = viewer->desk ? list_query(s, f) : list_part(s, f);
	int64_t limit = f->limit ? f->limit : 1000;
	struct kase *rows = NULL, k;
	enum store_status trouble = STORE_OK;
	size_t count = 0;

	bind_filter(q, f);
	if (!viewer->desk)
		bind_text(q, "viewer", viewer->organisation);
	while ((int64_t)count < limit && query_row(q)) {
		enum case_view view;
		read_kase(q, arena, &k);
		if (f->states && !(f->states & STATE_BIT(k.state)))
			continue;
		enum store_status st = view_kase(s, viewer, &k, &view);
		if (st == STORE_NONE || (st == STORE_OK && tells_hidden(f, view)))
			continue;
		if (st != STORE_OK) {
			trouble = st;
			break;
		}
		rows = grow(arena, rows, count, sizeof(*rows));
		rows[count++] = k;
	}
	*out = rows;
	*n = count;
	enum store_status st = query_end(q);
	return trouble != STORE_OK ? trouble : st;
}

enum store_status store_case_mails(struct store *s, struct arena *arena,
	const struct viewer *viewer, int64_t case_id, struct case_mail **out, size_t *n)
{
	static const char SQL[] =
		"SELECT i.id, i.received_ms, i.mailbox, i.size FROM inbox_case AS ic"
		" JOIN inbox AS i ON i.id = ic.inbox WHERE ic.case_id = $case_id ORDER BY i.id";
	enum case_view view;
	struct case_mail *rows = NULL;
	struct kase k;

	*out = NULL;
	*n = 0;
	TRY(kase_by_id(s, arena, case_id, &k));
	TRY(view_kase(s, viewer, &k, &view));
	if (view != VIEW_FULL)
		return STORE_NONE;
	struct query *q = query(s, SQL);
	bind_i64(q, "case_id", case_id);
	while (query_row(q)) {
		rows = grow(arena, rows, *n, sizeof(*rows));
		struct case_mail *m = &rows[(*n)++];
		m->inbox = col_i64(q, "id");
		m->received_ms = col_i64(q, "received_ms");
		m->mailbox = col_text(q, "mailbox", arena);
		m->size = col_i64(q, "size");
	}
	*out = rows;
	return query_end(q);
}
