/* A monkey at the keyboard: every shape of reply in every state from everybody, and every clock. What
 * must hold whatever is written is checked after each turn. */
#include "cmocka_test.h"

#include "core/turn.h"
#include "turn_fixture.h"

#define TURNS 40000

static uint64_t seed = 88172645463325252u;

static size_t pick(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed % n);
}

static const char *const words[] = {"#ta", "#släpp", "#eskalera", "#löst", "#stäng", "#fråga",
	"#besked", "#hänvisa", "#till FL", "#till ifo", "#till superanvändare",
	"#till eve@privat.example", "#för erik.al@kalix.example", "#för x", "#område hsl",
	"#område x", "#kategori x", "#prio 1", "#prio x", "#typ behörighet", "#typ störning",
	"#typ x", "#intern", "#vänta till fredag", "#vänta x", "#återöppna", "#slå ihop 1001",
	"#slå ihop 1000", "#dela upp", "#koppla 1000", "#leverantör", "#leverantör INC123",
	"#maska Greta", "#rensa bilaga", "#bifoga", "#frånvaro v 49",
	"#frånvaro till fredag ersättare ifo", "#sjuk", "#tillbaka i tjänst", "#tid 30 min",
	"#tid x", "#mina", "#status", "#hjälp", "#ångra", "#skicka", "#skicka tillbaka", "#svar",
	"#blurb", "TA", "LYFT", "SLÄPP", "JA", "NEJ", "SKICKA", "2", "Tack!", "ok",
	"\xF0\x9F\x91\x8D", "Hur går det?", "DET LÖSTE SIG", "Nej tack, det löste sig",
	"Ja, men nu", "1001 ta", "1000 löst Hej", "1001 blurb", "999 ta", "",
	"Ärende INC0012345 är löst.", "Ditt ärende INC0012345 är registrerat.",
	"Gör så här: 640823-3234.", "text\n#löst", "#ta\n#blurb", "#löst\n#fråga\nx",
	"Namn: Eva\nEnhet: N\nRoll: r\nFrån: 1/12"};

static const char *const subjects[] = {"SV: [Support 1001] Delegering",
	"SV: [Support 1001] Delegering #ta", "Något annat", "", "VB: [Support 1001] Delegering",
	"SV: Delegering", "[Support 1000] x", "Avvikelse vid loggkontroll", "#stäng"};

static const char *const senders[] = {"anna.lind@kalix.example", "superanvandare.hsl@kalix.example",
	"superanvandare.ifo@kalix.example", "objektspecialist.hsl@kalix.example",
	"forvaltningsledare@enamnd.example", "support@leverantor.example",
	"servicedesk@regionnorrbotten.example", "chef.aldreomsorg@kalix.example",
	"eve@kalix.example", "eve@okand.example", "medarbetare1.norr@kalix.example",
	"it-admin@kalix.example", "huvudrepresentant@kalix.example", "support@lots.example", ""};

static const char *const datas[] = {"{}",
	"{\"head\":10,\"order\":{\"person\":\"Eva\"},\"approved_ms\":5}", "{\"possible\":1000}",
	"{\"remind\":[80]}", "{\"cc\":[\"eve@kalix.example\"]}", "not json",
	"{\"masks\":[\"Greta\"],\"withheld\":[\"1/0\"],\"time\":{\"all\":3}}"};

static struct clock_row clocks[CLOCK_KIND_N];
static struct asked asked[3];
static struct log_entry entries[4];
static struct loaded_case second;
static struct candidate candidates[2];
static struct kase held[2];
static struct mail_attachment_ref_row files[1] = {
	{.inbox = 1, .index = 0, .name = "bild.png", .type = "image/png", .size = 10}};

static int64_t someone(void)
{
	size_t i = pick(ARRAY_LEN(senders));
	const struct agent *a = people_by_key(fixture()->people, senders[i]);

	return a ? a->id : 0;
}

