/* Template parts: what a parsed template looks like inside. For core/template*.c only. */
#ifndef LOTS_CORE_TEMPLATE_PARTS_H
#define LOTS_CORE_TEMPLATE_PARTS_H

#include "core/doc.h"
#include "core/template.h"

#define MAX_TEMPLATE_DEPTH 16	/* sections and partials inside each other */
#define MAX_TEMPLATE_FILES 2000 /* of all languages, words and help lines counted one by one */
#define TEMPLATES_LANGUAGES_MAX 8
#define MAX_TABLE_COLUMNS 8

enum node_type { NODE_BLOCK, NODE_SECTION, NODE_INVERTED, NODE_PARTIAL };

/* A leaf is a Mustache text that has passed mustache_check. */
struct node {
	enum node_type type;
	enum block_type block;
	int line;
	const char *text;	     /* leaf; of a button its label */
	const char *reply, *subject; /* leaves of a button */
	const char *hint;	     /* leaf of a button; NULL: the word "button" */
	const char **cells;	     /* leaves of a table row */
	size_t n_cells;
	const char *name; /* section, partial */
	struct node *first, *last, *next;
};

struct parsed {
	const char *language, *id;
	const char *subject; /* leaf; "" for a partial */
	struct node top;     /* its children are the template */
};

struct named_text { /* key "sv/month.1" */
	const char *key, *text;
};

struct known_names { /* of names.txt */
	const char *id;
	const char **names;
	bool *optional;
	size_t n;
	int line;
};

struct templates {
	struct arena *arena;
	const char *languages[TEMPLATES_LANGUAGES_MAX];
	size_t n_languages;
	struct parsed **all; /* sorted by language, id */
	size_t n;
	struct named_text *words, *help; /* sorted by key */
	size_t n_words, n_help;
	struct known_names *known;
	size_t n_known;
};

/* In that language, else in the first that has it. */
const struct parsed *templates_best(
	const struct templates *t, const char *language, const char *id);
const struct known_names *templates_known(const struct templates *t, const char *id);

/* Parses content into out (language and id are set). 0, or -1 with line and error. */
int template_parse(struct arena *arena, const char *content, struct parsed *out, int *line,
	const char **error) MUST_CHECK;

#endif
