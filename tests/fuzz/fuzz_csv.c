/* The directory's table from any bytes: reads it, writes it, and reads the same back. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "core/csv.h"
#include "core/people_csv.h"

static const char *domains[] = {"kalix.example"};
static struct organisation organisations[] = {
	{.id = "kalix", .kind = "municipality", .domains = domains, .n_domains = 1}};
static struct system systems[] = {{.id = "ekosystem", .is_default = true}};
static struct area areas[] = {{.id = "hsl", .system = "ekosystem"}};
static struct role roles[] = {{.id = "su"}, {.id = "os"}};
static struct unit units[] = {{.id = "norr", .organisation = "kalix"}};
static struct calendar calendars[] = {{.id = "office"}};
static const struct config config = {.languages = {"sv"},
	.n_languages = 1,
	.organisations = organisations,
	.n_organisations = 1,
	.units = units,
	.n_units = 1,
	.systems = systems,
	.n_systems = 1,
	.areas = areas,
	.n_areas = 1,
	.roles = roles,
	.n_roles = 2,
	.calendars = calendars,
	.n_calendars = 1};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	struct people_csv *first = arena_new_of(arena, struct people_csv);
	struct people_csv *second = arena_new_of(arena, struct people_csv);
	struct buf out;

	buf_init(&out, 64u << 20);
	if (people_csv_read(arena, &config, (const char *)data, size, first)) {
		people_csv_write(arena, &first->people, &out);
		if (!people_csv_read(arena, &config, out.data, out.len, second) &&
			first->people.n_agents > 0)
			abort();
		if (second->people.n_agents != first->people.n_agents ||
			second->people.n_duties != first->people.n_duties ||
			second->people.n_members != first->people.n_members)
			abort();
	}
	buf_release(&out);
	arena_free(&arena);
	return 0;
}
