/* A settings file of any bytes: a tree or an error with a line, never a crash. The reader lives on
 * the app floor, which is not compiled for fuzzing, so it is taken in whole. */
#include "base/prelude.h"

#include "app/yaml.c"

static size_t count(const struct yaml *node, int depth)
{
	size_t n = 1;

	if (depth > YAML_MAX_DEPTH + 1 || (node->type != YAML_TEXT && *node->text))
		abort();
	for (const struct yaml *c = node->first; c; c = c->next)
		n += count(c, depth + 1);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	const char *error = NULL;
	int line = 0;
	struct yaml *root = yaml_read(arena, (const char *)data, size, &line, &error);

	if (root ? count(root, 0) > YAML_MAX_NODES : (!error || line < 0))
		abort();
	arena_free(&arena);
	return 0;
}
