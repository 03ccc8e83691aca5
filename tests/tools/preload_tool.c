/* preload-tool DIR N: puts N full cases, as if answered long ago, into the instance DIR (made by
 * `lotsctl init --sample norrbotten`, no lotsd running). For benches. */
#include "base/prelude.h"

#include "base/date.h"
#include "base/text.h"
#include "store/store.h"

int main(int argc, char **argv)
{
	static const char *const towns[] = {"kalix", "boden", "pitea", "lulea", "kiruna",
		"gallivare", "haparanda", "pajala", "jokkmokk", "arjeplog", "arvidsjaur", "alvsbyn",
		"overkalix", "overtornea"};
	int64_t n, now_ms;
	char error[512];
	struct store *store;
	if (argc != 3 || !text_to_i64(argv[2], 1, 10000000, &n) ||
		!date_parse_rfc3339("2026-06-01T08:00:00+02:00", &now_ms)) {
		fprintf(stderr, "usage: preload-tool DIR N\n");
		return 64;
	}
	struct store_options options = {.dir = argv[1]};
	if (store_open(&options, &store, error, sizeof(error)) != STORE_OK) {
		fprintf(stderr, "%s\n", error);
		return 74;
	}
	struct preload what = {.n = n,
		.organisations = towns,
		.n_organisations = ARRAY_LEN(towns),
		.system = "ekosystem",
		.area = "hsl",
		.mailbox = "support",
		.domain = "lots.example",
		.now_ms = now_ms,
		.open_percent = 1};
	enum store_status st = store_preload(store, &what);
	if (st != STORE_OK)
		fprintf(stderr, "%s\n", store_error(store));
	store_close(&store);
	return st == STORE_OK ? 0 : 74;
}
