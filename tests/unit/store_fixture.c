/* What the tests of the store share. */
#include "store_fixture.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static struct fixture *make(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->arena = arena_new(64 << 20);
	return f;
}

int fixture_memory(void **state)
{
	struct fixture *f = make();

	f->store = store_open_memory();
	*state = f;
	return 0;
}

static void open_dir(struct fixture *f)
{
	char error[256];
	struct store_options o = {.dir = f->dir};

	if (store_open(&o, &f->store, error, sizeof(error)) != STORE_OK)
		fail_msg("%s", error);
}

int fixture_dir(void **state)
{
	struct fixture *f = make();

	scratch_dir(f->dir, "lots-store");
	open_dir(f);
	*state = f;
	return 0;
}

void fixture_reopen(struct fixture *f)
{
	store_close(&f->store);
	open_dir(f);
}

static void remove_dir(const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	assert_non_null(d);
	while ((e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	rmdir(dir);
}

int fixture_close(void **state)
{
	struct fixture *f = *state;

	store_close(&f->store);
	if (f->dir[0])
		remove_dir(f->dir);
	arena_free(&f->arena);
	free(f);
	return 0;
}

int64_t take_in(
	struct fixture *f, const char *mailbox, const char *key, const char *raw, int64_t now)
{
	struct intake in = {
		.mailbox = mailbox, .key = key, .raw = {(const unsigned char *)raw, strlen(raw)}};

	ok(store_intake(f->store, &in, 1, now));
	assert_true(in.inbox > 0);
	return in.inbox;
}

struct kase *open_case(struct fixture *f, const char *organisation, const char *address)
{
	struct kase *k = arena_alloc(f->arena, sizeof(*k));

	*k = (struct kase){.kind = KIND_QUESTION, .state = STATE_NEW, .system = "lifecare"};
	ok(store_contact_learn(
		f->store, address, address, "Anna Ek", "sv", organisation, T0, &k->requester));
	ok(store_next_number(f->store, &k->number));
	k->organisation = organisation;
	k->area = "hsl";
	k->unit = k->category = k->supplier_number = "";
	k->link = "superuser";
	k->priority = 3;
	k->subject = "Kan inte signera";
	k->requester_address = address;
	k->requester_name = "Anna Ek";
	k->language = "sv";
	k->mailbox = "support";
	k->opened_ms = k->changed_ms = T0;
	k->data = "{}";
	ok(store_case_save(f->store, k));
	return k;
}

static struct agent plain_agent(int64_t id, const char *address, const char *organisation)
{
	return (struct agent){.id = id,
		.is_post = true,
		.name = "",
		.address = address,
		.key = address,
		.organisation = organisation,
		.language = "sv",
		.calendar = ""};
}

int64_t add_agent(struct fixture *f, const char *address, const char *organisation)
{
	struct people p;

	ok(store_people_load(f->store, f->arena, &p));
	size_t n = p.n_agents;
	struct agent *agents = arena_array(f->arena, n + 1, sizeof(*agents));
	struct duty *duties = arena_array(f->arena, p.n_duties + 1, sizeof(*duties));
	memcpy(agents, p.agents ? (void *)p.agents : (void *)agents, n * sizeof(*agents));
	memcpy(duties, p.duties ? (void *)p.duties : (void *)duties, p.n_duties * sizeof(*duties));
	agents[n] = plain_agent(n ? agents[n - 1].id + 1 : 1, address, organisation);
	duties[p.n_duties++] = (struct duty){.agent = agents[n].id,
		.role = "superuser",
		.organisation = organisation,
		.system = "",
		.area = "hsl",
		.unit = ""};
	p.agents = agents;
	p.n_agents++;
	p.duties = duties;
	ok(store_people_apply(f->store, f->arena, &p, T0));
	ok(store_people_load(f->store, f->arena, &p));
	const struct agent *a = people_by_key(&p, address);
	assert_non_null(a);
	return a->id;
}

int64_t queue_mail(struct fixture *f, struct kase *k, enum mail_class class, int64_t not_before)
{
	struct outbox_content c = {.doc = "{}",
		.subject = "[Support 1001] Kan inte signera",
		.language = "sv",
		.template_id = "receipt",
		.class = class};
	struct outbox_row r = {.case_id = k->id,
		.contact = k->requester,
		.address = k->requester_address,
		.name = k->requester_name,
		.language = "sv",
		.organisation = k->organisation,
		.mailbox = "support",
		.reply_address = "support+x@lots.example",
		.verbs = "requester",
		.class = class,
		.not_before_ms = not_before,
		.state = OUTBOX_QUEUED,
		.created_ms = T0};

	ok(store_outbox_reserve(f->store, 1, &r.id));
	ok(store_content_add(f->store, &c));
	r.content = c.id;
	r.message_id =
		arena_printf(f->arena, "%" PRId64 ".%" PRId64 ".mac@lots.example", k->number, r.id);
	ok(store_outbox_add(f->store, &r));
	return r.id;
}
