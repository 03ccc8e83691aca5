/* Expect: what a scenario says must be so now. Mails are those since the last event. */
#include "base/prelude.h"

#include "runner.h"

#include "base/date.h"
#include "base/text.h"
#include "core/effects.h"
#include "core/turn.h"
#include "mail/compose.h"
#include "store/cases.h"

static bool contains(struct world *w, const char *text, const char *part)
{
	/* Lines are wrapped by the way: compare with single blanks. */
	struct buf a, b;
	bool blank;
	const char *sources[] = {text, part};
	struct buf *out[] = {&a, &b};

	for (int i = 0; i < 2; i++) {
		buf_init(out[i], 8 << 20);
		blank = false;
		for (const char *p = sources[i]; *p; p++) {
			bool here = *p == ' ' || *p == '\n' || *p == '\r' || *p == '\t' ||
				    strncmp(p, "\xC2\xA0", 2) == 0;

			if (here && !blank)
				buf_addch(out[i], ' ');
			if (!here)
				buf_addch(out[i], *p);
			if (strncmp(p, "\xC2\xA0", 2) == 0)
				p++;
			blank = here;
		}
	}
	bool found = strstr(a.data, b.data) != NULL;
	buf_release(&a);
	buf_release(&b);
	(void)w;
	return found;
}

/* All conditions of the line about one mail. */
static bool fits(struct world *w, const struct line *l, size_t from, const struct sent *s)
{
	for (size_t i = from; i + 1 < l->n; i++) {
		const char *value = l->v[i + 1];

		if (word_is(l, i, "containing")) {
			bool no = i > 0 && word_is(l, i - 1, "not");
			bool has =
				contains(w, s->m->subject, value) || contains(w, s->m->text, value);

			if (has == no)
				return false;
		} else if (word_is(l, i, "subject") && !contains(w, s->m->subject, value)) {
			return false;
		} else if (word_is(l, i, "template") && strcmp(s->template_id, value) != 0) {
			return false;
		} else if (word_is(l, i, "language") && strcmp(s->language, value) != 0) {
			return false;
		} else if (word_is(l, i, "attachment")) {
			bool found = false;

			for (size_t k = 0; k < s->m->n_attachments; k++)
				found |= strcmp(s->m->attachments[k].name, value) == 0;
			if (found == (i > 0 && word_is(l, i - 1, "no")))
				return false;
		}
	}
	return true;
}

static void show_mails(struct world *w)
{
	for (size_t i = 0; i < w->n_sent; i++) {
		const struct sent *s = &w->sent[i];

		if (s->event != w->event)
			continue;
		printf("  sent: to %s, %s: %s\n", s->to, s->template_id, s->m->subject);
		const char *cursor = s->m->text, *line;
		size_t len;
		while (text_next_line(&cursor, &line, &len))
			printf("  | %.*s\n", (int)len, line);
	}
}

static void expect_mail(struct world *w, const struct line *l)
{
	const char *to = word_after(l, "to");
	const char *fault;

	for (size_t i = 0; i < w->n_sent; i++) {
		struct sent *s = &w->sent[i];

		if (s->event != w->event || s->matched || (to && strcmp(s->to, to) != 0) ||
			!fits(w, l, 2, s))
			continue;
		s->matched = true;
		fault = compose_lint(s->wire);
		if (fault)
			fail_line(w, "the mail to %s is malformed: %s", s->to, fault);
		return;
	}
	fail_line(w, "expected a mail%s%s", to ? " to " : "", to ? to : "");
	show_mails(w);
}

static size_t count_mails(struct world *w, const char *to, bool unmatched)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_sent; i++) {
		const struct sent *s = &w->sent[i];

		n += s->event == w->event && !(unmatched && s->matched) &&
		     (!to || strcmp(s->to, to) == 0);
	}
	return n;
}

static void expect_no(struct world *w, const struct line *l, const struct loaded_case *c);

static void expect_count(struct world *w, const struct line *l, int64_t wanted)
{
	const char *to = word_after(l, "to");
	size_t n = count_mails(w, to, false);

	if ((int64_t)n != wanted) {
		fail_line(w, "expected %d mails, not %zu", (int)wanted, n);
		show_mails(w);
	}
}