static void random_log(void)
{
	static const char *const data[] = {"{}",
		"{\"pending\":\"send\",\"why\":\"late\",\"subject\":\"\"}",
		"{\"pending\":\"choice\",\"agents\":[80,81]}",
		"{\"pending\":\"take_over\",\"agent\":80}", "{\"pending_done\":true}"};

	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		entries[i] = (struct log_entry){.id = (int64_t)i + 1,
			.type = (enum log_type)pick(LOG_TYPE_N),
			.at_ms = fixture()->now_ms - MS_HOUR,
			.actor = someone(),
			.who = "x@kalix.example",
			.text = words[pick(ARRAY_LEN(words))],
			.data = data[pick(ARRAY_LEN(data))]};
}

static void random_case(void)
{
	struct turn_fixture *f = fixture();
	struct kase *k = &f->loaded.kase;

	fixture_case((unsigned)(1 + pick(127)));
	k->state = (enum case_state)pick(STATE_N);
	k->kind = (enum case_kind)pick(KIND_N);
	k->holder = pick(2) ? someone() : 0;
	k->data = datas[pick(ARRAY_LEN(datas))];
	k->closed_ms = f->now_ms - (int64_t)pick(60) * MS_DAY;
	k->link = pick(3) ? "superuser" : pick(2) ? "head" : "service_desk";
	k->parent = k->state == STATE_MERGED ? 1000 : 0;
	if (pick(4) == 0) {
		k->organisation = "regionnorrbotten";
		k->system = "sp";
	}
	random_log();
	for (size_t i = 0; i < ARRAY_LEN(asked); i++)
		asked[i] = (struct asked){.agent = someone(), .link = k->link};
	for (size_t i = 0; i < CLOCK_KIND_N; i++)
		clocks[i] = (struct clock_row){.owner_key = "",
			.owner_id = 1,
			.kind = (enum clock_kind)i,
			.running = pick(2),
			.since_ms = f->now_ms - MS_HOUR,
			.length_ms = pick(2) ? 4 * MS_HOUR : 0,
			.calendar = pick(2) ? "office" : "",
			.due_ms = f->now_ms,
			.generation = 1};
	f->loaded.asked = asked;
	f->loaded.n_asked = pick(4);
	f->loaded.log = entries;
	f->loaded.n_log = pick(5);
	f->loaded.clocks = clocks;
	f->loaded.n_clocks = pick(2) ? CLOCK_KIND_N : 0;
	f->loaded.attachments = files;
	f->loaded.n_attachments = pick(2);
	f->loaded.unsent = (int64_t)pick(2);
	second = f->loaded;
	second.kase.number = 1000;
	second.kase.id = 2;
	second.kase.state = (enum case_state)pick(STATE_N);
	candidates[0] = f->candidate;
	candidates[1] = (struct candidate){.found = (unsigned)(1 + pick(127)), .loaded = &second};
	f->snapshot.candidates = candidates;
	f->snapshot.n_candidates = pick(3);
	held[0] = f->loaded.kase;
	held[1] = second.kase;
	f->snapshot.held = held;
	f->snapshot.n_held = pick(3);
	f->snapshot.recent_receipts = (int64_t)pick(60);
}

static void random_mail(void)
{
	struct turn_fixture *f = fixture();
	const char *from = senders[pick(ARRAY_LEN(senders))];
	const char *text = arena_printf(f->scratch, "%s%s%s", words[pick(ARRAY_LEN(words))],
		pick(2) ? "\n" : " ",
		pick(2) ? words[pick(ARRAY_LEN(words))] : "Greta 640823-3234");
	const struct agent *a;

	fixture_mail(from, subjects[pick(ARRAY_LEN(subjects))], text);
	a = people_by_key(f->people, from);
	if (pick(8) == 0)
		f->mail.auto_class = (enum mail_auto)pick(MAIL_AUTO_N);
	f->mail.absent_until_ms = pick(2) ? f->now_ms + 3 * MS_DAY : 0;
	f->mail.forward.present = pick(5) == 0;
	if (f->mail.forward.present) {
		f->mail.forward.from.address = "erik.al@kalix.example";
		f->mail.forward.text = "Hej";
	}
	f->event.trust = pick(5) ? TRUST_PROVEN : TRUST_UNPROVEN;
	f->event.mailbox = pick(3) ? "support" : "behorighet";
	if (pick(4))
		fixture_token(pick(5) ? 1001 : 0,
			pick(4) ? (a ? a->contact : f->contacts[0].id) : (int64_t)pick(400),
			(enum token_class)pick(TOKEN_CLASS_N));
	if (pick(4))
		fixture_reference(pick(4) ? 1001 : 1000);
}

