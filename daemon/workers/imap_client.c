/* IMAP client: session, search, fetch and changes. IDLE is in imap_idle.c, opening in imap_open.c.
 *
 * Called by the IMAP reader. What libetpan returns is checked against what was asked: answers for
 * other uids are passed over (a server may send FETCH responses whenever it likes). Must not ask for
 * ENVELOPE or BODYSTRUCTURE. */
#include "base/prelude.h"

#include "workers/imap_session.h"

#include "base/limits.h"
#include "workers/payload.h"

#include <libetpan/libetpan.h>

#define CHUNK_BYTES (1u << 20)
#define SLACK_BYTES (64u << 10)	 /* of an answer besides its bodies */
#define SEARCH_BYTES (16u << 20) /* some 1.5 million uids */
#define LIST_BYTES_PER_MAIL 2048

const char *imap_error(const struct imap *imap)
{
	const char *why = imap->transport ? transport_error(imap->transport) : "";
	return *why ? why : imap->error;
}

uint32_t imap_validity(const struct imap *imap)
{
	return imap->validity;
}

uint32_t imap_next_uid(const struct imap *imap)
{
	return imap->next_uid;
}

bool imap_has_idle(const struct imap *imap)
{
	return imap->has_idle;
}

void imap_begin(struct imap *imap, size_t max_bytes, uint64_t max_literal)
{
	imap->guard.max_literal = max_literal;
	transport_begin(imap->transport, imap->timeout_ms, max_bytes);
}

/* The answer text of the server to the last command, for the operator. */
static void note_answer(struct imap *imap, const char *what)
{
	const char *said = imap->session->imap_response;
	snprintf(imap->error, sizeof(imap->error), "%s: %.120s", what, said ? said : "refused");
}

int imap_result(struct imap *imap, int rc, const char *what)
{
	switch (rc) {
	case MAILIMAP_NO_ERROR:
	case MAILIMAP_NO_ERROR_AUTHENTICATED:
	case MAILIMAP_NO_ERROR_NON_AUTHENTICATED:
		return transport_is_dead(imap->transport) ? -1 : 0;
	case MAILIMAP_ERROR_STREAM:
	case MAILIMAP_ERROR_PARSE:
	case MAILIMAP_ERROR_MEMORY:
	case MAILIMAP_ERROR_FATAL:
	case MAILIMAP_ERROR_BAD_STATE:
	case MAILIMAP_ERROR_PROTOCOL:
		snprintf(imap->error, sizeof(imap->error), "%s: %s", what,
			rc == MAILIMAP_ERROR_PARSE ? "answer not understood" : "session broken");
		transport_abort(imap->transport, imap->error);
		return -1;
	default:
		note_answer(imap, what);
		return transport_is_dead(imap->transport) ? -1 : IMAP_REFUSED;
	}
}

static struct mailimap_set *set_of(const uint32_t *uids, size_t n)
{
	struct mailimap_set *set = mailimap_set_new_empty();
	if (!set)
		abort();
	/* Neighbours as ranges, so that a set of hundreds stays a short line. */
	for (size_t i = 0; i < n;) {
		size_t last = i;
		while (last + 1 < n && uids[last + 1] == uids[last] + 1)
			last++;
		if (mailimap_set_add_interval(set, uids[i], uids[last]) != MAILIMAP_NO_ERROR)
			abort();
		i = last + 1;
	}
	return set;
}

/* --- searching --- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* "UID n:*" also gives the last mail when its uid is smaller than n (RFC 3501 6.4.8). */
static void collect_uids(clist *found, uint32_t from, size_t max, uint32_t **uids, size_t *n)
{
	size_t count = 0, kept = 0;
	for (clistiter *i = clist_begin(found); i; i = clist_next(i))
		count++;
	uint32_t *v = calloc(count + 1, sizeof(*v));
	if (!v)
		abort();
	for (clistiter *i = clist_begin(found); i; i = clist_next(i)) {
		uint32_t uid = *(const uint32_t *)clist_content(i);
		if (uid >= from && uid != 0)
			v[kept++] = uid;
	}
	qsort(v, kept, sizeof(*v), by_number);
	size_t unique = 0;
	for (size_t i = 0; i < kept; i++) {
		if (unique == 0 || v[unique - 1] != v[i])
			v[unique++] = v[i];
	}
	*uids = v;
	*n = unique < max ? unique : max;
}

