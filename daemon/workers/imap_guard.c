/* IMAP guard. Called by the IMAP client's transport for every byte read. Must stay pure. */
#include "base/prelude.h"

#include "workers/imap_guard.h"

#include <strings.h>

void imap_guard_init(struct imap_guard *g, uint64_t max_literal)
{
	*g = (struct imap_guard){.max_literal = max_literal};
}

static const char *end_of_line(struct imap_guard *g)
{
	if (g->at == GUARD_CR || g->at == GUARD_BRACE) {
		if (g->number > g->max_literal)
			return "a literal larger than was asked for";
		g->literal_left = g->number;
	} else {
		/* A response goes on after a literal; else it ends here. */
		g->lists = 0;
		g->line = 0;
		memset(g->head, 0, sizeof(g->head));
	}
	g->word = 0;
	g->at = GUARD_TEXT;
	return NULL;
}

/* Follows "{", digits, "}", CR at the end of a line. */
static const char *follow_literal(struct imap_guard *g, char c)
{
	if (c == '{') {
		g->at = GUARD_NUMBER;
		g->number = 0;
	} else if (g->at == GUARD_NUMBER && c >= '0' && c <= '9') {
		if (g->number > UINT32_MAX)
			return "a number too large";
		g->number = g->number * 10 + (uint64_t)(c - '0');
	} else if (g->at == GUARD_NUMBER && c == '}') {
		g->at = GUARD_BRACE;
	} else if (g->at == GUARD_BRACE && c == '\r') {
		g->at = GUARD_CR;
	} else {
		g->at = GUARD_TEXT;
	}
	return NULL;
}

/* "* 12 FETCH", "* SEARCH 3 5": where numbers are message numbers, uids and sizes. Elsewhere (texts,
 * MODSEQ of a response code) longer ones are right. */
static bool is_data(const struct imap_guard *g)
{
	if (g->head[0] != '*' || g->head[1] != ' ')
		return false;
	return (g->head[2] >= '0' && g->head[2] <= '9') ||
	       strncasecmp(g->head + 2, "SEARCH", sizeof(g->head) - 2) == 0;
}

static const char *follow_number(struct imap_guard *g, char c)
{
	if (g->line <= sizeof(g->head))
		g->head[g->line - 1] = c;
	if (c < '0' || c > '9') {
		g->word = 0;
		return NULL;
	}
	if (g->word <= UINT32_MAX)
		g->word = g->word * 10 + (uint64_t)(c - '0');
	return g->word > UINT32_MAX && is_data(g) ? "a number too large" : NULL;
}

static const char *feed_byte(struct imap_guard *g, char c)
{
	if (c == '\n')
		return end_of_line(g);
	if (++g->line > IMAP_MAX_LINE)
		return "a line too long";
	if (c == '(' && ++g->lists > IMAP_MAX_LISTS)
		return "too many lists";
	const char *fault = follow_number(g, c);
	return fault ? fault : follow_literal(g, c);
}

const char *imap_guard_feed(struct imap_guard *g, const char *p, size_t n)
{
	size_t i = 0;
	while (i < n) {
		if (g->literal_left > 0) {
			uint64_t skip = g->literal_left < n - i ? g->literal_left : n - i;
			g->literal_left -= skip;
			i += (size_t)skip;
			continue;
		}
		const char *fault = feed_byte(g, p[i++]);
		if (fault)
			return fault;
	}
	return NULL;
}
