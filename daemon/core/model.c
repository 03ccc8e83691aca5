/* Model: the tables that tie the enums of model.h to their English ids. The ids stand in databases
 * and in `--json`: an id once released is never changed and never used for something else. */
#include "base/prelude.h"
#include "core/model.h"

static const char *const kinds[] = {
	[KIND_QUESTION] = "question",
	[KIND_ACCESS] = "access",
	[KIND_DISTURBANCE] = "disturbance",
	[KIND_NEED] = "need",
	[KIND_DEVIATION] = "deviation",
};
_Static_assert(ARRAY_LEN(kinds) == KIND_N, "a kind of case has no id");

static const char *const states[] = {
	[STATE_NEW] = "new",
	[STATE_TAKEN] = "taken",
	[STATE_WAITING_REQUESTER] = "waiting_requester",
	[STATE_PAUSED] = "paused",
	[STATE_SUPPLIER] = "supplier",
	[STATE_ANSWERED] = "answered",
	[STATE_CLOSED] = "closed",
	[STATE_MERGED] = "merged",
	[STATE_REFERRED] = "referred",
	[STATE_CONFIRMED] = "confirmed",
	[STATE_WORKAROUND] = "workaround",
	[STATE_RESTORED] = "restored",
};
_Static_assert(ARRAY_LEN(states) == STATE_N, "a state has no id");

static const char *const log_types[] = {
	[LOGGED_OPENED] = "opened",
	[LOGGED_CLASSIFIED] = "classified",
	[LOGGED_ASKED] = "asked",
	[LOGGED_TAKEN] = "taken",
	[LOGGED_RELEASED] = "released",
	[LOGGED_ANSWERED] = "answered",
	[LOGGED_INTERIM] = "interim",
	[LOGGED_QUESTION_BACK] = "question_back",
	[LOGGED_ADDITION] = "addition",
	[LOGGED_ESCALATED] = "escalated",
	[LOGGED_SENT_BACK] = "sent_back",
	[LOGGED_ASSIGNED] = "assigned",
	[LOGGED_NOTE] = "note",
	[LOGGED_PAUSED] = "paused",
	[LOGGED_RESUMED] = "resumed",
	[LOGGED_CONFIRMED] = "confirmed",
	[LOGGED_DENIED] = "denied",
	[LOGGED_REOPENED] = "reopened",
	[LOGGED_CLOSED] = "closed",
	[LOGGED_REFERRED] = "referred",
	[LOGGED_MERGED] = "merged",
	[LOGGED_LINKED] = "linked",
	[LOGGED_SPLIT] = "split",
	[LOGGED_SUPPLIER] = "supplier",
	[LOGGED_REMINDED] = "reminded",
	[LOGGED_REMARK] = "remark",
	[LOGGED_REFUSED] = "refused",
	[LOGGED_DELIVERY] = "delivery",
	[LOGGED_TIME] = "time",
	[LOGGED_APPROVED] = "approved",
	[LOGGED_UNDONE] = "undone",
	[LOGGED_MASKED] = "masked",
	[LOGGED_OTHER] = "other",
};
_Static_assert(ARRAY_LEN(log_types) == LOG_TYPE_N, "a log type has no id");

/* A value outside the enum is a bug of the caller: what comes from outside goes through _from_id.
 */
static const char *id_of(const char *const *ids, size_t n, size_t i)
{
	if (i >= n)
		abort();
	return ids[i];
}

static bool index_of(const char *const *ids, size_t n, const char *id, size_t *out)
{
	for (size_t i = 0; id && i < n; i++) {
		if (strcmp(ids[i], id) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

const char *case_kind_id(enum case_kind k)
{
	return id_of(kinds, KIND_N, (size_t)k);
}

bool case_kind_from_id(const char *id, enum case_kind *out)
{
	size_t i;

	if (!index_of(kinds, KIND_N, id, &i))
		return false;
	*out = (enum case_kind)i;
	return true;
}

const char *case_state_id(enum case_state s)
{
	return id_of(states, STATE_N, (size_t)s);
}

bool case_state_from_id(const char *id, enum case_state *out)
{
	size_t i;

	if (!index_of(states, STATE_N, id, &i))
		return false;
	*out = (enum case_state)i;
	return true;
}

const char *log_type_id(enum log_type t)
{
	return id_of(log_types, LOG_TYPE_N, (size_t)t);
}

bool log_type_from_id(const char *id, enum log_type *out)
{
	size_t i;

	if (!index_of(log_types, LOG_TYPE_N, id, &i))
		return false;
	*out = (enum log_type)i;
	return true;
}
