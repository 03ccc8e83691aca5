/* Turn fixture: see turn_fixture.h. */
#include "cmocka_test.h"

#include "turn_fixture.h"

#include "app/settings.h"
#include "base/limits.h"
#include "core/people_csv.h"
#include "handlers/table.h"
#include "mail/address.h"

static struct turn_fixture the;

struct turn_fixture *fixture(void)
{
	return &the;
}

static void read_people(void)
{
	struct people_csv *csv = arena_new_of(the.arena, struct people_csv);
	FILE *f = fopen("config/norrbotten/people.csv", "rb");
	char *content = arena_alloc(the.arena, 200000);
	size_t n;

	assert_non_null(f);
	n = fread(content, 1, 199999, f);
	fclose(f);
	assert_true(people_csv_read(the.arena, the.config, content, n, csv));
	the.people = &csv->people;
	for (size_t i = 0; i < the.people->n_agents; i++)
		the.people->agents[i].contact = 100 + the.people->agents[i].id;
}

int fixture_start(void **state)
{
	struct settings_errors errors;

	(void)state;
	memset(&the, 0, sizeof(the));
	the.arena = arena_new(MAX_ARENA_BYTES);
	the.scratch = arena_new(MAX_ARENA_BYTES);
	setenv("LOTS_DATADIR", ".", 0);
	settings_errors_init(&errors, the.arena);
	the.config = settings_load(the.arena, "config/lots.yaml", &errors);
	assert_non_null(the.config);
	read_people();
	memset(the.keys.key[0], 5, TOKEN_KEY_BYTES);
	the.keys.present[0] = true;
	the.now_ms = zone_instant(&the.config->zone, (struct date){2026, 11, 23}, 8 * MS_HOUR);
	return 0;
}

int fixture_stop(void **state)
{
	(void)state;
	settings_release(the.config);
	arena_free(&the.scratch);
	arena_free(&the.arena);
	return 0;
}

const struct agent *fixture_agent(const char *address)
{
	const struct agent *a = people_by_key(the.people, address);

	if (!a)
		fail_msg("%s is not in the sample", address);
	return a;
}

static struct kase anna_case(void)
{
	return (struct kase){.id = 1,
		.number = 1001,
		.kind = KIND_QUESTION,
		.state = STATE_NEW,
		.system = "ekosystem",
		.organisation = "kalix",
		.area = "hsl",
		.unit = "",
		.category = "",
		.link = "superuser",
		.priority = 3,
		.subject = "Delegering",
		.requester = 9001,
		.requester_address = "anna.lind@kalix.example",
		.requester_name = "",
		.language = "sv",
		.mailbox = "support",
		.opened_ms = the.now_ms - MS_HOUR,
		.supplier_number = "",
		.data = "{}"};
}

void fixture_case(unsigned found)
{
	static struct asked asked;

	asked = (struct asked){.agent = fixture_agent("superanvandare.hsl@kalix.example")->id,
		.link = "superuser",
		.asked_ms = the.now_ms - MS_HOUR};
	the.loaded = (struct loaded_case){.kase = anna_case(), .asked = &asked, .n_asked = 1};
	the.candidate = (struct candidate){.found = found, .loaded = &the.loaded};
	the.snapshot = (struct snapshot){.next_number = 1002,
		.candidates = &the.candidate,
		.n_candidates = found ? 1 : 0,
		.contacts = the.contacts,
		.n_contacts = 0};
}

static void know_sender(const char *from, const char *key)
{
	const struct agent *a = people_by_key(the.people, key);
	bool anna = strcmp(key, "anna.lind@kalix.example") == 0;

	the.contacts[0] = (struct contact){.id = a	? a->contact
						 : anna ? 9001
							: 9002,
		.key = key,
		.address = from,
		.name = "",
		.language = "sv",
		.organisation = "kalix",
		.agent = a ? a->id : 0};
	the.snapshot.n_contacts = 1;
}

void fixture_mail(const char *from, const char *subject, const char *text)
{
	char *key = address_key(the.scratch, from, NULL);

	the.mail = (struct mail){.message_id = "x@kalix.example",
		.has_from = *from != '\0',
		.from = {.name = "", .address = from},
		.return_path = "",
		.subject = subject,
		.exchange_auth_as = "",
		.auto_class = MAIL_PERSON,
		.auto_reason = "",
		.bounce = {.recipient = "", .status = "", .diagnostic = "", .original_id = ""},
		.language = "sv",
		.text = text,
		.new_text = text,
		.forward = {.from = {.name = "", .address = ""}, .subject = "", .text = ""}};
	the.event = (struct event){.type = EVENT_MAIL,
		.mail = &the.mail,
		.inbox = 1,
		.mailbox = "support",
		.trust = TRUST_PROVEN,
		.trust_why = "local",
		.from_key = key ? key : "",
		.from_domain = key ? strrchr(key, '@') + 1 : "",
		.referenced = arena_array(the.scratch, 4, sizeof(int64_t))};
	the.input = (struct turn_input){.arena = the.scratch,
		.now_ms = the.now_ms,
		.config = the.config,
		.people = the.people,
		.handlers = handler_table,
		.event = &the.event,
		.snapshot = &the.snapshot};
	if (key)
		know_sender(from, key);
}

void fixture_token(int64_t number, int64_t contact, enum token_class class)
{
	the.event.token_verdict = TOKEN_GOOD;
	the.event.token = (struct token){.number = number, .contact = contact, .class = class};
}

void fixture_reference(int64_t number)
{
	the.event.referenced[the.event.n_referenced++] = number;
	the.event.names_our_mail = true;
}
