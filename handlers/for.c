/* For: #för anna@kommun, somebody asked by phone or in the corridor: that person is the requester. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "mail/address.h"

static const char *key_of(struct turn *t, const struct command *c, const struct organisation **o)
{
	const char *address = turn_named_address(t, c->argument, NULL);
	const char *key = address ? address_key(t->arena, address, t->config->own_domains) : NULL;
	const char *at = key ? strrchr(key, '@') : NULL;

	*o = at ? config_organisation_of_domain(t->config, at + 1) : NULL;
	return key;
}

static int check(struct turn *t, const struct command *c)
{
	const struct organisation *o;
	const char *key = key_of(t, c, &o);

	if (!key)
		return turn_refuse(t, c, "no-address", c->argument);
	return o ? 0 : turn_refuse(t, c, "foreign", c->argument);
}

static void plan(struct turn *t, const struct command *c)
{
	const struct organisation *o;
	const char *key = key_of(t, c, &o), *name;
	const char *address = turn_named_address(t, c->argument, &name);

	turn_set_requester(t, key, address, name);
	t->k->organisation = o->id;
	turn_log(t, LOGGED_OTHER, c->text,
		json_pack("{s:s,s:s}", "event", "requester", "address", address));
	turn_mail_requester(t, MAILING_RECEIPT, "receipt");
	t->text_sent = turn_words(t, turn_agent_language(t, t->actor), "sent.receipt", NULL);
	turn_done(t, "for", turn_keep(t, json_pack("{s:s}", "address", address)));
}

static const char *const sv[] = {"för", "åt", NULL};
static const char *const en[] = {"for", NULL};

const struct handler handler_for = {
	.id = "for",
	.sort = HANDLER_COMMAND,
	.words_sv = sv,
	.words_en = en,
	.states = STATES_OPEN,
	.reader = READ_BY_LOG,
	.argument = ARGUMENT_REQUIRED,
	.help = "for",
	.check = check,
	.plan = plan,
};
