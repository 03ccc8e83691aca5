/* Supplier: #leverantör, hand over by mail; with a number: it is reported there already, that is only
 * recorded. Identity numbers are masked, attachments stay unless #bifoga let them go. Only those who
 * may speak with the supplier: managers and it_admins with that right. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/text.h"
#include "core/privacy.h"

static const struct agent *find_supplier(struct turn *t)
{
	for (size_t i = 0; i < t->people->n_duties; i++) {
		const struct duty *d = &t->people->duties[i];

		if (chain_is_supplier(t->config, d->role) &&
			(!*d->system || strcmp(d->system, t->k->system) == 0) &&
			(strcmp(d->organisation, "*") == 0 ||
				strcmp(d->organisation, t->k->organisation) == 0))
			return people_agent(t->people, d->agent);
	}
	return NULL;
}

#define NUMBER_BYTES 40 /* of the supplier's number */
#define NUMBER_DIGITS 3 /* at least; "2 användare" is no number of a case */

/* Past "deras nummer: ". */
static const char *past_labels(struct turn *t, const char *p)
{
	static const char *const labels[] = {"nr", "nummer", "number", "no", "arende",
		"arendenummer", "deras", "ref", "case", NULL};
	size_t i;

	do {
		size_t n = strcspn(p, " .:");
		const char *word = text_fold(t->arena, arena_strndup(t->arena, p, n));

		for (i = 0; labels[i] && strcmp(labels[i], word) != 0; i++)
			;
		if (labels[i])
			p += n + strspn(p + n, " .:");
	} while (labels[i] && *p);
	return p + strspn(p, "#");
}

/* "INC0011223", "nr 4711", "INC0011223 de vet om det": the number, and in *note what stands behind it.
 * Other words beside the command are for the supplier: "" and all of them. */
static const char *number_of(struct turn *t, const struct command *c, const char **note)
{
	const char *p = past_labels(t, c->argument), *rest;
	size_t n = strcspn(p, " ,;"), digits = 0;

	for (size_t i = 0; i < n; i++)
		digits += p[i] >= '0' && p[i] <= '9';
	bool is_number = digits >= NUMBER_DIGITS && n <= NUMBER_BYTES;
	rest = is_number ? p + n + strspn(p + n, " ,;") : c->argument;
	*note = !*rest	   ? c->text
		: *c->text ? arena_printf(t->arena, "%s\n%s", rest, c->text)
			   : rest;
	return is_number ? arena_strndup(t->arena, p, n) : "";
}

static int check(struct turn *t, const struct command *c)
{
	const char *note;

	return *number_of(t, c, &note) || find_supplier(t) ? 0
							   : turn_refuse(t, c, "no-supplier", "");
}

static void hand_over(struct turn *t, const struct agent *supplier, const char *note)
{
	struct outgoing *o =
		turn_mail_agent(t, supplier, MAILING_HANDOVER, "supplier-handover", "chain");

	mail_text(o, "note", turn_masked(t, note));
	if (privacy_has_number(note) || privacy_has_number(turn_opening_text(t, t->c)))
		mail_flag(o, "masked");
	mail_text(o, "holder_name", turn_agent_name(t, t->actor, o->language));
	o->not_before_ms = turn_sent_not_before(t);
	if (json_is_true(json_object_get(t->c->data, "attach")))
		turn_attach_files(t, o);
}

static void tell_requester(struct turn *t, const struct agent *supplier)
{
	struct outgoing *o = turn_mail_requester(t, MAILING_RECEIPT, "at-supplier");

	if (supplier)
		mail_text(o, "supplier_name", turn_agent_name(t, supplier, o->language));
	t->text_sent = turn_words(t, turn_agent_language(t, t->actor), "sent.supplier", NULL);
}

static void plan(struct turn *t, const struct command *c)
{
	const struct agent *supplier = find_supplier(t);
	const struct clock_rule *rule = turn_rule(t);
	const char *note, *number = number_of(t, c, &note);
	bool there_already = t->k->state == STATE_SUPPLIER;

	if (t->k->holder == 0)
		turn_take(t, t->actor);
	if (*number)
		t->k->supplier_number = number;
	else
		hand_over(t, supplier, note);
	turn_log(t, LOGGED_SUPPLIER, note,
		json_pack("{s:s,s:b}", "number", t->k->supplier_number, "handed_over", !*number));
	turn_set_state(t, STATE_SUPPLIER);
	if (rule && rule->waiting_remind_ms)
		turn_clock_run(t, CLOCK_SUPPLIER, rule->waiting_remind_ms, turn_calendar(t, NULL));
	if (!there_already)
		tell_requester(t, supplier);
	t->can_undo = !*number;
	turn_done(t, *number ? "supplier-number" : "supplier",
		turn_keep(t, json_pack("{s:s}", "number", number)));
}

static const char *const sv[] = {"leverantör", "leverantören", NULL};
static const char *const en[] = {"supplier", NULL};

const struct handler handler_supplier = {
	.id = "supplier",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.moves = true,
	.reports = true,
	.reader = READ_BY_SUPPLIER,
	.argument = ARGUMENT_OPTIONAL,
	.help = "supplier",
	.check = check,
	.plan = plan,
};
