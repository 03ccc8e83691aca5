/* Yaml: a settings file as a small tree in which every node knows its line. libyaml does the reading.
 *
 * What settings do not need is refused with its line: aliases and anchors, tags, a second document,
 * the same key twice, nesting over YAML_MAX_DEPTH, files over MAX_SETTINGS_BYTES. Scalars are text:
 * `08:00`, `no` and `1e3` mean what is written. */
#ifndef LOTS_APP_YAML_H
#define LOTS_APP_YAML_H

#include "base/prelude.h"

struct arena;

#define YAML_MAX_DEPTH 12
#define YAML_MAX_NODES 200000
#define YAML_MAX_KEYS 5000 /* of one map: each is compared with those before it */

enum yaml_type { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_type type;
	int line;	    /* of the key when it has one, else of the value; from 1 */
	const char *key;    /* in a map, else NULL */
	const char *text;   /* of YAML_TEXT; valid UTF-8; "" for an empty value */
	struct yaml *first; /* child, in file order */
	struct yaml *next;  /* sibling */
	size_t n;	    /* children */
};

/* The tree, in the arena; an empty file is an empty map. NULL with *line and *error (in the arena). */
struct yaml *yaml_read(struct arena *arena, const char *content, size_t n, int *line,
	const char **error) MUST_CHECK;
/* The child of a map with that key, or NULL. */
const struct yaml *yaml_get(const struct yaml *map, const char *key);
const char *yaml_type_name(enum yaml_type t); /* "a text", "a list", "a map" */

#endif
