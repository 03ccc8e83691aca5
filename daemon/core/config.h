/* Config: what the settings and the organisation's data files say, read once and then constant.
 * Filled by app/settings from YAML; read by everybody. People are not here (core/people.h).
 *
 * All ids are short ASCII words; names are per language (config_name). Arrays end by their count. */
#ifndef LOTS_CORE_CONFIG_H
#define LOTS_CORE_CONFIG_H

#include "base/date.h"
#include "core/model.h"

struct templates;

#define LANGUAGES_MAX 8

struct text_by_language { /* parallel to config->languages; "" when missing */
	const char *v[LANGUAGES_MAX];
};

/* A closed day set and opening hours per weekday, in one zone. */
struct calendar {
	const char *id;
	struct span {
		int64_t from_ms, to_ms; /* of the local day; from < to <= 24 h */
	} * spans[8];			/* index 1 Monday .. 7 Sunday */
	size_t n_spans[8];
	bool swedish_holidays; /* public holidays, computed */
	bool eves_closed;      /* Midsummer, Christmas and New Year's Eve */
	struct date *closed;   /* further single days */
	size_t n_closed;
	struct half_day { /* closes at to_ms */
		struct date date;
		int64_t to_ms;
	} * half_days;
	size_t n_half_days;
};

struct organisation {
	const char *id;
	const char *kind; /* "municipality" "region" "management" "supplier" "provider" "unknown" */
	struct text_by_language name;
	const char **domains; /* domain keys */
	size_t n_domains;
	const char *phone; /* of its desk, for what cannot wait; "" */
	const struct calendar *calendar;
	const char *language;		 /* default for its people */
	bool live;			 /* false: shadow mode, nothing leaves for it */
	const char *main_representative; /* address, "" none */
};

struct unit {
	const char *id, *organisation;
	struct text_by_language name;
	const char **addresses; /* address keys of its mailboxes */
	size_t n_addresses;
	const char **words; /* folded words that tell the unit */
	size_t n_words;
	bool has_local_support;
};

struct area {
	const char *id, *system;
	const char
		*organisation_kind; /* "" any: some areas exist for one kind of organisation only */
	struct text_by_language name;
	const char **words; /* folded words that tell the area */
	size_t n_words;
};

struct system {
	const char *id;
	struct text_by_language name;
	const char **words;
	size_t n_words;
	bool is_default; /* where no word tells */
};

struct role {
	const char *id;
	struct text_by_language name;
	const char **words; /* folded words and abbreviations people type: "FL", "OS" */
	size_t n_words;
	const char *
		by; /* how people of this role are found: "area", "organisation", "unit", "system" */
	bool ticket_system; /* an IT desk or a supplier: automatic answers, no reminders */
	bool manages;	    /* may run management commands */
};

/* One chain per system x kind of organisation x kind of case; links in order. */
struct chain {
	const char *system, *organisation_kind;
	enum case_kind kind;
	const char **links; /* role ids */
	bool *optional;	    /* parallel: skipped silently where the organisation has nobody */
	size_t n_links;
	const char *file; /* where it is defined, for messages */
	int line;
};

/* Clock lengths. Matched most specific first: priority (0 any), then link ("" any). Lengths in whole
 * days of feedback and waiting are working days (worktime_add_days); the others are working time,
 * or clock time when round_the_clock. */
struct clock_rule {
	enum case_kind kind;
	const char *link;
	int priority;
	bool round_the_clock;		 /* else working time of the link's people / organisation */
	int64_t remind_ms, next_link_ms; /* 0 = never */
	int64_t feedback_remind_ms, feedback_close_ms;
	int64_t waiting_remind_ms, waiting_close_ms; /* question back without answer */
	int64_t answer_within_ms;		     /* what the receipt promises */
	int64_t downtime_ms; /* disturbance: clock hours until the downtime routine is told */
};

enum trust_kind { TRUST_NONE, TRUST_LOCAL, TRUST_RFC8601, TRUST_MICROSOFT365 };

struct trust_rule {
	enum trust_kind kind;
	const char *authserv_id;
	const char **domains;
	size_t n_domains;
};

struct mailbox {
	const char *name;    /* local part of the address */
	const char *address; /* what people write to */
	bool any_kind;	     /* classify; else `kind` */
	enum case_kind kind;
	const char *system; /* "" any */
	struct trust_rule trust;
	/* How it is read; opaque to core. */
	const char *source; /* JSON object handed to the reader */
	const char *secret_file, *credential;
};

struct sink {
	const char *name;
	const char *settings; /* JSON object handed to the sender */
	const char *secret_file, *credential;
	double rate_per_second; /* 0 = no limit */
	int burst;
};

enum stranger_policy { STRANGER_TO_MANAGER, STRANGER_HOLD, STRANGER_ANSWER };

struct config {
	const char *path;	  /* lots.yaml */
	const char *installation; /* name shown to users, "Support" */
	const char *domain;	  /* of our own addresses and Message-IDs */
	const char *state_dir, *template_dir;
	bool rehearsal; /* --now allowed */
	bool live_all;	/* no list of organisations: each is live */
	const char *languages[LANGUAGES_MAX];
	size_t n_languages; /* languages[0] is the first choice */
	const char *zone_name;
	struct zone zone;
	enum stranger_policy strangers;
	const char **own_domains;  /* domain keys, NULL-ended: plus tags are cut for these */
	const char **deliver_only; /* address keys; n_deliver_only 0 = everybody */
	size_t n_deliver_only;
	int64_t undo_delay_ms;
	int64_t mailbox_dead_ms;	       /* unreadable this long: alarm */
	const char *privacy_same_organisation; /* "masked" "full" "none" */
	const char *alarm_address;	       /* operator's mail, "" none */
	int64_t max_attachment_out;	       /* bytes of attachments passed along, 0 none */

	struct organisation *organisations;
	size_t n_organisations;
	struct unit *units;
	size_t n_units;
	struct system *systems;
	size_t n_systems;
	struct area *areas;
	size_t n_areas;
	struct role *roles;
	size_t n_roles;
	struct chain *chains;
	size_t n_chains;
	struct clock_rule *clocks;
	size_t n_clocks;
	struct calendar *calendars;
	size_t n_calendars;
	struct mailbox *mailboxes;
	size_t n_mailboxes;
	struct sink *sinks;
	size_t n_sinks;
	const struct templates *templates;
};

/* All return NULL when there is none; nothing is allocated. */
const struct organisation *config_organisation(const struct config *c, const char *id);
const struct organisation *config_organisation_of_domain(
	const struct config *c, const char *domain_key);
const struct system *config_system(const struct config *c, const char *id);
const struct area *config_area(const struct config *c, const char *id);
const struct role *config_role(const struct config *c, const char *id);
const struct unit *config_unit_of_address(const struct config *c, const char *address_key);
const struct mailbox *config_mailbox(const struct config *c, const char *name);
const struct chain *config_chain(const struct config *c, const char *system,
	const char *organisation_kind, enum case_kind kind);
const struct clock_rule *config_clock(
	const struct config *c, enum case_kind kind, const char *link, int priority);
/* The name in that language, else in the first that has one, else "". */
const char *config_name(
	const struct config *c, const struct text_by_language *t, const char *language);

#endif