static struct mailimap_search_key *search_key(uint32_t from, const struct date *since)
{
	struct mailimap_search_key *uids =
		mailimap_search_key_new_uid(mailimap_set_new_interval(from, 0));
	if (!since)
		return uids;
	struct mailimap_search_key *both = mailimap_search_key_new_multiple_empty();
	struct mailimap_date *day = mailimap_date_new(since->day, since->month, since->year);
	if (!both || !day)
		abort();
	(void)mailimap_search_key_multiple_add(both, uids);
	(void)mailimap_search_key_multiple_add(both, mailimap_search_key_new_since(day));
	return both;
}

/* libetpan only writes the number that EXISTS tells, so it can be marked as read. */
#define NOT_TOLD UINT32_MAX

bool imap_told_news(const struct imap *imap)
{
	const struct mailimap_selection_info *info = imap->session->imap_selection_info;
	return info != NULL && info->sel_exists != NOT_TOLD;
}

int imap_search(struct imap *imap, uint32_t from, const struct date *since, size_t max,
	uint32_t **uids, size_t *n)
{
	clist *found = NULL;
	struct mailimap_search_key *key = search_key(from, since);
	imap_begin(imap, SEARCH_BYTES, 0);
	if (imap->session->imap_selection_info != NULL)
		imap->session->imap_selection_info->sel_exists = NOT_TOLD;
	int rc = imap_result(imap, mailimap_uid_search(imap->session, NULL, key, &found), "SEARCH");
	mailimap_search_key_free(key);
	*uids = NULL;
	*n = 0;
	if (rc == 0 && found)
		collect_uids(found, from, max, uids, n);
	if (found)
		mailimap_search_result_free(found);
	return rc;
}

/* --- listing --- */

struct answer { /* one FETCH response */
	uint32_t uid;
	bool has_size;
	struct imap_mail mail;
	const char *body; /* NULL none */
	size_t body_n;
};

static int64_t date_ms(const struct mailimap_date_time *t)
{
	struct date day = {.year = t->dt_year, .month = t->dt_month, .day = t->dt_day};
	if (!date_valid(day))
		return 0;
	int64_t zone_minutes = t->dt_zone / 100 * 60 + t->dt_zone % 100;
	return date_to_days(day) * MS_DAY + t->dt_hour * MS_HOUR + t->dt_min * MS_MINUTE +
	       t->dt_sec * MS_SECOND - zone_minutes * MS_MINUTE;
}

static void read_static(const struct mailimap_msg_att_static *s, struct answer *a)
{
	switch (s->att_type) {
	case MAILIMAP_MSG_ATT_UID:
		a->uid = s->att_data.att_uid;
		break;
	case MAILIMAP_MSG_ATT_RFC822_SIZE:
		a->has_size = true;
		a->mail.size = s->att_data.att_rfc822_size;
		break;
	case MAILIMAP_MSG_ATT_INTERNALDATE:
		a->mail.internal_ms = date_ms(s->att_data.att_internal_date);
		break;
	case MAILIMAP_MSG_ATT_BODY_SECTION:
		a->body = s->att_data.att_body_section->sec_body_part;
		a->body_n = s->att_data.att_body_section->sec_length;
		break;
	}
}

static struct answer read_answer(const struct mailimap_msg_att *msg)
{
	struct answer a = {.uid = 0};
	for (clistiter *i = clist_begin(msg->att_list); i; i = clist_next(i)) {
		const struct mailimap_msg_att_item *item = clist_content(i);
		if (item->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC)
			read_static(item->att_data.att_static, &a);
	}
	a.mail.uid = a.uid;
	return a;
}

static struct mailimap_fetch_type *fetch_type(struct mailimap_fetch_att *const *atts, size_t n)
{
	struct mailimap_fetch_type *type = mailimap_fetch_type_new_fetch_att_list_empty();
	if (!type)
		abort();
	for (size_t i = 0; i < n; i++) {
		if (!atts[i] || mailimap_fetch_type_new_fetch_att_list_add(type, atts[i]) !=
					MAILIMAP_NO_ERROR)
			abort();
	}
	return type;
}