static struct loaded_case *load(struct world *w, const char *number)
{
	struct loaded_case *c = arena_new_of(w->scratch, struct loaded_case);
	int64_t n, id;

	if (!text_to_i64(number, 1, 999999999, &n) || store_case_id(w->store, n, &id) != STORE_OK ||
		store_case_load(w->store, w->scratch, &VIEWER_DESK, id, c) != STORE_OK) {
		fail_line(w, "there is no case %s", number);
		return NULL;
	}
	return c;
}

static const char *address_of(struct world *w, int64_t agent)
{
	const struct agent *a = people_agent(w->desk.people, agent);

	return a ? a->key : "none";
}

static const char *field(struct world *w, const struct kase *k, const char *name)
{
	if (strcmp(name, "state") == 0)
		return case_state_id(k->state);
	if (strcmp(name, "kind") == 0)
		return case_kind_id(k->kind);
	if (strcmp(name, "link") == 0)
		return k->link;
	if (strcmp(name, "area") == 0)
		return *k->area ? k->area : "none";
	if (strcmp(name, "system") == 0)
		return k->system;
	if (strcmp(name, "unit") == 0)
		return *k->unit ? k->unit : "none";
	if (strcmp(name, "category") == 0)
		return *k->category ? k->category : "none";
	if (strcmp(name, "organisation") == 0)
		return k->organisation;
	if (strcmp(name, "holder") == 0)
		return address_of(w, k->holder);
	if (strcmp(name, "requester") == 0)
		return k->requester_address;
	if (strcmp(name, "language") == 0)
		return k->language;
	if (strcmp(name, "subject") == 0)
		return k->subject;
	if (strcmp(name, "supplier_number") == 0)
		return *k->supplier_number ? k->supplier_number : "none";
	if (strcmp(name, "priority") == 0)
		return arena_printf(w->scratch, "%d", k->priority);
	if (strcmp(name, "parent") == 0)
		return arena_printf(w->scratch, "%" PRId64, k->parent);
	if (strcmp(name, "reopened") == 0)
		return arena_printf(w->scratch, "%d", k->reopened);
	return NULL;
}

static bool has_log(struct world *w, const struct line *l, const struct loaded_case *c, size_t type)
{
	const char *part = word_after(l, "containing"), *by = word_after(l, "by");

	for (size_t i = 0; i < c->n_log; i++) {
		const struct log_entry *e = &c->log[i];

		if (strcmp(log_type_id(e->type), l->v[type]) == 0 &&
			(!part || contains(w, e->text, part) || contains(w, e->data, part)) &&
			(!by || strcmp(e->who, by) == 0))
			return true;
	}
	return false;
}

static void show_log(const struct loaded_case *c)
{
	for (size_t i = 0; i < c->n_log; i++)
		printf("  log: %s by %s: %.60s %s\n", log_type_id(c->log[i].type), c->log[i].who,
			c->log[i].text, c->log[i].data);
}

/* expect clock 1001 take "2026-11-23 12:00" */
static void expect_clock(
	struct world *w, const struct line *l, const struct loaded_case *c, bool wanted)
{
	size_t at = wanted ? 3 : 4;
	const struct clock_row *row = NULL;
	struct date d;
	int64_t ms;

	for (size_t i = 0; i < c->n_clocks; i++) {
		if (at < l->n && strcmp(clock_kind_id(c->clocks[i].kind), l->v[at]) == 0 &&
			c->clocks[i].running)
			row = &c->clocks[i];
	}
	if ((row != NULL) != wanted) {
		fail_line(w, wanted ? "clock %s does not run" : "clock %s runs", l->v[at]);
		return;
	}
	if (!row || at + 1 >= l->n)
		return;
	d = zone_local(&w->config->zone, row->due_ms, &ms);
	const char *due = arena_printf(w->scratch, "%04d-%02d-%02d %02d:%02d", d.year, d.month,
		d.day, (int)(ms / MS_HOUR), (int)(ms % MS_HOUR / MS_MINUTE));
	if (strcmp(due, l->v[at + 1]) != 0)
		fail_line(w, "clock %s is due %s, not %s", l->v[at], due, l->v[at + 1]);
}