static void check_mail(const struct outgoing *o)
{
	const struct agent *a = people_agent(fixture()->people, o->agent);
	char *text;

	assert_non_null(o->subject);
	assert_non_null(o->doc);
	assert_non_null(o->verbs);
	assert_true(a || *o->address);
	text = doc_to_text(fixture()->scratch, o->doc, "");
	if (strstr(text, "3234") || strstr(o->subject, "3234"))
		fail_msg("%s tells an identity number: %s", o->template_id, text);
	if (strlen(text) < 10 || strstr(text, "done.") || strstr(text, "refuse.") ||
		strstr(text, "sent."))
		fail_msg("%s has no words: %s", o->template_id, text);
}

static void check_case(const struct kase *k)
{
	json_t *data = json_loads(k->data, 0, NULL);

	assert_true(json_is_object(data));
	json_decref(data);
	assert_true(k->number > 0 && k->state < STATE_N && k->kind < KIND_N);
	assert_true(k->priority >= 1 && k->priority <= 4);
	assert_non_null(config_organisation(fixture()->config, k->organisation) ||
					strcmp(k->organisation, "unknown") == 0
				? k
				: NULL);
}

static void check_clock(const struct clock_op *op)
{
	if (op->remove || !op->row.running)
		return;
	assert_true(op->row.due_ms >= fixture()->now_ms);
	if (op->kase)
		assert_true((STATES_OPEN & STATE_BIT(op->kase->state)) != 0);
}

static void check(const struct effects *e, bool is_mail)
{
	const struct outgoing *o;
	const struct case_op *c;
	const struct clock_op *k;
	const struct log_op *l;
	size_t logs = 0;

	STAILQ_FOREACH(o, &e->mails, next)
	check_mail(o);
	STAILQ_FOREACH(c, &e->cases, next)
	check_case(c->kase);
	STAILQ_FOREACH(k, &e->clocks, next)
	check_clock(k);
	STAILQ_FOREACH(l, &e->logs, next)
	logs++;
	if (is_mail) {
		assert_int_not_equal(e->outcome, OUTCOME_NONE);
		if (e->outcome == OUTCOME_CASE && logs == 0)
			fail_msg("no log: from %s, %s: %s", fixture()->event.from_key,
				fixture()->mail.subject, fixture()->mail.text);
		assert_true(e->outcome == OUTCOME_CASE || *e->reason);
	}
}

static void run(bool is_mail)
{
	struct effects e;
	struct wants w;

	turn_wants(&fixture()->input, NULL, &w);
	turn_wants(&fixture()->input, &fixture()->snapshot, &w);
	turn_run(&fixture()->input, &e);
	check(&e, is_mail);
	effects_release(&e);
}

TEST(mails)
{
	for (int i = 0; i < TURNS; i++) {
		arena_reset(fixture()->scratch);
		random_case();
		random_mail();
		run(true);
	}
}

TEST(clock_events)
{
	struct turn_fixture *f = fixture();

	for (int i = 0; i < TURNS / 3; i++) {
		arena_reset(f->scratch);
		random_case();
		fixture_mail("", "", "");
		f->snapshot.n_candidates = 1;
		f->loaded.n_clocks = CLOCK_KIND_N;
		f->event = (struct event){
			.type = EVENT_CLOCK, .from_key = "", .from_domain = "", .mailbox = ""};
		f->event.clock = clocks[pick(CLOCK_KIND_N)];
		f->event.clock.owner = (enum clock_owner)pick(4);
		if (f->event.clock.owner == CLOCK_OF_AGENT)
			f->event.clock.owner_id = someone();
		if (f->event.clock.owner == CLOCK_OF_ORGANISATION)
			f->event.clock.owner_key = "kalix";
		run(false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(mails), cmocka_unit_test(clock_events)};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
