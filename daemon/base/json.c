/* JSON: strict reading and defaults over jansson. Declared in ipc.h, used by every floor. */
#include "base/prelude.h"

#include "base/ipc.h"

/* Nesting is counted before parsing: jansson's own limit is 2048, deep enough to cost stack. */
static bool depth_allowed(const char *s, size_t n)
{
	int depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < n; i++) {
		if (in_string && s[i] == '\\')
			i++;
		else if (s[i] == '"')
			in_string = !in_string;
		else if (!in_string && (s[i] == '{' || s[i] == '[') && ++depth > MAX_JSON_DEPTH)
			return false;
		else if (!in_string && (s[i] == '}' || s[i] == ']'))
			depth--;
	}
	return true;
}

json_t *json_read(const char *s, size_t n)
{
	if (!depth_allowed(s, n))
		return NULL;
	return json_loadb(s, n, JSON_REJECT_DUPLICATES, NULL);
}

const char *json_str(const json_t *o, const char *key, const char *otherwise)
{
	const json_t *v = json_object_get(o, key);
	return json_is_string(v) ? json_string_value(v) : otherwise;
}

int64_t json_int(const json_t *o, const char *key, int64_t otherwise)
{
	const json_t *v = json_object_get(o, key);
	return json_is_integer(v) ? (int64_t)json_integer_value(v) : otherwise;
}

bool json_flag(const json_t *o, const char *key, bool otherwise)
{
	const json_t *v = json_object_get(o, key);
	return json_is_boolean(v) ? json_is_true(v) : otherwise;
}
