/* Saving a case: the row is written whole. Called when effects are applied. */
#include "base/prelude.h"

#include "store/kase.h"

static void bind_common(struct query *q, const struct kase *k)
{
	bind_text(q, "kind", case_kind_id(k->kind));
	bind_text(q, "state", case_state_id(k->state));
	bind_flag(q, "is_open", STATE_BIT(k->state) & STATES_OPEN);
	bind_text(q, "system", k->system);
	bind_text(q, "organisation", k->organisation);
	bind_text(q, "area", k->area);
	bind_text(q, "unit", k->unit);
	bind_text(q, "category", k->category);
	bind_text(q, "link", k->link);
	bind_ref(q, "holder", k->holder);
	bind_i64(q, "priority", k->priority);
	bind_text(q, "subject", k->subject);
	bind_ref(q, "requester", k->requester);
	bind_text(q, "requester_address", k->requester_address);
	bind_text(q, "requester_name", k->requester_name);
	bind_text(q, "language", k->language);
	bind_text(q, "mailbox", k->mailbox);
	bind_i64(q, "changed_ms", k->changed_ms);
	bind_i64(q, "first_answer_ms", k->first_answer_ms);
	bind_i64(q, "answered_ms", k->answered_ms);
	bind_i64(q, "closed_ms", k->closed_ms);
	bind_i64(q, "paused_until_ms", k->paused_until_ms);
	bind_i64(q, "parent", k->parent);
	bind_flag(q, "restricted", k->restricted);
	bind_i64(q, "reopened", k->reopened);
	bind_text(q, "supplier_number", k->supplier_number);
	bind_text(q, "data", k->data && *k->data ? k->data : "{}");
}

static enum store_status insert(struct store *s, struct kase *k)
{
	static const char SQL[] =
		"INSERT INTO kase(number, kind, state, is_open, system, organisation, area, unit,"
		" category, link, holder, priority, subject, requester, requester_address,"
		" requester_name, language, mailbox, opened_ms, changed_ms, first_answer_ms,"
		" answered_ms, closed_ms, paused_until_ms, parent, restricted, reopened,"
		" supplier_number, data)"
		" VALUES ($number, $kind, $state, $is_open, $system, $organisation, $area, $unit,"
		" $category, $link, $holder, $priority, $subject, $requester, $requester_address,"
		" $requester_name, $language, $mailbox, $opened_ms, $changed_ms, $first_answer_ms,"
		" $answered_ms, $closed_ms, $paused_until_ms, $parent, $restricted, $reopened,"
		" $supplier_number, $data)";
	struct query *q = query(s, SQL);

	bind_i64(q, "number", k->number);
	bind_i64(q, "opened_ms", k->opened_ms);
	bind_common(q, k);
	return query_insert(q, &k->id);
}

/* What never changes is left out, so that its indexes are not touched. */
static enum store_status update(struct store *s, const struct kase *k)
{
	static const char SQL[] =
		"UPDATE kase SET kind = $kind, state = $state, is_open = $is_open, system = "
		"$system,"
		" organisation = $organisation, area = $area, unit = $unit, category = $category,"
		" link = $link, holder = $holder, priority = $priority, subject = $subject,"
		" requester = $requester, requester_address = $requester_address,"
		" requester_name = $requester_name, language = $language, mailbox = $mailbox,"
		" changed_ms = $changed_ms, first_answer_ms = $first_answer_ms,"
		" answered_ms = $answered_ms, closed_ms = $closed_ms,"
		" paused_until_ms = $paused_until_ms, parent = $parent, restricted = $restricted,"
		" reopened = $reopened, supplier_number = $supplier_number, data = $data"
		" WHERE id = $id";
	struct query *q = query(s, SQL);

	bind_common(q, k);
	bind_i64(q, "id", k->id);
	return query_run_some(q, NULL);
}

struct former {
	bool is_open, other_organisation;
};

static enum store_status read_former(struct store *s, const struct kase *k, struct former *f)
{
	static const char SQL[] = "SELECT is_open, organisation FROM kase WHERE id = $id";
	struct query *q = query(s, SQL);

	bind_i64(q, "id", k->id);
	bool found = query_row(q);
	if (found) {
		f->is_open = col_flag(q, "is_open");
		f->other_organisation = strcmp(col_peek(q, "organisation"), k->organisation) != 0;
	}
	TRY(query_end(q));
	return found ? STORE_OK
		     : db_fail(s, STORE_NONE, "there is no case with id %" PRId64, k->id);
}

enum store_status store_case_party(
	struct store *s, int64_t case_id, const char *organisation, enum case_view view)
{
	static const char DELETE[] = "DELETE FROM case_party"
				     " WHERE case_id = $case_id AND organisation = $organisation";
	static const char UPSERT[] =
		"INSERT INTO case_party(case_id, organisation, view)"
		" VALUES ($case_id, $organisation, $view)"
		" ON CONFLICT (case_id, organisation) DO UPDATE SET view = excluded.view";
	struct query *q = query(s, view == VIEW_NONE ? DELETE : UPSERT);

	bind_i64(q, "case_id", case_id);
	bind_text(q, "organisation", organisation);
	if (view != VIEW_NONE)
		bind_text(q, "view", case_view_id(view));
	return query_run(q);
}

static enum store_status drop_owner(struct store *s, int64_t case_id)
{
	static const char SQL[] = "DELETE FROM case_party WHERE case_id = $case_id"
				  " AND organisation = (SELECT organisation FROM kase"
				  " WHERE id = $case_id)";
	struct query *q = query(s, SQL);

	bind_i64(q, "case_id", case_id);
	return query_run(q);
}

static enum store_status asked_open(struct store *s, int64_t case_id, bool is_open)
{
	static const char SQL[] = "UPDATE asked SET is_open = $is_open WHERE case_id = $case_id";
	struct query *q = query(s, SQL);

	bind_flag(q, "is_open", is_open);
	bind_i64(q, "case_id", case_id);
	return query_run(q);
}

static enum store_status change(struct store *s, struct kase *k)
{
	struct former was = {0};
	bool is_open = STATE_BIT(k->state) & STATES_OPEN;

	TRY(read_former(s, k, &was));
	if (was.other_organisation)
		TRY(drop_owner(s, k->id));
	TRY(update(s, k));
	if (was.other_organisation)
		TRY(store_case_party(s, k->id, k->organisation, VIEW_FULL));
	return was.is_open != is_open ? asked_open(s, k->id, is_open) : STORE_OK;
}

static enum store_status open_new(struct store *s, struct kase *k)
{
	TRY(insert(s, k));
	return store_case_party(s, k->id, k->organisation, VIEW_FULL);
}

enum store_status store_case_save(struct store *s, struct kase *k)
{
	bool is_new = k->id == 0;
	struct own_tx tx;

	TRY(own_begin(s, &tx));
	enum store_status st = own_end(s, &tx, is_new ? open_new(s, k) : change(s, k));
	if (st != STORE_OK && is_new)
		k->id = 0;
	return st;
}