static void expect_cases(struct world *w, const struct line *l)
{
	struct kase *rows;
	size_t n;
	struct case_filter filter = {0};
	int64_t wanted;

	if (store_case_list(w->store, w->scratch, &VIEWER_DESK, &filter, &rows, &n) != STORE_OK ||
		!text_to_i64(l->v[2], 0, 10000, &wanted))
		fail_line(w, "cases could not be counted");
	else if ((int64_t)n != wanted)
		fail_line(w, "expected %d cases, not %zu", (int)wanted, n);
}

static void expect_absent(struct world *w, const struct line *l, bool wanted)
{
	const struct agent *a = people_by_key(w->desk.people, l->v[wanted ? 2 : 3]);
	int64_t ms, substitute = 0;
	bool absent =
		a && agent_is_absent(a, zone_local(&w->config->zone, w->now_ms, &ms), &substitute);
	const char *by = word_after(l, "substitute");

	if (!a || absent != wanted)
		fail_line(w, "%s", absent ? "is absent" : "is not absent");
	else if (by && strcmp(address_of(w, substitute), by) != 0)
		fail_line(w, "substitute is %s", address_of(w, substitute));
}

static void expect_no(struct world *w, const struct line *l, const struct loaded_case *c)
{
	const char *to = word_after(l, "to");

	if (word_is(l, 2, "mail") || word_is(l, 2, "mails")) {
		bool any = false;

		for (size_t i = 0; i < w->n_sent; i++) {
			const struct sent *s = &w->sent[i];

			any |= s->event == w->event && !(s->matched && !to) &&
			       (!to || strcmp(s->to, to) == 0) && fits(w, l, 3, s);
		}
		if (any) {
			fail_line(w, "expected no mail%s%s", to ? " to " : "", to ? to : "");
			show_mails(w);
		}
	} else if (word_is(l, 2, "log") && c) {
		if (has_log(w, l, c, 4)) {
			fail_line(w, "there is such a log entry");
			show_log(c);
		}
	} else if (word_is(l, 2, "clock") && c) {
		expect_clock(w, l, c, false);
	} else if (word_is(l, 2, "absent")) {
		expect_absent(w, l, false);
	} else {
		fail_line(w, "not understood");
	}
}

static void expect_field(struct world *w, const struct line *l)
{
	struct loaded_case *c = l->n >= 4 ? load(w, l->v[2]) : NULL;
	const char *is = c ? field(w, &c->kase, l->v[1]) : NULL;

	if (w->failed)
		return;
	if (!is)
		fail_line(w, "not understood: expect %s", l->v[1]);
	else if (strcmp(is, l->v[3]) != 0) {
		fail_line(w, "%s of %s is %s, not %s", l->v[1], l->v[2], is, l->v[3]);
		show_log(c);
	}
}

void expect_line(struct world *w, const struct line *l)
{
	struct loaded_case *c;
	int64_t n;

	arena_reset(w->scratch);
	if (word_is(l, 1, "mail")) {
		expect_mail(w, l);
	} else if (word_is(l, 1, "no")) {
		bool of_case = word_is(l, 2, "log") || word_is(l, 2, "clock");

		c = of_case && l->n > 4 ? load(w, l->v[3]) : NULL;
		expect_no(w, l, c);
	} else if (l->n >= 3 && text_to_i64(l->v[1], 0, 10000, &n)) {
		expect_count(w, l, n);
	} else if (word_is(l, 1, "outcome")) {
		if (strcmp(w->last_outcome, l->v[2]) != 0 ||
			(l->n > 3 && strcmp(w->last_reason, l->v[3]) != 0))
			fail_line(w, "outcome is %s %s", w->last_outcome, w->last_reason);
	} else if (word_is(l, 1, "cases")) {
		expect_cases(w, l);
	} else if (word_is(l, 1, "absent")) {
		expect_absent(w, l, true);
	} else if (word_is(l, 1, "log")) {
		c = load(w, l->v[2]);
		if (c && !has_log(w, l, c, 3)) {
			fail_line(w, "no log entry %s", l->v[3]);
			show_log(c);
		}
	} else if (word_is(l, 1, "clock")) {
		c = load(w, l->v[2]);
		if (c)
			expect_clock(w, l, c, true);
	} else {
		expect_field(w, l);
	}
}
