/* Enriched: see the header. Called by body.c for mail that holds no other text; pure, one pass. */
#include "base/prelude.h"

#include "mail/enriched.h"

#include "base/arena.h"
#include "base/text.h"

#define COMMAND_MAX 60 /* RFC 1896: the longest name of a command */

struct writer {
	char *out;
	size_t n;
	bool richtext, nofill;
	size_t hidden; /* open <param> or <comment> */
};

/* The command at p ("<" first): its length with the brackets, or 0 if this is none. */
static size_t command_len(const char *p)
{
	size_t n = 1 + (p[1] == '/');
	size_t name = n;

	while (n - name < COMMAND_MAX && p[n] &&
		((p[n] | 0x20) >= 'a' || (p[n] >= '0' && p[n] <= '9') || p[n] == '-') &&
		(p[n] | 0x20) <= 'z')
		n++;
	return n > name && p[n] == '>' ? n + 1 : 0;
}

static void put(struct writer *w, char c)
{
	if (!w->hidden)
		w->out[w->n++] = c;
}

/* The command of n bytes at p, brackets and all. */
static void run_command(struct writer *w, const char *p, size_t n)
{
	bool opens = p[1] != '/';
	const char *word = p + 1 + !opens;
	char name[COMMAND_MAX + 1];
	size_t len = n - 2 - !opens;

	for (size_t i = 0; i < len; i++)
		name[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] | 0x20 : word[i]);
	name[len] = '\0';
	if (strcmp(name, "param") == 0 || strcmp(name, "comment") == 0) {
		if (opens)
			w->hidden++;
		else if (w->hidden)
			w->hidden--;
	} else if (strcmp(name, "nofill") == 0) {
		w->nofill = opens;
	} else if (strcmp(name, "nl") == 0 || strcmp(name, "np") == 0 ||
		   strcmp(name, "paragraph") == 0) {
		put(w, '\n');
	} else if (w->richtext && strcmp(name, "lt") == 0) {
		put(w, '<');
	}
}

/* Line ends at p: how many, and what they stand for. */
static const char *fill(struct writer *w, const char *p)
{
	size_t ends = 0;

	for (; *p == '\n' || *p == '\r'; p++)
		ends += *p == '\n';
	if (w->nofill || !ends) {
		for (size_t i = 0; i < ends; i++)
			put(w, '\n');
	} else if (w->richtext || ends == 1) {
		put(w, ' ');
	} else {
		for (size_t i = 1; i < ends; i++)
			put(w, '\n');
	}
	return p;
}

char *enriched_to_text(struct arena *arena, const char *text, bool richtext)
{
	struct writer w = {.out = arena_alloc(arena, strlen(text) + 1), .richtext = richtext};

	for (const char *p = text; *p;) {
		size_t n = *p == '<' ? command_len(p) : 0;

		if (*p == '<' && p[1] == '<' && !richtext) {
			put(&w, '<');
			p += 2;
		} else if (n) {
			run_command(&w, p, n);
			p += n;
		} else if (*p == '\n' || *p == '\r') {
			p = fill(&w, p);
		} else {
			put(&w, *p++);
		}
	}
	w.out[w.n] = '\0';
	return w.out;
}