/* UID FETCH; *answers is the caller's (mailimap_fetch_list_free) when 0. */
static int uid_fetch(struct imap *imap, const uint32_t *uids, size_t n,
	struct mailimap_fetch_type *type, clist **answers)
{
	struct mailimap_set *set = set_of(uids, n);
	*answers = NULL;
	int rc = mailimap_uid_fetch(imap->session, set, type, answers);
	mailimap_set_free(set);
	mailimap_fetch_type_free(type);
	rc = imap_result(imap, rc, "FETCH");
	if (rc != 0 && *answers) {
		mailimap_fetch_list_free(*answers);
		*answers = NULL;
	}
	return rc;
}

static bool was_asked(const uint32_t *uids, size_t n, uint32_t uid)
{
	return bsearch(&uid, uids, n, sizeof(*uids), by_number) != NULL;
}

static bool has_mail(const struct imap_mail *mails, size_t n, uint32_t uid)
{
	for (size_t i = 0; i < n; i++) {
		if (mails[i].uid == uid)
			return true;
	}
	return false;
}

static int by_uid(const void *a, const void *b)
{
	const struct imap_mail *x = a, *y = b;
	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

int imap_list(
	struct imap *imap, const uint32_t *uids, size_t n, struct imap_mail *out, size_t *n_out)
{
	struct mailimap_fetch_att *atts[] = {mailimap_fetch_att_new_uid(),
		mailimap_fetch_att_new_flags(), mailimap_fetch_att_new_rfc822_size(),
		mailimap_fetch_att_new_internaldate()};
	clist *answers;
	*n_out = 0;
	imap_begin(imap, n * LIST_BYTES_PER_MAIL + SLACK_BYTES, 1000);
	int rc = uid_fetch(imap, uids, n, fetch_type(atts, ARRAY_LEN(atts)), &answers);
	if (rc != 0 || !answers)
		return rc;
	for (clistiter *i = clist_begin(answers); i; i = clist_next(i)) {
		struct answer a = read_answer(clist_content(i));
		if (*n_out < n && a.has_size && was_asked(uids, n, a.uid) &&
			!has_mail(out, *n_out, a.uid))
			out[(*n_out)++] = a.mail;
	}
	mailimap_fetch_list_free(answers);
	qsort(out, *n_out, sizeof(*out), by_uid);
	return 0;
}

/* --- bodies --- */

int imap_fetch(struct imap *imap, const struct imap_mail *mails, size_t n, imap_put *put, void *arg)
{
	uint32_t uids[IMAP_MAX_SET];
	size_t bytes = 0;
	clist *answers;
	if (n > IMAP_MAX_SET)
		abort();
	for (size_t i = 0; i < n; i++) {
		uids[i] = mails[i].uid;
		bytes += (size_t)mails[i].size;
	}
	struct mailimap_fetch_att *atts[] = {mailimap_fetch_att_new_uid(),
		mailimap_fetch_att_new_body_peek_section(mailimap_section_new(NULL))};
	/* Some servers only guess RFC822.SIZE. */
	imap_begin(
		imap, 2 * bytes + n * LIST_BYTES_PER_MAIL + SLACK_BYTES, 2 * bytes + SLACK_BYTES);
	int rc = uid_fetch(imap, uids, n, fetch_type(atts, ARRAY_LEN(atts)), &answers);
	if (rc != 0 || !answers)
		return rc;
	for (clistiter *i = clist_begin(answers); i; i = clist_next(i)) {
		struct answer a = read_answer(clist_content(i));
		if (a.body && was_asked(uids, n, a.uid))
			put(arg, a.uid, a.body, a.body_n);
	}
	mailimap_fetch_list_free(answers);
	return 0;
}

/* One piece; *got is its length, 0 at the end or when the mail is gone. */
static int fetch_piece(
	struct imap *imap, uint32_t uid, uint32_t offset, struct payload *into, size_t *got)
{
	struct mailimap_fetch_att *atts[] = {mailimap_fetch_att_new_uid(),
		mailimap_fetch_att_new_body_peek_section_partial(
			mailimap_section_new(NULL), offset, CHUNK_BYTES)};
	clist *answers;
	*got = 0;
	imap_begin(imap, CHUNK_BYTES + SLACK_BYTES, CHUNK_BYTES);
	int rc = uid_fetch(imap, &uid, 1, fetch_type(atts, ARRAY_LEN(atts)), &answers);
	if (rc != 0 || !answers)
		return rc;
	for (clistiter *i = clist_begin(answers); i; i = clist_next(i)) {
		struct answer a = read_answer(clist_content(i));
		if (a.body && a.uid == uid && *got == 0) {
			(void)payload_add(into, a.body, a.body_n);
			*got = a.body_n;
		}
	}
	mailimap_fetch_list_free(answers);
	return 0;
}

int imap_fetch_large(struct imap *imap, uint32_t uid, struct payload *into)
{
	uint32_t offset = 0;
	size_t got;
	do {
		int rc = fetch_piece(imap, uid, offset, into, &got);
		if (rc != 0)
			return rc;
		offset += (uint32_t)got;
	} while (got == CHUNK_BYTES && into->fd >= 0);
	return 0;
}

/* --- changes --- */

static int add_flag(struct imap *imap, const uint32_t *uids, size_t n, struct mailimap_flag *flag)
{
	struct mailimap_flag_list *flags = mailimap_flag_list_new_empty();
	if (!flags || !flag || mailimap_flag_list_add(flags, flag) != MAILIMAP_NO_ERROR)
		abort();
	struct mailimap_store_att_flags *store =
		mailimap_store_att_flags_new_add_flags_silent(flags);
	struct mailimap_set *set = set_of(uids, n);
	imap_begin(imap, n * LIST_BYTES_PER_MAIL + SLACK_BYTES, 1000);
	int rc = mailimap_uid_store(imap->session, set, store);
	mailimap_set_free(set);
	mailimap_store_att_flags_free(store);
	return imap_result(imap, rc, "STORE");
}

int imap_flag_seen(struct imap *imap, const uint32_t *uids, size_t n)
{
	return add_flag(imap, uids, n, mailimap_flag_new_seen());
}

/* With UIDPLUS only these go. Without it EXPUNGE would also take what somebody else has marked. */
static int expunge(struct imap *imap, const uint32_t *uids, size_t n)
{
	if (!imap->has_uidplus)
		return 0; /* marked \Deleted; the server's own policy removes it */
	struct mailimap_set *set = set_of(uids, n);
	imap_begin(imap, n * LIST_BYTES_PER_MAIL + SLACK_BYTES, 1000);
	int rc = mailimap_uid_expunge(imap->session, set);
	mailimap_set_free(set);
	return imap_result(imap, rc, "EXPUNGE");
}

int imap_delete(struct imap *imap, const uint32_t *uids, size_t n)
{
	int rc = add_flag(imap, uids, n, mailimap_flag_new_deleted());
	return rc == 0 ? expunge(imap, uids, n) : rc;
}

static int move_once(struct imap *imap, const uint32_t *uids, size_t n, const char *folder)
{
	struct mailimap_set *set = set_of(uids, n), *from = NULL, *to = NULL;
	uint32_t validity;
	imap_begin(imap, n * LIST_BYTES_PER_MAIL + SLACK_BYTES, 1000);
	int rc;
	if (imap->has_move)
		rc = mailimap_uidplus_uid_move(imap->session, set, folder, &validity, &from, &to);
	else
		rc = mailimap_uid_copy(imap->session, set, folder);
	mailimap_set_free(set);
	if (from)
		mailimap_set_free(from);
	if (to)
		mailimap_set_free(to);
	rc = imap_result(imap, rc, imap->has_move ? "MOVE" : "COPY");
	return rc == 0 && !imap->has_move ? imap_delete(imap, uids, n) : rc;
}

int imap_move(struct imap *imap, const uint32_t *uids, size_t n, const char *folder)
{
	int rc = add_flag(imap, uids, n, mailimap_flag_new_seen());
	if (rc == 0)
		rc = move_once(imap, uids, n, folder);
	if (rc != IMAP_REFUSED)
		return rc;
	imap_begin(imap, SLACK_BYTES, 1000); /* perhaps the folder is not there yet */
	rc = imap_result(imap, mailimap_create(imap->session, folder), "CREATE");
	return rc == 0 ? move_once(imap, uids, n, folder) : rc;
}

int imap_noop(struct imap *imap)
{
	imap_begin(imap, SLACK_BYTES, 1000);
	int rc = imap_result(imap, mailimap_noop(imap->session), "NOOP");
	return rc;
}
