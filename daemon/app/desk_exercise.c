/* Desk exercise: when an organisation goes live, or somebody new is asked there, the first mail is an
 * exercise. Called each round; looks only when people or settings have changed. */
#include "base/prelude.h"

#include "app/desk_state.h"

#include "app/turnrun.h"
#include "base/log.h"
#include "core/exercise.h"
#include "store/people.h"

static enum store_status send_one(struct desk_loop *l, const struct agent *a)
{
	const char *text;
	json_t *args = json_pack("{s:I}", "agent", (json_int_t)a->id);
	enum store_status st =
		turnrun_operator(&l->desk, "lots", 0, "exercise", args, l->now_ms, &text);
	json_decref(args);
	return st == STORE_OK ? store_agent_exercise_sent(l->desk.store, a->id) : st;
}

static enum store_status send_due(struct desk_loop *l, size_t *sent)
{
	const struct people *p = l->desk.people;
	enum store_status st = STORE_OK;
	for (size_t i = 0; i < p->n_agents && st == STORE_OK; i++) {
		if (!exercise_is_due(l->desk.config, p, &p->agents[i]))
			continue;
		st = send_one(l, &p->agents[i]);
		++*sent;
	}
	return st;
}

void desk_exercises(struct desk_loop *l)
{
	size_t sent = 0;
	if (l->exercised == l->desk.people->version || l->desk.config->live_all ||
		!desk_good(l, store_begin(l->desk.store), "exercise"))
		return;
	enum store_status st = send_due(l, &sent);
	if (st == STORE_OK)
		st = store_commit(l->desk.store);
	else
		store_rollback(l->desk.store);
	if (!desk_good(l, st, "exercise"))
		return;
	if (sent > 0 && desk_reload_people(&l->desk) != 0)
		return; /* looked at again next round: what was sent is in the store */
	l->exercised = l->desk.people->version;
	l->look = true;
	if (sent > 0)
		log_info("exercise", "mails=%zu", sent);
}
